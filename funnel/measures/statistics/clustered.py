"""Rates and differences where accounts hold several leads: as sure as so many accounts make them, not so many leads.

- The variance of a rate p = Σ xₐ / Σ nₐ is that of a ratio of means, linearised (Cochran 1977, 6.3; Rao and Scott 1992):
  v = c Σ (xₐ − p nₐ)² / n² over the accounts a, c = 1 / (1 − Σ nₐ²/n²): with accounts of one size G/(G − 1), and always such that
  v is right on average where leads are independent after all.
- Its *design effect* is v over the binomial p (1 − p)/n, taken as 1 at least: accounts never make a rate surer than leads would.
  Where none or all converted nothing varies, and it is that of accounts decided as one, Σ nₐ²/n.
- The interval is Wilson's of n / design effect leads, drawn in by (z/t)² (Korn and Graubard 1998; Dean and Pagano 2015), t of
  n²/Σ nₐ² − 1 degrees of freedom: the number of accounts, were they of one size, less one (Kish 1965).
- A difference of two rates: each account has one part in it, on both sides where it has leads on both. The test takes both shares as
  alike (a score test, which few accounts do not make bold; Guo and others 2005): the plain test's z over the root of the design
  effect of the difference, on t with Welch's degrees of freedom. Of the variance, the part of either side is taken as that of
  independent leads at least; what accounts with leads on both sides take away from it is taken away. The interval is Newcombe's, of
  the two intervals above, with the correlation of the two rates (Zou and Donner 2008).

Where every account has one lead, all is as in `differences`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf, sqrt
from typing import NamedTuple

from funnel.core.types import Contrast, Rate
from funnel.measures.statistics.account_sums import AccountSums
from funnel.measures.statistics.differences import Dependence, contrast
from funnel.measures.statistics.distributions import student_quantile
from funnel.measures.statistics.rates import Z_95, score_interval, wilson

LEAST_FREEDOM = 1e-6


def rate_of(sums: AccountSums) -> Rate:
    """The share that converted, with the interval by account."""
    plain = wilson(sums.converted, sums.leads)
    if plain.value is None or sums.one_each:
        return plain
    if _freedom(sums) <= LEAST_FREEDOM:
        low, high = 0.0, 1.0
    else:
        drawn_in = (Z_95 / student_quantile(0.975, _freedom(sums))) ** 2
        low, high = score_interval(plain.value, sums.leads / design_effect(sums) * drawn_in)
    return Rate(sums.converted, sums.leads, plain.value, low, high, sums.accounts)


def design_effect(sums: AccountSums) -> float:
    """How many times as large the variance of the rate is as that of so many independent leads; 1 at least."""
    if not sums.leads or sums.one_each:
        return 1.0
    share = sums.converted / sums.leads
    binomial = share * (1 - share) / sums.leads
    return max(1.0, _variance(sums) / binomial) if binomial else sums.own.nn / sums.leads


def contrast_with_others(one: AccountSums, whole: AccountSums) -> Contrast:
    """A group against all other leads that it is set beside, by account."""
    others = whole.without(one)
    rates = rate_of(one), rate_of(others)
    if whole.one_each or not one.leads or not others.leads:
        return contrast(*rates)
    return contrast(*rates, _dependence(one, others))


def contrast_apart(one: AccountSums, other: AccountSums) -> Contrast:
    """Two groups whose common accounts are not known: taken as if they had none. Accounts of both mostly make both shares alike, so
    that this is on the safe side."""
    rates = rate_of(one), rate_of(other)
    if (one.one_each and other.one_each) or not one.leads or not other.leads:
        return contrast(*rates)
    return contrast(*rates, _dependence(replace(one, beside=one.own), other))


class Spread(NamedTuple):
    """A weighted sum of shares over accounts: Σ of the accounts' weights, of their squares, and of the squares of what each account
    adds to the sum beyond its weight."""

    total: float
    sizes: float
    squares: float


def reach(spreads: Sequence[Spread]) -> float:
    """How far the 95 % interval reaches to either side of a sum of such sums."""
    left = [1 - each.sizes / each.total**2 for each in spreads]
    if any(each <= 0 for each in left):
        return inf
    variances = [each.squares / part for each, part in zip(spreads, left, strict=True)]
    freedom = _welch(variances, [each.total**2 / each.sizes - 1 for each in spreads])
    return student_quantile(0.975, freedom) * sqrt(sum(variances))


def _dependence(one: AccountSums, others: AccountSums) -> Dependence:
    """How far the difference of two rates is from that of independent leads."""
    n, m = one.leads, others.leads
    across = one.across()
    share = (one.converted + others.converted) / (n + m)
    weights = 1 / n + 1 / m
    binomial = share * (1 - share) * weights
    sides = one.own.residuals(share, share) / n**2, others.own.residuals(share, share) / m**2
    sizes = one.own.nn / n**2 + others.own.nn / m**2 - 2 * across.nn / (n * m)
    left = 1 - sizes / (n + m) / weights
    if not binomial or left <= 0:
        return Dependence(inf if binomial else 1.0, LEAST_FREEDOM, 0.0)
    # Neither side by itself is surer than its leads would make it; what the sides have in common may make the difference so.
    own = sum(max(side / left, share * (1 - share) / leads) for side, leads in zip(sides, (n, m), strict=True))
    effect = max(0.0, own - 2 * across.residuals(share, share) / (n * m) / left) / binomial
    return Dependence(effect, _welch(sides, (_freedom(one), _freedom(others))), _correlation(one, others))


def _welch(variances: Sequence[float], freedoms: Sequence[float]) -> float:
    """Satterthwaite's degrees of freedom of a sum of two variances."""
    bottom = sum(each**2 / max(free, LEAST_FREEDOM) for each, free in zip(variances, freedoms, strict=True))
    return sum(variances) ** 2 / bottom if bottom else min(freedoms)


def _correlation(one: AccountSums, others: AccountSums) -> float:
    own_rate, others_rate = one.converted / one.leads, others.converted / others.leads
    apart = one.own.residuals(own_rate, own_rate) * others.own.residuals(others_rate, others_rate)
    if apart <= 0:
        return 0.0
    return max(-1.0, min(1.0, one.across().residuals(own_rate, others_rate) / sqrt(apart)))


def _variance(sums: AccountSums) -> float:
    share = sums.converted / sums.leads
    left = 1 - sums.own.nn / sums.leads**2
    return inf if left <= 0 else sums.own.residuals(share, share) / sums.leads**2 / left


def _freedom(sums: AccountSums) -> float:
    return sums.leads**2 / sums.own.nn - 1 if sums.own.nn else 0.0
