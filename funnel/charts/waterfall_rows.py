"""Rows of a waterfall: bars from one number to another, the numbers themselves as points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn
from funnel.charts.canvas.scales import round_ticks
from funnel.charts.canvas.theme import Colours, colours
from funnel.charts.rows import MOST_TICKS, Row, is_narrow, row_chart
from funnel.words import wording

BAR = 18
AROUND = 0.07


@dataclass(frozen=True)
class Fall:
    """One row: a number that was `counted`, or the `effect` on the way from one to the next; neither, where there is none to draw.

    `key` is what the bar carries.
    """

    words: Row
    counted: float | None = None
    effect: float | None = None
    key: int | None = None


def waterfall(
    rows: Sequence[Fall],
    *,
    title: str,
    tick: Callable[[float], str],
    finest: float,
    dark: bool,
    width_hint: int | None,
    revision: str,
) -> go.Figure:
    """The rows from the top, each beginning where the one before ended. The scale is as wide as they are: it need not begin at 0,
    since no bar does. Its marks are at least `finest` apart, and `tick` says what stands on them."""
    theme = colours(dark)
    points = {index: row.counted for index, row in enumerate(rows) if row.counted is not None}
    steps = {index: row.effect for index, row in enumerate(rows) if row.effect is not None}
    start = next(iter(points.values()), None)
    ends = [*points.values(), *accumulate(steps.values(), initial=start or 0.0)]
    aside = max((max(ends) - min(ends)) * AROUND, finest)
    x = min(ends) - aside, max(ends) + aside
    ticks = round_ticks(*x, MOST_TICKS, finest) if points else []
    return row_chart(
        [row.words for row in rows],
        [
            *([_bars(rows, start or 0.0, {**dict.fromkeys(points, 0.0), **steps}, theme, width_hint)] if steps else []),
            _points(rows, points, theme),
        ],
        x,
        [(at, tick(at)) for at in ticks],
        title=title,
        start=start,
        dark=dark,
        width_hint=width_hint,
        revision=revision,
    )


def signed(size: float) -> str:
    """A number with its sign, as one writes what was gained or lost: "+24", "−3.5"; whole from ten on."""
    rounded = round(abs(size), 1) if abs(size) < 10 else round(abs(size))
    sign = "zero" if not rounded else "plus" if size > 0 else "minus"
    return wording.say(f"charts.segments_tick_{sign}", n=rounded)


def _bars(rows: Sequence[Fall], start: float, steps: dict[int, float], theme: Colours, width_hint: int | None) -> Drawn:
    """The effects, one after the other; the lines between them where no words stand there."""
    order = sorted(steps)
    return {
        "type": "waterfall",
        "orientation": "h",
        "meta": "effects",
        "base": start,
        "x": [steps[index] for index in order],
        "y": order,
        "width": BAR,
        "increasing": {"marker": {"color": theme.progress}},
        "decreasing": {"marker": {"color": theme.lost}},
        "connector": {
            "visible": not is_narrow(width_hint),
            "mode": "between",
            "line": {"color": theme.still, "width": 1},
        },
        "customdata": [[rows[index].key] for index in order],
        "hovertext": [rows[index].words.hover() for index in order],
    }


def _points(rows: Sequence[Fall], points: dict[int, float], theme: Colours) -> Drawn:
    edge = {"color": theme.background, "width": 1}
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": "counted",
        "x": list(points.values()),
        "y": list(points),
        "marker": {"symbol": "circle", "size": 12, "color": theme.text, "line": edge},
        "cliponaxis": False,
        "hovertext": [rows[index].words.hover() for index in points],
    }
