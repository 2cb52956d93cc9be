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
_A_PLACE = 2_048
"""More buckets than there are for any number of microseconds, above and below 0."""


def middles(summary: Summary, group: Query | None = None) -> tuple[dict[Any, dict[str, Any]], str]:
    """For each group (None: all leads together) median_i, the median microseconds from stage i − 1 to stage i, and timed_i, how many
    leads that is of; and the SQL that ran. `group` tells a row of `shown` to a group, and NULL too is one."""
    places = range(1, len(summary.question.model.stages))
    if not places:
        return {}, ""
    if group is None and not summary.columns and summary.leads() >= MANY:
        at_once = not summary.has_dates and summary.most_waits() <= MOST_AT_ONCE
        return _of_all(summary, places) if at_once else _from_buckets(summary, places)
    table = summary.waits()
    made = summary.journeys.statement(table)
    told = [f"MEDIAN(shown.wait_{i}) AS median_{i}, COUNT(shown.wait_{i}) AS timed_{i}" for i in places]
    shown = [summary.shown(table, "shown")]
    if group is None:
        query = compose(shown, Query("SELECT\n    " + ",\n    ".join(told) + "\nFROM shown"))
        return {None: summary.journeys.engine.named(query)[0]}, f"{made};\n\n{query.readable()}"
    each = ",\n    ".join([f"{group.text} AS of_group", *told])
    query = compose(shown, Query(f"SELECT {each}\nFROM shown\nGROUP BY 1", group.values))
    rows = {row.pop("of_group"): row for row in summary.journeys.engine.named(query)}
    return rows, f"{made};\n\n{query.readable()}"


def keep_waits(summary: Summary) -> None:
    """Makes the table that the medians of other dates are told from, where leads are so many that there is one."""
    places = range(1, len(summary.question.model.stages))
    if places and not summary.columns and summary.leads() >= MANY:
        _sorted_waits(summary, places)


def _of_all(summary: Summary, places: Sequence[int]) -> tuple[dict[Any, dict[str, Any]], str]:
    told = [f"{summary.wait('dated', i)} AS wait_{i}" for i in places]
    waits = Query("SELECT " + ",\n    ".join(told) + "\nFROM dated")
    medians = [f"MEDIAN(waits.wait_{i}) AS median_{i}, COUNT(waits.wait_{i}) AS timed_{i}" for i in places]
    last = Query("SELECT\n    " + ",\n    ".join(medians) + "\nFROM waits")
    query = summary.over_all(lambda dated: compose([*dated, Paragraph("waits", waits)], last))
    row = summary.journeys.once(("middles", summary.everyone), lambda: summary.journeys.engine.named(query)[0])
    return {None: dict(row)}, query.readable()


def _from_buckets(summary: Summary, places: Sequence[int]) -> tuple[dict[Any, dict[str, Any]], str]:
    engine, table = summary.journeys.engine, _sorted_waits(summary, places)
    sizes = Query(
        "SELECT shown.bucket AS bucket, COUNT(*) AS leads\nFROM shown\nGROUP BY shown.bucket\nORDER BY bucket"
    )
    counts = compose([summary.shown(table, "shown")], sizes)
    ran = [summary.journeys.statement(table), counts.readable()]
    of_place: dict[int, list[tuple[int, int]]] = {place: [] for place in places}
    for bucket, leads in engine.rows(counts):
        of_place[bucket // _A_PLACE].append((bucket, leads))
    told: dict[str, Any] = {}
    near, selects = [], []
    for place, buckets in of_place.items():
        timed = sum(leads for _, leads in buckets)
        told |= {f"median_{place}": None, f"timed_{place}": timed}
        if timed:
            first, before = _holding(buckets, (timed - 1) // 2)
            last, _ = _holding(buckets, timed // 2)
            near.append(summary.shown(table, f"near_{place}", Query("kept.bucket BETWEEN ? AND ?", (first, last))))
            # Counted from 0, the middle ones stand at (n − 1) div 2 and n div 2; of an odd number these are one.
            middle = f"LIMIT {2 - timed % 2} OFFSET {(timed - 1) // 2 - before}"
            selects.append(
                f"(SELECT {place} AS place, near_{place}.wait AS wait FROM near_{place} ORDER BY near_{place}.wait {middle})"
            )
    if selects:
        query = compose(near, Query("\nUNION ALL\n".join(selects)))
        ran.append(query.readable())
        waits: dict[int, list[int]] = {}
        for place, wait in engine.rows(query):
            waits.setdefault(place, []).append(wait)
        told |= {f"median_{place}": sum(middle) / len(middle) for place, middle in waits.items()}
    return {None: told}, ";\n\n".join(ran)


def _holding(buckets: Sequence[tuple[int, int]], rank: int) -> tuple[int, int]:
    """The bucket that holds the wait of this rank (from 0), and how many waits stand before that bucket."""
    before = 0
    for bucket, leads in buckets:
        if rank < before + leads:
            return bucket, before
        before += leads
    raise ValueError(f"no bucket holds rank {rank} of {before}")


def _sorted_waits(summary: Summary, places: Sequence[int]) -> str:
    """The name of a table of bucket, start_day and wait, a row for each lead and step that it took, in the order of buckets."""

    def query(dated: list[Paragraph]) -> Query:
        # Of one pass: a select for each step would work all leads out as often.
        waits = f"""SELECT dated.start_day AS start_day, UNNEST([{", ".join(map(str, places))}]) AS place,
    UNNEST([{", ".join(summary.wait("dated", i) for i in places)}]) AS wait
FROM dated"""
        # Under `visited` a stage may have been visited before the one before it.
        bucket = f"""CASE WHEN waits.wait >= 0 THEN FLOOR({BUCKETS_AN_OCTAVE} * LOG2(waits.wait + 1))
        ELSE -1 - FLOOR({BUCKETS_AN_OCTAVE} * LOG2(-waits.wait)) END"""
        last = f"""SELECT CAST({_A_PLACE} * waits.place + {_A_PLACE // 2} + {bucket} AS INTEGER) AS bucket,
    waits.start_day AS start_day, waits.wait AS wait
FROM waits
WHERE waits.wait IS NOT NULL
ORDER BY bucket"""
        return compose([*dated, Paragraph("waits", Query(waits))], Query(last))

    return summary.keep("sorted_waits", query)
