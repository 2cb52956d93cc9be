"""What is kept of accounts with contracts: by hand, and against plain Python over nasty contracts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnel.core.contracts import ContractColumns, Contracts, Per
from funnel.core.errors import QuestionError
from funnel.core.sql import Query
from funnel.core.types import Calendar, Question
from funnel.measures.retention import Contracted, retention
from funnel.measures.retention_months import month_ends
from tests.leads import engine_with, file_of, journeys_of, model_of
from tests.oracles import expansion_oracle as oracle
from tests.oracles.expansion_oracle import Contract
from tests.oracles.oracle import Entered
from tests.thorough import examples

MODEL = model_of([{"New"}, {"Won"}])
MEANT = {"New": "lead", "Won": "won", "Lost": "lost"}
COLUMNS = ContractColumns(start="Start", end="End", recurring="MRR")
UNTIL = date(2025, 6, 30)


def told(contracts: list[Contract], at: str | None = None, until: date = UNTIL) -> Contracted:
    """The retention of contracts, all of deals that were won on the first day of all."""
    won = datetime.combine(min(each.start for each in contracts), time(9))
    leads = {f"L{number}": [Entered("Won", won)] for number in range(len(contracts))}
    columns = {
        f"L{number}": {"account_id": each.account, "currency": each.currency} for number, each in enumerate(contracts)
    }
    lines = ", ".join("(?, CAST(? AS DATE), CAST(? AS DATE), CAST(? AS DOUBLE))" for _ in contracts)
    values = [
        value
        for number, each in enumerate(contracts)
        for value in (f"L{number}", each.start, each.end, float(each.monthly))
    ]
    nothing = "NULL::DATE AS churned_on, NULL::DOUBLE AS term_months, FALSE AS unread"
    text = f"SELECT said.*, {nothing} FROM (VALUES {lines}) AS said(lead_id, starts_on, ends_on, recurring)"
    said = Contracts(COLUMNS, Per.MONTH, Query(text, tuple(values)))
    of_file = SimpleNamespace(contract_columns=COLUMNS, contracts=lambda asked: said)
    engine = engine_with(leads, columns)
    try:
        facts = file_of(MODEL)
        journeys = journeys_of(
            engine, MEANT, file=type(facts)(of_file, facts.recorded, facts.label_facts, facts.together)
        )
        return retention(journeys, Question(MODEL, observed_until=datetime.combine(until, time.max)), at)
    finally:
        engine.close()


def a_year(
    account: str, start: date, monthly: float, *, months: int = 12, currency: str = "EUR", less: int = 0
) -> Contract:
    end = date(start.year + (start.month - 1 + months) // 12, (start.month - 1 + months) % 12 + 1, start.day)
    return Contract(account, start, end - timedelta(days=1 + less), Decimal(str(monthly)), currency)


def shares(found: Contracted, currency: str = "EUR") -> tuple[float | None, float | None]:
    each = next(each for each in found.retention if each.currency == currency)
    return each.net.value, each.gross.value


def test_a_renewal_that_is_entered_late_has_not_left() -> None:
    first, second = a_year("a", date(2023, 1, 1), 100), a_year("a", date(2024, 2, 20), 100)
    found = told([first, second], "2024-12")
    assert shares(found) == (1, 1)
    # The gap of 50 days lies over the end of January: nobody leaves there, and nobody comes back.
    assert all((month.churn, month.new, month.end) == (0, 0, 100) for month in found.months)
    too_late = told([first, a_year("a", date(2024, 3, 10), 100)], "2024-12")
    assert shares(too_late) == (0, 0)
    back = next(month for month in too_late.months if month.new)
    assert (back.to, back.new, back.back) == (date(2024, 3, 31), 100, 100)


def test_an_upsell_inside_a_renewal_is_an_expansion_by_the_difference() -> None:
    found = told([a_year("a", date(2023, 1, 1), 100), a_year("a", date(2024, 1, 1), 130)], "2024-06")
    (euro,) = found.retention
    assert (euro.expansion, euro.churn, euro.net.value, euro.gross.value) == (30, 0, 1.3, 1)
    assert [(month.to, month.expansion) for month in found.months if month.expansion] == [(date(2024, 1, 31), 30)]


def test_a_new_account_is_in_no_ratio() -> None:
    found = told([a_year("a", date(2023, 1, 1), 100, months=36), a_year("b", date(2024, 2, 1), 900)], "2024-06")
    assert (shares(found), found.retention[0].accounts) == ((1, 1), 1)
    assert sum(month.new for month in found.months) == 900


def test_a_changed_currency_is_kept_apart() -> None:
    found = told(
        [
            a_year("a", date(2023, 1, 1), 100),
            a_year("a", date(2024, 1, 1), 110, currency="USD"),
            a_year("b", date(2023, 1, 1), 50, months=36),
        ],
        "2024-06",
    )
    (euro,) = found.retention
    assert (euro.start, euro.apart, euro.apart_start, euro.net.value) == (50, 1, 100, 1)
    january = {month.currency: month for month in found.months if month.to == date(2024, 1, 31)}
    assert (january["EUR"].churn, january["EUR"].to_other) == (100, 100)
    assert (january["USD"].new, january["USD"].from_other, january["USD"].back) == (110, 110, 0)
    assert "measures.retention_apart" in {note.key for note in found.notes}


def test_a_credit_note_takes_from_what_the_account_brings() -> None:
    found = told(
        [
            a_year("a", date(2023, 1, 1), 100, months=24),
            Contract("a", date(2024, 3, 1), date(2024, 12, 31), Decimal(-30)),
        ],
        "2024-06",
    )
    (euro,) = found.retention
    assert (euro.contraction, euro.net.value, euro.gross.value) == (30, 0.7, 0.7)
    # It has ended too, and is no contract that could be renewed.
    assert found.renewals[0].renewed.denominator == 1


def test_what_is_not_yet_decided_is_a_third_group() -> None:
    found = told(
        [
            a_year("a", date(2024, 1, 1), 100),
            a_year("b", date(2024, 6, 1), 60),
            a_year("c", date(2024, 6, 1), 40),
            a_year("c", date(2025, 6, 1), 40),
        ],
        "2025-06",
    )
    (renewals,) = found.renewals
    assert (renewals.renewed.numerator, renewals.renewed.denominator) == (0, 1)
    assert (renewals.undecided, renewals.undecided_renewed, renewals.undecided_value) == (2, 1, 100)
    (euro,) = found.retention
    assert (euro.start, euro.churn, euro.undecided, euro.net.value, euro.net_if_lost) == (200, 100, 60, 0.5, 0.2)
    assert "measures.retention_undecided" in {note.key for note in found.notes}
    # Unless it is asked for, the year ends when all of it is decided.
    assert told([a_year("a", date(2024, 1, 1), 100)]).to == date(2025, 4, 30)


def test_renewals_by_count_and_by_value() -> None:
    found = told(
        [
            a_year("a", date(2023, 1, 1), 100),
            a_year("a", date(2023, 12, 15), 150),
            a_year("b", date(2023, 1, 1), 300),
            a_year("c", date(2023, 1, 1), 50, months=24),
            a_year("c", date(2023, 6, 1), 10, months=6),
        ]
    )
    (euro,) = found.renewals
    assert (euro.renewed.numerator, euro.renewed.denominator) == (1, 5)
    assert euro.by_value == pytest.approx(100 / (100 + 150 + 300 + 50 + 10))


@pytest.mark.parametrize(
    ("at", "sentence"), [("June", "is no month"), ("2025-07", "over"), ("2019-01", "over"), ("2025-13", "no month")]
)
def test_what_is_no_month_of_the_contracts(at: str, sentence: str) -> None:
    with pytest.raises(QuestionError, match=sentence):
        told([a_year("a", date(2023, 1, 1), 100)], at)


def test_before_any_contract_nothing_can_be_kept() -> None:
    found = told([a_year("a", date(2024, 3, 1), 100)], "2024-06")
    assert (found.retention, found.answer.key) == ((), "measures.retention_nobody")
    assert found.months[-1].end == 100


def test_the_order_of_the_deals_changes_nothing() -> None:
    contracts = [
        a_year(name, date(2023, month, 1), 10 * month, months=months)
        for name, month, months in zip("abcdef", range(1, 7), (12, 24, 12, 36, 12, 24), strict=True)
    ]
    one, other = told(contracts, "2024-06"), told(contracts[::-1], "2024-06")
    assert (one.retention, one.renewals, one.months) == (other.retention, other.renewals, other.months)
    (euro,) = one.retention
    assert 0 <= euro.gross.low <= euro.gross.value <= euro.gross.high <= 1


CONTRACTS = st.lists(
    st.builds(
        lambda account, start, length, cents, currency: Contract(
            account,
            date(2023, 1, 1) + timedelta(days=start),
            None if length is None else date(2023, 1, 1) + timedelta(days=start + length),
            Decimal(cents) / 100,
            currency,
        ),
        account=st.sampled_from("abc"),
        start=st.one_of(st.integers(0, 600), st.sampled_from([0, 30, 60, 61, 365, 366, 425, 426])),
        length=st.one_of(st.none(), st.integers(0, 400), st.sampled_from([364, 364, 30, 304, 305])),
        cents=st.one_of(st.integers(1, 5000), st.integers(1, 5000), st.integers(-2000, 0)),
        currency=st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=examples(35), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(contracts=CONTRACTS, month=st.sampled_from(["2024-01", "2024-06", "2024-10", "2024-12"]))
def test_what_is_kept_is_that_of_plain_python(contracts: list[Contract], month: str) -> None:
    until = date(2024, 12, 31)
    # Who begins later was won by then too; a first deal of each account that is no credit note makes it an account.
    contracts = [Contract("z", date(2023, 1, 1), date(2023, 1, 2), Decimal(1)), *contracts]
    found = told(contracts, month, until)
    since, to = found.since, found.to
    expected = oracle.retained(contracts, since, to, until)
    assert {each.currency for each in found.retention} == expected.keys()
    for each in found.retention:
        sums = expected[each.currency]
        for name in ("start", "expansion", "contraction", "churn", "accounts", "apart"):
            assert getattr(each, name) == float(sums[name]), name
        assert each.kept.numerator == sums["kept"]
        if each.net.value is not None:
            assert each.gross.value <= min(1, each.net.value)
    for month_told in found.months:
        cents = {
            name: Decimal(str(getattr(month_told, name)))
            for name in ("start", "new", "expansion", "contraction", "churn", "end")
        }
        assert (
            cents["start"] + cents["new"] + cents["expansion"] - cents["contraction"] - cents["churn"] == cents["end"]
        )
        ends = [
            oracle.brings(contracts, account, month_told.currency, month_told.to, until)
            for account in {each.account for each in contracts}
        ]
        assert cents["end"] == sum(ends)
    lives = [oracle.life(contracts, account, until) for account in {each.account for each in contracts}]
    assert found.life.accounts == sum(each is not None for each in lives)
    assert found.life.gone == sum(each is not None and each[1] for each in lives)
    for worth in found.worth:
        accounts, events = _monthly(contracts, worth.currency, until)
        mean, se = oracle.mean_by(accounts, events, worth.months - 1)
        assert (worth.accounts, worth.mean) == (len(accounts), pytest.approx(mean))
        assert worth.high - worth.mean == pytest.approx(1.959963984540054 * se, abs=1e-4)
    decided = [each for each in contracts if each.monthly >= 0 and each.end and each.end <= until - oracle.GRACE]
    renewed = [each for each in decided if oracle.renewal_of(each, contracts)]
    assert sum(each.renewed.denominator for each in found.renewals) == len(decided)
    assert sum(each.renewed.numerator for each in found.renewals) == len(renewed)


def _monthly(
    contracts: list[Contract], currency: str, until: date
) -> tuple[dict[str, int], list[tuple[str, int, float]]]:
    """For accounts of one currency alone, for how many months each was followed from its first month end on, and what it brought."""
    ends = month_ends(until, 12 * (until.year - 2022), Calendar.GREGORIAN)
    accounts, events = {}, []
    for account in {each.account for each in contracts}:
        brought = {
            its: [float(oracle.brings(contracts, account, its, end, until)) for end in ends]
            for its in {each.currency for each in contracts}
        }
        if [its for its, values in brought.items() if any(values)] == [currency]:
            first = next(place for place, value in enumerate(brought[currency]) if value)
            accounts[account] = len(ends) - 1 - first
            events += [(account, place - first, value) for place, value in enumerate(brought[currency]) if value]
    return accounts, events


def test_how_long_accounts_stay_is_told_for_as_long_as_it_was_seen() -> None:
    # Of twelve, four left after a year; the others were watched for two years and a day.
    accounts = [a_year(f"a{number}", date(2023, 6, 29), 10, months=12 if number < 4 else 48) for number in range(12)]
    life = told(accounts, "2025-06").life
    assert (life.accounts, life.gone) == (12, 4)
    # The curve ends where fewer than ten are left to watch: nothing is told of the second year.
    assert [row["day"] for row in life.rows()] == [365]
    assert life.left.at(366).rate == pytest.approx(4 / 12)


def test_what_an_account_brings_in_its_first_months() -> None:
    found = told([a_year("a", date(2024, 1, 1), 10), a_year("b", date(2024, 7, 1), 20, months=24)])
    # The one left after twelve months, the other was followed for twelve; nobody was for twenty-four.
    (year,) = found.worth
    assert (year.currency, year.months, year.accounts, year.at_risk, year.mean) == ("EUR", 12, 2, 2, 180)
    # The spread of 120 and 240 around their mean, by two accounts.
    assert year.high - year.mean == pytest.approx(1.959963984540054 * (2 * 30**2) ** 0.5)


def test_months_end_on_their_last_days() -> None:
    assert month_ends(date(2024, 3, 31), 2, Calendar.GREGORIAN) == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2024, 3, 31),
    ]
