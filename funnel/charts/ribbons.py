"""Ribbons between two columns of blocks: how much of each at the left is which at the right."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from funnel.charts.beside import name_note
from funnel.charts.canvas.canvas import CAMERA, Drawn, Margins, note, sheet
from funnel.charts.canvas.legend import Entry, legend
from funnel.charts.canvas.text import pieces, plain, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours, pale
from funnel.words import wording

BLOCK, THINNEST = 9, 1.5
SPACE, GAP = 8, 9
NAME_SHARE, MOST_SHARE, MOST_ROOM, USUAL_ROOM = 0.29, 0.37, 230, 130
USUAL_PLOT = 200
FULL_HEIGHT = 250
NAME_LINES = 3
BENDS = 14
HEADING, UNDER_LEGEND = 28, 12
LINE_HEIGHT = SMALL_SIZE * LINE


@dataclass(frozen=True)
class Block:
    """One end of ribbons: its name as the file has it, a safe number or word beside it, its colour, safe words on hover."""

    name: str
    beside: str
    colour: str
    hover: str = ""
    hatched: bool = False


@dataclass(frozen=True)
class Ribbon:
    """So many from a block at the left to a block at the right, by their places; `hover` is safe."""

    left: int
    right: int
    leads: int
    colour: str
    hover: str
    hatched: bool = False


@dataclass(frozen=True)
class Side:
    """The blocks of one side, from the top down, and the heading over them: as the file has it, and its colour."""

    heading: str
    colour: str
    blocks: tuple[Block, ...]


def ribbons(
    left: Side,
    right: Side,
    drawn: Sequence[Ribbon],
    *,
    dark: bool,
    width_hint: int | None,
    explained: Sequence[Entry] = (),
) -> go.Figure:
    """The figure: names outside the blocks, ribbons of equal scale between, a legend of what is `explained` on top.

    A ribbon is as thick as its leads are many, but never too thin to be seen.
    """
    look = colours(dark)
    room = _name_room([*left.blocks, *right.blocks], width_hint)
    whole = max(1, sum(ribbon.leads for ribbon in drawn))
    thick = [max(THINNEST, ribbon.leads * FULL_HEIGHT / whole) for ribbon in drawn]
    starts = _Stack.of(left, room, [(ribbon.left, t) for ribbon, t in zip(drawn, thick, strict=True)])
    ends = _Stack.of(right, room, [(ribbon.right, t) for ribbon, t in zip(drawn, thick, strict=True)])
    plot = max(starts.needed, ends.needed)
    margins = (starts.widest + SPACE, ends.widest + SPACE)
    wide = width_hint or sum(margins) + USUAL_PLOT
    nothing = wording.say("charts.nothing")
    words = legend(explained, look, left=-margins[0], room=wide, rise=HEADING + UNDER_LEGEND)
    top = HEADING + (words.height if explained else 0)
    return sheet(
        _traces(drawn, thick, starts.tops(plot), ends.tops(plot)),
        dark=dark,
        plot=plot,
        x=(0, 1),
        y=(plot, 0),
        shapes=[*starts.drawn(plot, look, 0), *ends.drawn(plot, look, 1), *(words.shapes if explained else ())],
        notes=[
            *starts.notes(plot, look, 0),
            *ends.notes(plot, look, 1),
            _heading(left, right, wide - CAMERA, x=0, xshift=-margins[0], xanchor="left"),
            _heading(right, left, wide - CAMERA, x=1, xshift=margins[1] - CAMERA, xanchor="right"),
            *(words.notes if explained else ()),
            *([] if drawn else [note(nothing, x=0.5, y=plot / 2, font={"size": SMALL_SIZE, "color": look.muted})]),
        ],
        margins=Margins(*margins, top, SPACE),
        revision="ribbons",
    )


@dataclass(frozen=True)
class _Text:
    """The lines of a block's name, and whether what stands beside it finds room on the last of them."""

    lines: tuple[str, ...]
    beside: str
    one_line: bool

    @classmethod
    def of(cls, block: Block, room: float) -> _Text:
        lines = safe_lines(plain(block.name), SMALL_SIZE, room, NAME_LINES)
        return cls(lines, block.beside, width(f"{html.unescape(lines[-1])} {block.beside}", SMALL_SIZE) <= room)

    @property
    def height(self) -> float:
        return (len(self.lines) + (not self.one_line)) * LINE_HEIGHT

    @property
    def width(self) -> float:
        last = f"{self.lines[-1]} {self.beside}" if self.one_line else self.lines[-1]
        return max(width(html.unescape(line), SMALL_SIZE) for line in (*self.lines[:-1], last, self.beside))


@dataclass(frozen=True)
class _Stack:
    """One side's blocks with their texts and their heights in pixels, not yet placed."""

    blocks: tuple[Block, ...]
    texts: tuple[_Text, ...]
    heights: tuple[float, ...]

    @classmethod
    def of(cls, side: Side, room: float, ends: Sequence[tuple[int, float]]) -> _Stack:
        heights = [0.0] * len(side.blocks)
        for place, thick in ends:
            heights[place] += thick
        return cls(side.blocks, tuple(_Text.of(block, room) for block in side.blocks), tuple(heights))

    @property
    def slots(self) -> list[float]:
        return [max(text.height, height) + GAP for text, height in zip(self.texts, self.heights, strict=True)]

    @property
    def needed(self) -> int:
        return round(max(LINE_HEIGHT, sum(self.slots)))

    @property
    def widest(self) -> int:
        return round(max([0.0, *(text.width for text in self.texts)]))

    def tops(self, plot: float) -> list[float]:
        """The upper edges of the blocks; height that only the other side needs is shared out between them."""
        spare = (plot - sum(self.slots)) / max(1, len(self.blocks))
        y, found = 0.0, []
        for slot, height in zip(self.slots, self.heights, strict=True):
            found.append(y + (slot + spare - height) / 2)
            y += slot + spare
        return found

    def drawn(self, plot: float, look: Colours, side: int) -> list[Drawn]:
        place = {"type": "rect", "xref": "paper", "xsizemode": "pixel", "xanchor": side, "yref": "y"}
        place |= {"x0": 0, "x1": BLOCK} if side == 0 else {"x0": -BLOCK, "x1": 0}
        shapes = []
        for block, top, height in zip(self.blocks, self.tops(plot), self.heights, strict=True):
            fill = {"fillcolor": look.track if block.hatched else block.colour}
            line = {"line": {"color": block.colour, "width": 1 if block.hatched else 0}}
            shapes.append({**place, **fill, **line, "y0": top, "y1": top + max(THINNEST, height)})
        return shapes

    def notes(self, plot: float, look: Colours, side: int) -> list[Drawn]:
        outside = {"x": 1, "xshift": SPACE, "xanchor": "left", "align": "left"}
        if side == 0:
            outside = {"x": 0, "xshift": -SPACE, "xanchor": "right", "align": "right"}
        notes = []
        for block, text, top, height in zip(self.blocks, self.texts, self.tops(plot), self.heights, strict=True):
            place = {**outside, "y": top + height / 2, "font": {"size": SMALL_SIZE}}
            written = name_note(block.name, text.lines, block.hover, **place)
            if text.beside:
                quiet = f'<span style="color:{look.muted}">{text.beside}</span>'
                written["text"] += (" " if text.one_line else "<br>") + quiet
            notes.append(written)
        return notes


def _traces(drawn: Sequence[Ribbon], thick: Sequence[float], left: list[float], right: list[float]) -> list[Drawn]:
    """Each ribbon leaves its left block in the order of the right ones, and the other way round, so that few cross."""
    traces: list[Drawn] = [{}] * len(drawn)
    for number in sorted(range(len(drawn)), key=lambda each: (drawn[each].left, drawn[each].right)):
        ribbon = drawn[number]
        traces[number] = _trace(ribbon, left[ribbon.left], right[ribbon.right], thick[number])
        left[ribbon.left] += thick[number]
        right[ribbon.right] += thick[number]
    return traces


def _trace(ribbon: Ribbon, start: float, end: float, thick: float) -> Drawn:
    along = [number / BENDS for number in range(BENDS + 1)]
    # A smooth step: level at both ends.
    upper = [start + (end - start) * u * u * (3 - 2 * u) for u in along]
    trace: Drawn = {
        "type": "scatter",
        "x": [*along, *reversed(along)],
        "y": [*upper, *(y + thick for y in reversed(upper))],
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": ribbon.colour,
        "hoveron": "fills",
        "hoverinfo": "text",
        "text": ribbon.hover,
    }
    if ribbon.hatched:
        stripes = {"shape": "/", "size": 6, "solidity": 0.3, "fillmode": "replace"}
        trace["fillpattern"] = {**stripes, "fgcolor": ribbon.colour, "bgcolor": pale(ribbon.colour, 0.4)}
    return trace


def _heading(side: Side, other: Side, wide: float, **place: Any) -> Drawn:
    """The heading over one side: in what the other's leaves, but at least half of the figure is its room."""
    # Bold letters are wider.
    taken = 1.08 * width(plain(other.heading), TEXT_SIZE) + 2 * SPACE
    lines = safe_lines(plain(side.heading), TEXT_SIZE, max(wide / 2 - SPACE, wide - taken) / 1.08, 1)
    font = {"size": TEXT_SIZE, "color": side.colour}
    bold = [f"<b>{line}</b>" for line in lines]
    return name_note(side.heading, bold, y=1, yref="paper", yanchor="bottom", yshift=SPACE, font=font, **place)


def _name_room(blocks: Sequence[Block], width_hint: int | None) -> float:
    """Pixels for the names of one side; a little more rather than a word broken before its last letters."""
    if width_hint is None:
        return USUAL_ROOM
    words = [word.strip() for block in blocks for word in pieces(plain(block.name))]
    widest = max((width(word, SMALL_SIZE) for word in words), default=0)
    return min(MOST_ROOM, max(width_hint * NAME_SHARE, min(widest + 1, width_hint * MOST_SHARE)))
