"""How stays at a stage end as time goes by: a curve, and how many lasted how long."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn, Margins, percentages, scale, sheet, step_band
from funnel.charts.canvas.text import plain
from funnel.charts.canvas.theme import Colours, colours, pale
from funnel.charts.forest_rows import nothing
from funnel.charts.rows import is_narrow
from funnel.charts.sentences import hover
from funnel.charts.time_in_stage import scale_marks
from funnel.core.types import FEWEST_AT_RISK, FEWEST_FOR_A_RATE, BinUnit, Histogram
from funnel.measures.times import StageTime, StayPoint, Times
from funnel.words import wording

PLOT, AXIS, SHARES = 270, 26, (0, 0.25, 0.5, 0.75, 1)
BAND, TAIL = 0.16, 1.25
FEW_MARKS = 8


def stay_curves(times: Times, highlight: int, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """The share of stays that are longer than so many days (Kaplan–Meier), of all stages; one of them strong, with its band.

    A curve ends where fewer than FEWEST_AT_RISK stays are watched; the picture, a little after nine tenths of the strong one's
    have ended.
    """
    theme = colours(dark)
    chosen = times.at(highlight)
    if chosen is None or chosen.stays < FEWEST_FOR_A_RATE:
        words = wording.say("charts.times_few_stays", stays=chosen.stays if chosen else 0)
        return nothing(words, dark=dark, width_hint=width_hint, revision="stay_curves")
    end = _end(chosen)
    others = [each for each in times.stages if each is not chosen and each.stays >= FEWEST_FOR_A_RATE]
    strong = {**_curve(chosen, end, theme.progress, 2.5), "name": wording.say("charts.times_curve"), "legendrank": 1}
    traces = [*(_curve(stage, end, theme.still, 1.5) for stage in others), _band(chosen, end, theme), strong]
    if others:
        traces[0]["name"] = wording.say("charts.times_other_curves")
    marks = scale_marks(end, narrow=is_narrow(width_hint))
    return sheet(
        [{"showlegend": "name" in trace, **trace} for trace in traces],
        dark=dark,
        plot=PLOT,
        x=scale((0, end), marks[1:], [wording.say("charts.times_tick", days=mark) for mark in marks[1:]]),
        y=percentages((0, 1.02), SHARES, zeroline=True),
        shapes=_half(chosen, end, theme),
        margins=Margins(bottom=AXIS),
        revision="stay_curves",
        showlegend=True,
        legend={"indentation": 0},
    )


def stay_histogram(
    times: Times,
    position: int,
    unit: BinUnit | str,
    *,
    dark: bool = False,
    width_hint: int | None = None,
) -> go.Figure:
    """How many stays at a stage lasted how many whole days (weeks, months); those that go on stand on top, in grey."""
    theme = colours(dark)
    histogram = _histogram(times, position, BinUnit(unit))
    bins = histogram.bins
    if not bins:
        words = wording.say("charts.times_nothing")
        return nothing(words, dark=dark, width_hint=width_hint, revision="stay_histogram")
    most = max([1, *(each.left + each.still for each in bins)])
    hovers = [_bin_sentence(histogram, index) for index in range(len(bins))]
    traces = [
        {
            "type": "bar",
            "meta": part,
            "name": wording.say(f"charts.times_bin_{part}"),
            "x": [index + 0.5 for index in range(len(bins))],
            "y": [getattr(each, part) for each in bins],
            "width": 0.86,
            "marker": {"color": colour},
            "hovertext": hovers,
        }
        for part, colour in (("left", theme.progress), ("still", theme.still))
    ]
    most_marks = FEW_MARKS if is_narrow(width_hint) else 2 * FEW_MARKS
    every = next(every for every in (1, 2, 4, 6, 12, 24) if len(bins) / every <= most_marks)
    marks = {number: wording.say("charts.count", n=number) for number in range(0, len(bins) + 1, every)}
    if bins[-1].high is None:
        marks = {number: text for number, text in marks.items() if number < len(bins) - every}
        marks[len(bins)] = wording.say("charts.and_more", n=len(bins) - 1)
    name = wording.say(f"charts.times_bin_{histogram.unit}")
    return sheet(
        traces,
        dark=dark,
        plot=PLOT,
        x=scale((0, len(bins)), list(marks), list(marks.values()), title={"text": name}),
        y=scale((0, most * 1.04), [most], [wording.say("charts.count", n=most)], showgrid=True, zeroline=True),
        margins=Margins(bottom=2 * AXIS),
        revision="stay_histogram",
        barmode="stack",
        showlegend=True,
        legend={"traceorder": "normal"},
    )


def describe_stay_curves(times: Times, highlight: int) -> str:
    """By when a quarter, half and three quarters of the stays at a stage had ended. Plain text."""
    stage = times.at(highlight)
    if stage is None or not stage.stays:
        return wording.say("charts.times_nothing")
    named = (
        ("quarter", stage.times.quarter),
        ("half", stage.times.median),
        ("three_quarters", stage.times.three_quarters),
    )
    parts = [
        wording.say(f"charts.times_by_{name}", days=quantile.days)
        for name, quantile in named
        if quantile.days is not None
    ]
    values = {"stage": plain(stage.name), "stays": stage.stays, "still": stage.still}
    sentence = wording.say("charts.times_of_stage", **values)
    return f"{sentence} {wording.say('charts.times_ended', parts=parts)}" if parts else sentence


def describe_stay_histogram(times: Times, position: int, unit: BinUnit | str) -> str:
    """The bin that holds most stays. Plain text."""
    histogram = _histogram(times, position, BinUnit(unit))
    if not histogram.bins:
        return wording.say("charts.times_nothing")
    most = max(range(len(histogram.bins)), key=lambda index: histogram.bins[index].left + histogram.bins[index].still)
    return wording.say("charts.times_most", told=_bin_sentence(histogram, most))


def _histogram(times: Times, position: int, unit: BinUnit) -> Histogram:
    stage = times.at(position)
    return Histogram(unit, ()) if stage is None else stage.spans.histogram(unit)


def _bin_sentence(histogram: Histogram, index: int) -> str:
    each = histogram.bins[index]
    key = f"charts.times_bin_{'more' if each.high is None else 'one'}_{histogram.unit}"
    span = wording.say(key, low=index, high=index + 1)
    return wording.say("charts.times_in_bin", span=span, left=each.left, still=each.still)


def _end(stage: StageTime | None) -> float:
    if stage is None or not stage.curve:
        return 1.0
    watched = [point.days for point in stage.curve if point.at_risk >= FEWEST_AT_RISK]
    last = max(watched, default=stage.curve[-1].days)
    tenth = stage.times.nine_tenths.days
    return (last if tenth is None else min(last, tenth * TAIL)) or 1.0


def _points(stage: StageTime, end: float) -> list[StayPoint]:
    return [point for point in stage.curve if point.at_risk >= FEWEST_AT_RISK and point.days <= end]


def _curve(stage: StageTime, end: float, colour: str, thick: float) -> Drawn:
    points = _points(stage, end)
    longer = any(point.days > end for point in stage.curve)
    hovers = [_curve_hover(stage, 0.0, 1.0, stage.stays)]
    hovers += [_curve_hover(stage, point.days, point.share, point.at_risk) for point in points]
    x, y = [0.0, *(point.days for point in points)], [1.0, *(point.share for point in points)]
    if longer and points:
        x, y, hovers = [*x, end], [*y, y[-1]], [*hovers, hovers[-1]]
    return {
        "type": "scatter",
        "mode": "lines",
        "meta": str(stage.position),
        "x": x,
        "y": y,
        "line": {"shape": "hv", "color": colour, "width": thick},
        "hovertext": hovers,
    }


def _curve_hover(stage: StageTime, days: float, share: float, at_risk: int) -> str:
    values = {"days": days, "rate": share, "at_risk": at_risk, "stays": stage.stays}
    return hover(stage.name, [wording.say("charts.times_longer", **values)])


def _band(stage: StageTime, end: float, theme: Colours) -> Drawn:
    points = [
        (point.days, point.low, point.high)
        for point in _points(stage, end)
        if point.low is not None and point.high is not None
    ]
    return step_band(points, points[-1][0] if points else end, pale(theme.progress, BAND))


def _half(stage: StageTime, end: float, theme: Colours) -> list[Drawn]:
    """From half of the stays to the median, and down."""
    median = stage.times.median.days
    if median is None or median > end:
        return []
    line = {"color": theme.muted, "width": 1, "dash": "dot"}
    shape = {"type": "line", "xref": "x", "yref": "y", "line": line}
    return [
        {**shape, "x0": 0, "x1": median, "y0": 0.5, "y1": 0.5},
        {**shape, "x0": median, "x1": median, "y0": 0, "y1": 0.5},
    ]
