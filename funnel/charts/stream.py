"""Where a stream of moves runs: rows from the top down, each as wide as what comes there; streams that pass a row keep to its right,
what stays or leaves hangs under its row. Widths in 0 to 1, heights in pixels; nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import cos, pi, sin

PAD = 0.015
BENDS = 10
THINNEST = 1.5
GUTTER = 0.17
SHALLOWEST, DEEPEST = 0.4, 0.92
HANGING, LEAVING = 0.3, 0.38
Point = tuple[float, float]


@dataclass(frozen=True)
class Run:
    """So many from one row to another; without a target they stay in their row, or leave for good, and without an origin they come back."""

    origin: int | None
    target: int | None
    count: int
    leaves: bool = False


@dataclass(frozen=True)
class Stream:
    """Rows and what runs between them. Blocks are `block` pixels high, `gap` pixels apart, on a plot of `pixels` width.

    A run that goes up, or comes back from outside, is a loop: it has a place in its blocks and a line, no ribbon.
    """

    rows: int
    runs: tuple[Run, ...]
    block: int
    gap: int
    pixels: float

    def climbs(self, run: Run) -> bool:
        """Whether a run is a loop."""
        return run.origin is None or (run.target is not None and run.target <= run.origin)

    @cached_property
    def widths(self) -> tuple[float, ...]:
        """How wide each row's block is."""
        return tuple(count * self._unit for count in self._counts)

    def top(self, row: int) -> float:
        """The upper edge of a row's block."""
        return row * (self.block + self.gap)

    def middle(self, row: int) -> float:
        """The height of a row's block's middle."""
        return self.top(row) + self.block / 2

    def hanging(self, run: Run) -> float:
        """How far hangs what stays, or leaves."""
        return self.gap * (LEAVING if run.leaves else HANGING)

    @property
    def height(self) -> int:
        """Pixels from the first block's top to the end of the last one, with what hangs from it."""
        under = [self.hanging(run) for run in self.runs if run.target is None and run.origin == self.rows - 1]
        return round(self.top(self.rows - 1) + self.block + max(under, default=0))

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
        """Where the left edge of a run that is no loop leaves a block, passes rows, and comes in."""
        origin = run.origin or 0
        start = self._leaving[run], self.top(origin) + self.block
        if run.target is None:
            return [start, (start[0], start[1] + self.hanging(run))]
        passed = [
            (x, self.top(row) + edge)
            for row in range(origin + 1, run.target)
            for x in [self._lanes[row][run]]
            for edge in (0, self.block)
        ]
        further = [*passed, (self._coming[run], self.top(run.target))]
        # What goes to the right passes under what leaves there.
        leaving = [self.hanging(each) for each in self._of(origin, leaving=True) if each.leaves]
        if leaving and further[0][0] > start[0]:
            further.insert(0, (start[0], start[1] + leaving[0]))
        return [start, *further]

    def loop(self, run: Run) -> list[Point]:
        """The line of a loop: an arc at the left, the deeper the more rows it goes up; from outside, straight from the right edge."""
        target = run.target or 0
        if run.origin is None:
            return [(1.0, self.middle(target)), (self.widths[target], self.middle(target))]
        nearer = self.block / 4
        low, high = self.middle(run.origin) - nearer, self.middle(target) + nearer
        depth = self.depth(run)
        return [(-depth * sin(pi * u), low + (high - low) * (1 - cos(pi * u)) / 2) for u in _along()]

    def depth(self, run: Run) -> float:
        """How far a loop reaches to the left."""
        spans = [self._span(each) for each in self._loops]
        deep = (self._span(run) - 1) / max(1, max(spans) - 1)
        return GUTTER * (SHALLOWEST + (DEEPEST - SHALLOWEST) * deep)

    @property
    def gutter(self) -> float:
        """The room that loops need at the left."""
        return GUTTER if self._loops else 0.0

    @property
    def _loops(self) -> list[Run]:
        """The runs that go up inside."""
        return [run for run in self.runs if self.climbs(run) and run.origin is not None]

    def _span(self, run: Run) -> int:
        return max(1, (run.origin or 0) - (run.target or 0))

    @cached_property
    def _counts(self) -> list[int]:
        """What comes to each row, or leaves it, whichever is more."""
        came, left = [0] * self.rows, [0] * self.rows
        for run in self.runs:
            if run.origin is not None:
                left[run.origin] += run.count
            if run.target is not None:
                came[run.target] += run.count
        return [max(pair) for pair in zip(came, left, strict=True)]

    def _passing(self, row: int) -> list[Run]:
        """The runs beside a row, from the left: what comes in next is the nearest."""
        beside = [
            run
            for run in self.runs
            if run.origin is not None and run.target is not None and run.origin < row < run.target
        ]
        return sorted(beside, key=lambda run: (run.target, -(run.origin or 0)))

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
            x, lane = self.widths[row] + PAD, {}
            for run in self._passing(row):
                lane[run], x = x, x + run.count * self._unit
            lanes.append(lane)
        return lanes

    @cached_property
    def _leaving(self) -> dict[Run, float]:
        """Where each run leaves its block, from the left: loops, what stays, the nearest target first, what leaves."""

        def turn(run: Run) -> tuple[bool, bool, int]:
            return (not self.climbs(run), run.leaves, -1 if run.target is None else run.target)

        return self._stacked([sorted(self._of(row, leaving=True), key=turn) for row in range(self.rows)])

    @cached_property
    def _coming(self) -> dict[Run, float]:
        """Where each run comes in, from the left: loops, then the nearest origin first."""

        def turn(run: Run) -> tuple[bool, int]:
            return (not self.climbs(run), -(run.origin or 0))

        return self._stacked([sorted(self._of(row, leaving=False), key=turn) for row in range(self.rows)])

    def _of(self, row: int, *, leaving: bool) -> list[Run]:
        return [run for run in self.runs if (run.origin if leaving else run.target) == row]

    def _stacked(self, rows: Sequence[Sequence[Run]]) -> dict[Run, float]:
        edges = {}
        for runs in rows:
            x = 0.0
            for run in runs:
                edges[run], x = x, x + run.count * self._unit
        return edges


def _along() -> list[float]:
    return [number / (2 * BENDS) for number in range(2 * BENDS + 1)]
