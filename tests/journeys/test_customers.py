"""The column that says whether an account had been won before a lead started: made of what came before the lead alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import funnel
from funnel import measures
from funnel.journeys.customers import CUSTOMER_AT_START, bought_again, customers
from funnel.mapping import MappingOverrides
from tests.leads import TABLES, engine_with
from tests.oracles.oracle import Entered
from tests.strategies import CONCEPTS, histories
from tests.thorough import examples

WON = {label for label, concept in CONCEPTS.items() if concept == "won"}
LINES = """lead,company,stage,entered
a1,A,New,2024-01-01
a1,A,Won,2024-02-01
a2,A,New,2024-01-15
a2,A,Won,2024-03-01
a3,A,New,2024-02-01
a4,A,New,2024-02-02
b1,B,New,2024-05-01
"""


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories, st.lists(st.sampled_from(["x", "y", None]), min_size=12, max_size=12))
def test_it_is_that_of_plain_python(entries: list[list[Entered]], owners: list[str | None]) -> None:
    leads = {f"L{number}": each for number, each in enumerate(entries)}
    account = {lead: owners[number] for number, lead in enumerate(leads)}
    engine = engine_with(leads, {lead: {"account_id": account[lead]} for lead in leads})
    try:
        found = dict(engine.rows(customers(TABLES[engine], CONCEPTS)))
        (again,) = engine.row(bought_again(TABLES[engine], CONCEPTS))
    finally:
        engine.close()
    wins = {
        name: [
            entry.at for lead, each in leads.items() if account[lead] == name for entry in each if entry.label in WON
        ]
        for name in {*owners} - {None}
    }
    expected = {
        lead: "Yes" if any(win < min(entry.at for entry in each) for win in wins[account[lead]]) else "No"
        for lead, each in leads.items()
        if account[lead] is not None
    }
    assert found == expected
    assert again == any(len({win.date() for win in own}) > 1 for own in wins.values())


def test_what_comes_at_the_start_of_a_lead_or_later_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(LINES)
    with funnel.open(path) as data_set:
        values = dict(data_set.engine.rows(funnel.core.sql.Query(f'SELECT lead_id, "{CUSTOMER_AT_START}" FROM leads')))
        # a3 starts on the day of the win, not after it.
        assert values == {"a1": "No", "a2": "No", "a3": "No", "a4": "Yes", "b1": "No"}
        assert data_set.bought_again
        question = data_set.question(where={CUSTOMER_AT_START: "Yes"})
        assert data_set.ask(measures.steps, question).leads == 1
        # It is a column like any other, and one that nothing looks at by itself.
        assert CUSTOMER_AT_START in data_set.columns.by_promise
        assert CUSTOMER_AT_START not in {each.column for each in data_set.columns.of_file}
        # Who takes the win for something else has no customers.
        data_set.with_concepts({"Won": "negotiation"})
        assert [value for value, _ in data_set.columns.values(CUSTOMER_AT_START)] == [None]
        assert not data_set.bought_again
        data_set.with_concepts({"Won": "won"})
        assert data_set.ask(measures.steps, data_set.question(where={CUSTOMER_AT_START: "Yes"})).leads == 1


def test_a_file_where_nobody_bought_again_has_no_such_column(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("\n".join(line for line in LINES.splitlines() if not line.startswith("a2,A,Won")))
    with funnel.open(path) as data_set:
        assert not data_set.bought_again
        assert data_set.columns.made == ()


def test_customers_beside_first_deals(tmp_path: Path) -> None:
    lines = ["lead,company,stage,entered,amount,currency"]
    first = date(2023, 1, 1)
    for number in range(60):
        company = f"C{number % 30}"
        repeat = number >= 30
        start = first + timedelta(days=400 * repeat + number)
        won = number % 3 != 1 if repeat else number % 30 < 30
        lines.append(f"{number},{company},New,{start},{1000 + 1000 * repeat + number},EUR")
        if won:
            lines.append(
                f"{number},{company},Won,{start + timedelta(days=20 + 20 * repeat)},{1000 + 1000 * repeat + number},EUR"
            )
        else:
            lines.append(f"{number},{company},Lost,{start + timedelta(days=9)},{1000 + 1000 * repeat + number},EUR")
    path = tmp_path / "log.csv"
    path.write_text("\n".join(lines))
    with funnel.open(path, overrides=MappingOverrides(amount="amount")) as data_set:
        question = data_set.question(observed_until=datetime(2024, 6, 1))
        found = data_set.ask(measures.customer_deals, question)
    assert (found.customers.leads, found.customers.won, found.customers.lost) == (30, 20, 10)
    assert (found.customers.median_days, found.customers.median_amount) == (40, 2044.5)
    assert (found.firsts.leads, found.firsts.won, found.firsts.median_days) == (30, 30, 20)
    assert found.firsts.won_by_day.rate.value == 1
