"""Segments: groups of leads set against each other, and what may be said of their difference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from funnel.core.types.questions import Between, OneOf
from funnel.core.types.results import Rate

CLEAR = 0.05
"""A difference is told as one where chance alone would do as much in fewer cases than this, after correction."""


class Verdict(StrEnum):
    """What the counts say of a share against another; UNCLEAR: they cannot tell, FEW: fewer than 20 leads on a side, SO_FAR: nothing,
    since leads of different ages are no comparison."""

    HIGHER = "higher"
    LOWER = "lower"
    UNCLEAR = "cannot tell"
    FEW = "too few"
    SO_FAR = "so far"


@dataclass(frozen=True)
class Contrast:
    """A share against another: that of a segment against the others', or of a period against an earlier one.

    `difference` is rate − others, `low` and `high` its 95 % interval (Newcombe 1998, method 10). `p` is two-sided: Fisher's exact
    test where an expected count is under 5 (`exact`), else the pooled z test; `p_adjusted` is corrected for all that were looked
    at. `detectable` and `detectable_fall` are the smallest rise above the others' rate, and fall below it, that such counts show
    in four of five cases (5 % level, not corrected); None where not even the largest would. All are None where a side has fewer
    than 20 leads, and where the leads are not compared `at_equal_age`.

    Where accounts hold several leads, all of it is by account (see `statistics.clustered`), and `design_effect` says how many times as
    much the difference varies as that of independent leads; None: leads count each by itself.
    """

    rate: Rate
    others: Rate
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    exact: bool = False
    detectable: float | None = None
    detectable_fall: float | None = None
    design_effect: float | None = None
    at_equal_age: bool = True

    @property
    def verdict(self) -> Verdict:
        """By `p_adjusted`, not by whether the interval holds zero: that is not corrected."""
        if not self.at_equal_age:
            return Verdict.SO_FAR
        if self.difference is None or self.p_adjusted is None:
            return Verdict.FEW
        if self.p_adjusted >= CLEAR or self.difference == 0:
            return Verdict.UNCLEAR
        return Verdict.HIGHER if self.difference > 0 else Verdict.LOWER

    @property
    def is_clear(self) -> bool:
        """Whether a difference is told: higher or lower."""
        return self.verdict in (Verdict.HIGHER, Verdict.LOWER)

    @property
    def is_compared(self) -> bool:
        """Whether there is a difference to speak of: leads enough on both sides, at equal age."""
        return self.difference is not None

    @property
    def least_detectable(self) -> float | None:
        """The smallest difference that such counts show, of a rise and a fall; None where not even the largest would."""
        return min((each for each in (self.detectable, self.detectable_fall) if each is not None), default=None)

    @property
    def impact(self) -> float | None:
        """How many more (fewer: below 0) converted than would have at the others' rate; None without any of the others, and where
        leads are not compared at equal age."""
        if self.others.value is None or not self.at_equal_age:
            return None
        return self.rate.numerator - self.others.value * self.rate.denominator


@dataclass(frozen=True)
class Segment:
    """Leads told apart: by one value of a column (None: empty), a band of its numbers, or any conditions. `name` is given by hand;
    "": what the conditions say."""

    where: tuple[OneOf | Between, ...]
    name: str = ""
