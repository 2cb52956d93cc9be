"""How long leads stay at each stage, and how long each step takes them, a row each."""

from __future__ import annotations

from math import floor

import plotly.graph_objects as go

from funnel import wording
from funnel.charts.sentences import stuck
from funnel.charts.text import plain
from funnel.charts.waits import Row, waits
from funnel.nouns import FEWEST_FOR_A_RATE, FEWEST_TIMED, Quantile, StageTime, StepTime, Times, TimesBy

STEP_ROOM = 236


def stage_times(times: Times, *, dark: bool = False, language: str = "en", width_hint: int | None = None) -> go.Figure:
    """A row for each stage where leads wait: quartiles by Kaplan–Meier, and hollow the median of those that left only."""
    rows = [_stage_row(stage.name, stage, language) for stage in times.stages]
    return waits(
        rows, _legend("stay", language), dark=dark, language=language, width_hint=width_hint, revision="stage_times"
    )


def group_times(
    found: TimesBy, position: int, *, dark: bool = False, language: str = "en", width_hint: int | None = None
) -> go.Figure:
    """A row for each value of a column: the time at one stage."""
    rows = []
    for value, times in found.groups:
        stage = times.at(position)
        if stage is not None:
            rows.append(
                _stage_row(
                    wording.say("charts.no_value", language=language) if value is None else value, stage, language
                )
            )
    return waits(
        rows, _legend("stay", language), dark=dark, language=language, width_hint=width_hint, revision="group_times"
    )


def step_times(times: Times, *, dark: bool = False, language: str = "en", width_hint: int | None = None) -> go.Figure:
    """A row for each step on the way to the win: quartiles of those that advance in the end, and hollow the median of those that
    have advanced only."""
    rows = [_step_row(step, language) for step in times.steps if times.at(step.position) is not None]
    return waits(
        rows,
        _legend("step", language),
        dark=dark,
        language=language,
        width_hint=width_hint,
        revision="step_times",
        name_room=STEP_ROOM,
    )


def describe_stage_times(times: Times, *, language: str = "en") -> str:
    """Where leads wait most and are lost most, then the median of each stage. Plain text."""
    told = [_of_group(stage.name, stage, language) for stage in times.stages if stage.stays]
    if not told:
        return wording.say("charts.times_nothing", language=language)
    return " ".join([*([stuck(times.bottleneck, language=language)] if times.bottleneck else []), *told])


def describe_step_times(times: Times, *, language: str = "en") -> str:
    """How long each step on the way to the win takes, and how many take it in the end. Plain text."""
    told = []
    for step in times.steps:
        if times.at(step.position) is not None:
            name = wording.say(
                "charts.times_step", language=language, before=plain(step.name), after=plain(step.next_name)
            )
            told.append(
                wording.say(
                    "charts.times_of_step", language=language, step=name, told=" ".join(_of_step(step, language))
                )
            )
    return " ".join(told) or wording.say("charts.times_no_steps", language=language)


def describe_group_times(found: TimesBy, position: int, *, language: str = "en") -> str:
    """The median of each value. Plain text."""
    told = []
    for value, times in found.groups:
        stage = times.at(position)
        if stage is not None:
            name = wording.say("charts.no_value", language=language) if value is None else value
            told.append(_of_group(name, stage, language))
    return " ".join(told) or wording.say("charts.times_nothing", language=language)


def median_of(median: Quantile, language: str) -> str:
    """ "54 days"; or that it is not reached."""
    if median.days is None:
        return wording.say("charts.times_not_reached", language=language)
    return wording.say("charts.times_tick", language=language, days=median.days)


def _of_group(name: str, stage: StageTime, language: str) -> str:
    median = median_of(stage.times.median, language)
    return wording.say("charts.times_of_group", language=language, value=plain(name), median=median, stays=stage.stays)


def _of_step(step: StepTime, language: str) -> list[str]:
    """What is known of a step, in sentences: how many take it in the end, and how long they need."""
    said = []
    if not step.dated:
        return [wording.say("charts.times_step_undated", language=language)]
    if step.entered >= FEWEST_FOR_A_RATE and step.eventual is not None:
        said.append(wording.say("charts.times_step_eventual", language=language, rate=step.eventual))
    elif step.entered >= FEWEST_FOR_A_RATE and step.rate_until is not None:
        values = {"rate": step.rate_until, "day": floor(step.until or 0)}
        said.append(wording.say("charts.times_step_at_least", language=language, **values))
    if step.half_days is not None:
        said.append(wording.say("charts.times_step_half_of_all", language=language, days=step.half_days))
    if step.times.median.days is not None:
        values = {"days": step.times.median.days, "timed": step.timed}
        said.append(wording.say("charts.times_step_half", language=language, **values))
        said += _quartiles(step.times.quarter, step.times.three_quarters, language)
    elif step.timed < FEWEST_TIMED:
        said.append(wording.say("charts.times_step_few", language=language, timed=step.timed))
    return said


def _step_median(step: StepTime, language: str) -> str:
    """The median beside a row; or why there is none."""
    if step.times.median.days is not None:
        return wording.say("charts.times_tick", language=language, days=step.times.median.days)
    why = "no_dates" if not step.dated else "too_few" if step.timed < FEWEST_TIMED else "not_yet"
    return wording.say(f"charts.times_{why}", language=language)


def _stage_row(name: str, stage: StageTime, language: str) -> Row:
    said = [
        wording.say(
            "charts.times_stays",
            language=language,
            stays=stage.stays,
            left=stage.left,
            still=stage.still,
            lost=stage.lost,
        )
    ]
    if stage.times.median.days is not None:
        said.append(_between("charts.times_half", stage.times.median, language))
    elif stage.stays:
        said.append(wording.say("charts.times_half_unknown", language=language))
    said += _quartiles(stage.times.quarter, stage.times.three_quarters, language)
    if stage.left_median is not None:
        said.append(wording.say("charts.times_left_only", language=language, days=stage.left_median, left=stage.left))
    return Row(
        name=name,
        times=stage.times,
        through_median=stage.left_median,
        until=stage.curve[-1].days if stage.curve else 0.0,
        count=median_of(stage.times.median, language) if stage.stays else wording.ABSENT,
        counts=wording.say("charts.times_counts", language=language, stays=stage.stays, still=stage.still),
        told=said,
    )


def _step_row(step: StepTime, language: str) -> Row:
    said = [
        wording.say(
            "charts.times_step_counts",
            language=language,
            entered=step.entered,
            advanced=step.advanced,
            lost=step.lost,
            otherwise=step.otherwise,
            waiting=step.waiting,
        )
    ]
    said += _of_step(step, language)
    if step.advanced_median is not None:
        said.append(
            wording.say("charts.times_moved_only", language=language, days=step.advanced_median, timed=step.timed)
        )
    name = wording.say("charts.times_step", language=language, before=plain(step.name), after=plain(step.next_name))
    return Row(
        name=name,
        times=step.times,
        through_median=step.advanced_median,
        until=0.0,
        count=_step_median(step, language),
        counts=wording.say("charts.times_advanced", language=language, part=step.advanced, whole=step.entered),
        told=said,
    )


def _quartiles(quarter: Quantile, three_quarters: Quantile, language: str) -> list[str]:
    if quarter.days is None:
        return []
    if three_quarters.days is None:
        return [wording.say("charts.times_quarter", language=language, days=quarter.days)]
    return [wording.say("charts.times_middle", language=language, quarter=quarter.days, three=three_quarters.days)]


def _between(key: str, quantile: Quantile, language: str) -> str:
    said = wording.say(key, language=language, days=quantile.days)
    if quantile.low is None or quantile.high is None:
        return said
    return said + wording.say("charts.times_interval", language=language, low=quantile.low, high=quantile.high)


def _legend(kind: str, language: str) -> list[str]:
    return [
        wording.say(f"charts.times_legend_{part}_{kind}", language=language) for part in ("box", "median", "through")
    ]
