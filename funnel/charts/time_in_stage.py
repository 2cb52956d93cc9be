"""Rows of durations on one scale: a box from the first quartile to the third, the median in it, and what was counted beside it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn, Margins, note, sheet
from funnel.charts.canvas.text import ELLIPSIS, plain, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours, pale
from funnel.charts.sentences import HOVER_ROOM
from funnel.core.types import Quantiles
from funnel.words import wording

BOX, ROW, NARROW_GAP = 20, 56, 14
NARROW = 560
NAME_ROOM, LEGEND_ROOM = 168, 640
SPACE, AXIS, LEGEND_LINE = 14, 26, 20
BOX_OPACITY = 0.45
HOUR, MONTH, YEAR = 1 / 24, 30.4375, 365.25
STEPS_OF_SCALE = (
    (HOUR, (HOUR / 60, HOUR / 12, HOUR / 4)),
    (1, (HOUR, 2 * HOUR, 6 * HOUR)),
    (3, (0.5, 1)),
    (60, (1, 2, 5, 10, 20)),
    (2 * YEAR, (MONTH, 2 * MONTH, 3 * MONTH, 6 * MONTH)),
    (float("inf"), (YEAR, 2 * YEAR, 5 * YEAR, 20 * YEAR, 100 * YEAR)),
)
"""Up to how many days a scale has which steps, so that all its marks read well in one unit."""
MOST_TICKS, MOST_NARROW_TICKS = 6, 4


@dataclass(frozen=True)
class Row:
    """One row: its name as the file has it, its durations, the median of those that are through only, where what was watched ends,
    the two lines beside it, and what it says on hover, in plain sentences."""

    name: str
    times: Quantiles
    through_median: float | None
    until: float
    count: str
    counts: str
    told: Sequence[str]


def waits(
    rows: Sequence[Row],
    legend: Sequence[str],
    *,
    dark: bool,
    width_hint: int | None,
    revision: str,
    name_room: int = NAME_ROOM,
) -> go.Figure:
    """The rows from the top; `legend` says what the box, the line in it and the hollow mark are.

    A box whose third quartile is not reached is open: it goes on to the edge, and ends in an arrow.
    """
    look = colours(dark)
    narrow = width_hint is not None and width_hint < NARROW
    names = [
        safe_lines(plain(row.name), TEXT_SIZE, _narrow_room(row, width_hint), 2)
        if width_hint is not None and narrow
        else safe_lines(plain(row.name), TEXT_SIZE, name_room - SPACE, 3)
        for row in rows
    ]
    head = round((max(map(len, names), default=1) * TEXT_SIZE + SMALL_SIZE) * LINE) + 6 if narrow else 0
    height = head + BOX + NARROW_GAP if narrow else ROW
    middles = [place * height + (head + BOX / 2 if narrow else height / 2) for place in range(len(rows))]
    plot = max(1, len(rows)) * height
    most = _longest(rows)
    marks = scale_marks(most, narrow=narrow)
    words = _legend(legend, look, width_hint or LEGEND_ROOM, 0 if narrow else name_room)
    notes = [*words, *_scale(marks, most, plot, look)]
    shapes: list[Drawn] = [
        {"type": "line", "xref": "x", "yref": "y", "x0": x, "x1": x, "y0": 0, "y1": plot, "layer": "below",
         "line": {"color": look.border, "width": 1}}
        for x in marks
    ]  # fmt: skip
    for row, name, y in zip(rows, names, middles, strict=True):
        notes += _above(row, name, y, look) if narrow else _beside(row, name, y, look)
        if row.times.quarter.days is not None and row.times.three_quarters.days is None:
            font = {"size": BOX, "color": look.progress}
            notes.append(note("▸", x=most, xref="x", xanchor="right", y=y, xshift=9, font=font))
    if not rows:
        quiet = {"size": SMALL_SIZE, "color": look.muted}
        notes.append(note(wording.say("charts.times_nothing"), x=0.5, y=plot / 2, font=quiet))
    lines = max(1, words[-1]["yshift"] // -LEGEND_LINE + 1) if words else 0
    return sheet(
        _traces(rows, middles, most, look),
        dark=dark,
        plot=plot,
        x=(0, most),
        y=(plot, 0),
        shapes=shapes,
        notes=[_lifted(each, lines) if each in words else each for each in notes],
        margins=Margins(
            0 if narrow else name_room, 8 if narrow else _numbers_room(rows), lines * LEGEND_LINE + 8, AXIS
        ),
        revision=revision,
        hoverdistance=-1,
    )


def _longest(rows: Sequence[Row]) -> float:
    """Where the scale ends: a little beyond the last quartile, or beyond what was watched where that is not reached."""
    ends = [0.0]
    for row in rows:
        times = row.times
        known = [part.days for part in (times.quarter, times.median, times.three_quarters) if part.days is not None]
        ends += [*known, row.through_median or 0.0]
        if known and times.three_quarters.days is None:
            ends.append(max(known) * 1.5)
    return max(ends) * 1.06 or 1.0


def _traces(rows: Sequence[Row], middles: Sequence[float], most: float, look: Colours) -> list[Drawn]:
    boxed = [(row, y) for row, y in zip(rows, middles, strict=True) if row.times.quarter.days is not None]
    halved = [(row, y) for row, y in boxed if row.times.median.days is not None]
    hollow = [(row, y) for row, y in zip(rows, middles, strict=True) if row.through_median is not None]
    starts = [row.times.quarter.days or 0.0 for row, _ in boxed]
    ends = [most if row.times.three_quarters.days is None else row.times.three_quarters.days for row, _ in boxed]
    told = {"hovertemplate": "%{hovertext}<extra></extra>"}
    marks: Drawn = {"type": "scatter", "mode": "markers", "cliponaxis": False, **told}
    return [
        {
            "type": "bar",
            "orientation": "h",
            "meta": "box",
            "base": starts,
            "x": [end - start for start, end in zip(starts, ends, strict=True)],
            "y": [y for _, y in boxed],
            "width": [BOX] * len(boxed),
            "marker": {"color": pale(look.progress, BOX_OPACITY), "line": {"width": 0}},
            "hovertext": [_hover(row) for row, _ in boxed],
            **told,
        },
        {
            **marks,
            "meta": "median",
            "x": [row.times.median.days for row, _ in halved],
            "y": [y for _, y in halved],
            "marker": {"symbol": "line-ns", "size": BOX, "line": {"color": look.text, "width": 3}},
            "hovertext": [_hover(row) for row, _ in halved],
        },
        {
            **marks,
            "meta": "through",
            "x": [row.through_median for row, _ in hollow],
            "y": [y for _, y in hollow],
            "marker": {
                "symbol": "circle",
                "size": 9,
                "color": look.background,
                "line": {"color": look.muted, "width": 2},
            },
            "hovertext": [_hover(row) for row, _ in hollow],
        },
    ]


def _hover(row: Row) -> str:
    title = [f"<b>{line}</b>" for line in safe_lines(plain(row.name), SMALL_SIZE * 1.1, HOVER_ROOM, 4)]
    said = [line for sentence in row.told for line in safe_lines(sentence, SMALL_SIZE, HOVER_ROOM, 4)]
    return "<br>".join([*title, *said])


def _beside(row: Row, name: Sequence[str], y: float, look: Colours) -> list[Drawn]:
    """The name at the left and the counts at the right."""
    place: Drawn = {"x": 0, "xanchor": "right", "xshift": -SPACE, "align": "right", "y": y}
    numbers = note(f"<b>{row.count}</b><br>{_muted(row, look)}", x=1, xanchor="left", xshift=SPACE, align="left", y=y)
    return [note("<br>".join(name), **place, **_whole(row, name)), numbers]


def _above(row: Row, name: Sequence[str], y: float, look: Colours) -> list[Drawn]:
    """The name and the numbers above the box."""
    place: Drawn = {"yanchor": "bottom", "y": y - BOX / 2 - 4}
    lifted: Drawn = {**place, "yshift": SMALL_SIZE * LINE}
    return [
        note("<br>".join(name), x=0, xanchor="left", align="left", **lifted, **_whole(row, name)),
        note(f"<b>{row.count}</b>", x=1, xanchor="right", align="right", **lifted),
        note(_muted(row, look), x=0, xanchor="left", align="left", **place),
    ]


def _muted(row: Row, look: Colours) -> str:
    return f'<span style="font-size:{SMALL_SIZE}px;color:{look.muted}">{row.counts}</span>'


def _narrow_room(row: Row, room: int) -> float:
    """Pixels that the number leaves to the name."""
    return room - width(row.count, TEXT_SIZE) * 1.1 - SPACE


def _numbers_room(rows: Sequence[Row]) -> int:
    widest = max((max(width(row.counts, SMALL_SIZE), width(row.count, TEXT_SIZE) * 1.1) for row in rows), default=0)
    return round(widest) + SPACE


def _whole(row: Row, lines: Sequence[str]) -> Drawn:
    """The whole name on hover, where it had to be cut."""
    return {"hovertext": _hover(row)} if any(ELLIPSIS in line for line in lines) else {}


def scale_marks(most: float, *, narrow: bool) -> list[float]:
    """Where a scale of days that ends at `most` is marked, from 0: few marks, which read well in one unit."""
    steps = next(steps for up_to, steps in STEPS_OF_SCALE if most < up_to)
    few = MOST_NARROW_TICKS if narrow else MOST_TICKS
    step = next((step for step in steps if most / step <= few), steps[-1])
    return [place * step for place in range(int(most / step) + 1)]


def _scale(marks: Sequence[float], most: float, plot: float, look: Colours) -> list[Drawn]:
    font = {"size": SMALL_SIZE, "color": look.muted}
    place = {"xref": "x", "y": plot, "yanchor": "top", "yshift": -4, "font": font}
    return [note(wording.say("charts.times_tick", days=x), x=x, xanchor=_anchor(x / most), **place) for x in marks]


def _anchor(place: float) -> str:
    """A label at either edge stays inside."""
    return "left" if place == 0 else "right" if place > 0.93 else "center"


def _legend(words: Sequence[str], look: Colours, room: float, left: float) -> list[Drawn]:
    """What the three marks mean, line by line; `yshift` counts lines down from the first."""
    signs = (("█", pale(look.progress, BOX_OPACITY)), ("┃", look.text), ("○", look.muted))
    notes: list[Drawn] = []
    x = line = 0.0
    for (sign, colour), word in zip(signs, words, strict=True):
        taken = width(f"{sign} {word}", SMALL_SIZE)
        if x and x + taken > room:
            x, line = 0.0, line + 1
        text = f'<span style="color:{colour}">{sign}</span> {html.escape(word, quote=False)}'
        font = {"size": SMALL_SIZE, "color": look.muted}
        place = {"x": 0, "xanchor": "left", "xshift": x - left, "yref": "paper", "y": 1, "yshift": -line * LEGEND_LINE}
        notes.append(note(text, font=font, **place))
        x += taken + SPACE
    return notes


def _lifted(each: Drawn, lines: float) -> Drawn:
    """A note of the legend, above the plot by as many lines as it has."""
    return {**each, "yshift": each["yshift"] + (lines - 0.5) * LEGEND_LINE + 8}
