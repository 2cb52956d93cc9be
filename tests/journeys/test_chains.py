"""Any entry may open a window: the chains of leads, worked out a part of the leads at a time, are those of the rule in plain Python."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.core.engine import Engine
from funnel.core.errors import Exhausted
from funnel.core.history import TEXT
from funnel.core.sql import Query
from funnel.core.types import Entry, Question, Rule, StageModel
from funnel.journeys import Journeys, Tables
from funnel.measures import steps
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered, journey
from tests.strategies import CONCEPTS, LABELS, models, moments
from tests.thorough import examples, thorough

CHAINS = sys.modules["funnel.journeys.chains"]
# Few labels, so that most leads come back to the first stage; some entries have no time.
FEW = (*LABELS[:4], LABELS[0], LABELS[0])
undated = st.builds(Entered, st.sampled_from(FEW), st.one_of(moments, moments, moments, st.none()))
returning = st.lists(st.lists(undated, min_size=1, max_size=14), min_size=1, max_size=12)
AT_ONCE = st.sampled_from([1, 5, 10**9])


def chains(journeys: Journeys, model: StageModel, window: int) -> dict[str, list[datetime | None]]:
    """The times of each lead at the stages in order, by its id."""
    table = journeys.own(model, Entry.ANY, window)
    named = ", ".join(f"found.ordered_{place}" for place in range(len(model.stages)))
    rows = journeys.engine.rows(Query(f'SELECT found.lead_id, {named} FROM "{table}" AS found'))
    told = {lead: list(times) for lead, *times in rows}
    assert len(told) == len(rows)
    return told


def expected(leads: list[list[Entered]], stages: list[set[str]], window: int) -> dict[str, list[datetime | None]]:
    """The same by the oracle; an entry without a time is in no chain."""
    known = set().union(*stages)
    told = {}
    for place, entries in enumerate(leads):
        if any(entry.label in known for entry in entries):
            dated = [entry for entry in entries if entry.at is not None]
            found = journey(dated, stages, CONCEPTS, "in-order", window, "any")
            told[f"lead {place}"] = found.times if found else [None] * len(stages)
    return told


@thorough
@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(returning, models(), st.sampled_from([0, 1, 3, 7, 40]), AT_ONCE)
def test_chains_are_those_of_the_rule_in_each_form_and_however_many_are_worked_out_at_once(
    leads, stages, window, at_once
):
    engine = engine_with({f"lead {place}": entries for place, entries in enumerate(leads)})
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(CHAINS, "AT_ONCE", at_once)
            for form in ({}, {"tables": Tables(form=TEXT, prefix="text_")}):
                found = chains(journeys_of(engine, CONCEPTS, **form), model_of(stages), window)
                assert found == expected(leads, stages, window)
    finally:
        engine.close()


def test_parts_hold_each_lead_once_and_leave_nothing_behind(monkeypatch):
    """Many ranges of keys with many leads each; none has first entries that tell its order, and some have a hundred openings."""
    monkeypatch.setattr(CHAINS, "AT_ONCE", 150)
    day = datetime(2024, 1, 1)
    leads = {
        f"lead {place}": [
            Entered("BCAB"[(place % 2 + number) % 3], day.replace(day=1 + number % 28, hour=place % 24))
            for number in range(100 if place % 50 == 0 else 4)
        ]
        for place in range(300)
    }
    added: list[str] = []
    add = Engine.add
    monkeypatch.setattr(Engine, "add", lambda self, name, rows: (added.append(name), add(self, name, rows))[1])
    engine = engine_with(leads)
    try:
        concepts = dict.fromkeys("ABC", "lead")
        journeys, stages = journeys_of(engine, concepts), [{"A"}, {"B"}, {"C"}]
        found = chains(journeys, model_of(stages), 5)
        assert found == {lead: journey(e, stages, concepts, "in-order", 5, "any").times for lead, e in leads.items()}
        assert len(added) >= 10
        assert "several" not in " ".join(_tables(engine))
        question = Question(model_of(stages), Rule.IN_ORDER, 5, Entry.ANY)
        in_parts = steps(journeys, question)
        monkeypatch.setattr(CHAINS, "AT_ONCE", 10**9)
        at_once = steps(journeys_of(engine, concepts, tables=replace(journeys.tables, prefix="whole_")), question)
        assert replace(in_parts, sql="") == replace(at_once, sql="")
    finally:
        engine.close()


def test_a_part_that_fails_leaves_no_table(monkeypatch):
    monkeypatch.setattr(CHAINS, "AT_ONCE", 2)
    day = datetime(2024, 1, 1)
    again = [Entered("A", day), Entered("A", day.replace(day=2)), Entered("B", day.replace(day=3))]
    engine = engine_with({f"lead {place}": again for place in range(20)})
    refused = Exhausted("errors.memory_full", megabytes=1, setting="X")

    def refuse(self: Engine, name: str, rows: Query) -> None:
        raise refused

    try:
        journeys = journeys_of(engine, dict.fromkeys("AB", "lead"))
        model = model_of([{"A"}, {"B"}])
        with monkeypatch.context() as patch:
            patch.setattr(Engine, "add", refuse)
            with pytest.raises(Exhausted):
                journeys.own(model, Entry.ANY, 5)
        assert not [name for name in _tables(engine) if name.startswith("journeys")]
        assert len(chains(journeys, model, 5)) == 20
    finally:
        engine.close()


def _tables(engine: Engine) -> list[str]:
    return [name for (name,) in engine.rows(Query("SELECT tables.table_name FROM information_schema.tables AS tables"))]
