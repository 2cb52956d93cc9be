"""The mean cumulative function: what one of a group has brought by a day, were all of them followed that long (Nelson 2003).

    MCF(t) = Σ_{s ≤ t} (sum of the values at s) ÷ (those followed for at least s days)

Its variance is that of Lawless and Nadeau (1995), Σᵢ (Σ_{s ≤ t} Yᵢ(s) / n(s) · (dVᵢ(s) − dMCF(s)))², which holds whatever way the values
of one of them hang together; Yᵢ(s): it is followed for at least s days, n(s): how many are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from funnel.measures.statistics.incidence import ROUNDING
from funnel.measures.statistics.resampling import Numbers, Whole


@dataclass(frozen=True)
class Step:
    """A day on which anything came: `at_risk` were followed that long, `increment` came on it for each of them, `mean` by its end; `se` is
    the standard error of the mean."""

    day: int
    at_risk: int
    increment: float
    mean: float
    se: float


def mean_cumulative(follow_up: Whole, unit: Whole, day: Whole, value: Numbers) -> tuple[Step, ...]:
    """The steps of the function, in order. `follow_up` is for how many days each was followed; of each event `unit` is the place of whose
    it was, `day` not later than its follow-up."""
    if not len(day):
        return ()
    days, at = np.unique(day, return_inverse=True)
    at_risk = len(follow_up) - np.searchsorted(np.sort(follow_up), days, side="left")
    increment = np.bincount(at, value) / at_risk
    mean, drift = np.cumsum(increment), np.cumsum(increment / at_risk)
    # The sum over units, multiplied out: a is what a unit's own events weigh, B what the mean's do, up to the day or its follow-up.
    weight = value / at_risk[at]
    order = np.lexsort((day, unit))
    so_far = np.cumsum(weight[order])
    owner = unit[order]
    first = np.concatenate([[True], owner[1:] != owner[:-1]])
    before_unit = (so_far - weight[order])[first][np.cumsum(first) - 1]
    earlier = so_far - weight[order] - before_unit
    own = np.cumsum(np.bincount(at[order], 2 * earlier * weight[order] + weight[order] ** 2, len(days)))
    left = np.searchsorted(days, follow_up, side="right")
    drift_then = np.concatenate([[0.0], drift])[left]
    whole: Numbers = np.bincount(unit, weight, len(follow_up)).astype(float)

    def of_those_gone(each: Numbers) -> Numbers:
        return np.asarray(np.cumsum(np.bincount(left, each, len(days) + 1)[: len(days)]))

    staying = np.cumsum(np.bincount(at, weight)) - of_those_gone(whole)
    both = of_those_gone(whole * drift_then) + drift * staying
    drifts = of_those_gone(drift_then**2) + at_risk * drift**2
    variance = own - 2 * both + drifts
    # What rounding leaves of a difference of large sums is no spread.
    se = np.sqrt(np.where(variance > ROUNDING * (own + drifts), variance, 0.0))
    return tuple(
        Step(*row) for row in zip(*(each.tolist() for each in (days, at_risk, increment, mean, se)), strict=True)
    )
