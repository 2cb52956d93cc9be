"""Notes to days on charts over time: where the line stands, that no two texts touch, and that other charts stay as they are."""

from __future__ import annotations

from datetime import date

import plotly.graph_objects as go
import pytest

from funnel.charts import pipeline
from funnel.charts.canvas import dated
from funnel.charts.canvas.canvas import sheet
from funnel.charts.canvas.text import width
from funnel.charts.canvas.theme import SMALL_SIZE
from funnel.core.types import DatedNote
from tests.charts.test_charts_pipeline import FOUND


def figure(**more) -> go.Figure:  # type: ignore[no-untyped-def]
    """Ten days of ten pixels each."""
    places = [(date(2025, 1, 1), 0.0), (date(2025, 1, 11), 10.0)]
    return sheet([], dark=False, plot=200, x=(0, 10), y=(0, 1), meta=dated.days_of(places, **more))


def test_a_line_stands_at_its_day_of_the_month() -> None:
    drawn = pipeline.draw(FOUND)
    # 15 February is half through the second of the months, whose bar stands from 0.5 to 1.5; 1 January begins the first.
    told = [DatedNote(date(2025, 1, 1), "Start"), DatedNote(date(2025, 2, 15), "New prices")]
    before = len(drawn.layout.shapes)
    marked = dated.mark(drawn, told, dark=False)
    assert marked == [(1, told[0]), (2, told[1])]
    assert [shape.x0 for shape in drawn.layout.shapes[before:]] == [-0.5, 1.0]
    assert [note.text for note in drawn.layout.annotations] == ["1", "2"]
    assert dated.listed(marked) == ["1. 1 Jan 2025: Start", "2. 15 Feb 2025: New prices"]
    go.Figure(drawn.to_dict())


def test_days_outside_are_not_drawn_and_the_day_behind_the_last_ends_it() -> None:
    drawn = figure()
    days = (date(2024, 12, 31), date(2025, 1, 11), date(2025, 1, 12))
    # Its number is its place among all notes, on whatever chart.
    assert dated.mark(drawn, [DatedNote(day, "x") for day in days], dark=True) == [(2, DatedNote(days[1], "x"))]
    assert [shape.x0 for shape in drawn.layout.shapes] == [10.0]


def test_between_periods_that_are_apart_a_day_stands_at_their_border() -> None:
    starts, ends = [date(2025, 1, 1), date(2025, 3, 1)], [date(2025, 1, 31), date(2025, 3, 31)]
    drawn = sheet([], dark=False, plot=200, x=(-0.5, 1.5), y=(0, 1), meta=dated.days_of(dated.periods(starts, ends)))
    dated.mark(drawn, [DatedNote(date(2025, 2, 10), "x"), DatedNote(date(2025, 3, 16), "y")], dark=False)
    assert [shape.x0 for shape in drawn.layout.shapes] == [0.5, pytest.approx(0.5 + 15 / 31)]


@pytest.mark.parametrize("pixels", [320, 700, 1400])
def test_no_two_numbers_touch_and_the_chart_grows_by_their_rows(pixels: int) -> None:
    drawn = figure()
    height, top = drawn.layout.height, drawn.layout.margin.t
    told = [DatedNote(date(2025, 1, 1 + n % 11), f"What happened on some day, no. {n}") for n in range(25)]
    assert len(dated.mark(drawn, told, dark=False, pixels=pixels)) == 25
    grown = drawn.layout.height - height
    assert grown == drawn.layout.margin.t - top > 0
    spans: dict[float, list[tuple[float, float]]] = {}
    for note in drawn.layout.annotations:
        if note.text == "•":
            continue
        wide = width(note.text, SMALL_SIZE)
        pixel = note.x / 10 * pixels
        start = pixel - wide / 2
        assert note.yshift < grown
        for other, until in spans.setdefault(note.yshift, []):
            assert start + wide <= other or until <= start
        spans[note.yshift].append((start, start + wide))
    assert spans


def test_what_is_written_is_shown_and_never_obeyed() -> None:
    drawn = figure()
    dated.mark(drawn, [DatedNote(date(2025, 1, 2), "<b>a</b> & <i>", condition="R=<u>")], dark=False)
    [note] = drawn.layout.annotations
    assert note.text == "1"
    assert note.hovertext == "1. 2 Jan 2025: &lt;b&gt;a&lt;/b&gt; &amp; &lt;i&gt; (R=&lt;u&gt;)"


def test_of_many_notes_the_first_are_told_under_a_chart_and_how_many_more() -> None:
    marked = [(n, DatedNote(date(2025, 1, 1), f"No. {n}")) for n in range(1, 16)]
    told = dated.listed(marked)
    assert (len(told), told[11], told[12]) == (13, "12. 1 Jan 2025: No. 12", "… and 3 more")
    assert dated.listed([]) == []


def test_without_room_for_words_there_are_lines_at_days() -> None:
    drawn = sheet([], dark=False, plot=56, x={"type": "date"}, y=(0, 1),
                  meta=dated.days_alone(date(2025, 1, 1), date(2025, 2, 1)))  # fmt: skip
    assert len(dated.mark(drawn, [DatedNote(date(2025, 1, 7), "x"), DatedNote(date(2025, 2, 2), "y")], dark=False)) == 1
    assert ([shape.x0 for shape in drawn.layout.shapes], len(drawn.layout.annotations)) == (["2025-01-07"], 0)


def test_a_figure_not_over_time_stays_as_it_is() -> None:
    drawn = sheet([], dark=False, plot=56, x=(0, 1), y=(0, 1))
    before = drawn.to_json()
    assert dated.mark(drawn, [DatedNote(date(2025, 1, 7), "x")], dark=False) == []
    assert drawn.to_json() == before
