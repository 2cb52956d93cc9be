"""The Segments page in a real Chromium: build two groups by hand, read the verdict, swap the period, on a phone too."""

from __future__ import annotations

import re

import pytest

from tests.browser.test_funnel_page import told
from tests.browser.test_times_page import written

pytestmark = pytest.mark.browser
SAMPLE = "/segments?sample=history&model=Standard+B2B"


def choose(page, box: str, option: str) -> None:  # type: ignore[no-untyped-def]
    """Pick an option of a box by its name."""
    page.get_by_role("combobox", name=re.compile(box)).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_two_groups_made_by_hand_get_a_verdict_and_then_the_period_is_swapped(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    told(page, re.compile(r"By Channel, Referral stands out above \(7\.8% are won\), Outbound below \(2\.8%\)"))
    choose(page, "Told apart by", "two groups made by hand")
    told(page, "Two groups made by hand")
    page.get_by_role("textbox", name="Name of group A").fill("Europe")
    page.get_by_role("textbox", name="Name of group A").press("Enter")
    for group, region in (("Europe", "EMEA"), ("B", "APAC")):
        choose(page, f"Who belongs to {group}", "Region")
        box = page.locator(f".st-key-group_{'a' if group == 'Europe' else 'b'}")
        page.keyboard.press("Escape")
        box.get_by_role("combobox", name=re.compile("^Region")).click()
        page.get_by_role("option", name=region, exact=True).click()
        page.keyboard.press("Escape")
    told(page, re.compile("More of Europe are won than of B: 5.3% against 3.6%"))
    page.get_by_text("That is 1.7 points more (+0.5 points to +2.9 points)").wait_for()
    page.get_by_text("chance alone would show as much in about 1 of 104 cases").first.wait_for()
    written(page, "segments_forest", "Europe")

    page.get_by_role("radio", name="Periods", exact=True).click()
    told(page, re.compile("No clear change: 4.7% are won, before 4.6%, within 180 days"))
    page.get_by_text("2,322 leads watched for 180 days").wait_for()
    page.get_by_role("radio", name="a year earlier", exact=True).click()
    page.get_by_text("6 Jul 2023 – 1 Jan 2024").first.wait_for()
    page.get_by_role("radio", name="the one before", exact=True).click()
    page.get_by_text("2,458 leads watched for 180 days").wait_for()


def test_nothing_is_wider_than_a_phone(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    page.set_viewport_size({"width": 400, "height": 900})
    told(page, re.compile("By Channel, Referral stands out"))
    page.get_by_text("The funnel of each group").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
