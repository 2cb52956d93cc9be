"""Counts to come and plans backwards, held to worked numbers, through the functions that the measure calls."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from funnel.measures.statistics.counts import at_least, quantile, scatter
from funnel.measures.statistics.goal_seek import half_way, improved, per_day, to_be_sure

VECTORS = Path(__file__).parents[1] / "vectors"


def _vector(name: str) -> dict:
    return json.loads((VECTORS / f"{name}.json").read_text())


COUNTS, REVERSE, WHAT_IF = map(_vector, ("33_forecast_interval", "35_reverse_plan", "36_step_what_if"))


def test_the_scatter_of_earlier_forecasts():
    example = COUNTS["phi_example"]
    assert scatter(example["mu"], example["y"]) == pytest.approx(example["phi"], abs=1e-6)
    # Forecasts that missed by less than chance make none surer; of three nothing is told.
    assert scatter([20, 20, 20, 20], [20, 21, 20, 19]) == 1
    assert scatter([20, 22, 18], [20, 22, 18]) is None
    assert scatter([0, 22, 18, 20], [0, 22, 18, 20]) is None


@pytest.mark.parametrize("name", COUNTS["expected"])
def test_the_range_of_a_count(name):
    mean, phi = (float(part) for part in name.removeprefix("mu").split("_phi"))
    found = [quantile(share, [mean], phi) for share in (0.1, 0.9, 0.025, 0.975)]
    assert found == COUNTS["expected"][name]


@pytest.mark.parametrize(("mean", "phi"), [(0.4, 1.0), (20, 1.0), (20, 1.7), (3.3, 4.0), (240, 2.1)])
def test_the_chance_of_so_many(mean, phi):
    count = poisson(mean) if phi == 1 else nbinom(mean / (phi - 1), 1 / phi)
    for least in (0, 1, 2, 5, 20, 300):
        assert at_least(least, [mean], phi) == pytest.approx(count.sf(least - 1), rel=1e-9, abs=1e-12)
    # A mixture of means alike likely; nothing comes of a mean of none.
    assert at_least(3, [mean, 0.0], phi) == pytest.approx(count.sf(2) / 2, rel=1e-9)


def _daily(points: dict[str, float]) -> list[float]:
    days = [0, *map(int, points)]
    return [float(each) for each in np.interp(range(days[-1] + 1), days, [0.0, *points.values()])]


@pytest.mark.parametrize("stage", REVERSE["F"])
@pytest.mark.parametrize("days", [90, 180])
def test_leads_needed_backwards(stage, days):
    expected = REVERSE["expected"]
    told = expected[f"{stage}_T{days}"]
    to_find = expected["target"] - expected["won_already"] - expected["open_expected"]
    assert to_find == pytest.approx(expected["to_find"], abs=1e-9)
    incidence = _daily(REVERSE["F"][stage])
    one = sum(incidence[min(day, len(incidence) - 1)] for day in range(1, days + 1))
    needed = per_day(to_find, one, days)
    assert one == pytest.approx(told["sum_F_over_days"], abs=1e-6)
    assert needed == pytest.approx(told["per_day"], abs=1e-6)
    assert 7 * needed == pytest.approx(told["per_week"], abs=1e-6)
    assert days * needed == pytest.approx(told["all_told"], abs=1e-6)
    assert one / days == pytest.approx(told["share_of_entries_that_win_in_time"], abs=1e-6)
    assert needed * one == pytest.approx(to_find, abs=1e-9)


def test_half_of_those_that_win_have_won():
    # Of 18 % that win in the end, 9 % have between day 90 (8 %) and day 120 (12 %): 90 + 30 · 1/4.
    assert half_way(_daily(REVERSE["F"]["Lead"]), 270) == 98
    assert half_way(_daily(REVERSE["F"]["Lead"]), 90) == 60
    assert half_way([0.0, 0.0], 1) is None


def test_too_late_is_none_and_nothing_to_find_is_none_needed():
    assert per_day(5, 0.0049 * 90, 90) is None
    assert per_day(5, 0.005 * 90, 90) == pytest.approx(5 / 0.45)
    assert per_day(0, 0.0, 90) == 0


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_a_step_improved(step):
    told = WHAT_IF["expected"][f"step{step}+5pts"]
    rate = WHAT_IF["steps"][step - 1]
    assert improved(WHAT_IF["base"], rate, 0.05) == pytest.approx(told["win_rate"], abs=1e-6)
    extra = improved(1000 * WHAT_IF["base"], rate, 0.05) - 1000 * WHAT_IF["base"]
    assert extra == pytest.approx(told["extra_wins_per_1000"], abs=1e-6)


def test_a_pace_to_be_sure():
    assert to_be_sure(lambda pace: 1 - 1 / (1 + pace), 0.8) == pytest.approx(4, rel=1e-8)
    assert to_be_sure(lambda pace: 0.9, 0.8) == 0
    assert to_be_sure(lambda pace: 0.5, 0.8) is None
