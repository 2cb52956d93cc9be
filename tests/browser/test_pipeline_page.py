"""The Pipeline page in a real Chromium: take the list away as CSV, look closer at another stage, on a phone too."""

from __future__ import annotations

import random
import re

import pytest

from tests.browser.places import DATA, go, open_list, to_tab
from tests.browser.test_funnel_page import STILL, headed, told

pytestmark = pytest.mark.browser
SAMPLE = "/pipeline?sample=history"


def written(page, chart: str, text: str) -> None:  # type: ignore[no-untyped-def]
    """Wait until a chart has written this beside a mark, or at an axis."""
    page.locator(f".st-key-{chart} svg text").filter(has_text=text).first.wait_for()


def test_the_list_of_stalled_leads_and_a_closer_look_at_a_stage(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    told(page, "532 of 1,482 leads still open are stalled")
    page.get_by_text("532 leads slower than 75%").wait_for()
    page.get_by_role("radio", name="long stalled (314)").click()
    page.get_by_text("314 leads slower than 90%").wait_for()
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV of all 314").click()
    lines = saved.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Lead,Account,Owner,Amount,Currency,Stage,Days in stage,Slower than % of deals")
    assert len(lines) == 315
    to_tab(page, "Time in stage")
    headed(page, re.compile("Most waiting:.? Marketing qualified, 20% of all days waited"))
    written(page, "stage_times", "1,388 visits, 145 in stage now")
    open_list(page, page.get_by_role("combobox", name=re.compile("A closer look at")))
    page.get_by_role("option", name="Demo done", exact=True).click()
    page.get_by_text("How long visits to Demo done lasted").wait_for()
    page.get_by_role("radio", name="days", exact=True).click()
    written(page, "stay_histogram", "whole days at the stage")


def test_many_quick_clicks_do_not_break_the_page(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    headed(page, re.compile("Sales velocity"))
    views = page.locator(".fl-menu [role=menuitemcheckbox]")
    views.first.wait_for(state="attached")
    hand = random.Random(5)
    for _ in range(75):
        # Each opens or closes what stands under a chart, before what the click before it asked for has come.
        views.nth(hand.randrange(4)).evaluate("it => it.click()")
        page.wait_for_timeout(hand.choice((0, 20, 60, 150, 300)))
    go(page, DATA)
    told(page, "Data check")


def test_nothing_is_wider_than_a_phone(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    page.set_viewport_size({"width": 400, "height": 900})
    told(page, "leads still open are stalled")
    page.get_by_text("Sales velocity").first.wait_for()
    written(page, "aging", "44 of 145 stalled")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_a_part_of_the_bridge_opens_its_leads(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(f"{SAMPLE}&pipeline_tab=Changes")
    headed(page, re.compile("Pipeline grew by 34 leads:.? 1,364 new, 20 reopened, 1,217 lost, 133 won"))
    written(page, "picture_bridge", "Open on 30 Jun 2025")
    page.locator(STILL).wait_for()
    bar = page.locator(".st-key-picture_bridge .barlayer .point path").nth(1)
    bar.scroll_into_view_if_needed()
    place = bar.bounding_box()
    page.mouse.click(place["x"] + place["width"] - 3, place["y"] + place["height"] / 2)
    drawer = page.get_by_role("dialog")
    drawer.get_by_text(re.compile("1,364 leads:.? New")).wait_for()
    with page.expect_download() as saved:
        drawer.get_by_role("button", name="CSV of all 1,364").click()
    lines = saved.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Lead,Account,Stage on 30 Jun 2025,Outcome on 30 Jun 2025,Entered the funnel")
    assert len(lines) == 1365
