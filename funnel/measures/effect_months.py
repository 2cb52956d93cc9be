"""The leads of one month on one side of a change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from funnel.core.types import Calendar, Period, Rate
from funnel.measures.effect_counts import Cell
from funnel.measures.statistics.rates import wilson


@dataclass(frozen=True)
class CohortMonth:
    """The leads that came from `first` to `last`, days of one month on one side of the day. `rate` is of those old enough; `young` are
    not, `untimed` converted at an unknown moment, `left_out` fell into the gap. `expected` is the share that the line of the months
    before goes on to; `outside` the rate of leads that the change did not concern, None where it concerned all."""

    first: date
    last: date
    after: bool
    months_from: int
    rate: Rate
    young: int
    untimed: int
    left_out: int
    expected: float | None = None
    outside: Rate | None = None

    @property
    def unfinished(self) -> bool:
        """Whether some are too young yet."""
        return self.young > 0


def month_of(key: tuple[date, bool], day: date, inside: Cell, outside: Cell | None, calendar: Calendar) -> CohortMonth:
    """The month of a key of `Counts`, of the leads inside and, where there are any beside, outside."""
    month, after = key
    last = Period.MONTH.last_day(month, calendar)
    return CohortMonth(
        first=max(month, day) if after else month,
        last=last if after else min(last, day - timedelta(days=1)),
        after=after,
        months_from=calendar.number(month) - calendar.number(day),
        rate=wilson(inside.reached, inside.among),
        young=inside.young,
        untimed=inside.untimed,
        left_out=inside.left_out,
        outside=None if outside is None else wilson(outside.reached, outside.among),
    )
