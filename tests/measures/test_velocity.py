"""Velocity, currency by currency, of what was decided lately; and where there is none."""

from __future__ import annotations

import pytest

from funnel.core.types import Question
from funnel.measures import velocity
from tests.leads import lead_of
from tests.measures.timed_leads import MODEL, UNTIL, asking


def test_currencies_are_never_added_together():
    leads = {
        "a": lead_of((0, "New"), (10, "Won")),
        "b": lead_of((0, "New"), (30, "Won")),
        "c": lead_of((0, "New"), (40, "Lost")),
        "d": lead_of((90, "New")),
        "e": lead_of((90, "New")),
        "f": lead_of((0, "New"), (50, "Won")),
        "g": lead_of((95, "New")),
        "h": lead_of((99, "New")),
    }
    columns = {lead: {"currency": "EUR", "amount": 100} for lead in "acd"} | {
        "b": {"currency": "EUR"},
        "e": {"currency": "EUR"},
    }
    columns |= {"f": {"currency": "USD", "amount": 9}, "g": {"currency": "USD"}}
    euro, none, dollar = asking(velocity, leads, Question(MODEL, observed_until=UNTIL), columns).paces
    # Two open, two of three won, 100 a win, 20 days to a win.
    assert (euro.currency, euro.open, euro.value, euro.valued, euro.cycle_days) == ("EUR", 2, 100, 1, 20)
    assert euro.per_day == pytest.approx(2 * (2 / 3) * 100 / 20)
    assert (dollar.currency, dollar.per_day) == ("USD", pytest.approx(1 * 1 * 9 / 50))
    assert (none.currency, none.open, none.win_rate.value, none.per_day) == ("", 1, None, None)


def test_no_win_is_no_money_and_no_time_is_no_velocity():
    question = Question(MODEL, observed_until=UNTIL)
    (lost,) = asking(velocity, {"a": lead_of((0, "New"), (9, "Lost")), "b": lead_of((9, "New"))}, question).paces
    assert (lost.per_day, lost.per_month, lost.cycle_days) == (0, 0, None)
    columns = {"a": {"amount": 10}}
    (at_once,) = asking(
        velocity, {"a": lead_of((0, "Won")), "b": lead_of((9, "New")), **LOST_LONG_AGO}, question, columns
    ).paces
    assert (at_once.cycle_days, at_once.per_day) == (0, None)
    (unpriced,) = asking(
        velocity, {"a": lead_of((0, "New"), (4, "Won")), "b": lead_of((9, "New")), **LOST_LONG_AGO}, question
    ).paces
    assert (unpriced.per_day, unpriced.wins_per_day) == (None, 0.25)


def test_where_no_lead_is_ever_lost_there_is_no_velocity():
    leads = {f"won {number}": lead_of((0, "New"), (40, "Won")) for number in range(30)} | {"open": lead_of((0, "New"))}
    columns = {lead: {"amount": 10} for lead in leads}
    found = asking(velocity, leads, Question(MODEL, observed_until=UNTIL), columns)
    assert found.missing.key == "measures.velocity_no_losses"
    (pace,) = found.paces
    assert (pace.win_rate.numerator, pace.win_rate.denominator, pace.win_rate.value) == (30, 30, None)
    assert (pace.wins_per_day, pace.per_day, pace.per_month) == (None, None, None)
    # One lost lead, long ago, is enough: then none of 30 was lost lately.
    lost = {"lost": lead_of((-400, "New"), (-300, "Lost"))}
    found = asking(velocity, leads | lost, Question(MODEL, observed_until=UNTIL), columns)
    assert (found.missing, found.paces[0].win_rate.value) == (None, 1)


LOST_LONG_AGO = {"long lost": lead_of((-900, "New"), (-890, "Lost"))}


def test_only_what_was_decided_lately_counts():
    leads = {
        "long ago": lead_of((-300, "New"), (-200, "Won")),
        "edge": lead_of((-200, "New"), (-80, "Lost")),
        "just in": lead_of((-200, "New"), (-79, "Won")),
        "later": lead_of((50, "New"), (101, "Won")),
    }
    found = asking(velocity, leads, Question(MODEL, observed_until=UNTIL))
    (pace,) = found.paces
    assert (pace.win_rate.numerator, pace.win_rate.denominator, pace.open, pace.cycle_days) == (1, 1, 1, 121)
    assert (found.mean_days, found.arrivals_per_day) == (121, 1 / 180)
    # Where the file begins within the window, leads arrive over what it tells.
    young = asking(
        velocity,
        {"a": lead_of((0, "New"), (10, "Won")), "b": lead_of((50, "New"))},
        Question(MODEL, observed_until=UNTIL),
    )
    assert (young.arrivals_per_day, young.expected_open, young.open) == (2 / 100, 0.2, 1)
