"""Times, aging and velocity as plain data, and as text."""

from __future__ import annotations

from typing import Any

from funnel.cli.output.text import moment, paragraphs, rows_text, top_stage
from funnel.core import insights
from funnel.core.rows import Row, data
from funnel.core.types import Unit
from funnel.measures.aging import Aging
from funnel.measures.time_to_convert import RARE
from funnel.measures.times import Times, TimesBy
from funnel.measures.velocity import Velocity
from funnel.words import wording

QUARTILES = ("quarter_days", "median_days", "three_quarters_days")


def times(result: Times, aging: Aging, velocity: Velocity, groups: TimesBy | None = None) -> dict[str, Any]:
    """Durations are in days, rates are fractions; null is what cannot be said, and `missing` why, where it is the file's fault.

    With `groups`, the stages and steps of each value of a column.

    Some keys say by themselves less than they mean, and stand beside one that says it. Of a stage, `lost` are `loss_events` (a lead
    lost twice is two) and `still` are `there_now`; of a step, `advanced` are `came_to_next` (skipping or not), `lost` are
    `lost_for_good` and `open` are `undecided`. Of the velocity, `win_rate` is `win_rate_of_closed` (won of those that were won or
    lost within `within_days`), `cycle_days` is `mean_days_to_win` of the same wins, `mean_days` is `mean_days_open`. The leads of
    `drop_off` are those lost for good that stood there last.
    """
    question, stuck = result.question, result.bottleneck
    answer: dict[str, Any] = {
        "model": question.model.key,
        "unit": Unit.LEAD.value,
        "observed_until": moment(question.observed_until),
        "leads": result.leads,
        **_durations(result),
        "left_out": [question.model.stages[position].name for position in result.left_out],
        "aging": data(aging.rows()),
        "velocity": {
            "within_days": velocity.within_days,
            "open": velocity.open,
            "decided": velocity.decided,
            "currencies": data(velocity.rows()),
            "arrivals_per_day": velocity.arrivals_per_day,
            "mean_days": velocity.mean_days,
            "mean_days_open": velocity.mean_days,
            "expected_open": velocity.expected_open,
            "missing": None
            if velocity.missing is None
            else wording.say(velocity.missing.key, **velocity.missing.values),
        },
        "bottleneck": None
        if stuck is None or stuck.slowest is None
        else " ".join(wording.say(note.key, **note.values) for note in stuck.sentences),
        "slowest": top_stage(stuck.slowest if stuck else None, "days"),
        "drop_off": top_stage(stuck.drop_off if stuck else None, "leads"),
        "missing": None if result.missing is None else wording.say(result.missing.key, **result.missing.values),
    }
    if groups is not None:
        answer["groups"] = [{"value": value, "leads": each.leads, **_durations(each)} for value, each in groups.groups]
    return answer


def times_text(result: Times, aging: Aging, velocity: Velocity, groups: TimesBy | None, answer: dict[str, Any]) -> str:
    """`times` for a terminal: stages, steps, open leads and velocity, each a table, then the bottleneck; `answer` is what `times` gives."""
    until = result.question.observed_until
    title = wording.say("command.times_line", model=answer["model"], leads=answer["leads"], observed_until=until)
    parts = [[title], [answer["missing"]] if answer["missing"] else [], *_tables(result)]
    if answer["left_out"] and result.stages:
        parts.append([wording.say("command.times_left_out", stages=answer["left_out"])])
    if aging.stages:
        parts.append(rows_text("aging", aging.rows()))
    parts.append(_velocity(velocity))
    for value, each in groups.groups if groups else ():
        parts.append([wording.say("command.times_group", value=insights.value_said(value), leads=each.leads)])
        parts += _tables(each)
    return paragraphs([*parts, [answer["bottleneck"]] if answer["bottleneck"] else []])


def _durations(result: Times) -> dict[str, Any]:
    return {"stages": data(result.rows()), "steps": data([step.row() for step in result.steps])}


def _tables(result: Times) -> list[list[str]]:
    stages, steps = [_reached(row) for row in result.rows()], result.step_rows()
    return [rows_text("times", stages) if stages else [], rows_text("step_times", steps, rare=RARE) if steps else []]


def _reached(stage: Row) -> Row:
    """A stage that says of the days which are not known that so many are still there that they are not reached."""
    if not stage["stays"]:
        return stage
    unreached = {field: wording.say("command.times_not_reached") for field in QUARTILES if stage[field] is None}
    return {**stage, **unreached}


def _velocity(result: Velocity) -> list[str]:
    if result.missing:
        return [wording.say(result.missing.key, **result.missing.values)]
    sentences = [
        wording.say(
            "command.times_velocity_few" if pace.win_rate.few else "command.times_velocity",
            open=pace.open,
            rate=pace.win_rate.value,
            won=pace.win_rate.numerator,
            decided=pace.win_rate.denominator,
            amount=wording.money(pace.value, wording.plain(pace.currency)),
            days=pace.cycle_days,
            within=result.within_days,
            month=wording.money(pace.per_month, wording.plain(pace.currency)),
        )
        for pace in result.paces
    ]
    return [*sentences, wording.say("command.times_assumption", days=result.within_days)]
