"""Segments: groups of leads set against each other, and what may be said of their difference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from funnel.core.types.cohorts import Curve
from funnel.core.types.questions import Between, OneOf, Question
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


@dataclass(frozen=True)
class SegmentFound:
    """A segment against the others: from the start to the target (`overall`), and step by step, from each stage to the next."""

    segment: Segment
    leads: int
    overall: Contrast
    steps: tuple[Contrast, ...]


@dataclass(frozen=True)
class Bet:
    """Two shares taken as a bet, before which any share was as likely as any other: the `chance` that the one in place `on` (0 the
    first, 1 the second) is really the higher, and the `loss`: by how much, on average, choosing it falls short of choosing the better."""

    on: int
    chance: float
    loss: float


@dataclass(frozen=True)
class Segments:
    """Segments compared: values with most leads first, bands from the lowest, two groups as they were given.

    `column` is what tells them apart (None: two groups made by hand).

    `target` is a stage's position, None the win. With `day`, only leads followed for so many days count, and what they reached by
    then; None: all, and what they reached so far, which is no comparison and has no verdict. By a column, a segment stands against all
    other leads, those of the `others` (values that are no segment here) too; two groups stand against each other, with the `bet` on
    the likelier one, and leads that are `in_both` count in neither. `leads` are all that the question counts (by a day: of those that
    started while it was observed); `young` of them are not followed for so long, `untimed` converted at an unknown moment: neither
    count. Step i leads from stage i to stage i + 1; with a day, within so many days of arriving at stage i. `known` are segments of
    which all leads are won, or all are open: their value may be filled in only later.
    """

    question: Question
    column: str | None
    target: int | None
    day: int | None
    segments: tuple[SegmentFound, ...]
    whole: Rate
    leads: int
    others: int
    in_both: int
    young: int
    untimed: int
    known: tuple[Segment, ...]
    bet: Bet | None
    sql: str

    def most(self, verdict: Verdict) -> SegmentFound | None:
        """Of the segments with this verdict overall, the one that it makes most leads of."""
        found = [each for each in self.segments if each.overall.verdict is verdict]
        return max(found, key=lambda each: abs(each.overall.impact or 0.0), default=None)


@dataclass(frozen=True)
class LogRank:
    """The log-rank test of equal curves: for each segment the conversions `observed` and those `expected` were there no difference;
    chi-square `statistic` with `degrees` of freedom. `accounts`: it is by account, of so many; None: leads count each by itself."""

    observed: tuple[int, ...]
    expected: tuple[float, ...]
    statistic: float
    degrees: int
    p: float
    accounts: int | None = None


@dataclass(frozen=True)
class SegmentCurves:
    """Conversion by age to a target, a curve for each segment. `log_rank` compares those of 20 leads or more (the others have 0 observed
    and 0 expected there), lost leads kept at risk to the end of their follow-up; None where nothing can be compared."""

    question: Question
    column: str | None
    target: int | None
    curves: tuple[tuple[Segment, Curve], ...]
    log_rank: LogRank | None
    sql: str


@dataclass(frozen=True)
class Finding:
    """One segment of a scan. `within` is the difference that stays between leads alike in the column `beside`, the one that takes
    most of it away ("": the quarter of their start); None where there is no such column.

    `holds`: the difference is clear, and stays clear and at least half as large between leads alike in any other column.
    """

    column: str
    segment: Segment
    contrast: Contrast
    within: float | None
    beside: str | None
    holds: bool


@dataclass(frozen=True)
class Scan:
    """Where conversion differs most, over all columns: clear findings that hold first, then the other clear
    ones, each by the leads they make.

    `looked_at` columns were scanned, corrected for all their `tested` segments together; `telling` ones know the outcome by
    themselves (a reason of loss), so they were left out, as were those with `too_many` values, and the leads of `known` values, of
    which all are won or all are open. `same` are clear segments of the same leads as one among the findings. Of columns
    `unknown_at_start` no lead has a value at its first moment: a later one could know the outcome. `day` None: so far, of
    leads of different ages, where nothing is tested and nothing is clear.
    """

    question: Question
    target: int | None
    day: int | None
    findings: tuple[Finding, ...]
    tested: int
    looked_at: tuple[str, ...]
    telling: tuple[str, ...]
    known: tuple[Segment, ...]
    same: tuple[Segment, ...]
    too_many: tuple[str, ...]
    whole: Rate
    sql: str
    unknown_at_start: tuple[str, ...] = ()
