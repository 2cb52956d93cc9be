"""What a reader of the numbers should know about the file: each check is its SQL and its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from funnel.core.engine import Engine
from funnel.core.history import TEXT, Form, known_as
from funnel.core.sql import Query, identifier, marks
from funnel.core.types import LOST_CONCEPTS, WON_CONCEPT, Note, Shape
from funnel.mapping.build.labels import Labels, label_notes
from funnel.mapping.build.rows import part_table
from funnel.mapping.template import fill
from funnel.mapping.types import Loaded, Mapping

COUNTED_WHOLE = 1_000_000
# A spreadsheet keeps 15 to 16 digits of a number: longer ids end in zeros, or read 1.23E+18. One id in a thousand does by chance.
_ROUNDED_ID = r"\d{14,}000|\d(\.\d+)?[eE]\+?\d+"
_ROUNDED = """SELECT CASE
    WHEN 20 * COUNT(*) FILTER (WHERE regexp_full_match(leads.lead_id, ?)) > COUNT(*)
    THEN COUNT(*) FILTER (WHERE regexp_full_match(leads.lead_id, ?))
    ELSE 0 END AS n
FROM leads"""


@dataclass(frozen=True)
class _Check:
    """A count of leads or entries, and the sentence that is said when it is not 0."""

    key: str
    query: Query


def warnings(
    engine: Engine, mapping: Mapping, found: Labels, loaded: Loaded, as_of: datetime, bad_cells: int
) -> tuple[Note, ...]:
    """The sentences about these leads, the gravest first."""
    notes = [
        Note(
            "mapping.ambiguous_date",
            {"column": each.column, "text": each.text, "day_first": each.day_first, "month_first": each.month_first},
        )
        for each in mapping.ambiguities
    ]
    notes += [
        Note(check.key, {"n": count})
        for check in _checks(mapping, found, loaded, as_of)
        if (count := engine.row(check.query)[0])
    ]
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
    notes += label_notes(found, loaded.labels)
    return tuple(notes)


def cannot(engine: Engine, mapping: Mapping, form: Form = TEXT) -> tuple[Note, ...]:
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


def _checks(mapping: Mapping, found: Labels, loaded: Loaded, as_of: datetime) -> list[_Check]:
    form = loaded.form
    entries = known_as(form.history, "entries")
    won = tuple(label.label for label in loaded.labels if label.concept == WON_CONCEPT)
    lost = tuple(label.label for label in loaded.labels if label.concept in LOST_CONCEPTS)
    checks = [
        _Check(
            "mapping.future_dates",
            Query(f"SELECT COUNT(*) AS n FROM {entries} WHERE entries.entered_at > CAST(? AS TIMESTAMP)", (as_of,)),
        ),
        _Check(
            "mapping.closed_before_created",
            # A closing without a time of day is the whole day.
            Query(
                "SELECT COUNT(*) AS n FROM leads WHERE leads.closed_at < leads.created_at AND NOT"
                " (leads.closed_at = CAST(leads.closed_at AS DATE) AND CAST(leads.created_at AS DATE) = CAST(leads.closed_at AS DATE))"
            ),
        ),
        _Check("mapping.rounded_ids", Query(_ROUNDED, (_ROUNDED_ID, _ROUNDED_ID))),
    ]
    checks += [
        _Check(
            key,
            fill(
                "SELECT COUNT(DISTINCT entries.{lead}) AS n FROM {entries} WHERE entries.entered_at IS NULL AND {among}",
                lead=form.lead,
                entries=entries,
                among=form.among("entries", labels),
            ),
        )
        for key, labels in (("mapping.undated_wins", won), ("mapping.undated_losses", lost))
        if labels
    ]
    if "outcome" in mapping.primary.parts and mapping.shape in (Shape.WIDE, Shape.SNAPSHOT):
        checks.append(_disagreement_of_rows(mapping, found, won, lost))
    elif "outcome" in mapping.parts and (won or lost):
        checks.append(_disagreement(form, won, lost))
    for source in mapping.sources:
        if source.shape not in (Shape.WIDE, Shape.SNAPSHOT):
            continue
        dated = [
            f"part.d{place}" for place, each in enumerate(source.stage_dates) if found.meaning(each.label) != "lost"
        ]
        if len(dated) > 1:
            backwards = " OR ".join(f"{later} < {earlier}" for earlier, later in pairwise(dated))
            checks.append(
                _Check(
                    "mapping.backward_dates",
                    Query(f"SELECT COUNT(*) AS n FROM {identifier(part_table(source))} AS part WHERE {backwards}"),
                )
            )
        checks.append(
            _Check(
                "mapping.planned_closes",
                Query(
                    f"SELECT COUNT(DISTINCT part.lead_id) AS n FROM {identifier(part_table(source))} AS part"
                    " JOIN leads ON leads.lead_id = part.lead_id WHERE part.closed_any IS NOT NULL AND leads.closed_at IS NULL"
                ),
            )
        )
        checks.append(
            _Check(
                "mapping.repeated_leads",
                Query(
                    f"SELECT COUNT(*) - COUNT(DISTINCT part.lead_id) AS n FROM {identifier(part_table(source))} AS part"
                ),
            )
        )
    if mapping.shape in (Shape.HISTORY, Shape.CHANGES):
        # Of a long log a share of the leads is counted: the number is no more than a hint, and not worth a look at every line.
        hashed = f"entries.{form.lead}" if form.is_sorted else f"hash(entries.{form.lead})"
        share = 1 + loaded.entries // COUNTED_WHOLE
        key = "mapping.repeated_entries" if share == 1 else "mapping.repeated_entries_about"
        checks.append(
            _Check(
                key,
                Query(
                    f"SELECT {share} * (COUNT(*) - COUNT(DISTINCT"
                    f" hash(entries.{form.lead}, entries.{form.label}, entries.entered_at))) AS n"
                    f" FROM {entries} WHERE {hashed} % {share} = 0"
                ),
            )
        )
    return checks


def _disagreement(form: Form, won: tuple[str, ...], lost: tuple[str, ...]) -> _Check:
    """Leads whose outcome column says won where the history never does, or lost where the history says won and not lost."""
    return _Check(
        "mapping.outcome_disagrees",
        fill(
            "SELECT COUNT(*) AS n FROM leads JOIN (SELECT entries.{lead} AS lead, BOOL_OR({won}) AS won, BOOL_OR({lost}) AS lost"
            " FROM {entries} GROUP BY entries.{lead}) AS told ON told.lead = {key}"
            " WHERE (leads.outcome_said = 'won' AND told.lost AND NOT told.won)"
            " OR (leads.outcome_said IN ('lost', 'open') AND told.won AND NOT told.lost)",
            lead=form.lead,
            won=form.among("entries", won),
            lost=form.among("entries", lost),
            entries=known_as(form.history, "entries"),
            key=form.key,
        ),
    )


def _disagreement_of_rows(mapping: Mapping, found: Labels, won: tuple[str, ...], lost: tuple[str, ...]) -> _Check:
    """Leads whose outcome column says otherwise than their label or the date of their end."""
    source = mapping.primary
    told = {
        outcome: [
            f"part.d{place} IS NOT NULL"
            for place, each in enumerate(source.stage_dates)
            if found.meaning(each.label) == outcome
        ]
        for outcome in ("won", "lost")
    }
    values: tuple[str, ...] = ()
    for outcome, labels in (("won", won), ("lost", lost)):
        if labels:
            told[outcome].append(f"COALESCE(part.label IN ({marks(labels)}), FALSE)")
            values += labels
    seen = {outcome: f"({' OR '.join(parts) or 'FALSE'})" for outcome, parts in told.items()}
    return _Check(
        "mapping.outcome_disagrees",
        Query(
            f"SELECT COUNT(DISTINCT judged.lead_id) AS n FROM (SELECT part.lead_id AS lead_id, part.outcome_said AS said,"
            f" {seen['won']} AS won, {seen['lost']} AS lost FROM {identifier(part_table(source))} AS part) AS judged"
            " WHERE (judged.said = 'won' AND judged.lost AND NOT judged.won)"
            " OR (judged.said = 'lost' AND judged.won AND NOT judged.lost)"
            " OR (judged.said = 'open' AND (judged.won OR judged.lost))",
            values,
        ),
    )
