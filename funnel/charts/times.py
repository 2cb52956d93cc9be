"""How long leads stay at each stage, and how long each step takes them, a row each."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel import wording
from funnel.charts.sentences import of_all
from funnel.charts.text import plain
from funnel.charts.waits import Row, waits
from funnel.nouns import Quantile, StageTime, StepTime, Times, TimesBy

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
    """The stage where leads wait longest, and the one where they wait least. Plain text."""
    known = [stage for stage in times.stages if stage.times.median.days is not None]
    slow = times.slowest
    if slow is None:
        return wording.say("charts.times_nothing", language=language)
    said = [_slowest(slow, language)]
    if len(known) > 1:
        fast = min(known, key=lambda stage: stage.times.median.days or 0.0)
        if fast is not slow:
            values = {"stage": plain(fast.name), "days": fast.times.median.days, "stays": fast.stays}
            said.append(wording.say("charts.times_shortest", language=language, **values))
    return " ".join(said)


def describe_step_times(times: Times, *, language: str = "en") -> str:
    """The step that takes longest, of those on the way to the win. Plain text."""
    known = [step for step in times.steps if step.times.median.days is not None and times.at(step.position) is not None]
    if not known:
        return wording.say("charts.times_no_steps", language=language)
    slow = max(known, key=lambda step: step.times.median.days or 0.0)
    return wording.say(
        "charts.times_slowest_step",
        language=language,
        before=plain(slow.name),
        after=plain(slow.next_name),
        days=slow.times.median.days,
        advanced=slow.advanced,
        entered=slow.entered,
        rate=of_all(slow.advanced, slow.entered, language),
    )


def describe_group_times(found: TimesBy, position: int, *, language: str = "en") -> str:
    """The median of each value. Plain text."""
    told = []
    for value, times in found.groups:
        stage = times.at(position)
        if stage is not None:
            name = wording.say("charts.no_value", language=language) if value is None else plain(value)
            median = median_of(stage.times.median, language)
            told.append(
                wording.say("charts.times_of_group", language=language, value=name, median=median, stays=stage.stays)
            )
    return " ".join(told) or wording.say("charts.times_nothing", language=language)


def median_of(median: Quantile, language: str) -> str:
    """ "54 days"; or that it is not reached."""
    if median.days is None:
        return wording.say("charts.times_not_reached", language=language)
    return wording.say("charts.times_tick", language=language, days=median.days)


def _slowest(stage: StageTime, language: str) -> str:
    if stage.times.median.days is None:
        values = {"stage": plain(stage.name), "still": stage.still, "stays": stage.stays}
        return wording.say("charts.times_longest_open", language=language, **values)
    values = {"stage": plain(stage.name), "days": stage.times.median.days, "stays": stage.stays, "still": stage.still}
    return wording.say("charts.times_longest", language=language, **values)


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
            waiting=step.waiting,
        )
    ]
    if step.times.median.days is not None:
        said.append(wording.say("charts.times_step_half", language=language, days=step.times.median.days))
        said += _quartiles(step.times.quarter, step.times.three_quarters, language)
    if step.advanced_median is not None:
        said.append(
            wording.say("charts.times_moved_only", language=language, days=step.advanced_median, advanced=step.advanced)
        )
    name = wording.say("charts.times_step", language=language, before=plain(step.name), after=plain(step.next_name))
    return Row(
        name=name,
        times=step.times,
        through_median=step.advanced_median,
        until=0.0,
        count=wording.say("charts.times_tick", language=language, days=step.times.median.days),
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
