"""Curves of cohorts by age: steps that end where too few are watched, with their intervals and names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from funnel import charts
from funnel.charts.canvas import shades
from funnel.measures.curves import Curve
from tests.charts.drawn_cohorts import CURVES, FEB, JAN, a_curve
from tests.drawn import contrast, hovers, texts


def test_a_day_is_marked_and_a_cohort_without_a_win_has_no_band() -> None:
    flat = replace(CURVES.curves[0], points=())
    figure = charts.ages(replace(CURVES, curves=(flat,)), highlight=flat.start, day=90)
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.name == "day"] == [(90, 90)]
    assert [list(trace.x) for trace in figure.data if trace.meta == "band"] == [[]]
    assert not [shape for shape in charts.ages(CURVES, day=100_000).layout.shapes if shape.name == "day"]


def test_curves_are_steps_from_nothing_to_where_they_end() -> None:
    figure = charts.ages(CURVES)
    by_name = {trace.name: trace for trace in figure.data if trace.name}
    assert list(by_name["Jan 2024"].x) == [0, 30, 120, 300, 400]
    assert list(by_name["Jan 2024"].y) == [0, 0.01, 0.052, 0.08, 0.08]
    assert {trace.line.shape for trace in figure.data if trace.name} == {"hv"}
    assert by_name["recent pace (last 180 days)"].line.dash == "dash"
    assert by_name["All"].line.dash == "solid"
    assert list(by_name["Feb 2024"].customdata[0]) == ["2024-02-01"]
    without = charts.ages(CURVES, pace=False)
    assert len([trace for trace in without.data if trace.name]) == 4
    day_zero = replace(CURVES, curves=(a_curve(JAN, 84, ((0, 0.1), (9, 0.2)), 30),))
    assert list(charts.ages(day_zero).data[0].x) == [0, 9, 30]
    assert charts.ages(day_zero).data[0].y[0] == 0.1


def test_a_point_of_a_curve_says_a_sentence_and_the_last_where_it_was_cut() -> None:
    told = hovers(charts.ages(CURVES))
    assert "Jan 2024, by day 120: 5.2% (3.6% to 7.3%), 83 leads still watched." in told
    assert "Jan 2024: 84 leads when they entered." in told
    assert any(one.endswith("The curve ends here: fewer than 10 leads are left to watch.") for one in told)


@pytest.mark.parametrize("dark", [False, True])
def test_curves_grow_stronger_from_old_to_new(dark: bool) -> None:
    background = charts.colours(dark).background
    drawn = [contrast(shades.strand(place, 9, dark=dark), background) for place in range(9)]
    assert drawn == sorted(drawn)
    assert drawn[0] > 1.3
    assert contrast(shades.strand(0, 1, dark=dark), background) == drawn[-1]


def test_the_highlighted_curve_is_thick_with_its_interval_and_the_others_pale() -> None:
    figure = charts.ages(CURVES, highlight=FEB)
    by_name = {trace.name: trace for trace in figure.data if trace.name}
    assert by_name["Feb 2024"].line.width > by_name["Jan 2024"].line.width
    band = figure.data[0]
    assert (band.meta, band.fill) == ("band", "toself")
    assert (min(band.y), max(band.y)) == pytest.approx((0.02 * 0.7, 0.05 * 1.4))
    assert max(band.x) == 250
    plain = {trace.name: trace for trace in charts.ages(CURVES).data}
    white = charts.colours().background
    assert contrast(by_name["Jan 2024"].line.color, white) < contrast(plain["Jan 2024"].line.color, white)
    assert "band" not in [trace.meta for trace in charts.ages(CURVES, highlight=date(1999, 1, 1)).data]


def test_curves_keep_to_as_many_points_as_a_screen_has() -> None:
    long = a_curve(JAN, 9000, tuple((day, day / 9000) for day in range(1, 3000)), 3000)
    figure = charts.ages(replace(CURVES, curves=(long,)))
    assert len(figure.data[0].x) == 401
    assert figure.data[0].x[-1] == 3000
    assert figure.data[0].y[-1] == pytest.approx(2999 / 9000)


@pytest.mark.parametrize("room", [360, None])
def test_names_at_the_ends_of_many_curves_do_not_touch(room: int | None) -> None:
    many = tuple(
        a_curve(
            date(2020 + place // 12, place % 12 + 1, 1), 100, ((20, 0.02), (60, 0.05 + place / 2000)), 900 - 20 * place
        )
        for place in range(40)
    )
    figure = charts.ages(replace(CURVES, curves=many), width_hint=room)
    names = figure.layout.yaxis2
    assert 1 <= len(names.ticktext) <= 14
    assert any("Apr 2023" in name for name in names.ticktext)
    pixel = names.range[1] / (figure.layout.height - figure.layout.margin.t - figure.layout.margin.b)
    at = sorted(names.tickvals)
    assert all(above - below >= 13 * pixel for below, above in pairwise(at))
    leaders = [trace for trace in figure.data if trace.meta == "leader"]
    assert sorted(trace.y[-1] for trace in leaders) == pytest.approx(at)


def test_without_curves_a_note_stands_instead() -> None:
    nobody = Curve(None, 0, 0, False, ())
    none = replace(CURVES, curves=(), whole=nobody, pace=nobody)
    assert texts(charts.ages(none)) == ["No leads to draw."]
    assert charts.describe_ages(none) == "No leads to draw."
    unreached = replace(CURVES, curves=(a_curve(JAN, 50, (), 90),), whole=a_curve(None, 50, (), 90), pace=nobody)
    assert list(charts.ages(unreached).data[0].y) == [0, 0]


def test_curves_in_words() -> None:
    assert charts.describe_ages(CURVES) == (
        "Of 273 leads, 5% within 180 days and 7% within 365 days reached the win. At the recent pace (last 180 days): 4% within 180 days."
    )
    few = replace(CURVES, whole=replace(CURVES.whole, leads=19))
    assert charts.describe_ages(few) == "19 leads on the way to the win: too few for a rate."
