"""Texts of a million signs, wherever a file can hold one: they are read and shown in a moment, and hold up nobody."""

from __future__ import annotations

import csv
import io
import time
from datetime import date, timedelta

import pytest

from funnel.charts.canvas import text as drawn
from funnel.core.spelling import normalised
from funnel.core.types import UNPLACED
from funnel.mapping.labels import label_concepts
from funnel.words import texts, wording
from tests.pages.apps import titles, turned, uploaded
from tests.thorough import every, thorough

pytestmark = thorough

SIGNS = 1_000_000
SOON_SECONDS = 40
# What makes patterns, sorting and markup take a time that grows faster than the text does.
LONG = {
    "digits": "1" * SIGNS,
    "marks": "a" + "\u0301\u0323" * (SIGNS // 2),
    "blanks inside": "a" + " " * SIGNS + "b",
    "brackets": "[a](b" * (SIGNS // 5),
    "dates": "2025-01-01 " * (SIGNS // 11),
}
HEADER = ("lead_id", "stage", "changed_at", "account", "amount", "region")
PAGES = ("files", "overview", "funnel", "paths", "models", "edit", "trends", "pipeline", "channels", "segments")


def file_with(text: str, column: int) -> bytes:
    """Thirty leads of two lines each; one cell of one column, in the first line of the third lead, is the text."""
    rows: list[list[str]] = []
    for lead in range(30):
        start = date(2025, 1, 1) + timedelta(days=lead)
        for label, day in (("New", start), ("Closed won", start + timedelta(days=9))):
            rows.append([f"L{lead}", label, day.isoformat(), f"A{lead % 7}", str(100 + lead), "East"])
    rows[4][column] = text
    written = io.StringIO(newline="")
    csv.writer(written).writerows([HEADER, *rows])
    return written.getvalue().encode()


@pytest.mark.parametrize("name", LONG)
def test_a_long_label_means_nothing_and_is_compared_as_it_stands(name) -> None:
    begun = time.process_time()
    text = LONG[name]
    assert label_concepts.guess(text) == (UNPLACED, 0.0)
    assert not label_concepts.could_be_won(text)
    assert normalised(text) == normalised(f" {text} ") != normalised(f"{text}x")
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("name", LONG)
def test_of_a_long_text_the_beginning_is_shown(name) -> None:
    begun = time.process_time()
    shown = wording.escape_markdown(LONG[name])
    assert len(wording.plain(LONG[name])) <= texts.MOST_SHOWN + 1
    assert shown.endswith("…")
    name_on_chart = drawn.plain(LONG[name])
    assert len(name_on_chart) <= drawn.MOST_DRAWN + 1
    lines = drawn.safe_lines(name_on_chart, 12, 200, 3)
    assert len(lines) <= 3
    assert time.process_time() - begun < 10


def test_what_is_just_as_long_as_is_shown_is_shown_whole() -> None:
    whole = "w" * texts.MOST_SHOWN
    assert wording.plain(whole) == whole
    assert drawn.plain("w" * drawn.MOST_DRAWN) == "w" * drawn.MOST_DRAWN


@pytest.mark.parametrize(
    ("column", "name"),
    every(
        5,
        [("stage", each) for each in LONG]
        + [(each, "marks") for each in HEADER if each != "stage"]
        + [("amount", "digits")],
    ),
)
def test_a_long_text_in_any_column_is_shown_by_every_page_soon(column, name) -> None:
    begun = time.process_time()
    at = uploaded(file_with(LONG[name], HEADER.index(column)))
    space = at.session_state["workspace"]
    # A moment that is none belongs to no visit; all else is kept, whatever it says.
    assert space.data_set.leads == (31 if column == "lead_id" else 30)
    [file] = space.data_set.files
    assert (file.rows_read, file.rows_rejected) == (60, 1 if column == "changed_at" else 0)
    for page in PAGES:
        turned(at, page)
        assert titles(at), page
    assert time.process_time() - begun < SOON_SECONDS
