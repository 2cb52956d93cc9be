"""What every funnel is drawn with: rows of bars on one scale, their legend, and the figure around them.

Figures are put together as plain values, and Plotly checks them once, at the end: checked piece by piece, they take ten
times as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from funnel import wording
from funnel.charts import sentences
from funnel.charts.look import SMALL_SIZE, Colours, colours, template
from funnel.charts.sentences import LOST, MOVED_BACK, PARTS, STILL_THERE, WENT_ON, WON
from funnel.charts.text import width
from funnel.nouns import Steps

SPACE = 14
SWATCH = 11
LEGEND_HEIGHT, LEGEND_RISE = 40, 20
BOTTOM = 6

Drawn = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """Where things stand, in pixels: `head` above a bar (for a name, if it stands there), the bar, `foot` under it."""

    head: int
    bar: int
    foot: int

    @property
    def height(self) -> int:
        return self.head + self.bar + self.foot

    def middle(self, position: int) -> float:
        """The middle of a stage's bar, from the top of the plot."""
        return position * self.height + self.head + self.bar / 2


def figure(
    steps: Steps,
    rows: Rows,
    traces: list[Drawn],
    notes: list[Drawn],
    *,
    dark: bool,
    largest: int,
    top: int,
    legend_from: float | None = None,
    margins: tuple[int, int] = (0, 0),
) -> go.Figure:
    """The finished figure: bars on a scale that ends at `largest` leads, `top` pixels under the upper edge.

    The vertical axis counts pixels from the top of the plot. `legend_from` is where the legend starts, in pixels beside
    the plot; None leaves it out.
    """
    look = colours(dark)
    plot = max(1, len(steps.stages)) * rows.height - rows.foot + 2
    shapes = _tracks(steps, rows, look)
    if legend_from is not None:
        swatches, words = _legend(traces, look, legend_from)
        shapes, notes = shapes + swatches, notes + words
    left, right = margins
    return go.Figure(
        data=traces,
        layout={
            "template": template(dark),
            "barmode": "stack",
            "uniformtext": {"minsize": SMALL_SIZE - 1, "mode": "hide"},
            "height": top + plot + BOTTOM,
            "margin": {"l": left, "r": right, "t": top, "b": BOTTOM},
            "xaxis": {"range": [0, largest]},
            "yaxis": {"range": [plot, 0]},
            "shapes": shapes,
            "annotations": notes,
            "uirevision": "funnel",
        },
    )


def bars(steps: Steps, look: Colours, language: str, rows: Rows, *, inside: bool = True) -> list[Drawn]:
    """One trace a part; moved back and won only where there are any. `inside` writes counts on bars that have room."""
    ledgers = sentences.parts(steps)
    told = [sentences.hovers(steps, *pair, language) for pair in zip(steps.stages, ledgers, strict=True)]
    middles = [rows.middle(stage.position) for stage in steps.stages]
    traces = []
    for part in PARTS:
        counts = [ledger[part] for ledger in ledgers]
        if part in (WON, MOVED_BACK) and not any(counts):
            continue
        written = inside and part != MOVED_BACK
        said = [wording.say("charts.count", language=language, n=count) if count else "" for count in counts]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": counts,
                "y": middles,
                "width": [rows.bar] * len(counts),
                "name": wording.say(f"charts.{part}", language=language),
                "meta": part,
                "marker": _marker(part, look),
                "text": said if written else None,
                "textposition": "inside" if written else "none",
                "insidetextanchor": "middle",
                "textangle": 0,
                "textfont": {"size": SMALL_SIZE - 1, "color": _ink(part, look)},
                "customdata": [[stage.position, STILL_THERE if part == WON else part] for stage in steps.stages],
                "hovertext": [words[part] for words in told],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "selected": {"marker": {"opacity": 1}},
                # Of a bar that is not the clicked one, the number stays readable.
                "unselected": {"marker": {"opacity": 0.45}, "textfont": {"color": look.text}},
            }
        )
    return traces


def note(text: str, **place: Any) -> Drawn:
    """A text on the figure; x from 0 to 1 over the plot, y in its pixels, unless `place` says otherwise."""
    return {"text": text, "xref": "paper", "yref": "y", "yanchor": "middle", "showarrow": False, **place}


def _tracks(steps: Steps, rows: Rows, look: Colours) -> list[Drawn]:
    """A pale band in each row, as wide as the scale: it leads the eye from a short bar to its numbers."""
    half = rows.bar / 2
    middles = [rows.middle(stage.position) for stage in steps.stages]
    place = {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "layer": "below", "line": {"width": 0}}
    return [{**place, "y0": middle - half, "y1": middle + half, "fillcolor": look.track} for middle in middles]


def _legend(traces: list[Drawn], look: Colours, left: float) -> tuple[list[Drawn], list[Drawn]]:
    """A swatch and a word for each part that is drawn. Plotly's own legend would move the plot where it is narrow.

    What was won needs no entry: it has the colour of what went on.
    """
    swatches: list[Drawn] = []
    words = []
    x = left
    for trace in traces:
        part, name = trace["meta"], trace["name"]
        if part == WON:
            continue
        fill = look.track if part == MOVED_BACK else trace["marker"]["color"]
        corners = {"x0": x, "x1": x + SWATCH, "y0": LEGEND_RISE, "y1": LEGEND_RISE + SWATCH}
        swatches.append({"type": "rect", **corners, **_PIXELS, "fillcolor": fill, "line": {"width": 0}})
        if part == MOVED_BACK:
            swatches.append({"type": "path", "path": _hatch(x), **_PIXELS, "line": {"color": look.still, "width": 2}})
        words.append(
            note(
                name,
                x=0,
                xshift=x + SWATCH + 6,
                xanchor="left",
                yref="paper",
                y=1,
                yshift=LEGEND_RISE + SWATCH / 2,
                font={"size": SMALL_SIZE, "color": look.muted},
            )
        )
        x += SWATCH + 6 + width(name, SMALL_SIZE) + SPACE
    return swatches, words


_PIXELS = {"xref": "paper", "yref": "paper", "xsizemode": "pixel", "ysizemode": "pixel", "xanchor": 0, "yanchor": 1}


def _hatch(x: float) -> str:
    low, half, high = LEGEND_RISE, LEGEND_RISE + SWATCH / 2, LEGEND_RISE + SWATCH
    middle, right = x + SWATCH / 2, x + SWATCH
    return f"M{x},{half}L{middle},{high}M{x},{low}L{right},{high}M{middle},{low}L{right},{half}"


def _marker(part: str, look: Colours) -> Drawn:
    line = {"color": look.background, "width": 1}
    if part == MOVED_BACK:
        hatch = {"shape": "/", "size": 6, "solidity": 0.4, "fillmode": "replace"}
        return {"color": look.still, "line": line, "pattern": {**hatch, "fgcolor": look.still, "bgcolor": look.track}}
    fills = {WENT_ON: look.progress, WON: look.progress, STILL_THERE: look.still, LOST: look.lost}
    return {"color": fills[part], "line": line}


def _ink(part: str, look: Colours) -> str:
    return {STILL_THERE: look.still_text, LOST: look.lost_text}.get(part, look.progress_text)
