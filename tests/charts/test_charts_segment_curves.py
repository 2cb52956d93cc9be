"""Curves of segments: which are drawn, where a day is marked, and the log-rank test in plain words."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from funnel import charts
from funnel.measures.curves import Curve, CurvePoint
from funnel.measures.scan import Finding
from funnel.measures.segment_curves import SegmentCurves
from funnel.measures.statistics.log_rank import LogRank
from tests.charts.drawn_segments import HIGH, NASTY, QUESTION, SCAN, plain, segment
from tests.drawn import boxes, overlaps, texts


def curve(leads: int, *points: tuple[int, float]) -> Curve:
    found = tuple(CurvePoint(day, leads, rate, rate * 0.8, rate * 1.2, 0.0) for day, rate in points)
    return Curve(None, leads, 200 if leads >= 10 else 0, False, found)


def curves(*leads: int, log_rank: LogRank | None = None) -> SegmentCurves:
    each = tuple(
        (segment(f"S{place}"), curve(n, *((30, 0.1), (60, 0.2)) if n >= 10 else ())) for place, n in enumerate(leads)
    )
    return SegmentCurves(QUESTION, "Channel", None, each, log_rank, "")


def test_three_curves_have_their_intervals_more_have_none() -> None:
    figure = charts.segment_curves(curves(100, 90, 80), 90)
    lines = [trace for trace in figure.data if trace.name]
    assert [trace.name for trace in lines] == ["S0", "S1", "S2"]
    assert len([trace for trace in figure.data if trace.meta == "band"]) == 3
    assert list(lines[0].x) == [0, 30, 60, 200]
    assert list(lines[0].y) == [0, 0.1, 0.2, 0.2]
    assert lines[0].line.shape == "hv"
    assert [list(one) for one in lines[1].customdata] == [[1]] * 4
    assert not [trace for trace in charts.segment_curves(curves(100, 90, 80, 70), 90).data if trace.meta == "band"]


def test_what_is_clear_is_drawn_before_what_is_large() -> None:
    told = curves(100, 90, 70, 60, 80, 50, 30, 40)
    smallest = told.curves[6][0]
    figure = charts.segment_curves(told, 90, [smallest])
    assert [trace.name for trace in figure.data if trace.name] == ["S0", "S1", "S2", "S3", "S4", "S6"]
    assert "S6" in charts.describe_segment_curves(told, 90, [smallest])
    assert "S6" not in charts.describe_segment_curves(told, 90)


def test_at_most_six_curves_are_drawn_those_of_most_leads() -> None:
    figure = charts.segment_curves(curves(100, 90, 20, 70, 60, 80, 50, 5), 90)
    lines = [trace for trace in figure.data if trace.name]
    assert [trace.name for trace in lines] == ["S0", "S1", "S3", "S4", "S5", "S6"]
    assert [trace.line.dash for trace in lines] == ["solid"] * 4 + ["dash"] * 2
    assert len({(trace.line.color, trace.line.dash) for trace in lines}) == 6
    # Every curve has its name, and no two of them touch.
    names = figure.layout.yaxis2
    assert [plain(text) for text in names.ticktext] == [trace.name for trace in lines]
    plot = figure.layout.height - figure.layout.margin.t - figure.layout.margin.b
    heights = sorted(y / names.range[1] * plot for y in names.tickvals)
    assert all(b - a >= 13 for a, b in pairwise(heights))
    under = figure.layout.xaxis.title.text
    assert "1 segment not drawn; the table has all." in under
    assert "Too few for a curve: S7." in under


def test_a_day_on_the_curves_is_marked() -> None:
    figure = charts.segment_curves(curves(100), 45)
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.name == "day"] == [(45, 45)]
    assert [shape.label.text for shape in figure.layout.shapes] == ["day 45"]
    for day in (None, 500):
        assert not [shape for shape in charts.segment_curves(curves(100), day).layout.shapes if shape.name == "day"]


def test_no_curve_of_too_few_leads() -> None:
    assert texts(charts.segment_curves(curves(5, 9), 90)) == ["No segment has enough leads for a curve."]
    assert charts.describe_segment_curves(curves(5)) == "No segment has enough leads for a curve."
    # Nobody converted: a curve at zero.
    flat = SegmentCurves(QUESTION, "Channel", None, ((segment("Web"), curve(40)),), None, "")
    (line,) = [trace for trace in charts.segment_curves(flat, 30).data if trace.name]
    assert (list(line.x), list(line.y)) == ([0, 200], [0, 0])


def test_the_log_rank_test_in_plain_words() -> None:
    apart, alike = (LogRank((1, 2), (1.5, 1.5), 1.0, 1, p) for p in (0.02, 0.4))
    assert charts.describe_segment_curves(curves(100, 50, log_rank=apart), 45) == (
        "Within 45 days: S0 10% and S1 10%. The curves differ significantly (p = 0.02)."
    )
    assert charts.describe_segment_curves(curves(100, 50, 5, log_rank=alike), 500) == (
        "Within 500 days: S0 not known yet and S1 not known yet. The curves do not differ significantly"
        " (p = 0.4). Too few for a curve: S2."
    )
    assert charts.describe_segment_curves(curves(100)) == "There is nothing to compare the curves by."


@pytest.mark.parametrize("width_hint", [360, None])
def test_findings_and_curves_with_names_that_harm(width_hint: int | None) -> None:
    findings = tuple(Finding(name, segment(name, name), HIGH.overall, 0.01, name, False) for name in NASTY)
    named = SegmentCurves(
        QUESTION, None, None, tuple((segment(name), curve(90 - place, (20, 0.1))) for place, name in enumerate(NASTY)), None, ""
    )  # fmt: skip
    for figure in (
        charts.scan(replace(SCAN, findings=findings), width_hint=width_hint),
        charts.segment_curves(named, 30, width_hint=width_hint),
    ):
        assert "<b>Bold" not in figure.to_json().replace("\\u003c", "<")
        assert overlaps(boxes(figure, width_hint or 760)) == []
