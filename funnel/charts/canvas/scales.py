"""Scales: round percentages, ages and numbers, and labels that do not touch."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0)
AGES = (1, 2, 3, 5, 7, 14, 30, 60, 90, 180, 365, 545, 730, 1095, 1460, 1825, 3650, 7300, 18250)
MOST_TICKS = 5


def percent_ticks(top: float, most: int = MOST_TICKS) -> list[float]:
    """Round shares from 0 to at least `top`, at most `most` above 0."""
    step = next((each for each in STEPS if top / each <= most), 1.0)
    return [round(step * number, 4) for number in range(ceil(round(max(top, step / 2) / step, 6)) + 1)]


def age_ticks(until: float, pixels: float, room: float) -> list[int]:
    """Round ages up to `until`, each with `room` pixels; of ages too near to each other the older ones stay."""
    ages: list[int] = []
    for age in reversed([age for age in AGES if age <= until]):
        x = age / max(until, 1) * pixels
        if x >= room and all(abs(other / until * pixels - x) >= room for other in ages):
            ages.append(age)
    return sorted(ages)


def round_ticks(low: float, high: float, most: int, least: float = 0.0) -> list[float]:
    """Round numbers from `low` to `high`, about `most` of them, at least `least` apart."""
    wanted = max((high - low) / max(1, most), least, 1e-9)
    power = 10.0 ** floor(log10(wanted) + 1e-9)
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= wanted * (1 - 1e-9))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(number * step, 9) for number in range(first, last + 1)]


def spread(wanted: Sequence[float], heights: Sequence[float], low: float) -> list[float]:
    """The middles of labels, in pixels from the top: as near to where they are wanted as they can without touching, down to `low`."""
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    middles = [0.0] * len(wanted)
    edge = -heights[order[0]] / 2 if order else 0
    for index in order:
        middles[index] = max(wanted[index], edge + heights[index] / 2)
        edge = middles[index] + heights[index] / 2
    # What was pushed beyond the lower edge comes back up.
    edge = low + (heights[order[-1]] / 2 if order else 0)
    for index in reversed(order):
        middles[index] = min(middles[index], edge - heights[index] / 2)
        edge = middles[index] - heights[index] / 2
    return middles


def thinned(count: int, most: int) -> list[int]:
    """At most `most` indexes of so many, evenly chosen, the first and the last among them."""
    if count <= most:
        return list(range(count))
    return [round(number * (count - 1) / (most - 1)) for number in range(most)]
