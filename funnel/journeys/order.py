"""When each lead reached each stage in order, as SQL; the definitions stand in `funnel.journeys`.

Most leads run forward, so that their first entries are already in order. Only where a lead has not, and could still go on by a later
entry, or where another of its entries at stage 0 may open a window, is its order worked out from all its entries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from funnel.core.sql import Paragraph, Query, compose, days
from funnel.journeys.entries import entries_of, label_table
from funnel.journeys.observed import WHOLE, Tables


def forward(row: str, position: int) -> str:
    """Whether the first entries at the stages up to one run forward, each at or after the one before; NULL where one is missing."""
    pairs = [f"{row}.first_{other - 1} <= {row}.first_{other}" for other in range(1, position + 1)]
    return " AND ".join(pairs) or "TRUE"


def in_order(row: str, position: int, window_days: int | None) -> str:
    """When a lead whose first entries tell its order reached a stage in order, within the window of its entry at stage 0 if there is
    one; NULL: it did not."""
    within = "" if window_days is None else f" AND {row}.first_{position} <= {row}.first_0 + {days(window_days)}"
    return f"CASE WHEN {forward(row, position)}{within} THEN {row}.first_{position} END"


def resolved_from_first(
    placement: Mapping[str, int],
    stages: int,
    staged: Sequence[Paragraph],
    tables: Tables = WHOLE,
    *,
    by_windows: bool = False,
) -> Query:
    """The lead and ordered_i of the leads of `staged` whose first entries do not tell the order; a NULL: not reached in order. The rows
    are the same `by_windows` over one order of the entries, in place of a join for each stage."""
    lead = tables.form.lead
    tangled = f"""SELECT staged.{lead} AS {lead}, staged.first_0 AS reached
FROM staged
WHERE {_tangled(stages)}"""
    if by_windows:
        return _walked_in_order(
            [*staged, Paragraph("tangled", Query(tangled)), *_placed(placement, tables)], stages, lead
        )
    entries = f"""SELECT placed.{lead} AS {lead}, placed.position AS position, placed.entered_at AS entered_at
FROM placed
INNER JOIN ordered_0 ON ordered_0.{lead} = placed.{lead}"""
    paragraphs = [
        *staged,
        Paragraph("ordered_0", Query(tangled)),
        *_placed(placement, tables),
        Paragraph("tangled", Query(entries)),
    ]
    for position in range(1, stages):
        before = f"ordered_{position - 1}"
        next_one = f"""SELECT {before}.{lead} AS {lead}, MIN(tangled.entered_at) AS reached
FROM {before}
INNER JOIN tangled ON tangled.{lead} = {before}.{lead}
WHERE tangled.position = {position} AND tangled.entered_at >= {before}.reached
GROUP BY {before}.{lead}"""
        paragraphs.append(Paragraph(f"ordered_{position}", Query(next_one)))
    columns = [f"ordered_0.{lead} AS {lead}", *(f"ordered_{i}.reached AS ordered_{i}" for i in range(stages))]
    joins = [f"LEFT JOIN ordered_{i} ON ordered_{i}.{lead} = ordered_0.{lead}" for i in range(1, stages)]
    return compose(
        paragraphs, Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM ordered_0\n" + "\n".join(joins))
    )


def _walked_in_order(paragraphs: Sequence[Paragraph], stages: int, lead: str) -> Query:
    """The rows of `resolved_from_first` from `tangled` and `placed`, by a window for each stage: all of them see the entries of a lead
    together, so that an engine that moves rows to bring them together moves them once."""
    walks = [
        Query(
            f"""SELECT placed.{lead} AS {lead}, placed.position AS position, placed.entered_at AS entered_at, tangled.reached AS ordered_0
FROM placed
INNER JOIN tangled ON tangled.{lead} = placed.{lead}"""
        )
    ]
    for position in range(1, stages):
        row = f"walk_{position - 1}"
        here = f"{row}.position = {position} AND {row}.entered_at >= {row}.ordered_{position - 1}"
        walks.append(
            Query(
                f"""SELECT {row}.*, MIN(CASE WHEN {here} THEN {row}.entered_at END) OVER (PARTITION BY {row}.{lead}) AS ordered_{position}
FROM {row}"""
            )
        )
    row = f"walk_{stages - 1}"
    columns = [f"{row}.{lead} AS {lead}", *(f"MIN({row}.ordered_{i}) AS ordered_{i}" for i in range(stages))]
    return compose(
        [*paragraphs, *(Paragraph(f"walk_{position}", walk) for position, walk in enumerate(walks))],
        Query("SELECT\n    " + ",\n    ".join(columns) + f"\nFROM {row}\nGROUP BY {row}.{lead}"),
    )


def several_openings(stages: int, staged: Sequence[Paragraph], tables: Tables = WHOLE) -> Query:
    """The leads of `staged` that have entered stage 0 at several moments, or whose first entries do not tell the order."""
    lead = tables.form.lead
    several = f"""SELECT staged.{lead} AS {lead}
FROM staged
WHERE staged.first_0 < staged.last_0 OR {_tangled(stages)}"""
    return compose(staged, Query(several))


def resolved_from_any(
    placement: Mapping[str, int],
    stages: int,
    window_days: int,
    several: Query,
    tables: Tables = WHOLE,
    among: str = "TRUE",
) -> Query:
    """The lead and ordered_i of the chain that goes deepest within the window of its own entry at stage 0, for the leads that `several`
    selects and whose entries (`placed`) meet the condition `among`."""
    lead = tables.form.lead
    walked = f"""SELECT placed.{lead} AS {lead}, placed.position AS position, placed.entered_at AS entered_at
FROM placed
INNER JOIN several ON several.{lead} = placed.{lead}
WHERE {among}"""
    paragraphs = [
        Paragraph("several", several),
        *_placed(placement, tables),
        Paragraph("walked", Query(walked)),
        Paragraph(
            "chain_0",
            Query(
                f"""SELECT walked.{lead} AS {lead}, walked.entered_at AS opened_at, walked.entered_at AS reached
FROM walked
WHERE walked.position = 0 AND walked.entered_at IS NOT NULL
GROUP BY walked.{lead}, walked.entered_at"""
            ),
        ),
    ]
    for position in range(1, stages):
        before = f"chain_{position - 1}"
        paragraphs.append(
            Paragraph(
                f"chain_{position}",
                Query(
                    f"""SELECT {before}.{lead} AS {lead}, {before}.opened_at AS opened_at, MIN(walked.entered_at) AS reached
FROM {before}
INNER JOIN walked ON walked.{lead} = {before}.{lead}
WHERE walked.position = {position}
    AND walked.entered_at >= {before}.reached
    AND walked.entered_at <= {before}.opened_at + {days(window_days)}
GROUP BY {before}.{lead}, {before}.opened_at"""
                ),
            )
        )
    later = range(1, stages)
    depth = " + ".join(f"CASE WHEN chain_{position}.reached IS NULL THEN 0 ELSE 1 END" for position in later) or "0"
    columns = [
        f"chain_0.{lead} AS {lead}",
        "chain_0.opened_at AS ordered_0",
        *(f"chain_{position}.reached AS ordered_{position}" for position in later),
        f"ROW_NUMBER() OVER (PARTITION BY chain_0.{lead} ORDER BY {depth} DESC, chain_0.opened_at ASC) AS choice",
    ]
    joins = [
        f"LEFT JOIN chain_{position} ON chain_{position}.{lead} = chain_0.{lead} AND chain_{position}.opened_at = chain_0.opened_at"
        for position in later
    ]
    chains = Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM chain_0\n" + "\n".join(joins))
    selected = [
        f"chains.{lead} AS {lead}",
        *(f"chains.ordered_{position} AS ordered_{position}" for position in range(stages)),
    ]
    last = "SELECT\n    " + ",\n    ".join(selected) + "\nFROM chains\nWHERE chains.choice = 1"
    return compose([*paragraphs, Paragraph("chains", chains)], Query(last))


def strict_runs(placement: Mapping[str, int], stages: int, window_days: int | None, tables: Tables = WHOLE) -> Query:
    """The lead and strict_i of its run of visits to the stages 0, 1, … that follow each other, within the window of its first entry if
    there is one; NULL: the run did not get there. Only leads with a dated entry at stage 0 have a row."""
    lead = tables.form.lead
    in_time = f"PARTITION BY {{0}}.{lead} ORDER BY {{0}}.entered_at ASC, {{0}}.position ASC"
    # A first entry comes from no stage: where nothing is before it, ClickHouse would say the first one.
    visited = f"""SELECT placed.{lead} AS {lead}, placed.position AS position, placed.entered_at AS entered_at,
    LAG(placed.position, 1, {stages}) OVER ({in_time.format("placed")}) AS before
FROM placed
WHERE placed.entered_at IS NOT NULL"""
    # Of visits that follow each other from stage to stage the number less the stage is the same; two of one run cannot share a stage.
    numbered = f"""SELECT visited.{lead} AS {lead}, visited.position AS position, visited.entered_at AS entered_at,
    ROW_NUMBER() OVER ({in_time.format("visited")}) - visited.position AS run
FROM visited
WHERE visited.before <> visited.position"""
    columns = [
        f"MIN(CASE WHEN numbered.position = {position} THEN numbered.entered_at END) AS at_{position}"
        for position in range(stages)
    ]
    runs = f"SELECT\n    numbered.{lead} AS {lead},\n    " + ",\n    ".join(columns)
    runs += f"\nFROM numbered\nGROUP BY numbered.{lead}, numbered.run"
    times = []
    for position in range(stages):
        conditions = [f"runs.at_{other} IS NOT NULL" for other in range(position + 1)]
        if window_days is not None:
            conditions.append(f"runs.at_{position} <= runs.at_0 + {days(window_days)}")
        times.append(f"CASE WHEN {' AND '.join(conditions)} THEN runs.at_{position} END AS strict_{position}")
    counted = (
        f"SELECT\n    runs.{lead} AS {lead},\n    " + ",\n    ".join(times) + "\nFROM runs\nWHERE runs.at_0 IS NOT NULL"
    )
    depth = " + ".join(f"CASE WHEN counted.strict_{position} IS NULL THEN 0 ELSE 1 END" for position in range(stages))
    chosen = f"""SELECT counted.*,
    ROW_NUMBER() OVER (PARTITION BY counted.{lead} ORDER BY {depth} DESC, counted.strict_0 ASC) AS choice
FROM counted"""
    selected = [
        f"chosen.{lead} AS {lead}",
        *(f"chosen.strict_{position} AS strict_{position}" for position in range(stages)),
    ]
    texts = {"visited": visited, "numbered": numbered, "runs": runs, "counted": counted, "chosen": chosen}
    return compose(
        [*_placed(placement, tables), *(Paragraph(name, Query(text)) for name, text in texts.items())],
        Query("SELECT\n    " + ",\n    ".join(selected) + "\nFROM chosen\nWHERE chosen.choice = 1"),
    )


def _tangled(stages: int) -> str:
    """Whether a lead of `staged` could go on by a later entry where its first entries run backward."""
    tangles = [
        f"({forward('staged', position - 1)} AND staged.first_{position} < staged.first_{position - 1}"
        f" AND staged.last_{position} >= staged.first_{position - 1})"
        for position in range(1, stages)
    ]
    return " OR ".join(tangles) or "FALSE"


def _placed(placement: Mapping[str, int], tables: Tables) -> list[Paragraph]:
    """Paragraphs that end in `placed`: the lead, position, entered_at of each entry at a stage."""
    return [
        *label_table("placement", "position", list(placement.items()), tables.form),
        Paragraph("placed", entries_of("placement", "position", tables.form)),
    ]
