"""What a person does, in a real Chromium: upload, see, slide, reload, break something, come as somebody else."""

from __future__ import annotations

import itertools
import re
import time

import pytest

from tests.browser.places import COUNTING, DATA, FILE_MENU, go, open_menu
from tests.cases import case
from tests.pages.apps import ALL, MOVES

pytestmark = pytest.mark.browser
BOX = ".fl-upload input"
STILL = '[data-testid=stApp][data-test-script-state="notRunning"]'


def upload(page, name: str, content: bytes) -> None:  # type: ignore[no-untyped-def]
    """Upload a file through the page's box; that of the page before stands until the page is whole, and takes no file any more."""
    page.locator(STILL).wait_for()
    page.locator(BOX).set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})


def told(page, title: str | re.Pattern[str]) -> None:  # type: ignore[no-untyped-def]
    """Wait until the page's title says so; what is printed is waited for, since an idle page may be about to start."""
    page.get_by_role("heading", level=1).filter(has_text=title).wait_for()


def headed(page, title: str | re.Pattern[str]) -> None:  # type: ignore[no-untyped-def]
    """Wait until a section's heading says so."""
    page.get_by_role("heading", level=2).filter(has_text=title).first.wait_for()


def shown(page) -> int:  # type: ignore[no-untyped-def]
    """The number that the funnel's chart writes at its first stage; the bars are there by then."""
    bars = page.locator(".st-key-funnel_chart .bars .point")
    bars.first.wait_for()
    first = page.locator(".st-key-funnel_chart .annotation-text").filter(
        has_text=re.compile(r"^[\d,]+$|^[\d,]+\D*100%")
    )
    first.first.wait_for()
    return int(re.match(r"[\d,]+", first.first.text_content()).group().replace(",", ""))  # type: ignore[union-attr]


def test_upload_map_nothing_see_the_funnel(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    page.get_by_role("button", name="Try the sample").wait_for()
    upload(page, "moves.csv", MOVES)
    told(page, ALL)
    assert shown(page) == 4
    page.locator(BOX).wait_for(state="detached")


def test_a_public_export_is_recognised(visitor) -> None:  # type: ignore[no-untyped-def]
    path = case("maven_crm")
    files = sorted(path.glob("*.csv"))
    page = visitor()
    page.locator(BOX).set_input_files([str(file) for file in files])
    told(page, re.compile(r"^[\d,]+ of [\d,]+ leads won \(.*entered "))
    assert shown(page) > 1_000


def test_the_chart_follows_the_slider_by_keyboard_and_by_mouse(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "moves.csv", MOVES)
    told(page, ALL)
    page.get_by_role("slider").nth(1).wait_for()
    left, right = page.get_by_role("slider").all()
    left.press("ArrowRight")
    told(page, "None of 3 leads won yet · entered Jan 2025 – Mar 2025")
    page.wait_for_url(re.compile("from="))
    assert shown(page) == 3
    # The thumbs are drawn at the upper left corner of their hidden inputs.
    first, last = left.bounding_box(), right.bounding_box()
    height = last["y"] + 1
    page.mouse.move(last["x"] + 1, height)
    page.mouse.down()
    page.mouse.move((first["x"] + last["x"]) / 2 + 20, height, steps=8)
    page.mouse.up()
    told(page, "None of 2 leads won yet · entered Jan 2025 – Feb 2025")
    assert shown(page) == 2


def test_the_chart_stays_where_it_is_first_drawn(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    page.evaluate(
        """() => { window.tops = [];
        const look = () => { const chart = document.querySelector('.st-key-picture_funnel_chart .point');
          if (chart) window.tops.push(chart.closest('.st-key-picture_funnel_chart').getBoundingClientRect().top);
          requestAnimationFrame(look); };
        look(); }"""
    )
    # What draws the menus and the cards comes over a slow line, and not in the order in which it was asked for.
    waits = itertools.cycle((0.0, 0.3, 0.1))
    page.route(re.compile("static/js/(?!index)"), lambda route: (time.sleep(next(waits)), route.continue_()))
    page.get_by_role("button", name="Try the sample").click()
    shown(page)
    page.get_by_test_id("stMetric").nth(3).wait_for()
    page.get_by_text("Stage outcomes").wait_for()
    page.locator(STILL).wait_for()
    # What the browser rounds is no jump.
    assert page.evaluate("Math.max(...window.tops) - Math.min(...window.tops)") < 2


def test_the_page_does_not_jump_while_the_slider_moves(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history")
    told(page, "of 12,000 leads won")
    shown(page)
    page.get_by_test_id("stMetric").nth(3).wait_for()
    page.evaluate(
        """() => { const chart = document.querySelector('.st-key-picture_funnel_chart');
        window.heights = new Set([chart.getBoundingClientRect().height]); window.tops = new Set();
        const look = () => { const now = document.querySelector('.st-key-picture_funnel_chart');
          window.heights.add(now ? now.getBoundingClientRect().height : -1);
          window.tops.add(now ? Math.round(now.getBoundingClientRect().top) : -1); requestAnimationFrame(look); };
        look(); }"""
    )
    page.get_by_role("slider").first.press("ArrowRight")
    told(page, re.compile("of 11,"))
    page.get_by_text("Stage outcomes").wait_for()
    assert page.evaluate("window.heights.size") == 1
    assert page.evaluate("window.tops.size") == 1


def test_a_reload_and_a_link_keep_the_view(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "moves.csv", MOVES)
    told(page, ALL)
    page.get_by_role("slider").first.press("ArrowRight")
    view = "None of 3 leads won yet · entered Jan 2025 – Mar 2025"
    told(page, view)
    page.wait_for_url(re.compile("from="))
    page.reload()
    told(page, view)
    go(page, DATA)
    told(page, "Data check")
    # A click is lost while the page is still being drawn.
    page.locator(STILL).wait_for()
    page.get_by_role("link", name="Funnel", exact=True).click()
    told(page, view)


def test_a_broken_file_leaves_the_old_view_standing(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "moves.csv", MOVES)
    told(page, ALL)
    go(page, DATA)
    told(page, "Data check")
    open_menu(page, FILE_MENU)
    upload(page, "broken.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    page.get_by_role("alert").filter(has_text="broken").wait_for()
    page.get_by_role("link", name="Funnel", exact=True).click()
    told(page, ALL)


def test_two_visitors_do_not_see_each_others_leads(visitor) -> None:  # type: ignore[no-untyped-def]
    mine, yours = visitor(), visitor()
    upload(mine, "moves.csv", MOVES)
    told(mine, ALL)
    yours.reload()
    told(yours, "See the funnel in your lead file")
    upload(yours, "moves.csv", MOVES.replace(b"D-4,New,2025-03-15,West,\n", b""))
    told(yours, "1 of 3 leads won · entered Jan 2025 – Feb 2025")
    mine.reload()
    told(mine, ALL)


def test_a_click_on_a_bar_lists_the_leads_behind_it(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "moves.csv", MOVES)
    told(page, ALL)
    shown(page)
    # A click is lost while the page is still being drawn.
    page.locator(STILL).wait_for()
    bar = page.locator(".st-key-funnel_chart .bars .point path").first.bounding_box()
    page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    page.get_by_role("dialog", name="View leads").get_by_text("2 leads advanced from New").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV of all 2").click()
    assert "A-1" in download.value.path().read_text("utf-8-sig")
    assert "'=1+1" in download.value.path().read_text("utf-8-sig")
    page.get_by_role("button", name="Close").click()
    page.get_by_role("dialog").wait_for(state="detached")


def test_stages_are_moved_by_buttons(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "moves.csv", MOVES)
    told(page, ALL)
    shown(page)
    open_menu(page, COUNTING).get_by_text("Order of stages").click()
    page.locator(".st-key-later_0").get_by_role("button").click()
    page.wait_for_url(re.compile("stages=Qualified&stages=New"))
    page.get_by_text("1. Qualified", exact=True).wait_for()
    page.get_by_role("button", name="Back to the inferred order").click()
    page.get_by_text("1. New", exact=True).wait_for()


def test_what_was_rejected_can_be_downloaded(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor()
    upload(page, "moves.csv", MOVES.replace(b"D-4,New,2025-03-15", b"D-4,New,=soon"))
    told(page, re.compile("of . leads won"))
    go(page, DATA, "Rows")
    page.get_by_text("Rejected: 1 cell").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="All rejected, as CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert lines[0] == "File,Line,Column,Value,Reason,Whole line rejected"
    assert lines[1].startswith("moves.csv,9,changed_at,'=soon,")
