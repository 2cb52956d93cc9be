"""How long leads stay, how long steps take, which open leads are stuck, and how fast money comes."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.nouns.cohorts import ByDay
from funnel.nouns.questions import Question
from funnel.nouns.results import Rate


@dataclass(frozen=True)
class Quantiles:
    """Quartiles of a duration in days; None where it is not reached. `low` and `high` bound the median at 95 %."""

    quarter: float | None
    median: float | None
    three_quarters: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class StayPoint:
    """`share` of the stays were longer than so many days; `low` and `high` bound it at 95 % (None once nobody is left)."""

    days: float
    at_risk: int
    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class StageTime:
    """How long leads stay at a stage. A *stay* is one visit; any exit ends it, and who is still there is censored.

    `stays` = `left` + `still`. `times` are Kaplan–Meier's; `left_median` is over stays that have ended only, and so too short.
    `ninth_tenth` is the day by which nine of ten stays have ended, Kaplan–Meier. `open_days` is what all stays together took.
    `lost` of the stays ended in a loss.
    """

    position: int
    key: str
    name: str
    stays: int
    left: int
    still: int
    lost: int
    times: Quantiles
    ninth_tenth: float | None
    left_median: float | None
    open_days: float
    curve: tuple[StayPoint, ...]


@dataclass(frozen=True)
class StepTime:
    """How long the step from one stage to the next takes, for the leads that reached the first under the question's rule.

    entered = advanced + lost + waiting. `times` are quartiles of the Aalen–Johansen incidence of advancing, as parts of what it
    comes to in the end: half of those who ever advance have done so by the median. `advanced_median` is over those who have
    advanced so far only. `by_day` is the share that advanced by some days; `eventual` what it comes to.
    """

    position: int
    name: str
    next_name: str
    entered: int
    advanced: int
    lost: int
    untimed: int
    times: Quantiles
    advanced_median: float | None
    by_day: tuple[ByDay, ...]
    eventual: float | None

    @property
    def waiting(self) -> int:
        """Neither advanced nor lost so far."""
        return self.entered - self.advanced - self.lost


@dataclass(frozen=True)
class Bin:
    """So many stays lasted from `low` (included) to `high` days (excluded)."""

    low: float
    high: float
    left: int
    still: int


@dataclass(frozen=True)
class Histogram:
    """Stays at one stage by how long they lasted; bins are whole days, weeks, months or quarters (`bin`); the last one is open
    where `more` is true. `still` counts stays that go on, by how long they have lasted so far."""

    position: int
    bin: str
    bins: tuple[Bin, ...]
    more: bool


@dataclass(frozen=True)
class Times:
    """Durations through a model: time at each stage, and of each step. `group` is the value of the column asked by, if any.

    `undated` entries have no moment and are left out.
    """

    question: Question
    stages: tuple[StageTime, ...]
    steps: tuple[StepTime, ...]
    histograms: tuple[Histogram, ...]
    group: str | None
    sql: str


@dataclass(frozen=True)
class TimesBy:
    """Times for each of the commonest values of a column, largest first; None is empty."""

    column: str
    groups: tuple[tuple[str | None, Times], ...]


@dataclass(frozen=True)
class StageAges:
    """The open leads at one stage against that stage's own history: how many have stayed longer than three quarters (`stalled`)
    and than nine tenths (`long_stalled`) of the stays there. None where the history does not tell that quantile."""

    position: int
    name: str
    open: int
    median_days: float | None
    stalled: int | None
    long_stalled: int | None
    usual_median: float | None
    limit: float | None
    long_limit: float | None


@dataclass(frozen=True)
class Aging:
    """The open leads by stage. `amounts` sums those of stalled leads by currency."""

    question: Question
    stages: tuple[StageAges, ...]
    amounts: tuple[tuple[str, float, int], ...]
    sql: str

    @property
    def open(self) -> int:
        """Open leads at any stage."""
        return sum(stage.open for stage in self.stages)

    @property
    def stalled(self) -> int:
        """Open leads that have stayed longer than three quarters did."""
        return sum(stage.stalled or 0 for stage in self.stages)


@dataclass(frozen=True)
class Velocity:
    """Pipeline velocity: open leads × win rate × value of a win / days to a win, by currency.

    `win_rate` is of leads decided in the last `within_days` days, `cycle_days` the mean days from start to win of the wins among
    them; `value` is the mean amount of these wins in `currency`. `per_day` is None without a win or with a cycle of 0 days.
    """

    question: Question
    within_days: int
    open: int
    win_rate: Rate
    cycle_days: float | None
    values: tuple[tuple[str, float, int], ...]
    arrivals_per_day: float | None
    mean_days: float | None
    sql: str

    def per_day(self, value: float) -> float | None:
        """The amount won each day at this pace; None where it cannot be said."""
        if self.win_rate.value is None or not self.cycle_days:
            return None
        return self.open * self.win_rate.value * value / self.cycle_days

    @property
    def expected_open(self) -> float | None:
        """Little's law: leads that arrive each day times the mean days they stay open."""
        if self.arrivals_per_day is None or self.mean_days is None:
            return None
        return self.arrivals_per_day * self.mean_days
