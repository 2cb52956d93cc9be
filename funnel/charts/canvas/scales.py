"""Scales: round percentages, ages and numbers, and labels that do not touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)
AGES = (1, 2, 3, 5, 7, 14, 30, 60, 90, 180, 365, 545, 730, 1095, 1460, 1825, 3650, 7300, 18250)
MOST_TICKS = 5
NUDGE, FARTHEST = 3, 30
CROSSINGS, CROSSING = 2, 9


def percent_ticks(top: float, most: int = MOST_TICKS) -> list[float]:
    """Round shares from 0 to at least `top`, at most `most` above 0."""
    step = next((each for each in STEPS if top / each <= most), 1.0)
    return [round(step * place, 4) for place in range(ceil(round(max(top, step / 2) / step, 6)) + 1)]


def age_ticks(until: float, pixels: float, room: float) -> list[int]:
    """Round ages up to `until`, each with `room` pixels; of ages too near to each other the older ones stay."""
    found: list[int] = []
    for age in reversed([age for age in AGES if age <= until]):
        x = age / max(until, 1) * pixels
        if x >= room and all(abs(other / until * pixels - x) >= room for other in found):
            found.append(age)
    return sorted(found)


def round_ticks(low: float, high: float, most: int, least: float = 0.0) -> list[float]:
    """Round numbers from `low` to `high`, about `most` of them, at least `least` apart."""
    wanted = max((high - low) / max(1, most), least, 1e-9)
    power = 10.0 ** floor(log10(wanted) + 1e-9)
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= wanted * (1 - 1e-9))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(place * step, 9) for place in range(first, last + 1)]


@dataclass(frozen=True)
class Box:
    """A label's place in pixels: its left edge, its middle from the top, its width and height."""

    left: float
    middle: float
    width: float
    height: float

    def touches(self, other: Box) -> bool:
        """Whether two labels overlap."""
        across = self.left < other.left + other.width and other.left < self.left + self.width
        return across and abs(self.middle - other.middle) * 2 < self.height + other.height


def place_labels(wanted: Sequence[Box], low: float, crossed: Sequence[Sequence[float]], most: int) -> list[Box | None]:
    """The labels, moved up or down a little where they would touch an earlier one or lie on curves; at most `most` of them.

    `crossed` are, for each label, the heights at which other curves run through its width. None where a label finds no room
    from 0 to `low`, or only on more than CROSSINGS of these.
    """
    found: list[Box | None] = []
    for box, heights in zip(wanted, crossed, strict=True):
        best: tuple[float, Box] | None = None
        for offset in range(-FARTHEST, FARTHEST + 1, NUDGE):
            tried = Box(box.left, box.middle + offset, box.width, box.height)
            half = tried.height / 2
            lies_on = sum(abs(height - tried.middle) < half for height in heights)
            fits = half <= tried.middle <= low - half and lies_on <= CROSSINGS
            cost = CROSSING * lies_on + abs(offset)
            if fits and (best is None or cost < best[0]) and not any(other and tried.touches(other) for other in found):
                best = cost, tried
        found.append(best[1] if best and sum(map(bool, found)) < most else None)
    return found


def spread(wanted: Sequence[float], heights: Sequence[float], low: float) -> list[float]:
    """The middles of labels, in pixels from the top: as near to where they are wanted as they can without touching, down to `low`."""
    order = sorted(range(len(wanted)), key=lambda place: (wanted[place], place))
    found = [0.0] * len(wanted)
    edge = -heights[order[0]] / 2 if order else 0
    for place in order:
        found[place] = max(wanted[place], edge + heights[place] / 2)
        edge = found[place] + heights[place] / 2
    # What was pushed beyond the lower edge comes back up.
    edge = low + (heights[order[-1]] / 2 if order else 0)
    for place in reversed(order):
        found[place] = min(found[place], edge - heights[place] / 2)
        edge = found[place] - heights[place] / 2
    return found


def thinned(count: int, most: int) -> list[int]:
    """At most `most` places of so many, evenly chosen, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]
