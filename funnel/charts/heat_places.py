"""The words of the drop-off table: beside its rows, over its columns, and in its cells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from funnel.charts.canvas.text import pieces, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, Colours
from funnel.charts.cohort_words import cohort_name
from funnel.charts.heat_cells import Cell
from funnel.core.types import Unit
from funnel.measures.cohorts import Cohort, Cohorts
from funnel.words import wording

NARROW = 560
NAME_ROOM, NARROW_NAME_ROOM = 160, 80
ROOMY, ROOMIER = 100, 124
"""Cells narrower than the first have no number on the drop, than the second two lines."""
TALLEST_HEAD = 110
GAP, SPACE = 3, 10
TWO_LINES = 16
"""With more rows than this, a cell's count stands beside its rate, where there is room."""


@dataclass(frozen=True)
class Grid:
    """How the words of the table are set, in cells of so many pixels across."""

    cohorts: Cohorts
    day: int
    room: int
    cell: float
    drawn: int
    plain: bool
    money: bool

    @staticmethod
    def beside(room: int) -> int:
        """About how many pixels the names beside the cells take."""
        return NARROW_NAME_ROOM if room < NARROW else NAME_ROOM

    @property
    def narrow(self) -> bool:
        return self.room < NARROW

    @property
    def one_line(self) -> bool:
        return self.drawn > TWO_LINES and self.cell >= ROOMIER

    @property
    def row(self) -> int:
        """Pixels of a row: of two lines of a name, and how many are old enough."""
        longest = max(len(self._name(cohort)) for cohort in self.cohorts.cohorts)
        beside = (longest * SMALL_SIZE + SMALL_SIZE - 2) * LINE + 8
        return round(max(58 if self.plain else 36 if self.one_line else 44, beside))

    def _name(self, cohort: Cohort) -> tuple[str, ...]:
        name = cohort_name(cohort.start, self.cohorts.period)
        return safe_lines(name, SMALL_SIZE, self.beside(self.room) - SPACE, 2)

    def name(self, cohort: Cohort, theme: Colours) -> str:
        """A cohort's name, and under it how many of its leads are old enough."""
        old = cohort.win.on(self.day).old_enough if cohort.win.by_day else 0
        key = "part_of" if self.narrow else "cohort_old_enough"
        followed = wording.say(f"charts.{key}", part=old, whole=cohort.leads)
        lines = self._name(cohort)
        lines = lines if cohort.start else tuple(f"<b>{line}</b>" for line in lines)
        quiet = f'<span style="font-size:{SMALL_SIZE - 2}px;color:{theme.muted}">{followed}</span>'
        return "<br>".join([*lines, quiet])

    @property
    def corner(self) -> str:
        """What stands over the names, and over the numbers under them."""
        unit = "accounts" if self.cohorts.question.unit is Unit.ACCOUNT else "leads"
        second = wording.say(f"charts.cohort_{'old_head' if self.narrow else f'{unit}_head'}")
        return f'{wording.say("charts.cohort_started")}<br><span style="font-size:{SMALL_SIZE - 2}px">{second}</span>'

    def text(self, cell: Cell) -> str:
        """What is written on a cell, on one line or several; where it is too wide, the browser writes it smaller."""
        small = [
            f'<span style="font-size:{SMALL_SIZE - 1}px">{line}</span>' for line in (cell.quiet, cell.third) if line
        ]
        word = cell.strong.replace(" ", "<br>") if width(cell.strong, SMALL_SIZE) > self.cell else cell.strong
        strong = word if cell.muted else f"<b>{cell.strong}</b>"
        return ("\u00a0 " if self.one_line else "<br>").join([strong, *small])


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
    def angle(self) -> int:
        return -90 if self._widest_word > self.cell - 2 * GAP else 0

    @cached_property
    def lines(self) -> list[tuple[str, ...]]:
        room, most = max(self._widest_word + 1, (self.cell - 2 * GAP) * self.sure), 3
        if self.angle:
            room, most = TALLEST_HEAD, max(1, int(self.cell / SMALL_SIZE / LINE))
        return [safe_lines(name, SMALL_SIZE, room / 1.06, most) for name in self.names]

    @property
    def words(self) -> list[str]:
        return ["<br>".join(f"<b>{line}</b>" for line in lines) for lines in self.lines]

    @property
    def height(self) -> float:
        """About how many pixels they take."""
        if self.angle:
            return max(width(line, SMALL_SIZE) * 1.06 for lines in self.lines for line in lines)
        return max(map(len, self.lines)) * SMALL_SIZE * LINE
