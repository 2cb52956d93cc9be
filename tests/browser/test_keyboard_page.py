"""The whole way without a mouse: where the keyboard stands can be seen, is where one would look, and never where nobody can."""

from __future__ import annotations

import re

import pytest

from tests.browser.accessible import focused, tab_to
from tests.browser.test_funnel_page import BOX, STILL, shown, told
from tests.pages.apps import ALL, MOVES

pytestmark = pytest.mark.browser
RING = "rgb(74, 130, 235) solid 2px"
START = "Entered the funnel between — start"


def on_title(page) -> None:  # type: ignore[no-untyped-def]
    """Wait until the title has the focus."""
    page.locator("h1:focus").wait_for()


def test_from_the_sample_to_a_list_of_leads(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    page.get_by_role("button", name="Try the sample").wait_for()
    tab_to(page, "Try the sample")
    page.keyboard.press("Enter")
    told(page, "Of 12,000 leads")
    on_title(page)
    page.locator(STILL).wait_for()

    tab_to(page, START, key="Shift+Tab")
    page.keyboard.press("ArrowRight")
    told(page, "Of 11,986 leads")
    page.wait_for_url(re.compile("from="))
    page.locator(STILL).wait_for()
    assert focused(page) == START

    tab_to(page, "Model", key="Shift+Tab")
    page.keyboard.type("Standard B2B")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("model=Standard"))
    page.locator(STILL).wait_for()

    tab_to(page, "Filters")
    page.keyboard.press("Enter")
    # The keyboard comes into what it opened.
    page.get_by_test_id("stPopoverBody").locator(":focus").wait_for()
    page.locator(STILL).wait_for()
    assert focused(page) == "Channel"
    page.keyboard.type("Referral")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    told(page, re.compile(r"of 1,\d\d\d leads"))
    page.locator(STILL).wait_for()
    page.keyboard.press("Escape")
    page.get_by_test_id("stPopoverBody").wait_for(state="detached")
    assert focused(page) == "Filters"

    tab_to(page, "View leads")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^CSV of all")).wait_for()
    page.locator(STILL).wait_for()
    tab_to(page, "Stage")
    tab_to(page, "Part")
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name=re.compile("lost", re.I)).wait_for()
    page.keyboard.type("lost")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_text(re.compile("leads? .*lost", re.I)).first.wait_for()
    page.locator(STILL).wait_for()
    button = tab_to(page, r"CSV of all [\d,]+")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) - 1 == int(re.sub(r"\D", "", button))
    assert all("Referral" in line for line in lines[1:])


def test_the_title_takes_the_focus_where_something_new_is_shown_and_only_there(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    page.locator(BOX).set_input_files({"name": "moves.csv", "mimeType": "text/csv", "buffer": MOVES})
    told(page, ALL)
    on_title(page)
    shown(page)
    page.locator(STILL).wait_for()
    page.get_by_role("link", name="Trends", exact=True).press("Enter")
    told(page, re.compile("^(?!1 of 4 leads won ·)"))
    on_title(page)
    page.locator(STILL).wait_for()
    page.get_by_role("link", name="Funnel", exact=True).click()
    told(page, ALL)
    on_title(page)
    page.locator(STILL).wait_for()
    # A run of the same page, begun by a box, takes nobody from the box.
    page.get_by_role("slider").first.press("ArrowRight")
    told(page, "Of 3 leads")
    shown(page)
    page.locator(STILL).wait_for()
    assert focused(page) == START


def test_an_address_begins_where_a_browser_begins(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history")
    told(page, "Of 12,000 leads")
    shown(page)
    page.locator(STILL).wait_for()
    assert focused(page) == ""
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to main content"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_where_the_keyboard_is_can_be_seen(visitor, theme: str) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history", color_scheme=theme)
    told(page, "Of 12,000 leads")
    page.get_by_text("View leads").wait_for()
    page.locator(STILL).wait_for()
    page.locator(".st-key-histogram .main-svg").first.wait_for()
    page.wait_for_timeout(500)
    unmarked, passed = [], []
    while not passed or passed[-1] != "View leads":
        page.keyboard.press("Tab")
        passed.append(focused(page))
        ring, typed = page.evaluate(
            """() => { const at = document.activeElement;
            const rings = [at, at.parentElement.parentElement, at.closest('label')].filter(Boolean).map(getComputedStyle)
              .map(style => `${style.outlineColor} ${style.outlineStyle} ${style.outlineWidth}`);
            return [rings, at.matches('input:not([type=range], [type=checkbox], [type=radio])')]; }"""
        )
        # What is typed into has an edge of another colour and a caret.
        if RING not in ring and not typed:
            unmarked.append(passed[-1])
    assert unmarked == []
    stops = [
        *("Overview", "Funnel", "Models", "Sample leads", "Share"),
        *("Dates by name", "Compare to", "Model", "Filters", "How we count", "year, From", START, "day, To"),
        *("Help for New leads", "Export", "View leads"),
    ]
    assert [stop for stop in passed if stop in stops] == stops


def test_nobody_comes_into_a_closed_sidebar(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history", width=400)
    told(page, "Of 12,000 leads")
    shown(page)
    page.locator(STILL).wait_for()
    seen = []
    for _ in range(8):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.getBoundingClientRect().right > 0"))
    assert all(seen)
    page.get_by_test_id("stExpandSidebarButton").press("Enter")
    page.get_by_role("link", name="Trends", exact=True).press("Enter")
    told(page, "An estimated 5% of leads are won within 180 days")
