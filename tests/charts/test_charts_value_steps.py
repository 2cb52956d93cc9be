"""The funnel in money as a picture: what is drawn, and what is said of it."""

from __future__ import annotations

import re

import plotly.graph_objects as go
import pytest

from funnel.charts import value_steps as picture
from funnel.core.types import Question
from funnel.measures.value_steps import ValueAt, ValueSteps
from tests.leads import model_of

EUROS = (
    ValueAt(0, "New", 40, advanced=600, skipped_ahead=100, moved_back=0, lost=200, still_there=100, won=0),
    ValueAt(1, "<b>Won", 10, advanced=0, skipped_ahead=0, moved_back=0, lost=0, still_there=700, won=700),
)
FEW = (ValueAt(0, "New", 3, advanced=0, skipped_ahead=0, moved_back=0, lost=0, still_there=9, won=0),)
FOUND = ValueSteps(
    question=Question(model_of([{"New"}, {"Won"}])),
    leads=45,
    missing=2,
    currencies=(("EUR", EUROS), ("USD", FEW)),
    sql="SELECT 1",
)


def written(figure: go.Figure) -> str:
    return " ".join(re.sub("<[^>]*>", " ", note.text) for note in figure.layout.annotations)


def test_a_bar_is_as_long_as_its_leads_are_worth() -> None:
    figure = picture.draw(FOUND, "EUR")
    lengths = {trace.meta: tuple(trace.x) for trace in figure.data}
    assert lengths == {"went_on": (700, 0), "won": (0, 700), "still_there": (100, 0), "lost": (200, 0)}
    assert figure.layout.xaxis.range == (0, 1000)
    # A click finds the leads behind a part; those that won rest at their stage.
    assert [tuple(place) for place in figure.data[1].customdata] == [(0, "still_there"), (1, "still_there")]


@pytest.mark.parametrize("room", [None, 1200, 400])
def test_a_share_travels_with_its_leads_and_money(room: int | None) -> None:
    said = written(picture.draw(FOUND, "EUR", width_hint=room))
    for text in ("€1K", "€700", "70%"):
        assert text in said
    assert ("10 leads" in said) == (room != 400)


def test_of_few_leads_no_share_is_written() -> None:
    assert "%" not in written(picture.draw(FOUND, "USD"))
    assert picture.describe(FOUND, "USD").startswith("$9 (3 leads) at New, $9 (3 leads) at New.")


def test_what_is_in_no_bar_is_said_and_text_of_the_file_is_no_markup() -> None:
    assert picture.describe(FOUND, "EUR") == (
        "€1K (40 leads) at New, €700 (10 leads) at <b>Won: 70%. 2 of 45 leads have no amount and are in no bar."
    )
    assert "&lt;b&gt;Won" in picture.draw(FOUND, "EUR").data[0].hovertext[1]
    assert picture.describe(FOUND, "GBP") == "No amounts to draw."
