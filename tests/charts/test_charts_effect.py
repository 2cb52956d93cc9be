"""The effect of a change as a picture: full and hollow months, the line before and where it goes on, the day, the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import plotly.graph_objects as go
import pytest

from funnel.charts import effect as picture
from funnel.charts.canvas import dated
from funnel.core.types import DatedNote, OneOf
from funnel.measures.effect import Effect, effect
from tests.measures.months import journeys_by_month


@pytest.fixture(scope="module")
def found() -> Effect:
    journeys, question = journeys_by_month([10] * 7 + [20] * 4, [40] * 11)
    result = effect(journeys, replace(question, observed_until=datetime(2024, 12, 12)), date(2024, 8, 1), None, 30)
    journeys.engine.close()
    return result


def traces(figure: go.Figure) -> dict[str, go.Scatter]:
    return {trace.meta: trace for trace in figure.data}


def test_months_are_full_or_hollow_and_the_line_goes_on(found: Effect) -> None:
    figure = picture.draw(found)
    drawn = traces(figure)
    assert set(drawn) == {"rate", "unfinished", "trend", "trend_on"}
    assert list(drawn["rate"].x) == list(range(10))
    assert list(drawn["rate"].y) == [0.25] * 7 + [0.5] * 3
    # November's leads came up to the 28th; by 12 December not all were followed for 30 days.
    assert list(drawn["unfinished"].x) == [10]
    assert drawn["unfinished"].marker.color != drawn["rate"].marker.color
    assert "unfinished" in drawn["unfinished"].hovertext[0]
    assert list(drawn["trend"].x) == list(range(7))
    assert list(drawn["trend_on"].x) == list(range(6, 11))
    assert list(drawn["trend_on"].y) == pytest.approx([0.25] * 5, abs=1e-6)
    assert drawn["trend_on"].line.dash == "dash"
    [line] = figure.layout.shapes
    assert line.x0 == 6.5
    assert "trend before goes on to 25%" in drawn["rate"].hovertext[8].replace("<br>", " ")
    assert picture.describe(found).startswith("Months before: 7, from 1 Aug 2024 on: 4. More convert")


def test_a_note_stands_at_its_day(found: Effect) -> None:
    figure = picture.draw(found)
    assert dated.mark(figure, [DatedNote(date(2024, 8, 1), "Prices")], dark=False)
    assert figure.layout.shapes[-1].x0 == 6.5


def test_without_a_line_the_rate_before_is_level_and_a_split_month_says_its_days() -> None:
    journeys, question = journeys_by_month([10] * 3 + [20] * 3, [40] * 6)
    result = effect(journeys, question, date(2024, 3, 15), None, 30)
    journeys.engine.close()
    drawn = traces(picture.draw(result))
    assert set(drawn) == {"rate", "level", "level_on"}
    before = result.contrast.others.value
    assert set(drawn["level"].y) == set(drawn["level_on"].y) == {before}
    assert drawn["rate"].hovertext[2].startswith("1 Mar 2024 – 14 Mar 2024")


def test_the_others_are_a_line_of_their_own() -> None:
    journeys, question = journeys_by_month([10] * 6, [40] * 6, others=([4] * 6, [20] * 6))
    result = effect(journeys, question, date(2024, 4, 1), None, 30, only=(OneOf("Region", ("EMEA",)),))
    journeys.engine.close()
    drawn = traces(picture.draw(result))
    assert list(drawn["outside"].y) == [0.2] * 6
    assert drawn["outside"].hovertext[0].replace("<br>", " ") == "The others, Jan 2024: 20% (4 of 20)"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width_hint", [None, 340])
def test_every_figure_is_one_that_plotly_takes(found: Effect, dark: bool, width_hint: int | None) -> None:
    many = tuple(
        replace(
            found.months[0],
            first=date(1990 + n // 12, n % 12 + 1, 1),
            last=date(1990 + n // 12, n % 12 + 1, 28),
            after=n > 390,
        )
        for n in range(400)
    )
    nobody = tuple(replace(each, rate=replace(each.rate, numerator=0, denominator=0)) for each in found.months)
    none_won = tuple(replace(each, rate=replace(each.rate, numerator=0, value=0.0)) for each in found.months)
    for result in (found, replace(found, months=many), replace(found, months=nobody), replace(found, months=none_won)):
        figure = picture.draw(result, dark=dark, width_hint=width_hint)
        go.Figure(figure.to_dict())
    cut = picture.draw(replace(found, months=many), dark=dark, width_hint=width_hint)
    assert 0 <= cut.layout.shapes[0].x0 < cut.layout.xaxis.range[1]
