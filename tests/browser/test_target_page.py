"""A target planned in a real Chromium: the answer, another number of wins, what if by the keyboard, on a phone too."""

from __future__ import annotations

import re

import pytest

from tests.browser.accessible import faults, too_small

pytestmark = pytest.mark.browser
SAMPLE = "/pipeline?sample=history&model=Standard+B2B&pipeline_tab=Planner&target_by=2025-12-31&target_wins=300"


def told(page, answer: re.Pattern[str]) -> None:  # type: ignore[no-untyped-def]
    """Wait until the tab says so."""
    page.get_by_role("heading", level=2).filter(has_text=answer).wait_for()


ANSWER = re.compile(
    r"300 more wins are needed; \d+ come from what is open\. \d+ new leads a week for the rest \(now 104\)\."
)


def test_a_target_is_planned_and_a_step_improved_by_the_keyboard(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    told(page, ANSWER)
    page.get_by_text("At the present pace the target is reached with a probability of").wait_for()
    page.get_by_role("rowheader", name="Negotiation and closing").first.wait_for()
    step = page.get_by_role("slider", name="Presentation and proposal: points more go on")
    step.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.get_by_text(
        re.compile(r"^\+\d+(\.\d)? wins:\u2060? \d+ by 31 Dec 2025 instead of \d+; probability")
    ).wait_for()
    wins = page.get_by_role("spinbutton", name=re.compile("Wins wanted"))
    wins.fill("280")
    wins.press("Enter")
    told(page, re.compile("^280 more wins are needed"))
    page.wait_for_url(re.compile("target_wins=280"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_nothing_is_wider_than_a_phone(visitor, scheme: str) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE, color_scheme=scheme)
    told(page, ANSWER)
    page.get_by_text("What the rest needs, stage by stage").wait_for()
    assert faults(page) == []
    assert too_small(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    told(page, ANSWER)
    page.wait_for_function("document.documentElement.scrollWidth <= 320")
    wide = page.evaluate("""() => [...document.querySelectorAll('.fl-paths')].filter(table =>
        table.checkVisibility() && table.getBoundingClientRect().right > window.innerWidth).length""")
    assert wide == 0
