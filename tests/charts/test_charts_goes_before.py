"""Touches that go before a step as a picture: what is drawn, what is clear, and what is said with it."""

from __future__ import annotations

from dataclasses import replace
from math import log2

import pytest

from funnel.charts import goes_before as picture
from funnel.core.types import Question, Touches, Unit
from funnel.measures.goes_before import Before, ChannelStep, GoesBefore
from tests.leads import model_of

CALL = ChannelStep("<Call>", 0, 4_000, 120, 9_000, 150, 1.52, 1.2, 1.9, 0.001, 0.004, 2.41, 0.01, Before.MORE_FASTER)
WEB = replace(CALL, channel="Web", ratio=0.98, low=0.6, high=9.0, p=0.8, q=0.8, e_value=1.16, verdict=Before.UNCLEAR)
FAIR = replace(
    CALL,
    channel="Fair",
    touched_events=3,
    ratio=None,
    low=None,
    high=None,
    p=None,
    q=None,
    e_value=None,
    faster_p=None,
    verdict=Before.FEW,
)
NONE = Touches({}, 9, {}, ("<Call>", "Web", "Fair"), (), 0, "", False, "First channel", ())
FOUND = GoesBefore(
    question=Question(model_of([{"New"}, {"Demo"}])),
    unit=Unit.LEAD,
    within=14,
    touches=NONE,
    steps=(CALL, WEB, FAIR),
    notes=(),
    sql="SELECT 1",
)


@pytest.mark.parametrize("room", [None, 1100, 400])
def test_what_could_be_told_is_drawn_on_a_scale_of_doublings(room: int | None) -> None:
    figure = picture.draw(FOUND, width_hint=room)
    (points,) = [trace for trace in figure.data if trace.mode == "markers" and len(trace.x) == 2]
    assert points.x == pytest.approx((log2(1.52), log2(0.98)))
    lines = [trace.x for trace in figure.data if trace.mode == "lines" and trace.x and trace.x[0] is not None]
    # Nine times as often lies beyond the scale.
    assert (log2(1.2), log2(1.9)) in [pytest.approx(each) for each in lines]
    assert max(max(each) for each in lines) == picture.REACH
    # Hollow is what cannot be told from none.
    assert points.marker.color[0] != points.marker.color[1]


def test_the_sentence_says_what_would_explain_it_and_never_a_cause() -> None:
    told = picture.describe(FOUND)
    assert told.startswith("<Call>: New → Demo: in the 14 days after a touch 1.52 times as often as in other days")
    assert "120 in 4,000 touched days, 150 in 9,000 others" in told
    assert "faster already" in told
    assert "2.41 times as likely would explain all of it" in told
    assert picture.sentence(FOUND, WEB).endswith("That may be chance.")
    assert "too few to tell" in picture.sentence(FOUND, FAIR)
    for text in (told, picture.sentence(FOUND, WEB)):
        assert not {"causes", "drives", "lifts"} & set(text.split())
    hovers = " ".join(text for trace in picture.draw(FOUND).data for text in (trace.hovertext or ()))
    assert "<Call>" not in hovers


def test_where_nothing_can_be_told_that_is_said() -> None:
    few = replace(FOUND, steps=(FAIR,))
    assert "Too few steps" in picture.describe(few)
    assert not [trace for trace in picture.draw(few).data if trace.mode == "markers" and trace.x]
    assert "No channel's touches clearly" in picture.describe(replace(FOUND, steps=(WEB,)))
