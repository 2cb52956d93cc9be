"""Several models in one picture: what lines up, what is on one scale, and what stands beside it."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import cbrt, dist
from typing import Any

import pytest

from funnel import charts
from funnel.core.types import Unit
from funnel.measures.changed import Change
from tests.drawn import a_funnel, contrast, hovers, modelled, texts, traces

FIVE = ("Lead generation", "Qualification", "Presentation and proposal", "Negotiation and closing", "Retention")
STANDARD = modelled(
    a_funnel(((300, 20, 1, 100, 59), (180, 0, 0, 90, 50), (90, 0, 0, 60, 30), (30, 0, 0, 40, 20), (0, 0, 0, 0, 30)),
             FIVE, won=30),
    "Standard B2B",
)  # fmt: skip
COARSE = modelled(a_funnel(((180, 0, 0, 190, 110), (0, 0, 0, 100, 80)), ("Top", "Bottom"), won=0), "Coarse")
FEW = modelled(a_funnel(((8, 0, 0, 2, 2), (0, 0, 0, 4, 4)), ("New", "Won"), won=0), "Few")
REVERSE = modelled(
    a_funnel(((320, 0, 0, 100, 60), (180, 0, 0, 90, 50), (0, 0, 0, 0, 180)), ("Lead", "Proposal", "Closing"), won=180),
    "Reverse",
    reading="backward",
)
HOSTILE = ("<a href='x'>a</a>", "قرارداد می\u200cشود (2)", "b\u202ec\x00")
EMPTY = modelled(a_funnel(((0, 0, 0, 0, 0),) * 2, ("New", "Won"), won=0), "Empty")


def row_of(figure: Any, text: str) -> float:
    """How many pixels below the upper edge a text stands."""
    return next(
        figure.layout.margin.t + note.y - (note.yshift or 0)
        for note in figure.layout.annotations
        if note.text.replace("<br>", " ") == text
    )


def test_columns_share_scale_rows_and_top() -> None:
    one, other = charts.columns((STANDARD, COARSE), width_hint=300)
    assert one.layout.xaxis.range == other.layout.xaxis.range == (0, 480)
    assert list(traces(one)["went_on"].y[:2]) == list(traces(other)["went_on"].y)
    assert row_of(one, "Lead generation") == row_of(other, "Top")
    assert row_of(one, "Qualification") == row_of(other, "Bottom")
    assert one.layout.height > other.layout.height
    for figure in (one, other):
        top, bottom = figure.layout.margin.t, figure.layout.margin.b
        assert figure.layout.yaxis.range == (figure.layout.height - top - bottom, 0)


def test_a_column_says_its_model_its_counts_and_the_days_between() -> None:
    said = texts(charts.columns((COARSE, STANDARD), width_hint=300)[1])
    look = charts.colours()
    assert said[:2] == ["<b>Standard B2B</b>", "480 leads"]
    assert f'<b>480</b> <span style="color:{look.muted}">100%</span>' in said
    assert f'<b>30</b> <span style="color:{look.muted}">6.3%</span>' in said
    assert [one for one in said if one.startswith("↓")] == ["↓ median 9 days", "↓ median 24 days", "↓ median 51 days"]


def test_each_model_has_its_hue_and_what_was_lost_is_the_same_in_all() -> None:
    figures = charts.columns((STANDARD, COARSE, FEW, REVERSE), width_hint=220)
    look = charts.colours()
    assert [traces(figure)["went_on"].marker.color for figure in figures] == list(look.series)
    assert {traces(figure)["lost"].marker.color for figure in figures} == {look.lost}
    assert [figure.layout.annotations[0].font.color for figure in figures] == list(look.series)


def test_a_click_in_a_column_finds_the_stage_and_the_part() -> None:
    drawn = traces(charts.columns((REVERSE,))[0])
    assert [list(pair) for pair in drawn["lost"].customdata] == [[0, "lost"], [1, "lost"], [2, "lost"]]


def test_a_model_read_backwards_has_its_win_on_top() -> None:
    figure, _ = charts.columns((REVERSE, STANDARD))
    assert row_of(figure, "Closing") < row_of(figure, "Proposal") < row_of(figure, "Lead")
    went_on = traces(figure)["went_on"]
    assert list(went_on.x) == [320, 180, 0]
    assert went_on.y[0] > went_on.y[1] > went_on.y[2]
    assert "480 leads, the win on top" in texts(figure)
    assert [one for one in texts(figure) if "median" in one] == ["↑ median 9 days", "↑ median 24 days"]
    assert row_of(figure, "Proposal") < row_of(figure, "↑ median 9 days") < row_of(figure, "Lead")


def test_one_legend_under_the_first_column_names_every_part_drawn_in_any() -> None:
    first, second = (texts(figure) for figure in charts.columns((COARSE, STANDARD), width_hint=300))
    assert [one for one in first if one in ("advanced", "moved back", "open here", "lost for good")] == [
        "advanced",
        "moved back",
        "open here",
        "lost for good",
    ]
    assert not {"advanced", "lost"} & set(second)


def test_accounts_and_few_leads_say_so() -> None:
    accounts = replace(STANDARD, question=replace(STANDARD.question, unit=Unit.ACCOUNT))
    assert "480 accounts" in texts(charts.columns((accounts,))[0])
    figure = charts.columns((STANDARD, FEW))[1]
    assert not any("%" in one for one in [*texts(figure), *hovers(figure)])


@pytest.mark.parametrize("width_hint", [220, 300, 600])
def test_names_of_files_are_shown_as_they_are_and_whole_on_hover(width_hint: int) -> None:
    ledgers = ((20, 0, 0, 2, 2), (10, 0, 0, 5, 5), (0, 0, 0, 0, 10))
    long = "A process of our own with a name that nobody would want to read on the head of a column of this width"
    hostile = modelled(a_funnel(ledgers, HOSTILE, won=0), "<b>x</b>")
    figures = charts.columns((hostile, modelled(STANDARD, long)), width_hint=width_hint)
    written = "".join(figure.to_json() for figure in figures)
    assert "<a " not in written
    assert "<b>x</b>" not in written
    assert "\\u202e" not in written
    assert "<b>&lt;b&gt;x&lt;/b&gt;</b>" in texts(figures[0])
    assert "\u2067قرارداد می\u200cشود (2)\u2069" in "".join(texts(figures[0]))
    title = figures[1].layout.annotations[0]
    assert title.text.count("<b>") == 2
    assert (title.hovertext or "").replace("<br>", " ") == (long if "…" in title.text else "")
    assert "…" in title.text or width_hint == 600


def test_no_leads_still_make_columns() -> None:
    (figure,) = charts.columns((EMPTY,))
    assert figure.layout.xaxis.range == (0, 1)
    assert charts.columns(()) == ()


def test_before_and_after_are_on_one_scale_of_shares() -> None:
    after = a_funnel(((30, 0, 0, 6, 4), (20, 0, 0, 5, 5), (0, 0, 0, 0, 20)), FIVE[:3], won=20)
    change = Change(STANDARD, modelled(after, "Standard B2B"), 90)
    figures = charts.change(change, width_hint=300)
    assert [figure.layout.xaxis.range for figure in figures] == [(0, 1), (0, 1)]
    assert list(traces(figures[0])["went_on"].x[:2]) == [320 / 480, 180 / 320 * 320 / 480]
    assert list(traces(figures[1])["went_on"].x) == [0.75, 0.5, 0]
    assert list(traces(figures[1])["won"].x) == [0, 0, 0.5]
    assert texts(figures[0])[:2] == ["<b>Before</b>", "480 leads"]
    assert texts(figures[1])[:2] == ["<b>After</b>", "40 leads"]
    assert any("<b>30</b>" in one and "75%" in one for one in texts(figures[1]))


def test_a_change_to_another_model_names_both() -> None:
    figures = charts.change(Change(STANDARD, FEW, None), width_hint=300)
    assert [texts(figure)[1] for figure in figures] == ["480 leads, Standard B2B", "12 leads, Few"]


# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
EYES = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red cones": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green cones": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "no blue cones": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def seen(colour: str, eye: str) -> tuple[float, float, float]:
    """The colour as this eye sees it, in Oklab (Ottosson 2020), times 100."""
    raw = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in raw]
    red, green, blue = (min(1, max(0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in EYES[eye])
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        100 * (0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short),
        100 * (1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short),
        100 * (0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short),
    )


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("eye", EYES)
def test_the_hues_of_models_stay_apart_for_every_eye(eye: str, dark: bool) -> None:
    look = charts.colours(dark)
    others = [(hue, other) for hue in look.series for other in (look.lost, look.still)]
    close = {pair: dist(seen(pair[0], eye), seen(pair[1], eye)) for pair in [*combinations(look.series, 2), *others]}
    assert {pair: round(away, 1) for pair, away in close.items() if away < 8} == {}


@pytest.mark.parametrize("dark", [False, True])
def test_the_hues_of_models_can_be_read_as_text_and_bear_text(dark: bool) -> None:
    look = charts.colours(dark)
    for hue in look.series:
        assert (
            min(contrast(hue, look.background), contrast(hue, look.surface), contrast(hue, look.progress_text)) >= 4.5
        )
    assert all(
        figure.layout.template.layout.paper_bgcolor == look.background
        for figure in charts.columns((STANDARD, COARSE), dark=dark)
    )
