"""Small tables of what channels cost, beside leads and their touches."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

import funnel
from funnel import DataSet, Filters, MappingOverrides, Question
from funnel.core.types import Note, Unit, closed_within
from funnel.measures.credit import Credit, credit
from funnel.measures.credit_rules import CreditRule
from tests.mapped import written

AS_OF = datetime(2026, 4, 15)
LEADS = """lead id,stage,changed at
L1,New,2026-01-10
L1,Closed won,2026-02-20
L2,New,2026-02-11
L2,Closed won,2026-03-20
L3,New,2026-03-12
"""
TOUCHES = """lead id,touched at,channel
L1,2026-01-05,Paid search
L2,2026-02-05,Fair
L3,2026-03-05,paid-search
"""
COSTS = """month,Channel,Spend
2026-01,paid search,100
2026-02,Paid Search,50
2026-02,Fair,800.50
2026-03,Radio,70
2026-05,Fair,999
"""


def opened(tmp_path: Path, costs: str = COSTS, overrides: MappingOverrides | None = None, **named: str) -> DataSet:
    paths = written(tmp_path, leads=LEADS, touches=TOUCHES, costs=costs, **named)
    return funnel.open(*paths, overrides=overrides, as_of=AS_OF)


def asked(data_set: DataSet, start: date | None = None, end: date | None = None) -> Credit:
    question = Question(data_set.as_recorded(), filters=Filters(start_from=start, start_to=end))
    return data_set.ask(credit, question, None, ("first",))


def costs(found: Credit) -> dict[str, float | None]:
    return {each.channel: each.cost for each in found.channels}


def test_costs_of_months_stand_beside_the_credit(tmp_path: Path) -> None:
    with opened(tmp_path) as data_set:
        found = asked(data_set)
        # What is spent in May has not been spent by the file's last day.
        assert costs(found) == {"Paid search": 150, "Fair": 800.5}
        assert found.cost_each("Fair", CreditRule.FIRST) == 800.5
        assert Note("measures.credit_cost_table") in found.notes
        assert Note("touches.costs_elsewhere", {"channels": ["Radio"]}) in found.notes
        file = next(file for file in data_set.files if file.name == "costs.csv")
        assert (file.rows_read, file.rows_used, file.rows_rejected, file.rows_ignored) == (5, 5, 0, 0)


def test_dates_choose_whole_months(tmp_path: Path) -> None:
    with opened(tmp_path) as data_set:
        assert costs(asked(data_set, date(2026, 2, 11), date(2026, 2, 28)))["Fair"] == 800.5
        assert costs(asked(data_set, date(2026, 2, 11), date(2026, 2, 28)))["Paid search"] == 50
        assert costs(asked(data_set, date(2026, 3, 1), date(2026, 3, 31)))["Paid search"] is None


def test_what_cannot_be_read_is_rejected(tmp_path: Path) -> None:
    text = COSTS + "2026-03,Fair,much\nsoon,Fair,5\n"
    with opened(tmp_path, text) as data_set:
        assert costs(asked(data_set))["Fair"] == 800.5
        file = next(file for file in data_set.files if file.name == "costs.csv")
        assert (file.rows_used, file.rows_rejected) == (5, 2)
        assert sorted(data_set.rejects()["value"]) == ["much", "soon"]


def test_channels_go_by_the_names_they_were_given(tmp_path: Path) -> None:
    said = MappingOverrides(channels=(("Paid search", "Ads"), ("Fair", "-")))
    with opened(tmp_path, overrides=said) as data_set:
        assert costs(asked(data_set)) == {"Ads": 150}
        file = next(file for file in data_set.files if file.name == "costs.csv")
        assert (file.rows_used, file.rows_ignored) == (3, 2)


@pytest.mark.parametrize("touches", [True, False])
def test_a_table_of_costs_alone_is_no_touches(tmp_path: Path, touches: bool) -> None:
    paths = written(tmp_path, leads=LEADS, costs=COSTS, **({"touches": TOUCHES} if touches else {}))
    if touches:
        with funnel.open(paths[0], touches=paths[1:], as_of=AS_OF) as data_set:
            assert costs(asked(data_set)) == {"Paid search": 150, "Fair": 800.5}
        return
    with funnel.open(*paths, as_of=AS_OF) as data_set:
        assert data_set.touches is None


def test_of_leads_by_the_day_they_closed_costs_are_those_of_these_days(tmp_path: Path) -> None:
    with opened(tmp_path) as data_set:
        closed = closed_within(date(2026, 2, 1), date(2026, 2, 28))
        question = Question(data_set.as_recorded(), filters=Filters(where=(closed,)))
        assert costs(data_set.ask(credit, question, None, ("first",))) == {"Paid search": 50, "Fair": 800.5}


def test_costs_of_days_are_cut_at_the_day(tmp_path: Path) -> None:
    text = "day,channel,cost\n2026-02-10,Fair,1\n2026-02-11,Fair,10\n2026-02-12,Fair,100\n"
    with opened(tmp_path, text) as data_set:
        assert costs(asked(data_set, date(2026, 2, 11), date(2026, 2, 28)))["Fair"] == 110


def test_what_stands_there_twice_is_added_up_and_said(tmp_path: Path) -> None:
    with opened(tmp_path, COSTS + "2026-02,Fair,1\n") as data_set:
        found = asked(data_set)
        assert costs(found)["Fair"] == 801.5
        assert Note("touches.costs_twice", {"n": 1}) in found.notes


SEVERAL = (
    "month,channel,cost,currency\n2026-02,Fair,1,EUR\n",
    "month,channel,cost\n2026-02,Fair,€1\n2026-03,Fair,$2\n",
)


@pytest.mark.parametrize("text", SEVERAL)
def test_costs_of_several_currencies_are_never_added(tmp_path: Path, text: str) -> None:
    with opened(tmp_path, text) as data_set:
        assert data_set.touches is not None
        assert not data_set.touches.cost_table


def test_a_cost_below_nothing_counts_nowhere_and_is_said(tmp_path: Path) -> None:
    more = COSTS + "2026-02,Fair,-300\n"
    with opened(tmp_path, more) as data_set:
        assert costs(asked(data_set)) == {"Paid search": 150, "Fair": 800.5}
        rejects = data_set.rejects()
        told = rejects[["column_name", "value", "reason", "whole_line"]].values.tolist()
        assert told == [["Spend", "-300", "a cost below 0: it counts nowhere", True]]
        (count,) = [each for each in data_set.files if each.name == "costs.csv"]
        assert (count.rows_read, count.rows_rejected) == (6, 1)


def test_a_touch_whose_cost_is_below_nothing_counts_without_it(tmp_path: Path) -> None:
    lines = TOUCHES.replace("channel\n", "channel,cost\n").replace("Paid search\n", "Paid search,-20\n")
    lines = lines.replace("Fair\n", "Fair,30\n").replace("paid-search\n", "paid-search,5\n")
    paths = written(tmp_path, leads=LEADS, touches=lines)
    with funnel.open(*paths, as_of=AS_OF) as data_set:
        found = asked(data_set)
        assert costs(found) == {"Paid search": 5, "Fair": 30}
        # The touch itself counts: it has the credit of the first win.
        assert {each.channel: each.leads for each in found.channels} == {"Paid search": 2, "Fair": 1}
        told = data_set.rejects()[["value", "reason", "whole_line"]].values.tolist()
        assert told == [["-20", "a cost below 0: it counts nowhere", False]]


def test_by_account_all_touches_of_the_counted_accounts_cost(tmp_path: Path) -> None:
    leads = """deal id,company,stage,changed at
L1,Acme,New,2026-01-10
L1,Acme,Closed won,2026-02-20
L2,Acme,New,2026-02-11
L3,Borg,New,2026-03-12
"""
    touches = """deal id,touched at,channel,cost
L1,2026-01-05,Fair,10
L2,2026-02-05,Fair,100
L3,2026-03-05,Fair,1000
"""
    with funnel.open(*written(tmp_path, leads=leads, touches=touches), as_of=AS_OF) as data_set:
        january = Filters(start_from=date(2026, 1, 1), start_to=date(2026, 1, 31))
        question = Question(data_set.as_recorded(), filters=january)
        by_lead, by_account = (
            costs(data_set.ask(credit, question, None, ("first",), unit)) for unit in (Unit.LEAD, Unit.ACCOUNT)
        )
    # Of the leads L1 alone is counted. Its account was touched on L2, too; Borg was not counted.
    assert (by_lead, by_account) == ({"Fair": 10}, {"Fair": 110})
