"""How stays at a stage end as time goes by: a curve, and how many lasted how long."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn, Margins, note, sheet, step_band
from funnel.charts.canvas.legend import Entry, legend
from funnel.charts.canvas.text import plain, safe_lines
from funnel.charts.canvas.theme import SMALL_SIZE, Colours, colours, pale
from funnel.charts.sentences import HOVER_LINES, HOVER_ROOM
from funnel.charts.time_in_stage import NARROW, scale_marks
from funnel.core.types import FEWEST_AT_RISK, FEWEST_FOR_A_RATE, BinUnit, Histogram, StageTime, StayPoint, Times
from funnel.words import wording

PLOT, AXIS, SHARES = 240, 26, (0, 0.25, 0.5, 0.75, 1)
SHARE_ROOM, LEFT = 44, 8
BAND, TAIL = 0.16, 1.25
FEW_MARKS = 8


def stay_curves(times: Times, highlight: int, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """The share of stays that are longer than so many days (Kaplan–Meier), of all stages; one of them strong, with its band.

    A curve ends where fewer than FEWEST_AT_RISK stays are watched; the picture, a little after nine tenths of the strong one's
    have ended.
    """
    look = colours(dark)
    chosen = times.at(highlight)
    end = _end(chosen)
    narrow = width_hint is not None and width_hint < NARROW
    traces = [
        _curve(stage, end, look.still, 1.5)
        for stage in times.stages
        if stage is not chosen and stage.stays >= FEWEST_FOR_A_RATE
    ]
    notes = _axes(scale_marks(end, narrow=narrow), end, look)
    shapes = [_level(share, end, look.border) for share in SHARES]
    if chosen is None or chosen.stays < FEWEST_FOR_A_RATE:
        traces = []
        words = wording.say("charts.times_few_stays", stays=chosen.stays if chosen else 0)
        notes.append(note(words, x=0.5, y=0.5, font={"size": SMALL_SIZE, "color": look.muted}))
    else:
        traces += [_band(chosen, end, look), _curve(chosen, end, look.progress, 2.5)]
        shapes += _half(chosen, end, look)
    shown = [Entry(wording.say("charts.times_curve"), look.progress)]
    if len(traces) > 2:
        shown.append(Entry(wording.say("charts.times_other_curves"), look.still))
    words_of_colours = legend(shown, look, left=-SHARE_ROOM, rise=14, room=width_hint or 480)
    return sheet(
        traces,
        dark=dark,
        plot=PLOT,
        x=(0, end),
        y=(0, 1.02),
        shapes=[*shapes, *words_of_colours.shapes],
        notes=[*notes, *words_of_colours.notes],
        margins=Margins(SHARE_ROOM, 14, words_of_colours.height, AXIS),
        revision="stay_curves",
        hovermode="closest",
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
    look = colours(dark)
    found = _histogram(times, position, BinUnit(unit))
    bins = found.bins
    most = max([1, *(each.left + each.still for each in bins)])
    narrow = width_hint is not None and width_hint < NARROW
    told = [_bin_told(found, place) for place in range(len(bins))]
    traces = [
        {
            "type": "bar",
            "meta": part,
            "x": [place + 0.5 for place in range(len(bins))],
            "y": [getattr(each, part) for each in bins],
            "width": [0.86] * len(bins),
            "marker": {"color": colour, "line": {"width": 0}},
            "hovertext": told,
            "hovertemplate": "%{hovertext}<extra></extra>",
        }
        for part, colour in (("left", look.progress), ("still", look.still))
    ]
    every = next(
        every for every in (1, 2, 4, 6, 12, 24) if len(bins) / every <= (FEW_MARKS if narrow else 2 * FEW_MARKS)
    )
    quiet = {"size": SMALL_SIZE, "color": look.muted}
    place: Drawn = {"xref": "x", "y": 0, "yanchor": "top", "yshift": -4, "font": quiet}
    more = bool(bins) and bins[-1].high is None
    notes = [
        note(wording.say("charts.count", n=number), x=number, xanchor="center", **place)
        for number in range(0, len(bins) + 1, every)
        if not more or number < len(bins) - every
    ]
    if more:
        words_of_last = wording.say("charts.and_more", n=len(bins) - 1)
        notes.append(note(words_of_last, x=len(bins), xanchor="right", **place))
    unit_name = wording.say(f"charts.times_bin_{found.unit}")
    notes.append(note(unit_name, x=0.5, y=0, yanchor="top", yshift=-22, font=quiet))
    top = wording.say("charts.count", n=most)
    notes.append(note(top, x=0, xanchor="right", xshift=-6, y=most, font=quiet))
    if not bins:
        notes = [note(wording.say("charts.times_nothing"), x=0.5, y=0.5, font=quiet)]
    shown = [
        Entry(wording.say("charts.times_bin_left"), look.progress),
        Entry(wording.say("charts.times_bin_still"), look.still),
    ]
    words = legend(shown, look, left=-SHARE_ROOM, rise=14, room=width_hint or 480)
    return sheet(
        traces,
        dark=dark,
        plot=PLOT - 18,
        x=(0, max(1, len(bins))),
        y=(0, most * 1.04),
        shapes=[_level(0, max(1, len(bins)), look.border), _level(most, max(1, len(bins)), look.border), *words.shapes],
        notes=[*notes, *words.notes],
        margins=Margins(SHARE_ROOM, 14, words.height, AXIS + 18),
        revision="stay_histogram",
        barmode="stack",
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
    said = wording.say("charts.times_of_stage", **values)
    return f"{said} {wording.say('charts.times_ended', parts=parts)}" if parts else said


def describe_stay_histogram(times: Times, position: int, unit: BinUnit | str) -> str:
    """The bin that holds most stays. Plain text."""
    found = _histogram(times, position, BinUnit(unit))
    if not found.bins:
        return wording.say("charts.times_nothing")
    most = max(range(len(found.bins)), key=lambda place: found.bins[place].left + found.bins[place].still)
    return wording.say("charts.times_most", told=_bin_told(found, most))


def _histogram(times: Times, position: int, unit: BinUnit) -> Histogram:
    stage = times.at(position)
    return Histogram(unit, ()) if stage is None else stage.spans.histogram(unit)


def _bin_told(found: Histogram, place: int) -> str:
    each = found.bins[place]
    key = f"charts.times_bin_{'more' if each.high is None else 'one'}_{found.unit}"
    span = wording.say(key, low=place, high=place + 1)
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
    told = [_curve_told(stage, 0.0, 1.0, stage.stays)]
    told += [_curve_told(stage, point.days, point.share, point.at_risk) for point in points]
    x, y = [0.0, *(point.days for point in points)], [1.0, *(point.share for point in points)]
    if longer and points:
        x, y, told = [*x, end], [*y, y[-1]], [*told, told[-1]]
    return {
        "type": "scatter",
        "mode": "lines",
        "meta": str(stage.position),
        "x": x,
        "y": y,
        "line": {"shape": "hv", "color": colour, "width": thick},
        "hovertext": told,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _curve_told(stage: StageTime, days: float, share: float, at_risk: int) -> str:
    title = [f"<b>{line}</b>" for line in safe_lines(plain(stage.name), SMALL_SIZE * 1.1, HOVER_ROOM, 4)]
    said = wording.say("charts.times_longer", days=days, rate=share, at_risk=at_risk, stays=stage.stays)
    return "<br>".join([*title, *safe_lines(said, SMALL_SIZE, HOVER_ROOM, HOVER_LINES)])


def _band(stage: StageTime, end: float, look: Colours) -> Drawn:
    points = [
        (point.days, point.low, point.high)
        for point in _points(stage, end)
        if point.low is not None and point.high is not None
    ]
    return step_band(points, points[-1][0] if points else end, pale(look.progress, BAND))


def _half(stage: StageTime, end: float, look: Colours) -> list[Drawn]:
    """From half of the stays to the median, and down."""
    median = stage.times.median.days
    if median is None or median > end:
        return []
    line = {"color": look.muted, "width": 1, "dash": "dot"}
    place = {"type": "line", "xref": "x", "yref": "y", "line": line}
    return [
        {**place, "x0": 0, "x1": median, "y0": 0.5, "y1": 0.5},
        {**place, "x0": median, "x1": median, "y0": 0, "y1": 0.5},
    ]


def _axes(marks: list[float], end: float, look: Colours) -> list[Drawn]:
    font = {"size": SMALL_SIZE, "color": look.muted}
    under = {"xref": "x", "y": 0, "yanchor": "top", "yshift": -4, "font": font}
    notes = [
        note(
            wording.say("charts.times_tick", days=x),
            x=x,
            xanchor="right" if x > 0.93 * end else "center",
            **under,
        )
        for x in marks
        if x
    ]
    beside = {"x": 0, "xanchor": "right", "xshift": -6, "font": font}
    return [
        *notes,
        *(note(wording.say("charts.share", rate=share), y=share, **beside) for share in SHARES),
    ]


def _level(y: float, end: float, colour: str) -> Drawn:
    place = {"type": "line", "xref": "x", "yref": "y", "x0": 0, "x1": end, "y0": y, "y1": y, "layer": "below"}
    return {**place, "line": {"color": colour, "width": 1}}
