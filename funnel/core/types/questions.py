"""What is asked: which leads, through which model, under which rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from funnel.core.types.kinds import AsOf, Entry, Rule, Unit
from funnel.core.types.models import StageModel
from funnel.words import wording
from funnel.words.calendars import Calendar

Value = str | int | float | date | datetime
"""What a column of leads can be asked for: compared as a text, as a number, as a day, or as a moment."""


@dataclass(frozen=True)
class OneOf:
    """Keeps leads whose column holds one of these values; None stands for empty. A number is met by an equal number however it is
    written, a date by every moment of its day."""

    column: str
    values: tuple[Value | None, ...]


@dataclass(frozen=True)
class Between:
    """Keeps leads whose number, date or moment lies between low and high, both included; None leaves that side open. A date as
    `high` includes the whole day."""

    column: str
    low: float | date | datetime | None
    high: float | date | datetime | None


@dataclass(frozen=True)
class Closed(Between):
    """Keeps leads that were won, or lost for good, by the model asked between two days, both included; `closed_within` makes one. An open
    lead, and one of which the file does not tell that moment, is never among them."""


def closed_within(low: date | None, high: date | None) -> Closed:
    """The condition that a lead closed between two days; None leaves that side open."""
    return Closed("ended_at", low, high)


@dataclass(frozen=True)
class Filters:
    """Which leads are counted: by the day they started (both ends included, None is open) and by their columns."""

    start_from: date | None = None
    start_to: date | None = None
    where: tuple[OneOf | Between, ...] = ()

    @property
    def closed(self) -> tuple[Closed, ...]:
        """What is asked of the day on which leads closed; nothing where it does not matter."""
        return tuple(each for each in self.where if isinstance(each, Closed))

    @property
    def not_closed(self) -> tuple[OneOf | Between, ...]:
        """All that is asked of columns, but for the day on which leads closed."""
        return tuple(each for each in self.where if not isinstance(each, Closed))


@dataclass(frozen=True)
class Question:
    """All that decides a result. `quorum`: how many of an account's leads must reach a stage (None: every one).

    `attributes`: which of a lead's values filters and groups look at, those at its start or the latest (which know the outcome).
    `dated_by` is the model whose start the dates look at, so that several models look at the same leads; None: its own.
    `calendar`: whose months, quarters and years are counted by; of who asks, unless it is said.
    """

    model: StageModel
    rule: Rule = Rule.PASSED
    window_days: int | None = None
    entry: Entry = Entry.FIRST
    unit: Unit = Unit.LEAD
    quorum: int | None = 1
    filters: Filters = Filters()
    observed_until: datetime | None = None
    attributes: AsOf = AsOf.START
    dated_by: StageModel | None = None
    calendar: Calendar = field(default_factory=wording.calendar)

    def __post_init__(self) -> None:
        # "passed" equals Rule.PASSED, and must be it: what was kept for the one is answered to the other.
        for name, kind in (
            ("rule", Rule),
            ("entry", Entry),
            ("unit", Unit),
            ("attributes", AsOf),
            ("calendar", Calendar),
        ):
            object.__setattr__(self, name, kind(getattr(self, name)))


def parted(text: str) -> tuple[str, str | None] | None:
    """The column and the value of a condition as it is written, `Region=EMEA`; nothing after `=` means empty. None of any other text."""
    column, mark, value = text.partition("=")
    return (column.strip(), value.strip() or None) if mark and column.strip() else None
