"""How long leads stay, how long steps take, which open leads are stuck, and how fast money comes. Durations are in days."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.core.types.bottleneck import Bottleneck
from funnel.core.types.cohorts import ByDay
from funnel.core.types.kinds import Note
from funnel.core.types.questions import Question
from funnel.core.types.results import Rate
from funnel.core.types.spans import DAYS_A_MONTH, Spans

FEWEST_STAYS = 20
"""Of fewer stays no share is told, and none is called unusual."""


@dataclass(frozen=True)
class Quantile:
    """A quantile of a duration, and its 95 % interval; None where it is not reached, or not known."""

    days: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Quantiles:
    """The days by which a quarter, half, three quarters and nine tenths are through."""

    quarter: Quantile = Quantile()
    median: Quantile = Quantile()
    three_quarters: Quantile = Quantile()
    nine_tenths: Quantile = Quantile()


@dataclass(frozen=True)
class StayPoint:
    """`share` of the stays are longer than so many days; `low` and `high` bound it at 95 % (None once nobody is left)."""

    days: float
    at_risk: int
    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class StageTime:
    """How long leads stay at a stage. A *stay* is one visit; any exit ends it, and who is still there is censored.

    `stays` = `left` + `still`; `lost` of those that left ended in a loss. `untimed` stays have no known beginning or end and are
    in none of these. `times` are Kaplan–Meier's, and so is `curve` (a point where the share falls, and the last one watched).
    `left_median` is over the stays that have ended only, and so too short. `all_days` is what all stays together took so far.
    """

    position: int
    key: str
    name: str
    stays: int
    left: int
    still: int
    lost: int
    untimed: int
    times: Quantiles
    left_median: float | None
    all_days: float
    curve: tuple[StayPoint, ...]
    spans: Spans

    def share_after(self, days: float) -> float | None:
        """The share of stays longer than so many days; None beyond the last day watched, or where there are no stays."""
        if not self.curve or days > self.curve[-1].days:
            return 0.0 if self.curve and self.curve[-1].share <= 0 else None
        return next((point.share for point in reversed(self.curve) if point.days <= days), 1.0)


@dataclass(frozen=True)
class StepTime:
    """How long the step from one stage to the next takes, for the leads that the question counts at the first.

    entered = advanced + lost + otherwise + waiting. `lost` are those that the ledger of the first stage calls lost; those that ended
    `otherwise` were won without the next stage, went past it and then ended, or ran out of the question's window. `untimed` ones
    did one of these at a moment that the file does not tell; where they are too many (not `dated`), nothing by time is told.
    `by_day` is the Aalen–Johansen share that advanced by some days, with every other end as the competing event; `rate_until` what
    had come of it by the day `until`, the last on which enough leads were watched; `eventual` what comes of it in the end, None
    where too many are still undecided (`measures.incidence.HARDLY_ANY`).

    Times are of leads recorded at both stages, `timed` of them; None of fewer than FEWEST_TIMED. `times` are quantiles as parts
    of those who ever advance, so None where that is not known; by `half_days` half of all that entered had advanced (None: not
    reached). `advanced_median` is over those who have advanced so far only.
    """

    position: int
    key: str
    name: str
    next_key: str
    next_name: str
    entered: int
    advanced: int
    lost: int
    otherwise: int
    untimed: int
    timed: int
    times: Quantiles
    half_days: float | None
    advanced_median: float | None
    by_day: tuple[ByDay, ...]
    eventual: float | None
    until: float | None
    rate_until: float | None
    dated: bool

    @property
    def waiting(self) -> int:
        """Undecided so far."""
        return self.entered - self.advanced - self.lost - self.otherwise


@dataclass(frozen=True)
class Times:
    """Durations through a model: time at each stage where leads wait, and of each step. Always of leads.

    `left_out` are stages of the win and of what comes after it: there is no wait there. `missing` says why
    there are no stages and no steps, where the file cannot tell any; then there is no `bottleneck` either.
    """

    question: Question
    leads: int
    stages: tuple[StageTime, ...]
    steps: tuple[StepTime, ...]
    left_out: tuple[int, ...]
    missing: Note | None
    bottleneck: Bottleneck | None
    sql: str

    @property
    def untimed(self) -> int:
        """Stays without a known beginning or end."""
        return sum(stage.untimed for stage in self.stages)

    def at(self, position: int) -> StageTime | None:
        """The times at a stage; None where it is left out."""
        return next((stage for stage in self.stages if stage.position == position), None)


@dataclass(frozen=True)
class TimesBy:
    """Times for each of the commonest values of a column, largest first; None is empty. `other` leads have other values."""

    column: str
    groups: tuple[tuple[str | None, Times], ...]
    other: int


@dataclass(frozen=True)
class StageAges:
    """The open leads at one stage against that stage's own history.

    `limit` and `long_limit` are the 75th and 90th percentile of the `moved_on` stays there that went on to a later stage, or were
    won (who went back or was lost is no example); `stalled` and `long_stalled` open leads are older than that (the latter are
    among the former). All four are None where fewer than FEWEST_STAYS moved on. `median_days` is that of the open leads so far; of
    `untimed` ones the file does not tell since when they are there.
    """

    position: int
    key: str
    name: str
    open: int
    untimed: int
    median_days: float | None
    moved_on: int
    limit: float | None
    long_limit: float | None
    stalled: int | None
    long_stalled: int | None


@dataclass(frozen=True)
class Aging:
    """The open leads by stage, each stage where leads wait. `amounts` sums those of stalled leads: (currency, sum, leads)."""

    question: Question
    stages: tuple[StageAges, ...]
    amounts: tuple[tuple[str, float, int], ...]
    sql: str

    @property
    def open(self) -> int:
        """Open leads at any of the stages."""
        return sum(stage.open for stage in self.stages)

    @property
    def stalled(self) -> int:
        """Open leads that are older than three quarters of those that moved on."""
        return sum(stage.stalled or 0 for stage in self.stages)

    @property
    def long_stalled(self) -> int:
        """Open leads that are older than nine tenths of those that moved on."""
        return sum(stage.long_stalled or 0 for stage in self.stages)


@dataclass(frozen=True)
class Pace:
    """The velocity of the leads in one currency ("": none is known): open leads × win rate × value of a win / days to a win.

    `win_rate` is won of all decided in the window; `value` the mean amount of the wins that have one, `cycle_days` the mean days
    from start to win of the same wins.
    """

    currency: str
    open: int
    win_rate: Rate
    value: float | None
    valued: int
    cycle_days: float | None

    @property
    def wins_per_day(self) -> float | None:
        """Leads won each day; 0 without a win, None where nothing was decided, or wins take no time."""
        if self.win_rate.value is None:
            return None
        if not self.win_rate.numerator:
            return 0.0
        return self.open * self.win_rate.value / self.cycle_days if self.cycle_days else None

    @property
    def per_day(self) -> float | None:
        """The amount won each day; None where the wins have no amount, else as `wins_per_day`."""
        wins = self.wins_per_day
        if wins is None or wins == 0:
            return wins
        return None if self.value is None else wins * self.value

    @property
    def per_month(self) -> float | None:
        """The amount won in 30.4375 days."""
        return None if self.per_day is None else self.per_day * DAYS_A_MONTH


@dataclass(frozen=True)
class Velocity:
    """Pipeline velocity by currency, most open leads first, from leads decided in the last `within_days` days. `missing` says why there
    is none, though leads were decided: where no lead is ever lost, being won says nothing of the open ones.

    Beside it Little's law (1961): leads that arrive each day × mean days that those decided were open, against `open`.
    """

    question: Question
    within_days: int
    paces: tuple[Pace, ...]
    arrivals_per_day: float | None
    mean_days: float | None
    decided: int
    missing: Note | None
    sql: str

    @property
    def open(self) -> int:
        """Open leads of all currencies."""
        return sum(pace.open for pace in self.paces)

    @property
    def expected_open(self) -> float | None:
        """How many leads would be open if things went on like this; None where it cannot be said."""
        if self.arrivals_per_day is None or self.mean_days is None:
            return None
        return self.arrivals_per_day * self.mean_days
