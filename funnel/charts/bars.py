"""What every funnel is drawn with: rows of bars on one scale, and the figure around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from funnel.charts import sentences
from funnel.charts.canvas.canvas import Drawn, Margins, sheet
from funnel.charts.canvas.legend import Entry
from funnel.charts.canvas.theme import SMALL_SIZE, Colours, colours
from funnel.charts.sentences import LOST, MOVED_BACK, PARTS, STILL_THERE, WENT_ON, WON
from funnel.core.types import Steps
from funnel.words import wording

SPACE = 14
BOTTOM = 6


@dataclass(frozen=True)
class Rows:
    """Where things stand, in pixels: `head` above a bar (for a name, if it stands there), the bar, `foot` under it.

    `upward` is the number of rows where the last one stands at the top, else 0.
    """

    head: int
    bar: int
    foot: int
    upward: int = 0

    @property
    def height(self) -> int:
        return self.head + self.bar + self.foot

    def middle(self, position: int) -> float:
        """The middle of a stage's bar, from the top of the plot."""
        row = self.upward - 1 - position if self.upward else position
        return row * self.height + self.head + self.bar / 2

    def below(self, position: int) -> float:
        """The middle of the foot under a stage's bar."""
        return self.middle(position) + self.bar / 2 + self.foot / 2


def figure(
    count: int,
    rows: Rows,
    traces: Sequence[Drawn],
    notes: Sequence[Drawn],
    *,
    dark: bool,
    largest: float,
    margins: Margins,
    shapes: Sequence[Drawn] = (),
    last_foot: bool = False,
) -> go.Figure:
    """The finished figure: `count` rows of bars on a scale that ends at `largest`.

    The vertical axis counts pixels from the top of the plot. `last_foot` keeps the foot under the last row, too.
    """
    plot = max(1, count) * rows.height - (0 if last_foot else rows.foot) + 2
    return sheet(
        traces,
        dark=dark,
        plot=plot,
        x=(0, largest),
        y=(plot, 0),
        shapes=[*_tracks(count, rows, colours(dark)), *shapes],
        notes=notes,
        margins=margins._replace(bottom=margins.bottom + BOTTOM),
        barmode="stack",
        uniformtext={"minsize": SMALL_SIZE - 1, "mode": "hide"},
    )


def bars(
    steps: Steps,
    look: Colours,
    rows: Rows,
    *,
    hue: str | None = None,
    inside: bool = True,
    whole: int | None = None,
) -> list[Drawn]:
    """One trace a part; moved back and won only where there are any. `inside` writes counts on bars that have room.

    `hue` is the colour of those that went on. A bar is as long as its count, or as its share of `whole`.
    """
    ledgers = sentences.parts(steps)
    told = [sentences.hovers(steps, *pair) for pair in zip(steps.stages, ledgers, strict=True)]
    middles = [rows.middle(stage.position) for stage in steps.stages]
    traces = []
    for part in drawn_parts(steps):
        counts = [ledger[part] for ledger in ledgers]
        written = inside and part != MOVED_BACK
        said = [wording.say("charts.count", n=count) if count else "" for count in counts]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": counts if whole is None else [count / max(1, whole) for count in counts],
                "y": middles,
                "width": [rows.bar] * len(counts),
                "name": wording.say(f"charts.{part}"),
                "meta": part,
                "marker": _marker(part, look, hue or look.progress),
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


def drawn_parts(*funnels: Steps) -> list[str]:
    """The parts that these funnels draw: won and moved back only where one of them has any."""
    ledgers = [ledger for steps in funnels for ledger in sentences.parts(steps)]
    return [part for part in PARTS if part not in (WON, MOVED_BACK) or any(ledger[part] for ledger in ledgers)]


def entries(parts: Sequence[str], look: Colours, hue: str | None = None) -> list[Entry]:
    """The legend of these parts. What was won needs no entry: it has the colour of what went on."""
    found = []
    for part in parts:
        if part == WON:
            continue
        word = wording.say(f"charts.{part}")
        if part == MOVED_BACK:
            found.append(Entry(word, look.track, look.still))
        else:
            found.append(Entry(word, _marker(part, look, hue or look.progress)["color"]))
    return found


def _tracks(count: int, rows: Rows, look: Colours) -> list[Drawn]:
    """A pale band in each row, as wide as the scale: it leads the eye from a short bar to its numbers."""
    half = rows.bar / 2
    middles = [rows.middle(position) for position in range(count)]
    place = {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "layer": "below", "line": {"width": 0}}
    return [{**place, "y0": middle - half, "y1": middle + half, "fillcolor": look.track} for middle in middles]


def _marker(part: str, look: Colours, hue: str) -> Drawn:
    line = {"color": look.background, "width": 1}
    if part == MOVED_BACK:
        hatch = {"shape": "/", "size": 6, "solidity": 0.4, "fillmode": "replace"}
        return {"color": look.still, "line": line, "pattern": {**hatch, "fgcolor": look.still, "bgcolor": look.track}}
    fills = {WENT_ON: hue, WON: hue, STILL_THERE: look.still, LOST: look.lost}
    return {"color": fills[part], "line": line}


def _ink(part: str, look: Colours) -> str:
    return {STILL_THERE: look.still_text, LOST: look.lost_text}.get(part, look.progress_text)
