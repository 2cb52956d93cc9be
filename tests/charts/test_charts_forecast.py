"""Wins by month and what is expected as a picture: bars, bands, the month that is not over, what is said, narrow and wide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import plotly.graph_objects as go
import pytest

from funnel.charts import forecast
from funnel.charts.canvas import dated
from funnel.core.types import DatedNote, Period, Question
from funnel.measures.forecast import Forecast
from funnel.measures.forecast_months import Month, Range
from tests.leads import model_of

PAST = ((date(2026, 1, 1), 9), (date(2026, 2, 1), 14), (date(2026, 3, 1), 11))
NEXT = (
    Month(date(2026, 4, 1), 1, 0, 11.6, 0.6, Range(8, 17, 6, 20), ()),
    Month(date(2026, 5, 1), 2, 0, 9.0, 3.0, Range(7, 17, 5, 20), ()),
    Month(date(2026, 6, 1), 3, 0, 7.0, 6.0, None, ()),
)
FOUND = Forecast(
    question=Question(model_of([{"New"}, {"Won"}])), as_of=date(2026, 3, 31), unit=Period.MONTH, months=NEXT, history=PAST,
    backtests=(), value_backtests=(), open_leads=120, goal=None, missing=(), notes=(), sql="SELECT 1",
)  # fmt: skip
REST = Month(date(2026, 3, 1), 0, 11, 4.4, 0.2, Range(2, 8, 1, 10), ())
INSIDE = replace(FOUND, as_of=date(2026, 3, 20), months=(REST, *NEXT[:2]))


def traces(result: Forecast, meta: str) -> list[go.Scatter]:
    return [trace for trace in forecast.draw(result).data if trace.meta == meta]


def test_bars_of_what_was_won_and_dots_in_bands_of_what_is_expected() -> None:
    figure = forecast.draw(FOUND)
    won = figure.data[0]
    assert (list(won.x), list(won.y)) == ([0, 1, 2], [9, 14, 11])
    (dots,) = traces(FOUND, "expected")
    assert (list(dots.x), list(dots.y)) == ([3, 4, 5], [12.2, 12.0, 13.0])
    wide, narrow = traces(FOUND, "band")
    assert (max(wide.y), min(wide.y), max(narrow.y), min(narrow.y)) == (20, 5, 17, 7)
    # June has no range: the bands end in May.
    assert max(wide.x) < 5
    hover = dots.hovertext[0].replace("<br>", " ")
    assert hover == "Apr 2026: 12 wins expected, 12 of them from leads open today; 80% range 8 to 17, 95% range 6 to 20"
    assert traces(FOUND, "still") == []
    assert forecast.describe(FOUND) == f"{hover}. Up to Jun 2026: 37 wins expected."


def test_a_month_that_is_not_over_is_pale_and_what_is_still_expected_stands_on_it() -> None:
    figure = forecast.draw(INSIDE)
    colours = figure.data[0].marker.color
    assert colours[0] == colours[1] != colours[2]
    (still,) = traces(INSIDE, "still")
    assert (list(still.x), list(still.y)) == ([2], [pytest.approx(4.6)])
    (dots,) = traces(INSIDE, "expected")
    assert list(dots.x) == [2, 3, 4]
    assert dots.y[0] == pytest.approx(15.6)
    wide, _ = traces(INSIDE, "band")
    assert (wide.y[0], wide.y[-1]) == (11 + 10, 11 + 1)
    assert forecast.describe(INSIDE).startswith("Mar 2026, not over: 11 wins so far, 5 more expected, 4 of them")
    assert "in all, 80% range 13 to 19" in forecast.describe(INSIDE)
    assert figure.data[0].hovertext[2] == "Mar 2026, not over: 11 wins so far"


def test_notes_to_days_lie_on_its_months_past_and_to_come() -> None:
    figure = forecast.draw(INSIDE)
    notes = [
        DatedNote(date(2026, 2, 1), "Price list"),
        DatedNote(date(2026, 5, 31), "Fair"),
        DatedNote(date(2026, 7, 1), "Late"),
    ]
    assert [number for number, _ in dated.mark(figure, notes, dark=False)] == [1, 2]


def test_nothing_to_tell() -> None:
    assert forecast.describe(replace(FOUND, months=())) == "No wins to come are forecast."
    bare = replace(FOUND, months=NEXT[2:])
    assert traces(bare, "band") == []
    assert forecast.describe(bare) == "Jun 2026: 13 wins expected, 7 of them from leads open today."


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width_hint", [None, 340, 700])
def test_every_figure_is_one_that_plotly_takes(dark: bool, width_hint: int | None) -> None:
    long = replace(FOUND, history=tuple((date(2025, month, 1), 10_000 * month) for month in range(1, 13)))
    weeks = replace(FOUND, unit=Period.WEEK)
    for result in (FOUND, INSIDE, long, weeks, replace(FOUND, months=()), replace(FOUND, history=())):
        figure = forecast.draw(result, dark=dark, width_hint=width_hint)
        go.Figure(figure.to_dict())
        highest = max([each.range.high95 for each in result.months if each.range], default=0)
        assert max(figure.layout.yaxis.range) > highest
        assert len(figure.layout.xaxis.tickvals) == len(figure.layout.xaxis.ticktext)
    assert len(forecast.draw(long, dark=dark, width_hint=width_hint).data[0].x) == (6 if width_hint else 12)
