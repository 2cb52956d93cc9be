"""Wins to come in a real Chromium: the answer, the chart, another target by the keyboard, on a phone too."""

from __future__ import annotations

import re

import pytest

from tests.browser.accessible import faults, too_small

pytestmark = pytest.mark.browser
SAMPLE = "/pipeline?sample=history&model=Standard+B2B&pipeline_tab=Forecast"
ANSWER = re.compile(r"^48 wins expected in Jul 2025, likely 39 to 58$")


def told(page) -> None:  # type: ignore[no-untyped-def]
    """Wait until the tab says so."""
    page.get_by_role("heading", level=2).filter(has_text=ANSWER).wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_wins_to_come_a_target_and_nothing_wider_than_a_phone(visitor, scheme: str) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE, color_scheme=scheme)
    told(page)
    page.locator(".st-key-forecast svg text").filter(has_text="80% range").first.wait_for()
    page.get_by_text(re.compile("Told 1 month ahead, 17 earlier forecasts missed by 16%")).wait_for()
    wanted = page.get_by_role("spinbutton", name="Target")
    wanted.fill("280")
    wanted.press("Enter")
    page.get_by_text(re.compile("Of a target of 280 wins by 31 Dec 2025, 0 are won; 291 are expected")).wait_for()
    page.wait_for_url(re.compile("forecast_target_wins=280"))
    assert faults(page) == []
    assert too_small(page) == []
    page.set_viewport_size({"width": 320, "height": 900})
    told(page)
    page.wait_for_function("document.documentElement.scrollWidth <= 320")
