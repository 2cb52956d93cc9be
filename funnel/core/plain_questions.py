"""A question as plain data of JSON, and back, each value checked, since it can come from anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from funnel.core.decoding import decoded
from funnel.core.types import (
    AsOf,
    Between,
    Calendar,
    Closed,
    Entry,
    Filters,
    OneOf,
    Question,
    Rule,
    StageModel,
    Unit,
    Value,
)

KINDS = {"one of": OneOf, "between": Between, "closed": Closed}


@dataclass(frozen=True)
class _Value:
    """A value by its kind; without any it is empty."""

    text: str | None = None
    number: float | None = None
    day: date | None = None
    moment: datetime | None = None


@dataclass(frozen=True)
class _Condition:
    kind: str
    column: str
    values: tuple[_Value, ...]


@dataclass(frozen=True)
class _Question:
    model: StageModel
    rule: Rule
    window_days: int | None
    entry: Entry
    unit: Unit
    quorum: int | None
    start_from: date | None
    start_to: date | None
    where: tuple[_Condition, ...]
    observed_until: datetime | None
    attributes: AsOf
    dated_by: StageModel | None
    calendar: Calendar = Calendar.GREGORIAN


MOST_DAYS = 100_000
FIRST_YEAR, LAST_YEAR = 1000, 2999
"""Years that a day of a question can lie in."""


def plain(question: Question) -> dict[str, Any]:
    """The question as plain data."""
    return {
        "model": plain_model(question.model),
        "rule": question.rule.value,
        "window_days": question.window_days,
        "entry": question.entry.value,
        "unit": question.unit.value,
        "quorum": question.quorum,
        "start_from": _iso(question.filters.start_from),
        "start_to": _iso(question.filters.start_to),
        "where": plain_conditions(question.filters.where),
        "observed_until": _iso(question.observed_until),
        "attributes": question.attributes.value,
        "dated_by": None if question.dated_by is None else plain_model(question.dated_by),
        "calendar": question.calendar.value,
    }


def plain_model(model: StageModel) -> dict[str, Any]:
    """The model as plain data."""
    plain = asdict(model)
    for dated in (*plain["versions"], *plain["seams"]):
        dated |= {name: _iso(dated[name]) for name in ("since", "until") if name in dated}
    return plain


def read(values: Any) -> Question:
    """The question that `plain` gave. Undecodable, or ValueError, where it is none."""
    said = decoded(_Question, values)
    for model in filter(None, (said.model, said.dated_by)):
        check(model)
    days = [each for each in (said.start_from, said.start_to, said.observed_until) if each is not None]
    if (said.window_days or 0) > MOST_DAYS or any(not FIRST_YEAR <= day.year <= LAST_YEAR for day in days):
        raise ValueError("days that no file has")
    return Question(
        model=said.model,
        rule=said.rule,
        window_days=said.window_days,
        entry=said.entry,
        unit=said.unit,
        quorum=said.quorum,
        filters=Filters(said.start_from, said.start_to, tuple(map(_condition, said.where))),
        observed_until=said.observed_until,
        attributes=said.attributes,
        dated_by=said.dated_by,
        calendar=said.calendar,
    )


def plain_conditions(where: Iterable[OneOf | Between]) -> list[dict[str, Any]]:
    """Conditions as plain data."""
    names = {kind: name for name, kind in KINDS.items()}
    return [
        {
            "kind": names[type(each)],
            "column": each.column,
            "values": [*map(_plain, each.values if isinstance(each, OneOf) else (each.low, each.high))],
        }
        for each in where
    ]


def read_conditions(values: Any) -> tuple[OneOf | Between, ...]:
    """The conditions that `plain_conditions` gave."""
    return tuple(map(_condition, decoded(tuple[_Condition, ...], values)))


def check(model: StageModel) -> None:
    """ValueError where no stage, or two of one key, or a loop or what is required of no stage, or no version can be meant."""
    keys = [stage.key for stage in model.stages]
    if not keys or len(set(keys)) != len(keys):
        raise ValueError("a model without stages of their own")
    if model.loop is not None and not {model.loop.to, *model.loop.past} <= set(keys):
        raise ValueError("a loop to no stage")
    check_versions(model)


def check_versions(model: StageModel) -> None:
    """ValueError where the versions of a model are not in the order of their days, or it is of none of them."""
    starts = [version.since for version in model.versions]
    later = [day for day in starts[1:] if day is not None]
    if starts and (starts[0] is not None or len(later) < len(starts) - 1 or later != sorted({*later})):
        raise ValueError("versions in no order")
    if model.version >= max(1, len(starts)):
        raise ValueError("no such version")


def _condition(said: _Condition) -> OneOf | Between:
    kind = KINDS.get(said.kind)
    values = [_read(each) for each in said.values]
    if kind is OneOf:
        return OneOf(said.column, tuple(values))
    if kind is None or len(values) != 2 or any(isinstance(each, str) for each in values):
        raise ValueError(said.kind)
    low, high = (None if isinstance(each, str) else each for each in values)
    made: Between = kind(said.column, low, high)
    return made


def _plain(value: Value | None) -> Mapping[str, Any]:
    match value:
        case None:
            return {}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case str():
            return {"text": value}
    return {"number": value}


def _read(value: _Value) -> Value | None:
    said = [each for each in (value.text, value.number, value.day, value.moment) if each is not None]
    if len(said) > 1:
        raise ValueError("a value of two kinds")
    return said[0] if said else None


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
