"""What a forecast is made of: months to come with their ranges and values, earlier forecasts, and a target of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Range:
    """The middle 80 and 95 % of what comes, as counts."""

    low80: int
    high80: int
    low95: int
    high95: int


@dataclass(frozen=True)
class Value:
    """What the wins of a month are worth in a currency ("": none is known): the mean, and the middle 80 % of draws."""

    currency: str
    expected: float
    low80: float | None
    high80: float | None


@dataclass(frozen=True)
class Month:
    """A coming month (or week), by its `first` day: the wins still to come in it, of leads open today and of leads to come.

    It lies so many months `ahead` of today's; of that one, 0, `won` are won already and not among those. `range` is None where too few
    earlier forecasts could be checked; `values` are those that can be told.
    """

    first: date
    ahead: int
    won: int
    from_open: float
    from_new: float
    range: Range | None
    values: tuple[Value, ...]

    @property
    def expected(self) -> float:
        """Wins still to come in it."""
        return self.from_open + self.from_new


@dataclass(frozen=True)
class Backtest:
    """What was told on the day `as_of` of the `month` that lay `ahead` of it, by its first day, and how many wins it `was` in the end.
    `range` is None where fewer than four forecasts as far ahead could be checked by then."""

    as_of: date
    month: date
    ahead: int
    expected: float
    range: Range | None
    was: int

    @property
    def is_within(self) -> bool | None:
        """Whether what came lies in the middle 80 %."""
        return None if self.range is None else self.range.low80 <= self.was <= self.range.high80


@dataclass(frozen=True)
class ValueBacktest:
    """What was told, on the day `as_of`, of the value in a currency of the `month` that lay `ahead` of it, and what that `was` in the end.

    Both at the amounts that the file has now: those of then are not known. A win without an amount is worth the mean of its time.
    """

    as_of: date
    month: date
    ahead: int
    currency: str
    expected: float
    was: float


@dataclass(frozen=True)
class ValueRight:
    """How right so many earlier `forecasts` of the value in a currency were: they missed by so large a share of what came in the mean
    (`error`), and together told so many times what came (`ratio`); None where nothing came."""

    currency: str
    forecasts: int
    error: float | None
    ratio: float | None


@dataclass(frozen=True)
class Right:
    """How right so many earlier `forecasts` were: of `judged` ones, which had a range, what came lay `within` the middle 80 %. They missed
    by so large a share of what came in the mean (`error`; None where nothing came)."""

    forecasts: int
    judged: int
    within: int
    error: float | None


@dataclass(frozen=True)
class Goal:
    """A target of all the months told, in wins (`currency` None) or in money, against what is open.

    `so_far` is won in the month of today; `open` is what all open leads are, or are worth, and `open_won` what of that is expected to
    be won in these months. `reach` is how likely the target is; None where too few earlier forecasts could be checked.
    """

    target: float
    currency: str | None
    since: date
    by: date
    so_far: float
    open: float
    open_won: float
    expected: float
    reach: float | None

    @property
    def coverage(self) -> float | None:
        """How many times what is still wanted is open; None where nothing is."""
        return self.open / (self.target - self.so_far) if self.target > self.so_far else None

    @property
    def coverage_needed(self) -> float | None:
        """How many times as much has to be open for open leads alone to bring it, as they have until now."""
        return self.open / self.open_won if self.open_won else None
