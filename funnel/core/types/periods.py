"""Periods compared at equal age: what changed, and whether it was the mix of leads or how each kind of them did. And a test planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from funnel.core.types.questions import Question
from funnel.core.types.results import Rate
from funnel.core.types.segments import Contrast, Segment


@dataclass(frozen=True)
class PeriodSide:
    """The leads that started from `first` to `last`, both included: `rate` of those followed for the day asked; `young` were not,
    `untimed` converted at an unknown moment; neither count in the rate."""

    first: date
    last: date
    rate: Rate
    young: int
    untimed: int


@dataclass(frozen=True)
class Part:
    """One segment's part in the change of the rate: through its share of the leads (`mix`), and through its own rate (`rate_part`).

    `segment` None: all leads of no other part.
    """

    segment: Segment | None
    before: Rate
    after: Rate
    mix: float
    rate_part: float


@dataclass(frozen=True)
class Factor:
    """One factor of a number of conversions: the leads (`position` None), or the share of the leads at one stage, the `origin`, that
    came to another, or to the win (`position` = how many stages the model has); `origin` None: of all leads. `effect` is its part in
    the change of the number.

    A share is None where nobody was at the stage before.
    """

    origin: int | None
    position: int | None
    before: float | None
    after: float | None
    effect: float


@dataclass(frozen=True)
class Periods:
    """Two periods by the same day of age. contrast.rate is of `after`, contrast.others of `before`.

    difference = mix + rate_part, each the sum of the `parts` (Kitagawa 1955); both are None without a `column` that makes parts,
    or without leads on a side. `rate_low` to `rate_high` is the 95 % interval of the rate part, the mix taken as it is.
    `standardised` is the difference with the same mix on both sides (that of both together); `simpson`: it has another sign than
    the plain one, and one of them is at least a percentage point. `chain` splits the change of the number of conversions (Shapley);
    it is empty where leads came to a stage while nobody was at the one before.
    """

    question: Question
    target: int | None
    day: int
    column: str | None
    before: PeriodSide
    after: PeriodSide
    contrast: Contrast
    parts: tuple[Part, ...]
    mix: float | None
    rate_part: float | None
    rate_low: float | None
    rate_high: float | None
    standardised: float | None
    simpson: bool
    chain: tuple[Factor, ...]
    sql: str


@dataclass(frozen=True)
class Plan:
    """A test of two groups planned: to see a rate go from that of `now` to `hoped` in `power` of the cases, at the 5 % level,
    `per_group` leads are needed in each, at least 20 (None: no number is enough).

    `now` is the rate by `day` of the leads followed so long. At the inflow of the last `inflow_days` days, `inflow` leads, of which
    `share` are put to the test, they have started after `start_days`; then the last of them grow `day` days old: `total_days`. Both are
    None where nobody came. `design_effect`: how many times more leads are needed than of independent ones, since whole accounts are put
    to either group; 1 where no account has several.
    """

    question: Question
    target: int | None
    day: int
    now: Rate
    hoped: float
    power: float
    share: float
    design_effect: float
    inflow: int
    inflow_days: int
    per_group: int | None
    start_days: float | None
    total_days: float | None
    sql: str
