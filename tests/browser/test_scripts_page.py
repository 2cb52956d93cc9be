"""What only a browser knows of scripts: where Thai words end, and whether there is a picture for every letter."""

from __future__ import annotations

import csv
import io
import re
import string
from datetime import date, timedelta
from itertools import accumulate

import pytest

from funnel.words import wording
from tests.browser.test_funnel_page import STILL, upload

pytestmark = pytest.mark.browser
WORDS = ("ประชุม", "นำเสนอ", "ราคา", "สินค้า", "และ", "บริการ", "ให้", "ลูกค้า")
"""A stage's name of forty letters, as its words."""
LINES = """() => [...document.querySelectorAll('.st-key-funnel_chart svg text')].map(text =>
  text.children.length ? [...text.children].map(line => line.textContent.trim()) : [text.textContent.trim()])"""
DRAWN = """letters => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [96, 64];
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.font = `32px ${getComputedStyle(document.body).fontFamily}`;
  const drawn = text => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.fillText(text, 8, 44);
    return pen.getImageData(0, 0, canvas.width, canvas.height).data.join();
  };
  const marked = /\\p{M}/u;
  const boxes = ['', 'ก', 'ا'].map(base => ['\\u{10ffff}', '\\u{e0f1}'].map(nothing => drawn(base + nothing))).flat();
  return letters.filter(letter => marked.test(letter)
    ? ['ก', 'ا'].some(base => boxes.includes(drawn(base + letter))) : boxes.includes(drawn(letter)));
}"""
SLIDER = """() => [...document.querySelectorAll('.st-key-started [data-testid="stSliderThumbValue"]')].map(each => each.textContent)"""


def deals() -> bytes:
    """Three leads a day for a month, through a stage of the long name."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(["lead_id", "stage", "changed_at"])
    for number in range(90):
        day = date(2025, 1, 1) + timedelta(days=number // 3)
        for place, stage in enumerate(("New", "".join(WORDS), "Closed won")[: 1 + number % 3]):
            rows.writerow([f"L-{number}", stage, day + timedelta(days=7 * place)])
    return file.getvalue().encode()


@pytest.mark.parametrize("width", [420, 1280])
def test_a_thai_name_breaks_between_its_words(visitor, width: int) -> None:  # type: ignore[no-untyped-def]
    page = visitor("/funnel?lang=th", width=width)
    upload(page, "deals.csv", deals())
    page.locator(".st-key-funnel_chart svg text").filter(has_text=WORDS[0]).first.wait_for()
    page.locator(STILL).wait_for()
    name, ends = "".join(WORDS), [*accumulate(map(len, WORDS))]
    assert len(name) == 40
    named = [lines for lines in page.evaluate(LINES) if "".join(lines).startswith(name)]
    assert named
    if width > 500:
        assert any(len(lines) > 1 for lines in named)
    for lines in named:
        assert {end for end in accumulate(map(len, lines)) if end < len(name)} <= {*ends}, lines


@pytest.mark.parametrize("tag", wording.languages())
def test_there_is_a_picture_for_every_letter_of_the_words(visitor, tag: str) -> None:  # type: ignore[no-untyped-def]
    page = visitor(f"/?lang={tag}")
    page.wait_for_function(f"() => document.documentElement.lang === '{tag}'")
    sentences = wording.sentences(tag).values()
    texts = [text for said in sentences for text in ([said] if isinstance(said, str) else said.values())]
    written = "".join(re.sub(r"\{[^{}]*\}", "", text) for text in texts)
    letters = sorted({letter for letter in written if letter.isprintable() and not letter.isspace()})
    assert len(letters) > len(string.ascii_letters)
    assert page.evaluate(DRAWN, letters) == []
    # A letter that no font has is found.
    assert page.evaluate(DRAWN, ["a", "\U0003fffd"]) == ["\U0003fffd"]


@pytest.mark.parametrize(("tag", "first"), [("fa", "۱۲ دی ۱۴۰۲"), ("th", "2 ม.ค. 2567")])
def test_a_slider_says_days_as_the_page_does(visitor, tag: str, first: str) -> None:  # type: ignore[no-untyped-def]
    page = visitor(f"/funnel?sample=history&from=2024-01-02&to=2025-06-30&lang={tag}")
    page.wait_for_function(f"() => ({SLIDER})()[0] === '{first}'")
    inputs = page.locator(".st-key-started input[type=range]")
    assert inputs.first.get_attribute("aria-valuetext") == first
    # What is drawn while the page still runs takes the place of the thumb that has the keyboard.
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.locator(STILL).wait_for()
    inputs.first.press("ArrowRight")
    second = first.replace("۱۲", "۱۳").replace("2 ม", "3 ม")
    page.wait_for_function(f"() => ({SLIDER})()[0] === '{second}'")
