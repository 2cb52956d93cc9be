"""The Time page in a real Chromium: look closer at another stage, turn the list's page, take it away as CSV, on a phone too."""

from __future__ import annotations

import random
import re

import pytest

from tests.browser.test_funnel_page import told

pytestmark = pytest.mark.browser
SAMPLE = "/time?sample=history"


def written(page, chart: str, text: str) -> None:  # type: ignore[no-untyped-def]
    """Wait until a chart has written this beside a mark."""
    page.locator(f".st-key-{chart} .annotation-text").filter(has_text=text).first.wait_for()


def test_a_closer_look_and_the_list_of_stalled_leads(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    told(page, re.compile("Most waiting is at Marketing qualified:.? 20% of all days"))
    written(page, "stage_times", "1,388 stays, 145 there now")
    page.get_by_role("combobox", name=re.compile("A closer look at")).click()
    page.get_by_role("option", name="Demo done", exact=True).click()
    page.get_by_text("How long stays at Demo done lasted").wait_for()
    page.get_by_role("radio", name="days", exact=True).click()
    written(page, "stay_histogram", "whole days at the stage")
    page.get_by_text("532 leads stayed longer than three quarters").wait_for()
    page.get_by_role("radio", name="long stalled (314)").click()
    page.get_by_text("314 leads stayed longer than nine tenths").wait_for()
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV of all 314").click()
    lines = saved.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("Lead,Account,Owner,Amount,Currency,Stage,Days there,Longer than % of stays")
    assert len(lines) == 315


def test_many_quick_clicks_do_not_break_the_page(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    told(page, re.compile("Most waiting"))
    views = page.locator('[class*="st-key-below_"]').get_by_role("radio")
    views.first.wait_for()
    hand = random.Random(5)
    for _ in range(75):
        # Each opens or closes what stands under a chart, before what the click before it asked for has come.
        views.nth(hand.randrange(4)).evaluate("it => it.click()")
        page.wait_for_timeout(hand.choice((0, 20, 60, 150, 300)))
    page.get_by_role("link", name="Data", exact=True).click()
    told(page, "What was understood")


def test_nothing_is_wider_than_a_phone(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    page.set_viewport_size({"width": 400, "height": 900})
    told(page, re.compile("Most waiting is at"))
    page.get_by_text("Pipeline velocity").wait_for()
    written(page, "aging", "44 of 145 stalled")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
