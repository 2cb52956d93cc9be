"""Credit of channels as pictures: what is drawn and said, in events and in money, and at each stage."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import plotly.graph_objects as go
import pytest

from funnel.charts import credit as picture
from funnel.charts import stage_credit as heat
from funnel.core.types import Question, Touches, Unit
from funnel.measures.credit import ChannelTouches, Credit, Credited, CreditMoney
from funnel.measures.credit_rules import CreditRule
from funnel.measures.stage_credit import StageCredit, StageShare
from funnel.measures.statistics.rates import wilson
from tests.leads import model_of

NAMES = ("Web", "Fair <b>", "Email")
GIVEN = {CreditRule.FIRST: (10, 5, 3), CreditRule.LAST: (2, 6, 10), CreditRule.SHAPLEY: (-4.5, 12.5, 10)}
TOUCHES = Touches({}, 100, {}, NAMES, (), 0, "Other channels", True, "First channel", ())
QUESTION = Question(model_of([{"New"}, {"Qualified and more than that"}, {"Won"}]))
FOUND = Credit(
    question=QUESTION,
    at=None,
    unit=Unit.LEAD,
    lookback=365,
    half_life=30.0,
    events=20,
    without_touch=2,
    untimed=0,
    without_amount=0,
    after=1,
    touches=TOUCHES,
    rules=tuple(GIVEN),
    few=(),
    decided=(18, 30),
    channels=tuple(ChannelTouches(name, wilson(9 - place, 20), 30, 12.5) for place, name in enumerate(NAMES)),
    credits=tuple(
        Credited(name, rule, Fraction(value), value - 1.0, value + 1.0, None, (CreditMoney("EUR", 100.0 * value),))
        for rule, values in GIVEN.items()
        for name, value in zip(NAMES, values, strict=True)
    ),
    currencies=("EUR",),
    notes=(),
    sql="SELECT 1",
)
STAGES = StageCredit(
    question=QUESTION,
    unit=Unit.LEAD,
    lookback=365,
    half_life=30.0,
    rules=(CreditRule.FIRST,),
    entries=(40, 10, 0),
    without_touch=(4, 10, 0),
    channels=NAMES,
    shares=tuple(
        StageShare(position, name, CreditRule.FIRST, value)
        for position, values in enumerate(((20, 10, 6, 4), (0, 0, 0, 10), (0, 0, 0, 0)))
        for name, value in zip((*NAMES, None), values, strict=True)
    ),
    form_only=False,
    notes=(),
    sql="SELECT 1",
)


def marks(found: Credit, currency: str | None = None) -> dict[str, dict[str, float]]:
    """Rule → channel → where its mark stands."""
    drawn = picture.draw(found, currency)
    return {
        trace.meta: {channel: x for (channel, _), x in zip(trace.customdata, trace.x, strict=True)}
        for trace in drawn.data
        if trace.customdata
    }


def test_each_rule_has_a_mark_on_the_row_of_each_channel() -> None:
    assert marks(FOUND) == {rule.value: dict(zip(NAMES, values, strict=True)) for rule, values in GIVEN.items()}
    assert marks(FOUND, "EUR")["first"] == {"Web": 1000, "Fair <b>": 500, "Email": 300}
    spans = [trace.x for trace in picture.draw(FOUND).data if trace.meta == "range"]
    assert [tuple(span) for span in spans] == [(-4.5, 10), (5, 12.5), (3, 10)]
    # Each rule by a mark and a hue of its own.
    looks = {(trace.marker.symbol, trace.marker.color) for trace in picture.draw(FOUND).data if trace.customdata}
    assert len(looks) == len(GIVEN)
    assert len(set(picture.MARKS.values())) == len(picture.MARKS) == len(CreditRule)


def test_the_picture_in_a_sentence() -> None:
    told = picture.describe(FOUND)
    assert "Web −4.5 to 10" in told.replace("-", "−")
    assert "2 of 20 wins have no touch before them." in told
    assert "€" in picture.describe(FOUND, "EUR")
    assert "on hover" not in told
    hovers = [text for trace in picture.draw(FOUND).data if trace.customdata for text in trace.hovertext]
    assert "<b>Web</b>" in hovers[0]
    assert "First: 10 of 20 wins." in hovers[0]
    assert "9 to 11<br>(95% interval)" in hovers[0]
    assert "Cost of each: 1.25" in hovers[0]
    assert not any("Fair <b>" in text for text in hovers)


def test_the_stages_in_a_sentence_and_a_grid() -> None:
    assert heat.describe(STAGES) == "Who gets most at each stage (First): New: Web (20 of 40)."
    (cells,) = heat.draw(STAGES).data
    assert [list(row) for row in cells.text][-1] == ["40", "10", "0"]
    assert cells.text[0][0].startswith("20<br>")
    assert cells.text[0][1] == "0"
    assert cells.z[0][0] == 0.5
    # What no touch is known of is no channel, however much it is.
    assert list(cells.z[3]) == [0, 0, 0]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width_hint", [None, 340])
@pytest.mark.parametrize("currency", [None, "EUR"])
def test_every_figure_is_one_that_plotly_takes(dark: bool, width_hint: int | None, currency: str | None) -> None:
    nobody = replace(FOUND, channels=(), credits=())
    nothing = replace(FOUND, credits=tuple(replace(each, exact=0, value=()) for each in FOUND.credits))
    for found in (FOUND, nobody, nothing, replace(FOUND, at=1)):
        go.Figure(picture.draw(found, currency, dark=dark, width_hint=width_hint).to_dict())
        assert picture.describe(found, currency)
    for stages in (STAGES, replace(STAGES, channels=()), replace(STAGES, entries=(0, 0, 0))):
        go.Figure(heat.draw(stages, dark=dark, width_hint=width_hint).to_dict())
        assert heat.describe(stages)
