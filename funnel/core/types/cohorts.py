"""Cohorts: leads that started in one period, and how they convert as they grow older."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from funnel.core.types.questions import Question
from funnel.core.types.results import Rate

FEWEST_AT_RISK = 10
"""A curve ends where fewer leads than this are left to watch."""


class Period(StrEnum):
    """How long a cohort's starts are: a day, an ISO week (from Monday), a calendar month, quarter or year."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    def last_day(self, first: date) -> date:
        """The last day of the period that starts on a day."""
        if self is Period.DAY:
            return first
        if self is Period.WEEK:
            return first + timedelta(days=6)
        months = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}[self]
        years, month = divmod(first.month - 1 + months, 12)
        return date(first.year + years, month + 1, 1) - timedelta(days=1)


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


@dataclass(frozen=True)
class Cohort:
    """The leads that started in one period. `start` is its first day (None: all cohorts together).

    `stages` are the conversions from the start to each stage of the model, `win` that to the win. `followed_days` is the longest
    follow-up of any of them, in whole days.
    """

    start: date | None
    leads: int
    won: int
    lost: int
    followed_days: int
    stages: tuple[Conversion, ...]
    win: Conversion

    @property
    def open(self) -> int:
        """Neither won nor lost so far."""
        return self.leads - self.won - self.lost

    def to(self, target: int | None) -> Conversion:
        """The conversion to a stage, or (None) to the win."""
        return self.win if target is None else self.stages[target]


@dataclass(frozen=True)
class Cohorts:
    """The cohorts of a question, oldest first, and `whole`, all of them together. `days` are those of each `by_day`.

    `undated` leads have no start, so they are in no cohort; nor are those that start after `observed_until`. `as_if_apart`: accounts hold
    several leads, which the intervals take as independent, so that they are narrower than what is known.
    """

    question: Question
    period: Period
    days: tuple[int, ...]
    cohorts: tuple[Cohort, ...]
    whole: Cohort
    undated: int
    sql: str
    as_if_apart: bool = False

    def find(self, start: date) -> Cohort | None:
        """The cohort that starts on a day."""
        return next((cohort for cohort in self.cohorts if cohort.start == start), None)


@dataclass(frozen=True)
class CurvePoint:
    """A day on a curve: `at_risk` leads were watched on it; `rate`, `low` and `high` as in `ByDay`; `gone` is the share that had
    left by then."""

    day: int
    at_risk: int
    rate: float
    low: float
    high: float
    gone: float


@dataclass(frozen=True)
class Curve:
    """Conversion by age: a point for each day on which the rate rises, up to where fewer than FEWEST_AT_RISK leads are watched.

    `start` is the first day of its cohort; None: all leads, or the pace. `until` is the last day of the curve; `cut` says that
    some leads were watched longer.
    """

    start: date | None
    leads: int
    until: int
    cut: bool
    points: tuple[CurvePoint, ...]

    def at(self, day: int) -> CurvePoint | None:
        """The last point up to a day; None before the first, and beyond the end of the curve."""
        if day > self.until:
            return None
        return next((point for point in reversed(self.points) if point.day <= day), None)


@dataclass(frozen=True)
class Curves:
    """Conversion by age to one target (a stage's position; None: the win), a curve for each cohort; `whole` is of all leads.

    `pace` is the period estimate: what leads of every age did in the last `pace_days` days, as one curve.
    """

    question: Question
    period: Period
    target: int | None
    curves: tuple[Curve, ...]
    whole: Curve
    pace: Curve
    pace_days: int
    sql: str


@dataclass(frozen=True)
class StepTrend:
    """Each step's conversion over the date of start: for each cohort, and for each stage but the last, from that stage to the
    next within so many days of arriving there."""

    question: Question
    period: Period
    day: int
    cohorts: tuple[tuple[date, tuple[Conversion, ...]], ...]
    sql: str


@dataclass(frozen=True)
class CohortAmounts:
    """Money as well as heads: for each cohort and currency, the sum of the amounts of the leads that reached each stage so far.

    `rows` hold (start, currency, leads with an amount, a sum for each stage). Currencies are never added together; "" is an
    amount without one. `missing` leads have no amount. Always of leads, whatever the question's unit.
    """

    question: Question
    period: Period
    rows: tuple[tuple[date, str, int, tuple[float, ...]], ...]
    missing: int
    sql: str

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies, the one with most leads first."""
        leads: dict[str, int] = {}
        for _, currency, counted, _ in self.rows:
            leads[currency] = leads.get(currency, 0) + counted
        return tuple(sorted(leads, key=lambda currency: (-leads[currency], currency)))
