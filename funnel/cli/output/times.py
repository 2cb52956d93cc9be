"""Times, aging and velocity as plain data, and as text."""

from __future__ import annotations

from math import floor
from typing import Any

from funnel.cli.output.text import moment, share, table, top_stage
from funnel.core.types import FEWEST_FOR_A_RATE, Aging, Pace, StageTime, StepTime, Times, TimesBy, Unit, Velocity
from funnel.words import wording


def times(found: Times, aging: Aging, velocity: Velocity, groups: TimesBy | None = None) -> dict[str, Any]:
    """Durations are in days, rates are fractions; null is what cannot be said, and `missing` why, where it is the file's fault.

    With `groups`, the stages and steps of each value of a column.

    Some keys say by themselves less than they mean, and stand beside one that says it. Of a stage, `lost` are `loss_events` (a lead
    lost twice is two) and `still` are `there_now`; of a step, `advanced` are `came_to_next` (skipping or not), `lost` are
    `lost_for_good` and `open` are `undecided`. Of the velocity, `win_rate` is `win_rate_of_closed` (won of those that were won or
    lost within `within_days`), `cycle_days` is `mean_days_to_win` of the same wins, `mean_days` is `mean_days_open`. The leads of
    `drop_off` are those lost for good that stood there last.
    """
    question, stuck = found.question, found.bottleneck
    answer: dict[str, Any] = {
        "model": question.model.key,
        "unit": Unit.LEAD.value,
        "observed_until": moment(question.observed_until),
        "leads": found.leads,
        **_durations(found),
        "left_out": [question.model.stages[place].name for place in found.left_out],
        "aging": [
            {
                "stage": stage.name,
                "open": stage.open,
                "untimed": stage.untimed,
                "median_days": stage.median_days,
                "stalled": stage.stalled,
                "long_stalled": stage.long_stalled,
                "limit_days": stage.limit,
                "long_limit_days": stage.long_limit,
                "moved_on": stage.moved_on,
            }
            for stage in aging.stages
        ],
        "velocity": {
            "within_days": velocity.within_days,
            "open": velocity.open,
            "decided": velocity.decided,
            "currencies": [_pace(pace) for pace in velocity.paces],
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
        "missing": None if found.missing is None else wording.say(found.missing.key, **found.missing.values),
    }
    if groups is not None:
        answer["groups"] = [{"value": value, "leads": each.leads, **_durations(each)} for value, each in groups.groups]
    return answer


def times_text(answer: dict[str, Any]) -> str:
    """`times` for a terminal: stages, steps, open leads and velocity, each a table, then the bottleneck."""
    title = wording.say("command.times_line", **{name: answer[name] for name in ("model", "leads", "observed_until")})
    parts = [title]
    if answer["missing"]:
        parts.append(answer["missing"])
    parts += _tables(answer)
    if answer["left_out"] and answer["stages"]:
        parts.append(wording.say("command.times_left_out", stages=answer["left_out"]))
    if answer["aging"]:
        heads = _heads("stage", "open", "median_so_far", "stalled", "long_stalled", "limit")
        rows = [
            [
                stage["stage"],
                wording.number(stage["open"]),
                wording.days(stage["median_days"]),
                wording.number(stage["stalled"]),
                wording.number(stage["long_stalled"]),
                wording.days(stage["limit_days"]),
            ]
            for stage in answer["aging"]
        ]
        parts.append("\n".join(table(heads, rows)))
    parts.append("\n".join(_velocity(answer["velocity"])))
    for group in answer.get("groups", []):
        value = group["value"] if group["value"] is not None else wording.say("command.no_value")
        parts += [wording.say("command.times_group", value=value, leads=group["leads"]), *_tables(group)]
    if answer["bottleneck"]:
        parts.append(answer["bottleneck"])
    return "\n\n".join(parts)


def _durations(found: Times) -> dict[str, Any]:
    return {"stages": [_stage(stage) for stage in found.stages], "steps": [_step(step) for step in found.steps]}


def _stage(stage: StageTime) -> dict[str, Any]:
    return {
        "key": stage.key,
        "name": stage.name,
        "stays": stage.stays,
        "left": stage.left,
        "still": stage.still,
        "there_now": stage.still,
        "lost": stage.lost,
        "loss_events": stage.lost,
        "untimed": stage.untimed,
        "quarter_days": stage.times.quarter.days,
        "median_days": stage.times.median.days,
        "three_quarters_days": stage.times.three_quarters.days,
        "median_low": stage.times.median.low,
        "median_high": stage.times.median.high,
        "completed_median_days": stage.left_median,
        "all_days": stage.all_days,
    }


def _step(step: StepTime) -> dict[str, Any]:
    return {
        "from": step.key,
        "to": step.next_key,
        "from_name": step.name,
        "to_name": step.next_name,
        "entered": step.entered,
        "advanced": step.advanced,
        "came_to_next": step.advanced,
        "lost": step.lost,
        "lost_for_good": step.lost,
        "otherwise": step.otherwise,
        "open": step.waiting,
        "undecided": step.waiting,
        "untimed": step.untimed,
        "by_day": [
            {
                "day": each.day,
                "rate": each.rate,
                "low": each.low,
                "high": each.high,
                "old_enough": each.old_enough,
                "advanced": each.converted,
            }
            for each in step.by_day
        ],
        "eventual": step.eventual,
        "at_least": step.rate_until,
        "at_least_by_day": step.until,
        "timed": step.timed,
        "half_of_all_days": step.half_days,
        "quarter_days": step.times.quarter.days,
        "median_days": step.times.median.days,
        "three_quarters_days": step.times.three_quarters.days,
        "completed_median_days": step.advanced_median,
    }


def _pace(pace: Pace) -> dict[str, Any]:
    return {
        "currency": pace.currency or None,
        "open": pace.open,
        "decided": pace.win_rate.denominator,
        "won": pace.win_rate.numerator,
        "win_rate": pace.win_rate.value,
        "win_rate_of_closed": pace.win_rate.value,
        "mean_amount": pace.value,
        "cycle_days": pace.cycle_days,
        "mean_days_to_win": pace.cycle_days,
        "per_day": pace.per_day,
        "per_month": pace.per_month,
    }


def _tables(answer: dict[str, Any]) -> list[str]:
    found = []
    if answer["stages"]:
        heads = _heads("stage", "stays", "still", "quarter", "median", "three_quarters", "left_only")
        rows = [
            [
                stage["name"],
                wording.number(stage["stays"]),
                wording.number(stage["still"]),
                *(_days(stage, name) for name in ("quarter_days", "median_days", "three_quarters_days")),
                wording.days(stage["completed_median_days"]),
            ]
            for stage in answer["stages"]
        ]
        found.append("\n".join(table(heads, rows)))
    if answer["steps"]:
        days = [each["day"] for each in answer["steps"][0]["by_day"]]
        heads = [
            *_heads("step", "came", "advanced", "lost", "otherwise", "undecided"),
            *(wording.say("command.times_by_day", day=day) for day in days),
            *_heads("eventual", "step_median", "moved_only", "timed"),
        ]
        rows = [
            [
                wording.say("command.times_from_to", before=step["from_name"], after=step["to_name"]),
                *(wording.number(step[name]) for name in ("entered", "advanced", "lost", "otherwise", "open")),
                *(share(each["rate"], each["advanced"], step["entered"]) for each in step["by_day"]),
                _in_the_end(step),
                wording.days(step["median_days"]),
                wording.days(step["completed_median_days"]),
                wording.number(step["timed"]),
            ]
            for step in answer["steps"]
        ]
        found.append("\n".join(table(heads, rows)))
    return found


def _in_the_end(step: dict[str, Any]) -> str:
    """What comes of a step; or how much has by when, where that is not known yet."""
    if step["eventual"] is None and step["at_least"] is not None and step["entered"] >= FEWEST_FOR_A_RATE:
        return wording.say("command.times_at_least", rate=step["at_least"], day=floor(step["at_least_by_day"]))
    return share(step["eventual"], step["advanced"], step["entered"])


def _days(stage: dict[str, Any], name: str) -> str:
    """The days; or that so many are still there that they are not reached."""
    if stage[name] is None and stage["stays"]:
        return wording.say("command.times_not_reached")
    return wording.days(stage[name])


def _velocity(answer: dict[str, Any]) -> list[str]:
    if answer["missing"]:
        return [answer["missing"]]
    said = [
        wording.say(
            "command.times_velocity_few" if pace["decided"] < FEWEST_FOR_A_RATE else "command.times_velocity",
            open=pace["open"],
            rate=pace["win_rate"],
            won=pace["won"],
            decided=pace["decided"],
            amount=wording.money(pace["mean_amount"], pace["currency"] or ""),
            days=pace["cycle_days"],
            within=answer["within_days"],
            month=wording.money(pace["per_month"], pace["currency"] or ""),
        )
        for pace in answer["currencies"]
    ]
    return [*said, wording.say("command.times_assumption", days=answer["within_days"])]


def _heads(*names: str) -> list[str]:
    return [wording.say(f"command.times_{name}") for name in names]
