"""The Customers page in a real Chromium: its picture, its tabs, on a phone too, and the way to it."""

from __future__ import annotations

import re

import pytest

from tests.browser.places import go, to_tab
from tests.browser.test_accessibility_page import clean_at_both_widths, settled
from tests.browser.test_funnel_page import headed, told
from tests.browser.test_overlaps_page import WIDTHS, crowded
from tests.browser.test_pipeline_page import written
from tests.thorough import every

pytestmark = pytest.mark.browser
SAMPLE = "/customers?sample=contracts"
TABS = ("By first win", "Repeat value", "Customers' deals", "Contracts")


def test_from_the_second_win_to_contracts(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    told(page, "39% of customers buy again within a year")
    written(page, "picture_expansion", "All customers")
    page.get_by_text("Customers by the quarter of their first win").wait_for()
    to_tab(page, "Repeat value")
    page.get_by_role("radio", name="USD").click()
    page.get_by_text("46.54 more per 100 of it").wait_for()
    to_tab(page, "Customers' deals")
    page.get_by_role("cell", name="37 days").wait_for()
    page.get_by_role("link", name="Compare them step by step").click()
    told(page, re.compile("Account already a customer at the start"))


def test_contracts_by_month(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(f"{SAMPLE}&customers_tab=Contracts")
    headed(page, "Net revenue retention 99%, gross 93% over 12 months")
    written(page, "picture_retention", "Expansion")
    page.get_by_role("radio", name="USD").click()
    written(page, "picture_retention", "$83.7K")
    headed(page, "Net revenue retention 90%, gross 86% over 12 months in USD")


def test_nothing_is_wider_than_a_phone(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    page.set_viewport_size({"width": 400, "height": 800})
    written(page, "picture_expansion", "customers")
    for tab in ("Repeat value", "Customers' deals", "Contracts"):
        to_tab(page, tab)
        page.get_by_text("A customer's first win is the first in this file").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_the_bar_has_the_page_where_somebody_bought_again(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/?sample=history")
    go(page, "Customers")
    told(page, "39% of customers buy again within a year")


@pytest.mark.parametrize(("tab", "theme"), every(5, [(tab, theme) for tab in TABS for theme in ("light", "dark")]))
def test_every_tab_is_accessible(again, tab: str, theme: str) -> None:  # type: ignore[no-untyped-def]
    page = again(f"{SAMPLE}&customers_tab={tab}", width=1440, color_scheme=theme, reduced_motion="reduce")
    page.get_by_text("A customer's first win is the first in this file").wait_for()
    settled(page)
    clean_at_both_widths(page)


@pytest.mark.parametrize("tab", ["By first win", "Repeat value", "Contracts"])
def test_no_chart_is_crowded(visitor, tab: str) -> None:  # type: ignore[no-untyped-def]
    page = visitor(f"{SAMPLE}&customers_tab={tab}")
    page.get_by_text("A customer's first win is the first in this file").wait_for()
    assert crowded(page, WIDTHS) == []
