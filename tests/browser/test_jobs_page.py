"""The eight jobs that people come for, on the sample, each with no more clicks than it may take. A click is a press, a pick from a
menu, or a value typed."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.places import open_list
from tests.browser.test_funnel_page import STILL, told

pytestmark = pytest.mark.browser


class Person:
    """Somebody at the first page of the sample, whose clicks are counted."""

    def __init__(self, visitor, path: str = "/?sample=history", chart: str = "overview_funnel", **kind) -> None:  # type: ignore[no-untyped-def]
        self.page = visitor(path, **kind)
        self.clicks = 0
        self.page.locator(f".st-key-picture_{chart} .bars .point").first.wait_for()
        self.still()

    def still(self) -> None:
        self.page.wait_for_timeout(300)
        self.page.locator(STILL).wait_for()

    def press(self, place) -> None:  # type: ignore[no-untyped-def]
        place.first.click()
        self.clicks += 1
        self.still()

    def go(self, name: str) -> None:
        # Some links have a sign before their name.
        self.press(self.page.get_by_role("link", name=re.compile(rf"(^|\s){name}$")))

    def pick(self, box: str, name: str) -> None:
        """One click: a pick from a menu by its name."""
        open_list(self.page, self.page.get_by_role("combobox", name=box).first)
        self.page.get_by_role("option", name=name).first.click()
        self.clicks += 1
        self.still()

    def says(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()


def test_this_quarter_against_the_last_from_marketing_qualified(visitor) -> None:  # type: ignore[no-untyped-def]
    person = Person(visitor)
    person.pick("Dates by name", "Last quarter")
    person.pick("Compare to", "vs previous period")
    assert person.clicks == 2
    person.says("1 Jan 2025 – 31 Mar 2025 against 1 Oct 2024 – 31 Dec 2024.")
    person.press(person.page.get_by_role("button", name="How we count"))
    person.pick("From stage", "Marketing qualified")
    assert person.clicks == 4
    # Of all that came to Marketing qualified; those that did so in the quarter.
    told(person.page, "entered Jan 2025 – Mar 2025")
    person.says("Marketing qualified → Expansion")


def test_which_stage_leaks_most_for_which_channel(visitor) -> None:  # type: ignore[no-untyped-def]
    person = Person(visitor)
    person.go("Segments")
    assert person.clicks == 1
    person.says("Each step")
    person.says("Paid search, Contacted → Marketing qualified")


def test_aida_and_the_standard_model_for_one_region_last_year(visitor) -> None:  # type: ignore[no-untyped-def]
    person = Person(visitor)
    person.go("Models")
    person.pick("Dates by name", "Last year")
    person.press(person.page.get_by_role("button", name="Filters"))
    person.pick("Region", "EMEA")
    assert person.clicks == 4
    # Behind the open menu it is out of reach, not out of sight.
    person.page.locator(".st-key-chip_Region").wait_for()
    for model in ("Standard B2B", "AIDA"):
        person.page.locator(".st-key-columns").get_by_text(model).first.wait_for()


def test_stalled_deals_as_csv(visitor) -> None:  # type: ignore[no-untyped-def]
    person = Person(visitor)
    person.go("Pipeline")
    with person.page.expect_download() as download:
        person.press(person.page.get_by_role("button", name="CSV of all"))
    assert person.clicks == 2
    rows = list(csv.DictReader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 532
    assert {"Lead", "Owner", "Amount", "Days in stage"} <= rows[0].keys()
    # By value, the largest first.
    amounts = [float(row["Amount"]) for row in rows if row["Amount"]]
    assert amounts == sorted(amounts, reverse=True)


def test_this_view_for_a_colleague(visitor) -> None:  # type: ignore[no-untyped-def]
    person = Person(visitor, permissions=["clipboard-read", "clipboard-write"])
    person.press(person.page.get_by_role("button", name="Share"))
    assert person.clicks == 1
    person.says("Link copied")
    assert person.page.evaluate("navigator.clipboard.readText()").endswith("/?sample=history")


def test_the_funnel_for_a_slide(visitor) -> None:  # type: ignore[no-untyped-def]
    person = Person(visitor, "/funnel?sample=history", chart="funnel_chart")
    chart = person.page.locator(".st-key-picture_funnel_chart")
    # On its chart the pointer finds it.
    chart.hover(position={"x": 200, "y": 120})
    button = chart.get_by_role("button", name="PNG for a slide, 16:9")
    assert float(button.evaluate("it => getComputedStyle(it).opacity")) > 0.5
    with person.page.expect_download() as download:
        person.press(button)
    assert person.clicks == 1
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_what_a_label_means(visitor) -> None:  # type: ignore[no-untyped-def]
    person = Person(visitor)
    person.go("Data check")
    person.pick("Demo done maps to", "Proposal")
    assert person.clicks == 2
    box = person.page.get_by_role("combobox", name="Demo done maps to")
    expect(box).to_have_value("Proposal", timeout=30_000)


def test_what_a_number_of_wins_needs(visitor) -> None:  # type: ignore[no-untyped-def]
    person = Person(visitor)
    person.go("Pipeline")
    person.press(person.page.get_by_role("radio", name="Planner"))
    wanted = person.page.get_by_role("spinbutton", name=re.compile("^Wins wanted"))
    wanted.fill("200")
    wanted.press("Enter")
    person.clicks += 1
    assert person.clicks == 3
    person.page.get_by_role("heading", name=re.compile("^200 more wins are needed; ")).wait_for()
