"""What a reader must not overlook: where the files may well mean something else than what was understood."""

from __future__ import annotations

from funnel.core.engine import Engine
from funnel.core.history import known_as
from funnel.core.sql import Query, identifier
from funnel.core.types import LOST_CONCEPTS, Note, Shape
from funnel.mapping import grammar
from funnel.mapping.build.labels import Labels
from funnel.mapping.labels import label_concepts
from funnel.mapping.labels.label_concepts import NO_CONCEPT, SURE
from funnel.mapping.profile import distinct_values
from funnel.mapping.template import among, fill, listed, raw_cell
from funnel.mapping.types import ColumnMapping, Loaded

USED = 0.98
"""Below this share of lines that could be used, of those that are data, the columns may be the wrong ones."""
COME_BACK = 0.2
FEWEST_LOST = 10
REPEATED = 0.02
CROSSING, MOST_CROSSED = 0.5, 100_000
FEW = 3


def doubts(engine: Engine, mapping: ColumnMapping, labels: Labels, loaded: Loaded) -> tuple[Note, ...]:
    """The doubts, the gravest first, each with its figures; none where the files leave no question."""
    notes = []
    if mapping.close and mapping.alternatives:
        lines = "_lines" if mapping.primary.lead_is_line else ""
        figures = {
            "leads": loaded.leads,
            "column": mapping.primary.parts.get("lead", ""),
            "won": _won(engine, mapping, labels, loaded),
        }
        notes.append(Note(f"doubt.two_ways_{mapping.shape.value}{lines}", figures))
    rows_read = sum(file.rows_read for file in loaded.files)
    rejected = sum(file.rows_rejected for file in loaded.files)
    if rows_read and rejected > (1 - USED) * rows_read:
        notes.append(Note("doubt.rejected", {"n": rejected, "lines": rows_read}))
    repeated = _repeated(mapping, loaded)
    if repeated:
        notes.append(Note("doubt.repeated", {"n": repeated, "column": mapping.primary.parts["lead"]}))
    other = _crossing(engine, mapping, loaded)
    if other is not None:
        figures = {"column": mapping.primary.parts["lead"], "other": other, "leads": loaded.leads}
        notes.append(Note("doubt.crossing_ids", figures))
    notes += _unread_results(engine, mapping, labels, loaded)
    lost, back = _come_back(engine, labels, loaded)
    if lost >= FEWEST_LOST and back > COME_BACK * lost:
        notes.append(Note("doubt.come_back", {"n": back, "lost": lost}))
    return tuple(notes)


def _won(engine: Engine, mapping: ColumnMapping, labels: Labels, loaded: Loaded) -> int:
    """Leads that won: the outcome column has the last word, else a label that means so, and later none that means lost or comes
    before the win."""
    meant = {
        "won": {label.label for label in loaded.labels if labels.meaning(label.label) == "won"},
        "lost": {label.label for label in loaded.labels if labels.meaning(label.label) == "lost"},
        "back": mapping.overrides.end_rule.ends({label.label: label.concept for label in loaded.labels}).before_win,
    }
    form = loaded.form
    last = listed(
        fill(
            "MAX(entries.entered_at) FILTER (WHERE {among}) AS {name}_at,"
            " COALESCE(BOOL_OR(entries.entered_at IS NULL) FILTER (WHERE {among}), FALSE) AS {name}_last",
            among=form.among("entries", texts),
            name=name,
        )
        for name, texts in meant.items()
    )
    query = fill(
        "SELECT COUNT(*) FILTER (WHERE COALESCE(leads.outcome_said = 'won', ends.won"
        " AND (ends.won_last OR NOT (ends.lost_last OR COALESCE(ends.lost_at > ends.won_at, FALSE)))"
        " AND (ends.won_last OR NOT ((ends.back_last OR COALESCE(ends.back_at > ends.won_at, FALSE))"
        " AND COALESCE(ends.back_at > leads.created_at, TRUE))))) AS won"
        " FROM leads LEFT JOIN (SELECT entries.{lead} AS lead, BOOL_OR({won}) AS won, {last}"
        " FROM {entries} GROUP BY entries.{lead}) AS ends ON ends.lead = {key}",
        lead=form.lead,
        won=form.among("entries", meant["won"]),
        last=last,
        entries=known_as(form.history, "entries"),
        key=form.key,
    )
    return int(engine.row(query)[0])


def _repeated(mapping: ColumnMapping, loaded: Loaded) -> int:
    """Lines of a list of leads that only repeat an id, where they are more than a few."""
    if mapping.primary.is_log or mapping.primary.lead_is_line:
        return 0
    # Lines that say the same of their lead count once, whichever of them it is.
    if mapping.primary.standing is not None and _counted(loaded, "mapping.lines_differ") <= REPEATED * loaded.leads:
        return 0
    count = _counted(loaded, "mapping.repeated_leads") + _counted(loaded, "mapping.joined_lines")
    return count if count > REPEATED * max(loaded.leads, 1) else 0


def _crossing(engine: Engine, mapping: ColumnMapping, loaded: Loaded) -> str | None:
    """Of a short history, a column of other ids of which most leads have several, each of them on several leads: of people on deals each
    line may be a lead of its own. None where there is none."""
    source = mapping.primary
    if source.shape is not Shape.HISTORY or source.lead_is_line or loaded.entries > MOST_CROSSED:
        return None
    lead = raw_cell(source.parts["lead"])
    shares = "SELECT AVG(CAST(each.others > 1 AS INTEGER)) AS share FROM (SELECT COUNT(DISTINCT {other}) AS others FROM {view} AS raw"
    shares += " WHERE {other} IS NOT NULL AND {own} IS NOT NULL GROUP BY {own} HAVING COUNT(*) > 1) AS each"
    for column in source.columns:
        is_id = grammar.says_id(column) and (grammar.spells(column, "people") or grammar.is_entity(column))
        if column in source.parts.values() or not is_id:
            continue
        ways = ((lead, raw_cell(column)), (raw_cell(column), lead))
        asked = (fill(shares, own=own, other=other, view=identifier(source.view)) for own, other in ways)
        if all((engine.row(query)[0] or 0.0) >= CROSSING for query in asked):
            return column
    return None


def _unread_results(engine: Engine, mapping: ColumnMapping, labels: Labels, loaded: Loaded) -> list[Note]:
    """Of a log in which nothing else says who was lost, a column of results left out since few of its words are known, although
    some of them mean a loss."""
    source = mapping.primary
    told = {"outcome", "lost_flag", "lost_reason"} & set(source.parts)
    if not source.is_log or told or any(labels.meaning(label.label) == "lost" for label in loaded.labels):
        return []
    for column in source.columns:
        words = set(grammar.tokens(column))
        if column in source.parts.values() or not words & grammar.words_of("endings"):
            continue
        if not words <= grammar.words_of("endings", "stages"):
            continue
        texts = [each for each in distinct_values(engine, source.view, column) if label_concepts.end(each) == "lost"]
        if not texts:
            continue
        query = fill(
            "SELECT COUNT(DISTINCT {lead}) AS leads FROM {view} AS raw WHERE {lost}",
            lead=raw_cell(source.parts["lead"]),
            view=identifier(source.view),
            lost=among(Query(raw_cell(column)), texts),
        )
        figures = {"column": column, "n": int(engine.row(query)[0]), "values": texts[:FEW]}
        return [Note("doubt.unread_results", figures)]
    return []


def _counted(loaded: Loaded, key: str) -> int:
    """What a check counted; 0 where it has nothing to say."""
    return next((int(str(note.values["n"])) for note in loaded.warnings if note.key == key), 0)


def _come_back(engine: Engine, labels: Labels, loaded: Loaded) -> tuple[int, int]:
    """Leads that were ever at a label that means lost, and those of them that came to a stage of a known meaning later."""
    stages = tuple(
        label.label
        for label in loaded.labels
        if labels.guess(label.label)[0] not in (*LOST_CONCEPTS, *NO_CONCEPT) and labels.guess(label.label)[1] >= SURE
    )
    lost = tuple(label.label for label in loaded.labels if labels.guess(label.label)[0] in LOST_CONCEPTS)
    if not lost or not stages:
        return 0, 0
    form = loaded.form
    query = fill(
        "SELECT COUNT(*) AS lost, COUNT(*) FILTER (WHERE ends.later > ends.first_lost) AS back FROM (SELECT entries.{lead} AS lead,"
        " MIN(entries.{moment}) FILTER (WHERE {lost}) AS first_lost, MAX(entries.{moment}) FILTER (WHERE {stages}) AS later"
        " FROM {entries} GROUP BY entries.{lead}) AS ends WHERE ends.first_lost IS NOT NULL",
        lead=form.lead,
        moment=form.moment,
        lost=form.among("entries", lost),
        stages=form.among("entries", stages),
        entries=known_as(form.entries, "entries"),
    )
    ever, back = engine.row(query)
    return int(ever), int(back)
