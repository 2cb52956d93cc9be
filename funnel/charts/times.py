"""How long leads stay at each stage, and how long each step takes them, a row each."""

from __future__ import annotations

from math import floor

import plotly.graph_objects as go

from funnel.charts.canvas.text import plain
from funnel.charts.rows import Row
from funnel.charts.sentences import stuck
from funnel.charts.time_in_stage import Span, waits
from funnel.core.types import FEWEST_FOR_A_RATE, FEWEST_TIMED
from funnel.measures.time_in_stage import Quantile
from funnel.measures.time_to_convert import StepTime
from funnel.measures.times import StageTime, Times, TimesBy
from funnel.words import wording


def stage_times(times: Times, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A row for each stage where leads wait: quartiles by Kaplan–Meier, and hollow the median of those that left only."""
    rows = [_stage_row(stage.name, stage) for stage in times.stages]
    return waits(rows, _legend("stay"), dark=dark, width_hint=width_hint, revision="stage_times")


def group_times(times_by: TimesBy, position: int, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A row for each value of a column: the time at one stage."""
    rows = []
    for value, times in times_by.groups:
        stage = times.at(position)
        if stage is not None:
            rows.append(_stage_row(wording.say("charts.no_value") if value is None else value, stage))
    return waits(rows, _legend("stay"), dark=dark, width_hint=width_hint, revision="group_times")


def step_times(times: Times, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A row for each step on the way to the win: quartiles of those that advance in the end, and hollow the median of those that
    have advanced only."""
    rows = [_step_row(step) for step in times.steps if times.at(step.position) is not None]
    return waits(rows, _legend("step"), dark=dark, width_hint=width_hint, revision="step_times")


def describe_stage_times(times: Times) -> str:
    """Where leads wait most and are lost most, then the median of each stage. Plain text."""
    sentences = [_of_group(stage.name, stage) for stage in times.stages if stage.stays]
    if not sentences:
        return wording.say("charts.times_nothing")
    return " ".join([*([stuck(times.bottleneck)] if times.bottleneck else []), *sentences])


def describe_step_times(times: Times) -> str:
    """How long each step on the way to the win takes, and how many take it in the end. Plain text."""
    sentences = []
    for step in times.steps:
        if times.at(step.position) is not None:
            name = wording.say("charts.times_step", before=plain(step.name), after=plain(step.next_name))
            sentences.append(wording.say("charts.times_of_step", step=name, told=" ".join(_of_step(step))))
    return " ".join(sentences) or wording.say("charts.times_no_steps")


def describe_group_times(times_by: TimesBy, position: int) -> str:
    """The median of each value. Plain text."""
    sentences = []
    for value, times in times_by.groups:
        stage = times.at(position)
        if stage is not None:
            name = wording.say("charts.no_value") if value is None else value
            sentences.append(_of_group(name, stage))
    return " ".join(sentences) or wording.say("charts.times_nothing")


def median_of(median: Quantile) -> str:
    """ "54 days"; or that it is not reached."""
    if median.days is None:
        return wording.say("charts.times_not_reached")
    return wording.say("charts.times_tick", days=median.days)


def _of_group(name: str, stage: StageTime) -> str:
    median = median_of(stage.times.median)
    return wording.say("charts.times_of_group", value=plain(name), median=median, stays=stage.stays)


def _of_step(step: StepTime) -> list[str]:
    """What is known of a step, in sentences: how many take it in the end, and how long they need."""
    sentences = []
    if not step.dated:
        return [wording.say("charts.times_step_undated")]
    if step.entered >= FEWEST_FOR_A_RATE and step.eventual is not None:
        sentences.append(wording.say("charts.times_step_eventual", rate=step.eventual))
    elif step.entered >= FEWEST_FOR_A_RATE and step.rate_until is not None:
        values = {"rate": step.rate_until, "day": floor(step.until or 0)}
        sentences.append(wording.say("charts.times_step_at_least", **values))
    if step.half_days is not None:
        sentences.append(wording.say("charts.times_step_half_of_all", days=step.half_days))
    if step.times.median.days is not None:
        values = {"days": step.times.median.days, "timed": step.timed}
        sentences.append(wording.say("charts.times_step_half", **values))
        sentences += _quartiles(step.times.quarter, step.times.three_quarters)
    elif step.timed < FEWEST_TIMED:
        sentences.append(wording.say("charts.times_step_few", timed=step.timed))
    return sentences


def _step_median(step: StepTime) -> str:
    """The median beside a row; or why there is none."""
    if step.times.median.days is not None:
        return wording.say("charts.times_tick", days=step.times.median.days)
    why = "no_dates" if not step.dated else "too_few" if step.timed < FEWEST_TIMED else "not_yet"
    return wording.say(f"charts.times_{why}")


def _stage_row(name: str, stage: StageTime) -> Span:
    sentences = [
        wording.say(
            "charts.times_stays",
            stays=stage.stays,
            left=stage.left,
            still=stage.still,
            lost=stage.lost,
        )
    ]
    if stage.times.median.days is not None:
        sentences.append(_between("charts.times_half", stage.times.median))
    elif stage.stays:
        sentences.append(wording.say("charts.times_half_unknown"))
    sentences += _quartiles(stage.times.quarter, stage.times.three_quarters)
    if stage.left_median is not None:
        sentences.append(wording.say("charts.times_left_only", days=stage.left_median, left=stage.left))
    median = median_of(stage.times.median) if stage.stays else wording.ABSENT
    counts = wording.say("charts.times_counts", stays=stage.stays, still=stage.still)
    return Span(Row(plain(name), ((median, counts),), sentences), stage.times, stage.left_median)


def _step_row(step: StepTime) -> Span:
    sentences = [
        wording.say(
            "charts.times_step_counts",
            entered=step.entered,
            advanced=step.advanced,
            lost=step.lost,
            otherwise=step.otherwise,
            waiting=step.waiting,
        )
    ]
    sentences += _of_step(step)
    if step.advanced_median is not None:
        sentences.append(wording.say("charts.times_moved_only", days=step.advanced_median, timed=step.timed))
    name = wording.say("charts.times_step", before=plain(step.name), after=plain(step.next_name))
    counts = wording.say("charts.times_advanced", part=step.advanced, whole=step.entered)
    return Span(Row(name, ((_step_median(step), counts),), sentences), step.times, step.advanced_median)


def _quartiles(quarter: Quantile, three_quarters: Quantile) -> list[str]:
    if quarter.days is None:
        return []
    if three_quarters.days is None:
        return [wording.say("charts.times_quarter", days=quarter.days)]
    return [wording.say("charts.times_middle", quarter=quarter.days, three=three_quarters.days)]


def _between(key: str, quantile: Quantile) -> str:
    sentence = wording.say(key, days=quantile.days)
    if quantile.low is None or quantile.high is None:
        return sentence
    return sentence + wording.say("charts.times_interval", low=quantile.low, high=quantile.high)


def _legend(kind: str) -> list[str]:
    return [wording.say(f"charts.times_legend_{part}_{kind}") for part in ("box", "median", "through")]
