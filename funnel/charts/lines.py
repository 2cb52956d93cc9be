"""All models in one picture: how many are left, the nearer the win comes."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn, Margins, note, sheet
from funnel.charts.canvas.scales import spread
from funnel.charts.canvas.text import ELLIPSIS, plain, safe_lines, width
from funnel.charts.canvas.theme import DASHES, LINE, SMALL_SIZE, SYMBOLS, Colours, colours
from funnel.charts.sentences import stage_hover, wrapped
from funnel.core.types import FEWEST_FOR_A_RATE, Steps
from funnel.words import wording

PLOT = 300
LABEL_SHARE, LEAST_LABEL, MOST_LABEL, USUAL_LABEL = 0.3, 84, 220, 150
TICKS, TICK_ROOM = (0, 0.25, 0.5, 0.75, 1), 40
LEADER = 0.07
# Lines that coincide run side by side, so far apart: parts of the two scales, about as thick as a line.
BESIDE_X, BESIDE_Y = 0.006, 0.004
SPACE = 6


def depth(
    steps: Sequence[Steps],
    wins: Sequence[int | None],
    *,
    dark: bool = False,
    width_hint: int | None = None,
) -> go.Figure:
    """A line of steps for each model: across, the way to the win; up, the share of its first stage that came so far.

    `wins` are the positions of the stages that mean the win alone (None: no stage does). A model's stages before the win cut the way
    into equal stretches, and those after it go on in the same measure; without a win stage, all of them are the way.
    Each line has its own hue, dash and marker, and its name at its end; lines that coincide run side by side.
    """
    look = colours(dark)
    room = USUAL_LABEL if width_hint is None else min(MOST_LABEL, max(LEAST_LABEL, int(width_hint * LABEL_SHARE)))
    lines = [
        _Line.of(each, win, place, look, room)
        for place, (each, win) in enumerate(zip(steps, wins, strict=True))
        if each.stages and each.stages[0].leads
    ]
    right = max([1.0, *(line.x[-1] for line in lines)])
    top = max([1.0, *(y for line in lines for y in line.y)])
    for number, line in enumerate(lines):
        # Up and to the right, so that falling steps stay parallel.
        aside = number - (len(lines) - 1) / 2
        line.x[:] = [x + aside * BESIDE_X * right for x in line.x]
        line.y[:] = [y + aside * BESIDE_Y * top for y in line.y]
    named = spread([PLOT * (1 - line.y[-1] / top) for line in lines], [line.height for line in lines], PLOT)
    notes = [
        *_ticks(lines, look, top),
        note(wording.say("charts.the_start"), x=0, xref="x", xanchor="left", **_UNDER, font=_quiet(look)),
        note(wording.say("charts.the_win"), x=1, xref="x", xanchor="center" if right > 1.12 else "right", **_UNDER,
             font={"size": SMALL_SIZE, "color": look.text}),
    ]  # fmt: skip
    if not lines:
        notes.append(note(wording.say("charts.nothing"), x=0.5, y=top / 2, font=_quiet(look)))
    shapes = [_line(0, y, right, y, look.border) for y in TICKS]
    shapes.append({**_line(1, 0, 1, top, look.muted), "line": {"color": look.muted, "width": 1, "dash": "dot"}})
    for line, y in zip(lines, named, strict=True):
        height = top * (1 - y / PLOT)
        shapes.append(_leader(line, right, height))
        place = {"x": 1, "xanchor": "left", "xshift": SPACE, "align": "left", "y": height}
        notes.append(note(line.text, font={"size": SMALL_SIZE, "color": line.hue}, **place, **line.full))
    widest = max([0, *(line.width for line in lines)])
    return sheet(
        [line.trace(look) for line in lines],
        dark=dark,
        plot=PLOT,
        x=(-2 * BESIDE_X * right, right * (1 + LEADER)),
        y=(-0.02 * top, 1.02 * top),
        shapes=shapes,
        notes=notes,
        margins=Margins(TICK_ROOM, SPACE + widest, 14, 30),
        revision="depth",
        hoverdistance=-1,
    )


@dataclass(frozen=True)
class _Line:
    """One model's line, its label broken into safe lines, and what each of its stages says on hover."""

    x: list[float]
    y: list[float]
    told: list[str]
    label: tuple[str, ...]
    number: str
    full: dict[str, str]
    hue: str
    place: int
    rates: bool

    @classmethod
    def of(cls, steps: Steps, win: int | None, place: int, look: Colours, room: int) -> _Line:
        first = steps.stages[0].leads
        stretch = 1 / max(1, len(steps.stages) if win is None else win)
        shares = [stage.leads / first for stage in steps.stages]
        name = plain(steps.question.model.name)
        label = safe_lines(name, SMALL_SIZE, room * 0.92, 3)
        cut = any(ELLIPSIS in line for line in label)
        last = steps.stages[-1]
        rates = first >= FEWEST_FOR_A_RATE
        key = "line_end" if rates else "line_end_few"
        return cls(
            x=[stretch * number for number in range(len(shares) + 1)],
            y=[*shares, shares[-1]],
            told=[stage_hover(steps, stage, with_model=True) for stage in steps.stages],
            label=label,
            number=wording.say(f"charts.{key}", rate=last.from_entry.value, part=last.leads, whole=first),
            full={"hovertext": "<br>".join(wrapped([name]))} if cut else {},
            hue=look.series[place % len(look.series)],
            place=place % len(DASHES),
            rates=rates,
        )

    @property
    def text(self) -> str:
        return "<br>".join([*(f"<b>{line}</b>" for line in self.label), self.number])

    @property
    def height(self) -> float:
        return (len(self.label) + 1) * SMALL_SIZE * LINE + 4

    @property
    def width(self) -> int:
        return round(max(width(html.unescape(line), SMALL_SIZE) * 1.08 for line in (*self.label, self.number)))

    def trace(self, look: Colours) -> Drawn:
        return {
            "type": "scatter",
            "mode": "lines+markers",
            "x": self.x,
            "y": self.y,
            "line": {"shape": "hv", "color": self.hue, "width": 2.5, "dash": DASHES[self.place]},
            "marker": {
                "symbol": SYMBOLS[self.place],
                # The end of the line is no stage.
                "size": [7] * len(self.told) + [0],
                "color": self.hue,
                "line": {"color": look.background, "width": 1},
                "opacity": 1,
            },
            "cliponaxis": False,
            "hovertext": [*self.told, self.told[-1]],
            "hovertemplate": "%{hovertext}<extra></extra>",
        }


def _ticks(lines: Sequence[_Line], look: Colours, top: float) -> list[Drawn]:
    """Percentages at the left; none where no line is of enough leads to have one."""
    if lines and not any(line.rates for line in lines):
        return []
    place = {"x": 0, "xanchor": "right", "xshift": -SPACE, "font": _quiet(look)}
    return [note(wording.say("charts.share", rate=tick), y=tick, **place) for tick in TICKS if tick <= top]


def _leader(line: _Line, right: float, height: float) -> Drawn:
    """From the end of a line to its label: level as far as the longest line, then up or down."""
    path = f"M{line.x[-1]},{line.y[-1]}L{max(right, line.x[-1])},{line.y[-1]}L{right * (1 + LEADER)},{height}"
    return {"type": "path", "path": path, "layer": "below", "line": {"color": line.hue, "width": 1}}


def _line(x0: float, y0: float, x1: float, y1: float, colour: str) -> Drawn:
    ends = {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
    return {"type": "line", "xref": "x", "yref": "y", **ends, "layer": "below", "line": {"color": colour, "width": 1}}


def _quiet(look: Colours) -> Drawn:
    return {"size": SMALL_SIZE, "color": look.muted}


_UNDER = {"y": 0, "yshift": -14}
