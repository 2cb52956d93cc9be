"""The Segments page, the tab "What changed" of the funnel and the planner, through pages/main.py, without a browser."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.apps import below, choose, opened, uploaded
from tests.pages.test_pages_pipeline import captions, charts, headers, plain, title
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
FIRST = date(2024, 1, 1)


def lead(number: int, channel: str, start: date, won_after: int | None) -> str:
    lines = f"{channel}-{number},New,{start},{channel}\n"
    if won_after is not None:
        lines += f"{channel}-{number},Closed won,{start + timedelta(days=won_after)},{channel}\n"
    return lines


# 30 of 60 leads of Web are won after 10 days, 6 of 60 of Fair; then 40 of 40 young ones of Web are open so far.
TWO = "lead_id,stage,changed_at,channel\n"
TWO += "".join(lead(n, "Web", FIRST + timedelta(days=n), 10 if n % 2 else None) for n in range(60))
TWO += "".join(lead(n, "Fair", FIRST + timedelta(days=n), 10 if n % 10 == 0 else None) for n in range(60))
TWO += "".join(lead(n, "Web", FIRST + timedelta(days=200), None) for n in range(60, 100))
TWO += f"end,New,{FIRST + timedelta(days=205)},\n"
HAND = "two groups made by hand"


def segmented(content: bytes = TWO.encode(), page: str = "segments", **query: str | list[str]) -> AppTest:
    """The Segments page, or a tab of another, after an upload."""
    at = uploaded(content, page=page, **query)
    assert not at.exception
    return at


def said(at: AppTest) -> list[str]:
    return [plain(markdown.value) for markdown in below(at).markdown]


def table_of(at: AppTest, header: str):  # type: ignore[no-untyped-def]
    (found,) = [frame.value for frame in below(at).dataframe if header in frame.value.columns]
    return found


def test_groups_are_compared_at_equal_age_and_so_far() -> None:
    at = segmented()
    # By day 90 only the old ones count: 30 of 60 against 6 of 60.
    assert title(at) == "channel: Web converts clearly better (50%), Fair clearly worse (10%)"
    assert captions(at)[0] == "161 leads · CRM stages · within 90 days, of the 120 watched that long · 30% are won"
    assert any(each.startswith("Web: 50% (30 of 60), all others 10% (6 of 60): 40 points more") for each in said(at))
    at.segmented_control(key="age").set_value("far").run()
    assert not at.exception
    # So far the young ones pull Web down, so it is not said to be better or worse.
    assert title(at) == "By channel, to date: leads of different ages, so no verdict"
    assert any(each.startswith("Older leads have had more time") for each in said(at))
    assert not any("more (" in each for each in said(at))
    assert "to date · 22% are won" in captions(at)[0]


def test_a_day_that_only_the_oldest_reached() -> None:
    at = segmented()
    at.slider(key="h").set_value(200).run()
    assert not at.exception
    # Twelve leads started in the first six days: too few on either side for more than counts.
    assert title(at) == "Samples too small to compare: fewer than 20 leads a group"
    assert "within 200 days, of the 12 watched that long" in captions(at)[0]
    assert "%" not in captions(at)[0]
    assert any("Sample too small: fewer than 20 leads on a side." in each for each in said(at))


def test_the_table_is_there_with_counts_and_verdicts() -> None:
    at = segmented()
    choose(at, "segments_forest", "view", "table")
    assert not at.exception
    table = table_of(at, "Verdict").set_index("Group")
    assert list(table.loc["Web", ["Leads", "Converted", "% converted", "Others, converted", "Verdict"]]) == [
        100, 30, 50.0, 6, "above average",
    ]  # fmt: skip
    # The one that costs most leads stands first: 24 fewer than at half of 60.
    assert list(table["Leads gained (lost)"])[:2] == [-24.0, 24.0]


def test_two_groups_by_hand_need_conditions_and_get_a_verdict() -> None:
    at = segmented(by_column=HAND)
    assert title(at) == "Two groups made by hand"
    assert charts(at) == 0
    at.text_input(key="a_name").set_value("Fairs").run()
    for letter, channel in (("a", "Fair"), ("b", "Web")):
        at.multiselect(key=f"{letter}_filter").set_value(["channel"]).run()
        at.multiselect(key=f"{letter}_where_channel").set_value([channel]).run()
    assert not at.exception
    assert title(at) == "B converts clearly better than Fairs: 50% against 10%"
    assert any("Fairs: 10% (6 of 60), B 50% (30 of 60): 40 points less" in each for each in said(at))
    assert any(
        caption.startswith("Taken as a bet: B is really the better one with a chance of 99.9%;")
        for caption in captions(at)
    )
    # The table tells the step as well, as the chart does.
    choose(at, "segments_forest", "view", "table")
    table = table_of(at, "Verdict")
    assert list(table["Step"]) == ["overall", "New → Closed won"]
    assert list(table["Converted"]) == [6, 6]
    assert list(table["Others, converted"]) == [30, 30]


def test_leads_of_both_groups_count_in_neither() -> None:
    at = segmented(
        by_column=HAND, a_filter="channel", a_where_channel=["Web"], b_filter="channel", b_where_channel=["Web", "Fair"]
    )
    assert "100 leads belong to both groups and count in neither" in captions(at)[0]
    assert title(at) == "All of A are in B: nothing left to compare"
    # The funnels follow the same rule: none of A, and of B what is not in A.
    at.segmented_control(key="segments_tab").set_value("funnels").run()
    choose(at, "group_funnels", "view", "table")
    assert list(table_of(at, "Cumulative conversion")["Leads"]) == [0, 0, 60, 6]


def test_the_same_conditions_twice_are_no_comparison() -> None:
    at = segmented(by_column=HAND, a_filter="channel", a_where_channel="Web", b_filter="channel", b_where_channel="Web")
    assert [plain(info.value) for info in below(at).info] == [
        "The two groups are the same leads. Give them different conditions."
    ]


@thorough
def test_where_it_differs_most() -> None:
    at = opened("scan", sample="history", model="Standard B2B")
    assert not at.exception
    assert title(at) == "Channel: Referral converts clearly better (7.8%), Outbound clearly worse (2.8%)"
    assert "Largest difference: Channel: Outbound, 2.8% against 5.4% of all others" in headers(at)
    (told,) = [each for each in captions(at) if each.startswith("39 groups of 5 columns")]
    assert told.startswith(
        "39 groups of 5 columns, corrected for looking at all of them; differences, no proof of a cause"
    )
    assert "by account: " in told
    assert charts(at) == 1
    at.segmented_control(key="age").set_value("far").run()
    assert not at.exception
    assert "To date, leads are of different ages: nothing is compared" in headers(at)
    assert charts(at) == 0


def test_each_tab_shows_one_thing_more() -> None:
    at = segmented()
    first = "Difference to all other leads, in percentage points"
    assert headers(at) == [first, "Step conversion: where on the way they differ"]
    # Web, Fair, and the lead of neither.
    funnels = "The funnel of each group, as shares of its own first stage"
    for tab, only, drawn in (("curves", "How many are won, by age", 1), ("funnels", funnels, 3)):
        at.segmented_control(key="segments_tab").set_value(tab).run()
        assert not at.exception
        assert headers(at) == [only]
        assert charts(at) == drawn


def test_periods_at_equal_age() -> None:
    february = {"from": "2024-02-01", "to": "2024-02-29"}
    at = segmented(page="changes", compare="vs previous period", split_by="channel", **february)
    # February is number 31 to 59, January, the whole month before, 0 to 30: the odd ones of Web (15, 15) and each tenth of Fair (2, 4).
    assert any(each.startswith("No clear change: 29% are won, before 31%, within 90 days") for each in headers(at))
    sides = "1 Feb 2024 – 29 Feb 2024: 58 leads watched for 90 days, 0 younger ones left out"
    assert any(sides in each for each in captions(at))
    assert "Against 1 Jan 2024 – 31 Jan 2024" in headers(at)
    for part, more in (
        ("mix", "From 31% (19 of 62) to 29% (17 of 58): mix effect and rate effect"),
        ("chain", "What moved the number of those who are won: 19 → 17"),
    ):
        at.pills(key="change_part").set_value(part).run()
        assert not at.exception
        assert more in headers(at)
        assert charts(at) == 1


def test_periods_that_overlap_are_refused_in_words() -> None:
    february = {"from": "2024-02-01", "to": "2024-02-29"}
    overlap = ["2024-01-15", "2024-02-03"]
    at = segmented(page="changes", compare="vs other dates", compare_days=overlap, **february)
    told = {plain(info.value) for info in below(at).info}
    assert told == {"The two periods share the days from 1 Feb 2024 to 3 Feb 2024. Choose two that do not."}


def test_a_test_is_planned() -> None:
    at = segmented(page="planner", planned="A test")
    # (1.96 √(2 · 0.33 · 0.67) + 0.8416 √(0.21 + 0.2304))² / 0.06² = 962.9; with 1.2816 for 90 %: 1,288.6.
    assert headers(at)[0].startswith("30% → 36% needs 963 leads a group: about ")
    at.pills(key="power").set_value("0.9").run()
    assert headers(at)[0].startswith("30% → 36% needs 1,289 leads a group: about ")


def test_a_file_without_columns_says_what_is_missing() -> None:
    lines = "".join(f"L-{n},New,2025-01-{n % 28 + 1:02d}\n" for n in range(30))
    at = segmented(f"lead_id,stage,changed_at\n{lines}".encode())
    assert title(at) == "No column to break these leads down by"
    at = segmented(f"lead_id,stage,changed_at\n{lines}".encode(), "scan")
    assert any("no column with more than one value" in info.value for info in below(at).info)


def test_a_snapshot_compares_what_was_reached_so_far() -> None:
    rows = "".join(
        f"L-{n},{'Closed won' if n % 3 == 0 else 'Qualified'},{'East' if n % 2 else 'West'}\n" for n in range(80)
    )
    at = segmented(f"lead_id,stage,region\n{rows}".encode())
    assert not [box for box in below(at).segmented_control if box.key == "age"]
    assert title(at) == "By region, to date: leads of different ages, so no verdict"
    assert "to date" in captions(at)[0]
    for page, why in (("changes", "No lead of these has a start"), ("planner", "holds no date up to today")):
        at = segmented(f"lead_id,stage,region\n{rows}".encode(), page)
        assert any(why in info.value for info in below(at).info)
        assert not [slider for slider in at.slider if slider.key == "h"]


def test_the_text_of_a_file_is_shown_and_not_obeyed() -> None:
    evil = "**bold** [x](http://evil.example) <img src=x onerror=alert(1)>"
    content = TWO.replace(",Web\n", f',"{evil}"\n').encode()
    at = segmented(content)
    (shown,) = [each.value for each in at.title]
    assert "**bold**" not in shown
    assert "](http://evil" not in shown
    assert not any("](http://evil" in markdown.value for markdown in below(at).markdown)
