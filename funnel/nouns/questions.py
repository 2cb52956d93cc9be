"""What is asked: which leads, through which model, under which rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from funnel.nouns.kinds import Entry, Rule, Unit
from funnel.nouns.models import StageModel


@dataclass(frozen=True)
class OneOf:
    """Keeps leads whose column holds one of these values; None stands for empty."""

    column: str
    values: tuple[str | None, ...]


@dataclass(frozen=True)
class Between:
    """Keeps leads whose number lies between low and high, both included; None leaves that side open."""

    column: str
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Filters:
    """Which leads are counted: by the day they started (both ends included, None is open) and by their columns."""

    start_from: date | None = None
    start_to: date | None = None
    where: tuple[OneOf | Between, ...] = ()


@dataclass(frozen=True)
class Question:
    """All that decides a result. `quorum`: how many of an account's leads must reach a stage (None: every one).

    `dated_by` is the model whose start the dates look at, so that several models look at the same leads; None: its own.
    """

    model: StageModel
    rule: Rule = Rule.PASSED
    window_days: int | None = None
    entry: Entry = Entry.FIRST
    unit: Unit = Unit.LEAD
    quorum: int | None = 1
    filters: Filters = Filters()
    observed_until: datetime | None = None
    dated_by: StageModel | None = None
