"""What a change is made of: the mix of leads and how each kind did, the steps of a chain, and whether the parts say the opposite.

- Kitagawa (1955, JASA 50: 1168): with shares of the leads w and rates r before (0) and after (1), R = Σ w r,
  mix = Σ (w₁ − w₀) ((r₀ + r₁)/2 − (R₀ + R₁)/2) and rate = Σ (w₀ + w₁)/2 (r₁ − r₀); mix + rate = R₁ − R₀. Each segment's mix is taken
  against the average rate, so that more leads of a poor kind count below zero.
- Shapley (1953; Das Gupta 1993 for rates): a factor's part in the change of a product is its part in each order in which the factors
  could have changed one after the other, averaged.
- Standardised difference: both sides with the mix of both together. Cochran–Mantel–Haenszel (1959), without continuity correction.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, factorial, sqrt
from typing import NamedTuple

from funnel.core.types import Rate
from funnel.measures.statistics.rates import Z_95

LEAST = 0.01
"""A change of sign is told from a percentage point on."""

Pair = tuple[Rate, Rate]
"""The same kind of leads on two sides: before and after, or the others and the segment."""


class Split(NamedTuple):
    """For each pair (mix, rate part); their sums, and the interval of the rate part with the mix taken as it is."""

    parts: tuple[tuple[float, float], ...]
    mix: float
    rate_part: float
    low: float
    high: float


def kitagawa(pairs: Sequence[Pair]) -> Split | None:
    """The change of the rate over all pairs; None where a side has no lead. A kind that is on one side only has the rate that it has
    there on both, so all that it does is mix. The interval takes leads as independent."""
    before, after = (sum(pair[side].denominator for pair in pairs) for side in (0, 1))
    if not before or not after:
        return None
    shares = [(one.denominator / before, other.denominator / after) for one, other in pairs]
    rates = [_filled(pair) for pair in pairs]
    average = sum(w0 * r0 + w1 * r1 for (w0, w1), (r0, r1) in zip(shares, rates, strict=True)) / 2
    parts = tuple(
        ((w1 - w0) * ((r0 + r1) / 2 - average), (w0 + w1) / 2 * (r1 - r0))
        for (w0, w1), (r0, r1) in zip(shares, rates, strict=True)
    )
    variance = sum(
        weight**2 * (_variance(one) + _variance(other))
        for weight, (one, other) in zip(rate_weights(pairs), pairs, strict=True)
        if weight
    )
    mix, rate_part = (sum(part[index] for part in parts) for index in (0, 1))
    reach = Z_95 * sqrt(variance)
    return Split(parts, mix, rate_part, rate_part - reach, rate_part + reach)


def rate_weights(pairs: Sequence[Pair]) -> list[float]:
    """How much of the rate part comes of each kind's change of rate: its average share of the leads; 0 of a kind on one side only."""
    before, after = (sum(pair[side].denominator for pair in pairs) for side in (0, 1))
    return [
        (one.denominator / before + other.denominator / after) / 2 if one.denominator and other.denominator else 0.0
        for one, other in pairs
    ]


def shapley(before: Sequence[float], after: Sequence[float]) -> list[float]:
    """Each factor's part in the change of the product of them all; the parts sum to the change."""
    count = len(before)
    weights = [factorial(size) * factorial(count - size - 1) / factorial(count) for size in range(count)]
    parts = []
    for index in range(count):
        # by_size[k]: the product of the other factors, k of them changed, summed over all ways to choose these.
        by_size = [1.0]
        for other in range(count):
            if other != index:
                unchanged = [*(before[other] * each for each in by_size), 0.0]
                changed = [0.0, *(after[other] * each for each in by_size)]
                by_size = [one + two for one, two in zip(unchanged, changed, strict=True)]
        rest = sum(weight * each for weight, each in zip(weights, by_size, strict=True))
        parts.append(rest * (after[index] - before[index]))
    return parts


def standardised(pairs: Sequence[Pair]) -> float | None:
    """The second side's rate − the first's, both with the mix of the two together, over kinds that are on both sides; None where
    none is."""
    both = [(one, other) for one, other in pairs if one.denominator and other.denominator]
    leads = sum(one.denominator + other.denominator for one, other in both)
    if not leads:
        return None
    return sum(
        (one.denominator + other.denominator)
        / leads
        * (other.numerator / other.denominator - one.numerator / one.denominator)
        for one, other in both
    )


def opposite(plain: float | None, same_mix: float | None) -> bool:
    """Simpson's paradox: the total moves against its parts, and one of the two by at least a percentage point."""
    if plain is None or same_mix is None:
        return False
    return plain * same_mix < 0 and max(abs(plain), abs(same_mix)) >= LEAST


def mantel_haenszel(pairs: Sequence[Pair], design_effect: float = 1.0) -> tuple[float, float]:
    """Chi-square and p of no difference within any kind; p is 1 where no kind can tell. Where leads of an account vary together, the
    chi-square is so many times smaller as their difference varies more."""
    apart = variance = 0.0
    for one, other in pairs:
        leads = one.denominator + other.denominator
        converted = one.numerator + other.numerator
        if leads < 2:
            continue
        apart += other.numerator - other.denominator * converted / leads
        variance += (
            one.denominator * other.denominator * converted * (leads - converted) / (leads * leads * (leads - 1))
        )
    if not variance:
        return 0.0, 1.0
    square = apart * apart / variance / design_effect
    return square, erfc(sqrt(square / 2))


def _filled(pair: Pair) -> tuple[float, float]:
    one, other = (rate.value for rate in pair)
    return (other if one is None else one) or 0.0, (one if other is None else other) or 0.0


def _variance(rate: Rate) -> float:
    share = rate.numerator / rate.denominator
    return share * (1 - share) / rate.denominator
