"""What is kept of contracts that stand in files: how their columns are read, and what cannot be read."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

import funnel
from funnel.core.contracts import ContractColumns, Per
from funnel.core.errors import QuestionError
from funnel.measures.retention import retention

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
