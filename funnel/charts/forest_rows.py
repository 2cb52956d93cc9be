"""Rows of differences on one scale of percentage points: a point with its interval, beside a zero line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn, note, sheet
from funnel.charts.canvas.scales import round_ticks
from funnel.charts.canvas.shades import mix
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, Colours, colours
from funnel.charts.table import FOOT, USUAL_WIDTH, Table, TableRow, table
from funnel.charts.trends import WIDEST_INTERVAL
from funnel.core.types import Contrast
from funnel.words import wording

LEAST_REACH = 0.01
EMPTY_REACH = 0.05
AROUND = 0.06
MANY = 12
"""Of more rows than this, the scale is written under them, too."""
HOLLOW = "_hollow"


@dataclass(frozen=True)
class ForestRow:
    """One row: its words, its difference, what its points carry. `hollow`: clear, but not told as a difference of its own."""

    words: TableRow
    contrast: Contrast
    key: int
    hollow: bool = False

    @property
    def kind(self) -> str:
        """How it is drawn, and what its trace is called."""
        return self.contrast.verdict.name.lower() + (HOLLOW if self.hollow and self.contrast.is_clear else "")


def forest(
    rows: Sequence[ForestRow],
    *,
    title: str,
    name_head: str,
    counts_head: str,
    under: Sequence[str],
    dark: bool,
    width_hint: int | None,
    revision: str,
) -> go.Figure:
    """The rows from the top. Intervals that reach far beyond the differences end in an arrow where the scale ends.

    `under` is said below: what is not drawn.
    """
    look = colours(dark)
    placed = table(
        [row.words for row in rows], look, width_hint, title=title, name_head=name_head, counts_head=counts_head
    )
    low, high = _reach([row.contrast for row in rows])
    aside = (high - low) * AROUND
    x = low - aside, high + aside
    ticks = round_ticks(100 * x[0], 100 * x[1], placed.most_ticks, 0.01)
    said = [(tick / 100, signed_tick(tick)) for tick in ticks]
    scale = placed.axis(said, x, look)
    notes = [*placed.notes, *scale]
    foot = FOOT
    if len(rows) > MANY:
        notes += [{**each, "yref": "paper", "yshift": -each["yshift"]} for each in scale]
        foot += 18
    lines = [
        line for each in under for line in safe_lines(each, SMALL_SIZE, placed.left + placed.pixels + placed.right, 3)
    ]
    if lines:
        place = {"x": 0, "xanchor": "left", "xshift": -placed.left, "align": "left", "yref": "paper", "y": 0}
        font = {"size": SMALL_SIZE, "color": look.muted}
        notes.append(note("<br>".join(lines), yanchor="top", yshift=-foot, font=font, **place))
        foot += round(len(lines) * SMALL_SIZE * LINE) + FOOT
    return sheet(
        _traces(rows, placed, (low, high), look),
        dark=dark,
        plot=placed.height,
        x=x,
        y=(placed.height, 0),
        shapes=[
            *placed.lines([tick / 100 for tick in ticks if tick], look),
            {**placed.upright(0, look.muted, 1.5), "name": "zero"},
        ],
        notes=notes,
        margins=placed.margins(foot),
        revision=revision,
        hoverdistance=-1,
    )


def nothing(words: str, *, dark: bool, width_hint: int | None, revision: str) -> go.Figure:
    """A figure that says that there is nothing to draw."""
    look = colours(dark)
    lines = safe_lines(words, SMALL_SIZE, width_hint or USUAL_WIDTH, 3)
    said = note("<br>".join(lines), x=0.5, y=0.5, font={"size": SMALL_SIZE, "color": look.muted})
    return sheet([], dark=dark, plot=80, x=(0, 1), y=(0, 1), notes=[said], revision=revision)


def signed_tick(size: float) -> str:
    """A number of a scale with its sign: "+5", "−5", "0"."""
    sign = "zero" if not size else "plus" if size > 0 else "minus"
    return wording.say(f"charts.segments_tick_{sign}", n=abs(size))


def _reach(contrasts: Sequence[Contrast]) -> tuple[float, float]:
    """Where the scale ends: at the outermost interval, but not so far that one of few leads flattens all others."""
    known = [
        (each.difference, each.low, each.high)
        for each in contrasts
        if each.difference is not None and each.low is not None and each.high is not None
    ]
    if not known:
        return -EMPTY_REACH, EMPTY_REACH
    widest = WIDEST_INTERVAL * max(abs(difference) for difference, _, _ in known)
    # The narrowest interval is drawn whole.
    whole = min(max(abs(low), abs(high)) for _, low, high in known)
    most = max(widest, whole, LEAST_REACH)
    return (
        min(-LEAST_REACH, max(-most, min(low for _, low, _ in known))),
        max(LEAST_REACH, min(most, max(high for _, _, high in known))),
    )


def _traces(rows: Sequence[ForestRow], placed: Table, ends: tuple[float, float], look: Colours) -> list[Drawn]:
    drawn = [(row, y) for row, y in zip(rows, placed.middles, strict=True) if row.contrast.difference is not None]
    found = []
    for kind in dict.fromkeys(row.kind for row, _ in drawn):
        part = [(row, y) for row, y in drawn if row.kind == kind]
        found += [_intervals(kind, part, ends, look), *_arrows(kind, part, ends, look), _points(kind, part, look)]
    return found


def _intervals(kind: str, part: Sequence[tuple[ForestRow, float]], ends: tuple[float, float], look: Colours) -> Drawn:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for row, y in part:
        xs += [max(ends[0], row.contrast.low or 0.0), min(ends[1], row.contrast.high or 0.0), None]
        ys += [y, y, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "meta": f"{kind}_interval",
        "x": xs,
        "y": ys,
        "line": {"color": _pale(kind, look), "width": 4},
        "hoverinfo": "skip",
    }


def _arrows(
    kind: str, part: Sequence[tuple[ForestRow, float]], ends: tuple[float, float], look: Colours
) -> list[Drawn]:
    """At the end of the scale, where an interval goes on beyond it."""
    left = [(ends[0], y) for row, y in part if (row.contrast.low or 0.0) < ends[0]]
    right = [(ends[1], y) for row, y in part if (row.contrast.high or 0.0) > ends[1]]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "meta": f"{kind}_beyond",
            "x": [x for x, _ in places],
            "y": [y for _, y in places],
            "marker": {"symbol": symbol, "size": 11, "color": _pale(kind, look)},
            "cliponaxis": False,
            "hoverinfo": "skip",
        }
        for symbol, places in (("triangle-left", left), ("triangle-right", right))
        if places
    ]


def _points(kind: str, part: Sequence[tuple[ForestRow, float]], look: Colours) -> Drawn:
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": kind,
        "x": [row.contrast.difference for row, _ in part],
        "y": [y for _, y in part],
        "marker": _marker(kind, look),
        "cliponaxis": False,
        "customdata": [[row.key] for row, _ in part],
        "hovertext": [row.words.hover() for row, _ in part],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }


def _marker(kind: str, look: Colours) -> Drawn:
    hue = _hue(kind, look)
    shape = {"symbol": "diamond" if kind.startswith("lower") else "circle", "size": 12}
    if kind in ("higher", "lower"):
        return {**shape, "color": hue, "line": {"color": look.background, "width": 1}}
    return {**shape, "size": 10, "color": look.background, "line": {"color": hue, "width": 2}}


def _hue(kind: str, look: Colours) -> str:
    return look.progress if kind.startswith("higher") else look.lost if kind.startswith("lower") else look.muted


def _pale(kind: str, look: Colours) -> str:
    return mix(look.background, _hue(kind, look), 0.55 if kind in ("higher", "lower") else 0.35)
