"""Cohorts as plain data, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.cli.output.text import moment, table
from funnel.core.types import FEWEST_FOR_A_RATE, ByDay, Cohort, Cohorts, Note
from funnel.words import wording


def cohorts(found: Cohorts, target: int | None = None, warnings: Sequence[Note] = ()) -> dict[str, Any]:
    """The cohorts, oldest first, and all leads together; `target` is the stage that `by_day` leads to (None: the win).

    `leads` of a stage are those that reached it so far. A rate is null where nobody was followed that long; `mature` counts only
    leads that were: converted within so many days, as `segments` and `plan` count it, while `rate` is the Aalen–Johansen estimate of all.
    `plain` is all converted so far of all leads; of wins it is the `lead_to_win_rate` of `steps`.
    `warnings` are what a reader of these numbers should know.
    """
    question = found.question
    return {
        "model": question.model.key,
        "rule": question.rule.value,
        "window_days": question.window_days,
        "unit": question.unit.value,
        "from": moment(question.filters.start_from),
        "to": moment(question.filters.start_to),
        "observed_until": moment(question.observed_until),
        "period": found.period.value,
        "to_stage": None if target is None else question.model.stages[target].key,
        "undated": found.undated,
        "cohorts": [_cohort(found, cohort, target) for cohort in found.cohorts],
        "all": _cohort(found, found.whole, target),
        "warnings": [
            *(wording.say(note.key, **note.values) for note in warnings),
            *([wording.say("measures.cohorts_as_if_apart")] if found.as_if_apart else []),
        ],
    }


def _cohort(found: Cohorts, cohort: Cohort, target: int | None) -> dict[str, Any]:
    asked = cohort.to(target)
    bounds = asked.bounds
    return {
        "start": moment(cohort.start),
        "leads": cohort.leads,
        "won": cohort.won,
        "lost": cohort.lost,
        "open": cohort.open,
        "followed_days": cohort.followed_days,
        "stages": [
            {
                "key": stage.key,
                "name": stage.name,
                "leads": reached.converted,
                "by_day": [_rate(each) for each in reached.by_day],
            }
            for stage, reached in zip(found.question.model.stages, cohort.stages, strict=True)
        ],
        "by_day": [_by_day(each) for each in asked.by_day],
        "plain": asked.converted / asked.leads if asked.leads else None,
        "at_least": bounds and bounds[0],
        "at_most": bounds and bounds[1],
        "untimed": asked.untimed,
    }


def _by_day(told: ByDay) -> dict[str, Any]:
    return {
        **_rate(told),
        "low": told.low,
        "high": told.high,
        "mature": {"converted": told.mature.numerator, "leads": told.mature.denominator, "rate": told.mature.value},
    }


def _rate(told: ByDay) -> dict[str, Any]:
    return {
        "day": told.day,
        "converted": told.converted,
        "rate": told.rate,
        "old_enough": told.old_enough,
        "unknown": told.unknown,
    }


def cohorts_text(answer: dict[str, Any]) -> str:
    """`cohorts` as a table for a terminal: reached so far, then the rate by each day with who is old enough."""
    stages = answer["all"]["stages"]
    days = [told["day"] for told in answer["all"]["by_day"]]
    heads = [wording.say("command.cohort"), wording.say("command.cohort_leads"), *(stage["name"] for stage in stages)]
    heads += [wording.say("command.cohort_by_day", day=day) for day in days]
    rows = [
        [
            cohort["start"] or wording.say("command.cohort_all"),
            wording.number(cohort["leads"]),
            *(wording.number(stage["leads"]) for stage in cohort["stages"]),
            *(_cell(told, cohort["leads"]) for told in cohort["by_day"]),
        ]
        for cohort in [*answer["cohorts"], answer["all"]]
    ]
    to = answer["to_stage"]
    reached = wording.say("command.cohort_win") if to is None else next(s["name"] for s in stages if s["key"] == to)
    title = wording.say("command.cohorts_line", period=answer["period"], model=answer["model"], reached=reached)
    return "\n".join([title, "", *table(heads, rows), *(["", *answer["warnings"]] if answer["warnings"] else [])])


def _cell(told: dict[str, Any], leads: int) -> str:
    key = "cohort_rate" if leads >= FEWEST_FOR_A_RATE else "cohort_few"
    if told["rate"] is None:
        key = f"cohort_unknown_{told['unknown']}"
    values = {"rate": told["rate"], "old": told["old_enough"], "converted": told["converted"], "leads": leads}
    return wording.say(f"command.{key}", **values)
