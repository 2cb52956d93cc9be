"""Views with a name and notes to days in a real Chromium: a view comes back as it was, a note stands on the charts over time."""

from __future__ import annotations

import pytest

from tests.browser.places import go, open_menu
from tests.browser.test_funnel_page import STILL, told, upload
from tests.pages.apps import ALL, MOVES

pytestmark = pytest.mark.browser
THREE = "None of 3 leads won yet · entered Jan 2025 – Mar 2025"


def test_a_view_with_a_name_comes_back_as_it_was(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?from=2025-01-20&funnel_tab=Paths")
    upload(page, "moves.csv", MOVES)
    told(page, THREE)
    menu = open_menu(page, "saved_views")
    menu.get_by_label("Name of this view").fill("Since 20 January")
    menu.get_by_role("button", name="Save this view").click()
    menu.get_by_role("link", name="Since 20 January").wait_for()
    page.keyboard.press("Escape")
    go(page, "Overview")
    page.locator(STILL).wait_for()
    open_menu(page, "saved_views").get_by_role("link", name="Since 20 January").click()
    page.wait_for_url("**/funnel?**saved=Since**")
    told(page, THREE)
    assert page.get_by_role("slider").first.get_attribute("aria-valuetext") == "20 Jan 2025"
    assert page.get_by_role("radio", name="Paths", exact=True).is_checked()


def test_a_note_to_a_day_stands_on_the_charts_over_time(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel")
    upload(page, "moves.csv", MOVES)
    told(page, ALL)
    menu = open_menu(page, "dated_notes")
    menu.get_by_label("What happened", exact=True).fill("New prices & more")
    menu.get_by_role("button", name="Add note").click()
    menu.get_by_text("New prices & more").wait_for()
    page.keyboard.press("Escape")
    go(page, "Pipeline", "By month")
    chart = page.locator(".st-key-picture_pipeline")
    chart.locator("text", has_text="1").first.wait_for()
    chart.get_by_text("New prices & more").wait_for()
    assert chart.locator(".shapelayer path").count() == 1
