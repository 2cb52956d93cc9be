"""When each lead reached each stage in order, as SQL; the definitions stand in `funnel.journeys`."""

from __future__ import annotations

from funnel.sql import Paragraph, Query, days


def firsts(stages: int) -> Query:
    """For each lead: seen_i (0 or 1), first_i and last_i of each stage, undated_stage (the deepest entry without a time)."""
    columns = ["placed.lead_id AS lead_id"]
    for place in range(stages):
        here = f"CASE WHEN placed.position = {place} THEN"
        columns += [
            f"MAX({here} 1 ELSE 0 END) AS seen_{place}",
            f"MIN({here} placed.entered_at END) AS first_{place}",
            f"MAX({here} placed.entered_at END) AS last_{place}",
        ]
    columns.append("MAX(CASE WHEN placed.entered_at IS NULL THEN placed.position END) AS undated_stage")
    return Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM placed\nGROUP BY placed.lead_id")


def ordered_from_first(stages: int) -> list[Paragraph]:
    """`ordered`: the columns of `firsts`, and ordered_i.

    Most leads run forward, so their first entries are already in order; only the leads that came back to a stage after they
    had been further (`tangled`) need their entries looked at again.
    """
    columns = first_columns(stages)
    chained = [f"firsts.{column} AS {column}" for column in columns] + ["firsts.first_0 AS ordered_0"]
    came_back = []
    forward = "TRUE"
    for place in range(1, stages):
        before, first, last = f"firsts.first_{place - 1}", f"firsts.first_{place}", f"firsts.last_{place}"
        came_back.append(f"({forward} AND {first} < {before} AND {last} >= {before})")
        forward = f"{before} <= {first}" if place == 1 else f"{forward} AND {before} <= {first}"
        chained.append(f"CASE WHEN {forward} THEN {first} END AS ordered_{place}")
    chained.append(f"COALESCE({' OR '.join(came_back) or 'FALSE'}, FALSE) AS came_back")
    paragraphs = [
        Paragraph("chained", Query("SELECT\n    " + ",\n    ".join(chained) + "\nFROM firsts")),
        Paragraph("tangled", Query("SELECT chained.*\nFROM chained\nWHERE chained.came_back")),
        Paragraph(
            "tangled_entries",
            Query(
                # Read anew from the history: keeping every entry of every lead for these few would cost more.
                """SELECT history.lead_id AS lead_id, placement.position AS position, history.entered_at AS entered_at
FROM history
INNER JOIN placement ON placement.label = history.label
INNER JOIN tangled ON tangled.lead_id = history.lead_id"""
            ),
        ),
        Paragraph(
            "untangled_0", Query("SELECT tangled.lead_id AS lead_id, tangled.ordered_0 AS reached\nFROM tangled")
        ),
    ]
    for place in range(1, stages):
        before = f"untangled_{place - 1}"
        paragraphs.append(
            Paragraph(
                f"untangled_{place}",
                Query(
                    f"""SELECT {before}.lead_id AS lead_id, MIN(tangled_entries.entered_at) AS reached
FROM {before}
INNER JOIN tangled_entries ON tangled_entries.lead_id = {before}.lead_id
WHERE tangled_entries.position = {place} AND tangled_entries.entered_at >= {before}.reached
GROUP BY {before}.lead_id"""
                ),
            )
        )
    straight = [f"chained.{column} AS {column}" for column in [*columns, *numbered("ordered", stages)]]
    resolved = [f"tangled.{column} AS {column}" for column in columns]
    resolved += [f"untangled_{place}.reached AS ordered_{place}" for place in range(stages)]
    joins = [f"LEFT JOIN untangled_{place} ON untangled_{place}.lead_id = tangled.lead_id" for place in range(stages)]
    both = (
        f"SELECT {', '.join(straight)}\nFROM chained\nWHERE NOT chained.came_back\nUNION ALL\n"
        f"SELECT {', '.join(resolved)}\nFROM tangled\n" + "\n".join(joins)
    )
    return [*paragraphs, Paragraph("ordered", Query(both))]


def ordered_from_any(stages: int, window_days: int) -> list[Paragraph]:
    """`ordered`: the columns of `firsts`, and ordered_i of the chain that goes deepest within the window of its own entry at
    stage 0."""
    paragraphs = [
        Paragraph(
            "chain_0",
            Query(
                """SELECT placed.lead_id AS lead_id, placed.entered_at AS opened_at, placed.entered_at AS reached
FROM placed
WHERE placed.position = 0 AND placed.entered_at IS NOT NULL
GROUP BY placed.lead_id, placed.entered_at"""
            ),
        )
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
    kept = [f"firsts.{column} AS {column}" for column in first_columns(stages)]
    kept += [f"chains.{column} AS {column}" for column in numbered("ordered", stages)]
    best = "LEFT JOIN chains ON chains.lead_id = firsts.lead_id AND chains.choice = 1"
    return [
        *paragraphs,
        Paragraph("chains", Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM chain_0\n" + "\n".join(joins))),
        Paragraph("ordered", Query(f"SELECT {', '.join(kept)}\nFROM firsts\n{best}")),
    ]


def first_columns(stages: int) -> list[str]:
    return ["lead_id", "undated_stage", *(c for name in ("seen", "first", "last") for c in numbered(name, stages))]


def numbered(name: str, stages: int) -> list[str]:
    return [f"{name}_{place}" for place in range(stages)]
