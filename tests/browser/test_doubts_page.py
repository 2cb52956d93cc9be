"""A file that can be read in two ways, in a real Chromium: its banner, the other reading and back, and a line taken for a lead by hand."""

from __future__ import annotations

import re

import pytest

from funnel.words import wording
from tests import doubtful
from tests.browser.places import DATA, go, open_list, to_tab
from tests.browser.test_funnel_page import STILL, shown, told, upload
from tests.pages.apps import ALL, MOVES
from tests.pages.test_pages_doubts import AS_HISTORY, CLIENTS_WON, LINES, LINES_WON, THEN
from tests.pages.test_pages_doubts import AS_LINES as LINES_OFFERED
from tests.pages.test_pages_doubts import NOW as LINES_TOLD

pytestmark = pytest.mark.browser
BANNER = ".st-key-doubt_banner"
TITLE = f"{LINES_WON} of {LINES} leads won (33%) · entered Feb 2024 – Jun 2024"
NOW, AS_LINES = (text.replace(":", f":{wording.WORD_JOINER}") for text in (LINES_TOLD, LINES_OFFERED))
"""As they stand on the page, where no text of a file can begin an address."""


def doubted(visitor, **kind):  # type: ignore[no-untyped-def]
    page = visitor(**kind)
    upload(page, "deals.csv", doubtful.content())
    told(page, TITLE)
    page.locator(BANNER).get_by_text(NOW).wait_for()
    return page


def test_the_other_reading_is_one_click_away_and_so_is_the_way_back(visitor) -> None:  # type: ignore[no-untyped-def]
    page = doubted(visitor)
    page.get_by_test_id("stMetricValue").first.get_by_text(str(LINES), exact=True).wait_for()
    page.get_by_role("button", name=AS_HISTORY).click()
    told(page, re.compile(rf"^{CLIENTS_WON} of "))
    page.locator(BANNER).get_by_text(THEN).wait_for()
    page.get_by_role("button", name=AS_LINES).click()
    told(page, TITLE)
    page.locator(BANNER).get_by_text(NOW).wait_for()
    page.get_by_test_id("stMetricValue").first.get_by_text(str(LINES), exact=True).wait_for()


def test_the_banner_moves_the_page_by_its_own_height_alone_and_its_going_redraws_no_chart(visitor) -> None:  # type: ignore[no-untyped-def]
    page = doubted(visitor)
    shown(page)
    page.locator(STILL).wait_for()
    chart = page.locator(".st-key-funnel_chart .js-plotly-plot").element_handle()
    title, banner = (page.locator(each).bounding_box() for each in ("h1", BANNER))
    assert banner["height"] < 110
    page.get_by_role("button", name="Hide", exact=True).click()
    page.locator(BANNER).wait_for(state="detached")
    page.locator(STILL).wait_for()
    assert page.locator("h1").bounding_box()["y"] == pytest.approx(banner["y"], abs=2)
    assert title["y"] - banner["y"] - banner["height"] < 25
    assert chart.evaluate("chart => chart.isConnected")


def test_a_hidden_doubt_stays_on_the_data_page(visitor) -> None:  # type: ignore[no-untyped-def]
    page = doubted(visitor)
    page.locator(BANNER).get_by_role("link", name="More under Data check").click()
    told(page, "Data check")
    page.locator(STILL).wait_for()
    to_tab(page, "Rows")
    page.get_by_role("button", name="Hide", exact=True).click()
    page.locator(BANNER).wait_for(state="detached")
    page.get_by_role("alert").get_by_text(NOW).wait_for()
    page.locator(STILL).wait_for()
    to_tab(page, "Columns")
    page.locator(".st-key-other_readings").get_by_role("button", name=AS_HISTORY).click()
    page.locator(BANNER).get_by_text(THEN).wait_for()


def test_each_line_can_be_made_a_lead_by_hand(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "moves.csv", MOVES)
    told(page, ALL)
    assert page.locator(BANNER).count() == 0
    go(page, DATA, "Columns")
    told(page, "Data check")
    open_list(page, page.get_by_role("combobox", name="Lead", exact=False).first)
    page.get_by_role("option", name="Each line is a lead").click()
    page.get_by_role("button", name="Apply").click()
    page.get_by_text(re.compile("^8 leads, 8 entries:.* one row per lead, as it stands now")).wait_for()
    why = page.locator(".fl-why")
    assert re.search(r"Lead\s*Each line is a lead\s*Chosen by hand\.", why.inner_text())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1024])
def test_banner_and_sections_fit(visitor, scheme, width) -> None:  # type: ignore[no-untyped-def]
    page = visitor(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    header = "Client Code " + "of a very long name " * 12
    upload(page, "deals.csv", doubtful.content(doubtful.HEADER.replace("Client Code", header.strip())))
    page.locator(BANNER).wait_for()
    page.goto(page.url.split("?")[0].rstrip("/").removesuffix("/funnel") + "/data?files_tab=Columns")
    page.locator(".fl-why").wait_for()
    page.locator(STILL).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for room in (BANNER, ".fl-why", ".st-key-other_readings"):
        inside = page.locator(room).bounding_box()
        assert inside["x"] + inside["width"] <= width
        for part in page.locator(f"{room} button:visible, {room} p:visible, {room} td").all():
            box = part.bounding_box()
            assert box["x"] + box["width"] <= inside["x"] + inside["width"] + 1
