"""Comparing models, held to worked numbers: 600 leads through three models, and a chain that can be lumped and one that cannot."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from math import log
from pathlib import Path

import pytest

import funnel
from funnel import measures
from funnel.measures.statistics import information

VECTORS = Path(__file__).parents[1] / "vectors"
MODELS = json.loads((VECTORS / "23_stage_model_measures.json").read_text())["expected"]
LUMPED = json.loads((VECTORS / "22_lumpability.json").read_text())["expected"]


def _near(value):
    return pytest.approx(value, abs=1e-9)


@pytest.fixture(scope="module")
def compared():
    stages: dict[str, dict[str, list[str]]] = {}
    for row in csv.DictReader((VECTORS / "stage_models.csv").read_text().splitlines()):
        stages.setdefault(row["model"], {}).setdefault(row["stage_name"], []).append(row["raw_stage"])
    with funnel.open(VECTORS / "events.csv", as_of=datetime(2026, 7, 1)) as data_set:
        assert data_set.observed_until == datetime(2026, 6, 30)
        models = [data_set.labels_model(list(groups.values()), key=key) for key, groups in stages.items()]
        yield dict(zip(stages, zip(data_set.ask(measures.comparison, models).scores, models, strict=True), strict=True))


def _forecast_by_all_others(table):
    """1 − log loss of the stage's rate / log loss of the overall rate, lead by lead, from [not won, won] of each stage."""
    leads = [
        (stage, won) for stage, counts in enumerate(table) for won, count in enumerate(counts) for _ in range(count)
    ]
    lost = [0.0, 0.0]
    for place, (stage, won) in enumerate(leads):
        others = leads[:place] + leads[place + 1 :]
        overall = sum(each for _, each in others) / len(others)
        here = [each for other, each in others if other == stage]
        for number, rate in enumerate(((sum(here) + 2 * overall) / (len(here) + 2), overall)):
            lost[number] -= log(rate if won else 1 - rate)
    return 1 - lost[0] / lost[1]


@pytest.mark.parametrize("key", ["A", "B", "C"])
def test_the_signal_of_a_model(compared, key):
    signal, expected = compared[key][0].signal, MODELS[key]["landmark"]
    assert (signal.landmark.age_days, signal.landmark.horizon_days) == (expected["age"], expected["horizon"])
    assert (signal.leads, signal.won) == (expected["n"], expected["wins"])
    assert {
        stage.position + 1: [stage.won.denominator - stage.won.numerator, stage.won.numerator]
        for stage in signal.stages
    } == {int(stage): counts for stage, counts in expected["table"].items()}
    assert signal.bits == _near(expected["MI_bits"])
    assert signal.kept == _near(expected["share_of_raw_MI_kept"])
    # Each lead is forecast by all others; five parts of the leads, as the vector has them, come near to that.
    assert signal.skill == pytest.approx(_forecast_by_all_others(expected["table"].values()))
    assert signal.skill == pytest.approx(expected["logloss_skill_5fold"], abs=0.02)
    assert signal.order == _near(expected["auc_stage_order"])
    for rise, told in zip(signal.rises, expected["adjacent"], strict=True):
        assert (rise.difference, rise.low, rise.high) == (_near(told["diff"]), *map(_near, told["ci95"]))
        assert rise.verdict == ("rise" if told["clear_rise"] else "fall" if told["clear_fall"] else "tie")


@pytest.mark.parametrize("key", ["A", "B", "C"])
def test_moves_leaks_waits_and_what_is_hidden(compared, key):
    score, expected = compared[key][0], MODELS[key]
    moves = expected["moves"]
    assert score.missing == {}
    assert (score.leads, score.coverage.numerator) == (600, 600)
    assert (score.moves.forward.numerator, score.moves.forward.denominator) == (
        moves["forward"],
        moves["forward"] + moves["backward"],
    )
    assert score.moves.skipping.numerator == moves["skips"]
    assert score.moves.full_path.value == _near(expected["full_path_share_of_wins"])
    assert score.leaks.by_stage == tuple(expected["loss_by_stage"])
    assert score.bottleneck.drop_off.share == _near(expected["loss_top_share"])
    assert score.leaks.evenness == _near(expected["loss_evenness_pielou"])
    assert score.waits.by_stage == tuple(expected["days_by_stage"])
    assert score.bottleneck.slowest.share == _near(expected["days_top_share"])
    assert score.waits.evenness == _near(expected["days_evenness_pielou"])
    hidden = expected["lumpability_30d"]
    assert (score.hidden.pairs, score.hidden.degrees) == (hidden["N"], hidden["df"])
    assert (score.hidden.g2, score.hidden.bits, score.hidden.share) == tuple(
        _near(hidden[name]) for name in ("G2", "cmi_bits", "share_lost")
    )
    assert score.hidden.p == (None if hidden["p"] is None else pytest.approx(hidden["p"], rel=1e-6))


def _summed(rows, blocks):
    found: dict[tuple[int, str], int] = {}
    for state, row in enumerate(rows):
        for after, count in enumerate(row):
            found[state, blocks[after]] = found.get((state, blocks[after]), 0) + count
    return found


@pytest.mark.parametrize(("name", "blocks"), [("test_bad_nice", "bnb"), ("test_R_vs_NS", "rss")])
def test_what_a_stage_hides(name, blocks):
    expected = LUMPED[name]
    found = information.hidden(_summed(LUMPED["counts"], blocks), lambda state: blocks[state])
    assert (found.g2, found.degrees, found.p) == (_near(expected["G2"]), expected["df"], _near(expected["p"]))
    assert (found.bits, found.share) == (_near(expected["cmi_bits"]), _near(expected["share_lost"]))


def test_the_weather_of_oz_can_be_lumped_into_good_and_bad_and_not_otherwise():
    counts = [[int(400 * share) for share in row] for row in LUMPED["oz"]["P"]]
    assert information.hidden(_summed(counts, "bnb"), lambda state: "bnb"[state]).g2 == _near(0)
    assert information.hidden(_summed(counts, "rss"), lambda state: "rss"[state]).share > 0.03
