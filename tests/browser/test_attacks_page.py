"""A file whose every header and value attacks, on every page of the app in a real Chromium: it is shown, and makes nothing.

The first part of the attacks is looked at closely: every chart under the mouse, every download. ATTACKS=all does so with all of them. The
other parts wait for a thorough run: what pages make of each attack is tested without a browser too.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from funnel import mapping
from tests.attacks import FIRST_DAY, ITSELF, table
from tests.browser.places import EVERY, FILTERS, go, open_menu, to_tab
from tests.browser.test_funnel_page import BOX, STILL
from tests.thorough import every

pytestmark = pytest.mark.browser
PARTS = 3
MARKUP = re.compile(r"[<>\[{}$&`]|\*\*|:\w+:|www|mailto|[^ -~]")
SHORT = re.compile(r"[<{$][!-~]{0,11}")
"""Drawn on one line."""
COLUMNS = 16
LEADS = 120
PLAYED = ("lead", "label", "time", "account", "amount")
FILE = "=1+1 <img src=x onerror=window.hacked=30> [a](https:__attack.invalid) ${7*7} :red[x] \"' onload=hacked.csv"
HEADS = (
    "Deal ID <img src=x onerror=window.hacked=31>",
    "Stage [x](https://attack.invalid/header)",
    "Changed at :red[x]",
    "Account <b style='font-size:93.7px'>x</b>",
    "Amount ![](https://attack.invalid/header.png)",
)
# A mapping may come along with the file; nobody could guess what such headers mean.
MAPPING = "\n".join(
    ["[columns]", *(f"{part} = {json.dumps(head)}" for part, head in zip(PLAYED, HEADS, strict=True))]
).encode()
WON = "Closed won <script>window.hacked=32</script>"
TITLE = "Funnel Lens"
MADE = """() => {
    const found = [], own = location.origin + "/";
    const walk = (root) => root.querySelectorAll("*").forEach((element) => {
        const told = (why) => found.push(`${why}: ${element.outerHTML.slice(0, 200)}`);
        if (element.shadowRoot) walk(element.shadowRoot);
        for (const { name, value } of element.attributes) {
            if (/^on/.test(name)) told("a handler");
            if (/^(href|src|action|formaction|data|xlink:href)$/.test(name) && !value.startsWith("#")
                && !/^(data:|blob:)/.test(value) && !new URL(value, location.href).href.startsWith(own)) told("an address");
            if (/93\\.7px|attack\\.invalid/.test(value) && /^(style|class|href|src)$/.test(name)) told("a style");
        }
        if (element.tagName === "IMG" && !/^(data:|blob:|http)/.test(element.src)) told("an image");
        if (/^(IFRAME|OBJECT|EMBED|FORM|BASE|META)$/i.test(element.tagName) && element.closest("body")) told("an element");
        if (element.tagName === "SCRIPT" && /hacked/.test(element.textContent)) told("a script");
        if (element.tagName === "A" && element.closest("svg")) told("a link in a drawing");
        if (/^H[1-6]$/.test(element.tagName) && element.textContent.trim() === "Title") told("a heading");
        if (/katex|ColoredText|MarkdownBadge/.test(element.className)) told("a directive");
        if (element.matches?.('[data-testid="stIconMaterial"]') && element.textContent === "delete") told("an icon");
    });
    walk(document);
    if (window.hacked !== undefined) found.push(`a script ran: ${window.hacked}`);
    if (/hacked/.test(document.cookie)) found.push(document.cookie);
    if (getComputedStyle(document.body).display === "none") found.push("the page is hidden");
    if (document.body.innerText.includes("😎")) found.push("a picture of a word");
    return found;
}"""


def part(number: int) -> tuple[list[str], bytes]:
    """Every PARTS-th attack, and a file in which they are ids, accounts, headers and values; and labels, where some reader of markup
    could take them for more."""
    texts = list(ITSELF[number::PARTS])
    labels = [text for text in texts if MARKUP.search(text)]
    rows: list[list[object]] = [[*HEADS, *(f"{text} column" for text in texts[:COLUMNS])]]
    for lead in range(LEADS):
        for visit in range(3):
            label = labels[(2 * lead + visit * (1 + lead % 3)) % len(labels)] if visit < 2 or lead % 3 else WON
            day = FIRST_DAY + timedelta(days=lead + visit * (3 + lead % 5))
            values = (texts[(place + lead % 3) % len(texts)] for place in range(COLUMNS))
            id, account = f"{texts[lead % len(texts)]} {lead}", texts[lead % 7]
            rows.append([id, label, day.isoformat(), account, 100 + lead % 5, *values])
    return texts, table(rows)


def settled(page) -> None:  # type: ignore[no-untyped-def]
    page.wait_for_timeout(400)
    page.locator(STILL).wait_for()


def unharmed(page, where: str) -> None:  # type: ignore[no-untyped-def]
    assert page.evaluate(MADE) == [], where
    assert page.title().endswith(TITLE), where
    assert page.get_by_test_id("stException").count() == 0, where


def hovered(page) -> None:  # type: ignore[no-untyped-def]
    """The mouse passes over every chart."""
    for chart in page.locator(".fl-chart").all():
        if not chart.is_visible():
            continue
        chart.scroll_into_view_if_needed()
        box = chart.bounding_box()
        for across in (0.2, 0.4, 0.6, 0.8):
            for down in (0.1, 0.3, 0.5, 0.7, 0.9):
                page.mouse.move(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
                page.wait_for_timeout(15)
            assert page.locator(".hoverlayer a, .hoverlayer [style*='93.7px']").count() == 0


def opened(page) -> None:  # type: ignore[no-untyped-def]
    """Every closed box of the page is opened, then every table and every query under a chart."""
    for box in page.locator('[data-testid="stMain"] details:not([open]) > summary').all():
        if box.is_visible():
            box.click()
    settled(page)
    for view in ("Table", "Show SQL"):
        for choice in page.locator(".fl-menu [role=menuitemcheckbox]").filter(has_text=view).all():
            choice.evaluate("it => it.click()")
        settled(page)


def chosen(page, box: str, said: str) -> None:  # type: ignore[no-untyped-def]
    """Pick the first option of a box that says this. A list that opens while the page still moves closes again: then once more."""
    choice = page.locator(box).get_by_role("combobox").last
    option = page.get_by_role("option").filter(has_text=said, has_not_text="Select all").first
    for _ in range(5):
        settled(page)
        choice.click()
        page.wait_for_timeout(500)
        if option.is_visible():
            option.click()
            break
    if page.get_by_role("listbox").is_visible():
        # Where nothing is open any more, Escape would take the choice back.
        page.keyboard.press("Escape")
    settled(page)


def saved(page, button) -> bytes:  # type: ignore[no-untyped-def]
    with page.expect_download() as download:
        button.click()
    return Path(download.value.path()).read_bytes()


def exported(page, menu, item: str) -> bytes:  # type: ignore[no-untyped-def]
    """The file that a choice of a chart's menu hands out."""
    menu.get_by_role("button", name="Export").click()
    return saved(page, menu.get_by_role("menuitem", name=item, exact=True))


def no_formula(content: bytes) -> None:
    told = content.decode("utf-8-sig")
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(told, newline=""), delimiter=delimiter):
            for cell in row:
                assert not re.match(r"\s*[=@＝＋－＠]", cell), cell
                assert not re.match(r"\s*[+-](?![\d.,]+(e[+-]?\d+)?%?\s*$)", cell), cell


@pytest.mark.parametrize("number", every(PARTS, range(PARTS)))
def test_every_page_shows_it_and_makes_nothing_of_it(visitor, number: int) -> None:  # type: ignore[no-untyped-def]
    texts, content = part(number)
    closely = number == 0 or os.environ.get("ATTACKS") == "all"
    page = visitor()
    dialogues: list[str] = []
    page.on("dialog", lambda dialogue: (dialogues.append(dialogue.message), dialogue.dismiss()))
    page.locator(BOX).set_input_files(
        [
            {"name": FILE, "mimeType": "text/csv", "buffer": content},
            {"name": "mapping.toml", "mimeType": "text/plain", "buffer": MAPPING},
        ]
    )
    page.get_by_role("heading", level=1).filter(has_text=f"Of {LEADS} leads").wait_for()
    settled(page)
    for name, tab in EVERY:
        where = f"{name}, {tab}"
        go(page, name)
        settled(page)
        page.get_by_role("heading", level=1).first.wait_for()
        settled(page)
        if tab:
            to_tab(page, tab)
            settled(page)
        opened(page)
        if closely:
            hovered(page)
        unharmed(page, where)
        for button in page.get_by_test_id("stDownloadButton").get_by_role("button").all() if closely else ():
            if "CSV" in (button.text_content() or "") and button.is_visible():
                no_formula(saved(page, button))
        for menu in page.locator(".fl-menu").all() if closely else ():
            no_formula(exported(page, menu, "CSV"))
        if tab == "Project":
            read = mapping.from_toml(
                saved(page, page.locator(".st-key-save_mapping button").first).decode(), "mapping.toml"
            )
            assert (read.lead, read.label, read.account) == (HEADS[0], HEADS[1], HEADS[3])
        if tab == "Steps":
            drawn = set(page.locator(".st-key-funnel_chart .annotation-text").all_text_contents())
            assert {text for text in texts if SHORT.fullmatch(text)} <= drawn
            picture = exported(page, page.locator(".st-key-picture_funnel_chart .fl-menu"), "PNG for a slide, 16:9")
            assert picture.startswith(b"\x89PNG")
            chosen(page, ".st-key-split", " column")
            page.locator('[class*="st-key-picture_breakdown"] .main-svg').first.wait_for()
            hovered(page)
            unharmed(page, "Breakdown")
        if tab == "Paths":
            # From here on the leads are those of one attack's column and value.
            open_menu(page, FILTERS)
            chosen(page, ".st-key-filter", " column")
            chosen(page, '[class*="st-key-where_"]', "")
            assert "where_" in page.url
            unharmed(page, "Filter")
            page.keyboard.press("Escape")
            page.locator(".st-key-chips").wait_for()
            unharmed(page, "Chips")
    edited(page, f"{texts[0]} mine")
    assert dialogues == []


def edited(page, text: str) -> None:  # type: ignore[no-untyped-def]
    """The model editor, in whose boxes the attack is typed, and the file of the model made there."""
    for box in (".st-key-draft_name input", ".st-key-draft_description textarea", ".st-key-stage_name_0 input"):
        page.locator(box).fill(text)
        page.locator(box).press("Tab")
        settled(page)
    hovered(page)
    unharmed(page, "Model editor")
    told = tomllib.loads(saved(page, page.locator(".st-key-download_model button").first).decode())
    assert (told["name"], told["description"], told["stages"][0]["name"]) == (text, text, text)
    page.locator(".st-key-keep button").first.click()
    settled(page)
    page.locator('[class*="st-key-own_"]').get_by_text(text).wait_for()
    unharmed(page, "Model kept")
