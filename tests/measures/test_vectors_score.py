"""The ridge of the lead score, and how its probabilities are judged, held to worked numbers and to statsmodels."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from funnel.measures.lead_score_model import stage_rates
from funnel.measures.lead_score_reasons import contributions
from funnel.measures.statistics.calibration import (
    area_under_curve,
    brier_losses,
    calibration_slope,
    log_losses,
    share_of_best,
)
from funnel.measures.statistics.offset_ridge import fit, log_odds

VECTORS = Path(__file__).parents[1] / "vectors"
RIDGE = json.loads((VECTORS / "40_offset_ridge.json").read_text())
JUDGED = json.loads((VECTORS / "24_auc_brier_calibration.json").read_text())


def _columns(name: str) -> dict[str, np.ndarray]:
    with (VECTORS / name).open() as file:
        rows = list(csv.DictReader(file))
    return {column: np.asarray([float(row[column]) for row in rows]) for column in rows[0]}


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features in standard deviations, what came, the rate of the stage."""
    columns = _columns("offset_ridge.csv")
    x = np.column_stack([columns["x1"], columns["x2"], columns["x3"]])
    return (x - x.mean(axis=0)) / x.std(axis=0), columns["won"], columns["stage_rate"]


@pytest.mark.parametrize("ridge", [10, 100, 1000])
def test_the_ridge_from_known_rates(rows, ridge):
    x, won, rate = rows
    fitted, expected = fit(x, won, log_odds(rate), ridge), RIDGE["expected"][str(ridge)]
    assert fitted.intercept == pytest.approx(expected["intercept"], abs=1e-6)
    assert fitted.slopes == pytest.approx(expected["coef"], abs=1e-6)


def test_statsmodels_fits_the_same(rows):
    x, won, rate = rows
    model = GLM(won, np.column_stack([np.ones(len(won)), x]), family=Binomial(), offset=log_odds(rate))
    penalty = np.asarray([0, *[50 / len(won)] * 3])
    theirs = model.fit_regularized(alpha=penalty, L1_wt=0.0, cnvrg_tol=1e-12, maxiter=500)
    ours = fit(x, won, log_odds(rate), 50)
    assert [ours.intercept, *ours.slopes] == pytest.approx(theirs.params.tolist(), abs=1e-4)


def test_rows_that_fill_no_whole_block_count_as_they_are(rows):
    """Many features make small blocks: padding must add nothing."""
    x, won, rate = rows
    wide = np.column_stack([x, np.random.default_rng(3).normal(size=(len(x), 90))])
    ours = fit(wide, won, log_odds(rate), 40)
    z = ours.log_odds(wide, log_odds(rate))
    gradient = wide.T @ (1 / (1 + np.exp(-z)) - won) + 40 * ours.slopes
    assert np.abs(gradient).max() < 1e-4
    assert (1 / (1 + np.exp(-z))).sum() == pytest.approx(won.sum(), abs=1e-4)


def test_a_lead_is_told_and_explained(rows):
    x, won, rate = rows
    fitted, more = fit(x, won, log_odds(rate), 100), RIDGE["more"]
    said = fitted.chances(x, log_odds(rate))
    assert said[0] == pytest.approx(more["row0"]["p"], abs=1e-6)
    assert log_losses(rate, won).mean() == pytest.approx(more["logloss_stage"], abs=1e-6)
    assert log_losses(said, won).mean() == pytest.approx(more["logloss_100"], abs=1e-6)
    skill = 1 - log_losses(said, won).sum() / log_losses(rate, won).sum()
    assert skill == pytest.approx(more["skill_100"], abs=1e-6)
    stages = np.unique(rate, return_inverse=True)[1]
    told = contributions(x, fitted.slopes, np.asarray([1, 2, 3]), stages)
    assert told.log_odds[0] == pytest.approx(more["row0"]["contributions_logodds_vs_stage_mean"], abs=1e-6)
    # Of the three the weightiest first, and only those that say something.
    assert [part for part, _ in told.largest(0)] == [2]


def test_how_right_probabilities_were():
    columns, expected = _columns("calib400.csv"), JUDGED["expected"]["calib400"]
    said, was = columns["p"], columns["y"]
    assert brier_losses(said, was).mean() == pytest.approx(expected["brier"], abs=1e-7)
    assert log_losses(said, was).mean() == pytest.approx(expected["logloss"], abs=1e-7)
    assert area_under_curve(said, was) == pytest.approx(expected["auc"], abs=1e-7)
    assert calibration_slope(said, was) == pytest.approx(expected["slope"], abs=1e-6)
    assert (said.sum(), was.sum()) == (pytest.approx(expected["expected_wins"]), expected["actual_wins"])
    small = JUDGED["expected"]["auc_small"]
    assert area_under_curve(np.asarray([0.1, 0.4, 0.35, 0.8]), np.asarray([0.0, 0, 1, 1])) == small


def test_what_says_nothing_has_no_slope_and_no_curve():
    same, some = np.full(10, 0.3), np.asarray([1.0, *[0.0] * 9])
    assert calibration_slope(same, some) is None
    assert calibration_slope(np.linspace(0.1, 0.9, 10), np.zeros(10)) is None
    assert area_under_curve(same, np.zeros(10)) is None
    assert share_of_best(same, np.zeros(10), np.zeros(10, dtype=int), 0.2) is None


def test_the_best_fifth_of_each_group_and_a_part_of_what_is_equal():
    groups = np.asarray([0] * 5 + [1] * 5)
    said = np.asarray([0.9, 0.1, 0.1, 0.1, 0.1, 0.5, 0.5, 0.2, 0.2, 0.2])
    won = np.asarray([1.0, 0, 0, 0, 1, 1, 0, 0, 0, 0])
    # One of five of each group: the first wholly; of the second's two equals half of each.
    assert share_of_best(said, won, groups, 0.2) == pytest.approx((1 + 0.5) / 3)


def test_the_rate_of_a_label_leans_on_that_of_all():
    label, won = np.asarray([0, 0, 0, 1]), np.asarray([1.0, 0, 0, 0])
    assert stage_rates(label, won, 3) == pytest.approx([(1 + 0.25) / 4, 0.25 / 2, 0.25])
