"""What is answered; each result carries its own question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from funnel.core.types.questions import Question

if TYPE_CHECKING:
    import pandas


FEWEST_FOR_A_RATE = 20
"""Of fewer leads the counts are told, not the percentage."""
FEWEST_TIMED = 20
"""Of fewer leads that were recorded at both ends no median time is told."""


@dataclass(frozen=True)
class Rate:
    """A share with its two counts and its 95 % Wilson interval; all three are None where there is nothing to divide by.

    `accounts`: the interval is by account, of so many, since some hold several of the leads; None: each lead counts by itself.
    """

    numerator: int
    denominator: int
    value: float | None
    low: float | None
    high: float | None
    accounts: int | None = None

    @property
    def few(self) -> bool:
        """Whether it is of fewer leads than a percentage is told of."""
        return self.denominator < FEWEST_FOR_A_RATE


@dataclass(frozen=True)
class StageCount:
    """One stage of a funnel. leads = advanced + skipped_ahead + moved_back + lost + still_there.

    `from_entry` is of the first stage, `from_previous` of the stage before (None at the first). Medians are in days over the
    `timed_leads`, those that were recorded at both stages when they were counted there; None of fewer than FEWEST_TIMED.
    `skipped_here` are leads that, under `passed`, reached the stage only by a later one: they are in no median.
    """

    position: int
    key: str
    name: str
    leads: int
    from_entry: Rate
    from_previous: Rate | None
    median_days_from_previous: float | None
    timed_leads: int
    skipped_here: int
    advanced: int
    skipped_ahead: int
    moved_back: int
    lost: int
    still_there: int

    def as_row(self) -> dict[str, object]:
        """The stage as plain values: rates are fractions, None where they cannot be said."""
        return {
            "position": self.position,
            "key": self.key,
            "name": self.name,
            "leads": self.leads,
            "from_entry": self.from_entry.value,
            "from_previous": self.from_previous.value if self.from_previous else None,
            "median_days_from_previous": self.median_days_from_previous,
            "timed": self.timed_leads,
            "advanced": self.advanced,
            "skipped_ahead": self.skipped_ahead,
            "moved_back": self.moved_back,
            "lost": self.lost,
            "still_there": self.still_there,
        }


@dataclass(frozen=True)
class Steps:
    """A funnel: the answer to a question, with the question in it.

    `leads` counts what the question's unit counts (leads, or accounts). `placed_leads` of `all_leads` could be placed by the
    model. `undated` are counted but have no start. `sql` is what ran.
    """

    question: Question
    leads: int
    all_leads: int
    placed_leads: int
    undated: int
    won: int
    lost: int
    open: int
    first_start: datetime | None
    last_start: datetime | None
    observed_until: datetime | None
    stages: tuple[StageCount, ...]
    sql: str

    @property
    def coverage(self) -> float | None:
        """Leads that the model can place, of all; None where there are no leads."""
        return self.placed_leads / self.all_leads if self.all_leads else None

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each stage, with the columns of `StageCount.as_row`."""
        import pandas  # only here: the types themselves need nothing but the standard library

        return pandas.DataFrame([stage.as_row() for stage in self.stages])


@dataclass(frozen=True)
class Breakdown:
    """The same funnel for each value of one column, largest first; `other` counts the leads of the values left out."""

    column: str
    groups: tuple[tuple[str | None, Steps], ...]
    other: int


@dataclass(frozen=True)
class Kpis:
    """The figures above the funnel. `win_rate` is of leads that started at least `by_day` days before `observed_until`.

    `median_days_to_win` is over the `timed_wins`, won leads with both dates; None of fewer than FEWEST_TIMED.
    `open_value` sums amounts of open leads by currency; an amount without a currency stands under "". Currencies are never added.
    """

    question: Question
    leads: int
    won: int
    open: int
    by_day: int
    win_rate: Rate
    median_days_to_win: float | None
    timed_wins: int
    open_value: tuple[tuple[str, float, int], ...]
    sql: str


@dataclass(frozen=True)
class Starts:
    """How many leads started in each period, for the little histogram over the slider.

    `counts` are (first day, leads); `period` is day, week or month; `first` and `last` are the outermost starts."""

    period: str
    counts: tuple[tuple[date, int], ...]
    undated: int
    first: datetime | None
    last: datetime | None
    sql: str
