"""What a mapping comes to, told without building it: how many leads there are, and how many of them won."""

from __future__ import annotations

from dataclasses import replace

from funnel.core.engine import Engine
from funnel.core.sql import Query
from funnel.mapping import votes
from funnel.mapping.build.entries import entry_cells
from funnel.mapping.build.labels import Labels, lookup_names, named_views, said_outcomes
from funnel.mapping.build.rows import house_columns
from funnel.mapping.source_cells import SourceCells
from funnel.mapping.template import NULL, among, any_of, fill, listed
from funnel.mapping.types import ColumnMapping, MappingOverrides

NO_MOMENT = "CAST(NULL AS TIMESTAMP)"
MEANINGS = ("won", "lost", "back")
"""What an entry says of the end: won, lost, or, after a win, that it is taken back."""


def counted(engine: Engine, mapping: ColumnMapping) -> tuple[int, int]:
    """(leads, leads that won) of the primary source, by the rules of the build and of a lead's outcome: its outcome column has the last
    word, else it won where it came to a label that means so, and later to none that means lost or comes before the win. What other
    tables add is left out."""
    source = mapping.primary
    labels = Labels(mapping)
    labels.made |= {each.label: each.concept for each in source.stage_dates if each.made}
    if "outcome" in source.parts:
        labels.outcomes[source.view] = said_outcomes(engine, source.view, source.parts["outcome"])
    labels.decide(votes.as_written(engine, mapping) if mapping.meanings is None else mapping.meanings)
    cells = SourceCells(engine, mapping, source)
    lines = _entries(cells, labels) if source.is_log else _rows(cells, labels)
    query = fill(
        "SELECT COUNT(*) AS leads, COUNT(*) FILTER (WHERE each_lead.won) AS won FROM (SELECT line.lead_id AS lead_id,"
        " COALESCE(arg_max(line.said, line.place) = 'won', BOOL_OR(line.is_won)"
        " AND NOT COALESCE(GREATEST(MAX(line.lost_at), MAX(line.back_at)) > MAX(line.won_at), FALSE)"
        " AND NOT COALESCE(arg_max(line.is_back, line.place), FALSE)) AS won"
        " FROM ({lines}) AS line GROUP BY line.lead_id) AS each_lead",
        lines=lines,
    )
    leads, won = engine.row(query)
    return int(leads), int(won)


def recounted(engine: Engine, mapping: ColumnMapping, overrides: MappingOverrides) -> ColumnMapping:
    """The mapping, its alternatives counted anew under what these overrides say of labels."""
    alternatives = []
    for each in mapping.alternatives:
        leads, won = counted(engine, replace(each.mapping, overrides=overrides))
        alternatives.append(replace(each, leads=leads, won=won))
    return replace(mapping, alternatives=tuple(alternatives))


def _entries(cells: SourceCells, labels: Labels) -> Query:
    """A line for each entry of a log: lead_id, place (in time, then in the file), said (the outcome), is_won, won_at, lost_at, back_at, and
    is_back: that an undated label takes a win back."""
    label, moment, joined = entry_cells(cells, labels)
    target, until = NULL, cells.moment("until") or NULL
    if "target" in cells.source.parts:
        target = cells.text("target")
    read = cells.fill(
        "SELECT {lead} AS lead_id, {label} AS label, {moment} AS moment, CAST({target} AS VARCHAR) AS target,"
        " CAST({until} AS TIMESTAMP) AS until, {said} AS said, raw.source_line AS source_line FROM {view} AS raw{joined}",
        label=label,
        moment=moment,
        target=target,
        until=until,
        said=house_columns(cells, labels)["outcome_said"],
        joined=joined,
    )
    texts = _texts(cells, fill("SELECT read.label AS label FROM ({read}) AS read", read=read))
    texts |= _texts(cells, fill("SELECT read.target AS label FROM ({read}) AS read", read=read))
    meant = _meant(cells, labels, texts)
    reached = {
        name: (among(Query("read.label"), meant[name]), among(Query("read.target"), meant[name])) for name in MEANINGS
    }
    return fill(
        "SELECT read.lead_id AS lead_id, read.said AS said, {is_won} AS is_won, {won_at} AS won_at, {lost_at} AS lost_at,"
        " {back_at} AS back_at, FALSE AS is_back,"
        " CAST(epoch(read.moment) AS BIGINT) * 536870912 + read.source_line % 536870912 AS place FROM ({read}) AS read"
        " WHERE read.lead_id IS NOT NULL AND read.label IS NOT NULL AND read.moment IS NOT NULL",
        is_won=any_of(reached["won"]),
        **{
            f"{name}_at": fill(
                "GREATEST(CASE WHEN {label} THEN read.moment END, CASE WHEN {target} THEN read.until END)",
                label=label_means,
                target=target_means,
            )
            for name, (label_means, target_means) in reached.items()
        },
        read=read,
    )


def _rows(cells: SourceCells, labels: Labels) -> Query:
    """The same of a table with a line for each lead, a line for each."""
    source = cells.source
    label = cells.text("label") if "label" in source.parts else NULL
    texts = _texts(cells, cells.fill("SELECT {label} AS label FROM {view} AS raw", label=label))
    meant = _meant(cells, labels, texts)
    dated: dict[str, list[Query]] = {name: [] for name in MEANINGS}
    for each in source.stage_dates:
        name, moment = labels.meaning(each.label), cells.moment_of(each.column)
        if name is not None and moment is not None:
            dated[name].append(moment)
    closed = [each for each in [cells.closing()] if each is not None] or [*dated["won"], *dated["lost"]]
    changed = fill("COALESCE({moments})", moments=listed([cells.moment("changed") or NULL, Query(NO_MOMENT)]))
    ended = fill("COALESCE({moments})", moments=listed([*closed, changed]))
    no_data = [cells.totals(), cells.header_again(), *([cells.other_pipeline] if cells.one_pipeline else [])]
    reached = {name: among(label, meant[name]) for name in MEANINGS}
    return fill(
        "SELECT {id} AS lead_id, raw.source_line AS place, {said} AS said, {is_won} AS is_won, {won_at} AS won_at,"
        " {lost_at} AS lost_at, {back_at} AS back_at, {back} AND {changed} IS NULL AS is_back"
        " FROM {view} AS raw WHERE NOT ({no_data}) AND {id} IS NOT NULL",
        id=cells.lead,
        said=house_columns(cells, labels)["outcome_said"],
        back=reached["back"],
        changed=changed,
        is_won=any_of([reached["won"], *(fill("{at} IS NOT NULL", at=each) for each in dated["won"])]),
        **{
            f"{name}_at": fill(
                "GREATEST({moments})",
                moments=listed(
                    [
                        fill("CASE WHEN {means} THEN {at} END", means=means, at=changed if name == "back" else ended),
                        *dated[name],
                    ]
                ),
            )
            for name, means in reached.items()
        },
        view=cells.view,
        no_data=any_of(no_data),
    )


def _texts(cells: SourceCells, lines: Query) -> set[str]:
    rows = cells.engine.rows(fill("SELECT DISTINCT lines.label AS label FROM ({lines}) AS lines", lines=lines))
    return {str(text) for (text,) in rows if text is not None}


def _meant(cells: SourceCells, labels: Labels, texts: set[str]) -> dict[str, list[str]]:
    """Each of MEANINGS with the texts that mean it; an id of a label means what its name does."""
    mapping = cells.mapping
    lookup = next((join for join in mapping.joins if join.kind == "lookup"), None)
    names: dict[str, str] = {}
    if lookup is not None:
        view, names = mapping.primary.view, lookup_names(cells.engine, lookup)
        names = names if view in named_views(lookup, [(view, text) for text in texts], names) else {}
    named = {text: names.get(text, text) for text in sorted(texts)}
    back = mapping.overrides.end_rule.ends({text: labels.guess(label)[0] for text, label in named.items()}).before_win
    meanings = {text: labels.meaning(label) or ("back" if text in back else None) for text, label in named.items()}
    return {name: [text for text, meaning in meanings.items() if meaning == name] for name in MEANINGS}
