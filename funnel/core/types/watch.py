"""What a person wants to be told of: the rules of a watch, as they stand in a file, a project, or on the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

LEAST_BUDGET, MOST_BUDGET = 0.25, 12.0


class Direction(StrEnum):
    """Which way a step must leave its usual range to ring: DOWN only, or BOTH."""

    DOWN = "down"
    BOTH = "both"


class RuleKind(StrEnum):
    """What a rule looks at."""

    STEP = "step"
    WINS = "wins"
    STALLED = "stalled"
    OPEN_VALUE = "open_value"
    DATA = "data"
    TARGET = "target"


@dataclass(frozen=True)
class StepRule:
    """The step from a stage, by its key or name, to the next: how many go on within `day` days (None: the time of three quarters of those
    who do) leaves the usual range."""

    step: str
    day: int | None = None
    direction: Direction = Direction.DOWN

    @property
    def kind(self) -> RuleKind:
        """STEP."""
        return RuleKind.STEP

    @property
    def key(self) -> str:
        """What tells it from the other rules."""
        return f"step: {self.step}"


@dataclass(frozen=True)
class WinsRule:
    """The wins of the last whole month lie below the 95 % range that was forecast of it."""

    @property
    def kind(self) -> RuleKind:
        """WINS."""
        return RuleKind.WINS

    @property
    def key(self) -> str:
        """What tells it from the other rules."""
        return "wins"


@dataclass(frozen=True)
class StalledRule:
    """More than `above` open leads, or leads worth more than `value_above` in a `currency`, have stayed longer than nine tenths of those
    that moved on; without either, any lead came to do so in the last `days` days."""

    above: int | None = None
    value_above: float | None = None
    currency: str = ""
    days: int = 7

    @property
    def kind(self) -> RuleKind:
        """STALLED."""
        return RuleKind.STALLED

    @property
    def key(self) -> str:
        """What tells it from the other rules."""
        if self.value_above is not None:
            return f"stalled: value {self.currency}".strip()
        return "stalled" if self.above is None else "stalled: leads"


@dataclass(frozen=True)
class OpenValueRule:
    """What open leads are worth lies `below` this, in a `currency` ("": the only one)."""

    below: float
    currency: str = ""

    @property
    def kind(self) -> RuleKind:
        """OPEN_VALUE."""
        return RuleKind.OPEN_VALUE

    @property
    def key(self) -> str:
        """What tells it from the other rules."""
        return f"open_value {self.currency}".strip()


@dataclass(frozen=True)
class DataRule:
    """The data are not fit to be judged: the newest entry is older than `max_age_days`, more than `rejected_above` lines or cells could not
    be read (None: any number may), or entries stand at a label that means nothing."""

    max_age_days: int = 14
    rejected_above: int | None = None
    unknown_labels: bool = True

    @property
    def kind(self) -> RuleKind:
        """DATA."""
        return RuleKind.DATA

    @property
    def key(self) -> str:
        """What tells it from the other rules."""
        return "data"


@dataclass(frozen=True)
class TargetRule:
    """The target of so many `wins` by a day (from `since`; None: the quarter's first day) is reached with a probability under `under`."""

    wins: int
    by: date
    since: date | None = None
    under: float = 0.5

    @property
    def kind(self) -> RuleKind:
        """TARGET."""
        return RuleKind.TARGET

    @property
    def key(self) -> str:
        """What tells it from the other rules."""
        return f"target: {self.by.isoformat()}"


Rule = StepRule | WinsRule | StalledRule | OpenValueRule | DataRule | TargetRule


@dataclass(frozen=True)
class WatchRules:
    """The rules, and how many false alarms of steps a year are accepted of all of them together."""

    rules: tuple[Rule, ...]
    false_alarms_a_year: float = 1.0

    @property
    def steps(self) -> tuple[StepRule, ...]:
        """Those of steps, which share the false alarms."""
        return tuple(rule for rule in self.rules if isinstance(rule, StepRule))


def usual_rules(steps: Iterable[str]) -> WatchRules:
    """What is watched where nothing is said: each of these steps, the wins, stalled leads and the data."""
    return WatchRules((*(StepRule(step) for step in steps), WinsRule(), StalledRule(), DataRule()))


@dataclass(frozen=True)
class Episode:
    """How a rule stands between two looks: since when it rings (None: not), how many calm looks there were since it last did, and what the
    last look was at."""

    since: date | None = None
    calm: int = 0
    look: str = ""
