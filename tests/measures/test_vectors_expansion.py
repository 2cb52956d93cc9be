"""Repeat value and revenue retention, held to worked numbers: from the function, and from deals in a file."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

import funnel
from funnel.measures.expansion import expansion
from funnel.measures.retention import retention
from funnel.measures.statistics.mean_cumulative import mean_cumulative

VECTORS = Path(__file__).parents[1] / "vectors"
VALUE, RETAINED = (json.loads((VECTORS / f"{name}.json").read_text()) for name in ("42_mcf", "38_nrr"))
STEPS = VALUE["expected"]["day,at_risk,increment,mcf,se"]
LAST = date(2025, 6, 30)


def test_the_steps_of_the_mean_cumulative_function() -> None:
    accounts = list(VALUE["accounts"].values())
    events = [(number, day, value) for number, each in enumerate(accounts) for day, value in each["repeats"]]
    units, days, values = (np.array(column) for column in zip(*events, strict=True))
    steps = mean_cumulative(np.array([each["follow_up"] for each in accounts]), units, days, values.astype(float))
    assert [[each.day, each.at_risk, each.increment, each.mean, each.se] for each in steps] == [
        pytest.approx(step, abs=1e-6) for step in STEPS
    ]


def test_repeat_value_of_deals_in_a_file(tmp_path: Path) -> None:
    lines = ["deal id,account,stage,created,closed,amount,currency"]
    for account, each in VALUE["accounts"].items():
        landing = LAST - timedelta(days=each["follow_up"])
        for number, (day, amount) in enumerate([(0, each["landing"]), *each["repeats"]]):
            won = landing + timedelta(days=day)
            lines.append(f"{account}{number},{account},Closed Won,{won - timedelta(days=9)},{won},{amount},EUR")
    # The file observes up to its last day by a deal that was lost on it.
    lines.append(f"X,X,Closed Lost,{LAST - timedelta(days=9)},{LAST},1,EUR")
    path = tmp_path / "deals.csv"
    path.write_text("\n".join(lines))
    with funnel.open(path) as data_set:
        (euro,) = data_set.ask(expansion, "as-recorded").values
    year = euro.on(365)
    assert year.mean == pytest.approx(VALUE["expected"]["mcf_365"], abs=1e-6)
    assert year.se == pytest.approx(STEPS[-1][-1], abs=1e-6)
    assert year.per_100 == pytest.approx(VALUE["expected"]["per_100_landed_at_365"], abs=1e-6)


def test_retention_of_contracts_in_a_file(tmp_path: Path) -> None:
    # account, what it brings a month in the first year, and in the second; together as in the vector.
    accounts = {"A": (100, 140), "B": (60, 40), "C": (80, None), "D": (30, 30), "E": (None, 50)}
    lines = ["deal id,account,stage,created,closed,amount,currency,contract start,contract end,MRR"]
    for account, amounts in accounts.items():
        for year, amount in zip((2023, 2024), amounts, strict=True):
            if amount is not None:
                lines.append(
                    f"{account}{year},{account},Closed Won,{year}-01-01,{year}-02-01,1,EUR,{year}-02-01,{year + 1}-01-31,{amount}"
                )
    lines.append("X,X,Closed Lost,2024-12-01,2024-12-31,1,EUR,,,")
    path = tmp_path / "contracts.csv"
    path.write_text("\n".join(lines))
    with funnel.open(path) as data_set:
        (euro,) = data_set.ask(retention, "as-recorded", "2024-06").retention
    assert euro.start == RETAINED["start"]
    assert euro.net.value == pytest.approx(RETAINED["NRR"])
    assert euro.gross.value == pytest.approx(RETAINED["GRR"])
    assert euro.kept.value == pytest.approx(RETAINED["logo_retention"])
    assert (euro.expansion, euro.contraction, euro.churn) == (40, 20, 80)
    assert [name for name, _ in euro.large] == ["A", "C", "B"]
