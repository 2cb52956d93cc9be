"""The Pipeline page and its tabs, through pages/main.py, without a browser."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.apps import MOVES, below, metrics, opened, titles, turned, uploaded
from tests.pictures import pictures
from tests.thorough import every, thorough

pytestmark = pytest.mark.usefixtures("opened_once")
# Of thirty, number i went on from New after i days; ten wait there.
FIRST = date(2025, 1, 1)
MANY = "lead_id,stage,changed_at,region,owner,amount\n" + "".join(
    f"L-{number},New,{FIRST},East,=Eva,100\nL-{number},Qualified,{FIRST + timedelta(days=number)},East,=Eva,100\n"
    for number in range(1, 31)
)
MANY += "".join(f"W-{days},New,{date(2025, 3, 1) - timedelta(days=days)},West,Max,50\n" for days in range(5, 55, 5))
MANY += "T-1,New,2025-02-28,,,\nT-1,Closed lost,2025-03-01,,,\n"


def timed(content: bytes = MANY.encode(), page: str = "stages", **query: str | list[str]) -> AppTest:
    """The tab "Time in stage", or another, after an upload."""
    at = uploaded(content, page=page, **query)
    assert not at.exception
    return at


def sampled(shape: str, page: str = "stages", **query: str | list[str]) -> AppTest:
    """The tab "Time in stage", or another, on the bundled sample."""
    at = opened(page, sample=shape, **query)
    assert not at.exception
    return at


def plain(text: str) -> str:
    """The text without what keeps Markdown from reading it."""
    return text.replace("\\", "").replace("\u2060", "")


def captions(at: AppTest) -> list[str]:
    return [plain(caption.value) for caption in below(at).caption]


def title(at: AppTest) -> str:
    (only,) = titles(at)
    return plain(only)


def headers(at: AppTest) -> list[str]:
    return [plain(header.value) for header in below(at).header]


def slowest(at: AppTest) -> str:
    """What the tab "Time in stage" says first."""
    return headers(at)[0]


def charts(at: AppTest) -> int:
    return len(pictures(below(at)))


def test_the_title_says_how_many_are_stalled_and_each_tab_one_thing_more() -> None:
    at = timed(page="pipeline")
    assert title(at) == "6 of 40 leads still open are stalled"
    assert captions(at)[0] == "CRM stages · observed until 1 Mar 2025"
    assert headers(at) == ["Deals to follow up", "Open leads: on track, stalled, long stalled", "Sales velocity"]
    assert charts(at) == 1
    at.segmented_control(key="pipeline_tab").set_value("months").run()
    assert headers(at) == ["Pipeline by month: new, decided, open"]
    assert charts(at) == 1
    at.segmented_control(key="pipeline_tab").set_value("stages").run()
    assert headers(at) == ["No stage stands out by its waiting", "Time in stage"]
    assert "CRM stages · 41 leads · observed until 1 Mar 2025" in captions(at)
    # Stages, one curve, one histogram.
    assert charts(at) == 3
    turned(at, "convert")
    assert headers(at) == ["Time to convert, step by step"]
    assert charts(at) == 1


def bottleneck(at: AppTest) -> str:
    (said,) = [plain(markdown.value) for markdown in below(at).markdown if "Bottleneck" in markdown.value]
    return said


@thorough
def test_the_bottleneck_is_told_with_its_counts() -> None:
    # Nobody has left Qualified, so that there is nothing to set New against.
    assert "So far leads have left only New" in bottleneck(timed())
    left = "".join(f"L-{number},Closed lost,2025-02-28,East,=Eva,100\n" for number in range(1, 31))
    at = timed((MANY + left).encode())
    # Qualified: 58 days less 1 to 30, thirty times. New: 465 days of those who went on, 275 of the ten, 1 of the lost.
    assert slowest(at) == "Most waiting: Qualified, 63% of all days waited"
    assert bottleneck(at) == (
        "**Bottleneck.** Most waiting: Qualified, with 1,275 of the 2,016 days that all leads together waited."
        " Largest drop-off: Qualified, where 30 of the 31 lost for good stood last, wherever they had been before."
    )


@thorough
def test_the_funnel_page_says_the_same() -> None:
    at = opened("funnel", sample="history", model="Standard B2B", rule="Went through every stage in order")
    assert not at.exception
    told = bottleneck(at)
    assert "Most waiting: Qualification" in told
    turned(at, "stages")
    assert bottleneck(at) == told


@thorough
def test_the_sample_is_told_in_words_and_numbers() -> None:
    at = sampled("history", model="Standard B2B")
    assert title(at) == "484 of 1,482 leads still open are stalled"
    assert slowest(at) == "Most waiting: Qualification, 37% of all days waited"
    assert any("Without Retention and development" in caption for caption in captions(at))
    assert metrics(turned(at, "pipeline")) == {}
    at.segmented_control(key="pipeline_tab").set_value("age").run()
    assert metrics(at) == {
        "Sales velocity / month": "€554.3K",
        "Open leads": "1,482",
        "Win rate of closed deals": "10%",
        "Average deal size": "€29.8K",
        "Average sales cycle": "8 months",
    }
    assert any("the open leads will do as well, and as fast, as those decided" in caption for caption in captions(at))
    assert any("about 1,420 leads should be open; 1,482 are" in caption for caption in captions(at))


def test_stalled_leads_are_a_list_to_work_through() -> None:
    at = timed(page="pipeline")
    assert any("6 of 10 leads open are stalled (slower than 75%" in caption for caption in captions(at))
    tables = [frame.value for frame in below(at).dataframe]
    (stuck,) = [frame for frame in tables if "Slower than % of deals" in frame.columns]
    # Of 1 to 30 days, three quarters are 22.75: those who wait 25 to 50 days, the longest first.
    assert list(stuck["Lead"]) == ["W-50", "W-45", "W-40", "W-35", "W-30", "W-25"]
    assert list(stuck.columns)[:6] == ["Lead", "owner", "Amount", "Stage", "Days in stage", "Slower than % of deals"]
    assert list(stuck["Days in stage"]) == [50, 45, 40, 35, 30, 25]
    at.pills(key="stalled_part").set_value("long").run()
    assert not at.exception
    (longest,) = [frame.value for frame in below(at).dataframe if "Slower than % of deals" in frame.value.columns]
    # Nine tenths are 27.1 days.
    assert list(longest["Lead"]) == ["W-50", "W-45", "W-40", "W-35", "W-30"]
    assert "5 leads slower than 90% of the visits that moved on." in captions(at)


def test_open_leads_are_followed_up_by_owner_and_by_value() -> None:
    at = timed(page="pipeline")
    at.pills(key="stalled_part").set_value("all")
    at.selectbox(key="stalled_owner").set_value("Max").run()
    assert "10 leads still open." in captions(at)
    at.selectbox(key="stalled_owner").set_value("=Eva")
    at.selectbox(key="stalled_sort").set_value("days").run()
    assert "30 leads still open." in captions(at)
    at.selectbox(key="stalled_owner").set_value(None)
    at.selectbox(key="stalled_sort").set_value("amount").run()
    assert not at.exception
    (every_one,) = [frame.value for frame in below(at).dataframe if "Lead" in frame.value.columns]
    # The thirty at Qualified are worth 100 each, the ten at New 50; the lead that waits longest there went on first.
    assert list(every_one["Lead"][:2]) == ["L-1", "L-2"]
    assert list(every_one["Lead"][30:32]) == ["W-50", "W-45"]
    assert len(every_one) == 40


def test_a_closer_look_at_another_stage_in_other_bins() -> None:
    at = timed()
    box = next(box for box in below(at).selectbox if box.key.startswith("at_stage"))
    box.set_value(0).run()
    assert not at.exception
    assert any(caption.startswith("New: 41 visits, 10 in stage now.") for caption in captions(at))
    bins = next(pills for pills in below(at).pills if pills.key.startswith("bins_New"))
    bins.set_value("week").run()
    assert not at.exception
    assert any("2 to under 3 weeks: 7 completed, 2 in stage now" in caption for caption in captions(at))


def test_the_same_by_an_attribute() -> None:
    at = timed(time_by="region")
    # Stages, curve, histogram, by region.
    assert charts(at) == 4
    at = timed(time_by="nothing")
    assert charts(at) == 3


def test_dates_and_filters_are_those_of_the_strip() -> None:
    at = timed(filter=["region"], where_region=["West"])
    assert title(at) == "10 leads still open; which are stalled cannot be told"
    assert captions(at)[0] == "CRM stages · region: West · observed until 1 Mar 2025"
    assert "CRM stages · 10 leads · region: West · observed until 1 Mar 2025" in captions(at)
    assert slowest(at) == "No stage that any lead has left"
    at = timed(page="pipeline", started=["2025-02-01", "2025-02-28"])
    assert any("Dates are chosen at the top" in caption for caption in captions(at))
    assert not any("Little" in caption for caption in captions(at))


def test_too_few_that_moved_on_are_said_and_nobody_is_stalled() -> None:
    at = timed(MOVES, page="pipeline")
    assert title(at) == "2 leads still open; which are stalled cannot be told"
    assert any("too few have moved on to say what is usual" in caption for caption in captions(at))
    assert not [frame for frame in below(at).dataframe if "Slower than % of deals" in frame.value.columns]
    assert not [pills for pills in below(at).pills if pills.key == "stalled_part"]
    # Who is open is listed all the same, the longest first.
    assert "2 leads still open." in captions(at)
    (waiting,) = [
        frame.value
        for frame in below(at).dataframe
        if "Days in stage" in frame.value.columns and "Lead" in frame.value.columns
    ]
    assert list(waiting["Lead"]) == ["C-3", "D-4"]


@thorough
def test_a_snapshot_says_what_it_cannot_tell() -> None:
    at = sampled("snapshot")
    assert title(at) == "1,482 leads still open; which are stalled cannot be told"
    assert slowest(at) == "Time in stage cannot be told"
    assert [plain(info.value) for info in below(at).info] == [
        "This file says only where each lead stands now, not when it came to the stages before,"
        " so time in stage and time to convert cannot be told."
    ]
    assert charts(at) == 0
    at.segmented_control(key="pipeline_tab").set_value("months").run()
    assert charts(at) == 1
    at.segmented_control(key="pipeline_tab").set_value("age").run()
    (ages,) = [frame.value for frame in below(at).dataframe if "Median days so far" in frame.value.columns]
    assert list(ages["Open"]) == [112, 241, 298, 286, 237, 163, 145]
    assert metrics(at)["Open leads"] == "1,482"


def test_a_snapshot_that_does_not_say_since_when_tells_no_ages() -> None:
    rows = b"id,stage,created,closed,status\n" + b"".join(
        b"%d,%s,2025-01-%02d,%s,%s\n" % (n, stage, n, closed, status)
        for n, stage, closed, status in (
            (1, b"New", b"", b"open"), (2, b"Demo", b"2025-02-01", b"won"), (3, b"Demo", b"", b"open"), (4, b"New", b"2025-02-03", b"lost"),
        )
    )  # fmt: skip
    at = timed(rows, page="pipeline")
    assert any("does not say since when they stand where they stand" in caption for caption in captions(at))
    assert not [frame for frame in below(at).dataframe if "Median days so far" in frame.value.columns]


@thorough
def test_a_wide_file_says_what_it_shows_only_in_part() -> None:
    at = sampled("wide")
    assert any("one date a stage, so second visits show only in part" in caption for caption in captions(at))
    assert charts(at) == 3


def test_a_file_without_dates_says_so() -> None:
    at = timed(b"lead,stage\n1,New\n2,Demo\n3,Closed won\n")
    assert title(at) == "No time can be told"
    assert len(below(at).info) == 1
    assert charts(at) == 0


def test_filters_that_leave_nobody_show_the_way_out() -> None:
    at = timed(started=["2025-02-25", "2025-02-26"])
    assert title(at) == "No lead is counted here"
    assert [button.key for button in below(at).button] == ["clear_filters"]


def test_text_of_a_file_is_shown_never_obeyed() -> None:
    label = "![x](http://evil.example/a.png)<b>"
    at = timed(MANY.replace("New", label).encode())
    places = [*below(at).markdown, *below(at).caption, *below(at).title, *below(at).header, *below(at).info]
    assert not [place.value for place in places if "![" in place.value or "http://" in place.value]
    # The label of a box is read as Markdown as well.
    stage = next(box for box in below(at).selectbox if box.label == "A closer look at")
    stage.set_value(next(place for place, option in enumerate(stage.options) if option == label)).run()
    assert not at.exception
    boxes = [box.label for box in below(at).selectbox]
    assert any(box.startswith("Time at") and "evil" in box for box in boxes)
    assert not [box for box in boxes if "![" in box or "http://" in box]
    assert all("<b>Q" not in chart and label not in chart for chart in pictures(below(at)))


@pytest.mark.parametrize(
    "query", every(3, [{"time_by": "'; DROP TABLE leads; --"}, {"model": "../x"}, {"rule": "nobody"}])
)
def test_an_address_that_makes_no_sense_shows_the_usual(query: dict[str, str]) -> None:
    assert charts(timed(**query)) == 3


@thorough
def test_an_account_based_model_is_timed_by_lead() -> None:
    at = sampled("history", model="Account-based")
    assert any("by lead, since it is leads that wait" in caption for caption in captions(at))
    assert slowest(at) == "Most waiting: Engaged, 69% of all days waited"
