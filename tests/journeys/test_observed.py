"""What was observed by a moment: nothing after it is counted, by any measure."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import funnel
from funnel import measures
from funnel.core.sql import Query
from funnel.core.types import AS_RECORDED, Question, Rule
from funnel.measures import kpis, moves, steps, times
from tests.leads import engine_with, journeys_of, model_of
from tests.mapped import written
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, DAY_ZERO, histories, models
from tests.thorough import examples, thorough

DAY = timedelta(days=1)
untils = st.integers(0, 50).map(lambda half: DAY_ZERO + timedelta(hours=7 + 12 * half))


def _told(engine, measure, model, rule, until):
    question = Question(model, rule, observed_until=until)
    return measure(journeys_of(engine, CONCEPTS).until(until), question)


@thorough
@settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models(), st.sampled_from(Rule), untils)
def test_a_funnel_of_a_moment_is_that_of_the_entries_up_to_it(leads, stages, rule, until):
    model = model_of(stages)
    named = {f"lead {place}": entries for place, entries in enumerate(leads)}
    before = {lead: [entry for entry in entries if entry.at <= until] for lead, entries in named.items()}
    whole, cut = engine_with(named), engine_with(before)
    try:
        seen, known = (_told(engine, steps, model, rule, until) for engine in (whole, cut))
        assert seen.rows() == known.rows()
        assert (seen.leads, seen.won, seen.lost, seen.open) == (known.leads, known.won, known.lost, known.open)
        for measure in (kpis, moves, times):
            seen, known = (_told(engine, measure, model, rule, until) for engine in (whole, cut))
            assert _figures(seen) == _figures(known)
    finally:
        whole.close()
        cut.close()


def _figures(result):
    return {name: value for name, value in vars(result).items() if name not in ("sql", "question")}


LOG = """deal_id,stage,changed_at
1,New,2024-01-01
1,Negotiation,2024-02-01
1,Closed Won,2024-03-01
2,New,2024-01-05
2,Closed Lost,2024-02-20
3,New,2024-02-10
3,Closed Won,2031-01-01
"""


@pytest.fixture
def log(tmp_path):
    with funnel.open(*written(tmp_path, deals=LOG), as_of=datetime(2024, 6, 1)) as data_set:
        yield data_set


def test_an_entry_in_the_future_of_the_upload_is_not_counted_and_a_moment_may_be_said(log):
    told = log.ask(measures.steps, AS_RECORDED)
    assert log.observed_until == datetime(2024, 3, 1)
    assert (told.leads, told.won, told.lost, told.open) == (3, 1, 1, 1)
    early = log.ask(measures.steps, log.question(observed_until=datetime(2024, 2, 15)))
    assert (early.leads, early.won, early.lost, early.open) == (3, 0, 0, 3)
    assert [stage.leads for stage in early.stages] == [3, 1, 0]
    # Of the three, one had been won in time for all that is asked about, whatever was asked before.
    assert log.ask(measures.steps, AS_RECORDED).won == 1
    assert log.ask(measures.kpis, log.question(observed_until=datetime(2024, 2, 15))).won == 0


def test_a_lead_that_was_closed_later_has_no_end_yet(tmp_path):
    text = "id,stage,created,closed\n" + "".join(
        f"{n},{'Closed Won' if n % 2 else 'Proposal'},2024-01-{n:02},{f'2024-03-{n:02}' if n % 2 else ''}\n"
        for n in range(1, 21)
    )
    with funnel.open(*written(tmp_path, deals=text), as_of=datetime(2024, 6, 1)) as data_set:
        assert data_set.ask(measures.steps, AS_RECORDED).won == 10
        by = data_set.ask(measures.steps, data_set.question(observed_until=datetime(2024, 3, 10, 23)))
        assert (by.won, by.leads) == (5, 20)
        assert data_set.ask(measures.steps, data_set.question(observed_until=datetime(2024, 1, 10, 23))).leads == 10


@thorough
def test_moments_asked_for_in_turn_leave_no_tables_behind(log):
    def tables():
        return {name for (name,) in log.engine.rows(Query("SELECT table_name FROM duckdb_tables()"))}

    for day in range(1, 20):
        log.ask(measures.steps, log.question(observed_until=datetime(2024, 2, 1) + day * DAY))
    kept = {name.split("_")[1] for name in tables() if name.startswith("until_")}
    assert len(kept) == 2


def test_entries_without_a_moment_stay():
    engine = engine_with({"a": [Entered("New", datetime(2024, 1, 1)), Entered("<b>Won</b>", None)]})
    try:
        told = steps(
            journeys_of(engine, CONCEPTS).until(datetime(2024, 1, 1)), Question(model_of([{"New"}, {"<b>Won</b>"}]))
        )
        assert (told.leads, told.won) == (1, 1)
    finally:
        engine.close()
