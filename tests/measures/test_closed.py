"""Leads by the day they closed, and models between two of their stages: by hand, and against plain Python over nasty histories."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import funnel
from funnel import measures
from funnel.cli.command import main
from funnel.core import insights
from funnel.core.types import Filters, Loop, Question, Rule, Stage, StageModel, Unit, closed_within
from funnel.measures.steps import steps
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles import oracle
from tests.strategies import CONCEPTS, histories, models
from tests.thorough import examples, thorough

LOG = """lead_id,stage,changed_at,account
a,New,2025-01-05,Acme
a,Won,2025-03-31T23:59:00,Acme
b,New,2025-02-01,Acme
b,Lost,2025-04-01,Acme
c,New,2025-03-10,Bolt
d,New,2024-11-01,Bolt
d,Lost,2025-01-01,Bolt
e,New,2024-11-02,Cog
e,Lost,2025-01-15,Cog
e,New,2025-05-01,Cog
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(LOG, encoding="utf-8")
    return path


def test_leads_that_closed_in_a_quarter_whenever_they_came(file: Path) -> None:
    leads = funnel.open(file)
    first, last = date(2025, 1, 1), date(2025, 3, 31)
    found = leads.ask(measures.steps, leads.question(start_from=first, start_to=last, closed=True))
    # a won on the last day, d lost on the first; b closed a day later, c is open, e was lost and is open again.
    assert (found.leads, found.won, found.lost, found.open) == (2, 1, 1, 0)
    assert found.placed_leads == found.all_leads == 2
    by_entry = leads.ask(measures.steps, leads.question(start_from=first, start_to=last))
    assert (by_entry.leads, by_entry.won, by_entry.open) == (3, 1, 1)
    assert leads.unmet(found.question) == ()
    assert insights.condition_said(found.question.filters.where[0]) == "closed: 2025-01-01 – 2025-03-31"
    by_account = leads.question(start_from=first, start_to=last, closed=True, unit=Unit.ACCOUNT)
    assert leads.ask(measures.steps, by_account).leads == 2
    open_ended = leads.ask(measures.steps, leads.question(start_from=date(2025, 4, 1), closed=True))
    assert (open_ended.leads, open_ended.lost) == (1, 1)
    leads.close()


@thorough
def test_the_command_counts_by_the_day_of_closing(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dates = ["--from", "2025-01-01", "--to", "2025-03-31"]
    assert main(["steps", str(file), *dates, "--dates", "closed", "--json"]) == 0
    closed = json.loads(capsys.readouterr().out)
    assert main(["steps", str(file), *dates, "--json"]) == 0
    entered = json.loads(capsys.readouterr().out)
    assert (closed["leads"], entered["leads"]) == (2, 3)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models(), st.sampled_from(list(Rule)), st.integers(0, 40), st.integers(0, 40))
def test_closed_between_two_days_equals_plain_python(leads, stages, rule, begin, length) -> None:
    named = {f"lead {place}": entries for place, entries in enumerate(leads)}
    ways = [oracle.journey(entries, stages, CONCEPTS, rule.value) for entries in leads]
    ends = sorted(way.ended_at for way in ways if way is not None and way.ended_at is not None)
    first = (ends[0].date() if ends else date(2025, 1, 1)) + timedelta(days=begin - 20)
    last = first + timedelta(days=length)
    engine = engine_with(named)
    try:
        question = Question(
            model_of(stages),
            rule,
            filters=Filters(where=(closed_within(first, last),)),
            observed_until=datetime(2030, 1, 1),
        )
        found = steps(journeys_of(engine, CONCEPTS), question)
    finally:
        engine.close()
    kept = [
        way for way in ways if way is not None and way.ended_at is not None and first <= way.ended_at.date() <= last
    ]
    assert (found.leads, found.won) == (len(kept), sum(way.outcome == "won" for way in kept))
    assert [stage.leads for stage in found.stages] == [
        sum(way.reached[place] for way in kept) for place in range(len(stages))
    ]


def test_a_model_between_two_stages_is_a_model_of_those() -> None:
    stages = tuple(Stage(name.lower(), name, labels=(name,)) for name in ("New", "Demo", "Won", "Again"))
    model = StageModel("m", "M", stages, kind="labels", loop=Loop("again", ("demo",)))
    assert [stage.key for stage in model.between(1, 2).stages] == ["demo", "won"]
    assert model.between(0, 3) is model
    assert model.between(1, 3).loop == model.loop
    assert model.between(2, 3).loop is None


def test_from_a_stage_on_leads_enter_where_they_first_come_to_it(file: Path) -> None:
    leads = funnel.open(file)
    whole = leads.as_recorded()
    won = leads.ask(measures.steps, leads.question(whole.between(1, len(whole.stages) - 1)))
    assert [(stage.name, stage.leads) for stage in won.stages] == [("Won", 1)]
    assert (won.leads, won.won, won.first_start) == (1, 1, datetime(2025, 3, 31, 23, 59))
    leads.close()
