"""The Segments page in a real Chromium: build two groups by hand, read the verdict, on a phone too; and two periods on the Funnel page."""

from __future__ import annotations

import re

import pytest

from tests.browser.places import open_list, to_tab
from tests.browser.test_dates_page import write
from tests.browser.test_funnel_page import STILL, headed, told
from tests.browser.test_pipeline_page import written

pytestmark = pytest.mark.browser
SAMPLE = "/segments?sample=history&model=Standard+B2B"


def choose(page, box: str, option: str) -> None:  # type: ignore[no-untyped-def]
    """Pick an option of a box by its name."""
    open_list(page, page.get_by_role("combobox", name=re.compile(box)))
    page.get_by_role("option", name=option, exact=True).click()


def test_two_groups_made_by_hand_get_a_verdict(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    told(page, "Channel: Referral converts clearly better (7.8%), Outbound clearly worse (2.8%)")
    choose(page, "Break down by", "two groups made by hand")
    told(page, "Two groups made by hand")
    page.get_by_role("textbox", name="Name of group A").fill("Europe")
    page.get_by_role("textbox", name="Name of group A").press("Enter")
    for group, region in (("Europe", "EMEA"), ("B", "APAC")):
        choose(page, f"Who belongs to {group}", "Region")
        box = page.locator(f".st-key-group_{'a' if group == 'Europe' else 'b'}")
        page.keyboard.press("Escape")
        open_list(page, box.get_by_role("combobox", name=re.compile("^Region")))
        page.get_by_role("option", name=region, exact=True).click()
        page.keyboard.press("Escape")
    told(page, re.compile("Europe converts clearly better than B: 5.3% against 3.6%"))
    page.get_by_text("1.7 points more (+0.5 points to +2.9 points; p = 0.0096)").first.wait_for()
    written(page, "segments_forest", "Europe")


def test_what_changed_since_the_period_before_and_since_the_year_before(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history&model=Standard+B2B&funnel_tab=What+changed")
    headed(page, re.compile("No clear change: 4.7% are won, before 4.6%, within 180 days"))
    page.get_by_text("2,322 leads watched for 180 days").wait_for()
    write(page, "From", "20240706")
    page.wait_for_url(re.compile("from=2024-07-06"))
    write(page, "To", "20250101")
    page.wait_for_url(re.compile("to=2025-01-01"))
    page.locator(STILL).wait_for()
    choose(page, "Compare to", "vs same period last year")
    page.get_by_text("6 Jul 2023 – 1 Jan 2024").first.wait_for()
    page.locator(STILL).wait_for()
    choose(page, "Compare to", "vs previous period")
    page.get_by_text("2,458 leads watched for 180 days").wait_for()


def test_nothing_is_wider_than_a_phone(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    page.set_viewport_size({"width": 400, "height": 900})
    told(page, "Channel: Referral converts clearly better")
    page.locator(STILL).wait_for()
    to_tab(page, "Funnels")
    headed(page, "The funnel of each group")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def click_at(page, drawn) -> None:  # type: ignore[no-untyped-def]
    """A click where something is drawn, whose chart's own layer takes it: in the middle of the window, where no bar lies over it."""
    drawn.evaluate("drawn => drawn.scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(300)
    place = drawn.bounding_box()
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)


def test_a_click_on_a_group_becomes_a_chip(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    told(page, "Channel: Referral converts clearly better (7.8%), Outbound clearly worse (2.8%)")
    page.locator(STILL).wait_for()
    # The group that converts worst is drawn above those without a value, which are too few to be told.
    points = page.locator(".st-key-picture_segments_forest .scatterlayer .point")
    worst = sorted(points.all(), key=lambda point: point.bounding_box()["y"])[-2]
    click_at(page, worst)
    chip = page.locator(".st-key-chips").get_by_role("button", name=re.compile("Outbound"))
    chip.wait_for()
    page.wait_for_url(re.compile("where_[Cc]hannel=Outbound"))
    page.locator(STILL).wait_for()
    chip.click()
    told(page, "Channel: Referral converts clearly better (7.8%), Outbound clearly worse (2.8%)")


def test_a_click_on_a_funnel_of_a_value_shows_it_alone(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history&model=Standard+B2B&split=Region")
    told(page, re.compile("of 12,000 leads won"))
    page.locator(STILL).wait_for()
    bar = page.locator(".st-key-picture_breakdown_1 .bars .point path").first
    click_at(page, bar)
    page.locator(".st-key-chips").get_by_role("button", name=re.compile("^Region")).wait_for()
    page.wait_for_url(re.compile("where_[Rr]egion="))


def test_the_steps_have_as_many_columns_as_there_is_room_for(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/segments?sample=history&segments_tab=Each+step")
    page.set_viewport_size({"width": 1440, "height": 900})
    headed(page, "Step conversion: where on the way they differ")
    heads = page.locator(".st-key-picture_segment_steps .xtick, .st-key-picture_segment_steps .x2tick")

    def drawn(count: int) -> list[str]:
        heads.nth(count - 1).wait_for()
        page.locator(STILL).wait_for()
        return [each.replace("\u200b", "") for each in heads.all_text_contents()]

    stages = [
        "Contacted",
        "Marketing qualified",
        "Discovery call",
        "Demo done",
        "Proposal sent",
        "Negotiation",
        "Closed won",
    ]
    wide = drawn(9)
    assert len(wide) == 9
    # A name stands on one line or is broken between its words.
    assert [each for each in stages if not any(each.replace(" ", "") in head.replace(" ", "") for head in wide)] == []
    page.set_viewport_size({"width": 900, "height": 900})
    # What has no room there goes on under the others.
    under = page.locator(".st-key-picture_segment_steps .annotation", has_text="Negotiation")
    under.wait_for()
    assert len(drawn(5)) == 5
    assert under.bounding_box()["y"] > heads.first.bounding_box()["y"] + 200
