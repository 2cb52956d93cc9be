"""The rules of a watch as a small TOML file, and back.

false_alarms_a_year = 1           of all steps together, 0.25 to 12
[[rule]]
kind = "step"                     step = a stage by key or name; day = within so many days; direction = "down" or "both"
kind = "wins"
kind = "stalled"                  above = so many leads, or value_above = so much, currency; else any new ones of the last `days` (7)
kind = "open_value"               below = so much, currency
kind = "data"                     max_age_days (14), rejected_above, unknown_labels (true)
kind = "target"                   wins, by, since, under (0.5)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

from funnel.core import toml_text
from funnel.core.decoding import Leaf, Text, Undecodable, decoded, inside, refusing, whole
from funnel.core.errors import QuestionError
from funnel.core.types.watch import (
    LEAST_BUDGET,
    MOST_BUDGET,
    DataRule,
    Direction,
    OpenValueRule,
    Rule,
    RuleKind,
    StalledRule,
    StepRule,
    TargetRule,
    WatchRules,
    WinsRule,
)

FILE = "watch.toml"
MOST_RULES = 200
LONGEST_DAYS = 36_500
MOST_COUNT, MOST_AMOUNT = 10**9, 1e15
LONGEST_NAME = 1000


def read(path: str | Path) -> WatchRules:
    """The rules of a file. QuestionError names the file, the place, what was found and what is accepted."""
    file = Path(path)
    try:
        with file.open("rb") as opened:
            content = opened.read(toml_text.MOST_BYTES + 1)
    except (OSError, ValueError) as fault:
        raise QuestionError("command.watch_unreadable", file=str(path)) from fault
    return from_toml(content, file.name)


def from_toml(content: str | bytes, name: str) -> WatchRules:
    """The rules in a file's content; `name` is what its errors call it."""
    try:
        table = toml_text.parsed(content)
    except toml_text.NotToml as fault:
        raise QuestionError("errors.catalogue_toml", file=name, found=str(fault)) from fault
    with refusing(QuestionError, name, joint="."):
        saved = decoded(_File, table)
        with inside("rule"):
            return WatchRules(_rules(saved.rule), saved.false_alarms_a_year)


def to_toml(rules: WatchRules) -> str:
    """The rules as a file that reads back as the same rules."""
    lines = [f"false_alarms_a_year = {_written(rules.false_alarms_a_year)}"]
    for rule in rules.rules:
        said = [(each.name, getattr(rule, each.name), each.default) for each in fields(rule)]
        lines += ["", "[[rule]]", f"kind = {toml_text.text(rule.kind.value)}"]
        lines += [
            f"{name} = {_written(value)}" for name, value, default in said if default is MISSING or value != default
        ]
    return "\n".join(lines) + "\n"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return toml_text.text(value.value if isinstance(value, Enum) else value)
    return value.isoformat() if isinstance(value, date) else repr(value)


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


_Day = Annotated[
    date,
    Leaf(
        lambda value: isinstance(value, str | date) and not isinstance(value, datetime),
        "a day such as 2026-12-31",
        _day,
    ),
]
_Days = Annotated[int, whole(1, LONGEST_DAYS, f"a whole number of days, from 1 to {LONGEST_DAYS:,}")]
_Count = Annotated[int, whole(0, MOST_COUNT, "a whole number of 0 or more")]
_Name = Annotated[
    str,
    Leaf(
        lambda value: isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_NAME, "a text in quotes", str.strip
    ),
]


def _between(least: float, most: float, accepted: str) -> Leaf:
    return Leaf(lambda value: type(value) in (int, float) and least <= value <= most, accepted, float)


_Amount = Annotated[float, _between(0, MOST_AMOUNT, "an amount of 0 or more")]


@dataclass(frozen=True)
class _Step:
    step: _Name
    day: _Days | None = None
    direction: Direction = Direction.DOWN


@dataclass(frozen=True)
class _Stalled:
    above: _Count | None = None
    value_above: _Amount | None = None
    currency: Text = ""
    days: _Days = 7


@dataclass(frozen=True)
class _OpenValue:
    below: _Amount
    currency: Text = ""


@dataclass(frozen=True)
class _Data:
    max_age_days: _Days = 14
    rejected_above: _Count | None = None
    unknown_labels: bool = True


@dataclass(frozen=True)
class _Target:
    wins: Annotated[int, whole(1, 1_000_000, "a whole number from 1 to 1,000,000")]
    by: _Day
    since: _Day | None = None
    under: Annotated[float, _between(0.01, 0.99, "a share from 0.01 to 0.99")] = 0.5


@dataclass(frozen=True)
class _Nothing:
    pass


_Rules = Annotated[
    list[Any],
    Leaf(lambda value: isinstance(value, list) and 0 < len(value) <= MOST_RULES, f"1 to {MOST_RULES} [[rule]]"),
]


@dataclass(frozen=True)
class _File:
    rule: _Rules
    false_alarms_a_year: Annotated[
        float, _between(LEAST_BUDGET, MOST_BUDGET, f"a number from {LEAST_BUDGET:g} to {MOST_BUDGET:g}")
    ] = 1.0


_SAID: Mapping[RuleKind, tuple[type, type]] = {
    RuleKind.STEP: (_Step, StepRule),
    RuleKind.WINS: (_Nothing, WinsRule),
    RuleKind.STALLED: (_Stalled, StalledRule),
    RuleKind.OPEN_VALUE: (_OpenValue, OpenValueRule),
    RuleKind.DATA: (_Data, DataRule),
    RuleKind.TARGET: (_Target, TargetRule),
}


def _rules(listed: list[Any]) -> tuple[Rule, ...]:
    found: dict[str, Rule] = {}
    for place, value in enumerate(listed):
        with inside(place):
            rule = _rule(value)
            if rule.key in found:
                raise Undecodable("each rule once", found=f"{toml_text.shown(rule.key)} for the second time")
            found[rule.key] = rule
    return tuple(found.values())


def _rule(value: Any) -> Rule:
    if not isinstance(value, dict):
        raise Undecodable("a table", value=value)
    with inside("kind"):
        kind = decoded(RuleKind, value.get("kind", "nothing"))
    said, made = _SAID[kind]
    given: Any = decoded(said, {key: each for key, each in value.items() if key != "kind"})
    rule: Rule = made(**vars(given))
    return rule
