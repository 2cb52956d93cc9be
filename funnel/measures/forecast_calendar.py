"""The months that wins are forecast for, and the days before today on which as much was known: landmarks.

Months are those of the calendar, as people plan in them and a chart of wins has them; a history of too few of them is told by weeks
from Monday. Wins that are still to come are told from today on, so where today lies inside a month the first one is the rest of it,
and each landmark lies as deep inside its month as today does: what is left of that month is as long. Where today is the last day of a
month, landmarks are the last days of months.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from funnel.core import types
from funnel.core.types import Period

FEWEST_BEFORE = 12
"""A forecast is told where so many landmarks lie before it, and twice as many as it looks ahead."""
MOST_LANDMARKS = 60
WEEK = 7


@dataclass(frozen=True)
class Calendar:
    """Months `of` a calendar, or weeks, numbered; on the `landmarks` they are looked at, today first, the last within the history."""

    unit: Period
    landmarks: tuple[date, ...]
    of: types.Calendar

    @property
    def as_of(self) -> date:
        """The last day that is observed."""
        return self.landmarks[0]

    @property
    def rest(self) -> int:
        """1 where the month of today is not over, else 0."""
        return int(self.as_of < self.last_day(self.number(self.as_of)))

    @property
    def before(self) -> int:
        """How many landmarks lie before today."""
        return len(self.landmarks) - 1

    def number(self, day: date) -> int:
        """The number of the month that a day lies in."""
        return self.of.number(day) if self.unit is Period.MONTH else (day.toordinal() - 1) // WEEK

    def first_day(self, number: int) -> date:
        """The first day of a month."""
        return self.of.first(number) if self.unit is Period.MONTH else date.fromordinal(WEEK * number + 1)

    def last_day(self, number: int) -> date:
        """The last day of a month."""
        return self.unit.last_day(self.first_day(number), self.of)

    def ahead(self, months: int) -> range:
        """The numbers of so many months from today on, the rest of this one first, as distances from the month of today."""
        return range(1 - self.rest, 1 - self.rest + months)

    def lag(self, ahead: int) -> int:
        """So many landmarks before another, what came in the month that lies so far `ahead` was known."""
        return ahead + self.rest

    def is_told(self, ahead: int, back: int = 0) -> bool:
        """Whether enough lies before a landmark, so many `back`, to tell a month so far `ahead`."""
        return self.before - back >= max(FEWEST_BEFORE, 2 * self.lag(ahead))

    def moments(self, until: datetime) -> list[datetime]:
        """The last moment of each landmark; of today, that up to which is observed."""
        return [until, *(datetime.combine(day, time.max) for day in self.landmarks[1:])]


def calendar(first: date, as_of: date, of: types.Calendar) -> Calendar:
    """Months where FEWEST_BEFORE landmarks lie from the day `first` of the history on, else weeks."""
    months = _months_back(first, as_of, of)
    if len(months) > FEWEST_BEFORE:
        return Calendar(Period.MONTH, tuple(months[: MOST_LANDMARKS + 1]), of)
    weeks = [as_of - timedelta(days=WEEK * back) for back in range(max(0, (as_of - first).days) // WEEK + 1)]
    return Calendar(Period.WEEK, tuple(weeks[: MOST_LANDMARKS + 1]), of)


def _months_back(first: date, as_of: date, of: types.Calendar) -> list[date]:
    today = of.number(as_of)
    is_end, of_month = as_of == of.last(today), of.parts(as_of)[2]
    found, month, day = [], today, as_of
    while day >= first:
        found.append(day)
        month -= 1
        day = of.last(month) if is_end else of.within(month, of_month)
    return found
