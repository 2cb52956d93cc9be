"""The pipeline between two days as a picture: what is drawn and said, in leads and in money."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import plotly.graph_objects as go
import pytest

from funnel.charts import bridge as picture
from funnel.core.types import Question
from funnel.measures.bridge import Bridge, BridgePart, Money, Part
from tests.leads import model_of

SIZES = {
    Part.OPEN_START: (10, 100.0),
    Part.NEW: (6, 60.0),
    Part.REOPENED: (1, 5.0),
    Part.WON: (3, 30.0),
    Part.LOST: (4, 40.0),
    Part.INCREASED: (2, 9.0),
    Part.DECREASED: (1, 4.0),
    Part.OPEN_END: (10, 100.0),
    Part.FORWARD: (2, 20.0),
    Part.BACK: (1, 10.0),
    Part.UNCHANGED: (1, 10.0),
}
PARTS = tuple(BridgePart(part, leads, 0, (Money("EUR", amount),)) for part, (leads, amount) in SIZES.items())
FOUND = Bridge(
    question=Question(model_of([{"New"}, {"Won"}])),
    as_of=date(2025, 6, 30),
    since=date(2025, 3, 31),
    to=date(2025, 6, 30),
    parts=PARTS,
    currencies=("EUR",),
    slipped_of=0,
    undated=0,
    untimed=0,
    missing=(),
    sql="SELECT 1",
)


def spans(found: Bridge, currency: str | None = None) -> dict[str, tuple[float, float]]:
    (bars,) = [trace for trace in picture.draw(found, currency).data if trace.meta == "parts"]
    return {
        part: (start, start + length) for (part,), start, length in zip(bars.customdata, bars.base, bars.x, strict=True)
    }


def test_each_bar_begins_where_the_one_before_ended() -> None:
    assert spans(FOUND) == {
        "open_start": (0, 10),
        "new": (10, 16),
        "reopened": (16, 17),
        "won": (17, 14),
        "lost": (14, 10),
        "open_end": (0, 10),
        "forward": (0, 2),
        "back": (0, 1),
        "unchanged": (0, 1),
    }
    money = spans(FOUND, "EUR")
    assert (money["lost"], money["increased"], money["decreased"]) == ((135, 95), (95, 104), (104, 100))
    assert money["open_end"] == (0, 100)


def test_the_picture_in_a_sentence() -> None:
    assert picture.describe(FOUND).startswith(
        "From the end of 31 Mar 2025 to the end of 30 Jun 2025 the pipeline went from 10 to 10;"
    )
    assert "from €100 to €100" in picture.describe(FOUND, "EUR")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width_hint", [None, 340])
@pytest.mark.parametrize("currency", [None, "EUR"])
def test_every_figure_is_one_that_plotly_takes(dark: bool, width_hint: int | None, currency: str | None) -> None:
    nobody = replace(FOUND, parts=tuple(replace(each, leads=0, value=(Money("EUR", 0.0),)) for each in PARTS))
    for found in (FOUND, nobody):
        go.Figure(picture.draw(found, currency, dark=dark, width_hint=width_hint).to_dict())
