"""Ranges of wins to come and the worth of open leads, held to worked numbers, through what the page calls."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from funnel.measures.forecast_told import Told
from funnel.measures.statistics.counts import scatter
from funnel.measures.statistics.draws import DRAWS, MOST_DRAWN, value_draws, value_of

VECTORS = Path(__file__).parents[1] / "vectors"
COUNTS, OPEN = (
    json.loads((VECTORS / f"{name}.json").read_text()) for name in ("33_forecast_interval", "34_open_pipeline_wins")
)
CHANCES, VALUES = np.array(OPEN["p"]), np.array(OPEN["values"], dtype=float)
NONE = np.array([])


@pytest.mark.parametrize("name", COUNTS["expected"])
def test_the_range_of_a_month(name):
    mean, phi = (float(part) for part in name.removeprefix("mu").split("_phi"))
    found = Told.range(mean, phi)
    assert [found.low80, found.high80, found.low95, found.high95] == COUNTS["expected"][name]
    assert Told.range(mean, None) is None
    assert scatter(COUNTS["phi_example"]["mu"], COUNTS["phi_example"]["y"]) == pytest.approx(
        COUNTS["phi_example"]["phi"], abs=1e-6
    )


def test_what_open_leads_are_worth():
    assert value_of(CHANCES, VALUES) == pytest.approx((OPEN["value_mean"], OPEN["value_sd"]), abs=1e-6)
    assert value_of(CHANCES, np.ones(10)) == pytest.approx((OPEN["mean"], OPEN["var"] ** 0.5), abs=1e-6)


def test_draws_are_those_of_the_exact_distribution():
    # Leads worth 1 each: a draw is how many of them are won.
    wins = value_draws(CHANCES, np.ones(10), 0.0, NONE, 1.0)
    assert len(wins) == DRAWS
    for share, name in ((0.1, "q10"), (0.9, "q90"), (0.025, "q025"), (0.975, "q975")):
        assert np.quantile(wins, share, method="inverted_cdf") == OPEN[name]
    sure = 3 * (OPEN["P_at_least_4"] * (1 - OPEN["P_at_least_4"]) / DRAWS) ** 0.5
    assert (wins >= 4).mean() == pytest.approx(OPEN["P_at_least_4"], abs=sure)
    worth = value_draws(CHANCES, VALUES, 0.0, NONE, 1.0)
    assert worth.mean() == pytest.approx(OPEN["value_mean"], abs=3 * OPEN["value_sd"] / DRAWS**0.5)
    assert worth.std() == pytest.approx(OPEN["value_sd"], rel=0.1)
    assert (worth == value_draws(CHANCES, VALUES, 0.0, NONE, 1.0)).all()


@pytest.mark.parametrize("leads", [400, MOST_DRAWN + 1])
def test_wins_that_scatter_more_than_by_chance(leads):
    """Mean μ, variance about φ μ, of few leads that are drawn and of many whose sum is, with wins to come beside them."""
    chances, new, phi = np.full(leads, 30 / leads), 20.0, 3.0
    drawn = value_draws(chances, np.full(leads, 2.0), new, np.array([1.0, 3.0]), phi)
    # Amounts of 2, and of 1 or 3 alike often: a variance of 1 more for each of the 20.
    spread = (4 * (phi * 50 - (chances**2).sum()) + new) ** 0.5
    assert drawn.mean() == pytest.approx(100, abs=3.5 * spread / DRAWS**0.5)
    assert drawn.std() == pytest.approx(spread, rel=0.1)
    assert drawn.min() >= 0


def test_more_wins_to_come_than_are_drawn_one_by_one():
    drawn = value_draws(NONE, NONE, 2.0 * MOST_DRAWN, np.array([1.0, 3.0]), 1.0)
    spread = (2.0 * MOST_DRAWN * 5) ** 0.5
    assert drawn.mean() == pytest.approx(4.0 * MOST_DRAWN, abs=3.5 * spread / DRAWS**0.5)
    assert drawn.std() == pytest.approx(spread, rel=0.1)
    assert (value_draws(NONE, NONE, 5.0, NONE, 2.0) == 0).all()
