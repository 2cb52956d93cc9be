"""Cohorts: leads that started in one period, and how they convert as they grow older."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from funnel.core.types.kinds import Note
from funnel.core.types.results import Rate
from funnel.words.calendars import MONTHS, Calendar

FEWEST_AT_RISK = 10
"""A curve ends where fewer leads than this are left to watch."""
MOST_MONTHS = 15
"""Cohorts of months, not of quarters, are usual up to so many."""


class Period(StrEnum):
    """How long a cohort's starts are: a day, an ISO week (from Monday), a month, quarter or year of the calendar that is counted by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @classmethod
    def usual(cls, first: date | None, last: date | None) -> Period:
        """Months, unless the days from the first start to the last are so few or so many that days, weeks or quarters say more."""
        if first is None or last is None:
            return cls.MONTH
        days = (last - first).days
        if days <= 14:
            return cls.DAY
        if days <= 120:
            return cls.WEEK
        return cls.MONTH if days <= MOST_MONTHS * 31 else cls.QUARTER

    def name_of(self, start: date | None, calendar: Calendar) -> Note:
        """What a cohort is called: "3 Jun 2024", "week of 3 Jun 2024", "Jul 2023", "Q3 2024", "2024"; None: all of them."""
        if start is None:
            return Note("charts.cohort_all")
        return Note(f"charts.cohort_{self}", {"day": start, "quarter": calendar.number(start) % MONTHS // 3 + 1})

    def first_day(self, day: date, calendar: Calendar) -> date:
        """The first day of the period that a day lies in."""
        if self is Period.DAY:
            return day
        if self is Period.WEEK:
            return day - timedelta(days=day.weekday())
        number = calendar.number(day)
        return calendar.first(number - number % MONTHS % self.months)

    def last_day(self, first: date, calendar: Calendar) -> date:
        """The last day of the period that starts on a day."""
        if self is Period.DAY:
            return first
        if self is Period.WEEK:
            return first + timedelta(days=6)
        return calendar.last(calendar.number(first) + self.months - 1)

    @property
    def months(self) -> int:
        """How many months a month, a quarter or a year has."""
        return {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: MONTHS}[self]


class Unknown(StrEnum):
    """Why a rate by a day is not told: nobody is so old (not yet), too many moments are unknown, or those who are so old are all
    decided, while the others were not followed that long."""

    AGE = "age"
    DATES = "dates"
    UNFOLLOWED = "unfollowed"


@dataclass(frozen=True)
class ByDay:
    """The share of leads that had converted by a day after their origin, were all of them followed that long.

    `rate` is the Aalen–Johansen cumulative incidence with leaving as the competing event, `se` its standard error, `low` and
    `high` its 95 % Wilson interval with the effective number of leads. All four are None where `unknown` says why.
    `converted` counts all that did by then so far, whatever their age. `old_enough` leads were followed for at least
    `day` days; `mature` counts those of them that converted by then.
    """

    day: int
    converted: int
    rate: float | None
    se: float | None
    low: float | None
    high: float | None
    old_enough: int
    mature: Rate
    unknown: Unknown | None = None


@dataclass(frozen=True)
class Conversion:
    """What became of a group of leads on the way to one target.

    leads = converted + gone + waiting: they got there, or ended elsewhere first, or neither so far. `untimed` of them converted
    or ended at a moment that the file does not tell; they are in no `by_day`, and where they are too many no rate is told.
    """

    leads: int
    converted: int
    gone: int
    untimed: int
    by_day: tuple[ByDay, ...]

    @property
    def waiting(self) -> int:
        """Neither converted nor gone so far."""
        return self.leads - self.converted - self.gone

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The lowest and the highest share that can come of it: if nobody else converts, and if all who wait do."""
        if not self.leads:
            return None
        return self.converted / self.leads, (self.leads - self.gone) / self.leads

    def on(self, day: int) -> ByDay:
        """The conversion by one of the days asked for."""
        return next(each for each in self.by_day if each.day == day)
