"""Rows of differences on one scale of percentage points: a point with its interval, beside a zero line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn, note, sheet
from funnel.charts.canvas.scales import round_ticks
from funnel.charts.canvas.shades import mix
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import SMALL_SIZE, Colours, colours
from funnel.charts.rates_by_start import WIDEST_INTERVAL
from funnel.charts.rows import MOST_TICKS, Row, row_chart
from funnel.core.types import Contrast
from funnel.words import wording

LEAST_REACH = 0.01
EMPTY_REACH = 0.05
AROUND = 0.06
USUAL_WIDTH = 860
HOLLOW = "_hollow"


@dataclass(frozen=True)
class ForestRow:
    """One row: its words, its difference, what its points carry. `hollow`: clear, but not told as a difference of its own."""

    words: Row
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
    heads: tuple[str, str],
    under: str = "",
    dark: bool,
    width_hint: int | None,
    revision: str,
) -> go.Figure:
    """The rows from the top. Intervals that reach far beyond the differences end in an arrow where the scale ends.

    `under` is said below: what is not drawn.
    """
    low, high = _reach([row.contrast for row in rows])
    aside = (high - low) * AROUND
    x = low - aside, high + aside
    ticks = round_ticks(100 * x[0], 100 * x[1], MOST_TICKS, 0.01)
    return row_chart(
        [row.words for row in rows],
        _traces(rows, (low, high), colours(dark)),
        x,
        [(tick / 100, signed_tick(tick)) for tick in ticks],
        title=title,
        heads=heads,
        under=under,
        start=0,
        dark=dark,
        width_hint=width_hint,
        revision=revision,
    )


def nothing(words: str, *, dark: bool, width_hint: int | None, revision: str) -> go.Figure:
    """A figure that says that there is nothing to draw."""
    theme = colours(dark)
    lines = safe_lines(words, SMALL_SIZE, width_hint or USUAL_WIDTH, 3)
    annotation = note("<br>".join(lines), x=0.5, y=0.5, font={"size": SMALL_SIZE, "color": theme.muted})
    return sheet([], dark=dark, plot=80, x=(0, 1), y=(0, 1), notes=[annotation], revision=revision)


def signed_tick(size: float) -> str:
    """A number of a scale with its sign: "+5", "−5", "0"."""
    sign = "zero" if not size else "plus" if size > 0 else "minus"
    return wording.say(f"charts.segments_tick_{sign}", n=abs(size))


def _reach(contrasts: Sequence[Contrast]) -> tuple[float, float]:
    """Where the scale ends: at the outermost interval, but not so far that one of few leads flattens all others."""
    intervals = [
        (each.difference, each.low, each.high)
        for each in contrasts
        if each.difference is not None and each.low is not None and each.high is not None
    ]
    if not intervals:
        return -EMPTY_REACH, EMPTY_REACH
    widest = WIDEST_INTERVAL * max(abs(difference) for difference, _, _ in intervals)
    # The narrowest interval is drawn whole.
    whole = min(max(abs(low), abs(high)) for _, low, high in intervals)
    most = max(widest, whole, LEAST_REACH)
    return (
        min(-LEAST_REACH, max(-most, min(low for _, low, _ in intervals))),
        max(LEAST_REACH, min(most, max(high for _, _, high in intervals))),
    )


def _traces(rows: Sequence[ForestRow], ends: tuple[float, float], theme: Colours) -> list[Drawn]:
    """For each kind of difference its points with their intervals, and the arrows where these go on beyond the scale."""
    drawn = [(index, row) for index, row in enumerate(rows) if row.contrast.difference is not None]
    traces = []
    for kind in dict.fromkeys(row.kind for _, row in drawn):
        part = [(index, row) for index, row in drawn if row.kind == kind]
        traces += [_points(kind, part, ends, theme), *_arrows(kind, part, ends, theme)]
    return traces


def _points(kind: str, part: Sequence[tuple[int, ForestRow]], ends: tuple[float, float], theme: Colours) -> Drawn:
    each = [row.contrast for _, row in part]
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": kind,
        "x": [contrast.difference for contrast in each],
        "y": [index for index, _ in part],
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [min(ends[1], contrast.high or 0.0) - (contrast.difference or 0.0) for contrast in each],
            "arrayminus": [(contrast.difference or 0.0) - max(ends[0], contrast.low or 0.0) for contrast in each],
            "color": _pale(kind, theme),
            "thickness": 4,
            "width": 0,
        },
        "marker": _marker(kind, theme),
        "cliponaxis": False,
        "customdata": [[row.key] for _, row in part],
        "hovertext": [row.words.hover() for _, row in part],
    }


def _arrows(kind: str, part: Sequence[tuple[int, ForestRow]], ends: tuple[float, float], theme: Colours) -> list[Drawn]:
    left = [index for index, row in part if (row.contrast.low or 0.0) < ends[0]]
    right = [index for index, row in part if (row.contrast.high or 0.0) > ends[1]]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "meta": f"{kind}_beyond",
            "x": [end] * len(indexes),
            "y": indexes,
            "marker": {"symbol": symbol, "size": 11, "color": _pale(kind, theme)},
            "cliponaxis": False,
            "hoverinfo": "skip",
        }
        for symbol, end, indexes in (("triangle-left", ends[0], left), ("triangle-right", ends[1], right))
        if indexes
    ]


def _marker(kind: str, theme: Colours) -> Drawn:
    hue = _hue(kind, theme)
    shape = {"symbol": "diamond" if kind.startswith("lower") else "circle", "size": 12}
    if kind in ("higher", "lower"):
        return {**shape, "color": hue, "line": {"color": theme.background, "width": 1}}
    return {**shape, "size": 10, "color": theme.background, "line": {"color": hue, "width": 2}}


def _hue(kind: str, theme: Colours) -> str:
    return theme.progress if kind.startswith("higher") else theme.lost if kind.startswith("lower") else theme.muted


def _pale(kind: str, theme: Colours) -> str:
    return mix(theme.background, _hue(kind, theme), 0.55 if kind in ("higher", "lower") else 0.35)
