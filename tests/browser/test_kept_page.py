"""Work that keeps itself, in a real Chromium: after a crash, a reload and a restart all is as it was, and no window undoes another's."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import COUNTING, DATA, go, open_menu, to_tab
from tests.browser.test_funnel_page import told
from tests.browser.test_two_visitors import ANN, Browser, lines
from tests.running import running, serving

pytestmark = pytest.mark.browser


def open_page(browser: Browser, name: str, tab: str = "") -> None:
    go(browser.page, name)
    browser.idle()
    if tab:
        to_tab(browser.page, tab)
    browser.page.wait_for_timeout(400)
    browser.idle()


def noted(browser: Browser, text: str) -> None:
    """The notes come to say so."""
    expect(browser.page.get_by_label("Notes")).to_have_value(text, timeout=60_000)


def note(browser: Browser, text: str) -> None:
    browser.page.get_by_label("Notes").fill(text)
    browser.page.get_by_label("Notes").press("Control+Enter")
    browser.page.wait_for_timeout(600)
    browser.idle()


def kept(page: Page, folder: Path, text: str) -> None:
    """What lies on disk comes to say so: the address tells of a click before the server has heard of it."""
    for _ in range(600):
        if any(text in path.read_text(encoding="utf-8") for path in folder.glob("*/*/work.json")):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{text} was not kept")


def test_a_crash_and_a_restart_bring_back_the_last_state(browser, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings = {"FUNNEL_LENS_WORK": str(tmp_path / "work"), "TMPDIR": str(tmp_path)}
    with serving(environment=settings) as (address, server):
        port = address.rpartition(":")[2]
        ann = Browser(browser, address)
        ann.brings("leads.csv", lines(ANN, 20))
        told(ann.page, "Of 20 leads")
        open_page(ann, DATA, "Project")
        note(ann, "Mind the gap")
        open_page(ann, "Trends")
        open_menu(ann.page, COUNTING).get_by_text("Entered this stage", exact=True).click()
        ann.page.wait_for_url("**/trends?*rule=Entered*")
        kept(ann.page, tmp_path / "work", "Entered this stage")
        os.kill(server, signal.SIGKILL)
    with running(environment=settings, port=int(port)):
        # The bare address leads to where one was.
        ann.page.goto(f"http://localhost:{port}/")
        ann.page.wait_for_url("**/trends?*rule=Entered*")
        open_page(ann, DATA, "Project")
        noted(ann, "Mind the gap")
        ann.page.get_by_text("leads.csv", exact=True).first.wait_for()
        # Nobody else sees any of it.
        other = Browser(browser, f"http://localhost:{port}")
        told(other.page, "See the funnel in your lead file")
        assert not other.has(ANN)
        assert not other.has("Mind the gap")
        other.context.close()
        ann.page.reload()
        ann.page.get_by_label("Notes").wait_for()
        noted(ann, "Mind the gap")
    ann.context.close()


def test_two_windows_do_not_undo_each_others_changes_in_silence(browser, tmp_path) -> None:  # type: ignore[no-untyped-def]
    with running(environment={"FUNNEL_LENS_WORK": str(tmp_path / "work")}) as address:
        first = Browser(browser, address)
        first.brings("leads.csv", lines(ANN, 20))
        told(first.page, "Of 20 leads")
        open_page(first, DATA, "Project")
        second = Browser(browser, f"{address}/data?files_tab=Project", first.context)
        second.page.get_by_label("Notes").wait_for()
        second.idle()
        note(first, "what the first window says")
        note(second, "what the second window says")
        second.page.get_by_text("Another window has changed this work meanwhile").wait_for()
        noted(second, "what the first window says")
        # What was not taken over is not lost either.
        second.page.get_by_text("what the second window says").wait_for()
        note(second, "both")
        first.page.reload()
        first.page.get_by_label("Notes").wait_for()
        noted(first, "both")
        first.context.close()


def test_two_servers_do_not_write_over_each_other(browser, tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings = {"FUNNEL_LENS_WORK": str(tmp_path / "work")}
    with running(environment=settings) as first_address, running(environment=settings) as second_address:
        first = Browser(browser, first_address)
        first.brings("leads.csv", lines(ANN, 20))
        told(first.page, "Of 20 leads")
        open_page(first, DATA, "Project")
        note(first, "first")
        # The same browser at the other server: it sees the work, and is told that it is not kept there.
        second = Browser(browser, f"{second_address}/data?files_tab=Project", first.context)
        second.page.get_by_text("Another Funnel Lens on this machine keeps this browser's work").wait_for()
        noted(second, "first")
        note(second, "second")
        kept = [path.read_text(encoding="utf-8") for path in Path(tmp_path / "work").glob("*/*/work.json")]
        assert len(kept) == 1
        assert '"first"' in kept[0]
        assert '"second"' not in kept[0]
        first.context.close()


def test_a_project_opens_in_another_browser_with_its_view(browser, tmp_path) -> None:  # type: ignore[no-untyped-def]
    with running() as address:
        ann = Browser(browser, address)
        ann.brings("leads.csv", lines(ANN, 20))
        told(ann.page, "Of 20 leads")
        open_menu(ann.page, COUNTING).get_by_text("Entered this stage", exact=True).click()
        ann.page.wait_for_url("**/?*rule=Entered*")
        open_page(ann, DATA, "Project")
        note(ann, "for Bob")
        with ann.page.expect_download() as saved:
            ann.page.get_by_role("button", name="Save project").click()
        saved.value.save_as(tmp_path / saved.value.suggested_filename)
        assert saved.value.suggested_filename == "leads.funnel"
        bob = Browser(browser, address)
        bob.page.locator("text=Try the sample").first.click()
        told(bob.page, "Of 12,000 leads")
        open_page(bob, DATA, "Project")
        bob.replaces("leads.funnel", (tmp_path / "leads.funnel").read_bytes())
        bob.page.wait_for_url("**/data?*rule=Entered*")
        bob.page.get_by_label("Notes").wait_for()
        noted(bob, "for Bob")
        # A damaged one leaves the work as it is, and says so.
        damaged = bytearray((tmp_path / "leads.funnel").read_bytes())
        damaged[len(damaged) // 2] ^= 1
        bob.replaces("leads.funnel", bytes(damaged))
        bob.page.get_by_text("not all of it is as Funnel Lens wrote it").wait_for()
        noted(bob, "for Bob")
        ann.context.close()
        bob.context.close()
