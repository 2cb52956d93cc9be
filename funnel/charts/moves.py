"""Moves between stages as one stream from the top down: stages skipped are passed by, moves back loop at the left, who is lost or still at
a stage hangs under it, and who comes back from a loss comes in from the right."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import plotly.graph_objects as go

from funnel.charts.beside import name_note
from funnel.charts.canvas.canvas import MENU, Drawn, Margins, note, sheet
from funnel.charts.canvas.legend import RISE, Entry, legend
from funnel.charts.canvas.text import plain, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, Colours, colours, pale
from funnel.charts.move_words import move_hover
from funnel.charts.stream import Run, Stream
from funnel.core.rows import text
from funnel.measures.moves import LOST_END, START, WON_END, Move, MovesFound
from funnel.words import wording

BLOCK, GAP, TIGHT_GAP, MANY_ROWS = 14, 58, 42, 10
SPACE = 8
NAME_SHARE, NAME_ROOM, NAME_LINES = 0.28, 150, 3
USUAL_WIDTH = 700
NAMES_APART = 3
THICKEST_LOOP, THINNEST_LOOP, ARROW = 12, 1.5, 6
SOFT, LOUD = 0.34, 0.8
KINDS = ("forward", "skip", "loop", "back", "return", "lost", "still")
"""The kinds that the legend explains; a start and a win have rows of their own."""
LINE_HEIGHT = SMALL_SIZE * LINE
LOOPS = ("back", "loop", "return")


@dataclass(frozen=True)
class _Row:
    """Where moves begin or end: its name as the file has it, how many leads were there, its colour, the lines of its name."""

    end: int | str
    leads: int
    colour: str
    name: str
    lines: tuple[str, ...]


def moves(moves: MovesFound, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """The moves of leads, to be shown with `config()`: a row a stage, and between rows streams as wide as their moves are many.

    Loops at the left are moves back, dotted arrows from the right returns from a loss; where they are many, their thickness has a scale
    of its own. Who stands where the win is the last word does not hang there. `width_hint` is the room in pixels, if known.
    """
    theme = colours(dark)
    rows = _rows(moves, theme, width_hint)
    left = round(max(width(html.unescape(line), SMALL_SIZE) for row in rows for line in row.lines)) + SPACE
    room = width_hint or USUAL_WIDTH
    row_of = {row.end: number for number, row in enumerate(rows)}
    drawn = [move for move in moves.moves if not (move.kind == "still" and move.origin == moves.win)]
    runs = [
        (move, Run(row_of.get(move.origin), row_of.get(move.target), move.count, leaves=move.target == LOST_END))
        for move in drawn
        if move.origin in row_of or (move.origin == LOST_END and move.target in row_of)
    ]
    # Long names push rows apart rather than touch.
    tallest = ceil(max(len(row.lines) for row in rows) * LINE_HEIGHT) + NAMES_APART
    gap = max(GAP if len(rows) <= MANY_ROWS else TIGHT_GAP, tallest - BLOCK)
    stream = Stream(len(rows), tuple(run for _, run in runs), BLOCK, gap, max(1, room - left))
    picture = _Picture(moves, stream, theme)
    kinds = [kind for kind in KINDS if any(move.kind == kind for move, _ in runs)]
    over = [len(row.lines) * LINE_HEIGHT / 2 - BLOCK / 2 for row in rows]
    words = legend([picture.entry(kind) for kind in kinds], theme, left=-left, room=room - MENU, rise=RISE + over[0])
    under = round(max(0, stream.middle(len(rows) - 1) + BLOCK / 2 + over[-1] - stream.height)) + SPACE
    # What is lost lies under what moves on, and loops on top.
    runs.sort(key=lambda pair: (pair[0].kind in LOOPS, pair[0].kind != "lost"))
    return sheet(
        [trace for move, run in runs for trace in picture.traces(move, run)],
        dark=dark,
        plot=stream.height,
        x=(-max(stream.gutter, 0.004), 1.004),
        y=(stream.height, 0),
        shapes=[*_blocks(rows, stream), *(words.shapes if kinds else ())],
        notes=[
            *(_name(row, number, stream, theme) for number, row in enumerate(rows)),
            *(count for move, run in runs for count in picture.counts(move, run)),
            *(words.notes if kinds else ()),
            *([] if kinds else [_nothing(stream, theme)]),
        ],
        margins=Margins(left, 0, round(over[0]) + (words.height if kinds else SPACE), under),
        revision="moves",
    )


@dataclass(frozen=True)
class _Picture:
    """How each move is drawn."""

    moves: MovesFound
    stream: Stream
    theme: Colours

    def entry(self, kind: str) -> Entry:
        """A kind in the legend, with how many moves are of it."""
        moves = [move for move in self.moves.moves if move.kind == kind]
        count = sum(move.count for move in moves if not (kind == "still" and move.origin == self.moves.win))
        word = wording.say(f"charts.moves_kind_{kind}", n=count)
        if kind in ("skip", "return"):
            return Entry(word, self.theme.track, self.colour(kind))
        return Entry(word, self.colour(kind) if kind in LOOPS else self.fill(kind))

    def colour(self, kind: str) -> str:
        theme = self.theme
        hues = {"lost": theme.lost, "still": theme.still, "start": theme.still, "back": theme.series[1]}
        return hues.get(kind, theme.series[1] if kind == "return" else theme.progress)

    def fill(self, kind: str) -> str:
        return self.colour(kind) if kind == "still" else pale(self.colour(kind), SOFT)

    def traces(self, move: Move, run: Run) -> list[Drawn]:
        hover = move_hover(self.moves, move)
        return [self._line(move, run, hover)] if self.stream.climbs(run) else [self._ribbon(move, run, hover)]

    def _ribbon(self, move: Move, run: Run, hover: str) -> Drawn:
        x, y = self.stream.outline(run)
        trace: Drawn = {
            "type": "scatter",
            "name": move.kind,
            "x": x,
            "y": y,
            "mode": "lines",
            "line": {"width": 0},
            "fill": "toself",
            "fillcolor": self.fill(move.kind),
            "hoveron": "fills",
            "text": hover,
        }
        if move.kind == "skip":
            stripes = {"shape": "/", "size": 6, "solidity": 0.3, "fillmode": "replace"}
            trace["fillpattern"] = {
                **stripes,
                "fgcolor": self.colour("skip"),
                "bgcolor": pale(self.theme.progress, 0.12),
            }
        return trace

    def _line(self, move: Move, run: Run, hover: str) -> Drawn:
        line = self.stream.loop(run)
        thick = self._thick(run)
        colour = pale(self.colour(move.kind), LOUD)
        # The arrow's point touches the block.
        head = (thick + ARROW) / 2 / self.stream.pixels
        out = move.kind == "return"
        line[-1] = (line[-1][0] + (head if out else -head), line[-1][1])
        sizes = [0.0] * (len(line) - 1) + [thick + ARROW]
        return {
            "type": "scatter",
            "name": move.kind,
            "x": [x for x, _ in line],
            "y": [y for _, y in line],
            "mode": "lines+markers",
            "line": {"width": thick, "color": colour, "dash": "dot" if out else "solid"},
            "marker": {
                "symbol": "triangle-left" if out else "triangle-right",
                "size": sizes,
                "color": self.colour(move.kind),
                "opacity": 1,
                "line": {"width": 0},
            },
            "text": [hover] * len(line),
        }

    def _thick(self, run: Run) -> float:
        """Pixels of a loop's line: in the scale of the streams as long as the thickest one may be so thick."""
        climbing = [self.stream.thickness(each) for each in self.stream.runs if self.stream.climbs(each)]
        scale = min(1.0, THICKEST_LOOP / (max(climbing) * self.stream.pixels))
        return max(THINNEST_LOOP, self.stream.thickness(run) * self.stream.pixels * scale)

    def counts(self, move: Move, run: Run) -> list[Drawn]:
        """The number on a stream, or inside a loop to the row above, where it has room."""
        count = wording.say("charts.count", n=move.count)
        font = {"size": SMALL_SIZE - 1, "color": self.theme.text}
        taken = width(count, SMALL_SIZE - 1) + SPACE
        stream = self.stream
        if run.origin is None:
            # Over the beginning of its arrow.
            return [note(count, x=1, xref="x", xanchor="right", y=stream.loop(run)[0][1], yshift=SMALL_SIZE, font=font)]
        if stream.climbs(run):
            if run.origin - (run.target or 0) != 1:
                return []
            inside = stream.depth(run) * stream.pixels - self._thick(run) / 2
            y = (stream.middle(run.origin) + stream.middle(run.origin - 1)) / 2
            return [note(count, x=-inside / 2 / stream.pixels, xref="x", y=y, font=font)] if inside >= taken else []
        if (run.target is None and not run.leaves) or stream.thickness(run) * stream.pixels < taken:
            return []
        (x0, y0), (x1, y1) = stream.knots(run)[:2]
        # On stripes, a number needs a ground to stand on.
        ground = {"bgcolor": self.theme.background} if move.kind == "skip" else {}
        return [note(count, x=(x0 + x1 + stream.thickness(run)) / 2, xref="x", y=(y0 + y1) / 2, font=font, **ground)]


def _rows(moves: MovesFound, theme: Colours, width_hint: int | None) -> list[_Row]:
    """The start, the stages, and a win that no stage is; without the last where there is none, and without a start where every lead
    began at the first stage."""
    leads: dict[int | str, int] = {}
    if any(move.kind == "start" and move.target != 0 for move in moves.moves):
        leads[START] = moves.leads
    leads |= {position: came.denominator for position, came in enumerate(moves.reentries)}
    if won := sum(move.leads for move in moves.moves if move.target == WON_END):
        leads[WON_END] = won
    room = NAME_ROOM if width_hint is None else width_hint * NAME_SHARE
    rows = []
    for end, count in leads.items():
        name = text(moves.end(end))
        lines = [
            *safe_lines(plain(name), SMALL_SIZE, room, NAME_LINES),
            wording.say("charts.count", n=count),
        ]
        rows.append(_Row(end, count, theme.still if end == START else theme.progress, name, tuple(lines)))
    return rows


def _blocks(rows: Sequence[_Row], stream: Stream) -> list[Drawn]:
    shapes = []
    for number, row in enumerate(rows):
        top = stream.top(number)
        edges = {"x0": 0, "x1": max(0.004, stream.widths[number]), "y0": top, "y1": top + BLOCK}
        shapes.append(
            {"type": "rect", "xref": "x", "yref": "y", **edges, "fillcolor": row.colour, "line": {"width": 0}}
        )
    return shapes


def _name(row: _Row, number: int, stream: Stream, theme: Colours) -> Drawn:
    """The name of a row at its left, its leads under it."""
    *names, count = row.lines
    lines = [*names, f'<span style="color:{theme.muted}">{count}</span>']
    anchor: Drawn = {"x": 0, "xshift": -SPACE, "xanchor": "right", "align": "right", "y": stream.middle(number)}
    return name_note(row.name, lines, font={"size": SMALL_SIZE}, **anchor)


def _nothing(stream: Stream, theme: Colours) -> Drawn:
    words = wording.say("charts.nothing")
    return note(words, x=0.5, y=stream.height / 2, font={"size": SMALL_SIZE, "color": theme.muted})
