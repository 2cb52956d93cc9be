"""The box Watch in a real Chromium: closed at first, then what rings with its picture; rules are kept, and labels of a file stay text."""

from __future__ import annotations

import pytest

from tests import watch_leads
from tests.browser.places import go
from tests.browser.test_funnel_page import STILL, upload

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=alert(1)> ![x](http://evil.example/p.png) <http://evil.example>"
LEADS = watch_leads.csv(watch_leads.weeks(44, fallen=4, to=4), f'"{HOSTILE}"').encode()


def test_what_rings_is_told_and_rules_are_kept(visitor, tmp_path) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel")
    upload(page, "deals.csv", LEADS)
    go(page, "Overview")
    page.locator(STILL).wait_for()
    box = page.locator(".st-key-watch")
    assert box.get_by_text(" rules ring.").count() == 0
    box.locator("summary").click()
    box.get_by_text(" rules ring.").wait_for()
    box.locator(".st-key-watch_alarms").get_by_text("is below its usual range").first.wait_for()
    box.get_by_text("By chance alone that happens").first.wait_for()
    box.locator(".st-key-picture_watch_step .js-plotly-plot").wait_for()
    box.get_by_text("in the past year").wait_for()
    # What a label wants to be is only shown.
    assert box.locator("img, a[href*=evil]").count() == 0
    assert box.get_by_text("![x](http").count() > 0
    box.get_by_label("Also above the usual range").check(force=True)
    box.get_by_role("button", name="Keep these rules").click()
    box.get_by_role("button", name="Back to the usual rules").wait_for()
    with page.expect_download() as download:
        box.get_by_role("button", name="Download rules").click()
    assert download.value.suggested_filename == "watch.toml"
    download.value.save_as(tmp_path / "watch.toml")
    assert (tmp_path / "watch.toml").read_text(encoding="utf-8").count('direction = "both"') == 2
    page.set_viewport_size({"width": 400, "height": 900})
    page.locator(STILL).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
