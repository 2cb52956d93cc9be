"""The pipeline as a picture: what is drawn and said, months that are not over, nobody to draw."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import plotly.graph_objects as go
import pytest

from funnel.charts import pipeline
from funnel.core.types import Question
from funnel.measures.pipeline import Month, Pipeline
from tests.leads import model_of

MONTHS = (
    Month(date(2025, 1, 1), 30, 0, 4, 26),
    Month(date(2025, 2, 1), 25, 5, 11, 35),
    Month(date(2025, 3, 1), 12, 3, 2, 42),
)
FOUND = Pipeline(Question(model_of([{"New"}, {"Won"}])), MONTHS, date(2025, 3, 1), 0, 0, "SELECT 1")


def test_leads_come_up_and_end_down_and_the_line_is_what_is_open() -> None:
    still, came, won, lost = pipeline.draw(FOUND).data
    assert (list(came.y), list(won.y), list(lost.y)) == ([30, 25, 12], [0, -5, -3], [-4, -11, -2])
    assert (still.type, list(still.y)) == ("scatter", [26, 35, 42])
    assert [trace.name for trace in (came, won, lost, still)] == [
        "new",
        "won",
        "lost",
        "not yet ended for good by the end of the month",
    ]
    assert (
        came.hovertext[1].replace("<br>", " ")
        == "Feb 2025: 25 new, 5 won, 11 lost; 35 not yet ended for good by its end."
    )


def test_a_month_that_is_not_over_is_pale_and_says_so() -> None:
    came = pipeline.draw(FOUND).data[1]
    assert came.marker.color[0] == came.marker.color[1] != came.marker.color[2]
    assert "rgba" in came.marker.color[2]
    assert came.hovertext[2].startswith("Mar 2025, so far:")
    whole = pipeline.draw(replace(FOUND, unfinished=None)).data[1]
    assert len({*whole.marker.color}) == 1


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width_hint", [None, 340])
def test_every_figure_is_one_that_plotly_takes(dark: bool, width_hint: int | None) -> None:
    many = tuple(Month(date(2000 + n // 12, n % 12 + 1, 1), n, n // 2, 0, n) for n in range(300))
    for found in (FOUND, replace(FOUND, months=many), replace(FOUND, months=(), unfinished=None)):
        figure = pipeline.draw(found, dark=dark, width_hint=width_hint)
        go.Figure(figure.to_dict())
        assert len(figure.layout.xaxis.tickvals or ()) <= (9 if width_hint is None else 4)


def test_it_says_what_is_open_and_how_the_last_whole_month_went() -> None:
    assert pipeline.describe(FOUND) == (
        "Open now: 42. In Feb 2025, the last whole month, 25 were new, 5 won and 11 lost."
    )
    left_out = replace(FOUND, undated=2, untimed=1)
    assert pipeline.describe(left_out).endswith(
        "Without a start, so in no month: 2. Ended at a moment that the file does not tell, so in no month: 1."
    )
    assert pipeline.describe(replace(FOUND, months=())) == "No whole month to draw."
