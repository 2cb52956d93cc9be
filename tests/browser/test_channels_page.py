"""The Channels page in a real Chromium: both files at once, the rules chosen, the lines left out taken away, on a phone too."""

from __future__ import annotations

import pytest

from tests.browser.places import to_tab
from tests.browser.test_funnel_page import told
from tests.browser.test_overlaps_page import crowded
from tests.browser.test_pipeline_page import written

pytestmark = pytest.mark.browser
SAMPLE = "/channels?sample=touches"


def test_the_rules_side_by_side_and_the_lines_left_out(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE)
    told(page, "Email gets 126 to 267 of 1,006 wins")
    page.get_by_role("link", name="Channels", exact=True).first.wait_for()
    written(page, "picture_credit", "126 to 267")
    page.get_by_role("button", name="Shapley", exact=True).click()
    page.get_by_text("By Shapley some get less than nothing").wait_for()
    to_tab(page, "By stage")
    page.get_by_role("heading", name="What starts leads, and what closes them").wait_for()
    to_tab(page, "Before a step")
    page.get_by_text("need not cause it").wait_for()
    written(page, "picture_goes_before", "goes before")
    to_tab(page, "Touches left out")
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV of all 563").click()
    lines = saved.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "File,Line,Who,When,Channel,Reason"
    assert len(lines) == 564


def test_nothing_is_wider_than_a_phone(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor(SAMPLE, width=400)
    told(page, "Email gets 126 to 267 of 1,006 wins")
    written(page, "picture_credit", "79 to 178")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


@pytest.mark.parametrize("view", ["", "&channels_tab=By+stage", "&channels_in=EUR&channels_rules=Shapley"])
def test_no_chart_is_crowded(visitor, view) -> None:  # type: ignore[no-untyped-def]
    assert crowded(visitor(SAMPLE + view), (1440, 700, 400, 320)) == []
