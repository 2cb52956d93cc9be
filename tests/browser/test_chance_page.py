"""Open leads by their chance to win in a real Chromium: asked for, told with why, kept in the address, on a phone too."""

from __future__ import annotations

import re

import pytest

from tests.browser.accessible import faults, too_small

pytestmark = pytest.mark.browser
SAMPLE = "/pipeline?sample=history&model=Standard+B2B"
LEARNT = 120_000
"""Milliseconds that learning may take on a machine that does much else."""


def learnt(page) -> None:  # type: ignore[no-untyped-def]
    """Wait until the list is there with what it does not say under it."""
    page.get_by_text("Likely to be won is not the same as worth your time").wait_for(timeout=LEARNT)


def test_the_chance_is_asked_for_and_kept_in_the_address(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    page.get_by_role("radio", name="by chance to win").click()
    learnt(page)
    page.wait_for_url(re.compile("list_by="))
    page.get_by_text(
        re.compile(r"the best-scored 20% of open leads held 7\d%, the order of stages alone 7\d%")
    ).wait_for()
    page.get_by_role("row").filter(has_text="of such were won (").first.wait_for()
    # What was learnt is kept: another part is there at once, and goes.
    page.get_by_role("radio", name="at least twice the stage's").click()
    page.get_by_text("with at least twice the chance of their stage").wait_for()
    page.get_by_role("radio", name="by time in stage").click()
    page.locator(".fl-chances").wait_for(state="detached")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_nothing_is_wider_than_a_phone(visitor, scheme: str) -> None:  # type: ignore[no-untyped-def]
    page = visitor(f"{SAMPLE}&list_by=by+chance+to+win", color_scheme=scheme)
    learnt(page)
    page.get_by_text("How right it was").click()
    page.get_by_role("rowheader", name="10", exact=True).wait_for()
    assert faults(page) == []
    assert too_small(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    page.wait_for_function("document.documentElement.scrollWidth <= 320")
    wide = page.evaluate("""() => [...document.querySelectorAll('.fl-paths')].filter(table =>
        table.checkVisibility() && table.getBoundingClientRect().right > window.innerWidth).map(table => table.innerText.slice(0, 60))""")
    assert wide == []
