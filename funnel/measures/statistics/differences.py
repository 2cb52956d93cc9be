"""Two shares against each other: their difference, how sure it is, and the correction for having looked at many.

Sources: the interval is Newcombe's (1998, Statistics in Medicine 17: 873–890, method 10); the test is Fisher's exact one where an
expected count is under 5 (Cochran 1954), else z with the pooled share; corrections are Holm's (1979) over the steps of a funnel
and Benjamini and Hochberg's (1995) over segments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import erfc, isinf, sqrt
from typing import NamedTuple

from funnel.core.types import Contrast, Rate
from funnel.measures.statistics.distributions import normal_above, student_tail
from funnel.measures.statistics.planning import detectable

FEWEST_EXPECTED = 5
NO_SPREAD = 1e-9
"""A design effect below this is what rounding left: each account has the same share on both sides, and there is no difference."""
Correction = Callable[[Sequence[float]], list[float]]


class Dependence(NamedTuple):
    """How far leads of two shares are from independent: the variance of the difference over that of independent leads, the degrees
    of freedom it is known with, and the correlation of the two shares. See `clustered`."""

    design_effect: float
    freedom: float
    correlation: float


def contrast(rate: Rate, others: Rate, dependence: Dependence | None = None) -> Contrast:
    """A share against another, not corrected yet; where one is of fewer than 20 leads, the counts alone. Without a `dependence`
    leads are independent."""
    if rate.few or others.few:
        return Contrast(rate, others)
    difference, low, high = newcombe(rate, others, dependence.correlation if dependence else 0.0)
    p, exact = p_value(rate, others)
    effect = None
    if dependence is not None:
        # Fisher's test speaks of few leads: there, too little is known of the accounts to trust in a variance that is smaller.
        effect = max(1.0, dependence.design_effect) if exact else dependence.design_effect
        p = _by_account(p, effect, dependence.freedom)
    rise, fall = (detectable(others, rate.denominator, up=up, design_effect=effect or 1.0) for up in (True, False))
    return Contrast(rate, others, difference, low, high, p, p, exact, rise, fall, effect)


def so_far(rate: Rate, others: Rate) -> Contrast:
    """Two shares of leads of different ages, which tell nothing of each other: no difference, no verdict."""
    return Contrast(rate, others, at_equal_age=False)


def newcombe(rate: Rate, others: Rate, correlation: float = 0.0) -> tuple[float, float, float]:
    """rate − others, and its 95 % interval, from those of two rates that vary together so much; neither may be of nobody."""
    (one, one_low, one_high), (other, other_low, other_high) = map(_interval, (rate, others))
    down = _reach(one - one_low, other_high - other, correlation)
    up = _reach(one_high - one, other - other_low, correlation)
    return one - other, one - other - down, one - other + up


def _reach(one: float, other: float, correlation: float) -> float:
    return sqrt(max(0.0, one**2 + other**2 - 2 * correlation * one * other))


def _by_account(p: float, design_effect: float, freedom: float) -> float:
    """The p of a test that took leads as independent, were the difference to vary so many times as much."""
    if p >= 1 or isinf(design_effect) or design_effect < NO_SPREAD:
        return 1.0
    return 2 * student_tail(normal_above(p / 2) / sqrt(design_effect), freedom)


def p_value(rate: Rate, others: Rate) -> tuple[float, bool]:
    """How likely a difference at least as large is were there none (two-sided), and whether that is Fisher's exact test."""
    won, lost = rate.numerator + others.numerator, _rest(rate) + _rest(others)
    leads = rate.denominator + others.denominator
    smallest = min(won, lost) * min(rate.denominator, others.denominator) / leads
    if smallest < FEWEST_EXPECTED:
        return _fisher(rate, others), True
    share = won / leads
    error = sqrt(share * (1 - share) * (1 / rate.denominator + 1 / others.denominator))
    z = (rate.numerator / rate.denominator - others.numerator / others.denominator) / error
    return erfc(abs(z) / sqrt(2)), False


def _fisher(rate: Rate, others: Rate) -> float:
    from scipy.stats import fisher_exact  # takes long to load

    table = [[rate.numerator, _rest(rate)], [others.numerator, _rest(others)]]
    return min(1.0, float(fisher_exact(table).pvalue))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction: the chance of even one false alarm among all stays at the level."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's correction: of the differences told, the share of false alarms stays at the level."""
    if not p_values:
        return []
    from scipy.stats import false_discovery_control  # takes long to load

    return [float(p) for p in false_discovery_control(p_values)]


def over_segments(contrasts: Sequence[Contrast]) -> list[Contrast]:
    """The contrasts of several segments, corrected for there being several; those of too few leads were never looked at."""
    return _adjusted(contrasts, benjamini_hochberg)


def over_steps(contrasts: Sequence[Contrast]) -> list[Contrast]:
    """The contrasts of the steps of one segment, corrected for there being several."""
    return _adjusted(contrasts, holm)


def _adjusted(contrasts: Sequence[Contrast], correction: Correction) -> list[Contrast]:
    tested = [index for index, each in enumerate(contrasts) if each.p_adjusted is not None]
    corrected = correction([float(contrasts[index].p_adjusted or 0.0) for index in tested])
    adjusted = list(contrasts)
    for index, p in zip(tested, corrected, strict=True):
        adjusted[index] = replace(contrasts[index], p_adjusted=p)
    return adjusted


def _rest(rate: Rate) -> int:
    return rate.denominator - rate.numerator


def _interval(rate: Rate) -> tuple[float, float, float]:
    if rate.value is None or rate.low is None or rate.high is None:
        raise ValueError(f"no interval of {rate.numerator} in {rate.denominator}")
    return rate.value, rate.low, rate.high
