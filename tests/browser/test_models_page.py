"""The Models page in a real Chromium: swap a model, slide the dates, click a stage, at the widths people have."""

from __future__ import annotations

import re

import pytest

from tests.browser.places import to_tab
from tests.browser.test_funnel_page import STILL, told, upload
from tests.pages.apps import ALL, MOVES

pytestmark = pytest.mark.browser
SAMPLE = "/models?sample=history"
SCORECARD = f"{SAMPLE}&models_tab=Scorecard"


def column(page, place: int, name: str) -> None:  # type: ignore[no-untyped-def]
    """Wait until the chart in a column is that of a model."""
    heading = page.locator(f".st-key-column_{place} .annotation-text").filter(has_text=re.compile(f"^{name}$"))
    heading.first.wait_for()


def counted(page, place: int, leads: str) -> None:  # type: ignore[no-untyped-def]
    """Wait until the line under a column's heading says how many leads it counts."""
    page.locator(f".st-key-column_{place} .annotation-text").filter(has_text=f"{leads} leads").first.wait_for()


def choose(page, place: int, name: str) -> None:  # type: ignore[no-untyped-def]
    """Pick a model in one of the four boxes, by keyboard."""
    box = page.get_by_role("combobox", name=re.compile(f"Model {place}$"))
    box.click()
    box.fill(name)
    page.get_by_role("option", name=name, exact=True).click()


def test_a_swapped_model_takes_its_column_and_the_others_stay(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    told(page, "The same 12,000 leads through three models")
    for place, name in enumerate(("Standard B2B", "AIDA", "Top, middle, bottom")):
        column(page, place, name)
    choose(page, 2, "CRM lifecycle")
    column(page, 1, "CRM lifecycle")
    column(page, 0, "Standard B2B")
    page.wait_for_url(re.compile("model_2=CRM"))
    choose(page, 4, "B2C")
    told(page, "The same 12,000 leads through four models")
    column(page, 3, "B2C")
    page.locator(STILL).wait_for()
    to_tab(page, "Scorecard")
    for name in ("CRM lifecycle", "B2C"):
        page.get_by_role("columnheader", name=name).wait_for()
    assert page.get_by_role("columnheader", name="AIDA").count() == 0


def test_title_columns_and_scoreboard_follow_the_slider(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SCORECARD)
    told(page, "The same 12,000 leads through three models")
    page.locator(".fl-board").get_by_text("of 9,512 lost for good stood there last").first.wait_for()
    slider = page.get_by_role("slider").first
    slider.wait_for()
    slider.press("ArrowRight")
    told(page, re.compile("The same 11,9.. leads through three models"))
    leads = re.search(r"[\d,]+", page.get_by_role("heading", level=1).inner_text()).group()  # type: ignore[union-attr]
    page.locator(".fl-board").get_by_text(
        re.compile(r"of 9,5(?!12)\d\d lost for good stood there last")
    ).first.wait_for()
    assert page.locator(".fl-board").get_by_text("of 9,512 lost for good stood there last").count() == 0
    page.locator(STILL).wait_for()
    to_tab(page, "Mapping")
    for place in range(3):
        counted(page, place, leads)


def test_a_click_on_a_stage_lists_its_leads_and_where_the_others_put_them(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "moves.csv", MOVES)
    told(page, ALL)
    page.get_by_role("link", name="Models", exact=True).click()
    told(page, "The same 4 leads through three models")
    bars = page.locator(".st-key-column_1 .bars .point path")
    bars.first.wait_for()
    bar = bars.first.bounding_box()
    page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    page.get_by_role("dialog").get_by_text("2 leads advanced from Awareness, seen through AIDA").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV of all 2").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert "Standard B2B" in lines[0]
    assert "Top, middle, bottom" in lines[0]
    assert {line.split(",")[0] for line in lines[1:]} == {"A-1", "C-3"}
    assert any("Retention and development" in line for line in lines[1:] if line.startswith("A-1"))
    assert any("Qualification" in line for line in lines[1:] if line.startswith("C-3"))


@pytest.mark.parametrize("width", [1280, 1920, 400])
def test_three_models_fit_the_width(visitor, width: int) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    page.set_viewport_size({"width": width, "height": 1000})
    told(page, "The same 12,000 leads through three models")
    column(page, 2, "Top, middle, bottom")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(STILL).wait_for()
    tops = page.evaluate(
        "[0, 1, 2].map(place => document.querySelector('.st-key-column_' + place).getBoundingClientRect().top)"
    )
    assert (len(set(map(round, tops))) == 1) == (width > 640)
    to_tab(page, "Scorecard")
    page.locator(".fl-board").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    inside = "[...document.querySelectorAll('.fl-board td')].every(cell => cell.scrollWidth <= cell.clientWidth + 1)"
    assert page.evaluate(inside)


def test_how_a_number_is_computed_opens_by_keyboard(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SCORECARD)
    page.locator(".fl-board summary").first.wait_for()
    page.locator(".fl-board summary").first.press("Enter")
    page.locator(".fl-board").get_by_text("Standard B2B keeps").wait_for()
    assert page.locator(".fl-board").get_by_text("Landmark day").first.is_visible()


def test_the_models_of_an_address_stay_when_pages_change(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE + "&model_2=As+recorded")
    column(page, 1, "CRM stages")
    page.get_by_role("link", name="Funnel", exact=True).click()
    told(page, "of 12,000 leads won")
    page.get_by_role("link", name="Models", exact=True).click()
    told(page, "The same 12,000 leads through three models")
    column(page, 1, "CRM stages")
