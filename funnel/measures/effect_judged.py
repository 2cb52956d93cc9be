"""What the months before and after a change say together: the slope before, the step against it, and whether there is a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import copysign, erfc, log, sqrt

from funnel.core.types import CLEAR, Contrast, Rate, Verdict
from funnel.measures.effect_months import CohortMonth
from funnel.measures.statistics.binomial_trend import Line, line, more_than

SLOPING = 0.10
"""Below this p the months before are not taken as level: one that is missed does more harm than one too many."""
AS_FAR = 0.5
"""Where the months before are level, the step against their line is at least this part of that between before and after, in log odds."""


@dataclass(frozen=True)
class PreTrend:
    """The slope of the `months` before: how many times the odds become from a month to the next, with its 95 % interval, and the `p` that
    it is level, by the normal distribution, which errs on the side of a slope. Of two groups: how many times their ratio does."""

    odds_per_month: float
    low: float
    high: float
    p: float
    months: int

    @property
    def level(self) -> bool:
        """Whether the months before show no slope."""
        return self.p >= SLOPING

    @property
    def rising(self) -> bool:
        """Which way they go."""
        return self.odds_per_month > 1


@dataclass(frozen=True)
class OwnTrend:
    """The step at the day against the line of the months: how many times the odds became, its 95 % interval and p; `extra` are the
    conversions after it beyond those that the line before went on to. `detectable` is the smallest factor that such months show in
    four of five cases; `phi` how many times as much months scatter as by chance, 1 at least."""

    odds_ratio: float
    low: float
    high: float
    p: float
    extra: float
    extra_low: float
    extra_high: float
    detectable: float
    phi: float
    fitted: Line

    @property
    def clear(self) -> bool:
        """Whether the step is told."""
        return self.p < CLEAR

    def through(self, month: CohortMonth) -> CohortMonth:
        """The month with what the line of those before goes on to."""
        [expected] = self.fitted.shares([(1.0, float(month.months_from), 0.0)])
        return replace(month, expected=expected)


@dataclass(frozen=True)
class Apart:
    """Difference in differences: how much more the leads `inside` changed than those `outside`, and its 95 % interval, from those of the
    two differences as of independent leads (Zou and Donner 2008); all three are None where either has none."""

    inside: Contrast
    outside: Contrast
    difference: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, inside: Contrast, outside: Contrast) -> Apart:
        """Of the two."""
        ends = [(each.difference, each.low, each.high) for each in (inside, outside)]
        (one, one_low, one_high), (other, other_low, other_high) = ends
        if (
            one is None
            or one_low is None
            or one_high is None
            or other is None
            or other_low is None
            or other_high is None
        ):
            return cls(inside, outside, None, None, None)
        middle = one - other
        low = middle - sqrt((one - one_low) ** 2 + (other_high - other) ** 2)
        high = middle + sqrt((one_high - one) ** 2 + (other - other_low) ** 2)
        return cls(inside, outside, middle, low, high)

    @property
    def clear(self) -> bool:
        """Whether the interval holds no zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Judged:
    """The verdict, and why it is that: a key of the sentences `measures.effect_…`."""

    verdict: Verdict
    why: str


def pre_trend(months: Sequence[CohortMonth], least: int, design_effect: float = 1.0) -> PreTrend | None:
    """The slope of the months before; None of fewer than `least`, or where their counts tell none."""
    before = [each for each in months if not each.after]
    if len(before) < least:
        return None
    columns = [(1.0, float(each.months_from)) for each in before]
    won, leads = [each.rate.numerator for each in before], [each.rate.denominator for each in before]
    fitted = line(columns, won, leads, design_effect)
    return None if fitted is None else _slope(fitted, 1, len(before))


def pre_trend_apart(months: Sequence[CohortMonth], least: int, design_effect: float = 1.0) -> PreTrend | None:
    """The slope, over the months before, of the difference between the leads inside and outside."""
    both = [
        (each, each.outside)
        for each in months
        if not each.after and each.outside is not None and each.outside.denominator
    ]
    if len(both) < least:
        return None
    columns: list[tuple[float, ...]] = []
    rates: list[Rate] = []
    for each, outside in both:
        month = float(each.months_from)
        columns += [(1.0, month, 1.0, month), (1.0, month, 0.0, 0.0)]
        rates += [each.rate, outside]
    won, leads = [rate.numerator for rate in rates], [rate.denominator for rate in rates]
    fitted = line(columns, won, leads, design_effect)
    return None if fitted is None else _slope(fitted, 3, len(both))


def own_trend(months: Sequence[CohortMonth], design_effect: float = 1.0) -> OwnTrend | None:
    """The step at the day against the line through all months; None where the counts tell none."""
    columns = [(1.0, float(each.months_from), float(each.after)) for each in months]
    won, leads = [each.rate.numerator for each in months], [each.rate.denominator for each in months]
    fitted = line(columns, won, leads, design_effect)
    if fitted is None:
        return None
    after = [row for row in columns if row[2]]
    extra, extra_low, extra_high = more_than(
        fitted,
        after,
        [count for count, row in zip(leads, columns, strict=True) if row[2]],
        [(1.0, month, 0.0) for _, month, _ in after],
    )
    ratio, low, high = fitted.odds(2)
    return OwnTrend(
        ratio, low, high, fitted.p(2), extra, extra_low, extra_high, fitted.detectable(2), fitted.phi, fitted
    )


def judged(contrast: Contrast, slope: PreTrend | None, trend: OwnTrend | None, apart: Apart | None) -> Judged:
    """The verdict of all of it."""
    if not contrast.is_compared or (apart is not None and apart.difference is None):
        return Judged(Verdict.FEW, "few")
    if apart is not None:
        return _judged_apart(apart, slope)
    if not contrast.is_clear:
        return Judged(Verdict.UNCLEAR, "trend_alone" if trend is not None and trend.clear else "neither")
    rises = contrast.verdict is Verdict.HIGHER
    same_way = trend is not None and (trend.odds_ratio > 1) is rises
    if trend is not None and trend.clear:
        return Judged(contrast.verdict, "both") if same_way else Judged(Verdict.UNCLEAR, "opposite")
    if slope is None:
        return Judged(Verdict.UNCLEAR, "unseen")
    if not slope.level:
        return Judged(Verdict.UNCLEAR, "sloping")
    if trend is None:
        return Judged(contrast.verdict, "level_alone")
    if not same_way or abs(log(trend.odds_ratio)) < AS_FAR * abs(_log_odds(contrast)):
        return Judged(Verdict.UNCLEAR, "not_held")
    return Judged(contrast.verdict, "level")


def _judged_apart(apart: Apart, slope: PreTrend | None) -> Judged:
    if not apart.clear:
        return Judged(Verdict.UNCLEAR, "apart_neither")
    if slope is None:
        return Judged(Verdict.UNCLEAR, "apart_unseen")
    if not slope.level:
        return Judged(Verdict.UNCLEAR, "apart_sloping")
    return Judged(Verdict.HIGHER if (apart.difference or 0) > 0 else Verdict.LOWER, "apart_level")


def _slope(fitted: Line, place: int, months: int) -> PreTrend:
    p = erfc(abs(fitted.coefficients[place]) / fitted.error(place) / sqrt(2))
    return PreTrend(*fitted.odds(place), p, months)


def _log_odds(contrast: Contrast) -> float:
    """log of how many times the odds are after what they were before; infinite where none or all of a side converted."""
    one, other = contrast.rate, contrast.others
    odds = [(rate.numerator, rate.denominator - rate.numerator) for rate in (one, other)]
    if not all(part for pair in odds for part in pair):
        return copysign(float("inf"), contrast.difference or 0.0)
    (won, lost), (won_before, lost_before) = odds
    return log(won / lost * lost_before / won_before)
