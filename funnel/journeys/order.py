"""When each lead reached each stage in order, as SQL; the definitions stand in `funnel.journeys`.

Most leads run forward, so that their first entries are already in order. Only where a lead has not, and could still go on by a later
entry, is its order worked out from all its entries.
"""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence

from funnel.journeys.entries import entries_of, value_table
from funnel.sql import Paragraph, Query, compose, days


def forward(row: str, place: int) -> str:
    """Whether the first entries at the stages up to one run forward, each at or after the one before; NULL where one is missing."""
    pairs = [f"{row}.first_{other - 1} <= {row}.first_{other}" for other in range(1, place + 1)]
    return " AND ".join(pairs) or "TRUE"


def resolved_from_first(
    places: Pairs[str, int], stages: int, staged: Sequence[Paragraph], history: str = "history"
) -> Query:
    """lead_id and ordered_i of the leads of `staged` whose first entries do not tell the order; a NULL: not reached in order."""
    tangles = [
        f"({forward('staged', place - 1)} AND staged.first_{place} < staged.first_{place - 1}"
        f" AND staged.last_{place} >= staged.first_{place - 1})"
        for place in range(1, stages)
    ]
    tangled = f"""SELECT staged.lead_id AS lead_id, staged.first_0 AS reached
FROM staged
WHERE {" OR ".join(tangles) or "FALSE"}"""
    entries = """SELECT placed.lead_id AS lead_id, placed.position AS position, placed.entered_at AS entered_at
FROM placed
INNER JOIN ordered_0 ON ordered_0.lead_id = placed.lead_id"""
    paragraphs = [
        *staged,
        Paragraph("ordered_0", Query(tangled)),
        *_placed(places, history),
        Paragraph("tangled", Query(entries)),
    ]
    for place in range(1, stages):
        before = f"ordered_{place - 1}"
        next_one = f"""SELECT {before}.lead_id AS lead_id, MIN(tangled.entered_at) AS reached
FROM {before}
INNER JOIN tangled ON tangled.lead_id = {before}.lead_id
WHERE tangled.position = {place} AND tangled.entered_at >= {before}.reached
GROUP BY {before}.lead_id"""
        paragraphs.append(Paragraph(f"ordered_{place}", Query(next_one)))
    columns = ["ordered_0.lead_id AS lead_id", *(f"ordered_{i}.reached AS ordered_{i}" for i in range(stages))]
    joins = [f"LEFT JOIN ordered_{i} ON ordered_{i}.lead_id = ordered_0.lead_id" for i in range(1, stages)]
    return compose(
        paragraphs, Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM ordered_0\n" + "\n".join(joins))
    )


def resolved_from_any(places: Pairs[str, int], stages: int, window_days: int, history: str = "history") -> Query:
    """lead_id and ordered_i of the chain that goes deepest within the window of its own entry at stage 0, for every lead that has
    been there."""
    paragraphs = [
        *_placed(places, history),
        Paragraph(
            "chain_0",
            Query(
                """SELECT placed.lead_id AS lead_id, placed.entered_at AS opened_at, placed.entered_at AS reached
FROM placed
WHERE placed.position = 0 AND placed.entered_at IS NOT NULL
GROUP BY placed.lead_id, placed.entered_at"""
            ),
        ),
    ]
    for place in range(1, stages):
        before = f"chain_{place - 1}"
        paragraphs.append(
            Paragraph(
                f"chain_{place}",
                Query(
                    f"""SELECT {before}.lead_id AS lead_id, {before}.opened_at AS opened_at, MIN(placed.entered_at) AS reached
FROM {before}
INNER JOIN placed ON placed.lead_id = {before}.lead_id
WHERE placed.position = {place}
    AND placed.entered_at >= {before}.reached
    AND placed.entered_at <= {before}.opened_at + {days(window_days)}
GROUP BY {before}.lead_id, {before}.opened_at"""
                ),
            )
        )
    later = range(1, stages)
    depth = " + ".join(f"CASE WHEN chain_{place}.reached IS NULL THEN 0 ELSE 1 END" for place in later) or "0"
    columns = [
        "chain_0.lead_id AS lead_id",
        "chain_0.opened_at AS ordered_0",
        *(f"chain_{place}.reached AS ordered_{place}" for place in later),
        f"ROW_NUMBER() OVER (PARTITION BY chain_0.lead_id ORDER BY {depth} DESC, chain_0.opened_at ASC) AS choice",
    ]
    joins = [
        f"LEFT JOIN chain_{place} ON chain_{place}.lead_id = chain_0.lead_id AND chain_{place}.opened_at = chain_0.opened_at"
        for place in later
    ]
    chains = Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM chain_0\n" + "\n".join(joins))
    told = ["chains.lead_id AS lead_id", *(f"chains.ordered_{place} AS ordered_{place}" for place in range(stages))]
    last = "SELECT\n    " + ",\n    ".join(told) + "\nFROM chains\nWHERE chains.choice = 1"
    return compose([*paragraphs, Paragraph("chains", chains)], Query(last))


def _placed(places: Pairs[str, int], history: str) -> list[Paragraph]:
    """Paragraphs that end in `placed`: lead_id, position, entered_at of each entry at a stage."""
    return [
        value_table("placement", ("label", "position"), list(places.items())),
        Paragraph("placed", entries_of("placement", "position", history)),
    ]
