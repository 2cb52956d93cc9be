"""Ribbons between two columns of blocks: how much of each at the left is which at the right."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, note, scale, sheet
from funnel.charts.canvas.legend import Entry
from funnel.charts.canvas.text import pieces, plain, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours, pale
from funnel.charts.sentences import wrapped
from funnel.words import wording

BLOCK, THINNEST = 9, 1.5
SPACE, GAP = 8, 9
NAME_SHARE, MOST_SHARE, MOST_ROOM, USUAL_ROOM = 0.29, 0.37, 230, 130
USUAL_WIDTH, NARROW, LEAST_PLOT = 760, 560, 60
FULL_HEIGHT = 250
NAME_LINES, HEADING_LINES = 3, 2
BENDS = 14
LEGEND_LINE = 19
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
    """So many from a block at the left to a block at the right, by their indexes; `hover` is safe."""

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
    theme = colours(dark)
    room = _name_room([*left.blocks, *right.blocks], width_hint)
    whole = max(1, sum(ribbon.leads for ribbon in drawn))
    thick = [max(THINNEST, ribbon.leads * FULL_HEIGHT / whole) for ribbon in drawn]
    starts = _Stack.of(left, room, [(ribbon.left, t) for ribbon, t in zip(drawn, thick, strict=True)])
    ends = _Stack.of(right, room, [(ribbon.right, t) for ribbon, t in zip(drawn, thick, strict=True)])
    plot = max(starts.needed, ends.needed)
    head = round(max(len(starts.heading), len(ends.heading)) * TEXT_SIZE * LINE) + SPACE
    block = BLOCK / max(LEAST_PLOT, (width_hint or USUAL_WIDTH) - 2 * (room + SPACE))
    legend_lines = len(explained) if width_hint and width_hint < NARROW else min(1, len(explained))
    nothing = note(wording.say("charts.nothing"), x=0.5, y=plot / 2, font={"size": SMALL_SIZE, "color": theme.muted})
    return sheet(
        [
            *_traces(drawn, thick, starts.tops(plot), ends.tops(plot)),
            starts.drawn(plot, theme, 0, block),
            ends.drawn(plot, theme, 1 - block, block),
            *(_explained(entry) for entry in explained),
        ],
        dark=dark,
        plot=plot + head,
        x=(0, 1),
        y=starts.scale(plot, head, theme),
        yaxis2={**ends.scale(plot, head, theme), "overlaying": "y", "side": "right"},
        notes=[] if drawn else [nothing],
        margins=Margins(top=MENU + LEGEND_LINE * max(0, legend_lines - 1), bottom=SPACE),
        revision="ribbons",
        barmode="overlay",
        showlegend=bool(explained),
    )


@dataclass(frozen=True)
class _Text:
    """The lines of a block's name, and what stands beside it: on the last of them, where it finds room there."""

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

    def markup(self, theme: Colours) -> str:
        quiet = f'<span style="color:{theme.muted}">{self.beside}</span>' if self.beside else ""
        return "<br>".join(self.lines) + (" " if self.one_line else "<br>") * bool(quiet) + quiet


@dataclass(frozen=True)
class _Stack:
    """One side's blocks with their texts and their heights in pixels, not yet placed; and the lines of its heading."""

    side: Side
    heading: tuple[str, ...]
    texts: tuple[_Text, ...]
    heights: tuple[float, ...]

    @classmethod
    def of(cls, side: Side, room: float, ends: Sequence[tuple[int, float]]) -> _Stack:
        heights = [0.0] * len(side.blocks)
        for index, thick in ends:
            heights[index] += thick
        # Bold letters are wider.
        heading = safe_lines(plain(side.heading), TEXT_SIZE, room / 1.08, HEADING_LINES)
        return cls(side, heading, tuple(_Text.of(block, room) for block in side.blocks), tuple(heights))

    @property
    def slots(self) -> list[float]:
        return [max(text.height, height) + GAP for text, height in zip(self.texts, self.heights, strict=True)]

    @property
    def needed(self) -> int:
        return round(max(LINE_HEIGHT, sum(self.slots)))

    def tops(self, plot: float) -> list[float]:
        """The upper edges of the blocks; height that only the other side needs is shared out between them."""
        spare = (plot - sum(self.slots)) / max(1, len(self.texts))
        y, edges = 0.0, []
        for slot, height in zip(self.slots, self.heights, strict=True):
            edges.append(y + (slot + spare - height) / 2)
            y += slot + spare
        return edges

    def _middles(self, plot: float) -> list[float]:
        return [top + height / 2 for top, height in zip(self.tops(plot), self.heights, strict=True)]

    def scale(self, plot: float, head: float, theme: Colours) -> Drawn:
        """The names outside of the blocks, and over them the heading."""
        heading = f'<span style="color:{self.side.colour}"><b>{"<br>".join(self.heading)}</b></span>'
        words = [heading, *(text.markup(theme) for text in self.texts)]
        return scale((plot, -head), [-head / 2, *self._middles(plot)], words, tickfont={"color": theme.text})

    def drawn(self, plot: float, theme: Colours, x: float, wide: float) -> Drawn:
        """The blocks, over the ribbons, which say what they are."""
        blocks = self.side.blocks
        return {
            "type": "bar",
            "meta": "blocks",
            "orientation": "h",
            "yaxis": "y2",
            "base": [x] * len(blocks),
            "x": [wide] * len(blocks),
            "y": self._middles(plot),
            "width": [max(THINNEST, height) for height in self.heights],
            "marker": {
                "color": [theme.track if block.hatched else block.colour for block in blocks],
                "line": {
                    "color": [block.colour for block in blocks],
                    "width": [int(block.hatched) for block in blocks],
                },
            },
            "hovertext": [block.hover or "<br>".join(wrapped([plain(block.name)])) for block in blocks],
            "showlegend": False,
        }


def _explained(entry: Entry) -> Drawn:
    """Nothing but a line of the legend."""
    pattern = {"shape": "/", "size": 6, "solidity": 0.3, "fgcolor": entry.hatch, "bgcolor": entry.fill}
    marker = {"color": entry.fill, **({"pattern": pattern} if entry.hatch else {})}
    return {"type": "bar", "name": entry.word, "x": [None], "y": [None], "marker": marker}


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
        "text": ribbon.hover,
        "showlegend": False,
    }
    if ribbon.hatched:
        stripes = {"shape": "/", "size": 6, "solidity": 0.3, "fillmode": "replace"}
        trace["fillpattern"] = {**stripes, "fgcolor": ribbon.colour, "bgcolor": pale(ribbon.colour, 0.4)}
    return trace


def _name_room(blocks: Sequence[Block], width_hint: int | None) -> float:
    """Pixels for the names of one side; a little more rather than a word broken before its last letters."""
    words = [word.strip() for block in blocks for word in pieces(plain(block.name))]
    widest = max((width(word, SMALL_SIZE) for word in words), default=0) + 1
    if width_hint is None:
        return min(MOST_ROOM, max(USUAL_ROOM, widest))
    return min(MOST_ROOM, max(width_hint * NAME_SHARE, min(widest, width_hint * MOST_SHARE)))
