"""A share with its two counts and its interval."""

from __future__ import annotations

from math import sqrt

from funnel.core.types import Rate

Z_95 = 1.959963984540054


def wilson(numerator: int, denominator: int) -> Rate:
    """The share and its 95 % Wilson score interval (Wilson 1927; Newcombe 1998, method 3).

    All three are None where the denominator is 0. A share above 1, which rule `visited` allows between stages, has no interval.
    """
    if denominator == 0:
        return Rate(numerator, denominator, None, None, None)
    share = numerator / denominator
    if numerator > denominator:
        return Rate(numerator, denominator, share, None, None)
    square = Z_95 * Z_95
    middle = (2 * numerator + square) / (2 * (denominator + square))
    half = Z_95 * sqrt(square + 4 * numerator * (1 - share)) / (2 * (denominator + square))
    low = 0.0 if numerator == 0 else max(0.0, middle - half)
    high = 1.0 if numerator == denominator else min(1.0, middle + half)
    return Rate(numerator, denominator, share, low, high)


def score_interval(share: float, leads: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of so many leads, not a whole number where it is an effective one; of none [0, 1]."""
    if leads <= 0:
        return 0.0, 1.0
    square = Z_95 * Z_95
    middle = (share + square / (2 * leads)) / (1 + square / leads)
    half = Z_95 * sqrt(share * (1 - share) / leads + square / (4 * leads * leads)) / (1 + square / leads)
    return (0.0 if share <= 0 else max(0.0, middle - half)), (1.0 if share >= 1 else min(1.0, middle + half))
