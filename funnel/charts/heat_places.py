"""Where things stand in the drop-off table: what is beside its rows, over its columns, and in its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from funnel.charts.canvas.canvas import Drawn, note
from funnel.charts.canvas.text import pieces, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours
from funnel.charts.cohort_words import cohort_name
from funnel.charts.heat_cells import Cell, word_lines
from funnel.core.types import Cohort, Cohorts, Unit
from funnel.words import wording

NARROW = 560
SLIM, ROOMY, ROOMIER = 64, 100, 124
"""Cells narrower than the first have smaller type, than the second no number on the drop, than the third two lines."""
TALLEST_HEAD = 110
LEAST_SIZE = 9
GAP, SPACE, BREAK = 3, 10, 8
TWO_LINES = 16
"""With more rows than this, a cell's count stands beside its rate, where there is room."""


@dataclass(frozen=True)
class Names:
    """What stands beside the cells: the cohort's name and its leads, and how many of them are old enough."""

    cohorts: Cohorts
    rows: Sequence[Cohort]
    day: int
    room: int

    @property
    def narrow(self) -> bool:
        return self.room < NARROW

    @cached_property
    def names(self) -> list[tuple[str, ...]]:
        room = 84 if self.narrow else 150
        told = [cohort_name(cohort.start, self.cohorts.period) for cohort in self.rows]
        return [safe_lines(name, SMALL_SIZE, room, 2) for name in told]

    @cached_property
    def counts(self) -> list[str]:
        return [wording.say("charts.count", n=cohort.leads) for cohort in self.rows]

    @cached_property
    def old(self) -> list[str]:
        key = "part_of" if self.narrow else "cohort_old_enough"
        return [wording.say(f"charts.{key}", part=self._old(cohort), whole=cohort.leads) for cohort in self.rows]

    def _old(self, cohort: Cohort) -> int:
        return cohort.win.on(self.day).old_enough if cohort.win.by_day else 0

    @cached_property
    def heads(self) -> tuple[str, str]:
        unit = "accounts" if self.cohorts.question.unit is Unit.ACCOUNT else "leads"
        second = "old_head" if self.narrow else f"{unit}_head"
        return (
            wording.say("charts.cohort_started"),
            wording.say(f"charts.cohort_{second}"),
        )

    @cached_property
    def _name_room(self) -> int:
        lines = [self.heads[0], *(line for name in self.names for line in name)]
        return round(max(width(line, SMALL_SIZE) for line in lines) * 1.06) + 2

    @cached_property
    def left(self) -> int:
        if self.narrow:
            return max(self._name_room, *(round(width(old, SMALL_SIZE - 2)) for old in (*self.old, self.heads[1]))) + 6
        counts = max(width(count, SMALL_SIZE) for count in (*self.counts, self.heads[1]))
        return self._name_room + round(counts) + SPACE + self.edge

    @property
    def edge(self) -> int:
        """Between the numbers and the cells: half a label of a drop."""
        return SPACE if self.narrow else 30

    @cached_property
    def right(self) -> int:
        return GAP if self.narrow else round(max(width(old, SMALL_SIZE - 1) for old in self.old)) + SPACE

    def notes(self, grid: Grid, look: Colours) -> list[Drawn]:
        last = len(self.rows) - 1
        start = {"x": 0, "xanchor": "left", "xshift": -self.left, "align": "left"}
        number = {"x": 0, "xanchor": "right", "xshift": -self.edge, "align": "right"}
        quiet = {"size": SMALL_SIZE - 1, "color": look.muted}
        head = {"y": 0, "yanchor": "bottom", "yshift": SPACE / 2, "font": {"size": SMALL_SIZE, "color": look.muted}}
        if self.narrow:
            small = f'<span style="font-size:{SMALL_SIZE - 2}px">{"<br>".join(self._head_lines())}</span>'
            notes = [note(f"{self.heads[0]}<br>{small}", **start, **head)]
        else:
            notes = [note(self.heads[0], **start, **head), note(self.heads[1], **number, **head)]
        for place, (name, count, old) in enumerate(zip(self.names, self.counts, self.old, strict=True)):
            y = grid.middle(place)
            lines = [f"<b>{line}</b>" for line in name] if place == last else list(name)
            if self.narrow:
                lines.append(f'<span style="font-size:{SMALL_SIZE - 2}px;color:{look.muted}">{old}</span>')
            notes.append(note("<br>".join(lines), y=y, font={"size": SMALL_SIZE}, **start))
            if not self.narrow:
                notes.append(note(count, y=y, font={"size": SMALL_SIZE}, **number))
                notes.append(note(old, x=1, xanchor="right", align="right", xshift=self.right, y=y, font=quiet))
        return notes

    @property
    def head(self) -> int:
        """How high the words over the names are."""
        return round((1 + self.narrow * len(self._head_lines())) * SMALL_SIZE * LINE)

    def _head_lines(self) -> tuple[str, ...]:
        return safe_lines(self.heads[1], SMALL_SIZE - 2, self.left - 2, 2)


@dataclass(frozen=True)
class Grid:
    """Where the cells stand, in pixels from the top; `cell` is how wide one is."""

    names: Names
    cell: float
    cohorts: int
    plain: bool
    money: bool

    @property
    def one_line(self) -> bool:
        return self.cohorts > TWO_LINES and self.cell >= ROOMIER

    @property
    def row(self) -> int:
        if self.one_line:
            return 30
        longest = max((len(name) for name in self.names.names), default=1)
        beside = (longest * SMALL_SIZE + (SMALL_SIZE - 2) * self.names.narrow) * LINE + 8
        return round(max(58 if self.plain and not self.money else 44, beside))

    def middle(self, place: int) -> float:
        return place * self.row + self.row / 2 + (BREAK if place == self.cohorts else 0)

    @property
    def height(self) -> int:
        return (self.cohorts + 1) * self.row + BREAK if self.cohorts else 120

    def text(self, cell: Cell) -> str:
        """What is written on a cell, on one line or several."""
        slim = self.cell < SLIM
        size = SMALL_SIZE - 3 if slim else SMALL_SIZE - 1
        small = [f'<span style="font-size:{size}px">{said}</span>' for said in (cell.quiet, cell.third) if said]
        if cell.muted:
            word = word_lines(cell, SMALL_SIZE - 1, self.cell - 2 * GAP)
            return word if slim or self.one_line else "<br>".join([word, *small])
        between = "\u00a0 " if self.one_line else "<br>"
        return between.join([f"<b>{cell.strong}</b>", *small])

    def size(self, cell: Cell) -> float:
        """The size of its first line, smaller where that would touch the edges."""
        usual = SMALL_SIZE - 1 if self.cell < SLIM else TEXT_SIZE - cell.muted
        # Bold letters are wider.
        return max(LEAST_SIZE, min(usual, (self.cell - 3 * GAP) / max(1, width(cell.strong, 1) * 1.06)))


@dataclass(frozen=True)
class Heads:
    """The names over the columns: level where their words fit, else upright.

    `sure` is the part of a cell that they may take: less than all where nothing is known of the room.
    """

    names: tuple[str, ...]
    cell: float
    sure: float = 1.0

    @cached_property
    def _widest_word(self) -> float:
        words = [word.strip() for name in self.names for word in pieces(name)]
        return max((width(word, SMALL_SIZE) for word in words), default=0) * 1.06

    @cached_property
    def upright(self) -> bool:
        return self._widest_word > self.cell - 2 * GAP

    @cached_property
    def lines(self) -> list[tuple[str, ...]]:
        room, most = max(self._widest_word + 1, (self.cell - 2 * GAP) * self.sure), 3
        if self.upright:
            room, most = TALLEST_HEAD, max(1, int(self.cell / SMALL_SIZE / LINE))
        return [safe_lines(name, SMALL_SIZE, room / 1.06, most) for name in self.names]

    @cached_property
    def height(self) -> int:
        if self.upright:
            return round(max((width(line, SMALL_SIZE) * 1.06 for lines in self.lines for line in lines), default=0))
        return max(1, *(len(lines) for lines in self.lines), 0) * round(SMALL_SIZE * LINE)

    def notes(self) -> list[Drawn]:
        place = {"xref": "x", "y": 0, "yanchor": "bottom", "yshift": SPACE / 2, "font": {"size": SMALL_SIZE}}
        place |= {"textangle": -90, "align": "left"} if self.upright else {"align": "center"}
        full = [{"hovertext": "<br>".join(safe_lines(name, SMALL_SIZE, 330, 14))} for name in self.names]
        return [
            note("<br>".join(f"<b>{line}</b>" for line in lines), x=column + 0.5, **place, **full[column])
            for column, lines in enumerate(self.lines)
        ]
