"""The clocks that the dates of a data set were written by, where they are more than one, and when what they say truly was.

A date is kept as its own clock showed it. Only where the offsets of the cells differ (summer and winter, `Z` beside an offset, several
zones) is each moved to the commonest of these clocks: then what lies between two moments, and which came first, is right. What the
file itself showed is kept beside it in `local_times`, for the calendar: a lead belongs to the day that its own clock showed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from funnel.engine import Engine
from funnel.mapping.dates import DateColumn
from funnel.mapping.nouns import Mapping
from funnel.mapping.template import fill
from funnel.sql import Query, create_table, identifier

LOCAL_TIMES = "local_times"
"""lead_id, moment, local_at: what the clock of a moment showed, where that is not the usual one."""
ONE_ZONE_SHARE = 0.95
MOST_CHANGES_A_YEAR = 4


@dataclass(frozen=True)
class Clock:
    """The clock that all moments are told by: `usual` minutes ahead of UTC. `changes` are the days from which on a cell without an offset
    is taken to be so many minutes ahead; none where the file shows no one zone: then it is taken to be of the usual clock.
    `ignored` are the columns (view, column) of mere days, whose offsets say nothing of a time."""

    usual: int
    changes: tuple[tuple[date, int], ...] = ()
    ignored: frozenset[tuple[str, str]] = frozenset()

    def moment(self, local: Query, read: DateColumn) -> Query:
        """When a local time of a column truly was, told by the usual clock."""
        offset = read.offset
        if offset is None or (read.table, read.column) in self.ignored:
            offset = Query("NULL")
        unsaid, values = str(self.usual), tuple[object, ...]()
        if self.changes:
            cases = "".join(
                f" WHEN written.local_at >= CAST(? AS TIMESTAMP) THEN {ahead}" for _, ahead in self.changes[:0:-1]
            )
            unsaid = f"CASE{cases} ELSE {self.changes[0][1]} END" if cases else str(self.changes[0][1])
            values = tuple(day.isoformat() for day, _ in self.changes[:0:-1])
        written = fill(
            "struct_pack(local_at := CAST({local} AS TIMESTAMP), ahead := CAST({offset} AS INTEGER))",
            local=local,
            offset=offset,
        )
        moved = f"written.local_at - to_minutes(CAST(coalesce(written.ahead, {unsaid}) - {self.usual} AS BIGINT))"
        return Query(f"list_transform([{written.text}], lambda written: {moved})[1]", (*written.values, *values))


def clock_of(engine: Engine, mapping: Mapping, columns: Iterable[tuple[str, str]]) -> Clock | None:
    """The clock of a data set whose times stand in these columns (view, column); None where no two of their offsets differ, so that
    every time is as it is written."""
    dated = [read for key in columns if (read := mapping.dates.get(key)) is not None and read.offset is not None]
    if len({offset for read in dated for offset in _offsets(engine, read)}) < 2:
        return None
    ignored = frozenset((read.table, read.column) for read in dated if _days_only(engine, read))
    counts: dict[date, Counter[int]] = {}
    for read in dated:
        if (read.table, read.column) not in ignored:
            for day, ahead, cells in engine.rows(_by_day(read)):
                counts.setdefault(day, Counter())[ahead] += cells
    total = sum(counts.values(), Counter[int]())
    if len(total) < 2:
        return None
    usual = min(total, key=lambda ahead: (-total[ahead], ahead))
    return Clock(usual, _changes(counts), ignored)


def keep_local_times(engine: Engine, times: Sequence[tuple[Query, Query, Query, str]]) -> None:
    """Makes `local_times` of (lead, moment, local time, view) of each column; a moment that some cell tells by the usual clock too is
    not in it."""
    each = [
        fill(
            "SELECT {lead} AS lead_id, {moment} AS moment, CAST({local} AS TIMESTAMP) AS local_at FROM {view} AS raw",
            lead=lead,
            moment=moment,
            local=local,
            view=identifier(view),
        )
        for lead, moment, local, view in times
    ]
    told = Query(" UNION ALL ".join(one.text for one in each), tuple(value for one in each for value in one.values))
    query = fill(
        "SELECT written.lead_id AS lead_id, written.moment AS moment, MIN(written.local_at) AS local_at FROM ({told}) AS written"
        " WHERE written.lead_id IS NOT NULL AND written.moment IS NOT NULL"
        " GROUP BY written.lead_id, written.moment HAVING BOOL_AND(written.local_at <> written.moment)",
        told=told,
    )
    engine.run(create_table(LOCAL_TIMES, query))


def _offsets(engine: Engine, read: DateColumn) -> set[int]:
    assert read.offset is not None
    query = fill(
        "SELECT DISTINCT {offset} AS ahead FROM {view} AS raw", offset=read.offset, view=identifier(read.table)
    )
    return {ahead for (ahead,) in engine.rows(query) if ahead is not None}


def _days_only(engine: Engine, read: DateColumn) -> bool:
    """Whether the column tells no time of day: its own clock always shows midnight."""
    query = fill(
        "SELECT COUNT(*) AS cells FROM {view} AS raw WHERE CAST({local} AS TIME) <> TIME '00:00:00'",
        view=identifier(read.table),
        local=read.expression,
    )
    return not engine.row(query)[0]


def _by_day(read: DateColumn) -> Query:
    assert read.offset is not None
    return fill(
        "SELECT CAST(written.local_at AS DATE) AS day, written.ahead AS ahead, COUNT(*) AS cells"
        " FROM (SELECT {local} AS local_at, {offset} AS ahead FROM {view} AS raw) AS written"
        " WHERE written.local_at IS NOT NULL AND written.ahead IS NOT NULL GROUP BY 1, 2",
        local=read.expression,
        offset=read.offset,
        view=identifier(read.table),
    )


def _changes(counts: dict[date, Counter[int]]) -> tuple[tuple[date, int], ...]:
    """The days from which on the clock of the one zone that the file shows was so many minutes ahead; none where it shows several."""
    days = sorted(counts)
    commonest = {day: min(counts[day], key=lambda ahead: (-counts[day][ahead], ahead)) for day in days}
    agreeing = sum(counts[day][commonest[day]] for day in days)
    changes: list[tuple[date, int]] = []
    for day in days:
        if not changes or changes[-1][1] != commonest[day]:
            changes.append((day, commonest[day]))
    years = days[-1].year - days[0].year + 1
    one_zone = agreeing >= ONE_ZONE_SHARE * sum(map(Counter.total, counts.values()))
    return tuple(changes) if one_zone and len(changes) <= MOST_CHANGES_A_YEAR * years else ()
