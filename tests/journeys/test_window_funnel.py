"""Rule in-order against ClickHouse's `windowFunnel`, over nasty histories: the same leads get equally far."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracles.oracle import Entered, journey
from tests.strategies import CONCEPTS, histories, models

try:
    from chdb import query as ask_clickhouse
except ImportError:
    pytest.skip("chdb is not installed (bench/requirements.txt)", allow_module_level=True)

from funnel.core.types import Entry, Question, Rule
from funnel.measures import steps
from tests.leads import engine_with, journeys_of, model_of
from tests.thorough import examples

MICROSECONDS_A_DAY = 86_400_000_000
UNLIMITED_DAYS = 36_500
WINDOWS = (None, 0, 1, 3, 7)
EPOCH = datetime(1970, 1, 1)


def levels(leads: list[list[Entered]], stages: list[set[str]]) -> dict[int | None, list[int]]:
    """How many stages each lead passes in order by `windowFunnel`, for each window in days; one call for them all."""
    place_of = {label: place for place, labels in enumerate(stages) for label in labels}
    # Labels go in as the position of their stage: what is compared is the rule, not ClickHouse's quoting.
    rows = ",".join(
        f"({lead},{(entry.at - EPOCH) // (entry.at.resolution)},{place_of.get(entry.label, -1)})"
        for lead, entries in enumerate(leads)
        for entry in entries
    )
    conditions = ", ".join(f"place = {place}" for place in range(len(stages)))
    funnels = ", ".join(
        f"windowFunnel({(UNLIMITED_DAYS if window is None else window) * MICROSECONDS_A_DAY})(moment, {conditions})"
        for window in WINDOWS
    )
    answer = ask_clickhouse(
        f"SELECT lead, {funnels} FROM values('lead UInt32, moment UInt64, place Int8', {rows})"
        " GROUP BY lead ORDER BY lead",
        "JSONCompactEachRow",
    )
    told = [json.loads(line)[1:] for line in str(answer).splitlines()]
    return {window: [row[column] for row in told] for column, window in enumerate(WINDOWS)}


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models())
def test_in_order_from_any_entry_equals_window_funnel(leads, stages):
    engine = engine_with({f"lead {place}": entries for place, entries in enumerate(leads)})
    try:
        journeys, model = journeys_of(engine, CONCEPTS), model_of(stages)
        for window, passed in levels(leads, stages).items():
            told = [journey(entries, stages, CONCEPTS, "in-order", window, "any") for entries in leads]
            assert [sum(each.reached) if each else 0 for each in told] == passed
            result = steps(journeys, Question(model, Rule.IN_ORDER, window, Entry.ANY))
            assert [stage.leads for stage in result.stages] == [
                sum(level > place for level in passed) for place in range(len(stages))
            ]
    finally:
        engine.close()


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models(), st.sampled_from([window for window in WINDOWS if window is not None]))
def test_the_first_entry_never_leads_further_than_the_best(leads, stages, window):
    passed = levels(leads, stages)[window]
    told = [journey(entries, stages, CONCEPTS, "in-order", window, "first") for entries in leads]
    assert all((sum(each.reached) if each else 0) <= best for each, best in zip(told, passed, strict=True))


def test_known_histories_get_as_far_as_window_funnel_says():
    """Ties in model order whatever the order of lines; a window to the microsecond; a second try that goes on."""
    day = datetime(2024, 1, 1)
    stages = [{"A"}, {"B"}, {"C"}]
    concepts = dict.fromkeys("ABC", "lead")
    leads = [
        [Entered("C", day), Entered("B", day), Entered("A", day)],
        [Entered("A", day), Entered("B", day.replace(day=2))],
        [Entered("A", day), Entered("B", day.replace(day=2, microsecond=1))],
        [Entered("A", day), Entered("A", day.replace(day=9)), Entered("B", day.replace(day=10))],
        [Entered("B", day), Entered("A", day.replace(day=2)), Entered("C", day.replace(day=3))],
    ]
    passed = levels(leads, stages)
    assert passed[1] == [3, 2, 1, 2, 1]
    assert passed[None] == [3, 2, 2, 2, 1]
    first = [journey(entries, stages, concepts, "in-order", 1, "first") for entries in leads]
    assert [sum(each.reached) for each in first] == [3, 2, 1, 1, 1]
