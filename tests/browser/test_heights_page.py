"""A page answers one question: none of its tabs is higher than about two screens."""

from __future__ import annotations

import pytest

from tests.browser.places import ALONE, addresses
from tests.browser.test_accessibility_page import opened, settled
from tests.thorough import every

pytestmark = pytest.mark.browser
MOST = 1_900
"""Pixels, of a window that is 1,440 by 900."""
MORE = ("customers", "channels")
HEIGHT = """() => {
  const all = document.querySelector('[data-testid=stMainBlockContainer] [data-testid=stVerticalBlock]');
  const ends = [...all.children].filter(each => getComputedStyle(each).position !== 'fixed').map(each => each.getBoundingClientRect());
  return Math.max(...ends.filter(each => each.height).map(each => each.bottom)) - all.getBoundingClientRect().top;
}"""


def height(page) -> float:  # type: ignore[no-untyped-def]
    """Pixels from the strip to the last that the page shows."""
    settled(page)
    found: float = page.evaluate(HEIGHT)
    return found


@pytest.mark.parametrize("path", every(3, addresses()))
def test_a_page_is_two_screens_high_at_most(visitor, again, path: str) -> None:  # type: ignore[no-untyped-def]
    assert 300 < height(opened(visitor if path in ALONE else again, path, "light")) <= MOST


@pytest.mark.parametrize("path", MORE)
def test_a_page_of_touches_or_customers_is_too(visitor, path: str) -> None:  # type: ignore[no-untyped-def]
    page = visitor(f"/{path}?sample=touches", width=1440, reduced_motion="reduce")
    page.locator("[data-testid=stMain] .js-plotly-plot .main-svg").first.wait_for()
    assert 300 < height(page) <= MOST
