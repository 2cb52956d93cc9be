"""A report in a real Chromium: gathered, put in order, downloaded and opened; it asks nothing, and is read without scripts too."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import funnel
from funnel import report
from funnel.report import html, paper
from tests.attacks import ITSELF, ring
from tests.browser.test_export_page import funnel as funnel_page
from tests.browser.test_export_page import opened
from tests.browser.test_funnel_page import STILL
from tests.thorough import thorough

pytestmark = pytest.mark.browser
BAD = """() => ({
  links: [...document.querySelectorAll('[href]')].map(each => each.getAttribute('href')).filter(each => !/^(#|data:)/.test(each)),
  scripted: [...document.querySelectorAll('*')].filter(each => [...each.attributes].some(({ name }) => name.startsWith('on'))).length,
  foreign: [...document.querySelectorAll('iframe, object, embed, form, base, img, video, audio')].length,
})"""


def _read(context, path: Path):  # type: ignore[no-untyped-def]
    """The page, open, with what it asked for beyond itself and what went wrong in it."""
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(str(error)))
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    return page, [each for each in asked if each != path.as_uri() and not each.startswith("data:")]


def test_two_charts_become_a_page_that_asks_nothing(visitor, tmp_path) -> None:
    page = funnel_page(visitor)
    opened(page).get_by_role("menuitem", name="Add to report").click()
    box = page.get_by_role("button", name="Report (1)")
    box.wait_for()
    page.get_by_role("link", name="Pipeline").click()
    page.locator(".st-key-picture_aging .fl-menu").wait_for()
    page.locator(STILL).wait_for()
    menu = page.locator(".st-key-picture_aging .fl-menu")
    menu.get_by_role("button", name=re.compile("^Export")).click()
    menu.get_by_role("menuitem", name="Add to report").click()
    page.get_by_role("button", name="Report (2)").click()
    page.locator(".st-key-report_part_1", has_text="Open and stalled leads").wait_for()
    page.locator(".st-key-report_up_1 button").first.click()
    page.locator(".st-key-report_part_0", has_text="Open and stalled leads").wait_for()
    page.locator(STILL).wait_for()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Page", exact=True).click()
    path = tmp_path / taken.value.suggested_filename
    taken.value.save_as(path)
    assert path.name == "Report.html"
    browser = page.context.browser

    read, asked = _read(browser.new_context(viewport={"width": 1440, "height": 900}), path)
    assert asked == []
    assert read.locator("h2").all_inner_texts()[:1] == ["Open leads: on track, stalled, long stalled"]
    assert read.locator(".chart .main-svg").count() >= 2
    assert not read.locator("table").first.is_visible()
    assert read.evaluate(BAD) == {"links": [], "scripted": 0, "foreign": 0}
    for scheme, width in (("light", 400), ("dark", 400), ("dark", 1440)):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        read, asked = _read(context, path)
        assert asked == []
        assert read.evaluate("document.documentElement.scrollWidth") == width
        background = read.evaluate("getComputedStyle(document.querySelector('.main-svg')).backgroundColor")
        assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(16, 21, 31)"}[scheme]
        context.close()

    # Without scripts the tables stand open.
    read, asked = _read(browser.new_context(java_script_enabled=False), path)
    assert asked == []
    assert read.locator("table").first.is_visible()
    assert read.locator("tbody th", has_text="Qualified").first.is_visible()


@thorough
def test_no_text_of_a_file_is_obeyed_in_the_page_or_on_paper(visitor, tmp_path) -> None:
    file = tmp_path / "ring.csv"
    file.write_bytes(ring(ITSELF))
    with funnel.open(file) as data_set:
        question = data_set.question(data_set.labels_model([[label.label] for label in data_set.labels[:12]]))
        names = ("funnel", "aging", "moves", "segments")
        parts = [report.part(name, question, **report.split_by(name, "channel")) for name in names]
        everybody = data_set.question(data_set.labels_model([[label.label for label in data_set.labels]]))
        made = report.make(data_set, parts, files=[file], title=ITSELF[0], leads_of=everybody)
    path = tmp_path / "attacks.html"
    path.write_bytes(html.page(made))
    read, asked = _read(visitor().context.browser.new_context(), path)
    read.wait_for_timeout(500)
    assert asked == []
    assert read.evaluate(BAD) == {"links": [], "scripted": 0, "foreign": 0}
    if paper.browser() is None:
        pytest.skip("no browser that prints")
    printed = paper.printed(path.read_bytes())
    assert printed.startswith(b"%PDF")
    # Links of a PDF that lead out of it, and what it would run when it is opened.
    assert not re.search(rb"/(URI|JavaScript|JS|Launch|SubmitForm|EmbeddedFile)\b", printed)


def test_what_is_printed_is_the_page(tmp_path) -> None:
    if paper.browser() is None:
        pytest.skip("no browser that prints")
    file = tmp_path / "deals.csv"
    file.write_text(
        "Deal,Stage,Changed at\nd1,New,2025-01-02\nd1,Won,2025-01-09\nd2,New,2025-02-01\n", encoding="utf-8"
    )
    command = [".venv/bin/python", "-m", "funnel", "report", str(file), "--out", str(tmp_path / "r.pdf")]
    root = Path(__file__).resolve().parents[2]
    subprocess.run([*command, "--sections", "funnel,moves"], check=True, cwd=root, capture_output=True)
    content = (tmp_path / "r.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/Type /Page" in content
    assert not (tmp_path / "r.pdf.unfinished").exists()
