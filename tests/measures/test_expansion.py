"""What becomes of accounts after their first win: by hand, and against plain Python over nasty histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.core.contracts import ContractColumns
from funnel.core.errors import QuestionError
from funnel.core.sql import Query
from funnel.core.types import Filters, OneOf, Question, Unit
from funnel.measures.expansion import Expansion, expansion
from tests.leads import engine_with, file_of, journeys_of, model_of
from tests.oracles import expansion_oracle as oracle
from tests.oracles.expansion_oracle import Win
from tests.oracles.oracle import Entered
from tests.thorough import examples

MODEL = model_of([{"New"}, {"Won"}])
MEANT = {"New": "lead", "Demo": "demo", "Won": "won", "Signed": "won", "Lost": "lost"}
DAY_ZERO = date(2023, 1, 1)
UNTIL = date(2024, 12, 31)


def at(day: int, hour: int = 10) -> datetime:
    return datetime.combine(DAY_ZERO, time(hour)) + timedelta(days=day)


def asked(leads, columns, question=None, until=UNTIL, days=(90, 180, 365), **options) -> Expansion:
    engine = engine_with(leads, columns)
    try:
        question = question or Question(MODEL)
        journeys = journeys_of(engine, MEANT, file=file_of(MODEL))
        end = datetime.combine(until, time.max)
        return expansion(journeys.until(end), replace(question, observed_until=end), days, **options)
    finally:
        engine.close()


def deal(
    account: str | None, *entries: tuple[datetime | None, str], amount: float | None = None, currency="EUR", **more
):
    return [Entered(label, moment) for moment, label in entries], {
        "account_id": account,
        "amount": amount,
        "currency": currency,
        **more,
    }


def told(deals, **options) -> Expansion:
    leads = {f"L{number}": entries for number, (entries, _) in enumerate(deals)}
    columns = {f"L{number}": values for number, (_, values) in enumerate(deals)}
    return asked(leads, columns, **options)


def test_an_account_lands_with_its_first_win_and_is_followed_from_then() -> None:
    found = told(
        [
            deal("a", (at(0), "New"), (at(10), "Won"), amount=100),
            deal("a", (at(20), "New"), (at(110), "Won"), amount=50),
            deal("b", (at(0), "New"), (at(20), "Won"), amount=300),
            deal("b", (at(0), "New"), (at(40), "Lost"), amount=999),
            deal("c", (at(0), "New"), amount=999),
        ]
    )
    assert (found.whole.accounts, found.whole.again.numerator, found.repeats) == (2, 1, 1)
    assert [found.whole.on(day).converted for day in found.days] == [0, 1, 1]
    assert found.whole.on(365).rate == 0.5
    (euro,) = found.values
    assert (euro.landed, euro.total, euro.on(365).mean, euro.on(365).plain) == (400, 50, 25, 25)
    assert euro.on(365).per_100 == 12.5
    assert [landing.start for landing in found.landings] == [date(2023, 1, 1)]


def test_what_is_bought_on_one_day_is_one_purchase() -> None:
    found = told(
        [
            deal("a", (at(0, 9), "Won"), amount=1),
            deal("a", (at(0, 17), "Won"), amount=2),
            deal("a", (at(30), "Won"), amount=4),
        ]
    )
    assert (found.repeats, found.values[0].landed, found.values[0].total) == (1, 3, 4)


def test_a_lead_that_is_won_again_bought_twice_and_its_amount_counts_once() -> None:
    again = deal("a", (at(0), "New"), (at(5), "Won"), (at(9), "Signed"), (at(50), "Lost"), (at(70), "Won"), amount=80)
    found = told([again])
    assert (found.repeats, found.values[0].landed, found.values[0].total) == (1, 80, 0)


def test_a_lead_added_after_the_last_day_observed_changes_nothing() -> None:
    deals = [
        deal("a", (at(0), "New"), (at(10), "Won"), amount=100),
        deal("a", (at(20), "New"), (at(60), "Won"), amount=10),
        deal("b", (at(1), "New"), (at(10), "Won"), amount=100),
    ]
    later = [deal("b", (at(500), "New"), (at(510), "Won"), amount=7), deal("n", (at(505), "Won"), amount=7)]
    until = DAY_ZERO + timedelta(days=400)
    one, other = told(deals, until=until), told([*deals, *later], until=until)
    assert (one.rows(), one.value_rows(), one.left_out) == (other.rows(), other.value_rows(), other.left_out)


def test_a_credit_note_takes_from_the_value_and_is_no_purchase() -> None:
    found = told(
        [
            deal("a", (at(0), "Won"), amount=100),
            deal("a", (at(30), "Won"), amount=-40),
            deal("a", (at(60), "Won"), amount=10),
        ]
    )
    assert (found.repeats, found.whole.on(90).converted, found.values[0].total) == (1, 1, -30)
    # With amounts below 0 among them, the mean may be below 0 too.
    assert found.values[0].on(90).low == -30
    # Nobody lands with a credit note.
    assert told([deal("a", (at(0), "Won"), amount=-5)]).whole.accounts == 0


def test_another_currency_is_kept_apart() -> None:
    found = told(
        [
            deal("a", (at(0), "Won"), amount=100),
            deal("a", (at(30), "Won"), amount=40, currency="USD"),
            deal("b", (at(0), "Won"), amount=10),
            deal("b", (at(0), "Won"), amount=10, currency="USD"),
            deal("c", (at(0), "Won"), amount=None),
        ]
    )
    assert [(each.currency, each.accounts, each.landed, each.total) for each in found.values] == [("EUR", 1, 100, 0)]
    out = found.left_out
    assert (found.repeats, out.elsewhere, out.several, out.unpriced) == (1, 1, 1, 1)
    assert {"measures.expansion_elsewhere", "measures.expansion_several"} <= {note.key for note in found.notes}


def test_an_account_whose_first_win_may_be_one_without_a_moment_is_left_out() -> None:
    found = told([deal("a", (None, "Won"), amount=1), deal("a", (at(9), "Won"), amount=1), deal(None, (at(9), "Won"))])
    assert (found.whole.accounts, found.left_out.undated, found.left_out.leads) == (0, 1, 1)
    assert found.answer.key == "measures.expansion_nobody"


def test_filters_choose_by_the_deal_that_an_account_landed_with() -> None:
    deals = [
        deal("a", (at(0), "Won"), Region="North"),
        deal("a", (at(40), "Won"), Region="South"),
        deal("b", (at(0), "Won"), Region="South"),
        deal("b", (at(40), "Won"), Region="North"),
    ]
    north = Question(MODEL, filters=Filters(where=(OneOf("Region", ("North",)),)))
    found = told(deals, question=north)
    assert (found.whole.accounts, found.repeats) == (1, 1)


def test_rule_window_and_unit_change_nothing() -> None:
    deals = [deal("a", (at(0), "New"), (at(200), "Won")), deal("a", (at(0), "New"), (at(300), "Won"))]
    usual = told(deals)
    for question in (Question(MODEL, window_days=30), Question(MODEL, unit=Unit.ACCOUNT)):
        assert told(deals, question=question).rows() == usual.rows()


def test_the_file_must_name_accounts() -> None:
    with pytest.raises(QuestionError, match="names no accounts"):
        told([deal(None, (at(0), "Won"))])


def test_a_young_quarter_is_not_yet_known() -> None:
    found = told([deal("a", (at(0), "Won")), deal("b", (at(700), "Won"))])
    old, young = found.landings
    assert [each.rate for each in old.by_day] == [0, 0, 0]
    assert {each.unknown for each in young.by_day} == {"age"}
    assert [str(row["unknown"]) for row in found.rows() if str(row["start"]) == "2024-10-01"] == ["age"] * 3


def test_later_wins_by_their_type() -> None:
    deals = [
        deal("a", (at(0), "Won"), amount=5),
        deal("a", (at(30), "Won"), amount=7),
        deal("a", (at(60), "Won"), amount=9),
        deal("a", (at(90), "Won"), amount=1),
    ]
    leads = {f"L{number}": entries for number, (entries, _) in enumerate(deals)}
    engine = engine_with(leads, {f"L{number}": values for number, (_, values) in enumerate(deals)})
    kinds = "SELECT * FROM (VALUES ('L0', 'new'), ('L1', 'renewal'), ('L2', 'renewal')) AS said(lead_id, kind)"
    columns = SimpleNamespace(types=lambda header: Query(kinds), contract_columns=ContractColumns(type="Type"))
    try:
        journeys = journeys_of(engine, MEANT, file=replace(file_of(MODEL), columns=columns))
        found = expansion(journeys, Question(MODEL, observed_until=datetime.combine(UNTIL, time.max)))
    finally:
        engine.close()
    assert [(each.type, each.wins, each.value) for each in found.types] == [
        ("renewal", 2, (("EUR", 16.0),)),
        (None, 1, (("EUR", 1.0),)),
    ]


WINS = st.lists(
    st.builds(
        Win,
        account=st.sampled_from("abcd'"),
        day=st.one_of(
            st.integers(0, 60).map(lambda day: DAY_ZERO + timedelta(days=day)),
            st.integers(0, 60).map(lambda day: DAY_ZERO + timedelta(days=day)),
            st.sampled_from([DAY_ZERO, DAY_ZERO + timedelta(days=30), None]),
        ),
        amount=st.one_of(st.none(), st.integers(-300, 900).map(lambda cents: Decimal(cents) / 100)),
        currency=st.sampled_from(["EUR", "EUR", "USD", ""]),
        counts=st.booleans(),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(wins=WINS, last=st.integers(20, 70))
def test_second_wins_and_values_are_those_of_plain_python(wins: list[Win], last: int) -> None:
    until, days = DAY_ZERO + timedelta(days=last), (0, 7, 30, 45)
    deals = [
        deal(
            win.account,
            (None if win.day is None else datetime.combine(win.day, time(8)), "Won"),
            amount=None if win.amount is None else float(win.amount),
            currency=win.currency or None,
            Region="yes" if win.counts else "no",
        )
        for win in wins
    ]
    question = Question(MODEL, filters=Filters(where=(OneOf("Region", ("yes",)),)))
    found = told(deals, question=question, until=until, days=days)
    expected = oracle.landed(wins, until)
    assert found.whole.accounts == len(expected)
    assert found.repeats == sum(len(each.again) for each in expected.values())
    for day in days:
        share = oracle.bought_again_by(list(expected.values()), day)
        rate = found.whole.on(day).rate
        assert rate == (None if share is None else pytest.approx(float(share)))
    purchases = [(name, (on - each.day).days, 1.0) for name, each in expected.items() for on in each.again]
    _held(found.purchases, {name: each.follow_up for name, each in expected.items()}, purchases, days)
    currencies = {next(iter(each.landing)) for each in expected.values() if len(each.landing) == 1}
    assert {each.currency for each in found.values} == currencies
    for value in found.values:
        own = {name: each for name, each in expected.items() if set(each.landing) == {value.currency}}
        events = [
            (name, day, float(amount))
            for name, each in own.items()
            for day, its, amount in each.later
            if its == value.currency
        ]
        _held(value, {name: each.follow_up for name, each in own.items()}, events, days)


def _held(repeats, accounts, events, days) -> None:
    assert repeats.accounts == len(accounts)
    for day in days:
        by = repeats.on(day)
        assert by.at_risk == sum(followed >= day for followed in accounts.values())
        assert by.plain == pytest.approx(
            sum(value for _, at_day, value in events if at_day <= day) / max(1, len(accounts))
        )
        if by.at_risk:
            mean, se = oracle.mean_by(accounts, events, day)
            assert by.mean == pytest.approx(mean, abs=1e-9)
            assert by.se == pytest.approx(se, abs=1e-5)
        else:
            assert by.mean is None
