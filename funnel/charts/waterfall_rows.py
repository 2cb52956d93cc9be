"""Rows of a waterfall: floating bars on the way from one number to another, the numbers themselves as points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn, sheet
from funnel.charts.canvas.scales import round_ticks
from funnel.charts.canvas.theme import Colours, colours
from funnel.charts.table import Table, TableRow, table
from funnel.words import wording

BAR, NARROW_BAR = 18, 14
AROUND = 0.07


@dataclass(frozen=True)
class Fall:
    """One row: from `start` to `end`, or a number that was counted where both are the same; None where there is none to draw.

    `key` is what the bar carries.
    """

    words: TableRow
    start: float | None = None
    end: float | None = None
    counted: bool = False
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
    look = colours(dark)
    placed = table([row.words for row in rows], look, width_hint, title=title)
    x = _reach(rows, finest)
    ticks = round_ticks(*x, placed.most_ticks, finest)
    known = any(row.end is not None for row in rows)
    before = next((row.start for row in rows if row.counted), None)
    marked = [] if before is None else [{**placed.upright(before, look.muted), "name": "before"}]
    return sheet(
        _traces(rows, placed, look),
        dark=dark,
        plot=placed.height,
        x=x,
        y=(placed.height, 0),
        shapes=[*(placed.lines(ticks, look) if known else ()), *marked, *_connectors(rows, placed, look)],
        notes=[*placed.notes, *(placed.axis([(at, tick(at)) for at in ticks], x, look) if known else ())],
        margins=placed.margins(),
        revision=revision,
        barmode="overlay",
        hoverdistance=-1,
    )


def signed(size: float) -> str:
    """A number with its sign, as one writes what was gained or lost: "+24", "−3.5"; whole from ten on."""
    rounded = round(abs(size), 1) if abs(size) < 10 else round(abs(size))
    sign = "zero" if not rounded else "plus" if size > 0 else "minus"
    return wording.say(f"charts.segments_tick_{sign}", n=rounded)


def _reach(rows: Sequence[Fall], finest: float) -> tuple[float, float]:
    ends = [end for row in rows for end in (row.start, row.end) if end is not None] or [0.0]
    low, high = min(ends), max(ends)
    aside = max((high - low) * AROUND, finest)
    return low - aside, high + aside


def _traces(rows: Sequence[Fall], placed: Table, look: Colours) -> list[Drawn]:
    each = list(zip(rows, placed.middles, strict=True))
    bars = [
        (row, y, row.start, row.end - row.start) for row, y in each if row.start is not None and row.end is not None
    ]
    told = {"hovertemplate": "%{hovertext}<extra></extra>", "cliponaxis": False}
    kept = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}
    found: list[Drawn] = []
    for kind, colour in (("up", look.progress), ("down", look.lost)):
        part = [bar for bar in bars if not bar[0].counted and (bar[3] > 0 if kind == "up" else bar[3] < 0)]
        if part:
            found.append(
                {
                    "type": "bar",
                    "orientation": "h",
                    "meta": kind,
                    "base": [start for _, _, start, _ in part],
                    "x": [size for *_, size in part],
                    "y": [y for _, y, _, _ in part],
                    "width": [NARROW_BAR if placed.narrow else BAR] * len(part),
                    "marker": {"color": colour, "line": {"width": 0}, "cornerradius": 2},
                    "customdata": [[row.key] for row, *_ in part],
                    "hovertext": [row.words.hover() for row, *_ in part],
                    **told,
                    **kept,
                }
            )
    points = [(row, y) for row, y in each if row.counted and row.end is not None]
    found.append(
        {
            "type": "scatter",
            "mode": "markers",
            "meta": "counted",
            "x": [row.end for row, _ in points],
            "y": [y for _, y in points],
            "marker": {
                "symbol": "circle",
                "size": 12,
                "color": look.text,
                "line": {"color": look.background, "width": 1},
            },
            "hovertext": [row.words.hover() for row, _ in points],
            **told,
            **kept,
        }
    )
    return found


def _connectors(rows: Sequence[Fall], placed: Table, look: Colours) -> list[Drawn]:
    """From where a bar ends down to the next one; none where words stand between."""
    if placed.narrow:
        return []
    drawn = [(row, y) for row, y in zip(rows, placed.middles, strict=True) if row.end is not None]
    line = {"type": "line", "layer": "below", "name": "connector", "line": {"color": look.still, "width": 1}}
    return [{**line, "x0": row.end, "x1": row.end, "y0": y, "y1": below} for (row, y), (_, below) in pairwise(drawn)]
