"""A picture of rows: a name, marks on one scale that all rows share, and columns of what was counted beside.

Names and columns are the labels of axes, which Plotly gives the room that they need. Where it is narrow, the name and the strong
word stand above the marks, and the rest under them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, scale, sheet
from funnel.charts.canvas.text import safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.charts.sentences import hover

NARROW, NAME_ROOM, HEAD_ROOM, TITLE_ROOM = 560, 206, 190, 420
LEAST_ROW, AROUND, AROUND_MANY, STRIP, GAP = 34, 12, 4, 26, 16
TICK, ENTRY, FOOT = 28, 20, 14
LETTERS, SMALL_LETTERS = TEXT_SIZE * LINE, SMALL_SIZE * LINE
BOLD = 1.09
"""Bold letters are wider."""
MOST_TICKS = 6
"""About as many marks as a scale has room for."""
MANY = 12
"""Of more rows than this, the scale is written under them, too."""

Texts = list[tuple[float, list[str]]]
"""Lines, each with the pixels from the top to their middle."""


@dataclass(frozen=True)
class Row:
    """One row: its name in plain text; columns, each of a line and quieter ones under it, in safe text; on hover, plain sentences.

    The first line of the last column is strong, unless the row is `muted`. Where there are no marks, the row itself says what is
    `told`. A `heading` is of the rows after it.
    """

    name: str
    columns: tuple[tuple[str, ...], ...] = ()
    told: Sequence[str] = ()
    marked: bool = True
    heading: bool = False
    muted: bool = False

    def hover(self) -> str:
        """The name and the sentences, wrapped and safe."""
        return hover(self.name, self.told)

    def written(self, theme: Colours) -> list[list[str]]:
        """The columns as Plotly shows them."""
        columns = [
            [each if index == 0 else _quiet(each, theme) for index, each in enumerate(column)]
            for column in self.columns
        ]
        if columns and columns[-1]:
            word = columns[-1][0]
            columns[-1][0] = f'<span style="color:{theme.muted}">{word}</span>' if self.muted else f"<b>{word}</b>"
        return columns

    def named(self, room: float) -> list[str]:
        """The lines of the name."""
        lines = safe_lines(self.name, TEXT_SIZE, room / (BOLD if self.heading else 1), 3)
        return [f"<b>{line}</b>" if self.heading else line for line in lines]


@dataclass(frozen=True)
class _Placed:
    """In pixels from the top: the middle of each row's marks, the texts of each axis beside the plot, and where the plot ends."""

    middles: list[float]
    axes: list[tuple[Texts, Drawn]]
    ends: tuple[float, float]


def is_narrow(width_hint: int | None) -> bool:
    """Whether words stand above and under the marks, not beside them."""
    return width_hint is not None and width_hint < NARROW


def row_chart(
    rows: Sequence[Row],
    traces: Sequence[Drawn],
    ends: tuple[float, float],
    ticks: Sequence[tuple[float, str]],
    *,
    dark: bool,
    width_hint: int | None,
    revision: str,
    title: str = "",
    heads: tuple[str, str] = ("", ""),
    under: str = "",
    start: float | None = None,
    **layout: Any,
) -> go.Figure:
    """The rows from the top; the y of `traces` is the number of a row, and those that have a name are in the legend.

    The scale stands above with its `title`; `heads` over the names and the first column; `under` below all. At `start`, where
    all differences begin, a line leads down through the rows.
    """
    theme = colours(dark)
    narrow = is_narrow(width_hint)
    placed = _stacked(rows, theme, width_hint or NARROW) if narrow else _beside(rows, theme, heads)
    room = width_hint - MENU if narrow and width_hint else TITLE_ROOM
    over = [line for each in (title, heads[1] if narrow else "") for line in _small(each, room)]
    below = _small(under, room)
    named = [trace for trace in traces if "name" in trace]
    ruled = [y for row, y in zip(rows, placed.middles, strict=True) if not row.heading and (row.marked or not narrow)]
    spans = [(y - STRIP / 2, y + STRIP / 2) for y in ruled] if narrow else [placed.ends]
    shapes = [_upright(at, spans, theme.border, 1) for at, _ in ticks if at != start]
    if start is not None:
        shapes.append({**_upright(start, spans, theme.muted, 1.5), "name": "start"})
    x = scale(ends, [at for at, _ in ticks], [text for _, text in ticks])
    many = len(rows) > MANY
    foot = {"overlaying": "x", "title": {"text": "<br>".join(below)}}
    axes: Drawn = {"xaxis2": {**x, **foot} if many else scale(ends, [], [], **foot)}
    for number, (texts, axis) in enumerate(placed.axes, 2):
        marks = [(at, "<br>".join(lines)) for at, lines in texts if any(lines)]
        font = {"size": TEXT_SIZE, "color": theme.text}
        labels = scale(placed.ends, [at for at, _ in marks], [text for _, text in marks], tickfont=font, **axis)
        axes[f"yaxis{number}"] = {**labels, "overlaying": "y"}
    drawn = [{**trace, "y": [placed.middles[row] for row in trace["y"]]} for trace in (*traces, _unmarked(rows, ends))]
    # An axis is drawn where a trace stands on it.
    carriers: list[Drawn] = [
        {"type": "scatter", "x": [None], "y": [0], "xaxis": "x2", "yaxis": f"y{number}"}
        for number, _ in enumerate(placed.axes, 2)
    ]
    return sheet(
        [{"showlegend": "name" in trace, **trace} for trace in (*drawn, *carriers)],
        dark=dark,
        plot=placed.ends[0] - placed.ends[1] + _legend_height(len(named), narrow),
        x={**x, "side": "top", **({"title": {"text": "<br>".join(over), "standoff": GAP}} if over else {})},
        y=scale(placed.ends, ruled, [""] * len(ruled), showgrid=True),
        shapes=shapes,
        margins=Margins(
            top=max(MENU, round(len(over) * SMALL_LETTERS) + TICK * bool(ticks)),
            bottom=round(len(below) * SMALL_LETTERS) + TICK * many + FOOT,
        ),
        revision=revision,
        hoverdistance=-1,
        showlegend=bool(named),
        **axes,
        **layout,
    )


def _legend_height(entries: int, narrow: bool) -> int:
    """Pixels that Plotly takes from the plot for a legend, of a line for each entry where it is narrow, of two lines at most else."""
    return ENTRY * (entries if narrow else min(entries, 2)) + ENTRY // 2 if entries else 0


def _beside(rows: Sequence[Row], theme: Colours, heads: tuple[str, str]) -> _Placed:
    """Names at the left, columns at the right, under their heads."""
    over = [[_quiet(line, theme) for line in _small(head, HEAD_ROOM)] for head in heads]
    head = max(map(len, over)) * LETTERS
    names: Texts = [(-head / 2, over[0])]
    columns: list[Texts] = [[(-head / 2, over[1])], []]
    middles, y = [], 0.0
    for row in rows:
        name, written = row.named(NAME_ROOM), row.written(theme)
        tallest = max(map(len, [name, *written]))
        height = max(LEAST_ROW, tallest * LETTERS + (AROUND if len(rows) <= MANY else AROUND_MANY))
        middles.append(y + height / 2)
        names.append((middles[-1], name))
        for column, lines in zip(columns, written, strict=False):
            column.append((middles[-1], lines))
        y += height
    right = {"side": "right", "ticklabelstandoff": GAP}
    axes = [(names, {"side": "left", "ticklabelstandoff": GAP}), (columns[0], right)]
    return _Placed(
        middles, [*axes, (columns[1], {**right, "anchor": "free", "autoshift": True})], (max(y, LEAST_ROW), -head)
    )


def _stacked(rows: Sequence[Row], theme: Colours, room: float) -> _Placed:
    """The name and the strong word above the marks; the other column under them, or what is left of the only one."""
    left: Texts = []
    right: Texts = []
    middles, y = [], 0.0
    for row in rows:
        *others, last = row.written(theme) or [[]]
        taken = width(row.columns[-1][0], TEXT_SIZE * BOLD) + GAP if last else 0
        name = row.named(room - taken)
        under = (others[0], last[1:]) if others else (last[1:], [])
        down = y + len(name) * LETTERS
        middles.append(down + STRIP / 2)
        down += STRIP if row.marked and not row.heading else 0
        left += [(y + len(name) * LETTERS / 2, name), (down + len(under[0]) * LETTERS / 2, under[0])]
        right += [(y + LETTERS / 2, last[:1]), (down + len(under[1]) * LETTERS / 2, under[1])]
        y = down + max(map(len, under)) * LETTERS + GAP
    inside = {"ticklabelposition": "inside", "ticklabelstandoff": 0}
    return _Placed(
        middles, [(left, {"side": "left", **inside}), (right, {"side": "right", **inside})], (max(y, LEAST_ROW), 0.0)
    )


def _upright(at: float, spans: Sequence[tuple[float, float]], colour: str, thick: float) -> Drawn:
    """A line down through all rows, or only beside their marks, where words stand between."""
    path = "".join(f"M{at},{start}L{at},{end}" for start, end in spans)
    return {"type": "path", "path": path, "layer": "below", "line": {"color": colour, "width": thick}}


def _unmarked(rows: Sequence[Row], ends: tuple[float, float]) -> Drawn:
    """Rows without marks, which say what is told where nothing is seen."""
    indexes = [index for index, row in enumerate(rows) if not row.marked]
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": "unmarked",
        "x": [sum(ends) / 2] * len(indexes),
        "y": indexes,
        "marker": {"opacity": 0},
        "hovertext": [rows[index].hover() for index in indexes],
    }


def _small(text: str, room: float) -> tuple[str, ...]:
    return safe_lines(text, SMALL_SIZE, room, 3) if text else ()


def _quiet(line: str, theme: Colours) -> str:
    return f'<span style="font-size:{SMALL_SIZE}px;color:{theme.muted}">{line}</span>'
