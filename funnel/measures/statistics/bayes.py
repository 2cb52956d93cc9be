"""Two shares taken as a bet: how likely the first is really the higher, in plain odds instead of a test.

Before the counts, any share is as likely as any other: after x of n it is Beta(1 + x, 1 + n − x). With A and B so spread,

    P(A > B) = ∫ f_A(x) F_B(x) dx        E[max(B − A, 0)] = ∫ F_A(x) (1 − F_B(x)) dx

(Stucchio 2015, expected loss; the first has a closed form: Miller 2014).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt

from funnel.core.types import Rate

REACH = 12
"""So many standard deviations around a share hold all of it that a double can tell."""
PRECISION = 1e-13
MOST_PIECES = 400


@dataclass(frozen=True)
class Bet:
    """Two shares taken as a bet, before which any share was as likely as any other: the `chance` that the one in place `on` (0 the
    first, 1 the second) is really the higher, and the `loss`: by how much, on average, choosing it falls short of choosing the better."""

    on: int
    chance: float
    loss: float


def bet(first: Rate, second: Rate, design_effect: float = 1.0) -> Bet:
    """The bet on the share that is the higher in more than half of the cases (the first, where they are even).

    Where leads of an account vary together, counts say so many times less as the difference varies more (1 at least).
    """
    on_first = higher(first, second, design_effect)
    if on_first.chance >= 0.5:
        return on_first
    return replace(higher(second, first, design_effect), on=1)


def higher(one: Rate, other: Rate, design_effect: float = 1.0) -> Bet:
    """The bet that one share is higher than another; `on` is 0."""
    from scipy.stats import beta  # takes long to load

    sides = [_counts(each, max(1.0, design_effect)) for each in (one, other)]
    first, second = (beta(1 + converted, 1 + leads - converted) for converted, leads in sides)
    edges = sorted({edge for each in sides for edge in _around(*each)})
    chance = _integral(lambda x: first.pdf(x) * second.cdf(x), edges)
    return Bet(0, min(1.0, chance), _integral(lambda x: first.cdf(x) * second.sf(x), edges))


def _counts(rate: Rate, design_effect: float) -> tuple[float, float]:
    """(converted, leads), of as many leads as are worth as much by themselves."""
    return rate.numerator / design_effect, rate.denominator / design_effect


def _around(converted: float, of: float) -> tuple[float, ...]:
    """Where a share begins to be likely, its middle, and where it ends."""
    leads = of + 2
    middle = (converted + 1) / leads
    spread = REACH * sqrt(middle * (1 - middle) / (leads + 1))
    return max(0.0, middle - spread), middle, min(1.0, middle + spread)


def _integral(curve: Callable[[float], float], edges: list[float]) -> float:
    """The integral from 0 to 1, piece by piece, so that no narrow peak falls between two looks."""
    from scipy.integrate import quad  # takes long to load

    every = [0.0, *(edge for edge in edges if 0 < edge < 1), 1.0]
    return float(
        sum(
            quad(curve, low, high, epsabs=PRECISION, epsrel=PRECISION, limit=MOST_PIECES)[0]
            for low, high in pairwise(every)
        )
    )
