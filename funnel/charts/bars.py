"""What every funnel is drawn with: rows of bars on one scale, and the figure around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from funnel.charts import sentences
from funnel.charts.canvas.canvas import Drawn, Margins, sheet
from funnel.charts.canvas.legend import Entry
from funnel.charts.canvas.theme import SMALL_SIZE, Colours, colours
from funnel.charts.sentences import LOST, MOVED_BACK, PARTS, STILL_THERE, WENT_ON, WON
from funnel.measures.steps import Steps
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
) -> go.Figure:
    """The finished figure: `count` rows of bars on a scale that ends at `largest`.

    The vertical axis counts pixels from the top of the plot.
    """
    plot = max(1, count) * rows.height - rows.foot + 2
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
    theme: Colours,
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
    hovers = [sentences.hovers(steps, *pair) for pair in zip(steps.stages, ledgers, strict=True)]
    said = [
        {part: wording.say("charts.count", n=count) if count else "" for part, count in ledger.items()}
        for ledger in ledgers
    ]
    return traces(ledgers, said, hovers, theme, rows, hue=hue, inside=inside, whole=whole)


def traces(
    ledgers: Sequence[Mapping[str, float]],
    said: Sequence[Mapping[str, str]],
    hovers: Sequence[Mapping[str, str]],
    theme: Colours,
    rows: Rows,
    *,
    hue: str | None = None,
    inside: bool = True,
    whole: float | None = None,
) -> list[Drawn]:
    """One trace a part of these ledgers, a ledger for each stage in order: `said` is written on the bars, `hovers` on hover."""
    stages = range(len(ledgers))
    drawn = []
    for part in shown_parts(ledgers):
        sizes = [ledger[part] for ledger in ledgers]
        written = inside and part != MOVED_BACK
        drawn.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": sizes if whole is None else [size / max(1, whole) for size in sizes],
                "y": [rows.middle(position) for position in stages],
                "width": [rows.bar] * len(sizes),
                "name": wording.say(f"charts.{part}"),
                "meta": part,
                "marker": _marker(part, theme, hue or theme.progress),
                "text": [texts[part] for texts in said] if written else None,
                "textposition": "inside" if written else "none",
                "insidetextanchor": "middle",
                "textangle": 0,
                "textfont": {"size": SMALL_SIZE - 1, "color": _ink(part, theme)},
                "customdata": [[position, STILL_THERE if part == WON else part] for position in stages],
                "hovertext": [words[part] for words in hovers],
                "selected": {"marker": {"opacity": 1}},
                # Of a bar that is not the clicked one, the number stays readable.
                "unselected": {"marker": {"opacity": 0.45}, "textfont": {"color": theme.text}},
            }
        )
    return drawn


def drawn_parts(*funnels: Steps) -> list[str]:
    """The parts that these funnels draw: won and moved back only where one of them has any."""
    return shown_parts([ledger for steps in funnels for ledger in sentences.parts(steps)])


def shown_parts(ledgers: Sequence[Mapping[str, float]]) -> list[str]:
    """The parts that are drawn of these ledgers, likewise."""
    return [part for part in PARTS if part not in (WON, MOVED_BACK) or any(ledger[part] for ledger in ledgers)]


def entries(parts: Sequence[str], theme: Colours, hue: str | None = None) -> list[Entry]:
    """The legend of these parts. What was won needs no entry: it has the colour of what went on."""
    legend_entries = []
    for part in parts:
        if part == WON:
            continue
        word = wording.say(f"charts.{part}")
        if part == MOVED_BACK:
            legend_entries.append(Entry(word, theme.track, theme.still))
        else:
            legend_entries.append(Entry(word, _marker(part, theme, hue or theme.progress)["color"]))
    return legend_entries


def _tracks(count: int, rows: Rows, theme: Colours) -> list[Drawn]:
    """A pale band in each row, as wide as the scale: it leads the eye from a short bar to its numbers."""
    half = rows.bar / 2
    middles = [rows.middle(position) for position in range(count)]
    shape = {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "layer": "below", "line": {"width": 0}}
    return [{**shape, "y0": middle - half, "y1": middle + half, "fillcolor": theme.track} for middle in middles]


def _marker(part: str, theme: Colours, hue: str) -> Drawn:
    line = {"color": theme.background, "width": 1}
    if part == MOVED_BACK:
        hatch = {"shape": "/", "size": 6, "solidity": 0.4, "fillmode": "replace"}
        pattern = {**hatch, "fgcolor": theme.still, "bgcolor": theme.track}
        return {"color": theme.still, "line": line, "pattern": pattern}
    fills = {WENT_ON: hue, WON: hue, STILL_THERE: theme.still, LOST: theme.lost}
    return {"color": fills[part], "line": line}


def _ink(part: str, theme: Colours) -> str:
    return {STILL_THERE: theme.still_text, LOST: theme.lost_text}.get(part, theme.progress_text)
