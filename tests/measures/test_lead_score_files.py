"""The score of the sample and of public files: what was measured apart, and what must stay hidden."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import funnel
from funnel.measures.lead_score import lead_score
from funnel.measures.lead_score_learning import known_by, learnt_from, reference
from tests.cases import case
from tests.thorough import thorough

SAMPLE = Path(__file__).resolve().parents[2] / "data/samples/leads-history.csv.gz"


@thorough
def test_the_sample_is_shown_for_all_its_days_and_hidden_where_wins_are_dealt_anew() -> None:
    with funnel.open(SAMPLE) as data_set:
        journeys = data_set.journeys.until(data_set.observed_until)
        model = reference(journeys, data_set.as_recorded())
        known = known_by(journeys, model, data_set.observed_until, (30, 90, 180))
        # Of these the figures were worked out apart, with a Newton fit of another hand: log-loss skill and its range.
        apart = {30: (0.035, 0.026, 0.045), 90: (0.042, 0.029, 0.055), 180: (0.030, 0.016, 0.044)}
        for day, told in apart.items():
            test = learnt_from(known, day).test
            assert test is not None
            assert test.why_hidden is None
            assert 0.9 < test.slope < 1.1
            assert (test.skill.value, test.skill.low, test.skill.high) == pytest.approx(told, abs=0.005)
        by_lead = np.random.default_rng(11)
        read, wins = known.panel, known.panel.win_days.copy()
        for cell in np.unique(read.landmark * 1000 + read.label):
            rows = np.flatnonzero(read.landmark * 1000 + read.label == cell)
            wins[rows] = wins[by_lead.permutation(rows)]
        dealt = learnt_from(replace(known, panel=replace(read, win_days=wins)), 90)
        assert dealt.why_hidden is not None


@thorough
def test_bpic2012_within_two_weeks() -> None:
    with funnel.open(case("bpic2012", "bpic2012_events.csv.gz")) as data_set:
        result = data_set.ask(lead_score, data_set.question(), 14, limit=20)
    assert result.is_shown
    assert result.test is not None
    assert result.test.skill.value >= 0.04
    # What the best fifth holds, against the order of stages.
    assert result.test.best > result.test.best_stage + 0.03


def test_maven_crm_is_hidden() -> None:
    with funnel.open(case("maven_crm", "sales_pipeline.csv")) as data_set:
        result = data_set.ask(lead_score, data_set.question(), 90, limit=5)
    assert not result.is_shown
    assert result.why_hidden.key == "measures.chance_snapshot"
    assert all(lead.chance[90] is None for lead in result.leads)
