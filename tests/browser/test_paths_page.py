"""The tab Paths of the Funnel page in a real Chromium: it opens on the sample, follows the dates, and its tables open."""

from __future__ import annotations

import re

import pytest

from tests.browser.test_funnel_page import STILL, headed

pytestmark = pytest.mark.browser
SAMPLE = "/funnel?sample=history&funnel_tab=Paths"


def drawn(page) -> None:  # type: ignore[no-untyped-def]
    """Wait until the stream stands."""
    page.locator(".st-key-moves_stream .annotation-text").first.wait_for()


def test_the_stream_follows_the_dates_and_its_tables_open(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    headed(page, "9.9% of 12,000 leads moved back at least once")
    drawn(page)
    page.locator(".st-key-moves_stream .annotation-text").filter(has_text=re.compile("^526$")).wait_for()
    page.get_by_role("slider").first.press("ArrowRight")
    headed(page, re.compile(r"9\.\d% of 11,9\d\d leads moved back"))
    menu = page.locator(".st-key-picture_moves_stream .fl-menu")
    menu.get_by_role("button", name=re.compile("^Export")).click()
    menu.get_by_role("menuitemcheckbox", name="Table").click()
    page.get_by_test_id("stDataFrame").first.wait_for()
    menu.get_by_role("button", name=re.compile("^Export")).click()
    menu.get_by_role("menuitemcheckbox", name="Show SQL").click()
    page.get_by_text("visits.to_position").first.wait_for()
    page.locator(STILL).wait_for()
    page.get_by_role("radio", name="Stage to stage", exact=True).click()
    page.locator(".fl-moves").get_by_text(re.compile(r"^11,9\d\d times$")).first.wait_for()


@pytest.mark.parametrize("width", [1280, 1920, 400])
def test_the_page_fits_the_width(visitor, width: int) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    page.set_viewport_size({"width": width, "height": 1000})
    headed(page, "9.9% of 12,000 leads moved back at least once")
    drawn(page)
    page.locator(STILL).wait_for()
    page.get_by_role("radio", name="Top paths", exact=True).click()
    page.locator(".fl-paths").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(STILL).wait_for()
    page.get_by_role("radio", name="Stage to stage", exact=True).click()
    page.locator(".fl-moves").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # What is too wide for a phone can be moved inside its own frame.
    frame = page.locator(".fl-moves")
    inside = frame.evaluate("frame => frame.getBoundingClientRect().right")
    assert inside <= width
    first = frame.locator("tbody th").first
    frame.evaluate("frame => { frame.scrollLeft = 200 }")
    assert (
        first.evaluate("head => head.getBoundingClientRect().left")
        >= frame.evaluate("frame => frame.getBoundingClientRect().left") - 1
    )
