"""The median time between stages, exactly, also of millions of leads.

The engine takes the medians of all where leads are few, or columns divide them; of many leads too while no date is chosen, in one pass
and once. For other dates each wait of many leads stands in a table by size, in buckets of an eighth of an octave. Counting the buckets
says in which of them the middle lies, and only its waits are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.core.sql import Paragraph, Query, compose
from funnel.measures.population.summary import Summary

MANY = 200_000
MOST_AT_ONCE = 24_000_000
"""Of more waits no median is taken at once: the engine holds all of them in memory."""
BUCKETS_AN_OCTAVE = 8
_A_STAGE = 2_048
"""More buckets than there are for any number of microseconds, above and below 0."""


def middles(summary: Summary, group: Query | None = None) -> tuple[dict[Any, dict[str, Any]], str]:
    """For each group (None: all leads together) median_i, the median microseconds from stage i − 1 to stage i, and timed_i, how many
    leads that is of; and the SQL that ran. `group` tells a row of `shown` to a group, and NULL too is one."""
    positions = range(1, len(summary.question.model.stages))
    if not positions:
        return {}, ""
    if group is None and not summary.columns and summary.leads() >= MANY:
        at_once = not summary.has_dates and summary.most_waits() <= MOST_AT_ONCE
        return _of_all(summary, positions) if at_once else _from_buckets(summary, positions)
    table = summary.waits()
    table_sql = summary.journeys.statement(table)
    columns = [f"MEDIAN(shown.wait_{i}) AS median_{i}, COUNT(shown.wait_{i}) AS timed_{i}" for i in positions]
    paragraphs = [summary.shown(table, "shown")]
    if group is None:
        query = compose(paragraphs, Query("SELECT\n    " + ",\n    ".join(columns) + "\nFROM shown"))
        return {None: summary.journeys.engine.named(query)[0]}, f"{table_sql};\n\n{query.readable()}"
    each = ",\n    ".join([f"{group.text} AS of_group", *columns])
    query = compose(paragraphs, Query(f"SELECT {each}\nFROM shown\nGROUP BY 1", group.values))
    rows = {row.pop("of_group"): row for row in summary.journeys.engine.named(query)}
    return rows, f"{table_sql};\n\n{query.readable()}"


def keep_waits(summary: Summary) -> None:
    """Makes the table that the medians of other dates are told from, where leads are so many that there is one."""
    positions = range(1, len(summary.question.model.stages))
    if positions and not summary.columns and summary.leads() >= MANY:
        _sorted_waits(summary, positions)


def _of_all(summary: Summary, positions: Sequence[int]) -> tuple[dict[Any, dict[str, Any]], str]:
    columns = [f"{summary.wait('dated', i)} AS wait_{i}" for i in positions]
    waits = Query("SELECT " + ",\n    ".join(columns) + "\nFROM dated")
    medians = [f"MEDIAN(waits.wait_{i}) AS median_{i}, COUNT(waits.wait_{i}) AS timed_{i}" for i in positions]
    last = Query("SELECT\n    " + ",\n    ".join(medians) + "\nFROM waits")
    query = summary.over_all(lambda dated: compose([*dated, Paragraph("waits", waits)], last))
    row = summary.journeys.once(("middles", summary.everyone), lambda: summary.journeys.engine.named(query)[0])
    return {None: dict(row)}, query.readable()


def _from_buckets(summary: Summary, positions: Sequence[int]) -> tuple[dict[Any, dict[str, Any]], str]:
    engine, table = summary.journeys.engine, _sorted_waits(summary, positions)
    sizes = Query(
        "SELECT shown.bucket AS bucket, COUNT(*) AS leads\nFROM shown\nGROUP BY shown.bucket\nORDER BY bucket"
    )
    counts = compose([summary.shown(table, "shown")], sizes)
    ran = [summary.journeys.statement(table), counts.readable()]
    of_position: dict[int, list[tuple[int, int]]] = {position: [] for position in positions}
    for bucket, leads in engine.rows(counts):
        of_position[bucket // _A_STAGE].append((bucket, leads))
    row: dict[str, Any] = {}
    near, selects = [], []
    for position, buckets in of_position.items():
        timed = sum(leads for _, leads in buckets)
        row |= {f"median_{position}": None, f"timed_{position}": timed}
        if timed:
            first, before = _holding(buckets, (timed - 1) // 2)
            last, _ = _holding(buckets, timed // 2)
            near.append(summary.shown(table, f"near_{position}", Query("kept.bucket BETWEEN ? AND ?", (first, last))))
            # Counted from 0, the middle ones stand at (n − 1) div 2 and n div 2; of an odd number these are one.
            middle = f"LIMIT {2 - timed % 2} OFFSET {(timed - 1) // 2 - before}"
            selects.append(
                f"(SELECT {position} AS place, near_{position}.wait AS wait FROM near_{position} ORDER BY near_{position}.wait {middle})"
            )
    if selects:
        query = compose(near, Query("\nUNION ALL\n".join(selects)))
        ran.append(query.readable())
        waits: dict[int, list[int]] = {}
        for position, wait in engine.rows(query):
            waits.setdefault(position, []).append(wait)
        row |= {f"median_{position}": sum(middle) / len(middle) for position, middle in waits.items()}
    return {None: row}, ";\n\n".join(ran)


def _holding(buckets: Sequence[tuple[int, int]], rank: int) -> tuple[int, int]:
    """The bucket that holds the wait of this rank (from 0), and how many waits stand before that bucket."""
    before = 0
    for bucket, leads in buckets:
        if rank < before + leads:
            return bucket, before
        before += leads
    raise ValueError(f"no bucket holds rank {rank} of {before}")


def _sorted_waits(summary: Summary, positions: Sequence[int]) -> str:
    """The name of a table of bucket, start_day and wait, a row for each lead and step that it took, in the order of buckets."""

    def query(dated: list[Paragraph]) -> Query:
        # Of one pass: a select for each step would work all leads out as often.
        waits = f"""SELECT dated.start_day AS start_day, UNNEST([{", ".join(map(str, positions))}]) AS place,
    UNNEST([{", ".join(summary.wait("dated", i) for i in positions)}]) AS wait
FROM dated"""
        # Under `visited` a stage may have been visited before the one before it.
        bucket = f"""CASE WHEN waits.wait >= 0 THEN FLOOR({BUCKETS_AN_OCTAVE} * LOG2(waits.wait + 1))
        ELSE -1 - FLOOR({BUCKETS_AN_OCTAVE} * LOG2(-waits.wait)) END"""
        last = f"""SELECT CAST({_A_STAGE} * waits.place + {_A_STAGE // 2} + {bucket} AS INTEGER) AS bucket,
    waits.start_day AS start_day, waits.wait AS wait
FROM waits
WHERE waits.wait IS NOT NULL
ORDER BY bucket"""
        return compose([*dated, Paragraph("waits", Query(waits))], Query(last))

    return summary.keep("sorted_waits", query)
