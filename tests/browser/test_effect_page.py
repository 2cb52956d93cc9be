"""A change in a real Chromium: a note is made, its mark stands on a chart, and its effect is opened from it, on a phone too."""

from __future__ import annotations

import pytest

from tests.browser.places import go, open_list, open_menu
from tests.browser.test_funnel_page import STILL, upload
from tests.pages.test_pages_effect import YEAR

pytestmark = pytest.mark.browser


def test_a_note_is_marked_on_a_chart_and_leads_to_its_effect(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel")
    upload(page, "year.csv", YEAR)
    page.locator(STILL).wait_for()
    menu = open_menu(page, "dated_notes")
    menu.get_by_role("spinbutton").first.focus()
    page.keyboard.type("20240801")
    menu.get_by_label("What happened", exact=True).fill("New pricing")
    menu.get_by_label("Leads it concerns").fill("region=EMEA")
    menu.get_by_role("button", name="Add note").click()
    menu.get_by_text("New pricing").wait_for()
    page.keyboard.press("Escape")
    go(page, "Pipeline", "By month")
    chart = page.locator(".st-key-picture_pipeline")
    chart.locator(".annotation text", has_text="1").first.wait_for()
    chart.get_by_text("1. 1 Aug 2024: New pricing (region=EMEA)").wait_for()
    open_menu(page, "dated_notes").get_by_role("button", name="Effect", exact=True).click()
    page.wait_for_url("**/models?**effect_note=**")
    page.get_by_text("More convert since 1 Aug 2024 where the change applied").wait_for()
    page.keyboard.press("Escape")
    picture = page.locator(".st-key-picture_effect")
    picture.locator(".annotation text", has_text="1").first.wait_for()
    # The line at the day, and the note's own over it.
    assert picture.locator(".shapelayer path").count() == 2
    # Unfinished months are hollow: June 2025 has one lead that is too young.
    assert picture.locator(".scatterlayer .points path").count() >= 12
    page.get_by_text("Against the trend before").wait_for()
    # A step of one's own.
    open_list(page, page.get_by_role("combobox", name="Step", exact=True))
    page.get_by_role("option").nth(1).click()
    page.get_by_role("heading", name="within 90 days, by month").wait_for()
    page.locator(STILL).wait_for()
    page.set_viewport_size({"width": 400, "height": 900})
    page.locator(STILL).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
