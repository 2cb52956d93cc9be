"""The funnel in money: by hand, and against plain Python over nasty histories."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.core.types import Question, Rule, Unit
from funnel.measures.value_steps import value_steps
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles import oracle
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, histories, models
from tests.thorough import examples

UNTIL = datetime(2025, 6, 1)
JANUARY, FEBRUARY, MARCH = (datetime(2025, month, 1) for month in (1, 2, 3))
MEANT = {"New": "lead", "Demo": "demo", "Won": "won", "Lost": "lost"}
LEADS = {
    "won": [Entered("New", JANUARY), Entered("Demo", FEBRUARY), Entered("Won", MARCH)],
    "lost": [Entered("New", JANUARY), Entered("Demo", FEBRUARY), Entered("Lost", MARCH)],
    "open": [Entered("New", JANUARY)],
    "credit": [Entered("New", JANUARY)],
    "dollars": [Entered("New", JANUARY), Entered("Won", MARCH)],
    "no amount": [Entered("New", JANUARY), Entered("Demo", FEBRUARY)],
}
WORTH = {
    "won": {"amount": 100.0, "currency": "EUR"},
    "lost": {"amount": 50.0, "currency": "EUR"},
    "open": {"amount": 30.0, "currency": "EUR"},
    "credit": {"amount": -20.0, "currency": "EUR"},
    "dollars": {"amount": 7.0, "currency": "USD"},
    "no amount": {"amount": None, "currency": "EUR"},
}


def test_each_stage_by_hand_and_currencies_apart() -> None:
    engine = engine_with(LEADS, WORTH)
    question = Question(model_of([{"New"}, {"Demo"}, {"Won"}]), observed_until=UNTIL)
    found = value_steps(journeys_of(engine, MEANT), question)
    engine.close()
    assert (found.leads, found.missing, found.known) == (6, 1, ("EUR", "USD"))
    assert [
        (row["currency"], row["leads"], row["amount"], row["advanced"], row["lost"], row["open"], row["won"])
        for row in found.rows()
    ] == [
        ("EUR", 4, 160, 150, 0, 10, 0),
        ("EUR", 2, 150, 100, 50, 0, 0),
        ("EUR", 1, 100, 0, 0, 0, 100),
        ("USD", 1, 7, 7, 0, 0, 0),
        ("USD", 1, 7, 7, 0, 0, 0),
        ("USD", 1, 7, 0, 0, 0, 7),
    ]
    assert [row["from_previous"] for row in found.rows()][:3] == [None, 150 / 160, 100 / 150]
    assert found.stages("GBP") == ()


def test_nothing_is_a_share_of_what_is_not_above_zero() -> None:
    engine = engine_with({"credit": LEADS["credit"]}, {"credit": WORTH["credit"]})
    question = Question(model_of([{"New"}, {"Demo"}]), observed_until=UNTIL)
    found = value_steps(journeys_of(engine, MEANT), question)
    engine.close()
    assert [(row["amount"], row["from_entry"], row["from_previous"]) for row in found.rows()] == [
        (-20, None, None),
        (0, None, None),
    ]


def test_it_is_of_leads_also_where_accounts_are_counted() -> None:
    columns = {lead: {**each, "account_id": "Acme"} for lead, each in WORTH.items()}
    engine = engine_with(LEADS, columns)
    model = model_of([{"New"}, {"Demo"}, {"Won"}])
    journeys = journeys_of(engine, MEANT)
    leads, accounts = (
        value_steps(journeys, Question(model, unit=unit, observed_until=UNTIL)) for unit in (Unit.LEAD, Unit.ACCOUNT)
    )
    engine.close()
    assert accounts.rows() == leads.rows()


worth = st.fixed_dictionaries(
    {
        "amount": st.sampled_from([None, 0.0, 12.5, 1000.0, -3.25]),
        "currency": st.sampled_from([None, "EUR", "USD", "'"]),
    }
)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models(), st.sampled_from([*Rule]), st.sampled_from([None, 0, 3]), st.data())  # fmt: skip
def test_sums_equal_plain_python(leads, stages, rule, window, data) -> None:
    named = {f"lead {place:02}": entries for place, entries in enumerate(leads)}
    columns = {lead: data.draw(worth) for lead in named}
    question = Question(model_of(stages), rule=rule, window_days=window, observed_until=UNTIL)
    ways = {lead: oracle.journey(entries, stages, CONCEPTS, rule.value, window) for lead, entries in named.items()}
    engine = engine_with(named, columns)
    try:
        found = value_steps(journeys_of(engine, CONCEPTS), question)
    finally:
        engine.close()
    valued = {lead: way for lead, way in ways.items() if way is not None and columns[lead]["amount"] is not None}
    assert set(found.known) == {columns[lead]["currency"] or "" for lead in valued}
    for currency, told in found.currencies:
        mine = {lead: way for lead, way in valued.items() if (columns[lead]["currency"] or "") == currency}
        for place, stage in enumerate(told):
            here = {lead: way for lead, way in mine.items() if way.reached[place]}
            assert stage.leads == len(here)
            assert stage.amount == pytest.approx(sum(columns[lead]["amount"] for lead in here))
            for part in ("advanced", "skipped_ahead", "moved_back", "lost", "still_there"):
                amounts = [columns[lead]["amount"] for lead, way in here.items() if way.ledger[place] == part]
                assert getattr(stage, part) == pytest.approx(sum(amounts)), part
            won = [
                columns[lead]["amount"]
                for lead, way in here.items()
                if way.ledger[place] == "still_there" and way.outcome == "won"
            ]
            assert stage.won == pytest.approx(sum(won))
