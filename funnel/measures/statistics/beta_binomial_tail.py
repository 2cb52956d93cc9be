"""How unusual a count is among cohorts that scatter more than chance alone: tails of the beta-binomial, and what a watch can see.

The usual rate stands on a baseline of cohorts, p = (X + ½) / (N + 1). How much more than by chance they scatter is taken at its upper
estimate, φ = max(1, Pearson's χ² ÷ its 0.2 quantile), so that twenty-six quiet weeks promise no more than they can. With
r = (φ − 1) / (n̄ − 1) and a window of w cohorts, v = φ / (N + 1) + r / w is the variance of the window's rate beyond the binomial's, over
p (1 − p); the count is beta-binomial with M = 1 / v − 1. Vector 37.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LOW_SHARE = 0.2
POWER = 0.8
LEAST_SPREAD, MOST_SPREAD = 1e-12, 1 - 1e-9
PARTS = 200
"""A fall is told to half a percent."""


@dataclass(frozen=True)
class Usual:
    """What is usual of cohorts: `converted` of `entered` leads in so many `cohorts`, which scatter `phi` times as much as by chance."""

    entered: int
    converted: int
    cohorts: int
    phi: float

    @property
    def rate(self) -> float:
        """The usual rate, never quite 0 nor 1."""
        return (self.converted + 0.5) / (self.entered + 1)

    @property
    def extra(self) -> float:
        """r, by how much the rates of single cohorts scatter beyond chance, over p (1 − p)."""
        mean = self.entered / self.cohorts
        return (self.phi - 1) / (mean - 1) if mean > 1 else 0.0

    def spread(self, window: int) -> float:
        """v, the variance of the rate of so many cohorts together beyond that of chance, over p (1 − p)."""
        return self.phi / (self.entered + 1) + self.extra / window

    def lower(self, converted: int, entered: int, window: int) -> float:
        """How likely so few, or fewer, of those that entered in a window of cohorts convert, if all is as usual."""
        return float(self.chances(entered, window)[: converted + 1].sum())

    def upper(self, converted: int, entered: int, window: int) -> float:
        """How likely so many, or more, of them convert."""
        return float(self.chances(entered, window)[converted:].sum())

    def chances(self, entered: int, window: int) -> NDArray[np.float64]:
        """How likely each count of them from 0 to all is, if all is as usual."""
        return _chances(entered, self.rate, self.spread(window))

    def smallest_fall(self, entered: int, window: int, share: float) -> float | None:
        """The smallest lasting fall of the rate, as a share of it, that a window shows with a power of .8, where it rings below this share;
        None where it would not even show that nobody converts any more."""
        least, _ = ends(self.chances(entered, window), share)
        if not least:
            return None

        def shown(part: int) -> bool:
            fallen = self.rate * (1 - part / PARTS)
            return float(_chances(entered, fallen, self.extra / window)[:least].sum()) >= POWER

        # The deeper the fall, the likelier it rings.
        return (bisect_left(range(1, PARTS), True, key=shown) + 1) / PARTS


def ends(chances: NDArray[np.float64], share: float) -> tuple[int, int]:
    """The fewest and the most that are not unusual: less, and more, comes in a smaller share of the cases each."""
    import numpy as np

    most = len(chances) - 1
    low = int(np.searchsorted(np.cumsum(chances), share, side="left"))
    high = int(np.searchsorted(np.cumsum(chances[::-1]), share, side="left"))
    return min(low, most), most - min(high, most)


def _chances(entered: int, rate: float, spread: float) -> NDArray[np.float64]:
    """The beta-binomial of a rate whose variance beyond chance is `spread` × rate × (1 − rate); without any, the binomial."""
    import numpy as np
    from scipy.special import betaln

    count = np.arange(entered + 1)
    ways = -np.log(entered + 1) - betaln(entered - count + 1, count + 1)
    if spread <= LEAST_SPREAD:
        logs = ways + count * np.log(rate) + (entered - count) * np.log1p(-rate)
    else:
        # Where so few are known that any rate is as likely, the spread is no more than that.
        strength = 1 / min(spread, MOST_SPREAD) - 1
        a, b = rate * strength, (1 - rate) * strength
        logs = ways + betaln(count + a, entered - count + b) - betaln(a, b)
    chances: NDArray[np.float64] = np.exp(logs)
    return chances


def usual(cohorts: Sequence[tuple[int, int]]) -> Usual:
    """What is usual of these cohorts, each as (converted, entered), none of them empty."""
    from scipy.special import chdtri

    converted, entered = (sum(each[side] for each in cohorts) for side in (0, 1))
    rate = converted / entered
    phi = 1.0
    if 0 < rate < 1 and len(cohorts) > 1:
        pearson = sum((x - n * rate) ** 2 / (n * rate * (1 - rate)) for x, n in cohorts)
        phi = max(1.0, pearson / float(chdtri(len(cohorts) - 1, 1 - LOW_SHARE)))
    return Usual(entered, converted, len(cohorts), phi)
