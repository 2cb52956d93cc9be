"""How many times as often something happens in one kind of time as in another, within strata: Mantel and Haenszel's rate ratio.

Of a stratum, a and b are the events in either kind of time, T₁ and T₀ the time. RR = Σ a T₀/T ÷ Σ b T₁/T with T = T₁ + T₀ (Rothman and
Greenland). Its log varies by Σ (a + b) T₁T₀/T² ÷ (Σ a T₀/T · Σ b T₁/T) where events are independent (Greenland and Robins 1985).

Where one unit lives through many strata, its parts are summed first: with λ = (a + b)/(RR T₁ + T₀) the rate of a stratum, a unit adds
u = Σ T₀/T (a′ − RR λ T₁′) − RR T₁/T (b′ − λ T₀′) to a score that is 0 in all, and ln RR varies by Σ u² ÷ (RR Σ b T₁/T)²: never taken as
less than were events independent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, inf, log, sqrt
from typing import NamedTuple

from funnel.measures.statistics.distributions import chi_square_tail
from funnel.measures.statistics.rates import Z_95


class Stratum(NamedTuple):
    """Events and time of one kind, then of the other."""

    events: int
    time: int
    other_events: int
    other_time: int


class Ratio(NamedTuple):
    """The ratio, the variance of its logarithm were events independent, and Σ b T₁/T, which a unit's part of the score is set against;
    `events` and `other_events` of the strata that say anything: those with time of both kinds."""

    value: float
    variance: float
    weight: float
    events: int
    other_events: int

    def interval(self, score_squares: float | None = None) -> tuple[float, float]:
        """The 95 % interval; with Σ u² by units."""
        reach = Z_95 * sqrt(self.varies(score_squares))
        return self.value * exp(-reach), self.value * exp(reach)

    def p(self, score_squares: float | None = None) -> float:
        """How likely a ratio at least as far from 1 is were there none, two-sided."""
        return chi_square_tail(log(self.value) ** 2 / self.varies(score_squares), 1)

    def varies(self, score_squares: float | None = None) -> float:
        """The variance of the logarithm."""
        if score_squares is None:
            return self.variance
        return max(self.variance, score_squares / (self.value * self.weight) ** 2)


def mantel_haenszel(strata: Iterable[Stratum]) -> Ratio | None:
    """The ratio over the strata; None where in none of them something happened in either kind of time, so that none can be told."""
    above = below = spread = 0.0
    events = other_events = 0
    for each in strata:
        whole = each.time + each.other_time
        if not each.time or not each.other_time:
            continue
        above += each.events * each.other_time / whole
        below += each.other_events * each.time / whole
        spread += (each.events + each.other_events) * each.time * each.other_time / whole**2
        events += each.events
        other_events += each.other_events
    if not above or not below:
        return None
    return Ratio(above / below, spread / (above * below), below, events, other_events)


def e_value(ratio: float) -> float:
    """How many times as likely a hidden reason must make both the one kind of time and the event to explain all of a ratio
    (VanderWeele and Ding 2017)."""
    if ratio <= 0:
        return inf
    above = ratio if ratio >= 1 else 1 / ratio
    return above + sqrt(above * (above - 1))


def sooner(strata: Iterable[Sequence[tuple[int, int, int]]]) -> tuple[float, float]:
    """The log-rank test within strata of whether units of a kind come sooner, each coming once: z (above 0: sooner) and the two-sided p.
    A stratum is (day, units of the kind that came on it, all that did)."""
    difference = variance = 0.0
    for days in strata:
        kind, all_units = sum(n for _, n, _ in days), sum(n for *_, n in days)
        for _, came, all_came in sorted(days):
            if all_units > 1:
                share = kind / all_units
                difference += came - all_came * share
                variance += all_came * share * (1 - share) * (all_units - all_came) / (all_units - 1)
            kind -= came
            all_units -= all_came
    if variance <= 0:
        return 0.0, 1.0
    z = difference / sqrt(variance)
    return z, chi_square_tail(z * z, 1)
