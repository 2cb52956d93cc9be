"""Names at the ends of lines: words of a scale at the right, each as near to its line's end as it can without touching another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from funnel.charts.canvas.canvas import Drawn, scale
from funnel.charts.canvas.scales import spread
from funnel.charts.canvas.theme import LINE, SMALL_SIZE

REACH = 1.04
"""How much wider the scale is than the lines, for what leads to the names."""


@dataclass(frozen=True)
class End:
    """Where a line ends, the lines of its name, safe to show, and its colour."""

    x: float
    y: float
    name: tuple[str, ...]
    colour: str


def names_scale(ends: Sequence[End], plot: float, low: float, high: float) -> tuple[Drawn, tuple[float, ...]]:
    """The scale of names on a plot of so many pixels, from `low` to `high`; and where on it each name stands."""
    heights = [len(end.name) * SMALL_SIZE * LINE + 4 for end in ends]
    pixel = (high - low) / plot
    middles = spread([(high - end.y) / pixel for end in ends], heights, plot)
    name_ys = tuple(high - middle * pixel for middle in middles)
    words = [f'<span style="color:{end.colour}">{"<br>".join(end.name)}</span>' for end in ends]
    return scale((low, high), name_ys, words, overlaying="y", side="right"), name_ys


def leader(end: End, name_y: float, right: float) -> Drawn:
    """From the end of a line level to where the longest ends, then to its name."""
    return {
        "type": "scatter",
        "mode": "lines",
        "meta": "leader",
        "x": [end.x, max(right, end.x), right * REACH],
        "y": [end.y, end.y, name_y],
        # A scale that no line is on is not drawn.
        "yaxis": "y2",
        "line": {"color": end.colour, "width": 1, "dash": "dot"},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
