"""The Trends page in a real Chromium: sliders repaint its views, unfinished cells look unfinished, a click picks a cohort."""

from __future__ import annotations

import re

import pytest

from tests.browser.test_funnel_page import STILL, told

pytestmark = pytest.mark.browser
SAMPLE = "/trends?sample=history"
HEAT = f"{SAMPLE}&trends_tab=Heat+map"
VIEWS, AGES, RATES = ("cohort_cells",), ("cohort_ages",), ("cohort_by_start",)
# What the views say, without what the mouse does to them.
SAID = """keys => keys.map(key => [...document.querySelectorAll(`.st-key-${key} .js-plotly-plot`)].map(
    plot => JSON.stringify([plot.data.map(trace => [trace.x, trace.y, trace.text]), plot.layout.shapes])).join())"""
PAINTED = """() => [...document.querySelectorAll('.st-key-cohort_cells .bars .point path')].map(
    path => getComputedStyle(path).fill)"""


def drawn(page, views=VIEWS) -> list[str]:  # type: ignore[no-untyped-def]
    """What the views say, once they are drawn and nothing runs."""
    for key in views:
        page.locator(f".st-key-{key} .js-plotly-plot .main-svg").first.wait_for()
    page.locator(STILL).wait_for()
    return page.evaluate(SAID, list(views))


def repainted(page, before: list[str], views=VIEWS) -> list[str]:  # type: ignore[no-untyped-def]
    """Wait until all views say something else."""
    page.wait_for_function(
        f"before => ({SAID})({list(views)}).every((said, place) => said && said !== before[place])", arg=before
    )
    return page.evaluate(SAID, list(views))


@pytest.mark.parametrize(("tab", "views"), [("Trend over time", RATES), ("Heat map", VIEWS), ("By age", AGES)])
def test_the_sliders_for_dates_and_for_the_day_repaint_what_is_seen(visitor, tab, views) -> None:  # type: ignore[no-untyped-def]
    page = visitor(f"{SAMPLE}&trends_tab={tab.replace(' ', '+')}")
    told(page, "An estimated 5% of leads are won within 180 days (4.6%–5.4%)")
    first = drawn(page, views)
    day = page.get_by_role("slider", name="Converted within days")
    day.press("ArrowRight")
    told(page, "within 181 days")
    second = repainted(page, first, views)
    page.wait_for_url(re.compile("h=181"))
    page.locator(".st-key-strip").get_by_role("slider").first.press("ArrowRight")
    told(page, re.compile("of leads are won within 181 days"))
    repainted(page, second, views)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_unfinished_cells_are_striped_and_paler(visitor, scheme) -> None:  # type: ignore[no-untyped-def]
    page = visitor(HEAT, color_scheme=scheme)
    told(page, "An estimated 5% of leads are won within 180 days (4.6%–5.4%)")
    drawn(page)
    fills = page.evaluate(PAINTED)
    striped = [fill for fill in fills if fill.startswith("url(")]
    plain = [fill for fill in fills if fill.startswith("rgb")]
    assert striped
    assert len(plain) > len(striped)
    page.locator(".st-key-cohort_cells").get_by_text("incomplete: some leads are too young").wait_for()


def test_a_click_on_a_row_looks_at_that_cohort(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(HEAT)
    told(page, "An estimated 5% of leads are won within 180 days (4.6%–5.4%)")
    drawn(page)
    first = page.locator(".st-key-cohort_cells .bars .point path").first
    first.scroll_into_view_if_needed()
    cell = first.bounding_box()
    page.mouse.click(cell["x"] + cell["width"] / 2, cell["y"] + cell["height"] / 2)
    page.locator(".st-key-cohort_cards").get_by_text("73 won, 1,040 lost, 183 open").wait_for()
