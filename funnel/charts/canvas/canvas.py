"""The sheet that a chart is drawn on: its size, its scales, and the notes written on it.

Figures are put together as plain values. Plotly's own check of them takes as long as all the rest, so it is left to the tests,
which put every figure through it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from funnel.charts.canvas.theme import template
from funnel.words import wording

Drawn = dict[str, Any]

MENU = 30
"""Pixels that the button of the Export menu takes at the upper right corner: nothing is written there."""


class Margins(NamedTuple):
    """Pixels around the plot."""

    left: int = 0
    right: int = 0
    top: int = 0
    bottom: int = 0


def sheet(
    traces: Sequence[Drawn],
    *,
    dark: bool,
    plot: float,
    x: tuple[float, float] | Drawn,
    y: tuple[float, float] | Drawn,
    shapes: Sequence[Drawn] = (),
    notes: Sequence[Drawn] = (),
    margins: Margins = Margins(),  # noqa: B008 (frozen)
    revision: str = "funnel",
    **layout: Any,
) -> go.Figure:
    """The finished figure, whose plot is `plot` pixels high between its margins.

    `x` and `y` are its scales, or only where they end: then nothing is drawn of them.
    """
    return go.Figure(
        data=list(traces),
        layout={
            "template": template(dark),
            "height": margins.top + plot + margins.bottom,
            "margin": {"l": margins.left, "r": margins.right, "t": margins.top, "b": margins.bottom},
            "xaxis": x if isinstance(x, dict) else {"range": list(x)},
            "yaxis": y if isinstance(y, dict) else {"range": list(y)},
            "shapes": list(shapes),
            "annotations": list(notes),
            "uirevision": revision,
            **layout,
        },
        _validate=False,
    )


def scale(ends: tuple[float, float], ticks: Sequence[float], texts: Sequence[str], **more: Any) -> Drawn:
    """A scale that is drawn, with the text at each of its ticks."""
    return {"visible": True, "range": list(ends), "tickvals": list(ticks), "ticktext": list(texts), **more}


def percentages(ends: tuple[float, float], ticks: Sequence[float], **more: Any) -> Drawn:
    """A scale of rates, with a level line at each of its ticks."""
    return scale(ends, ticks, [wording.say("charts.share", rate=tick) for tick in ticks], showgrid=True, **more)


def note(text: str, **attributes: Any) -> Drawn:
    """A text on the figure; x from 0 to 1 over the plot, y in its scale, unless `attributes` say otherwise."""
    return {"text": text, "xref": "paper", "yref": "y", "yanchor": "middle", "showarrow": False, **attributes}


def step_band(points: Sequence[tuple[float, float, float]], end: float, fill: str) -> Drawn:
    """The interval around a curve of steps, of (x, low, high) in order, up to `end`, as one filled outline."""
    ends = [*(x for x, _, _ in points[1:]), end]
    upper: list[tuple[float, float]] = []
    lower: list[tuple[float, float]] = []
    # Without a point there is no end to pair it with, and no band.
    for (x, low, high), until in zip(points, ends, strict=False):
        upper += [(x, high), (max(x, until), high)]
        lower += [(x, low), (max(x, until), low)]
    return band([*upper, *reversed(lower)], fill)


def band(outline: Sequence[tuple[float, float]], fill: str) -> Drawn:
    """An interval as one filled outline, which says nothing on hover."""
    return {
        "type": "scatter",
        "mode": "lines",
        "meta": "band",
        "x": [x for x, _ in outline],
        "y": [y for _, y in outline],
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": fill,
        "hoverinfo": "skip",
    }
