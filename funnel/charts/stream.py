"""Where a stream of moves runs: rows from the top down, each as wide as what comes there; streams that pass a row keep to its right,
what drains collects at the right edge, what hangs stays under its row. Widths in 0 to 1, heights in pixels; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import cos, pi, sin

PAD = 0.015
BENDS = 10
THINNEST = 1.5
GUTTER, RIGHT_GUTTER = 0.17, 0.06
SHALLOWEST, DEEPEST = 0.4, 0.92
HANGING = 0.3
Point = tuple[float, float]


@dataclass(frozen=True)
class Run:
    """So many from one row to another, or (None) staying there."""

    origin: int
    target: int | None
    count: int


@dataclass(frozen=True)
class Stream:
    """Rows and what runs between them. `drain` is the row at the end where losses collect, None without one. Blocks are `block` pixels
    high, `gap` pixels apart, on a plot of `pixels` width.

    A run that goes up, or out of the drain, is a loop: it has a place in its blocks and a line, no ribbon.
    """

    rows: int
    runs: tuple[Run, ...]
    drain: int | None
    block: int
    gap: int
    pixels: float

    def climbs(self, run: Run) -> bool:
        """Whether a run is a loop."""
        return run.target is not None and (run.target <= run.origin or run.origin == self.drain)

    @cached_property
    def widths(self) -> tuple[float, ...]:
        """How wide each row's block is."""
        return tuple(count * self._unit for count in self._counts)

    def left(self, row: int) -> float:
        """Where a row's block begins."""
        return 1 - self.widths[row] if row == self.drain else 0.0

    def top(self, row: int) -> float:
        """The upper edge of a row's block."""
        return row * (self.block + self.gap)

    def middle(self, row: int) -> float:
        """The height of a row's block's middle."""
        return self.top(row) + self.block / 2

    @property
    def hanging(self) -> float:
        """How far hangs what stays."""
        return self.gap * HANGING

    @property
    def height(self) -> int:
        """Pixels from the first block's top to the end of the last one, with what hangs from it."""
        last = any(run.target is None and run.origin == self.rows - 1 for run in self.runs)
        return round(self.top(self.rows - 1) + self.block + (self.hanging if last else 0))

    def thickness(self, run: Run) -> float:
        """How thick a run is drawn, never too thin to be seen."""
        return max(THINNEST / self.pixels, run.count * self._unit)

    def outline(self, run: Run) -> tuple[list[float], list[float]]:
        """The x and y of the polygon of a run that is no loop."""
        knots, thick = self.knots(run), self.thickness(run)
        edge: list[Point] = [knots[0]]
        for (x0, y0), (x1, y1) in pairwise(knots):
            steps = [number / BENDS for number in range(1, BENDS + 1)] if x0 != x1 else [1.0]
            # A smooth step: straight down at both ends.
            edge += [(x0 + (x1 - x0) * u * u * (3 - 2 * u), y0 + (y1 - y0) * u) for u in steps]
        xs = [x for x, _ in edge]
        ys = [y for _, y in edge]
        return [*xs, *(x + thick for x in reversed(xs))], [*ys, *reversed(ys)]

    def knots(self, run: Run) -> list[Point]:
        """Where the left edge of a run leaves a block, passes rows, and comes in."""
        start = self._leaving[run], self.top(run.origin) + self.block
        if run.target is None:
            return [start, (start[0], start[1] + self.hanging)]
        passed = [
            (x, self.top(row) + edge)
            for row in range(run.origin + 1, run.target)
            for x in [self._lanes[row][run]]
            for edge in (0, self.block)
        ]
        return [start, *passed, (self._coming[run], self.top(run.target))]

    def loop(self, run: Run) -> list[Point]:
        """The line of a loop: an arc at the left, the deeper the more rows it goes up; out of the drain, an arc at the right."""
        target = run.target if run.target is not None else run.origin
        nearer = self.block / 4
        if run.origin == self.drain:
            low, high, depth = self.middle(run.origin), self.middle(target), RIGHT_GUTTER * DEEPEST
            arc = [(1 + depth * sin(pi * u), low + (high - low) * (1 - cos(pi * u)) / 2) for u in _along()]
            return [*arc, (self.widths[target], high)]
        low, high = self.middle(run.origin) - nearer, self.middle(target) + nearer
        depth = self.depth(run)
        return [(-depth * sin(pi * u), low + (high - low) * (1 - cos(pi * u)) / 2) for u in _along()]

    def depth(self, run: Run) -> float:
        """How far a loop reaches to the left."""
        spans = [self._span(each) for each in self.runs if self.climbs(each) and each.origin != self.drain]
        deep = (self._span(run) - 1) / max(1, max(spans) - 1)
        return GUTTER * (SHALLOWEST + (DEEPEST - SHALLOWEST) * deep)

    @property
    def gutters(self) -> tuple[float, float]:
        """The room that loops need at the left and at the right."""
        loops = [run for run in self.runs if self.climbs(run)]
        left, right = (any((run.origin == self.drain) == out for run in loops) for out in (False, True))
        return GUTTER if left else 0.0, RIGHT_GUTTER if right else 0.0

    def _span(self, run: Run) -> int:
        return max(1, run.origin - (run.target or 0))

    def _drains(self, run: Run) -> bool:
        return run.target is not None and run.target == self.drain

    @cached_property
    def _counts(self) -> list[int]:
        """What comes to each row, or leaves it, whichever is more."""
        came, left = [0] * self.rows, [0] * self.rows
        for run in self.runs:
            left[run.origin] += run.count
            if run.target is not None:
                came[run.target] += run.count
        return [max(pair) for pair in zip(came, left, strict=True)]

    def _passing(self, row: int) -> list[Run]:
        """The runs beside a row, from the left: what comes in next is the nearest."""
        beside = [
            run
            for run in self.runs
            if run.target is not None and run.origin < row < run.target and not self.climbs(run)
        ]
        # What drains keeps to the right edge: what began first is the outermost.
        return sorted(beside, key=lambda run: (self._drains(run), run.target, -run.origin))

    @cached_property
    def _unit(self) -> float:
        """How wide one is, so that every row has room for its block and for all that passes it."""
        needed = [self._counts[row] + sum(run.count for run in self._passing(row)) for row in range(self.rows)]
        return (1 - 2 * PAD) / max([1, *needed])

    @cached_property
    def _lanes(self) -> list[dict[Run, float]]:
        """Where each run passes each row."""
        lanes: list[dict[Run, float]] = []
        for row in range(self.rows):
            passing, lane = self._passing(row), {}
            x = self.widths[row] + PAD
            edge = 1 - sum(run.count * self._unit for run in passing if self._drains(run))
            for run in passing:
                if self._drains(run):
                    lane[run], edge = edge, edge + run.count * self._unit
                else:
                    lane[run], x = x, x + run.count * self._unit
            lanes.append(lane)
        return lanes

    @cached_property
    def _leaving(self) -> dict[Run, float]:
        """Where each run leaves its block, from the left: loops, what stays, the nearest target first, what drains."""

        def turn(run: Run) -> tuple[bool, bool, int]:
            return (not self.climbs(run), self._drains(run), -1 if run.target is None else run.target)

        return self._stacked([sorted(self._of(row, leaving=True), key=turn) for row in range(self.rows)])

    @cached_property
    def _coming(self) -> dict[Run, float]:
        """Where each run comes in, from the left: loops, then the nearest origin first."""

        def turn(run: Run) -> tuple[bool, int]:
            return (not self.climbs(run), -run.origin)

        return self._stacked([sorted(self._of(row, leaving=False), key=turn) for row in range(self.rows)])

    def _of(self, row: int, *, leaving: bool) -> list[Run]:
        return [run for run in self.runs if (run.origin if leaving else run.target) == row]

    def _stacked(self, rows: Sequence[Sequence[Run]]) -> dict[Run, float]:
        edges = {}
        for row, runs in enumerate(rows):
            x = self.left(row)
            for run in runs:
                edges[run], x = x, x + run.count * self._unit
        return edges


def _along() -> list[float]:
    return [number / (2 * BENDS) for number in range(2 * BENDS + 1)]
