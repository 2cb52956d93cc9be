"""Columns of contracts: what their headers say, and that their days are no stages, makings or ends of leads."""

from __future__ import annotations

from pathlib import Path

import pytest

import funnel
from funnel.core.contracts import ContractColumns
from funnel.mapping.contracts import contract_part, is_contract_date

LINES = """Deal ID,Account Name,Type,Stage,Created Date,Close Date,Amount,Contract Start,Contract End,MRR
1,a,New,Closed Won,2023-01-02,2023-02-01,1200,2023-03-01,2024-02-29,100
2,a,Renewal,Closed Won,2024-01-02,2024-02-01,1200,2024-03-01,2025-02-28,100
3,b,New,Closed Lost,2024-01-02,2024-03-01,1200,,,
"""


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("Contract Start Date", "start"),
        ("contract_end", "end"),
        ("Vertragsende", "end"),
        ("Дата начала договора", "start"),
        ("MRR", "month"),
        ("Annual Contract Value", "year"),
        ("Term (months)", "term"),
        ("Churn Date", "churn"),
        ("Deal Type", "type"),
        ("Contract sent", None),
        ("Contract signed date", None),
        ("Close Date", None),
        ("Amount", None),
    ],
)
def test_what_headers_say_of_contracts(header: str, part: str | None) -> None:
    assert contract_part(header) == part
    assert is_contract_date(header) == (part in ("start", "end", "churn"))


def opened(tmp_path: Path, text: str) -> funnel.DataSet:
    path = tmp_path / "deals.csv"
    path.write_text(text)
    return funnel.open(path)


def test_the_days_of_a_contract_are_no_stages(tmp_path: Path) -> None:
    with opened(tmp_path, LINES) as data_set:
        assert {label.label for label in data_set.labels} == {"Closed Won", "Closed Lost"}
        assert data_set.loaded.columns["closed"] == "Close Date"
        # The last event is the last deal that was closed, not the end of a contract.
        assert str(data_set.observed_until) == "2024-03-01 00:00:00"
        found = data_set.columns.contract_columns
        assert found == ContractColumns(start="Contract Start", end="Contract End", recurring="MRR", type="Type")
        # They are filled as a deal is won, so no score may learn from them.
        assert {"Contract Start", "Contract End"} <= set(data_set.columns.known_late)


def test_without_a_close_date_a_deal_is_not_closed_when_its_contract_ends(tmp_path: Path) -> None:
    lines = [",".join(cell for place, cell in enumerate(line.split(",")) if place != 5) for line in LINES.splitlines()]
    with opened(tmp_path, "\n".join(lines)) as data_set:
        assert "closed" not in data_set.loaded.columns
        assert data_set.loaded.columns["created"] == "Created Date"


def test_a_column_called_type_is_one_of_sales_only_by_what_it_holds(tmp_path: Path) -> None:
    with opened(tmp_path, LINES.replace("New", "Webinar").replace("Renewal", "Partner")) as data_set:
        assert data_set.columns.contract_columns.type is None
