"""A status of the company that people work for: a customer there is no lead that was won, which is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnel.mapping import MappingOverrides
from tests.mapped import Mapped, mapped, written


def people(header: str, *values: str, more: str = "") -> str:
    """Twelve people of six companies, at these states in turn."""
    head = f"Full Name,Company,{header},Created{more and ',' + more}"
    rows = [
        f"Person {row},Firm {row % 6},{values[row % len(values)]},2025-04-{row + 1:02}{more and ',Won'}"
        for row in range(12)
    ]
    return "\n".join([head, *rows]) + "\n"


def told(found: Mapped) -> list[dict[str, object]]:
    return [dict(note.values) for note in found.loaded.warnings if note.key == "mapping.account_is_won"]


@pytest.mark.parametrize(
    ("header", "values", "customer"),
    [
        ("Account Status", ("Assigned", "Unassigned", "Customer", "Competitor"), "Customer"),
        ("Company Status", ("Prospect", "Customer", "Former"), "Customer"),
        ("Статус компании", ("Новая", "Клиент", "Отказ"), "Клиент"),
    ],
)
def test_a_customer_among_companies_may_be_no_win(
    tmp_path: Path, header: str, values: tuple[str, ...], customer: str
) -> None:
    with mapped(*written(tmp_path, people=people(header, *values))) as found:
        assert found.concepts()[customer] == "won"
        assert told(found) == [{"listed": customer, "column": header}]


def test_nothing_is_asked_where_something_says_it(tmp_path: Path) -> None:
    values = ("Prospect", "Customer", "Lost")
    with mapped(*written(tmp_path, people=people("Lead Status", *values))) as found:
        assert not told(found)
    meant = MappingOverrides(won=("Customer",))
    with mapped(*written(tmp_path, people=people("Account Status", *values)), overrides=meant) as found:
        assert not told(found)
    rows = [f"Firm {row},{values[row % 3]},2025-04-{row + 1:02}" for row in range(12)]
    accounts = "\n".join(["Account Name,Account Status,Created", *rows]) + "\n"
    with mapped(*written(tmp_path, accounts=accounts)) as found:
        assert not told(found)


def test_a_deal_won_under_such_a_header_is_one(tmp_path: Path) -> None:
    with mapped(*written(tmp_path, people=people("Account Status", "Open", "Closed Won", "Lost"))) as found:
        assert found.concepts()["Closed Won"] == "won"
        assert not told(found)
