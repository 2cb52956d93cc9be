"""A row of small bars over time, to stand in a card: no axis, no number; what it is of stands beside it."""

from __future__ import annotations

from collections.abc import Sequence

LOWEST = 8
"""Percent of the height that nothing takes: a bar of zero is there, too."""


def html(values: Sequence[float]) -> str:
    """A bar for each value from the first to the last, from zero up to the largest. Whoever hears the page hears nothing of it."""
    most = max(values) or 1
    bars = "".join(f'<i style="height:{LOWEST + (100 - LOWEST) * value / most:.0f}%"></i>' for value in values)
    return f'<span class="fl-spark" aria-hidden="true">{bars}</span>'
