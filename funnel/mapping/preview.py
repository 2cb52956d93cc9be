"""What a mapping comes to, told without building it: how many leads there are, and how many of them won."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from dataclasses import replace

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import Shape
from funnel.mapping import votes
from funnel.mapping.build.entries import entry_cells
from funnel.mapping.build.labels import Labels, lookup_names, named_views, said_outcomes
from funnel.mapping.build.rows import house_columns
from funnel.mapping.source_cells import SourceCells
from funnel.mapping.template import NULL, among, any_of, fill, listed
from funnel.mapping.types import Hints, Mapping

NO_MOMENT = "CAST(NULL AS TIMESTAMP)"
MEANINGS = ("won", "lost", "back")
"""What an entry says of the end: won, lost, or, after a win, that it is taken back."""


def counted(engine: Engine, mapping: Mapping) -> tuple[int, int]:
    """(leads, leads that won) of the primary source, by the rules of the build and of a lead's outcome: its outcome column has the last
    word, else it won where it came to a label that means so, and later to none that means lost or comes before the win. What other
    tables add is left out."""
    source = mapping.primary
    found = Labels(mapping)
    found.made |= {each.label: each.concept for each in source.stage_dates if each.made}
    if "outcome" in source.parts:
        found.outcomes[source.view] = said_outcomes(engine, source.view, source.parts["outcome"])
    found.decide(votes.as_written(engine, mapping) if mapping.meanings is None else mapping.meanings)
    cells = SourceCells(engine, mapping, source)
    log = source.shape in (Shape.HISTORY, Shape.CHANGES)
    lines = _entries(engine, mapping, cells, found) if log else _rows(engine, mapping, cells, found)
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


def recounted(engine: Engine, mapping: Mapping, hints: Hints) -> Mapping:
    """The mapping, its alternatives counted anew under what these hints say of labels."""
    again = []
    for each in mapping.alternatives:
        leads, won = counted(engine, replace(each.mapping, hints=hints))
        again.append(replace(each, leads=leads, won=won))
    return replace(mapping, alternatives=tuple(again))


def _entries(engine: Engine, mapping: Mapping, cells: SourceCells, found: Labels) -> Query:
    """A line for each entry of a log: lead_id, place (in time, then in the file), said (the outcome), is_won, won_at, lost_at, back_at, and
    is_back: that an undated label takes a win back."""
    source = cells.source
    label, moment, joined = entry_cells(mapping, source, cells, found)
    target, until = (cells.text("target"), cells.moment("until") or NULL) if "target" in source.parts else (NULL, NULL)
    read = fill(
        "SELECT {id} AS lead_id, {label} AS label, {moment} AS moment, CAST({target} AS VARCHAR) AS target,"
        " CAST({until} AS TIMESTAMP) AS until, {said} AS said, raw.source_line AS source_line FROM {view} AS raw{joined}",
        id=cells.lead,
        label=label,
        moment=moment,
        target=target,
        until=until,
        said=house_columns(mapping, source, cells, found)["outcome_said"],
        view=identifier(source.view),
        joined=joined,
    )
    texts = _texts(engine, fill("SELECT read.label AS label FROM ({read}) AS read", read=read))
    texts |= _texts(engine, fill("SELECT read.target AS label FROM ({read}) AS read", read=read))
    meant = _meant(engine, mapping, found, texts)
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


def _rows(engine: Engine, mapping: Mapping, cells: SourceCells, found: Labels) -> Query:
    """The same of a table with a line for each lead, a line for each."""
    source = cells.source
    label = cells.text("label") if "label" in source.parts else NULL
    texts = _texts(engine, fill("SELECT {label} AS label FROM {view} AS raw", label=label, view=cells.view))
    meant = _meant(engine, mapping, found, texts)
    dated: dict[str, list[Query]] = {name: [] for name in MEANINGS}
    for each in source.stage_dates:
        name, moment = found.meaning(each.label), cells.moment_of(each.column)
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
        said=house_columns(mapping, source, cells, found)["outcome_said"],
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


def _texts(engine: Engine, labels: Query) -> set[str]:
    rows = engine.rows(fill("SELECT DISTINCT found.label AS label FROM ({labels}) AS found", labels=labels))
    return {str(text) for (text,) in rows if text is not None}


def _meant(engine: Engine, mapping: Mapping, found: Labels, texts: set[str]) -> dict[str, list[str]]:
    """Each of MEANINGS with the texts that mean it; an id of a label means what its name does."""
    lookup = next((join for join in mapping.joins if join.kind == "lookup"), None)
    names: dict[str, str] = {}
    if lookup is not None:
        view, names = mapping.primary.view, lookup_names(engine, lookup)
        names = names if view in named_views(lookup, [(view, text) for text in texts], names) else {}
    return _ends(mapping, found, {text: names.get(text, text) for text in sorted(texts)})


def _ends(mapping: Mapping, found: Labels, labels: Pairs[str, str]) -> dict[str, list[str]]:
    """Each of MEANINGS with the texts that mean it; `labels` gives the label of each text."""
    back = mapping.hints.end_rule.ends({text: found.guess(label)[0] for text, label in labels.items()}).before_win
    meanings = {text: found.meaning(label) or ("back" if text in back else None) for text, label in labels.items()}
    return {name: [text for text, meaning in meanings.items() if meaning == name] for name in MEANINGS}
