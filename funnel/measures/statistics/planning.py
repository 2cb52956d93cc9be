"""How many leads show how large a difference: power, sample size and the smallest detectable difference of two shares.

With n₁ and n₂ leads and true shares p₁ and p₂, the pooled z test at the 5 % level (two-sided) sees the difference with power

    Φ((|p₁ − p₂| − z √(p̄ q̄ (1/n₁ + 1/n₂))) / √(p₁q₁/n₁ + p₂q₂/n₂)),    p̄ = (n₁p₁ + n₂p₂) / (n₁ + n₂)

(Fleiss, Levin and Paik 2003, ch. 4; R's power.prop.test).
"""

from __future__ import annotations

from math import ceil, isinf, sqrt
from statistics import NormalDist

from funnel.core.types import FEWEST_FOR_A_RATE, Rate
from funnel.measures.statistics.rates import Z_95

POWER = 0.8
NORMAL = NormalDist()
PRECISION = 1e-12


def power(one: float, other: float, one_leads: float, other_leads: float) -> float:
    """In which share of the cases the difference of two shares would show."""
    return NORMAL.cdf(_reach(one, other, one_leads, other_leads))


def leads_needed(now: float, hoped: float, wanted: float = POWER) -> float | None:
    """How many leads each of two equal groups needs, not rounded; None where the shares are equal."""
    if now == hoped:
        return None
    middle = (now + hoped) / 2
    pooled = sqrt(2 * middle * (1 - middle))
    apart = sqrt(now * (1 - now) + hoped * (1 - hoped))
    return (max(0.0, Z_95 * pooled + NORMAL.inv_cdf(wanted) * apart) / (hoped - now)) ** 2


def whole_leads(needed: float | None, design_effect: float = 1.0) -> int | None:
    """The next whole number of leads, at least as many as a verdict asks for on either side; so many times more where leads of an
    account vary together (Donner and Klar 2000, 5.3)."""
    return None if needed is None else max(FEWEST_FOR_A_RATE, ceil(needed * design_effect - PRECISION))


def detectable(
    others: Rate, leads: int, *, up: bool, wanted: float = POWER, design_effect: float = 1.0
) -> float | None:
    """The smallest rise above the others' share (or fall below it), as a difference above 0, that so many `leads` would show with
    this power; None where not even the largest would. The others need a share. With a `design_effect`, leads of one account vary
    together, and count for so many times fewer."""
    base = others.value
    if not design_effect or isinf(design_effect):
        return None
    if base is None:
        raise ValueError("a share of nobody has nothing above or below it")
    quantile = NORMAL.inv_cdf(wanted)

    def short(size: float) -> float:
        sides = others.denominator / design_effect, leads / design_effect
        return _reach(base, base + size if up else base - size, *sides) - quantile

    largest = 1 - base if up else base
    if largest <= PRECISION or short(largest) < 0:
        return None
    from scipy.optimize import brentq  # takes long to load

    return float(brentq(short, PRECISION, largest, xtol=PRECISION))


def _reach(one: float, other: float, one_leads: float, other_leads: float) -> float:
    """How many standard errors the difference lies beyond what the test asks for."""
    middle = (one_leads * one + other_leads * other) / (one_leads + other_leads)
    required = Z_95 * sqrt(max(0.0, middle * (1 - middle)) * (1 / one_leads + 1 / other_leads))
    spread = sqrt(max(0.0, one * (1 - one)) / one_leads + max(0.0, other * (1 - other)) / other_leads)
    beyond = abs(one - other) - required
    if spread == 0:
        return float("inf") if beyond >= 0 else float("-inf")
    return beyond / spread
