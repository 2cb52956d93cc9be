"""The pages and their tabs, and the ways to them that people take: the bar, the file menu, the tabs of a page."""

from __future__ import annotations

import re

DATA = "Data check"
FILE_MENU, SHARE, COUNTING, FILTERS = "file_menu", "share_view", "counting", "filters_menu"
TABS = {
    DATA: ("Stage mapping", "Columns", "Rows", "Project"),
    "Funnel": ("Steps", "What changed", "Trend over time", "Time to convert", "Paths"),
    "Segments": ("Each step", "Curves", "Funnels", "What drives conversion"),
    "Trends": ("Trend over time", "Heat map", "By age", "Each step"),
    "Pipeline": ("Open by age", "Changes", "By month", "Time in stage", "Forecast", "Planner"),
    "Models": ("Mapping", "Scorecard", "Before/after a change", "Edit"),
}
EVERY = (
    ("Overview", ""),
    *((page, tab) for page in TABS for tab in TABS[page]),
)
"""Each page with each of its tabs."""

EDIT = "models?models_tab=Edit"
ALONE = ("", EDIT)
"""The addresses of the pages that show who has been there before something else."""


def go(page, name: str, tab: str = "") -> None:  # type: ignore[no-untyped-def]
    """To a page, by its link in the bar, and to one of its tabs."""
    if name == DATA:
        page.locator(".st-key-file_bar").get_by_role("link", name=re.compile(DATA)).first.click()
    else:
        page.get_by_role("link", name=name, exact=True).first.click()
    if tab:
        to_tab(page, tab)


def to_tab(page, name: str) -> None:  # type: ignore[no-untyped-def]
    """To a tab of the page that is open."""
    page.get_by_role("radiogroup", name="More of this page").get_by_role("radio", name=name, exact=True).click()


def open_menu(page, key: str):  # type: ignore[no-untyped-def]
    """Open what a button over the page opens, by its key, and give it back; a click is lost while the page is still being drawn, and is
    made again."""
    button = page.locator(f".st-key-{key}").get_by_test_id("stPopoverButton")
    for _ in range(10):
        page.locator('[data-testid=stApp][data-test-script-state="notRunning"]').wait_for()
        if button.get_attribute("aria-expanded") != "true":
            button.click()
        page.wait_for_timeout(500)
        if button.get_attribute("aria-expanded") == "true":
            return page.get_by_test_id("stPopoverBody")
    raise AssertionError(f"{key} does not open")


def open_list(page, choice) -> None:  # type: ignore[no-untyped-def]
    """Open the list of a box, as a person does: once the page stands. A list closes where the page scrolls under it, as it does when a
    click brings the box into sight."""
    page.locator('[data-testid=stApp][data-test-script-state="notRunning"]').wait_for()
    choice.scroll_into_view_if_needed()
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    choice.click()


def addresses() -> list[str]:
    """Every page with each of its tabs, as addresses say it."""
    return [_address(name, tab) for name, tab in EVERY]


def _address(name: str, tab: str) -> str:
    place = {"Overview": "", DATA: "data"}.get(name, name.lower())
    tabs = "files_tab" if name == DATA else f"{place}_tab"
    return f"{place}?{tabs}={tab.replace('/', '%2F').replace(' ', '+')}" if tab else place


def with_sample(address: str) -> str:
    """The address, of the bundled sample."""
    return f"/{address}{'&' if '?' in address else '?'}sample=history"
