"""Share in a real Chromium: a link copied in one browser and opened in another, with the file, without it and over another one."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from funnel.storage import project
from tests.browser.places import DATA, FILE_MENU, go, open_menu
from tests.browser.test_funnel_page import STILL, told, upload
from tests.pages.apps import ALL, MOVES

pytestmark = pytest.mark.browser
HOSTILE = "a&b=#ç ![x](y)+z%20.csv"
THREE = "None of 3 leads won yet · entered Jan 2025 – Mar 2025"
CLIPBOARD = "navigator.clipboard.readText()"


def viewed(visitor, name: str):  # type: ignore[no-untyped-def]
    """A browser that looks at leads from 20 January on, by a rule of its own."""
    page = visitor("/funnel?from=2025-01-20&rule=came+in+order", permissions=["clipboard-read", "clipboard-write"])
    upload(page, name, MOVES)
    told(page, THREE)
    page.locator(STILL).wait_for()
    return page


def shared(page) -> str:  # type: ignore[no-untyped-def]
    """The link, copied by keys."""
    page.get_by_role("button", name="Share").press("Enter")
    page.get_by_role("button", name="Copy link").press("Enter")
    page.get_by_role("button", name="Link copied").wait_for()
    link: str = page.evaluate(CLIPBOARD)
    assert page.get_by_role("textbox", name="Link to this view").input_value() == link
    return link


def test_a_link_opens_its_view_where_its_file_is_opened(visitor, address) -> None:  # type: ignore[no-untyped-def]
    link = shared(viewed(visitor, HOSTILE))
    words = parse_qs(urlsplit(link).query)
    assert words == {
        "from": ["2025-01-20"],
        "to": ["2025-03-15"],
        "rule": ["Went through every stage in order"],
        "file": [HOSTILE],
    }
    other = visitor(link.removeprefix(address))
    other.get_by_text(f"This link shows “{HOSTILE}”. Open that file to see it.", exact=True).wait_for()
    upload(other, HOSTILE, MOVES)
    told(other, THREE)
    assert other.get_by_role("slider").first.get_attribute("aria-valuetext") == "20 Jan 2025"
    other.get_by_text("counted only after every stage before, in order").first.wait_for()
    other.wait_for_url(lambda url: "file=" not in url)
    assert other.get_by_text("This link shows").count() == 0


def test_a_link_waits_for_its_file_where_another_one_is_open(visitor, address) -> None:  # type: ignore[no-untyped-def]
    link = shared(viewed(visitor, "moves.csv"))
    page = visitor()
    upload(page, "other.csv", MOVES.replace(b"2025-01-20", b"2025-01-21"))
    told(page, ALL)
    page.goto(link)
    page.get_by_text("Open that file to see it. What you see now is “other.csv”.").wait_for()
    page.locator(STILL).wait_for()
    go(page, DATA)
    told(page, "Data check")
    open_menu(page, FILE_MENU)
    upload(page, "moves.csv", MOVES)
    told(page, THREE)
    page.get_by_text("counted only after every stage before, in order").first.wait_for()
    page.wait_for_url("**/funnel?*from=2025-01-20&to=2025-03-15*")


def test_where_the_clipboard_is_closed_the_link_is_there_to_be_taken(visitor) -> None:  # type: ignore[no-untyped-def]
    page = viewed(visitor, "moves.csv")
    page.evaluate("navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false")
    page.get_by_role("button", name="Share").press("Enter")
    page.get_by_role("button", name="Copy link").press("Enter")
    page.get_by_role("button", name="Copy it by hand").wait_for()
    box = page.get_by_role("textbox", name="Link to this view")
    box.focus()
    assert page.evaluate("document.getSelection().toString()") == box.input_value()
    assert "file=moves.csv" in box.input_value()


def test_a_project_with_this_view_opens_at_it(visitor, tmp_path) -> None:  # type: ignore[no-untyped-def]
    page = viewed(visitor, "moves.csv")
    page.get_by_role("button", name="Share").press("Enter")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download project with this view").press("Enter")
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.name == "moves.funnel"
    assert project.is_project(saved)
    other = visitor()
    upload(other, saved.name, saved.read_bytes())
    told(other, THREE)
    other.wait_for_url("**/funnel?*from=2025-01-20&to=2025-03-15*")
    other.get_by_text("counted only after every stage before, in order").first.wait_for()
