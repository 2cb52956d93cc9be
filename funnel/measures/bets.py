"""Two shares taken as a bet: how likely the first is really the higher, in plain odds instead of a test.

Before the counts, any share is as likely as any other: after x of n it is Beta(1 + x, 1 + n − x). With A and B so spread,

    P(A > B) = ∫ f_A(x) F_B(x) dx        E[max(B − A, 0)] = ∫ F_A(x) (1 − F_B(x)) dx

(Stucchio 2015, expected loss; the first has a closed form: Miller 2014).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import sqrt

from scipy.integrate import quad
from scipy.stats import beta

from funnel.nouns import Bet, Rate

REACH = 12
"""So many standard deviations around a share hold all of it that a double can tell."""
PRECISION = 1e-13
MOST_PIECES = 400


def bet(first: Rate, second: Rate) -> Bet:
    """The bet that the first share is the higher."""
    one, other = (beta(1 + each.numerator, 1 + each.denominator - each.numerator) for each in (first, second))
    edges = sorted({edge for each in (first, second) for edge in _around(each)})
    chance = _integral(lambda x: one.pdf(x) * other.cdf(x), edges)
    loss = _integral(lambda x: one.cdf(x) * other.sf(x), edges)
    return Bet(min(1.0, chance), loss)


def _around(rate: Rate) -> tuple[float, ...]:
    """Where a share begins to be likely, its middle, and where it ends."""
    leads = rate.denominator + 2
    middle = (rate.numerator + 1) / leads
    spread = REACH * sqrt(middle * (1 - middle) / (leads + 1))
    return max(0.0, middle - spread), middle, min(1.0, middle + spread)


def _integral(curve: Callable[[float], float], edges: list[float]) -> float:
    """The integral from 0 to 1, piece by piece, so that no narrow peak falls between two looks."""
    every = [0.0, *(edge for edge in edges if 0 < edge < 1), 1.0]
    return float(
        sum(
            quad(curve, low, high, epsabs=PRECISION, epsrel=PRECISION, limit=MOST_PIECES)[0]
            for low, high in pairwise(every)
        )
    )
