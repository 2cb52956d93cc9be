"""The Export menu in a real Chromium: pictures for slides, files, copies, keys, and the page on paper."""

from __future__ import annotations

import re
import struct
from base64 import b64encode
from xml.etree import ElementTree

import pytest

from tests.browser.accessible import faults, focused, tab_to, too_small
from tests.browser.test_funnel_page import STILL, told, upload
from tests.pages.apps import ALL, MOVES

pytestmark = pytest.mark.browser
LONG = "Qualified by the inbound team of Northum"
"""Forty signs."""
SOURCE = "moves.csv · 4 leads · observed until 15 Mar 2025 · Funnel Lens"
ASKED = "CRM stages · entered 5 Jan – 15 Mar 2025"
SIZE = (1920, 1080)
PAPER = {"light": "255,255,255", "dark": "16,21,31"}
MARGIN = 24
TEXT = "{http://www.w3.org/2000/svg}text"
DRAWING = "{http://www.w3.org/2000/svg}svg"
STYLE = "{http://www.w3.org/2000/svg}style"
HEADS = "Stage\tLeads\tCumulative conversion\tStep conversion\tMedian days from previous\tLeads timed\tSkipped (known from later)"
ROWS = [HEADS, "New\t4\t\t\t\t\t0", "Qualified\t2\t\t\t\t2.0\t0", "Closed won\t1\t\t\t\t1.0\t0"]
COLOURS = """async ([address, margin]) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement('canvas');
  const [w, h] = [canvas.width, canvas.height] = [image.width, image.height];
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const seen = (...place) => {
    const found = new Set();
    const { data } = pen.getImageData(...place);
    for (let at = 0; at < data.length; at += 4) found.add(data.slice(at, at + 3).join());
    return [...found];
  };
  return [[...seen(0, 0, w, margin), ...seen(0, h - margin, w, margin), ...seen(0, 0, margin, h), ...seen(w - margin, 0, margin, h)],
          seen(0, 0, w, h).length];
}"""
"""The colours in the margin of a picture, and how many there are in all of it."""
OUTSIDE = """([text, margin]) => {
  const drawn = document.importNode(new DOMParser().parseFromString(text, 'image/svg+xml').documentElement, true);
  drawn.style.cssText = 'position: fixed; top: 0; left: 0; z-index: 9999';
  document.body.append(drawn);
  const texts = [...drawn.querySelectorAll('text')].filter(each => each.textContent.trim());
  const out = texts.filter(each => {
    const box = each.getBoundingClientRect();
    return box.left < margin || box.top < margin || box.right > 1920 - margin || box.bottom > 1080 - margin;
  }).map(each => each.textContent);
  drawn.remove();
  return [texts.length, out];
}"""
"""How many texts a drawing has, and which come into its margin."""


def funnel(visitor, content: bytes = MOVES, **kind):  # type: ignore[no-untyped-def]
    """The Funnel page of an upload, drawn."""
    page = visitor(**kind)
    upload(page, "moves.csv", content)
    told(page, ALL)
    page.locator(".st-key-picture_funnel_chart .bars .point").first.wait_for()
    page.locator(".st-key-picture_funnel_chart .fl-menu").wait_for()
    page.locator(STILL).wait_for()
    return page


def opened(page):  # type: ignore[no-untyped-def]
    """The list of the chart's menu, open."""
    menu = page.locator(".st-key-picture_funnel_chart .fl-menu")
    menu.get_by_role("button", name=re.compile("^Export")).click()
    menu.get_by_role("menu").wait_for()
    return menu.get_by_role("menu")


def saved(page, item: str, name: str) -> bytes:  # type: ignore[no-untyped-def]
    """The file that a choice hands out under that name."""
    with page.expect_download() as download:
        opened(page).get_by_role("menuitem", name=item, exact=True).click()
    assert download.value.suggested_filename == name
    content: bytes = download.value.path().read_bytes()
    return content


def sized(page, width: int) -> None:  # type: ignore[no-untyped-def]
    page.set_viewport_size({"width": width, "height": 700})
    page.wait_for_timeout(700)
    page.locator(STILL).wait_for()


def close(text: str) -> str:
    """A text without the blanks at which lines break."""
    return re.sub(r"\s", "", text)


def letters(drawing: ElementTree.Element) -> str:
    """All that a drawing writes."""
    return close("".join(letter for text in drawing.iter(TEXT) for letter in text.itertext()))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 400])
def test_a_slide_has_title_source_and_margin_and_nothing_leaves_it(visitor, theme: str, width: int) -> None:  # type: ignore[no-untyped-def]
    page = funnel(visitor, MOVES.replace(b"Qualified", LONG.encode()), color_scheme=theme)
    sized(page, width)
    png = saved(page, "PNG for a slide, 16:9", "funnel.png")
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == SIZE
    around, colours = page.evaluate(COLOURS, [f"data:image/png;base64,{b64encode(png).decode()}", MARGIN])
    assert set(around) == {PAPER[theme]}
    assert colours > 20
    svg = saved(page, "SVG", "funnel.svg").decode()
    drawing = ElementTree.fromstring(svg)
    assert (drawing.get("width"), drawing.get("height")) == ("1920", "1080")
    written = letters(drawing)
    for text in (LONG, "Closed won"):
        assert close(text) in written
    assert written.startswith(close(ALL + ASKED))
    assert written.endswith(close(SOURCE))
    style = drawing.find(STYLE)
    assert style is not None
    assert re.search(r'font-family: "Source Sans".*url\(data:', style.text or "")
    texts, outside = page.evaluate(OUTSIDE, [svg, MARGIN])
    assert texts >= 12
    assert outside == []


def test_the_csv_is_what_it_was(visitor) -> None:  # type: ignore[no-untyped-def]
    content = saved(funnel(visitor), "CSV", "funnel.csv")
    assert content == ("\ufeff" + "".join(row.replace("\t", ",") + "\r\n" for row in ROWS)).encode()


def test_picture_and_table_are_copied(visitor) -> None:  # type: ignore[no-untyped-def]
    page = funnel(visitor, permissions=["clipboard-read", "clipboard-write"])
    said = page.locator(".fl-menu [role=status]").get_by_text("Copied", exact=True)
    opened(page).get_by_role("menuitem", name="Copy picture").click()
    said.wait_for()
    size = """async () => { const [item] = await navigator.clipboard.read();
        const made = await createImageBitmap(await item.getType('image/png')); return [made.width, made.height]; }"""
    assert tuple(page.evaluate(size)) == SIZE
    said.wait_for(state="detached")
    opened(page).get_by_role("menuitem", name="Copy table").click()
    said.wait_for()
    assert page.evaluate("navigator.clipboard.readText()").rstrip("\r\n").splitlines() == ROWS
    rich = "async () => (await (await navigator.clipboard.read())[0].getType('text/html')).text()"
    assert page.evaluate(rich).count("<tr>") == len(ROWS)


def test_where_nothing_may_be_copied_it_is_said(visitor) -> None:  # type: ignore[no-untyped-def]
    page = funnel(visitor)
    page.evaluate("() => { navigator.clipboard.write = () => Promise.reject(new Error('no')) }")
    opened(page).get_by_role("menuitem", name="Copy picture").click()
    page.locator(".fl-menu").get_by_text("Not allowed to copy here: take the file").wait_for()


def test_table_and_query_open_below_by_keys_alone(visitor) -> None:  # type: ignore[no-untyped-def]
    page = funnel(visitor)
    page.locator("h1").focus()
    tab_to(page, "Export")
    page.keyboard.press("Enter")
    page.get_by_role("menu").wait_for()
    assert focused(page) == "Table"
    page.keyboard.press("End")
    assert focused(page) == "Print or save as PDF"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Table"
    page.keyboard.press("Escape")
    page.get_by_role("menu").wait_for(state="hidden")
    assert focused(page) == "Export"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    table = page.locator(".st-key-below_funnel").get_by_test_id("stDataFrame")
    table.wait_for()
    assert focused(page) == "Export"
    page.locator(STILL).wait_for()
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("menuitemcheckbox", name="Table").get_attribute("aria-checked") == "true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator(".st-key-below_funnel").get_by_text("SELECT").first.wait_for()
    assert table.count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 400])
def test_an_open_menu_is_accessible_and_inside_of_the_window(visitor, theme: str, width: int) -> None:  # type: ignore[no-untyped-def]
    page = funnel(visitor, color_scheme=theme, reduced_motion="reduce")
    sized(page, width)
    box = opened(page).bounding_box()
    assert min(box["x"], box["y"]) >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= 700
    assert faults(page) == []
    assert too_small(page) == []


def drawn(page, place: str) -> str:  # type: ignore[no-untyped-def]
    """The drawing that a chart's menu hands out, in any language."""
    menu = page.locator(f"{place} .fl-menu")
    menu.locator("button[aria-haspopup]").click()
    with page.expect_download() as download:
        menu.get_by_role("menuitem").filter(has_text="SVG").click()
    return str(download.value.path().read_text(encoding="utf-8"))


def several(visitor, tag: str) -> str:  # type: ignore[no-untyped-def]
    """The drawing of the models' charts as one slide, in a language."""
    page = visitor(f"/models?sample=history&lang={tag}")
    page.locator(".st-key-picture_column_2 .bars .point").first.wait_for()
    page.locator(STILL).wait_for()
    svg = drawn(page, ".st-key-below_columns")
    texts, outside = page.evaluate(OUTSIDE, [svg, MARGIN])
    assert texts >= 12
    assert outside == []
    return svg


def places(drawing: ElementTree.Element, kind: str) -> list[float]:
    """How far from the left the slide's own texts, or its charts, are placed."""
    return [float(part.get("x") or 0) for part in drawing if part.tag == kind]


def test_several_charts_are_one_slide_and_their_menu_stands_below(visitor) -> None:  # type: ignore[no-untyped-def]
    drawing = ElementTree.fromstring(several(visitor, "en"))
    written = letters(drawing)
    for text in ("The same 12,000 leads through three models", "AIDA", "Top of the funnel", "Lead generation"):
        assert close(text) in written
    assert set(places(drawing, TEXT)) == {MARGIN * 2}
    first, second, third = places(drawing, DRAWING)
    assert MARGIN <= first < second < third


def test_a_slide_reads_from_the_right_where_the_page_does(visitor) -> None:  # type: ignore[no-untyped-def]
    drawing = ElementTree.fromstring(several(visitor, "fa"))
    assert set(places(drawing, TEXT)) == {SIZE[0] - MARGIN * 2}
    assert {part.get("direction") for part in drawing if part.tag == TEXT} == {"rtl"}
    first, second, third = places(drawing, DRAWING)
    assert first > second > third >= MARGIN


def test_a_line_of_a_slide_in_thai_ends_with_a_word(visitor) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?sample=history&lang=th")
    page.locator(".st-key-picture_funnel_chart .bars .point").first.wait_for()
    page.locator(STILL).wait_for()
    word = "การขาย"
    page.evaluate("word => { document.querySelector('h1').textContent = word.repeat(40); }", word)
    drawing = ElementTree.fromstring(drawn(page, ".st-key-picture_funnel_chart"))
    title = [part.text or "" for part in drawing if part.tag == TEXT]
    first, second = (line for line in title if word in line)
    assert first == word * (len(first) // len(word))
    assert second.removesuffix("…") == word * (len(second) // len(word))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_paper_the_page_is_light_and_has_title_dates_and_file(visitor, theme: str) -> None:  # type: ignore[no-untyped-def]
    page = funnel(visitor, color_scheme=theme)
    page.evaluate("() => { window.prints = 0; window.print = () => { window.prints += 1 } }")
    opened(page).get_by_role("menuitem", name="Print or save as PDF").click()
    page.wait_for_function("window.prints === 1")
    paper = page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)
    # The heading of the page, as a reader lists it beside it.
    assert f"/Title <FEFF{ALL.encode('utf-16-be').hex().upper()}>".encode() in paper
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) in (1, 2)
    page.emulate_media(media="print", color_scheme=theme)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert [line for line in page.locator(".fl-printed").inner_text().split("\n") if line] == [SOURCE, ASKED]
    for hidden in ("stSidebar", "stHeader"):
        assert not page.get_by_test_id(hidden).is_visible()
    assert not any(menu.is_visible() for menu in page.locator(".fl-menu").all())
    style = "([at, name]) => getComputedStyle(document.querySelector(at))[name]"
    assert page.evaluate(style, ["h1", "color"]) == "rgb(27, 37, 54)"
    assert page.evaluate(style, [".stApp", "backgroundColor"]) == "rgb(255, 255, 255)"
    assert page.evaluate(style, [".st-key-picture_funnel_chart", "breakInside"]) == "avoid"
    chart = page.locator(".st-key-funnel_chart .main-svg").first.bounding_box()
    assert chart["height"] > 100
    assert chart["width"] <= page.get_by_test_id("stMain").bounding_box()["width"]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".fl-printed").count() == 0
