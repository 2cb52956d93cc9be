"""The Cohorts page, through pages/main.py, without a browser."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.test_pages import MOVES, opened, titles, uploaded
from tests.pictures import pictures

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
    """The Cohorts page after an upload."""
    at = uploaded(content, page="cohorts", **query)
    assert not at.exception
    return at


def sampled(shape: str, **query: str | list[str]) -> AppTest:
    """The Cohorts page on the bundled sample."""
    at = opened("cohorts", sample=shape, **query)
    assert not at.exception
    return at


def figures(at: AppTest) -> dict[str, tuple[str, str]]:
    return {metric.label: (metric.value, metric.delta) for metric in at.main.metric}


def table(at: AppTest, key: str) -> list[dict[str, object]]:
    before = len(at.dataframe)
    at.pills(key=f"view_{key}").set_value("table").run()
    assert not at.exception
    assert len(at.dataframe) == before + 1
    return next(each.value for each in at.dataframe if HEADS[key] in each.value).to_dict("records")


HEADS = {"by_start": "At least %", "cohorts": "Stage"}


def texts(at: AppTest, place: int) -> str:
    """Everything that one chart of the page says."""
    return json.dumps(json.loads(pictures(at.main)[place]), ensure_ascii=False)


def test_three_views_a_detail_and_the_steps() -> None:
    at = cohorts()
    # One is lost on day 2, two are won on day 5, one is lost on day 10, where ten were seen last; one of the other eight is won on
    # day 20: 2 / 22 + 18 / 22 × 1 / 8.
    assert titles(at) == ["By day 30, an estimated 19% of leads are won (6.2% to 47%)"]
    assert [each.value for each in at.main.subheader] == [
        "How far each cohort got by day 30",
        "How many are won, by age: one curve for each cohort",
        "How many are won by day 30, by week of start",
        "Each step over time: of those at a stage, how many were at the next by day 30 after arriving",
    ]
    assert len(pictures(at.main)) == 4


def test_the_day_moves_title_and_rates() -> None:
    at = cohorts(period="Month")
    at.slider(key="h").set_value(7).run()
    assert not at.exception
    # By day 7: J-1 and A-1; A-2 was lost on day 10, J-3 on day 2. 2 / 22 with everybody watched.
    assert titles(at) == ["By day 7, an estimated 9.1% of leads are won (2.5% to 28%)"]
    rows = {row["Cohort"]: row for row in table(at, "by_start")}
    assert rows["Jan 2025"]["Old enough"] == 10
    # Ten and twelve leads have counts, and no percentage; all 22 together have one.
    assert rows["Jan 2025"]["% by the day, estimated"] != rows["Jan 2025"]["% by the day, estimated"]
    assert rows["All"]["% by the day, estimated"] == 9.1


def test_a_cohort_that_is_too_young_is_not_judged() -> None:
    at = cohorts(period="Month")
    at.slider(key="h").set_value(45).run()
    rows = {row["Cohort"]: row for row in table(at, "by_start")}
    assert rows["Apr 2025"]["Old enough"] == 0
    # 3 of all 22 are won so far, 17 are open.
    assert (rows["All"]["At least %"], rows["All"]["At most %"]) == (13.6, 90.9)
    at.selectbox(key="cohort_month").set_value("2025-04-01").run()
    shown = figures(at)
    assert shown["Leads started"] == ("12", "1 won, 1 lost, 10 open")
    assert shown["By day 45, estimated"] == ("not yet", "0 of 12 old enough")
    assert shown["Within 45 days, of the old enough"] == ("not yet", "0 of 0 by then")
    # Fewer than twenty leads: counts, no percentages.
    assert shown["In the end"] == ("1 to 11 of 12", "1 so far, 10 open, 1 gone")
    assert "0 of 12 old enough" in texts(at, 0)


def test_another_target() -> None:
    # The stage Won is the win, so it is offered once.
    assert cohorts().selectbox(key="to").options == ["Won"]
    at = sampled("history", model="Standard B2B")
    at.selectbox(key="to").set_value("qualification").run()
    assert not at.exception
    assert titles(at) == ["By day 180, an estimated 58% of leads reach Qualification (57% to 59%)"]


def test_where_nobody_is_won_the_last_stage_is_looked_at() -> None:
    lines = MOVES.replace(b"A-1,Closed won,2025-02-01,East,=1+1\n", b"")
    at = cohorts(lines, period="Quarter")
    assert at.selectbox(key="to").value != "won"
    assert "reach Qualified" in titles(at)[0]


def test_money_in_one_currency_at_a_time() -> None:
    at = cohorts(period="Month")
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


def test_a_reload_keeps_the_choice() -> None:
    at = cohorts(period="Quarter", h="7", to="Won")
    assert (at.pills(key="period").value, at.slider(key="h").value) == ("quarter", 7)
    assert titles(at) == ["By day 7, an estimated 9.1% of leads are won (2.5% to 28%)"]


def test_a_snapshot_has_wins_and_says_what_it_lacks() -> None:
    at = sampled("snapshot", model="Standard B2B")
    assert titles(at) == ["By day 180, an estimated 5% of leads are won (4.6% to 5.4%)"]
    assert any("only where each lead stands now" in info.value for info in at.main.info)
    assert "no dates" in texts(at, 0)


def test_a_snapshot_has_no_steps_over_time() -> None:
    at = sampled("snapshot", model="Standard B2B")
    assert not [each.value for each in at.main.subheader if each.value.startswith("Each step")]
    assert [each.value for each in sampled("history").main.subheader if each.value.startswith("Each step")]


def test_a_day_that_no_cohort_has_reached_says_what_to_do() -> None:
    at = cohorts(period="Month")
    # The last of January's leads was seen on day 110, but none of the open ones beyond it.
    at.slider(key="h").set_value(110).run()
    assert not at.exception
    at = cohorts(LEADS.replace("2025-01-10", "2025-04-19").encode(), period="Month")
    at.slider(key="h").set_value(11).run()
    assert not at.exception
    assert titles(at)[0].startswith("By day 11")


def test_a_file_without_dates_says_so() -> None:
    at = cohorts(b"lead_id,stage\nA,New\nB,Won\n")
    assert titles(at) == ["No cohorts"]
    assert "no date up to today" in at.main.info[0].value


def test_filters_that_leave_nobody_show_the_way_out() -> None:
    at = uploaded(MOVES)
    at.multiselect(key="filter").set_value(["Region"]).run()
    assert not at.exception
    at.switch_page("cohorts_page.py").run()
    assert not at.exception
    assert titles(at)[0].startswith("By day")


def test_a_model_whose_leads_have_no_start_says_so() -> None:
    lines = b"lead_id,stage,changed_at\nA,New,\nB,New,\nC,Won,2025-03-01\nC,Other,2025-03-05\n"
    at = uploaded(lines)
    assert not at.exception
    at.switch_page("cohorts_page.py").run()
    assert not at.exception


def test_text_of_a_file_is_shown_never_obeyed() -> None:
    label = "![x](http://evil.example/a.png)<b>"
    lines = LEADS.replace("J-5,New", f"J-5,{label},2025-01-11,1,EUR\nJ-5,New")
    at = cohorts(lines.encode(), period="Month")
    at.selectbox(key="to").set_value(label).run()
    assert not at.exception
    boxes = [*at.main.markdown, *at.main.caption, *at.main.title, *at.main.subheader, *at.main.info]
    assert "evil" in titles(at)[0]
    assert not [box.value for box in boxes if "![" in box.value or "http://" in box.value]
    assert not [chart for chart in pictures(at.main) if label in chart]
