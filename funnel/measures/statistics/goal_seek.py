"""What has to come for a target: entries at a steady pace, each of which wins by the end with the incidence of the days left to it.

With F(t) the share that has won t days after it came, r entries a day from today on win r Σ F(T − u), u = 0 … T − 1, by day T. So
r = (what is to be found) ÷ Σ F.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

HOPELESS = 0.005
"""Where a smaller share of those that still come wins in time, no number of them is told."""
MOST_PER_DAY = 1e6
PRECISION = 1e-10


def per_day(to_find: float, wins_of_one: float, days: int) -> float | None:
    """How many a day are needed; None where too few of them win in time."""
    if to_find <= 0:
        return 0.0
    return to_find / wins_of_one if wins_of_one >= HOPELESS * days else None


def half_way(incidence: Sequence[float], until: int) -> int | None:
    """The first day by which half of all that win within `until` days have won; None where none does."""
    end = incidence[min(until, len(incidence) - 1)]
    if not end:
        return None
    return next(day for day, rate in enumerate(incidence) if rate >= end / 2)


def improved(wins: float, rate: float, points: float) -> float:
    """What so many wins that have to pass a step become if its rate rises by `points`, a fraction."""
    return wins * (rate + points) / rate


def to_be_sure(chance: Callable[[float], float], sure: float) -> float | None:
    """The smallest pace a day at which the chance, which grows with it, is this large; None where no pace is enough."""
    if chance(0.0) >= sure:
        return 0.0
    high = 1.0
    while chance(high) < sure:
        high *= 2
        if high > MOST_PER_DAY:
            return None
    low = 0.0 if high == 1.0 else high / 2
    while high - low > PRECISION * high:
        middle = (low + high) / 2
        low, high = (low, middle) if chance(middle) >= sure else (middle, high)
    return high
