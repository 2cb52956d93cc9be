"""Every page and tab, in light and dark, on a desk and on a phone: no rule of axe-core is broken, nothing is too small to be hit."""

from __future__ import annotations

import re

import pytest

from tests.browser.accessible import faults, too_small
from tests.browser.places import ALONE, COUNTING, EDIT, FILE_MENU, FILTERS, SHARE, addresses, open_menu, with_sample
from tests.browser.test_funnel_page import STILL
from tests.thorough import every

pytestmark = pytest.mark.browser
THEMES = ("light", "dark")


def opened(come, path: str, theme: str):  # type: ignore[no-untyped-def]
    """A page of the sample, drawn, at 1440 pixels, to which `come` comes: the fixture `visitor` or `again`."""
    page = come(with_sample(path), width=1440, color_scheme=theme, reduced_motion="reduce")
    page.get_by_role("heading", level=1).wait_for()
    page.locator("[data-testid=stMain] :is(.js-plotly-plot .main-svg, canvas)").first.wait_for()
    settled(page)
    return page


def settled(page) -> None:  # type: ignore[no-untyped-def]
    """Wait until nothing runs, nothing old is faded, and what is asked for by a new width has come."""
    for _ in range(2):
        page.wait_for_timeout(500)
        page.locator(STILL).wait_for()
        page.locator("[data-stale=true]").first.wait_for(state="hidden")


def unfold(page, name: str) -> None:  # type: ignore[no-untyped-def]
    """Open the list of a box; a key pressed while the page is still being drawn is lost, and is pressed again."""
    for _ in range(5):
        page.get_by_role("combobox", name=name).press("ArrowDown")
        page.wait_for_timeout(1_000)
        if page.get_by_role("option").count():
            return
    raise AssertionError(f"the list of {name} does not open")


def clean(page, *, floating: bool = False) -> None:  # type: ignore[no-untyped-def]
    assert faults(page, floating=floating) == []
    assert too_small(page) == []


def clean_at_both_widths(page) -> None:  # type: ignore[no-untyped-def]
    clean(page)
    page.set_viewport_size({"width": 400, "height": 900})
    settled(page)
    clean(page)


@pytest.mark.parametrize("theme", THEMES)
def test_the_greeting_is_accessible(visitor, theme: str) -> None:  # type: ignore[no-untyped-def]
    page = visitor(color_scheme=theme, reduced_motion="reduce")
    page.get_by_role("button", name="Try the sample").wait_for()
    settled(page)
    clean_at_both_widths(page)


@pytest.mark.parametrize(("path", "theme"), every(5, [(path, theme) for path in addresses() for theme in THEMES]))
def test_a_page_is_accessible(visitor, again, path: str, theme: str) -> None:  # type: ignore[no-untyped-def]
    clean_at_both_widths(opened(visitor if path in ALONE else again, path, theme))


@pytest.mark.parametrize("theme", every(2, THEMES))
def test_what_opens_over_a_page_is_accessible(visitor, theme: str) -> None:  # type: ignore[no-untyped-def]
    page = opened(visitor, "funnel", theme)
    for menu in (FILE_MENU, SHARE):
        open_menu(page, menu)
        settled(page)
        clean(page)
        page.keyboard.press("Escape")
        page.get_by_test_id("stPopoverBody").wait_for(state="hidden")
    open_menu(page, COUNTING)
    page.get_by_text("Order of stages").click()
    page.get_by_text("1. New", exact=True).wait_for()
    settled(page)
    clean(page)
    page.keyboard.press("Escape")
    page.get_by_test_id("stPopoverBody").wait_for(state="hidden")
    open_menu(page, FILTERS)
    settled(page)
    unfold(page, "Channel")
    clean(page, floating=True)
    page.get_by_role("option").first.click()
    page.keyboard.press("Escape")
    settled(page)
    clean(page)
    page.keyboard.press("Escape")
    page.get_by_test_id("stPopoverBody").wait_for(state="hidden")
    page.locator(".st-key-chips").wait_for()
    settled(page)
    clean(page)
    page.get_by_role("button", name="Help for New leads").hover()
    page.get_by_role("tooltip").wait_for()
    settled(page)
    clean(page, floating=True)
    page.get_by_role("button", name="View leads").click()
    page.get_by_role("button", name=re.compile("^CSV of all")).wait_for()
    settled(page)
    clean(page)
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_text("What must be true to enter each stage").click()
    page.get_by_text("The problem is accepted as one to solve.").first.wait_for()
    settled(page)
    clean(page)


@pytest.mark.parametrize("theme", every(2, THEMES))
def test_the_popovers_of_models_and_of_the_editor_are_accessible(visitor, theme: str) -> None:  # type: ignore[no-untyped-def]
    page = opened(visitor, "models", theme)
    page.locator(".st-key-compared").get_by_test_id("stPopoverButton").first.click()
    page.get_by_test_id("stPopoverBody").wait_for()
    settled(page)
    clean(page)
    page = opened(visitor, EDIT, theme)
    page.get_by_role("button", name="Load a file").click()
    page.get_by_test_id("stPopoverBody").wait_for()
    settled(page)
    # Streamlit names its box for a file, which is to have no role.
    assert {rule for rule, _, _ in faults(page)} <= {"presentation-role-conflict"}
    assert too_small(page) == []
    page.keyboard.press("Escape")
    page.get_by_text("To enter, and to ask").first.click()
    page.get_by_role("textbox", name="What must be true to enter stage 1").wait_for()
    settled(page)
    clean(page)


@pytest.mark.parametrize("path", ["funnel", "data", EDIT])
def test_no_name_of_a_sign_is_read_as_a_word(visitor, path: str) -> None:  # type: ignore[no-untyped-def]
    """Signs are drawn from words such as "keyboard_arrow_right"; whoever hears the page should not hear those."""
    page = opened(visitor, path, "light")
    signs = page.locator("[data-testid=stIconMaterial]")
    words = set(signs.all_text_contents())
    assert words
    heard = page.locator("body").aria_snapshot()
    assert [word for word in words if "_" in word and word in heard] == []
    assert page.locator("[data-testid=stIconMaterial]:not([aria-hidden=true])").count() == 0
