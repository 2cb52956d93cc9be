"""Charts for readers whose lines begin at the right."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from funnel import charts
from tests.charts.test_charts import NAMES, a_funnel

LEDGERS = ((2, 0, 1, 0, 1), (1, 0, 0, 0, 1))


@pytest.fixture
def funnel() -> go.Figure:
    return charts.funnel(a_funnel(LEDGERS, NAMES[:2], won=0))


def test_a_funnel_begins_at_the_right(funnel: go.Figure) -> None:
    turned = charts.mirrored(funnel)
    assert list(turned.layout.xaxis.range) == [*reversed(funnel.layout.xaxis.range)]
    assert (turned.layout.margin.l, turned.layout.margin.r) == (funnel.layout.margin.r, funnel.layout.margin.l)
    names = [note for note in turned.layout.annotations if note.text == NAMES[0]]
    assert [(note.x, note.xanchor, note.xshift > 0) for note in names] == [(1, "left", True)]


def test_what_a_bar_says_and_what_a_click_finds_stay(funnel: go.Figure) -> None:
    turned = charts.mirrored(funnel)
    for before, after in zip(funnel.data, turned.data, strict=True):
        assert [*before.x] == [*after.x]
        assert [list(each) for each in before.customdata] == [list(each) for each in after.customdata]


def test_the_mirror_of_a_mirror_is_the_figure(funnel: go.Figure) -> None:
    twice = charts.mirrored(charts.mirrored(funnel))
    once = charts.mirrored(funnel)
    assert twice.layout.annotations == funnel.layout.annotations
    assert twice.layout.xaxis.range == funnel.layout.xaxis.range
    assert charts.mirrored(twice).layout.annotations == once.layout.annotations
    for before, after in zip(funnel.layout.shapes, twice.layout.shapes, strict=True):
        assert (before.x0, before.x1, before.xanchor) == pytest.approx((after.x0, after.x1, after.xanchor))


def test_stripes_drawn_in_pixels_turn_with_their_place() -> None:
    stripes = {"type": "path", "path": "M1,2L3,-4", "xsizemode": "pixel", "xanchor": 0, "xref": "paper"}
    figure = go.Figure({"data": [], "layout": {"shapes": [stripes], "xaxis": {"range": [0, 1]}}})
    (turned,) = charts.mirrored(figure).layout.shapes
    assert (turned.path, turned.xanchor) == ("M-1,2L-3,-4", 1)


def test_heads_of_arrows_point_as_their_lines_go() -> None:
    marks = [
        {"type": "scatter", "marker": {"symbol": "triangle-right"}},
        {"type": "scatter", "marker": {"symbol": ["triangle-left", "circle"]}, "textposition": "middle left"},
    ]
    one, several = charts.mirrored(go.Figure({"data": marks, "layout": {}})).data
    assert one.marker.symbol == "triangle-left"
    assert ([*several.marker.symbol], several.textposition) == (["triangle-right", "circle"], "middle right")


def test_a_line_at_a_day_stays_at_its_day() -> None:
    line = {"type": "line", "x0": 180, "x1": 180, "yref": "paper", "y0": 0, "y1": 1}
    (turned,) = charts.mirrored(go.Figure({"data": [], "layout": {"shapes": [line]}})).layout.shapes
    assert (turned.x0, turned.x1) == (180, 180)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("<b>۶٫۳ روز</b><br>۹ از ۱۲ به بعدی", "\u2067<b>۶٫۳ روز</b>\u2069<br>\u2067۹ از ۱۲ به بعدی\u2069"),
        ("New ← Contacted", "\u2067New ← Contacted\u2069"),
        ("\u2067قرارداد\u2069 ۱ برچسب", "\u2067\u2067قرارداد\u2069 ۱ برچسب\u2069"),
        ("\u2067قرارداد\u2069", "\u2067قرارداد\u2069"),
        ("5000 and more", "5000 and more"),
    ],
)
def test_each_line_of_a_text_is_read_from_the_right(said: str, read: str) -> None:
    figure = {
        "data": [{"type": "scatter", "name": said, "hovertext": [said]}],
        "layout": {"annotations": [{"text": said}]},
    }
    turned = charts.mirrored(go.Figure(figure))
    assert (turned.data[0].name, [*turned.data[0].hovertext], turned.layout.annotations[0].text) == (read, [read], read)
