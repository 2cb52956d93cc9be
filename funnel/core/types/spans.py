"""How long stays lasted, counted in bins for a histogram."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

DAYS_A_MONTH = 30.4375
MOST_BINS = 40


class BinUnit(StrEnum):
    """How wide the bins of a histogram are. A month is 30.4375 days, rounded up to whole days where a bin begins."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def days(self) -> float:
        """The days of one bin."""
        return {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": DAYS_A_MONTH}[self.value]


@dataclass(frozen=True)
class Bin:
    """So many stays lasted from `low` (included) to `high` days (excluded; None: no upper end)."""

    low: float
    high: float | None
    left: int
    still: int


@dataclass(frozen=True)
class Histogram:
    """Stays at one stage by how long they lasted, without gaps, at most MOST_BINS bins: then the last one is open.

    `still` counts stays that go on, by how long they have lasted so far.
    """

    unit: BinUnit
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Spans:
    """Stays by whole days (or, in files of short stays, whole hours: `finest`): (days or hours, left, still), shortest first."""

    finest: BinUnit
    counts: tuple[tuple[int, int, int], ...]

    @property
    def units(self) -> tuple[BinUnit, ...]:
        """The widths of bins that these can be put in."""
        return tuple(BinUnit) if self.finest is BinUnit.HOUR else tuple(BinUnit)[1:]

    def histogram(self, unit: BinUnit) -> Histogram:
        """The stays in bins of this width."""
        wide = max(1.0, unit.days / self.finest.days)
        by_bin: dict[int, list[int]] = {}
        for span, left, still in self.counts:
            both = by_bin.setdefault(min(int(span // wide), MOST_BINS - 1), [0, 0])
            both[0] += left
            both[1] += still
        last = max(by_bin, default=-1)
        more = last == MOST_BINS - 1 and bool(self.counts) and self.counts[-1][0] // wide > last
        edges = [ceil(index * wide) * self.finest.days for index in range(last + 2)]
        bins = [
            Bin(edges[index], None if more and index == last else edges[index + 1], *by_bin.get(index, (0, 0)))
            for index in range(last + 1)
        ]
        return Histogram(unit, tuple(bins))

    def readable_unit(self) -> BinUnit:
        """The narrowest width for which nearly all stays need few bins."""
        stays = sum(left + still for _, left, still in self.counts)
        so_far, most = 0, 0
        for span, left, still in self.counts:
            so_far, most = so_far + left + still, span
            if so_far >= 0.95 * stays:
                break
        wide_enough = (unit for unit in self.units if most * self.finest.days / unit.days < 0.75 * MOST_BINS)
        return next(wide_enough, BinUnit.MONTH)
