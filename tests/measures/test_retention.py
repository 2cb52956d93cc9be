"""What is kept of accounts with contracts: by hand, and against plain Python over nasty contracts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import funnel
from funnel.core.contracts import ContractColumns, Contracts, Per
from funnel.core.errors import QuestionError
from funnel.core.sql import Query
from funnel.core.types import Question
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


@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
    decided = [each for each in contracts if each.monthly >= 0 and each.end and each.end <= until - oracle.GRACE]
    renewed = [each for each in decided if oracle.renewal_of(each, contracts)]
    assert sum(each.renewed.denominator for each in found.renewals) == len(decided)
    assert sum(each.renewed.numerator for each in found.renewals) == len(renewed)


def test_months_end_on_their_last_days() -> None:
    assert month_ends(date(2024, 3, 31), 2) == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]


HEAD = "deal id,account,stage,created,closed,amount,currency"
LOST = "X,X,Closed Lost,2025-06-01,2025-06-30,1,EUR"


def opened(tmp_path: Path, head: str, *lines: str) -> funnel.DataSet:
    path = tmp_path / "deals.csv"
    empty = "," * head.count(",")
    path.write_text("\n".join([f"{HEAD},{head}", *lines, f"{LOST},{empty}"]))
    return funnel.open(path)


def won(deal: str, account: str, amount: float, rest: str) -> str:
    return f"{deal},{account},Closed Won,2022-12-01,2023-01-01,{amount},EUR,{rest}"


def test_a_contract_over_several_years_is_divided_by_its_months(tmp_path: Path) -> None:
    lines = (
        won("1", "a", 3600, "2023-01-01,2025-12-31,"),
        won("2", "b", 1200, "2023-01-01,,24"),
        won("3", "c", 5000, ",,"),
    )
    with opened(tmp_path, "contract start,contract end,term months", *lines) as data_set:
        with pytest.raises(QuestionError, match="one-off amounts"):
            data_set.ask(retention, "as-recorded")
        found = data_set.ask(retention, "as-recorded", "2024-06", ContractColumns(recurring="amount"))
    (euro,) = found.retention
    assert (euro.start, euro.accounts, found.per) == (150, 2, Per.TERM)
    assert {note.key for note in found.notes} >= {"measures.retention_per_term", "measures.retention_one_off"}


def test_amounts_a_year_are_divided_by_twelve_and_a_churn_date_ends_a_contract(tmp_path: Path) -> None:
    lines = (won("1", "a", 1, "1200,2024-02-10"), won("2", "b", 1, "2400,"))
    with opened(tmp_path, "ARR,churn date", *lines) as data_set:
        found = data_set.ask(retention, "as-recorded", "2024-06")
    (euro,) = found.retention
    assert (euro.start, euro.churn, euro.net.value) == (300, 100, pytest.approx(2 / 3))


def test_an_account_with_a_contract_that_cannot_be_read_is_left_out_and_counted(tmp_path: Path) -> None:
    lines = (
        *(won(str(number), f"a{number}", 1, "2023-01-01,2025-12-31,10") for number in range(5)),
        won("6", "unread", 1, "2023-01-01,soon,10"),
        won("7", "unpriced", 1, "2023-01-01,2025-12-31,"),
        won("8", "reversed", 1, "2023-01-01,2022-12-31,10"),
        won("9", "reversed", 1, "2023-01-01,2025-12-31,10"),
    )
    with opened(tmp_path, "contract start,contract end,MRR", *lines) as data_set:
        found = data_set.ask(retention, "as-recorded", "2024-06")
    assert found.retention[0].accounts == 5
    assert {note.key: note.values["n"] for note in found.left_out} == {
        "measures.retention_unread": 1,
        "measures.retention_unpriced": 1,
        "measures.retention_reversed": 1,
    }


def test_a_deal_that_is_won_after_the_last_day_observed_changes_nothing(tmp_path: Path) -> None:
    lines = (won("1", "a", 1, "2023-01-01,2023-12-31,10"), won("2", "b", 1, "2023-01-01,2024-12-31,20"))
    later = "3,a,Closed Won,2024-12-01,2025-01-15,1,EUR,2024-01-01,2025-12-31,99"
    answers = []
    for more in ((), (later,)):
        with opened(tmp_path, "contract start,contract end,MRR", *lines, *more) as data_set:
            question = data_set.question(observed_until=datetime(2024, 12, 31, 23, 59))
            answers.append(data_set.ask(retention, question, "2024-09"))
    assert answers[0].rows() == answers[1].rows()
    assert answers[0].month_rows() == answers[1].month_rows()
    assert answers[0].renewal_rows() == answers[1].renewal_rows()
