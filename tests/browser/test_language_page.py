"""The pages in other languages, in a real Chromium: as the browser asks, as the address says, and from right to left."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.browser.test_funnel_page import STILL, told

pytestmark = pytest.mark.browser
THUMBS = """() => [...document.querySelectorAll('.st-key-started input[type=range]')].map(thumb => {
  let part = thumb;
  while (part && getComputedStyle(part).position !== 'absolute') part = part.parentElement;
  return (part || thumb).getBoundingClientRect().x;
})"""
LEGEND = """() => [...document.querySelectorAll('.legend .traces')].map(entry => {
  const [name, mark] = ['.legendtext', '.layers'].map(part => entry.querySelector(part).getBoundingClientRect());
  return {name: [name.left, name.right], mark: [mark.left, mark.right]};
})"""
ARROW = """() => [...document.querySelectorAll('[data-testid="stPageLink-NavLink"] [data-testid="stIconMaterial"]')].map(icon =>
  new DOMMatrix(getComputedStyle(icon).transform).a)"""
SAMPLE = "/funnel?sample=history&from=2024-01-01&to=2025-06-30"


def middle(page, text: str) -> float:  # type: ignore[no-untyped-def]
    """Where a text of the funnel stands, across."""
    written = page.locator(".st-key-funnel_chart svg text").filter(has_text=text).first
    written.wait_for()
    box = written.bounding_box()
    return float(box["x"] + box["width"] / 2)


def root(page, name: str) -> str:  # type: ignore[no-untyped-def]
    return str(page.evaluate(f"document.documentElement.{name}"))


def test_a_browser_is_greeted_in_its_language_and_may_choose_another(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/?sample=history", locale="ru-RU")
    told(page, "лидов")
    assert (root(page, "lang"), root(page, "dir")) == ("ru", "ltr")
    page.locator(STILL).wait_for()
    page.get_by_role("button", name="RU").click()
    page.get_by_role("button", name="English", exact=True).click()
    told(page, "of 12,000 leads won")
    page.wait_for_url("**lang=en*")
    assert root(page, "lang") == "en"


def test_arabic_begins_at_the_right_and_days_go_on_from_the_left(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(f"{SAMPLE}&lang=ar", locale="ar-EG")
    told(page, "7,530")
    assert (root(page, "lang"), root(page, "dir")) == ("ar", "rtl")
    page.locator(STILL).wait_for()
    assert middle(page, "Marketing qualified") > 800 > 480 > middle(page, "7,530")
    page.wait_for_function(f"() => {{ const [first, last] = ({THUMBS})(); return first < last; }}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_slider_of_an_arabic_browser_does_not_turn_around(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(f"{SAMPLE}&lang=en", locale="ar-EG")
    told(page, "of 7,530 leads won")
    page.locator(STILL).wait_for()
    page.wait_for_function(f"() => {{ const [first, last] = ({THUMBS})(); return first < last; }}")


def test_a_legend_reads_as_the_page_does(visitor) -> None:  # type: ignore[no-untyped-def]
    for tag, turned in (("en", False), ("fa", True)):
        page = visitor(f"{SAMPLE}&funnel_tab=Time+to+convert&lang={tag}", width=1440)
        page.locator(".legend .traces").first.wait_for()
        page.locator(STILL).wait_for()
        entries = page.evaluate(LEGEND)
        assert len(entries) == 3
        if turned:
            entries = [{part: [-right, -left] for part, (left, right) in entry.items()} for entry in entries]
        # Each mark stands before its name, from the side where lines begin, and so do the entries, one after the other.
        assert all(entry["mark"][1] < entry["name"][0] for entry in entries)
        assert all(one["name"][1] < next_one["mark"][0] for one, next_one in pairwise(entries))


def test_arrows_lead_on_where_lines_end(visitor) -> None:  # type: ignore[no-untyped-def]
    for tag, across in (("ru", 1), ("ar", -1)):
        page = visitor(f"/?sample=history&lang={tag}", width=1440)
        page.wait_for_function(f"() => ({ARROW})().length > 0 && ({ARROW})().every(across => across === {across})")
