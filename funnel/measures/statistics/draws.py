"""What wins are worth in the end, drawn DRAWS times: open leads each won or not, and wins of leads to come at amounts of earlier wins.

Of open leads with the chances p and the amounts v the mean is Σ p v and the standard deviation √Σ v² p (1 − p). Where wins scatter more
than by chance (φ > 1, see `counts`), all chances of one draw are as many times as large as a gamma variate of mean 1 and variance
(φ − 1) ÷ μ says: the number of wins then has the mean μ and about the variance φ μ. The seed is fixed, so the same leads give the same.
"""

from __future__ import annotations

import numpy as np

from funnel.measures.statistics.counts import POISSON
from funnel.measures.statistics.resampling import Numbers

DRAWS = 1_000
MOST_DRAWN = 5_000
"""Of more leads, or more wins to come a draw, the sum is drawn, as normal: it is the sum of many."""
_SEED = 34


def value_of(chances: Numbers, amounts: Numbers) -> tuple[float, float]:
    """The mean and the standard deviation of what leads are worth that are each won with a chance by itself."""
    mean = float((chances * amounts).sum())
    return mean, float(np.sqrt((amounts**2 * chances * (1 - chances)).sum()))


def value_draws(chances: Numbers, amounts: Numbers, new_wins: float, prices: Numbers, phi: float) -> Numbers:
    """DRAWS values of open leads and of so many `new_wins` in the mean, each at one of the `prices`."""
    draw = np.random.default_rng(_SEED)
    mean = float(chances.sum()) + new_wins
    times = np.ones(DRAWS)
    if phi > 1 + POISSON and mean > 0:
        shape = mean / (phi - 1)
        times = draw.gamma(shape, 1 / shape, DRAWS)
    return _open(chances, amounts, times, draw) + _new(new_wins, prices, times, draw)


def _open(chances: Numbers, amounts: Numbers, times: Numbers, draw: np.random.Generator) -> Numbers:
    if len(chances) > MOST_DRAWN:
        mean, spread = value_of(chances, amounts)
        return np.asarray(np.maximum(0.0, draw.normal(times * mean, np.sqrt(times) * spread)))
    rolled = draw.random((DRAWS, len(chances)), dtype=np.float32)
    return np.asarray((rolled < times[:, None] * chances) @ amounts)


def _new(wins: float, prices: Numbers, times: Numbers, draw: np.random.Generator) -> Numbers:
    if not wins or not len(prices):
        return np.zeros(DRAWS)
    if wins > MOST_DRAWN:
        spread = np.sqrt(times * wins * float((prices**2).mean()))
        return np.asarray(np.maximum(0.0, draw.normal(times * wins * float(prices.mean()), spread)))
    counts = draw.poisson(times * wins)
    drawn = draw.choice(prices, int(counts.sum()))
    return np.asarray(np.bincount(np.repeat(np.arange(DRAWS), counts), drawn, DRAWS), dtype=float)
