"""`python -m funnel expand`: its keys, its tables, and the one sentence where something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from funnel.cli.command import main
from tests.cli.test_command import _json, _refused

pytestmark = pytest.mark.usefixtures("opened_once")
ROOT = Path(__file__).resolve().parents[2]
HISTORY = str(ROOT / "data/samples/leads-history.csv.gz")
HEAD = "deal id,account,kind,stage,created,closed,amount,currency,from,to,fee"
DEALS = f"""{HEAD}
1,a,New,Closed Won,2022-12-01,2023-01-10,1200,EUR,2023-02-01,2024-01-31,100
2,a,Renewal,Closed Won,2023-12-01,2024-01-10,1440,EUR,2024-02-01,2025-01-31,120
3,b,New,Closed Won,2022-12-01,2023-01-20,600,EUR,2023-02-01,2024-01-31,50
4,c,New,Closed Won,2024-01-05,2024-02-01,900,EUR,2024-02-01,2026-01-31,75
5,d,New,Closed Lost,2024-11-01,2024-12-31,1,EUR,,,
"""
CONTRACTS = ("--contract-start", "from", "--contract-end", "to", "--recurring", "fee")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("deals") / "deals.csv"
    path.write_text(DEALS)
    return str(path)


def test_what_comes_after_the_first_win_as_json(capsys, file):
    told = _json(capsys, "expand", file, "--type", "kind")
    assert list(told) == [
        "as_of", "answer", "accounts", "again", "repeats", "second_win", "curve", "value", "later_wins", "deals", "contracts",
        "missing", "attributes", "notes",
    ]  # fmt: skip
    assert (told["as_of"], told["accounts"], told["again"], told["repeats"]) == ("2024-12-31", 3, 1, 1)
    year = next(row for row in told["second_win"] if (row["start"], row["day"]) == ("all", 365))
    assert (year["converted"], year["old_enough"], year["rate"]) == (1, 2, 0.5)
    euro = next(row for row in told["value"] if (row["of"], row["day"]) == ("EUR", 365))
    assert (euro["landed"], euro["mean"], euro["plain"], euro["at_risk"]) == (2700, 720, 480, 2)
    assert told["later_wins"] == [{"type": "renewal", "wins": 1, "value": [{"currency": "EUR", "amount": 1440.0}]}]
    # Headers of its own tell no contracts; what is missing is said.
    assert told["contracts"] is None
    assert "--contract-end" in told["missing"][0]


def test_contracts_by_columns_that_are_named(capsys, file):
    told = _json(capsys, "expand", file, *CONTRACTS, "--at", "2024-06")["contracts"]
    assert (told["from"], told["to"], told["per"]) == ("2023-06-30", "2024-06-30", "term")
    # The header does not say for how long the fee is: it is taken for that of the whole contract.
    (euro,) = told["retention"]
    assert (euro["start"], euro["accounts"], euro["kept"]) == (12.5, 2, 1)
    assert euro["large"][0]["account"] == "a"
    assert (euro["net"], euro["gross"]) == (pytest.approx(10 / 12.5), pytest.approx(8.33 / 12.5))
    (renewals,) = told["renewals"]
    assert (renewals["ended"], renewals["renewed"], renewals["undecided"]) == (2, 1, 0)
    assert len(told["bridge"]) == 12


def test_what_comes_after_the_first_win_as_text(capsys, file):
    assert main(["expand", file, *CONTRACTS]) == 0
    told = capsys.readouterr().out
    assert told.startswith("1 of 3 customers have bought again so far\n")
    assert "Net revenue retention" in told
    assert "the column “fee” ÷ the months of each contract" in told
    assert main(["expand", HISTORY]) == 0
    told = capsys.readouterr().out
    assert told.startswith("39% of customers buy again within a year\n")
    assert "not yet" not in told.splitlines()[0]
    assert "one-off" not in told
    assert "does not say when contracts end" in told


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--recurring", "amount"), "does not say when contracts end"),
        (("--contract-end", "to"), "one-off amounts"),
        (("--contract-end", "kind", "--recurring", "fee"), "holds no dates"),
        (("--contract-end", "to", "--recurring", "kind"), "holds no numbers"),
        (("--contract-end", "nowhere", "--recurring", "fee"), "nowhere"),
        ((*CONTRACTS, "--at", "last June"), "is no month"),
        ((*CONTRACTS, "--at", "2031-01"), "not in the contracts"),
        (("--at", "2024-06"), "does not say when contracts end"),
        (("--type", "nowhere"), "nowhere"),
        (("--account", "-"), "names no accounts"),
    ],
)
def test_what_cannot_be_asked(capsys, file, options, sentence):
    assert sentence in _refused(capsys, "expand", file, *options)
