"""The clocks that the dates of a data set were written by, where they are more than one, and when what they say truly was.

A date is kept as its own clock showed it. Only where the offsets of the cells differ (summer and winter, `Z` beside an offset, several
zones) is each moved to one of these clocks: then what lies between two moments, and which came first, is right. What the file itself
showed is kept beside it in `local_times`, for the calendar: a lead belongs to the day that its own clock showed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from funnel.core.engine import Engine
from funnel.core.sql import Query, create_table, identifier
from funnel.mapping.cells.date_offsets import minutes_of
from funnel.mapping.cells.dates import DateColumn
from funnel.mapping.template import fill, listed
from funnel.mapping.types import ColumnMapping

LOCAL_TIMES = "local_times"
"""lead_id, moment, local_at: what the clock of a moment showed, where that is not the usual one."""
ONE_ZONE_SHARE = 0.95
MOST_CHANGES_A_YEAR = 4
Key = tuple[str, str]


@dataclass(frozen=True)
class Clock:
    """The clock that all moments are told by, `usual` minutes ahead of UTC: where the file shows one zone, that which it kept last, so
    that the date up to which it was observed is that of the file; else the commonest.

    `ahead` has, for each column (view, column) whose zones count, the minutes that each is ahead. `changes` are the days from which on a
    time without an offset is taken to be so many minutes ahead; none where the file shows no one zone: then it is of the usual clock.
    """

    usual: int
    ahead: Mapping[Key, Mapping[str, int]]
    changes: tuple[tuple[date, int], ...] = ()

    def moment(self, local: Query, date_column: DateColumn) -> Query:
        """When a local time of a column truly was, told by the usual clock."""
        if not self.changes:
            minutes = self._minutes(date_column, Query(str(self.usual)))
            return fill(
                "CAST({local} AS TIMESTAMP) - to_minutes({minutes} - {usual})",
                local=local,
                minutes=minutes,
                usual=str(self.usual),
            )
        # A list of one, so that the local time is worked out once.
        moved = fill(
            "written - to_minutes({minutes} - {usual})",
            minutes=self._minutes(date_column, self._unsaid("written")),
            usual=str(self.usual),
        )
        return fill(
            "list_transform([CAST({local} AS TIMESTAMP)], lambda written: {moved})[1]", local=local, moved=moved
        )

    def _minutes(self, date_column: DateColumn, unsaid: Query) -> Query:
        """How far the clock of a cell is ahead; `unsaid` where the cell does not say."""
        minutes = self.ahead.get((date_column.table, date_column.column))
        if date_column.zone is None or not minutes:
            return unsaid
        cases = listed((Query(f"WHEN ? THEN {ahead}", (zone,)) for zone, ahead in minutes.items()), " ")
        return fill("CASE {zone} {cases} ELSE {unsaid} END", zone=date_column.zone, cases=cases, unsaid=unsaid)

    def _unsaid(self, local: str) -> Query:
        (_, first), *later = self.changes
        cases = [
            Query(f"WHEN {local} >= CAST(? AS TIMESTAMP) THEN {ahead}", (f"{day}",)) for day, ahead in reversed(later)
        ]
        return (
            fill("CASE {cases} ELSE {first} END", cases=listed(cases, " "), first=str(first))
            if cases
            else Query(str(first))
        )


def clock_of(engine: Engine, mapping: ColumnMapping, columns: Iterable[Key], as_of: datetime) -> Clock | None:
    """The clock of a data set whose times stand in these columns (view, column); None where no two of their offsets differ, so that
    every time is as it is written. Days after `as_of` are only planned."""
    dates = mapping.dates
    zoned = {key: dates[key] for key in columns if key in dates and dates[key].zone is not None}
    minutes_by_zone = {key: minutes_of(zones(engine, date_column)) for key, date_column in zoned.items()}
    if len({minutes for each in minutes_by_zone.values() for minutes in each.values()}) < 2:
        return None
    counts: dict[date, Counter[int]] = {}
    ahead = {}
    for key, date_column in zoned.items():
        rows = engine.rows(_by_day(date_column))
        # Nothing but midnights are days, and their offsets say nothing of a time.
        if any(timed for *_, timed in rows):
            ahead[key] = minutes_by_zone[key]
            for day, zone, cells, _ in rows:
                if zone in minutes_by_zone[key]:
                    counts.setdefault(day, Counter())[minutes_by_zone[key][zone]] += cells
    total = sum(counts.values(), Counter[int]())
    if len(total) < 2:
        return None
    changes = _changes(counts)
    past = [minutes for day, minutes in changes if day <= as_of.date()]
    return Clock(past[-1] if past else _commonest(total), ahead, changes)


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
    query = fill(
        "SELECT written.lead_id AS lead_id, written.moment AS moment, MIN(written.local_at) AS local_at FROM ({told}) AS written"
        " WHERE written.lead_id IS NOT NULL AND written.moment IS NOT NULL"
        " GROUP BY written.lead_id, written.moment HAVING BOOL_AND(written.local_at <> written.moment)",
        told=listed(each, " UNION ALL "),
    )
    engine.run(create_table(LOCAL_TIMES, query))


def zones(engine: Engine, date_column: DateColumn) -> list[str]:
    """The zones that the cells of a column name, which has some."""
    assert date_column.zone is not None
    query = fill(
        "SELECT DISTINCT {zone} AS zone FROM {view} AS raw", zone=date_column.zone, view=identifier(date_column.table)
    )
    return [zone for (zone,) in engine.rows(query) if zone is not None]


def _by_day(date_column: DateColumn) -> Query:
    """day, zone, cells, and of how many of them the clock shows no midnight."""
    assert date_column.zone is not None
    return fill(
        "SELECT CAST(written.local_at AS DATE) AS day, written.zone AS zone, COUNT(*) AS cells,"
        " COUNT(*) FILTER (WHERE CAST(written.local_at AS TIME) <> TIME '00:00:00') AS timed"
        " FROM (SELECT {local} AS local_at, {zone} AS zone FROM {view} AS raw) AS written"
        " WHERE written.local_at IS NOT NULL GROUP BY 1, 2",
        local=date_column.expression,
        zone=date_column.zone,
        view=identifier(date_column.table),
    )


def _commonest(counts: Counter[int]) -> int:
    """The minutes of most cells, of equals the fewest."""
    return min(counts, key=lambda ahead: (-counts[ahead], ahead))


def _changes(counts: dict[date, Counter[int]]) -> tuple[tuple[date, int], ...]:
    """The days from which on the clock of the one zone that the file shows was so many minutes ahead; none where it shows several."""
    days = sorted(counts)
    agreeing = sum(counts[day][_commonest(counts[day])] for day in days)
    changes: list[tuple[date, int]] = []
    for day in days:
        ahead = _commonest(counts[day])
        if not changes or changes[-1][1] != ahead:
            changes.append((day, ahead))
    years = days[-1].year - days[0].year + 1
    one_zone = agreeing >= ONE_ZONE_SHARE * sum(map(Counter.total, counts.values()))
    return tuple(changes) if one_zone and len(changes) <= MOST_CHANGES_A_YEAR * years else ()
