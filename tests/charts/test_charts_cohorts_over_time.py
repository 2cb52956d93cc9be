"""Rates of cohorts over their dates of start, of one target and of each step, and that an unfinished one never looks like a bad one."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from funnel import charts
from funnel.charts.canvas.text import width
from funnel.charts.step_trends import BARS, UNDER
from funnel.core.types import Period
from tests.charts.drawn_cohorts import COHORTS, DONE, JAN, TREND, a_question, cells
from tests.drawn import hovers, texts


def by_kind(figure: Any) -> dict[str, Any]:
    return {trace.meta: trace for trace in figure.data}


@pytest.mark.parametrize("dark", [False, True])
def test_cohorts_over_time_are_full_hollow_or_a_mark_on_the_base_line(dark: bool) -> None:
    drawn = by_kind(charts.by_start(COHORTS, None, 180, dark=dark))
    assert [list(drawn[kind].x) for kind in ("finished", "unfinished", "unknown")] == [[0], [1], [2, 3]]
    assert list(drawn["finished"].y) == [0.08]
    assert drawn["finished"].error_y.array[0] == pytest.approx(0.016)
    assert list(drawn["unknown"].y) == [0, 0]
    background = charts.colours(dark).background
    assert drawn["unfinished"].marker.color == background != drawn["finished"].marker.color
    assert drawn["unfinished"].error_y.color != drawn["finished"].error_y.color
    assert [list(each) for each in drawn["unfinished"].customdata] == [["2024-02-01", None]]
    assert list(drawn["line"].y) == [0.08, None, None, None]


def test_all_cohorts_are_a_level_line_with_its_rate() -> None:
    figure = charts.by_start(COHORTS, 2, 180)
    assert "All 42%" in texts(figure)
    level = by_kind(figure)["all"]
    assert (list(level.y), level.line.dash) == ([0.42, 0.42], "dot")
    assert list(figure.layout.yaxis2.tickvals) == [0.42]
    assert figure.layout.yaxis2.range == figure.layout.yaxis.range
    told = [one for one in hovers(figure) if one.startswith("Jan 2024")]
    assert told[0] == cells(charts.dropoff(COHORTS, 180))["2024-01-01", 2]["hover"]


def test_names_and_counts_under_the_points_are_thinned() -> None:
    weeks = tuple(replace(DONE, start=date.fromordinal(JAN.toordinal() + 7 * place)) for place in range(100))
    found = replace(COHORTS, cohorts=weeks, period=Period.WEEK)
    for room in (360, 860):
        figure = charts.by_start(found, None, 180, width_hint=room)
        axis = figure.layout.xaxis
        said = [one.split("<br>") for one in axis.ticktext]
        assert said[-1][0] == "week of 24 Nov 2025"
        assert 1 < len(said) < 9
        assert all(re.sub("<[^>]+>", "", count) == "248" for _, count in said)
        # Names have their room, however wide what stands beside the plot.
        of_a_cohort = (room - 110) / (axis.range[1] - axis.range[0])
        widest = max(width(name, 12) for name, _ in said)
        assert all((b - a) * of_a_cohort > widest for a, b in pairwise(axis.tickvals))
    assert any(
        "cohorts of earlier leads not drawn" in one.replace("<br>", " ")
        for one in texts(charts.by_start(found, None, 180, width_hint=360))
    )


@pytest.mark.parametrize("dark", [False, True])
def test_each_step_has_its_picture_on_one_scale(dark: bool) -> None:
    figure = charts.step_trend(TREND, dark=dark)
    titles = ["<b>Lead → Qualification</b>", "<b>Qualification → Proposal</b>"]
    assert [one for one in texts(figure) if "→" in one] == titles
    parts = [
        (trace.meta, list(trace.x)) for trace in figure.data if trace.meta in ("finished", "unfinished", "unknown")
    ]
    assert parts == [
        ("unfinished", [2]), ("finished", [0, 1]), ("unknown", [2]), ("unfinished", [1]), ("finished", [0])
    ]  # fmt: skip
    finished = [trace for trace in figure.data if trace.meta == "finished"]
    # The last finished rates: 60 % in Feb, 40 % in Jan.
    assert [list(trace.text) for trace in finished] == [["", "<b>60%</b>"], ["<b>40%</b>"]]
    assert [list(trace.y) for trace in finished] == [[0.6, 0.6], [0.4]]
    # One scale: both axes are of one height and one range.
    layout = figure.layout
    assert [trace.yaxis for trace in finished] == ["y", "y3"]
    assert layout.yaxis.range == layout.yaxis3.range
    assert [list(row) for row in layout.grid.subplots] == [["xy"], ["xy3"]]
    bars = [trace for trace in figure.data if trace.meta == "counts"]
    assert [list(bar.y) for bar in bars] == [[248, 248, 267], [175, 267, 0]]
    assert [list(bar.text) for bar in bars] == [["248", "248", "267"], ["175", "267", "0"]]
    # The highest bar of each step is as high, and no bar reaches the rates.
    assert [(layout[f"yaxis{bar.yaxis[1:]}"].overlaying, layout[f"yaxis{bar.yaxis[1:]}"].range[1] / 267) for bar in bars] == [
        ("y", 1 / BARS), ("y3", 1 / BARS)
    ]  # fmt: skip
    assert UNDER / (1 + UNDER) > BARS


def test_each_kind_of_point_stands_in_the_legend_once() -> None:
    assert sorted(set(texts(charts.by_start(COHORTS, None, 180))) & {"mature", "incomplete", "not known yet"}) == [
        "incomplete", "mature", "not known yet"
    ]  # fmt: skip
    written = texts(charts.step_trend(TREND))
    assert [written.count(word) for word in ("mature", "incomplete", "not known yet")] == [1, 1, 1]


def test_steps_say_a_sentence_and_nobody_is_no_error() -> None:
    told = hovers(charts.step_trend(TREND))
    assert (
        "Jan 2024, Lead → Qualification within 180 days of arriving: 175 of 248 leads reached it so far, 175 of them within 180 days;"
        " were all followed that long, 60% by then (48% to 72%); 248 of 248 leads mature; raw conversion 71%."
    ) in told
    assert "Mar 2024, Qualification → Proposal within 180 days of arriving: nobody to follow yet." in told
    assert texts(charts.step_trend(replace(TREND, cohorts=()))) == ["No steps to draw."]
    assert texts(charts.step_trend(replace(TREND, question=a_question(("One",))))) == ["No steps to draw."]


def test_steps_in_words() -> None:
    assert charts.describe_step_trend(TREND) == (
        "Of those that came to a stage, at the next one within 180 days of arriving, were all followed that long:"
        " Lead → Qualification between 60% (Jan 2024) and 60% (Feb 2024); Qualification → Proposal 40% (Jan 2024)."
    )
    young = replace(TREND, cohorts=TREND.cohorts[2:])
    assert charts.describe_step_trend(young).endswith(
        "Lead → Qualification incomplete; Qualification → Proposal incomplete."
    )
