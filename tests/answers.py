"""The complete answers of every command as plain data, by name."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from math import isclose
from typing import Any

from funnel import DataSet, measures
from funnel.cli import output
from funnel.core.types import AS_RECORDED, Question, Rule, Unit

UNSAID = ("sql", "question", "questions")
"""What results carry beside their numbers."""


def asked(data_set: DataSet) -> dict[str, Question]:
    """Questions of every kind: each rule, with and without a window, of leads and accounts."""
    return {
        "standard": data_set.question("standard"),
        "as recorded": data_set.question("as-recorded", rule=Rule.VISITED),
        "in order, window": data_set.question("as-recorded", rule=Rule.IN_ORDER, window_days=14),
        "any entry": data_set.question("as-recorded", rule=Rule.IN_ORDER, window_days=7, entry="any"),
        "accounts": data_set.question("as-recorded", unit=Unit.ACCOUNT, window_days=30),
        "loop": data_set.question("consumer-decision-journey"),
    }


def answer(data_set: DataSet, name: str, day: date) -> dict[str, Any]:
    """What every command says of a question of `asked`, or of the files ("files"); `day` parts the periods of `change`."""
    found = of_files(data_set) if name == "files" else of_question(data_set, asked(data_set)[name], day)
    return dict(json.loads(json.dumps(found)))


def requiring(question: Question, columns: tuple[str, ...]) -> Question:
    """The question of the same model, whose stages all require these columns."""
    model = question.model
    return replace(
        question, model=replace(model, stages=tuple(replace(each, requires=columns) for each in model.stages))
    )


def of_files(data_set: DataSet) -> dict[str, Any]:
    """What was understood of the files, but for how that was recognised, and their models side by side."""
    inspected = output.inspection(data_set)
    for part in ("files", "why", "alternatives", "doubts"):
        del inspected[part]
    compared = output.comparison(data_set.ask(measures.comparison, ["standard", "as-recorded", "tofu-mofu-bofu"]))
    return {
        "inspect": inspected,
        "compare": compared,
        "order": plain(data_set.ask(measures.inferred_order, AS_RECORDED)),
    }


def of_question(data_set: DataSet, question: Question, day: date) -> dict[str, Any]:
    """What every command says of one question."""
    spans = (day - timedelta(days=80), day - timedelta(days=1)), (day, day + timedelta(days=60))
    found = {
        "steps": output.funnel(
            data_set.ask(measures.steps, question), data_set.ask(measures.breakdown, question, "region")
        ),
        "cohorts": output.cohorts(data_set.ask(measures.cohorts, question, "week", (10, 30))),
        "to a stage": output.cohorts(data_set.ask(measures.cohorts, question, "week", (10, 30)), 1),
        "change": output.change(
            data_set.ask(measures.periods, question, *spans, by="region", day=20),
            data_set.ask(measures.stage_changes, question, *spans),
        ),
        "segments": output.segments(data_set.ask(measures.segments, question, "region", day=20), None),
        "amounts": output.segments(data_set.ask(measures.segments, question, "amount", day=20), None),
        "so far": output.segments(data_set.ask(measures.segments, question, "region", 1, so_far=True), None),
        "two": output.segments(
            data_set.ask(measures.segments, question, [{"region": "N"}, {"region": "S"}], 1, 20), None
        ),
        "scan": output.scan(data_set.ask(measures.scan, question, day=20)),
        "plan": output.plan(data_set.ask(measures.plans, question, (0.5,), day=20)),
        "rules": plain(data_set.ask(measures.rule_sensitivity, question)),
        "entry": output.entry_conditions(
            data_set.ask(measures.entry_conditions, requiring(question, ("region", "amount"))), data_set.concepts
        ),
        "kpis": plain(data_set.ask(measures.kpis, question, 30)),
        "starts": plain(data_set.ask(measures.starts, question)),
        "curves": plain(data_set.ask(measures.curves, question, "week")),
        "curves of groups": plain(data_set.ask(measures.segment_curves, question, "region")),
        "trend": plain(data_set.ask(measures.step_trend, question, "week", 20)),
        "cohort amounts": plain(data_set.ask(measures.cohort_amounts, question, "week")),
        "deciders": plain(data_set.ask(measures.account_sizes, question)),
        "lists": [
            int(data_set.ask(measures.leads_at, question, place, part, limit=1).attrs["total"])
            for place in range(len(question.model.stages))
            for part in ("all", "lost")
        ],
    }
    if question.unit is Unit.LEAD and question.window_days is None:
        found["moves"] = output.moves(data_set.ask(measures.moves, question, 1000))
        found["backward"] = plain(data_set.ask(measures.backward, question))
        times = (
            data_set.ask(measures.times, question),
            data_set.ask(measures.aging, question),
            data_set.ask(measures.velocity, question),
        )
        found["times"] = output.times(*times, data_set.ask(measures.times_by, question, "region"))
    if question.model.loop:
        found["loyalty"] = plain(data_set.ask(measures.loyalty, question))
    return found


def plain(value: Any) -> Any:
    """A result as plain data: dataclasses by their fields, moments as text; without the SQL and the question."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value) if each.name not in UNSAID}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(plain(key)): plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def differences(one: Any, other: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """(path, one, other) of each value that is not the same."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [found for key in one for found in differences(one[key], other[key], f"{path}/{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [found for place, (a, b) in pairs for found in differences(a, b, f"{path}/{place}")]
    return [] if same(one, other) else [(path, one, other)]


def same(one: Any, other: Any, times: int = 1) -> bool:
    """Whether a value is so many times another; numbers but for the last digits, since threads add them up in any order."""
    if isinstance(one, bool) or not isinstance(one, int | float) or not isinstance(other, int | float):
        return bool(one == other)
    return isclose(times * one, other, rel_tol=1e-9, abs_tol=1e-12)
