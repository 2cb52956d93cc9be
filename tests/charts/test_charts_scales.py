"""Scales of charts: round marks, and labels that do not touch."""

from __future__ import annotations

import pytest

from funnel.charts.canvas.scales import age_ticks, percent_ticks, round_ticks, spread, thinned


def test_round_ticks() -> None:
    assert percent_ticks(0.14) == [0, 0.05, 0.1, 0.15]
    assert percent_ticks(0.0) == [0, 0.001]
    assert percent_ticks(1.0) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert age_ticks(400, 400, 57) == [90, 180, 365]
    assert age_ticks(10, 400, 57) == [3, 5, 7]
    assert thinned(3, 5) == [0, 1, 2]
    assert thinned(9, 3) == [0, 4, 8]


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [(-7, 12, 5, [-5, 0, 5, 10]), (-0.4, 0.4, 4, [-0.4, -0.2, 0, 0.2, 0.4]), (188, 207, 4, [190, 195, 200, 205])],
)
def test_round_marks(low: float, high: float, most: int, ticks: list[float]) -> None:
    assert round_ticks(low, high, most) == pytest.approx(ticks)
    assert round_ticks(0, 0.4, 5, 1) == [0]


def test_labels_are_spread_without_touching() -> None:
    assert spread([50, 52, 300], [10, 10, 10], 300) == [50, 60, 300]
    assert spread([299, 300], [10, 10], 300) == [290, 300]
