"""The Moves page in a real Chromium: it opens on the sample, follows the dates, and its tables open."""

from __future__ import annotations

import re

import pytest

from tests.browser.test_funnel_page import told

pytestmark = pytest.mark.browser
SAMPLE = "/moves?sample=history"


def drawn(page) -> None:  # type: ignore[no-untyped-def]
    """Wait until the stream stands."""
    page.locator(".st-key-moves_stream .annotation-text").first.wait_for()


def test_the_stream_follows_the_dates_and_its_tables_open(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    told(page, "Of 12,000 leads, 9.9% moved back at least once")
    drawn(page)
    page.locator(".st-key-moves_stream .annotation-text").filter(has_text=re.compile("^526$")).wait_for()
    page.get_by_role("slider").first.press("ArrowRight")
    told(page, re.compile(r"Of 11,9\d\d leads, 9\.\d% moved back"))
    page.locator(".fl-moves").get_by_text(re.compile(r"^11,9\d\d times$")).first.wait_for()
    below = page.locator(".st-key-below_moves_stream")
    below.get_by_role("radio", name="Table").click()
    page.get_by_test_id("stDataFrame").first.wait_for()
    below.get_by_role("radio", name="Show SQL").click()
    page.get_by_text("visits.to_position").first.wait_for()


@pytest.mark.parametrize("width", [1280, 1920, 400])
def test_the_page_fits_the_width(visitor, width: int) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/")
    page.set_viewport_size({"width": width, "height": 1000})
    page.goto(page.url.rstrip("/") + SAMPLE)
    told(page, "Of 12,000 leads, 9.9% moved back at least once")
    drawn(page)
    page.locator(".fl-paths").first.wait_for()
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
