"""When each lead reached each stage in order, as SQL; the definitions stand in `funnel.journeys`."""

from __future__ import annotations

from funnel.sql import Paragraph, Query, days

MOST_STAGES = 1024


def firsts(stages: int, undated: bool) -> list[Paragraph]:
    """Paragraphs after `placed` that end in `chained`: for each lead seen_i (true or false) and first_i of each stage,
    latest_at, last_stage (that of its latest entry, the deepest of equals), ordered_i, and came_back.

    An undated entry is where the file says that the lead stands now, so it is the last one; `undated` says that there are any.
    Most leads run forward, so their first entries are already in order. A lead that has not, and entered some stage again, has
    its ordered_i worked out anew from all its entries, by `resolved_from_first`.
    """
    places = range(stages)
    columns = [
        "placed.lead_id AS lead_id",
        *(f"MIN(CASE WHEN placed.position = {place} THEN placed.entered_at END) AS first_{place}" for place in places),
        "COUNT(*) AS entries",
        "MAX(placed.entered_at) AS latest_at",
        # The time in the upper digits and the stage in the lower ten bits: one number whose greatest is the latest entry.
        f"MAX(EPOCH_US(placed.entered_at) * {MOST_STAGES} + placed.position) AS latest",
    ]
    seen = [f"gathered.first_{place} IS NOT NULL" for place in places]
    last_stage = f"CAST(gathered.latest & {MOST_STAGES - 1} AS INTEGER)"
    if undated:
        columns += [
            f"MAX(CASE WHEN placed.position = {place} THEN 1 ELSE 0 END) AS recorded_{place}" for place in places
        ]
        columns.append("MAX(CASE WHEN placed.entered_at IS NULL THEN placed.position END) AS undated_stage")
        seen = [f"gathered.recorded_{place} = 1" for place in places]
        last_stage = f"COALESCE(gathered.undated_stage, {last_stage})"
    chained = ["gathered.lead_id AS lead_id"]
    chained += [f"{expression} AS seen_{place}" for place, expression in enumerate(seen)]
    chained += [f"gathered.first_{place} AS first_{place}" for place in places]
    chained += [f"{last_stage} AS last_stage", "gathered.latest_at AS latest_at", "gathered.first_0 AS ordered_0"]
    backward = []
    forward = "TRUE"
    for place in range(1, stages):
        before, first = f"gathered.first_{place - 1}", f"gathered.first_{place}"
        backward.append(f"({forward} AND {first} < {before})")
        forward = f"{before} <= {first}" if place == 1 else f"{forward} AND {before} <= {first}"
        chained.append(f"CASE WHEN {forward} THEN {first} END AS ordered_{place}")
    distinct = " + ".join(f"CASE WHEN {expression} THEN 1 ELSE 0 END" for expression in seen)
    ran_back = " OR ".join(backward) or "FALSE"
    chained.append(f"gathered.entries > {distinct} AND COALESCE({ran_back}, FALSE) AS came_back")
    return [
        Paragraph(
            "gathered", Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM placed\nGROUP BY placed.lead_id")
        ),
        Paragraph("chained", Query("SELECT\n    " + ",\n    ".join(chained) + "\nFROM gathered")),
    ]


def resolved_from_first(stages: int) -> list[Paragraph]:
    """Paragraphs after `placed` that end in `resolved`: lead_id and ordered_i of the leads of table `firsts` that came back."""
    paragraphs = [
        Paragraph(
            "tangled",
            Query(
                """SELECT placed.lead_id AS lead_id, placed.position AS position, placed.entered_at AS entered_at
FROM placed
INNER JOIN firsts ON firsts.lead_id = placed.lead_id
WHERE firsts.came_back"""
            ),
        ),
        Paragraph(
            "untangled_0",
            Query("SELECT firsts.lead_id AS lead_id, firsts.ordered_0 AS reached\nFROM firsts\nWHERE firsts.came_back"),
        ),
    ]
    for place in range(1, stages):
        before = f"untangled_{place - 1}"
        paragraphs.append(
            Paragraph(
                f"untangled_{place}",
                Query(
                    f"""SELECT {before}.lead_id AS lead_id, MIN(tangled.entered_at) AS reached
FROM {before}
INNER JOIN tangled ON tangled.lead_id = {before}.lead_id
WHERE tangled.position = {place} AND tangled.entered_at >= {before}.reached
GROUP BY {before}.lead_id"""
                ),
            )
        )
    columns = ["untangled_0.lead_id AS lead_id", *(f"untangled_{i}.reached AS ordered_{i}" for i in range(stages))]
    joins = [f"LEFT JOIN untangled_{i} ON untangled_{i}.lead_id = untangled_0.lead_id" for i in range(1, stages)]
    last = "SELECT\n    " + ",\n    ".join(columns) + "\nFROM untangled_0\n" + "\n".join(joins)
    return [*paragraphs, Paragraph("resolved", Query(last))]


def resolved_from_any(stages: int, window_days: int) -> list[Paragraph]:
    """Paragraphs after `placed` that end in `resolved`: lead_id and ordered_i of the chain that goes deepest within the window
    of its own entry at stage 0, for every lead that has been there."""
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
    return [
        *paragraphs,
        Paragraph("chains", Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM chain_0\n" + "\n".join(joins))),
        Paragraph("resolved", Query("SELECT chains.*\nFROM chains\nWHERE chains.choice = 1")),
    ]
