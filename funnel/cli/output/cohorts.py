"""Cohorts as plain data, and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.cli.output.text import moment, table
from funnel.core.rows import Row, data, written
from funnel.core.types import ByDay, Conversion, Note, Rate
from funnel.measures.cohorts import Cohort, Cohorts, bounds_row, by_day_row, cohort_cell
from funnel.words import wording


def cohorts(result: Cohorts, target: int | None = None, warnings: Sequence[Note] = ()) -> dict[str, Any]:
    """The cohorts, oldest first, and all leads together; `target` is the stage that `by_day` leads to (None: the win).

    `leads` of a stage are those that reached it so far. A rate is null where nobody was followed that long; `mature` counts only
    leads that were: converted within so many days, as `segments` and `plan` count it, while `rate` is the Aalen–Johansen estimate of all.
    `plain` is all converted so far of all leads; of wins it is the `lead_to_win_rate` of `steps`.
    `warnings` are what a reader of these numbers should know.
    """
    question = result.question
    return {
        "model": question.model.key,
        "rule": question.rule.value,
        "window_days": question.window_days,
        "unit": question.unit.value,
        "from": moment(question.filters.start_from),
        "to": moment(question.filters.start_to),
        "observed_until": moment(question.observed_until),
        "period": result.period.value,
        "to_stage": None if target is None else question.model.stages[target].key,
        "undated": result.undated,
        "cohorts": [_cohort(result, cohort, target) for cohort in result.cohorts],
        "all": _cohort(result, result.whole, target),
        "warnings": [
            *(wording.say(note.key, **note.values) for note in warnings),
            *([wording.say("measures.cohorts_as_if_apart")] if result.as_if_apart else []),
        ],
    }


def _cohort(result: Cohorts, cohort: Cohort, target: int | None) -> dict[str, Any]:
    conversion = cohort.to(target)
    return {
        "start": moment(cohort.start),
        **_plain(cohort.row()),
        "stages": [
            {
                "key": stage.key,
                "name": stage.name,
                "leads": reached.converted,
                "by_day": data(
                    [by_day_row(reached, each) for each in reached.by_day], without=("low", "high", "mature")
                ),
            }
            for stage, reached in zip(result.question.model.stages, cohort.stages, strict=True)
        ],
        "by_day": [
            {**_plain(by_day_row(conversion, each)), "mature": _mature(each.mature)} for each in conversion.by_day
        ],
        **_plain(bounds_row(conversion)),
    }


def _plain(row: Row) -> dict[str, object]:
    return data([row])[0]


def _mature(rate: Rate) -> dict[str, object]:
    return {"converted": rate.numerator, "leads": rate.denominator, "rate": rate.value}


def cohorts_text(result: Cohorts, target: int | None, answer: dict[str, Any]) -> str:
    """The cohorts as a table for a terminal: reached so far, then the rate by each day with who is old enough; `answer` is `cohorts`."""
    stages = [wording.plain(stage.name) for stage in result.question.model.stages]
    heads = [
        *(wording.say("tables.cohorts.start"), wording.say("tables.cohorts.leads")),
        *stages,
        *(wording.say("command.cohort_by_day", day=day) for day in result.days),
    ]
    rows = [
        [
            written(cohort_cell(cohort.start, result.period, result.question.calendar)),
            written(cohort.leads),
            *(written(reached.converted) for reached in cohort.stages),
            *(_by_day(cohort.to(target), each) for each in cohort.to(target).by_day),
        ]
        for cohort in (*result.cohorts, result.whole)
    ]
    reached = wording.say("command.cohort_win") if target is None else stages[target]
    title = wording.say(
        "command.cohorts_line",
        period=wording.say(f"command.period_{result.period}"),
        model=answer["model"],
        reached=reached,
    )
    return "\n".join([title, "", *table(heads, rows), *(["", *answer["warnings"]] if answer["warnings"] else [])])


def _by_day(conversion: Conversion, by_day: ByDay) -> str:
    """The rate; of too few their counts, or why it is not known; with how many are old enough."""
    if by_day.unknown is not None:
        return wording.say(f"command.cohort_unknown_{by_day.unknown}", old=by_day.old_enough)
    return wording.say(
        "command.cohort_rate", rate=written(by_day_row(conversion, by_day)["rate"]), old=by_day.old_enough
    )
