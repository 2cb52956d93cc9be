"""All that a forecast is told from, counted once: what is expected in each coming month, and what earlier forecasts said and what came.

An earlier forecast stands on what was known on its landmark alone, its range too: that is told from the forecasts whose months had come
to their end by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property

import numpy as np

from funnel.core.types import FEWEST_FOR_A_RATE, Note
from funnel.measures.forecast_calendar import Calendar, calendar
from funnel.measures.forecast_counts import came, standing
from funnel.measures.forecast_months import Backtest, Month, Range, Value, ValueBacktest
from funnel.measures.forecast_value import Pricing, pricings
from funnel.measures.statistics.counts import quantile, scatter
from funnel.measures.statistics.resampling import Numbers
from funnel.measures.target_counts import TargetCounts
from funnel.measures.wins_by_month import WinsByMonth


class Told:
    """What is told from any landmark of a question's leads; nothing of it changes with what is asked of it."""

    def __init__(self, counts: TargetCounts) -> None:
        self.wins = counts.wins()
        self.calendar: Calendar = calendar(_first_day(counts), counts.until.date(), counts.question.calendar)
        self.by_month = WinsByMonth(
            self.calendar, len(counts.positions), standing(counts, self.calendar), came(counts, self.calendar)
        )
        self.pricings: tuple[Pricing, ...]
        self.missing: tuple[Note, ...]
        self.pricings, self.missing = pricings(counts, self.calendar)
        self.sql = counts.sql
        self._expected: dict[tuple[int, int], tuple[float, float]] = {}

    @cached_property
    def won_by_month(self) -> dict[int, int]:
        """Wins of each month, by its number."""
        found: dict[int, int] = {}
        for day, count in self.wins.items():
            number = self.calendar.number(day)
            found[number] = found.get(number, 0) + count
        return found

    @property
    def won_so_far(self) -> int:
        """Wins of the month of today, where that is not over."""
        return self.won_by_month.get(self.calendar.number(self.calendar.as_of), 0) if self.calendar.rest else 0

    @property
    def open_leads(self) -> int:
        """How many leads are open today."""
        return int(self.by_month.open_leads(0).sum())

    def expected(self, back: int, ahead: int) -> tuple[float, float]:
        """Wins of leads open on a landmark, and of those that come after it, in a month so far ahead of it."""
        key = (back, ahead)
        if key not in self._expected:
            self._expected[key] = (self.by_month.from_open(back, ahead), self.by_month.from_new(back, ahead))
        return self._expected[key]

    def came(self, back: int, ahead: int) -> int:
        """Wins in that month after the landmark."""
        day = self.calendar.landmarks[back]
        number = self.calendar.number(day) + ahead
        if ahead:
            return self.won_by_month.get(number, 0)
        return sum(
            count for won_on, count in self.wins.items() if won_on > day and self.calendar.number(won_on) == number
        )

    def backtests(self, ahead: int) -> tuple[Backtest, ...]:
        """The earlier forecasts of months so far ahead that have come to their end, the newest first."""
        found = []
        for back, mean, was in self._tried((ahead,)):
            day = self.calendar.landmarks[back]
            month = self.calendar.first_day(self.calendar.number(day) + ahead)
            found.append(Backtest(day, month, ahead, mean, self.range(mean, self.phi((ahead,), back)), was))
        return tuple(found)

    def value_backtests(self, ahead: int) -> tuple[ValueBacktest, ...]:
        """The earlier forecasts of the value of months so far ahead, each currency by itself, the newest first."""
        found = []
        for pricing in self.pricings:
            for back in self._checked(ahead):
                day = self.calendar.landmarks[back]
                late = pricing.late(day)
                if late is None:
                    continue
                mean, share = late
                number = self.calendar.number(day) + ahead
                first, last = self.calendar.first_day(number), self.calendar.last_day(number)
                stood = pricing.stood.on(back)
                quarters = self.by_month.quarters(back, stood.place, stood.age)
                chances = self.by_month.chances(back, ahead)[stood.place, quarters]
                expected = float((chances * (stood.amount + stood.unpriced * mean)).sum())
                expected += self.expected(back, ahead)[1] * share * mean
                was = sum(
                    sold.amount + (sold.wins - sold.priced) * mean
                    for won_on, sold in pricing.sold.items()
                    if day < won_on and first <= won_on <= last
                )
                found.append(ValueBacktest(day, first, ahead, pricing.currency, expected, was))
        return tuple(found)

    def phi(self, aheads: Sequence[int], back: int = 0) -> float | None:
        """By how much more than by chance the wins of all these months together scattered around what was told of them, of the forecasts
        that could be checked by a landmark; None of fewer than four."""
        known = [(mean, was) for at, mean, was in self._tried(aheads) if at >= back + self.calendar.lag(aheads[-1])]
        return scatter([mean for mean, _ in known], [was for _, was in known])

    @staticmethod
    def range(mean: float, phi: float | None) -> Range | None:
        """The middle of what comes, where the scatter is known."""
        if phi is None:
            return None
        return Range(*(quantile(share, [mean], phi) for share in (0.1, 0.9, 0.025, 0.975)))

    def chances(self, pricing: Pricing, ahead: int) -> Numbers:
        """The chance of each open lead of a currency to be won in that month."""
        quarters = self.by_month.quarters(0, pricing.places, pricing.ages)
        return self.by_month.chances(0, ahead)[pricing.places, quarters]

    def month(self, ahead: int) -> Month:
        """What is told today of a month so far ahead."""
        from_open, from_new = self.expected(0, ahead)
        phi = self.phi((ahead,))
        return Month(
            first=self.calendar.first_day(self.calendar.number(self.calendar.as_of) + ahead),
            ahead=ahead,
            won=0 if ahead else self.won_so_far,
            from_open=from_open,
            from_new=from_new,
            range=self.range(from_open + from_new, phi),
            values=tuple(self._value(pricing, ahead, from_new, phi) for pricing in self.pricings),
        )

    def _value(self, pricing: Pricing, ahead: int, from_new: float, phi: float | None) -> Value:
        chances = self.chances(pricing, ahead)
        low, high = None, None
        if phi is not None:
            low, high = map(float, np.quantile(pricing.draws(chances, from_new, phi), (0.1, 0.9)))
        return Value(pricing.currency, pricing.expected(chances, from_new), low, high)

    def _tried(self, aheads: Sequence[int]) -> list[tuple[int, float, int]]:
        """Of each landmark from which all these months can be told and are over: how far back, what is told, and what came."""
        return [
            (
                back,
                sum(sum(self.expected(back, ahead)) for ahead in aheads),
                sum(self.came(back, ahead) for ahead in aheads),
            )
            for back in self._checked(aheads[-1])
        ]

    def _checked(self, ahead: int) -> list[int]:
        """How far back each landmark lies from which a month so far ahead can be told and is over, the newest first."""
        backs = range(max(1, self.calendar.lag(ahead)), self.calendar.before + 1)
        return [back for back in backs if self.calendar.is_told(ahead, back)]


def _first_day(counts: TargetCounts) -> date:
    """The day by which enough leads had come to tell of: a few that came long before make no history."""
    first = counts.positions[0]
    so_far, ago = 0, 0
    for (position, days_ago), leads in sorted(counts.arrivals().items(), key=lambda item: -item[0][1]):
        if position == first:
            so_far, ago = so_far + leads, days_ago
            if so_far >= FEWEST_FOR_A_RATE:
                break
    return date.fromordinal(counts.until.date().toordinal() - ago)
