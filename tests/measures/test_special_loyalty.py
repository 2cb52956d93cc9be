"""The loyalty loop: customers who buy again, by hand and against plain Python over nasty histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.core.errors import QuestionError
from funnel.core.types import Filters, Loop, OneOf, Question, Unit
from funnel.measures.loyalty import loyalty
from funnel.measures.recorded import labels_model
from funnel.measures.statistics.rates import wilson
from tests.leads import DAY, engine_with, journeys_of, lead_of, model_of
from tests.oracles import special_oracle
from tests.oracles.oracle import journey
from tests.strategies import CONCEPTS as NASTY_CONCEPTS
from tests.strategies import histories, models
from tests.thorough import examples

CONCEPTS = {
    "New": "lead",
    "Demo": "demo",
    "Offer": "proposal",
    "Won": "won",
    "Paid": "won",
    "Grew": "expansion",
    "Lost": "lost",
    "Odd": "unplaced",
    "Call": "ignored",
}
LOOP = replace(
    labels_model("loop", "Loop", [("consider", ("New",)), ("evaluate", ("Demo",)), ("buy", ("Won", "Paid", "Grew"))]),
    loop=Loop("buy", ("consider", "evaluate")),
)


def _told(leads, columns=None, question=None, **kwargs):
    engine = engine_with(leads, columns)
    try:
        return loyalty(journeys_of(engine, CONCEPTS, **kwargs), question or Question(LOOP))
    finally:
        engine.close()


def _loop(leads, columns=None, question=None, **kwargs):
    told = _told(leads, columns, question, **kwargs)
    straight = told.straight and told.straight.numerator
    return (told.customers, told.again.numerator, told.repeats, straight, told.median_days)


@pytest.mark.parametrize(
    ("entries", "repeats", "straight"),
    [
        ([(0, "New"), (5, "Demo"), (9, "Won")], 0, 0),
        ([(0, "New"), (9, "Won"), (12, "Paid")], 0, 0),  # the same win, told twice
        ([(0, "New"), (9, "Won"), (12, "Grew")], 1, 1),
        ([(0, "New"), (9, "Won"), (12, "Grew"), (14, "Won")], 2, 2),
        ([(0, "New"), (9, "Won"), (12, "Lost"), (14, "Won")], 1, 1),
        ([(0, "New"), (9, "Won"), (12, "Odd"), (14, "Won")], 1, 1),
        ([(0, "New"), (9, "Won"), (12, "Offer"), (14, "Won")], 1, 1),  # the model does not place offers
        ([(0, "New"), (9, "Won"), (12, "Call"), (14, "Paid")], 0, 0),  # a call is no label of a lead
        ([(0, "New"), (9, "Won"), (12, "Demo"), (14, "Won")], 1, 0),
        ([(0, "New"), (9, "Won"), (14, "Demo"), (14, "Won")], 1, 0),
        ([(0, "New"), (9, "Demo"), (9, "Won"), (14, "Grew")], 1, 1),  # the demo belongs to the first purchase
        ([(0, "New"), (9, "Won"), (9, "Grew")], 0, 0),  # one moment, one purchase
        ([(0, "New"), (9, "Won"), (None, "Grew")], 0, 0),
        ([(0, "New"), (9, "Won"), (12, "Grew"), (None, "Demo")], 1, 1),  # undated: where it stands now
    ],
)
def test_what_a_repeat_is_and_when_it_is_straight(entries, repeats, straight):
    told = _loop({"a": lead_of(*entries)})
    assert told[:4] == (1, min(repeats, 1), repeats, straight)


def test_labels_of_one_moment_stand_in_the_order_of_the_file_where_it_has_one():
    # Sold on day 9; on day 14 a demo and the win, or the win and a demo.
    told_on = lead_of((0, "New"), (9, "Won"), (14, "Won"), (14, "Demo"))
    assert _loop({"a": told_on})[2] == 1
    assert _loop({"a": told_on}, numbered=True)[2] == 0


def test_an_account_is_one_customer_and_a_lead_without_one_is_one_by_itself():
    leads = {
        "a1": lead_of((0, "New"), (10, "Won")),
        "a2": lead_of((20, "New"), (30, "Won")),  # considered anew
        "a3": lead_of((50, "Won")),  # straight, after 20 days
        "A": lead_of((0, "New"), (5, "Won")),  # a lead that bears the id of the account
        "b1": lead_of((0, "Demo"), (10, "Won"), (40, "Grew")),
        "b2": lead_of((5, "Demo")),  # never bought, and its demo is long past
        "c1": lead_of((0, "New")),
    }
    columns = {lead: {"account_id": lead[0].upper()} for lead in leads if lead != "A"}
    # A bought three times, 20 days apart each; B twice, 30 days apart.
    assert _loop(leads, columns) == (3, 2, 3, 2, 20.0)
    told = _told(leads, columns)
    by_account = _told(leads, columns, Question(LOOP, unit=Unit.ACCOUNT, quorum=2))
    assert (told.by_account, told.again, told.straight) == (True, wilson(2, 3), wilson(2, 3))
    assert (by_account.customers, by_account.again, by_account.straight) == (3, told.again, told.straight)


def test_a_deal_worked_on_beside_the_last_one_is_no_straight_repeat():
    columns = {lead: {"account_id": "A"} for lead in ("one", "two")}
    beside = {"one": lead_of((0, "New"), (10, "Won")), "two": lead_of((5, "Demo"), (20, "Won"))}
    assert _loop(beside, columns) == (1, 1, 1, 0, 10.0)
    # Once it has bought, its old demo is spent: two, then one, then two again.
    again = {"one": lead_of((0, "New"), (30, "Won")), "two": lead_of((5, "Demo"), (20, "Won"), (40, "Grew"))}
    assert _loop(again, columns) == (1, 1, 2, 1, 10.0)  # one (day 30) was new on day 0; two (day 40) comes straight


def test_customers_are_followed_from_their_first_counted_purchase_through_all_their_leads():
    leads = {
        "early": lead_of((0, "New"), (10, "Won")),
        "middle": lead_of((40, "Won")),
        "late": lead_of((90, "Won")),
        "other": lead_of((95, "Won"), (99, "Grew")),
    }
    columns = {
        "early": {"account_id": "A", "Region": "East"},
        "middle": {"account_id": "A", "Region": "East"},
        "late": {"account_id": "A", "Region": "West"},
        "other": {"account_id": "B", "Region": "West"},
    }
    in_april = Question(LOOP, filters=Filters(start_from=date(2025, 4, 1), start_to=date(2025, 4, 30)))
    assert _loop(leads, columns, in_april) == (1, 1, 1, 1, 50.0)  # from middle on: late, though it started in May
    east = Question(LOOP, filters=Filters(where=(OneOf("Region", ("East",)),)))
    assert _loop(leads, columns, east) == (1, 1, 2, 2, 40.0)  # 30 and 50 days


def test_an_undated_purchase_makes_a_customer_and_no_repeat():
    leads = {"a": lead_of((0, "New"), (None, "Won")), "b": lead_of((10, "Won"))}
    columns = {lead: {"account_id": "A"} for lead in leads}
    assert _loop(leads, columns) == (1, 0, 0, 0, None)
    assert _loop({"a": leads["a"]}) == (1, 0, 0, 0, None)


def test_a_snapshot_knows_repeats_by_further_deals_and_not_whether_they_came_straight():
    leads = {"a": lead_of((10, "Won")), "b": lead_of((25, "Won")), "c": lead_of((30, "New")), "d": lead_of((3, "Lost"))}
    columns = {lead: {"account_id": "A", "created_at": str(DAY)} for lead in leads}
    assert _loop(leads, columns, start_from_created=True) == (1, 1, 1, None, 15.0)


def test_without_customers_there_is_no_share():
    told = _told({"a": lead_of((0, "New"))})
    assert (told.customers, told.again.value, told.repeats, told.straight.value) == (0, None, 0, None)
    assert not told.by_account
    elsewhere = replace(LOOP, stages=(*LOOP.stages[:2], replace(LOOP.stages[2], labels=("Never",))))
    assert _told({"a": lead_of((0, "New"), (9, "Won"))}, question=Question(elsewhere)).customers == 0


def test_a_model_without_a_loop_is_refused():
    with pytest.raises(QuestionError, match="by hand"):
        _told({"a": lead_of((0, "New"))}, question=Question(model_of([{"New"}, {"Won"}])))


@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, models(), st.data())
def test_loyalty_equals_plain_python(leads, stages, data):
    named = {f"lead {place}": entries for place, entries in enumerate(leads)}
    accounts = {lead: data.draw(st.sampled_from([None, "A", "B", "lead 0"])) for lead in named}
    regions = {lead: data.draw(st.sampled_from(["East", "East", "West"])) for lead in named}
    to = data.draw(st.integers(0, len(stages) - 1))
    past = data.draw(st.sets(st.sampled_from([i for i in range(len(stages)) if i != to] or [to]), min_size=1))
    plain = model_of(stages)
    keys = [stage.key for stage in plain.stages]
    model = replace(plain, loop=Loop(keys[to], tuple(keys[place] for place in sorted(past))))
    counted = {
        lead
        for lead, entries in named.items()
        if regions[lead] == "East" and journey(entries, stages, NASTY_CONCEPTS, "visited")
    }
    engine = engine_with(named, {lead: {"account_id": accounts[lead], "Region": regions[lead]} for lead in named})
    try:
        east = Filters(where=(OneOf("Region", ("East",)),))
        told = loyalty(journeys_of(engine, NASTY_CONCEPTS), Question(model, filters=east))
    finally:
        engine.close()
    expected = special_oracle.loyalty(named, accounts, counted, stages, NASTY_CONCEPTS, to, past)
    assert (told.customers, told.again.numerator, told.repeats, told.straight.numerator) == tuple(
        expected[name] for name in ("customers", "again", "repeats", "straight")
    )
    days = expected["median_days"]
    assert told.median_days == (days if days is None else pytest.approx(days, abs=1e-9))
