"""A folder that is followed, in a real Chromium: the line under the bar looks by itself, and nothing else moves until somebody says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.places import COUNTING, go, open_menu
from tests.browser.test_funnel_page import told
from tests.browser.test_two_visitors import Browser, lines
from tests.running import running

pytestmark = pytest.mark.browser
BOX = ".st-key-live_line"
SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    inside = tmp_path / "exports"
    inside.mkdir()
    (inside / "leads.csv").write_bytes(lines("own", 40))
    return inside


@pytest.fixture
def app(exports: Path, tmp_path: Path) -> Iterator[str]:
    sources = tmp_path / "sources.toml"
    sources.write_text(f'[[source]]\nname = "Exports"\nkind = "folder"\npath = "{exports}"\nrefresh = "1s"\n')
    with running(environment={"FUNNEL_LENS_SOURCES": str(sources), "TMPDIR": str(tmp_path)}) as address:
        yield address


def opens(visitor: Browser) -> None:
    """Opens the source by its name."""
    page = visitor.page
    page.get_by_role("combobox", name="Live source").click()
    page.get_by_role("option", name="Exports").click()
    page.get_by_role("button", name="Open source").click()
    expect(page.locator(BOX)).to_contain_text("Exports, as of ", timeout=60_000)


def test_newer_data_move_nothing_until_somebody_shows_them(browser, app, exports) -> None:  # type: ignore[no-untyped-def]
    visitor = Browser(browser, app)
    page = visitor.page
    opens(visitor)
    told(page, re.compile("40 leads"))
    go(page, "Trends", "By age")
    page.get_by_role("radio", name="By age").and_(page.locator("[aria-checked=true]")).wait_for()
    open_menu(page, COUNTING).get_by_text("Entered this stage", exact=True).click()
    page.wait_for_url("**rule=Entered*")
    page.keyboard.press("Escape")
    visitor.idle()
    title, where = page.get_by_role("heading", level=1).inner_text(), page.url
    height = page.locator(BOX).bounding_box()["height"]

    menu = open_menu(page, COUNTING)
    (exports / "leads.csv").write_bytes(lines("own", 47))
    expect(page.locator(BOX)).to_contain_text("Since then 7 new leads, 0 moves.", timeout=60_000)
    assert menu.is_visible()
    page.keyboard.press("Escape")
    page.mouse.wheel(0, 260)
    page.wait_for_timeout(800)
    scrolled = page.evaluate(SCROLLED)
    assert scrolled > 0
    (exports / "leads.csv").write_bytes(lines("own", 50))
    expect(page.locator(BOX)).to_contain_text("Since then 10 new leads, 0 moves.", timeout=60_000)
    assert page.evaluate(SCROLLED) == scrolled
    assert page.locator(BOX).bounding_box()["height"] == height
    assert page.url == where
    assert page.get_by_role("heading", level=1).inner_text() == title

    # The line looks on while one goes from page to page: what was chosen on each stands there again.
    go(page, "Pipeline", "Forecast")
    page.wait_for_timeout(4500)
    go(page, "Trends")
    page.wait_for_timeout(2500)
    visitor.idle()
    expect(page.get_by_role("radio", name="By age")).to_have_attribute("aria-checked", "true")
    chosen = open_menu(page, COUNTING).locator("[aria-checked=true]")
    assert "Entered this stage" in chosen.all_inner_texts()
    page.keyboard.press("Escape")
    assert page.get_by_role("heading", level=1).inner_text() == title

    page.locator(BOX).get_by_role("button", name="Show").click()
    expect(page.locator(BOX)).not_to_contain_text("Since then", timeout=60_000)
    expect(page.get_by_role("radio", name="By age")).to_have_attribute("aria-checked", "true")
    go(page, "Overview")
    told(page, re.compile("50 leads"))

    # A second browser finds the source read, and a folder that is gone leaves all as it was.
    other = Browser(browser, app)
    opens(other)
    told(other.page, re.compile("50 leads"))
    exports.rename(exports.with_name("away"))
    expect(page.locator(BOX)).to_contain_text("or a file in it, cannot be read", timeout=60_000)
    told(page, re.compile("50 leads"))
    other.context.close()
    visitor.context.close()
