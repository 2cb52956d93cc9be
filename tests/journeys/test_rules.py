"""The rules, windows and ties: the SQL against the plain-Python rules over nasty histories."""

from __future__ import annotations

import sys
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.core.sql import Query
from funnel.core.types import Entry, Question, Rule
from funnel.journeys import FATES
from funnel.measures import steps
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles import oracle
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, DAY_ZERO, histories, models
from tests.thorough import examples

WAYS = [("passed", "first"), ("visited", "first"), ("in-order", "first"), ("in-order", "any"), ("strict", "first")]


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models(), st.sampled_from([None, 0, 1, 3, 7]))
def test_rules_equal_plain_python(leads, stages, window):
    named = {f"lead {place}": entries for place, entries in enumerate(leads)}
    engine, patch = engine_with(named), pytest.MonkeyPatch()
    try:
        journeys, model = journeys_of(engine, CONCEPTS), model_of(stages)
        patch.setattr(sys.modules["funnel.measures.steps"], "FEWEST_TIMED", 1)
        for rule, entry in WAYS:
            told = [oracle.journey(entries, stages, CONCEPTS, rule, window, entry) for entries in named.values()]
            seen = [each for each in told if each is not None]
            result = steps(journeys, Question(model, Rule(rule), window, Entry(entry)))
            assert (result.all_leads, result.placed_leads, result.leads) == (len(named), len(seen), len(seen))
            for outcome in ("won", "lost", "open"):
                assert getattr(result, outcome) == sum(each.outcome == outcome for each in seen)
            for stage, expected in zip(result.stages, oracle.funnel(seen, len(stages), 1), strict=True):
                counts = {"leads": stage.leads, "timed": stage.timed_leads}
                assert {**counts, **{part: getattr(stage, part) for part in FATES}} == {
                    key: value for key, value in expected.items() if key != "median_days"
                }
                assert sum(getattr(stage, part) for part in FATES) == stage.leads
                if expected["median_days"] is None:
                    assert stage.median_days_from_previous is None
                else:
                    assert stage.median_days_from_previous == pytest.approx(expected["median_days"], abs=1e-9)
    finally:
        patch.undo()
        engine.close()


STRICT = {
    # letters: the stages a, b, c of the model; x: a label that the model does not place; a day each
    "abc": "0 1 2",
    "acb": "0 - -",
    "aabb": "0 2 -",
    "axb": "0 2 -",
    "abaabc": "2 4 5",
    "abcab": "0 1 2",
    "bca": "2 - -",
    "bc": "- - -",
    "ababc": "2 3 4",
}


@pytest.mark.parametrize("window", [None, 2, 1])
def test_strict_order_by_hand(window: int | None) -> None:
    stages = [{"New"}, {"back\\"}, {"<b>Won</b>"}]
    labels = {"a": "New", "b": "back\\", "c": "<b>Won</b>", "x": "W_?"}
    leads = {
        path: [Entered(labels[letter], DAY_ZERO + timedelta(days=day)) for day, letter in enumerate(path)]
        for path in STRICT
    }
    engine = engine_with(leads)
    try:
        journeys = journeys_of(engine, CONCEPTS)
        view = journeys.own(model_of(stages), window_days=window, rule=Rule.STRICT)
        rows = engine.rows(
            Query(f"SELECT seen.lead_id, seen.strict_0, seen.strict_1, seen.strict_2 FROM {view} AS seen")
        )
        found = {
            lead: " ".join("-" if at is None else str((at - DAY_ZERO).days) for at in times) for lead, *times in rows
        }
    finally:
        engine.close()
    expected = dict(STRICT)
    if window == 1:
        # b follows on the third day only, or c on the second: of what is left the earliest run that gets as far counts.
        expected |= {
            "aabb": "0 - -",
            "axb": "0 - -",
            "abc": "0 1 -",
            "abcab": "0 1 -",
            "ababc": "0 1 -",
            "abaabc": "0 1 -",
        }
    if window == 2:
        expected |= {"abaabc": "0 1 -"}
    assert found == expected
