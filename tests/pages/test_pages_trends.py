"""The Trends page and the tab "Trend over time" of the funnel, through pages/main.py, without a browser."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.apps import MOVES, below, choose, opened, titles, turned, uploaded
from tests.pictures import pictures
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
# Ten leads in January, two of them won after 5 and 20 days; twelve in April, one won after 5 days. The file ends on 30 April.
LEADS = "lead_id,stage,changed_at,Amount,Currency\n" + "".join(
    [
        *(f"J-{n},New,2025-01-10,{100 * n},EUR\n" for n in range(10)),
        "J-1,Won,2025-01-15,100,EUR\nJ-2,Won,2025-01-30,200,EUR\nJ-3,Lost,2025-01-12,300,EUR\n",
        *(f"A-{n},New,2025-04-20,{10 * n},USD\n" for n in range(12)),
        "A-1,Won,2025-04-25,10,USD\nA-2,Lost,2025-04-30,20,USD\n",
    ]
)


def cohorts(content: bytes = LEADS.encode(), **query: str | list[str]) -> AppTest:
    """The Trends page after an upload."""
    at = uploaded(content, page="trends", **query)
    assert not at.exception
    return at


def sampled(shape: str, page: str = "trends", model: str = "Standard B2B") -> AppTest:
    """The Trends page, or the tab of the funnel, on the bundled sample."""
    at = opened(page, sample=shape, model=model)
    assert not at.exception
    return at


def figures(at: AppTest) -> dict[str, tuple[str, str]]:
    return {metric.label: (metric.value, metric.delta) for metric in below(at).metric}


def table(at: AppTest, key: str) -> list[dict[str, object]]:
    before = len(at.dataframe)
    choose(at, key, "view", "table")
    assert len(at.dataframe) == before + 1
    return next(each.value for each in at.dataframe if HEADS[key] in each.value).to_dict("records")


HEADS = {"cohort_by_start": "Final at least, %", "cohorts": "Stage", "funnel": "Value"}


def texts(at: AppTest) -> str:
    """Everything that the chart of the page says."""
    (chart,) = pictures(below(at))
    return json.dumps(json.loads(chart), ensure_ascii=False)


def headers(at: AppTest) -> list[str]:
    return [each.value for each in below(at).header]


def tab(at: AppTest, name: str) -> AppTest:
    at.segmented_control(key="trends_tab").set_value(name).run()
    assert not at.exception
    return at


def test_the_rate_over_time_and_three_more_tabs() -> None:
    at = cohorts()
    # One is lost on day 2, two are won on day 5, one is lost on day 10, where ten were seen last; one of the other eight is won on
    # day 20: 2 / 22 + 18 / 22 × 1 / 8.
    assert titles(at) == ["An estimated 19% of leads are won within 30 days (6.2%–47%)"]
    first = "How many are won within 30 days, by week of entry"
    steps = "Each step over time: of those at a stage, how many were at the next within 30 days of arriving"
    for name, only in (
        ("trend", first),
        ("heat", "How far each cohort got within 30 days"),
        ("ages", "How many are won, by age: one curve for each cohort"),
        ("each_step", steps),
    ):
        assert headers(tab(at, name)) == [only]
        assert len(pictures(below(at))) == 1
    # The funnel has the rate under a tab, and the way to the steps.
    assert headers(turned(at, "trend")) == [first]
    assert len(pictures(below(at))) == 1
    (way,) = [link for link in below(at).get("page_link") if link.proto.label == "Each step over time"]
    assert way.proto.query_string == "trends_tab=Each+step"


def test_the_day_moves_title_and_rates() -> None:
    at = cohorts(period="Month")
    at.slider(key="h").set_value(7).run()
    assert not at.exception
    # Within 7 days: J-1 and A-1; A-2 was lost on day 10, J-3 on day 2. 2 / 22 with everybody watched.
    assert titles(at) == ["An estimated 9.1% of leads are won within 7 days (2.5%–28%)"]
    rows = {row["Cohort"]: row for row in table(at, "cohort_by_start")}
    assert rows["Jan 2025"]["Mature"] == 10
    # Ten and twelve leads have counts, and no percentage; all 22 together have one.
    assert rows["Jan 2025"]["% within the days, estimated"] != rows["Jan 2025"]["% within the days, estimated"]
    assert rows["All"]["% within the days, estimated"] == 9.1


def test_a_cohort_that_is_too_young_is_not_judged() -> None:
    at = cohorts(period="Month")
    at.slider(key="h").set_value(45).run()
    rows = {row["Cohort"]: row for row in table(at, "cohort_by_start")}
    assert rows["Apr 2025"]["Mature"] == 0
    # 3 of all 22 are won so far, 17 are open.
    assert (rows["All"]["Final at least, %"], rows["All"]["Final at most, %"]) == (13.6, 90.9)
    tab(at, "heat").selectbox(key="cohort_month").set_value("2025-04-01").run()
    shown = figures(at)
    assert shown["New leads"] == ("12", "1 won, 1 lost, 10 open")
    assert shown["Within 45 days, estimated"] == ("too early", "0 of 12 mature")
    assert shown["Within 45 days, mature only"] == ("too early", "0 of 0 by then")
    # Fewer than twenty leads: counts, no percentages.
    assert shown["Possible final range"] == ("1 to 11 of 12", "1 so far, 10 open, 1 ended without")
    assert "0 of 12 mature" in texts(at)


@thorough
def test_another_target() -> None:
    # The stage Won is the win, so it is offered once.
    assert cohorts().selectbox(key="goal").options == ["Won"]
    at = sampled("history")
    at.selectbox(key="goal").set_value("qualification").run()
    assert not at.exception
    assert titles(at) == ["An estimated 58% of leads reach Qualification within 180 days (57%–59%)"]


def test_where_nobody_is_won_the_last_stage_is_looked_at() -> None:
    lines = MOVES.replace(b"A-1,Closed won,2025-02-01,East,=1+1\n", b"")
    at = cohorts(lines, period="Quarter")
    assert at.selectbox(key="goal").value != "won"
    assert "reach Qualified" in titles(at)[0]


def test_money_in_one_currency_at_a_time() -> None:
    at = tab(cohorts(period="Month"), "heat")
    at.segmented_control(key="heads").set_value("money").run()
    assert not at.exception
    assert at.selectbox(key="currency").options == ["USD", "EUR"]
    rows = table(at, "cohorts")
    assert {(row["Cohort"], row["Currency"], row["Stage"], row["Amount"]) for row in rows} == {
        ("Jan 2025", "EUR", "New", 4500.0),
        ("Jan 2025", "EUR", "Won", 300.0),
        ("Apr 2025", "USD", "New", 660.0),
        ("Apr 2025", "USD", "Won", 10.0),
    }


def test_the_funnel_is_shown_in_money_too() -> None:
    at = uploaded(LEADS.encode(), heads="Money")
    assert not at.exception
    assert at.selectbox(key="currency").options == ["USD", "EUR"]
    at.selectbox(key="currency").set_value("EUR").run()
    rows = table(at, "funnel")
    assert {(row["Currency"], row["Stage"], row["Leads with an amount"], row["Value"]) for row in rows} == {
        ("USD", "New", 12, 660.0),
        ("USD", "Won", 1, 10.0),
        ("EUR", "New", 10, 4500.0),
        ("EUR", "Won", 2, 300.0),
    }
    assert any(
        "€4.5K (10 leads) at New, €300 (2 leads) at Won." in each.value.replace("\\", "") for each in at.markdown
    )
    # A file without amounts has nothing to choose.
    assert "heads" not in {each.key for each in uploaded().segmented_control}


def test_a_reload_keeps_the_choice() -> None:
    at = cohorts(period="Quarter", h="7", goal="Won")
    assert (at.pills(key="period").value, at.slider(key="h").value) == ("quarter", 7)
    assert titles(at) == ["An estimated 9.1% of leads are won within 7 days (2.5%–28%)"]


@thorough
def test_a_snapshot_has_wins_and_says_what_it_lacks() -> None:
    at = sampled("snapshot")
    assert titles(at) == ["An estimated 5% of leads are won within 180 days (4.6%–5.4%)"]
    assert any("only where each lead stands now" in info.value for info in below(at).info)
    assert "no dates" in texts(tab(at, "heat"))


@thorough
def test_a_snapshot_has_no_steps_over_time() -> None:
    first = "How many are won within 180 days, by quarter of entry"
    assert headers(tab(sampled("snapshot"), "each_step")) == []
    of_funnel = sampled("snapshot", "trend")
    assert headers(of_funnel) == [first]
    assert any("Wins are dated, so their rates are told" in info.value for info in below(of_funnel).info)
    of_history = tab(sampled("history"), "each_step")
    (only,) = headers(of_history)
    assert only.startswith("Each step")
    # Of four steps one chart: more stand in two beside each other.
    assert len(pictures(below(of_history))) == 1
    assert len(pictures(below(tab(sampled("history", model="CRM stages"), "each_step")))) == 2


@thorough
def test_a_day_that_no_cohort_has_reached_says_what_to_do() -> None:
    at = cohorts(period="Month")
    # The last of January's leads was seen on day 110, but none of the open ones beyond it.
    at.slider(key="h").set_value(110).run()
    assert not at.exception
    at = cohorts(LEADS.replace("2025-01-10", "2025-04-19").encode(), period="Month")
    at.slider(key="h").set_value(11).run()
    assert not at.exception
    assert "within 11 days" in titles(at)[0]


def test_a_file_without_dates_says_so() -> None:
    at = cohorts(b"lead_id,stage\nA,New\nB,Won\n")
    assert titles(at) == ["No cohorts"]
    assert "no date up to today" in below(at).info[0].value


def test_filters_that_leave_nobody_show_the_way_out() -> None:
    at = uploaded(MOVES)
    at.multiselect(key="filter").set_value(["Region"]).run()
    assert not at.exception
    turned(at, "trends")
    assert not at.exception
    assert titles(at) == ["1 of 4 leads are won within 30 days"]


def test_a_model_whose_leads_have_no_start_says_so() -> None:
    lines = b"lead_id,stage,changed_at\nA,New,\nB,New,\nC,Won,2025-03-01\nC,Other,2025-03-05\n"
    at = uploaded(lines)
    assert not at.exception
    turned(at, "trends")
    assert not at.exception


def test_text_of_a_file_is_shown_never_obeyed() -> None:
    label = "![x](http://evil.example/a.png)<b>"
    lines = LEADS.replace("J-5,New", f"J-5,{label},2025-01-11,1,EUR\nJ-5,New")
    at = cohorts(lines.encode(), period="Month")
    at.selectbox(key="goal").set_value(label).run()
    assert not at.exception
    boxes = [*below(at).markdown, *below(at).caption, *below(at).title, *below(at).header, *below(at).info]
    assert "evil" in titles(at)[0]
    assert not [box.value for box in boxes if "![" in box.value or "http://" in box.value]
    assert not [chart for chart in pictures(below(at)) if label in chart]
