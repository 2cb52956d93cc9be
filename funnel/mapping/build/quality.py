"""What a reader of the numbers should know about the file: each check is its SQL and its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from funnel.core.engine import Engine
from funnel.core.history import TEXT, Form, known_as
from funnel.core.sql import Query, identifier
from funnel.core.types import LOST_CONCEPTS, WON_CONCEPT, Note, Shape
from funnel.mapping.build.labels import Labels, label_notes, loosely
from funnel.mapping.build.lead_parts import lines_of
from funnel.mapping.build.rows import part_table
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.dated_headers import is_of_end
from funnel.mapping.grammar import says, words_of
from funnel.mapping.headers import squashed, words
from funnel.mapping.labels import label_concepts
from funnel.mapping.outcomes import header_means, says_no, says_yes
from funnel.mapping.template import among, any_of, fill, raw_cell
from funnel.mapping.types import ColumnMapping, Loaded, Source

COUNTED_WHOLE = 1_000_000
# A spreadsheet keeps 15 to 16 digits of a number: longer ids end in zeros, or read 1.23E+18. One id in a thousand does by chance.
_ROUNDED_ID = r"\d{14,}000|\d(\.\d+)?[eE]\+?\d+"
_ROUNDED = """SELECT CASE
    WHEN 20 * COUNT(*) FILTER (WHERE regexp_full_match(leads.lead_id, ?)) > COUNT(*)
    THEN COUNT(*) FILTER (WHERE regexp_full_match(leads.lead_id, ?))
    ELSE 0 END AS n
FROM leads"""
_UNDATED_LABELS = "SELECT DISTINCT history.label FROM history WHERE history.entered_at IS NULL"
DELETED = ("isdeleted", "deleted")
"""Headers of a yes or no that marks what was deleted in the CRM."""


def warnings(
    engine: Engine, mapping: ColumnMapping, labels: Labels, loaded: Loaded, as_of: datetime, bad_cells: int
) -> tuple[Note, ...]:
    """The sentences about these leads, the gravest first."""
    notes = [
        Note(
            "mapping.ambiguous_date",
            {"column": each.column, "text": each.text, "day_first": each.day_first, "month_first": each.month_first},
        )
        for each in mapping.ambiguities
    ]
    counted = [(key, engine.row(count)[0]) for key, count in _checks(mapping, labels, loaded, as_of)]
    notes += [Note(key, {"n": count}) for key, count in counted if count]
    notes += _standing(engine, mapping)
    notes += _denied(engine, mapping, labels, loaded)
    flags = [each.label for source in mapping.sources for each in source.stage_flags]
    if flags:
        # A yes beside the date of its stage, or of a later one, is told by that.
        undated_labels = {loosely(label) for (label,) in engine.rows(Query(_UNDATED_LABELS))}
        flags = [label for label in flags if loosely(label) in undated_labels]
    if flags:
        notes.append(Note("mapping.stage_flags", {"n": len(flags), "stages": ", ".join(flags)}))
    undated = any(note.key in ("mapping.undated_wins", "mapping.undated_losses") for note in notes)
    month = next((column for column in mapping.primary.columns if is_of_end(column) and says(column, "periods")), None)
    if undated and month is not None and "closed" not in mapping.primary.parts:
        notes.append(Note("mapping.month_of_closing", {"column": month}))
    if mapping.primary.lead_is_line:
        notes.append(Note("mapping.lead_is_line", {"n": loaded.leads}))
    if bad_cells:
        notes.append(Note("mapping.unreadable_cells", {"n": bad_cells}))
    notes += [Note("mapping.half_dated", {"column": column}) for column in mapping.half_dated]
    for column in mapping.dates.values():
        if column.month_only:
            notes.append(Note("mapping.month_only", {"column": column.column}))
        if column.sentinels:
            notes.append(Note("mapping.sentinels", {"n": column.sentinels, "column": column.column}))
        if column.placeholders:
            notes.append(Note("mapping.placeholders", {"n": column.placeholders, "column": column.column}))
        if column.decided_by == "contradiction":
            notes.append(Note("mapping.mixed_date_order", {"column": column.column, "form": column.format}))
    for number in mapping.numbers.values():
        if number.placeholders:
            notes.append(Note("mapping.placeholders", {"n": number.placeholders, "column": number.column}))
        if number.ambiguous:
            notes.append(Note("mapping.ambiguous_number", {"column": number.column, "form": number.format}))
    notes += label_notes(labels, loaded.labels)
    return tuple(notes)


def cannot(engine: Engine, mapping: ColumnMapping, form: Form = TEXT) -> tuple[Note, ...]:
    """What files of this shape cannot tell."""
    notes = []
    if mapping.shape is Shape.SNAPSHOT:
        notes.append(Note("mapping.cannot_snapshot"))
    if mapping.shape is Shape.WIDE:
        notes.append(Note("mapping.cannot_wide"))
    dated = Query(
        f"SELECT (SELECT COUNT(entries.{form.moment}) FROM {known_as(form.entries, 'entries')})"
        " + (SELECT COUNT(leads.created_at) FROM leads) AS dated"
    )
    if not engine.row(dated)[0]:
        notes.append(Note("mapping.cannot_undated"))
    return tuple(notes)


def _checks(mapping: ColumnMapping, labels: Labels, loaded: Loaded, as_of: datetime) -> Iterator[tuple[str, Query]]:
    """Each check: the sentence that is said when a count of leads or entries is not 0, and the count."""
    form = loaded.form
    entries = known_as(form.history, "entries")
    won, lost = _ending(loaded)
    planned = f"SELECT COUNT(*) AS n FROM {entries} WHERE entries.entered_at > CAST(? AS TIMESTAMP)"
    yield "mapping.future_dates", Query(planned, (as_of,))
    if mapping.shape is Shape.SNAPSHOT:
        # Elsewhere the making is an entry too, and counted there.
        later = "SELECT COUNT(*) AS n FROM leads WHERE leads.created_at > CAST(? AS TIMESTAMP)"
        yield "mapping.created_later", Query(later, (as_of,))
    # A closing without a time of day is the whole day.
    yield (
        "mapping.closed_before_created",
        Query(
            "SELECT COUNT(*) AS n FROM leads WHERE leads.closed_at < leads.created_at AND NOT"
            " (leads.closed_at = CAST(leads.closed_at AS DATE) AND CAST(leads.created_at AS DATE) = CAST(leads.closed_at AS DATE))"
        ),
    )
    yield "mapping.rounded_ids", Query(_ROUNDED, (_ROUNDED_ID, _ROUNDED_ID))
    undated = "SELECT COUNT(DISTINCT entries.{lead}) AS n FROM {entries} WHERE entries.entered_at IS NULL AND {among}"
    for key, ends in (("mapping.undated_wins", won), ("mapping.undated_losses", lost)):
        if ends:
            yield key, fill(undated, lead=form.lead, entries=entries, among=form.among("entries", ends))
    for source in mapping.sources:
        if "lost_flag" in source.parts:
            won_too, lost_too = (says_yes(cleaned(raw_cell(source.parts[part]))) for part in ("outcome", "lost_flag"))
            both = "SELECT COUNT(*) AS n FROM {lines} AS raw WHERE {won} AND {lost}"
            yield "mapping.won_and_lost", fill(both, lines=identifier(source.asked), won=won_too, lost=lost_too)
        deleted = next((column for column in source.columns if squashed(column) in DELETED), None)
        if deleted is not None:
            marked = "SELECT COUNT(*) AS n FROM {lines} AS raw WHERE {yes}"
            yield (
                "mapping.deleted",
                fill(marked, lines=identifier(source.view), yes=says_yes(cleaned(raw_cell(deleted)))),
            )
        if "lost_reason" in source.parts:
            yield "mapping.lost_by_reason", Query("SELECT COUNT(*) AS n FROM leads WHERE leads.outcome_said = 'lost'")
    if "outcome" in mapping.primary.parts and not mapping.primary.is_log:
        yield "mapping.outcome_disagrees", _disagreement_of_rows(mapping, labels, won, lost)
    elif {"outcome", "step_state"} & set(mapping.parts) and (won or lost):
        yield "mapping.outcome_disagrees", _disagreement(form, won, lost)
    for source in mapping.sources:
        if source.is_log:
            continue
        lines = f"FROM {identifier(part_table(source))} AS part"
        dated = [f"part.d{at}" for at, each in enumerate(source.stage_dates) if labels.meaning(each.label) != "lost"]
        if len(dated) > 1:
            backwards = " OR ".join(f"{later} < {earlier}" for earlier, later in pairwise(dated))
            yield "mapping.backward_dates", Query(f"SELECT COUNT(*) AS n {lines} WHERE {backwards}")
        open_ends = (
            "JOIN leads ON leads.lead_id = part.lead_id WHERE part.closed_any IS NOT NULL AND leads.closed_at IS NULL"
        )
        yield "mapping.planned_closes", Query(f"SELECT COUNT(DISTINCT part.lead_id) AS n {lines} {open_ends}")
        if source.standing is None:
            yield "mapping.repeated_leads", Query(f"SELECT COUNT(*) - COUNT(DISTINCT part.lead_id) AS n {lines}")
        else:
            own = ("label", "created_at", "closed_any", "amount", "outcome_said")
            several = " OR ".join(f"COUNT(DISTINCT part.{name}) > 1" for name in own)
            differ = f"SELECT part.lead_id {lines} GROUP BY part.lead_id HAVING {several}"
            yield "mapping.lines_differ", Query(f"SELECT COUNT(*) AS n FROM ({differ}) AS differing")
    if mapping.primary.is_log:
        # Of a long log a share of the leads is counted: the number is no more than a hint, and not worth a look at every line.
        hashed = f"entries.{form.lead}" if form.is_sorted else f"hash(entries.{form.lead})"
        share = 1 + loaded.entries // COUNTED_WHOLE
        key = "mapping.repeated_entries" if share == 1 else "mapping.repeated_entries_about"
        entry = f"hash(entries.{form.lead}, entries.{form.label}, entries.entered_at)"
        repeated = f"{share} * (COUNT(*) - COUNT(DISTINCT {entry}))"
        yield key, Query(f"SELECT {repeated} AS n FROM {entries} WHERE {hashed} % {share} = 0")


def _standing(engine: Engine, mapping: ColumnMapping) -> Iterator[Note]:
    """How many lines were joined where several of something stand on one lead, each on a line of its own."""
    for source in mapping.sources:
        if source.standing is not None and not source.is_log:
            lines = f"SELECT COUNT(*) - COUNT(DISTINCT part.lead_id) AS n FROM {identifier(part_table(source))} AS part"
            figures = {"n": engine.row(Query(lines))[0], "column": source.parts["lead"], "other": source.standing}
            yield Note("mapping.joined_lines", figures)


def _denied(engine: Engine, mapping: ColumnMapping, labels: Labels, loaded: Loaded) -> Iterator[Note]:
    """How many leads of a list count as won, or as open, although a column of yes and no under the name of a win ("Offer accepted" beside a
    date of hiring), or of being open, says no."""
    source = mapping.primary
    if source.is_log:
        return
    ends = zip(("won", "lost"), _ending(loaded), strict=True)
    won, lost = (_ends_of_rows(source, labels, end, meant) for end, meant in ends)
    unsaid = "part.outcome_said IS DISTINCT FROM"
    counted = {
        "mapping.denied_wins": fill(f"({{won}}) AND {unsaid} 'lost'", won=won),
        "mapping.denied_open": fill(
            f"NOT COALESCE(({{won}}) OR ({{lost}}), FALSE) AND {unsaid} 'lost' AND {unsaid} 'won'", won=won, lost=lost
        ),
    }
    played = {source.parts.get(part) for part in ("lead", "label")}
    for column in source.columns:
        key = _denies(column)
        if column in played or key is None:
            continue
        cell = cleaned(raw_cell(column))
        query = fill(
            "SELECT COUNT(*) FILTER (WHERE {cell} IS NOT NULL AND NOT {yes} AND NOT {no}) AS others,"
            " COUNT(*) FILTER (WHERE {yes}) AS yes, COUNT(DISTINCT part.lead_id) FILTER (WHERE {no} AND {counted}) AS denied FROM {lines}",
            cell=cell,
            yes=says_yes(cell),
            no=says_no(cell),
            counted=counted[key],
            lines=lines_of(source, with_raw=True),
        )
        others, said, denied = engine.row(query)
        if denied and said and not others:
            yield Note(key, {"n": denied, "column": column})


def _denies(header: str) -> str | None:
    """The note on leads that count as what a no under the header denies; None where it denies nothing."""
    parts = set(words(header))
    if parts & words_of("still_open") and parts <= words_of("still_open", "beside_open", "entities"):
        return "mapping.denied_open"
    wins = header_means(header) == "won" or label_concepts.guess(header)[0] == WON_CONCEPT
    return "mapping.denied_wins" if wins else None


def _disagreement(form: Form, won: tuple[str, ...], lost: tuple[str, ...]) -> Query:
    """Leads whose outcome column says won where the history never does, or lost where the history says won and not lost."""
    return fill(
        "SELECT COUNT(*) AS n FROM leads JOIN (SELECT entries.{lead} AS lead, BOOL_OR({won}) AS won, BOOL_OR({lost}) AS lost"
        " FROM {entries} GROUP BY entries.{lead}) AS ends ON ends.lead = {key}"
        " WHERE (leads.outcome_said = 'won' AND ends.lost AND NOT ends.won)"
        " OR (leads.outcome_said IN ('lost', 'open') AND ends.won AND NOT ends.lost)",
        lead=form.lead,
        won=form.among("entries", won),
        lost=form.among("entries", lost),
        entries=known_as(form.history, "entries"),
        key=form.key,
    )


def _disagreement_of_rows(mapping: ColumnMapping, labels: Labels, won: tuple[str, ...], lost: tuple[str, ...]) -> Query:
    """Leads whose outcome column says otherwise than their label or the date of their end."""
    source = mapping.primary
    return fill(
        "SELECT COUNT(DISTINCT judged.lead_id) AS n FROM (SELECT part.lead_id AS lead_id, part.outcome_said AS said,"
        " {won} AS won, {lost} AS lost FROM {lines} AS part) AS judged"
        " WHERE (judged.said = 'won' AND judged.lost AND NOT judged.won)"
        " OR (judged.said = 'lost' AND judged.won AND NOT judged.lost)"
        " OR (judged.said = 'open' AND (judged.won OR judged.lost))",
        won=_ends_of_rows(source, labels, "won", won),
        lost=_ends_of_rows(source, labels, "lost", lost),
        lines=identifier(part_table(source)),
    )


def _ending(loaded: Loaded) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The labels that mean won, and those that mean lost."""
    won = tuple(label.label for label in loaded.labels if label.concept == WON_CONCEPT)
    lost = tuple(label.label for label in loaded.labels if label.concept in LOST_CONCEPTS)
    return won, lost


def _ends_of_rows(source: Source, labels: Labels, outcome: str, meant: tuple[str, ...]) -> Query:
    """A condition: whether the label of a line of a list, one of `meant`, or a date says that its lead ended so."""
    dated = [at for at, each in enumerate(source.stage_dates) if labels.meaning(each.label) == outcome]
    return any_of([*(Query(f"part.d{at} IS NOT NULL") for at in dated), among(Query("part.label"), meant)])
