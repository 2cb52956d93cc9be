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
from funnel.core.errors import QuestionError
from funnel.core.types import Filters, Loop, Question, Rule, Stage, StageModel, Unit, closed_within
from funnel.measures.statistics.rates import wilson
from funnel.measures.steps import steps
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles import oracle
from tests.strategies import CONCEPTS, DAY_ZERO, histories, models
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


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
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


UNTIL = datetime(2025, 6, 1)
QUARTER, EARLIER = (date(2025, 1, 1), date(2025, 3, 31)), (date(2024, 10, 1), date(2024, 12, 31))


def test_what_closed_in_two_quarters_is_compared(tmp_path: Path) -> None:
    lines = ["lead_id,stage,changed_at,amount,currency"]
    for lead, (begins, ends, label, amount) in enumerate(
        [
            *[("2024-09-01", "2024-11-15", "Won", "10.5")] * 12,
            *[("2024-09-01", "2024-12-31", "Lost", "")] * 18,
            *[("2024-10-01", "2025-01-01", "Won", "")] * 4,
            *[("2024-10-01", "2025-03-31", "Won", "100")] * 6,
            *[("2024-12-01", "2025-02-01", "Lost", "7")] * 30,
            ("2025-01-02", "2025-04-01", "Won", "1"),
            ("2025-01-03", "2025-01-03", "New", "1"),
        ]
    ):
        lines += [f"L{lead},New,{begins},{amount},EUR", f"L{lead},{label},{ends},{amount},EUR"]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(path) as leads:
        asked = leads.question(start_from=QUARTER[0], start_to=QUARTER[1], closed=True)
        found = leads.ask(measures.closings, asked, EARLIER)
        with pytest.raises(QuestionError, match="share the days"):
            leads.ask(measures.closings, asked, QUARTER)
        with pytest.raises(QuestionError, match="two days"):
            leads.ask(measures.closings, leads.question(), EARLIER)
        alone = leads.ask(measures.closings, asked)
    assert (found.now.won, found.now.closed, found.now.value) == (10, 40, (("EUR", 600.0, 6),))
    assert found.before is not None
    assert (found.before.won, found.before.closed, found.before.value) == (12, 30, (("EUR", 126.0, 12),))
    assert (found.now.timed_wins, found.now.median_days_to_win) == (10, None)
    assert found.contrast is not None
    assert found.contrast.difference == pytest.approx(10 / 40 - 12 / 30)
    assert [(row["leads"], row["converted"], row["lost"]) for row in found.rows()] == [(30, 12, 18), (40, 10, 30)]
    assert (alone.before, alone.contrast, alone.now) == (None, None, found.now)


def test_accounts_with_several_leads_make_a_rate_less_sure(tmp_path: Path) -> None:
    lines = ["lead_id,stage,changed_at,account"]
    for lead in range(60):
        label = "Won" if lead // 10 in (0, 3) else "Lost"
        lines += [f"L{lead},New,2024-12-01,A{lead // 10}", f"L{lead},{label},2025-02-01,A{lead // 10}"]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    with funnel.open(path) as leads:
        rate = leads.ask(
            measures.closings, leads.question(start_from=QUARTER[0], start_to=QUARTER[1], closed=True)
        ).now.rate
    assert (rate.numerator, rate.denominator, rate.accounts) == (20, 60, 6)
    plain = wilson(20, 60)
    assert rate.low is not None
    assert plain.low is not None
    assert rate.low < plain.low - 0.1


def test_what_goes_by_age_is_refused_for_leads_that_all_have_ended(file: Path) -> None:
    with funnel.open(file) as leads:
        asked = leads.question(start_from=QUARTER[0], start_to=QUARTER[1], closed=True)
        for ask in (
            lambda: leads.ask(measures.cohorts, asked),
            lambda: leads.ask(measures.periods, asked, EARLIER, QUARTER),
            lambda: leads.ask(measures.stage_changes, asked, EARLIER, QUARTER),
            lambda: leads.ask(measures.segments, asked, "account"),
            lambda: leads.ask(measures.velocity, asked),
        ):
            with pytest.raises(QuestionError, match="the day they closed have all ended"):
                ask()


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models(), st.sampled_from(list(Rule)), st.integers(0, 25), st.integers(0, 20))
def test_closings_equal_plain_python(leads, stages, rule, begin, length) -> None:
    named = {f"lead {place}": entries for place, entries in enumerate(leads)}
    first = DAY_ZERO.date() + timedelta(days=begin)
    now, before = (first, first + timedelta(days=length)), (first - timedelta(days=9), first - timedelta(days=1))
    engine = engine_with(named)
    try:
        question = Question(
            model_of(stages), rule=rule, filters=Filters(where=(closed_within(*now),)), observed_until=UNTIL
        )
        found = measures.closings(journeys_of(engine, CONCEPTS), question, before)
    finally:
        engine.close()
    ways = [oracle.journey(entries, stages, CONCEPTS, rule.value) for entries in leads]
    for (low, high), side in ((now, found.now), (before, found.before)):
        ended = [
            way.outcome
            for way in ways
            if way is not None and way.ended_at is not None and low <= way.ended_at.date() <= high
        ]
        assert (side.closed, side.won) == (len(ended), ended.count("won"))
