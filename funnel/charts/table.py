"""A table with a picture in it: rows of a name, marks on one common scale, and what was counted in columns beside.

Where it is narrow, the name stands above the marks and the counts stand under them.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from funnel.charts.canvas.canvas import CAMERA, Drawn, Margins, note
from funnel.charts.canvas.text import ELLIPSIS, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours
from funnel.charts.sentences import HOVER_ROOM, wrapped

USUAL_WIDTH, NARROW, LEAST_PLOT = 860, 560, 190
NAME_SHARE, LEAST_NAME, MOST_NAME = 0.24, 120, 220
COUNTS_SHARE, VERDICT_ROOM, VERDICT_LINES = 0.34, 190, 2
SPACE, GAP, FOOT = 14, 18, 10
LEAST_ROW, AROUND = 34, 12
STRIP, NARROW_GAP = 20, 18
TICK, TICK_ROOM, MOST_TICKS = 20, 52, 8
HEAD_LINES, NAME_LINES = 3, 3
BOLD = 1.09
"""Bold letters are wider."""
LEAST_OF = 30


@dataclass(frozen=True)
class Numbers:
    """A line of numbers, which is never cut, and whose they are ("": the row's), which is, where there is no room for both."""

    said: str
    of: str = ""

    def safe(self, size: float, room: float) -> str:
        """The line, harmless."""
        said = html.escape(self.said, quote=False)
        if not self.of:
            return said
        left = max(LEAST_OF, room - width(" " + self.said, size))
        return f"{safe_lines(self.of, size, left, 1)[0]} {said}"


@dataclass(frozen=True)
class TableRow:
    """One row, in plain text: its name, what was counted, and what it comes to, each a strong line and quieter ones under it.

    `told` are the sentences on hover; they stand on the numbers where the row has no mark. A `heading` is of the rows after it; the
    verdict of a `muted` row is said by the way.
    """

    name: str
    counts: tuple[Numbers, ...] = ()
    verdict: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    marked: bool = True
    heading: bool = False
    muted: bool = False

    def hover(self) -> str:
        """The name and the sentences, wrapped and safe."""
        title = [f"<b>{line}</b>" for line in safe_lines(self.name, SMALL_SIZE * 1.1, HOVER_ROOM, 8)]
        return "<br>".join([*title, *wrapped(self.told)])


@dataclass(frozen=True)
class Table:
    """Where things stand, in pixels from the top of the plot: the middle of each row's marks, and the height of all.

    `ruled` are the middles of the rows that lines run through; `pixels` is how wide the plot is, `rise` how high what stands over it.
    """

    narrow: bool
    left: int
    right: int
    pixels: float
    rise: int
    middles: tuple[float, ...]
    ruled: tuple[float, ...]
    height: float
    notes: tuple[Drawn, ...]

    @property
    def most_ticks(self) -> int:
        """About how many marks a scale has: as many as have room, and no more than one reads."""
        return max(2, min(MOST_TICKS, int(self.pixels / TICK_ROOM)))

    def margins(self, foot: int = FOOT) -> Margins:
        """The room around the plot, with so much under it."""
        return Margins(self.left, self.right, self.rise, foot)

    def axis(self, ticks: Sequence[tuple[float, str]], x: tuple[float, float], look: Colours) -> list[Drawn]:
        """The labels of the scale, above the plot; one at either edge of a narrow figure stays inside."""
        font = {"size": SMALL_SIZE, "color": look.muted}
        found: list[Drawn] = []
        edge = -math.inf
        for at, said in ticks:
            place = (at - x[0]) / (x[1] - x[0]) * self.pixels
            half = width(said, SMALL_SIZE) / 2
            inside = min(max(place, half - self.left), self.pixels + self.right - half)
            if inside - half > edge:
                found.append(note(said, x=at, xref="x", xshift=inside - place, y=0, yshift=TICK / 2, font=font))
                edge = inside + half + SPACE / 2
        return found

    def lines(self, ticks: Sequence[float], look: Colours) -> list[Drawn]:
        """A thin upright line at each of these, and a level one that leads through each row."""
        line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "layer": "below"}
        level = [{**line, "y0": y, "y1": y, "line": {"color": look.border, "width": 1}} for y in self.ruled]
        return [*(self.upright(at, look.border) for at in ticks), *level]

    def upright(self, at: float, colour: str, thick: float = 1) -> Drawn:
        """A line down through all rows; where they are narrow, only beside their marks, since words stand between."""
        half = STRIP / 2
        spans = [(y - half, y + half) for y in self.ruled] if self.narrow else [(0, self.height)]
        path = "".join(f"M{at},{start}L{at},{end}" for start, end in spans)
        return {"type": "path", "path": path, "layer": "below", "line": {"color": colour, "width": thick}}


def table(
    rows: Sequence[TableRow],
    look: Colours,
    width_hint: int | None,
    *,
    title: str = "",
    name_head: str = "",
    counts_head: str = "",
) -> Table:
    """The rows from the top; `title` stands over the scale, the heads over the names and the counts. All in plain text."""
    room = width_hint or USUAL_WIDTH
    left = round(min(MOST_NAME, max(LEAST_NAME, room * NAME_SHARE)))
    counts, verdicts = min(room * COUNTS_SHARE, _counts_room(rows)), _verdict_room(rows)
    right = round(counts + verdicts + GAP * ((counts > 0) + (verdicts > 0)))
    narrow = width_hint is not None and (room < NARROW or room - left - right < LEAST_PLOT)
    if narrow:
        return _narrow(rows, look, room, title, counts_head)
    pixels = room - left - right
    names = [safe_lines(row.name, TEXT_SIZE, (left - SPACE) / (BOLD if row.heading else 1), NAME_LINES) for row in rows]  # fmt: skip
    middles, notes, y = [], [], 0.0
    for row, name in zip(rows, names, strict=True):
        verdict = _verdict(row, verdicts)
        lines = max(len(name), len(row.counts), len(verdict))
        height = max(LEAST_ROW, lines * TEXT_SIZE * LINE + AROUND)
        middle = y + height / 2
        middles.append(middle)
        notes += list(_beside(row, name, verdict, middle, counts, look))
        y += height
    # Nothing stands over the verdicts, so the head of the counts may reach over them.
    over = _lines(title, pixels), _lines(name_head, left - SPACE), _lines(counts_head, max(right - GAP, LEAST_NAME))
    quiet: Drawn = {"yref": "paper", "y": 1, "yanchor": "bottom", "font": {"size": SMALL_SIZE, "color": look.muted}}
    places: tuple[Drawn, ...] = (
        {"x": 0, "xanchor": "left", "align": "left", "yshift": TICK + 2},
        {"x": 0, "xanchor": "right", "xshift": -SPACE, "align": "right", "yshift": 2},
        {"x": 1, "xanchor": "left", "xshift": GAP, "align": "left", "yshift": 2},
    )
    for lines_over, place in zip(over, places, strict=True):
        notes += [note("<br>".join(lines_over), **quiet, **place)] if lines_over else []
    rise = max(CAMERA, TICK + 6 + _tall(len(over[0])), 6 + _tall(max(map(len, over))))
    ruled = tuple(middle for row, middle in zip(rows, middles, strict=True) if not row.heading)
    return Table(False, left, right, pixels, rise, tuple(middles), ruled, max(y, LEAST_ROW), tuple(notes))


def _narrow(rows: Sequence[TableRow], look: Colours, room: int, title: str, counts_head: str) -> Table:
    middles, notes, y = [], [], 0.0
    for row in rows:
        strong = row.verdict[0] if row.verdict else ""
        taken = width(strong, TEXT_SIZE) * BOLD + SPACE if strong else 0
        name = safe_lines(row.name, TEXT_SIZE, (room - taken) / (BOLD if row.heading else 1), NAME_LINES)
        head = len(name) * TEXT_SIZE * LINE + 4
        strip = STRIP if row.marked and not row.heading else 0
        middles.append(y + head + strip / 2)
        notes += list(_stacked(row, name, y, head + strip, room, look))
        under = max(len(row.counts), len(_verdict(row, min(VERDICT_ROOM, room / 2))) - 1)
        y += head + strip + under * SMALL_SIZE * LINE + NARROW_GAP
    over = [*_lines(title, room - CAMERA), *_lines(counts_head, room - CAMERA)]
    if over:
        place = {"x": 0, "xanchor": "left", "align": "left", "yref": "paper", "y": 1, "yanchor": "bottom"}
        font = {"size": SMALL_SIZE, "color": look.muted}
        notes.append(note("<br>".join(over), yshift=TICK + 2, font=font, **place))
    rise = max(CAMERA, TICK + 8 + _tall(len(over)))
    ruled = tuple(y for row, y in zip(rows, middles, strict=True) if row.marked and not row.heading)
    return Table(True, 0, 0, room, rise, tuple(middles), ruled, max(y, LEAST_ROW), tuple(notes))


def _beside(
    row: TableRow, name: Sequence[str], verdict: Sequence[str], y: float, counts: float, look: Colours
) -> Iterator[Drawn]:
    """The name at the left, the columns at the right."""
    place: Drawn = {"x": 0, "xanchor": "right", "xshift": -SPACE, "align": "right", "y": y}
    yield note(_named(row, name), **place, **_whole(row, name))
    at: Drawn = {"x": 1, "xanchor": "left", "align": "left", "y": y}
    if row.counts:
        said = [each.safe(TEXT_SIZE if place == 0 else SMALL_SIZE, counts) for place, each in enumerate(row.counts)]
        both = all(each.of for each in row.counts)
        text = "<br>".join(said) if both else _strong_first(said, look)
        yield note(text, xshift=GAP, **at, **({} if row.marked else {"hovertext": row.hover()}))
    if verdict:
        text = _strong_first([_word(row, verdict[0], look), *verdict[1:]], look)
        yield note(text, xshift=GAP + counts + (GAP if counts else 0), **at)


def _stacked(row: TableRow, name: Sequence[str], y: float, down: float, room: int, look: Colours) -> Iterator[Drawn]:
    """The name and the strongest word above the marks; the rest under them."""
    left: Drawn = {"x": 0, "xanchor": "left", "align": "left", "yanchor": "top"}
    right: Drawn = {**left, "x": 1, "xanchor": "right", "align": "right"}
    yield note(_named(row, name), y=y, **left, **_whole(row, name))
    verdict = _verdict(row, min(VERDICT_ROOM, room / 2))
    if verdict:
        yield note(_word(row, verdict[0], look), y=y, **right)
    quiet = {"size": SMALL_SIZE, "color": look.muted}
    beside = max((width(html.unescape(each), SMALL_SIZE) for each in verdict[1:]), default=0)
    said = [each.safe(SMALL_SIZE, room - beside - SPACE) for each in row.counts]
    if said:
        hover = {} if row.marked else {"hovertext": row.hover()}
        yield note("<br>".join(said), y=y + down, font=quiet, **left, **hover)
    if verdict[1:]:
        yield note("<br>".join(verdict[1:]), y=y + down, font=quiet, **right)


def _named(row: TableRow, lines: Sequence[str]) -> str:
    return "<br>".join(f"<b>{line}</b>" if row.heading else line for line in lines)


def _word(row: TableRow, word: str, look: Colours) -> str:
    return f'<span style="color:{look.muted}">{word}</span>' if row.muted else f"<b>{word}</b>"


def _strong_first(lines: Sequence[str], look: Colours) -> str:
    quiet = [f'<span style="font-size:{SMALL_SIZE}px;color:{look.muted}">{line}</span>' for line in lines[1:]]
    return "<br>".join([lines[0], *quiet])


def _counts_room(rows: Sequence[TableRow]) -> float:
    """Pixels for the counts, were no name cut."""
    every = [each for row in rows for each in row.counts]
    return max((width(f"{each.of} {each.said}" if each.of else each.said, TEXT_SIZE) for each in every), default=0)


def _verdict_room(rows: Sequence[TableRow]) -> float:
    sizes = [
        (each, SMALL_SIZE if place else TEXT_SIZE * BOLD) for row in rows for place, each in enumerate(row.verdict)
    ]
    return min(VERDICT_ROOM, max((width(each, size) + 1 for each, size in sizes), default=0))


def _verdict(row: TableRow, room: float) -> list[str]:
    """The verdict's lines, safe; what is said after its word may take two."""
    word, rest = row.verdict[:1], row.verdict[1:]
    return [
        *(html.escape(each, quote=False) for each in word),
        *(line for each in rest for line in safe_lines(each, SMALL_SIZE, room, VERDICT_LINES)),
    ]


def _whole(row: TableRow, lines: Sequence[str]) -> Drawn:
    """All that the row says on hover, where its name had to be cut."""
    return {"hovertext": row.hover()} if any(ELLIPSIS in line for line in lines) else {}


def _lines(text: str, room: float) -> tuple[str, ...]:
    return safe_lines(text, SMALL_SIZE, room, HEAD_LINES) if text else ()


def _tall(lines: int) -> int:
    return round(lines * SMALL_SIZE * LINE)
