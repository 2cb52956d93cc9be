"""What a watch judges by: the vector, what a look rings at, episodes, and the promised rate of false alarms, from counts alone."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import betabinom

from funnel.core.types.watch import Direction, Episode
from funnel.measures.statistics.beta_binomial_tail import Usual, usual
from funnel.measures.watch_judge import Cohort, Promise, advanced, look, looks, many, messages
from tests.thorough import thorough

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "37_watch_p.json").read_text(encoding="utf-8"))["expected"]
FIRST = date(2024, 1, 1)


def quiet(count, entered=40, converted=20):
    return [Cohort(FIRST + timedelta(days=7 * week), entered, converted) for week in range(count)]


# The vector ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "count", "entered", "converted", "of", "cohorts", "phi", "window"),
    [
        ("x12_n40_X520_N1040_phi1_nbar40", 12, 40, 520, 1040, 26, 1.0, 1),
        ("x12_n40_X520_N1040_phi1.5", 12, 40, 520, 1040, 26, 1.5, 1),
        ("x0_n20_X26_N520_phi1", 0, 20, 26, 520, 26, 1.0, 1),
        ("x18_n200_X780_N5200_phi1.2_nbar200", 18, 200, 780, 5200, 26, 1.2, 1),
        ("w4: x60_n160_X520_N1040_phi1.5_nbar40", 60, 160, 520, 1040, 26, 1.5, 4),
        ("w13: x220_n520_X520_N1040_phi1.5_nbar40", 220, 520, 520, 1040, 26, 1.5, 13),
    ],
)
def test_the_lower_tail_is_that_of_the_vector(name, count, entered, converted, of, cohorts, phi, window):
    assert Usual(of, converted, cohorts, phi).lower(count, entered, window) == pytest.approx(VECTOR[name], abs=1e-9)


def test_the_scatter_is_the_upper_estimate_of_the_vector():
    # Twenty-six cohorts of 40, half of them 26 and half 14: χ² is 26 · 36/10.
    cohorts = [(26, 40), (14, 40)] * 13
    assert usual(cohorts).phi == pytest.approx(26 * 3.6 / VECTOR["chi2_0.2_df25"], abs=1e-9)
    assert usual([(20, 40)] * 26).phi == 1
    assert usual([(0, 40)] * 26).phi == usual([(40, 40)] * 26).phi == 1


def test_the_share_that_may_ring_is_that_of_the_vector():
    assert Promise(1, 52, 5).share == pytest.approx(VECTOR["alpha_weekly_5_rules_3_windows"], abs=1e-12)


@pytest.mark.parametrize(
    ("entered", "rate", "fall"), [(20, 0.5, 0.30), (40, 0.5, 0.22), (100, 0.5, 0.16), (200, 0.15, 0.29)]
)
def test_the_smallest_fall_is_that_of_the_evidence(entered, rate, fall):
    before = Usual(26 * entered, round(26 * entered * rate), 26, 1 + 0.005 * (entered - 1))
    assert before.smallest_fall(13 * entered, 13, Promise(1, 52, 5).share) == pytest.approx(fall, abs=0.0101)


def test_upper_and_lower_tails_meet():
    before = Usual(1040, 300, 26, 1.4)
    assert before.lower(11, 40, 1) + before.upper(12, 40, 1) == pytest.approx(1, abs=1e-9)
    # By another library's distribution.
    strength = 1 / before.spread(1) - 1
    expected = betabinom.sf(11, 40, before.rate * strength, (1 - before.rate) * strength)
    assert before.upper(12, 40, 1) == pytest.approx(expected, abs=1e-9)


# A look -------------------------------------------------------------------------------------------------------------------------------


def test_a_look_is_at_one_four_and_thirteen_cohorts_each_against_twenty_six_before():
    found = look(quiet(60), Promise(1, 52, 5))
    assert [len(each.cohorts) for each in found.windows] == [1, 4, 13]
    assert [each.usual.entered for each in found.windows] == [26 * 40] * 3
    assert found.ringing is None
    assert not found.hidden


@pytest.mark.parametrize(("cohorts", "windows"), [(12, 0), (13, 1), (16, 2), (24, 2), (25, 3)])
def test_fewer_than_twelve_cohorts_before_are_no_baseline(cohorts, windows):
    found = look(quiet(cohorts), Promise(1, 52, 5))
    assert (0 if found is None else len(found.windows)) == windows


def test_a_week_that_falls_rings_and_only_downwards():
    low, high = [*quiet(40), Cohort(FIRST, 40, 4)], [*quiet(40), Cohort(FIRST, 40, 37)]
    assert look(low, Promise(1, 52, 5)).ringing is not None
    assert look(high, Promise(1, 52, 5)).ringing is None
    above = look(high, Promise(1, 52, 5), Direction.BOTH).ringing
    assert above is not None
    assert above.above


def test_leads_at_labels_that_mean_nothing_silence_what_they_could_explain():
    hidden = look([*quiet(40), Cohort(FIRST, 40, 4, unknown=14)], Promise(1, 52, 5))
    assert hidden.ringing is None
    assert hidden.hidden
    # Two of them do not make up for the fall.
    assert look([*quiet(40), Cohort(FIRST, 40, 4, unknown=2)], Promise(1, 52, 5)).ringing is not None


def test_an_alarm_is_told_once_until_four_looks_were_calm():
    episode, told = Episode(), []
    for place, rings in enumerate([True, True, False, False, False, True, False, False, False, False, True]):
        episode, new = advanced(episode, rings=rings, at=str(place), day=FIRST + timedelta(days=place))
        told.append(new)
    assert [place for place, new in enumerate(told) if new] == [0, 10]


def test_the_same_look_again_is_no_calm_one():
    episode = Episode(FIRST, 3, "2025-01-06")
    assert advanced(episode, rings=False, at="2025-01-06", day=FIRST) == (episode, False)
    assert advanced(episode, rings=False, at="2025-01-13", day=FIRST) == (Episode(None, 0, "2025-01-13"), False)


@pytest.mark.parametrize(("new", "judged", "expected"), [(1, 1, False), (2, 3, True), (2, 4, False), (3, 5, True)])
def test_more_than_half_of_the_steps_at_once_is_one_message(new, judged, expected):
    assert many(new, judged) is expected


def simulated(rng, entered, rate, extra, runs=40, steps=5):
    """Messages a year of so many steps without any change, as they would be sent: those of one look together where they are many."""
    promise, sent = Promise(1, 52, steps), 0
    for _ in range(runs):
        begun = Counter()
        for _ in range(steps):
            counts = []
            for week in range(39 + 52):
                n = int(rng.poisson(entered))
                p = rng.beta(rate * (1 / extra - 1), (1 - rate) * (1 / extra - 1)) if extra else rate
                counts.append(Cohort(FIRST + timedelta(days=7 * week), n, int(rng.binomial(n, p))))
            told, _ = messages(looks(counts, promise, Direction.DOWN, 52))
            begun.update(each.at for each in told)
        sent += sum(1 if many(each, steps) else each for each in begun.values())
    return sent / runs


def test_chance_alone_sends_no_more_messages_than_were_accepted():
    assert simulated(np.random.default_rng(37), 40, 0.5, 0) <= 1.0


@thorough
@pytest.mark.parametrize(("entered", "rate", "extra"), [(20, 0.5, 0.02), (100, 0.5, 0.02), (40, 0.15, 0.01)])
def test_nor_does_chance_that_scatters_more(entered, rate, extra):
    assert simulated(np.random.default_rng(37), entered, rate, extra) <= 1.0


@thorough
def test_a_fall_by_a_third_is_seen_within_a_quarter():
    rng, seen = np.random.default_rng(37), 0
    for _ in range(60):
        rates = [0.5] * 39 + [0.35] * 13
        counts = [Cohort(FIRST + timedelta(days=7 * w), 40, int(rng.binomial(40, p))) for w, p in enumerate(rates)]
        told, _ = messages(looks(counts, Promise(1, 52, 5), Direction.DOWN, 13))
        seen += bool(told)
    assert seen >= 0.85 * 60
