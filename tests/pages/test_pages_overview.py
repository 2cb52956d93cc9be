"""The Overview, through pages/main.py, without a browser."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.apps import below, metrics, opened, turned, uploaded
from tests.pages.test_pages_pipeline import captions, headers, plain, title
from tests.pictures import pictures
from tests.thorough import thorough

pytestmark = pytest.mark.usefixtures("opened_once")
LABELS = ["New leads", "Won within 180 days", "Median time to win", "Open leads", "Sales velocity / month"]


def month(name: str, first: date, leads: int, won: int, region: str = "East") -> str:
    """Leads that start on days of one month; the first of them are won ten days later."""
    lines = ""
    for number in range(leads):
        start = first + timedelta(days=number % 28)
        lines += f"{name}-{number},New,{start},{region}\n"
        if number < won:
            lines += f"{name}-{number},Closed won,{start + timedelta(days=10)},{region}\n"
    return lines


# 24 leads of January, 6 of them won; 30 of February, 24 of them won; a last day long after.
MONTHS = "lead_id,stage,changed_at,region\n"
MONTHS += month("J", date(2024, 1, 1), 24, 6) + month("F", date(2024, 2, 1), 30, 24)
MONTHS += f"Z,New,{date(2024, 12, 31)},West\n"
FEBRUARY = {"from": "2024-02-01", "to": "2024-02-29"}


def overview(content: str = MONTHS, name: str = "months.csv", **query: str | list[str]) -> AppTest:
    """The Overview after an upload."""
    at = uploaded(content.encode(), name, page="overview", **query)
    assert not at.exception
    return at


def told(at: AppTest) -> dict[str, str]:
    """What stands under each figure."""
    return {metric.label: metric.delta for metric in below(at).metric}


def said(at: AppTest) -> list[str]:
    return [plain(markdown.value) for markdown in below(at).markdown]


def ways_on(at: AppTest) -> list[str]:
    return [link.proto.label for link in below(at).get("page_link")]


def test_it_opens_first_with_five_figures_the_funnel_and_what_to_do() -> None:
    at = overview()
    assert title(at) == "30 of 55 leads won (55%) · entered Jan 2024 – Dec 2024"
    assert list(metrics(at)) == LABELS
    assert metrics(at)["New leads"] == "55"
    assert metrics(at)["Median time to win"] == "10 days"
    assert metrics(at)["Open leads"] == "25"
    assert headers(at) == ["What changed", "Deals to follow up"]
    assert len(pictures(below(at))) == 1
    assert ways_on(at) == ["Open the funnel", "Open the list"]
    # Nothing is compared with until something is chosen.
    assert not [delta for delta in told(at).values() if "before" in delta]


def test_a_comparison_says_each_figure_of_the_period_before() -> None:
    at = overview(compare="vs previous period", **FEBRUARY)
    assert metrics(at)["New leads"] == "30"
    assert told(at)["New leads"].split(" · ") == ["24 won so far: lead-to-win rate 80%", "24 before"]
    assert metrics(at)["Won within 180 days"] == "80%"
    assert told(at)["Won within 180 days"].endswith(" · 25% before")
    # Of six wins no median is told.
    assert told(at)["Median time to win"].endswith(" · – before")
    assert told(at)["Open leads"].endswith(" · 18 before")
    assert "before" not in told(at)["Sales velocity / month"]
    assert "1 Feb 2024 – 29 Feb 2024 against 1 Jan 2024 – 31 Jan 2024." in captions(at)
    # 80% of 30 against 25% of 24 is no chance.
    assert any("55 points more" in each for each in said(at))


def test_a_period_before_in_which_nobody_came_leaves_the_figures_alone() -> None:
    at = overview(compare="vs same period last year", **FEBRUARY)
    assert metrics(at)["New leads"] == "30"
    assert not [delta for delta in told(at).values() if "before" in delta]


@thorough
def test_the_sample_is_told_with_its_lines_over_time() -> None:
    at = opened("overview", sample="history", model="Standard B2B")
    assert not at.exception
    assert metrics(at)["New leads"] == "12,000"
    # Quarters from January 2023 to June 2025; of the rate those in which every lead is 180 days old; nothing of the other figures.
    bars = [each.proto.body for each in below(at).get("html") if "fl-spark" in each.proto.body]
    assert [line.count("<i ") for line in bars] == [10, 8]
    # Of 1,364 leads the most came in the last quarter: its bar has the whole height.
    assert bars[0].endswith('<i style="height:100%"></i></span>')
    assert any(each.startswith("484 of 1,482 leads still open are stalled") for each in said(at))


@thorough
def test_a_snapshot_says_what_it_cannot_tell() -> None:
    at = opened("overview", sample="snapshot")
    assert not at.exception
    assert list(metrics(at)) == LABELS
    assert "1,482 leads still open; which of them are stalled cannot be told." in said(at)


def test_a_file_without_dates_has_its_funnel_and_says_why_no_more() -> None:
    rows = "".join(f"L-{n},{stage}\n" for n, stage in enumerate(("New", "Qualified", "Closed won") * 8))
    at = overview("lead_id,stage\n" + rows, "standing.csv")
    assert title(at) == "8 of 24 leads won (33%)"
    assert not at.metric
    assert len(pictures(below(at))) == 1
    assert any("holds no date" in info.value for info in below(at).info)
    assert "Too few dates to compare a period with the one before." in captions(at)
    assert any("holds no date" in caption for caption in captions(at))


def test_no_lead_says_why_and_the_way_out() -> None:
    at = overview(filter=["region"], where_region=["West"], **FEBRUARY)
    assert title(at) == "No lead is counted here"
    assert not at.metric
    at.button(key="clear_filters").click().run()
    assert title(at) == "30 of 55 leads won (55%) · entered Jan 2024 – Dec 2024"


def test_hostile_names_are_shown_never_obeyed() -> None:
    evil = "![x](http://evil.example/a.png)<b>"
    content = MONTHS.replace("New", evil).replace("region", f'"{evil} region"').replace("East", f'"{evil} E"')
    at = overview(content, f"{evil.replace('/', '')}.csv", compare="vs previous period", **FEBRUARY)
    places = [*at.markdown, *at.caption, *at.title, *at.header, *at.info, *at.warning]
    texts = [str(place.value) for place in places] + [str(metric.delta) for metric in at.metric]
    assert not [text for text in texts if "![" in text or "http://" in text or "<b>" in text]
    assert all(f"{evil}" not in chart for chart in pictures(below(at)))
    assert any("evil" in text for text in texts)


@thorough
def test_by_the_day_they_closed_two_quarters_are_compared() -> None:
    at = opened("overview", sample="history", basis="by close", range="last_quarter", compare="vs previous period")
    assert not at.exception
    assert at.title[0].value == "133 of 1,286 leads won (10%) · closed 1 Jan 2025 – 31 Mar 2025"
    assert [metric.label for metric in below(at).metric] == [
        "Closed leads",
        "Win rate of closed deals",
        "Median time to win",
        "Value won",
        "Sales velocity / month",
    ]
    assert told(at)["Closed leads"] == "133 won, 1,153 lost for good · 1,199 before"
    said = " ".join(each.value for each in at.markdown).replace("\\", "").replace("\u2060", "")
    assert "1 Jan 2025 – 31 Mar 2025: 10% (133 of 1,286), 1 Oct 2024 – 31 Dec 2024 11% (136 of 1,199)" in said
    # What is open is told whatever days of closing are chosen.
    assert "532 of 1,482 leads still open are stalled" in said


@thorough
def test_pages_that_go_by_entry_leave_the_days_of_closing_aside() -> None:
    at = opened("overview", sample="history", basis="by close", range="last_quarter", compare="vs previous period")
    for page in ("trends", "segments", "pipeline"):
        turned(at, page)
        assert "the days of closing chosen above are left aside" in " ".join(each.value for each in at.caption)
    turned(at, "changes")
    assert "Leads by the day they closed" in [each.value for each in at.header]
