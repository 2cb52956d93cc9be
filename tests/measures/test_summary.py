"""The kept tables that answer when a date moves: against the plain-Python rules for every range, and no journey is looked at again."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import funnel
from funnel import measures
from funnel.core.engine import Engine
from funnel.core.sql import Query, compose
from funnel.core.types import Between, Entry, Filters, OneOf, Question, Rule, Unit
from funnel.journeys import FATES, Journeys
from funnel.measures import breakdown, medians, rule_sensitivity, steps
from funnel.measures.population.population import in_question
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles import oracle
from tests.strategies import CONCEPTS, DAY_ZERO, histories, models
from tests.thorough import examples, thorough

SAMPLE = Path(__file__).resolve().parents[2] / "data/samples/leads-history.csv.gz"
REGIONS = ("East", 'W"est', None)
FIRST = DAY_ZERO.date()
days = st.one_of(st.none(), st.integers(-1, 21).map(lambda day: FIRST + timedelta(days=day)))
ranges = st.tuples(days, days).map(lambda pair: pair if None in pair else tuple(sorted(pair)))
WAYS = [("passed", "first", None), ("visited", "first", 3), ("in-order", "first", 7), ("in-order", "any", 3)]


@thorough
@settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models(), st.lists(ranges, min_size=2, max_size=3), st.sampled_from(REGIONS), st.booleans())
def test_every_range_of_dates_tells_what_plain_python_does(leads, stages, chosen, region, many):
    """`many`: the medians by buckets, as of millions of leads."""
    named = {f"lead {place}": entries for place, entries in enumerate(leads)}
    column = {name: {"Region": REGIONS[place % 3], "amount": place} for place, name in enumerate(named)}
    engine = engine_with(named, column)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(medians, "MANY", 0 if many else 10**9)
        patch.setattr(sys.modules["funnel.measures.steps"], "FEWEST_TIMED", 1)
        journeys, model = journeys_of(engine, CONCEPTS), model_of(stages)
        try:
            for rule, entry, window in WAYS:
                told = {
                    name: oracle.journey(entries, stages, CONCEPTS, rule, window, entry)
                    for name, entries in named.items()
                }
                question = Question(model, Rule(rule), window, Entry(entry))
                for start_from, start_to in chosen:
                    for where in ((), (OneOf("Region", (region,)),), (Between("amount", 2, 7),)):
                        asked = replace(question, filters=Filters(start_from, start_to, where))
                        mine = [
                            each
                            for name, each in told.items()
                            if each is not None
                            and (start_from is None or each.started_at.date() >= start_from)
                            and (start_to is None or each.started_at.date() <= start_to)
                            and _meets(column[name], where)
                        ]
                        _equal(steps(journeys, asked), mine, len(stages))
        finally:
            engine.close()


def _meets(lead: dict[str, object], where: tuple[object, ...]) -> bool:
    if where and isinstance(where[0], OneOf):
        return lead["Region"] in where[0].values
    return not where or 2 <= lead["amount"] <= 7


def _equal(result, mine: list[oracle.Journey], stages: int) -> None:
    starts = [each.started_at for each in mine]
    assert (result.leads, result.undated) == (len(mine), 0)
    assert (result.first_start, result.last_start) == (min(starts, default=None), max(starts, default=None))
    for outcome in ("won", "lost", "open"):
        assert getattr(result, outcome) == sum(each.outcome == outcome for each in mine)
    for stage, expected in zip(result.stages, oracle.funnel(mine, stages, 1), strict=True):
        assert stage.leads == expected["leads"]
        assert {part: getattr(stage, part) for part in FATES} == {part: expected[part] for part in FATES}
        assert stage.timed_leads == (expected["timed"] if stage.position else 0)
        assert stage.median_days_from_previous == pytest.approx(expected["median_days"], abs=1e-9)


@settings(max_examples=examples(15), deadline=None)
@given(
    st.lists(st.integers(-(10**14), 10**14), min_size=1, max_size=40),
    st.lists(st.booleans(), min_size=40, max_size=40),
    st.booleans(),
)
def test_buckets_find_the_middle_of_any_waits(waits, chosen, at_once):
    """Also of negative ones, and of those that share a bucket or lie far apart. `at_once`: without buckets, as where they fit in memory."""
    later = DAY_ZERO + timedelta(days=400)
    named = {
        f"lead {place}": [
            oracle.Entered("New", DAY_ZERO if chosen[place] else later),
            oracle.Entered("back\\", (DAY_ZERO if chosen[place] else later) + timedelta(microseconds=wait)),
        ]
        for place, wait in enumerate(waits)
    }
    engine = engine_with(named)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(medians, "MANY", 0)
        patch.setattr(medians, "MOST_AT_ONCE", 10**9 if at_once else 0)
        patch.setattr(sys.modules["funnel.measures.steps"], "FEWEST_TIMED", 1)
        model = model_of([{"New"}, {"back\\"}])
        try:
            journeys = journeys_of(engine, CONCEPTS)
            for window in (None, 10**6):
                # With a window, what lies before the start counts too; without dates both kinds of leads do.
                found = steps(journeys, Question(model, Rule.VISITED, window))
                (median,) = (stage.median_days_from_previous for stage in found.stages[1:])
                ordered = sorted(waits)
                expected = (ordered[(len(waits) - 1) // 2] + ordered[len(waits) // 2]) / 2 / 86_400_000_000
                assert median == pytest.approx(expected, rel=1e-12, abs=1e-12)
                assert found.stages[1].timed_leads == len(waits)
        finally:
            engine.close()


@thorough
@settings(max_examples=examples(12), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models(), st.sampled_from([Unit.LEAD, Unit.ACCOUNT]))
def test_a_lead_counts_at_a_stage_where_its_fate_says_so(leads, stages, unit):
    named = {f"lead {place}": entries for place, entries in enumerate(leads)}
    engine = engine_with(named, {name: {"account_id": f"a{place % 2}"} for place, name in enumerate(named)})
    try:
        journeys, model = journeys_of(engine, CONCEPTS), model_of(stages)
        for rule, entry, window in WAYS:
            question = Question(model, Rule(rule), window, Entry(entry), unit=unit)
            apart = " OR ".join(
                f"(counted.fate_{i} > 0) IS DISTINCT FROM counted.reached_{i}" for i in range(len(model.stages))
            )
            count = Query(f"SELECT COUNT(*) FILTER (WHERE {apart}) AS apart, COUNT(*) AS leads FROM counted")
            told = engine.row(compose(in_question(journeys, question), count))
            assert told[0] == 0
            assert unit is Unit.ACCOUNT or told[1] == steps(journeys, question).leads
    finally:
        engine.close()


class Watched(Engine):
    """An engine that notes what runs."""

    ran: list[str]

    def _running(self, query: Query):
        self.__dict__.setdefault("ran", []).append(query.text)
        return super()._running(query)


def watched() -> tuple[Watched, Journeys]:
    leads = {
        f"lead {place}": [
            oracle.Entered("New", DAY_ZERO + timedelta(days=place)),
            oracle.Entered("back\\", DAY_ZERO + timedelta(days=2 * place)),
        ]
        for place in range(10)
    }
    engine = engine_with(leads, {name: {"Region": REGIONS[place % 3]} for place, name in enumerate(leads)})
    engine.__class__ = Watched
    return engine, journeys_of(engine, CONCEPTS)


MODEL = model_of([{"New"}, {"back\\"}])


def test_another_date_or_another_value_of_a_filter_looks_at_no_journey():
    engine, journeys = watched()
    east = Question(MODEL, filters=Filters(FIRST, FIRST + timedelta(days=5), (OneOf("Region", ("East",)),)))
    everyone = Question(MODEL)
    for question in (everyone, east):
        steps(journeys, question)
        rule_sensitivity(journeys, question)
        breakdown(journeys, question, "Region")
    engine.ran.clear()
    assert steps(journeys, replace(everyone, filters=Filters(FIRST + timedelta(days=3)))).leads == 7
    other = replace(east, filters=Filters(FIRST, None, (OneOf("Region", (None, 'W"est')),)))
    assert steps(journeys, other).leads == 6
    assert dict(breakdown(journeys, other, "Region").groups).keys() == {None, 'W"est'}
    assert rule_sensitivity(journeys, replace(everyone, filters=Filters(None, FIRST))) == {
        Rule.VISITED: 0,
        Rule.IN_ORDER: 0,
    }
    # How many leads a filter leaves is asked once of the leads themselves, whatever the dates.
    looked = [text for text in engine.ran if "journeys_" in text and "GROUP BY CAST" not in text]
    assert not looked
    assert not [text for text in engine.ran if "history" in text or "CREATE" in text]
    engine.close()


def test_a_question_dated_by_another_model_is_kept_by_its_days():
    """Leads are dated by their first entry at "New"; the model itself sees only the later label."""
    engine, journeys = watched()
    later = model_of([{"back\\"}])
    dated = Question(later, dated_by=MODEL, filters=Filters(FIRST + timedelta(days=4), FIRST + timedelta(days=6)))
    assert steps(journeys, dated).leads == 3
    assert steps(journeys, replace(dated, dated_by=None)).leads == 2
    engine.close()


def test_kept_tables_are_bounded_in_number_and_in_size(monkeypatch):
    engine, journeys = watched()
    monkeypatch.setattr("funnel.journeys.kept.KEPT_TABLES", 4)
    for window in range(1, 12):
        assert steps(journeys, Question(MODEL, window_days=window)).leads == 10
    tables = {name for name, kind in _tables(engine) if kind == "BASE TABLE" and name.startswith(("patterns", "waits"))}
    assert len(tables) <= 4
    monkeypatch.setattr("funnel.journeys.kept.KEPT_CELLS", 1)
    steps(journeys, Question(MODEL, window_days=20))
    left = [name for name, _ in _tables(engine) if name.startswith(("patterns", "waits"))]
    assert len(left) <= 1
    assert steps(journeys, Question(MODEL)).leads == 10
    engine.close()


def _tables(engine: Engine) -> list[tuple[str, str]]:
    return engine.rows(Query("SELECT tables.table_name, tables.table_type FROM information_schema.tables AS tables"))


@thorough
def test_a_first_moved_date_of_many_leads_builds_nothing_once_it_is_ready(monkeypatch):
    monkeypatch.setattr(sys.modules["funnel.measures.medians"], "MANY", 1)
    with funnel.open(SAMPLE) as leads:
        question = leads.question()
        leads.ask(measures.steps, question)
        leads.ask(measures.ready_for_dates, question)
        moved = leads.question(start_from=date(2024, 1, 1), start_to=date(2024, 6, 30))
        ran = []
        run = leads.engine.run
        monkeypatch.setattr(leads.engine, "run", lambda query: ran.append(query.text) or run(query))
        quick = leads.ask(measures.steps, moved)
        assert ran == []
        assert quick.stages[1].timed_leads > 0
    monkeypatch.undo()
    with funnel.open(SAMPLE) as leads:
        assert leads.ask(measures.steps, moved).stages == quick.stages
