"""How many of something come in the end, where the mean is told and the scatter around it was seen before.

The count is negative binomial with mean μ and variance φμ; φ = 1 is Poisson. φ is that of earlier forecasts of the same kind,
max(1, mean((y − μ)² / μ)): they never make a forecast surer than chance alone would. Of several means, alike likely, the count is
their mixture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, gammainc

FEWEST_FORECASTS = 4
"""Of fewer earlier forecasts nothing is told of the scatter."""
POISSON = 1e-9


def scatter(said: Sequence[float], came: Sequence[float]) -> float | None:
    """φ of earlier forecasts, beside what came of each; None of too few."""
    pairs = [(mean, count) for mean, count in zip(said, came, strict=True) if mean > 0]
    if len(pairs) < FEWEST_FORECASTS:
        return None
    return max(1.0, sum((count - mean) ** 2 / mean for mean, count in pairs) / len(pairs))


def at_least(count: int, means: ArrayLike, phi: float) -> float:
    """How likely so many or more come, of the mixture of these means."""
    if count <= 0:
        return 1.0
    each = np.maximum(np.asarray(means, dtype=float), 0.0)
    some = each[each > 0]
    tails = gammainc(count, some) if phi <= 1 + POISSON else betainc(count, some / (phi - 1), 1 - 1 / phi)
    return float(np.sum(tails) / each.size)


def quantile(share: float, means: ArrayLike, phi: float) -> int:
    """The smallest count at or below which this share of the mixture lies."""

    def reached(count: int) -> bool:
        return 1 - at_least(count + 1, means, phi) >= share

    high = 1
    while not reached(high):
        high *= 2
    low = -1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
