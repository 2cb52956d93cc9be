"""Charts of segments: what is clear is drawn clear, what is not is not, and a file's names do no harm."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from funnel import charts
from funnel.charts import colours
from funnel.charts.rows import STRIP
from funnel.core.types import Segment, Unit, Verdict
from funnel.measures.segments import Segments
from tests.charts.drawn_segments import (
    FEW,
    FOUND,
    HIGH,
    LEVEL,
    LOW,
    NASTY,
    QUESTION,
    SCAN,
    STEPS,
    TWO,
    against,
    found,
    plain,
    segment,
)
from tests.drawn import a_funnel, boxes, hovers, overlaps, texts, touching, traces

NOBODY = found()
HOSTILE = found(
    *(replace(each, segment=segment(name)) for name, each in zip(NASTY, (LOW, LEVEL, HIGH, FEW, LOW), strict=True))
)
MANY = found(*(replace(HIGH, segment=segment(f"Campaign {n}")) for n in range(40)))
PAIR_OF_NASTY = found(
    replace(HIGH, segment=Segment((), NASTY[0])), replace(LOW, segment=Segment((), NASTY[1])), column=None
)


def interval(points: Any) -> list[float]:
    """From where to where the bar of the first point reaches."""
    bars = points.error_x
    return [points.x[0] - bars.arrayminus[0], points.x[0] + bars.array[0]]


def said(figure: Any) -> list[str]:
    return [plain(text) for text in texts(figure)]


def test_rows_stand_by_what_they_gained_and_those_of_too_few_leads_last() -> None:
    names = [
        text for text in said(charts.segments_forest(FOUND)) if text in ("Referral", "Web", "Cold call", "(empty)")
    ]
    # +10, 22 − 20 = +2, 20 − 40 = −20 leads.
    assert names == ["Referral", "Web", "Cold call", "(empty)"]


def test_a_point_stands_at_the_difference_with_its_interval() -> None:
    drawn = traces(charts.segments_forest(FOUND))
    assert list(drawn["higher"].x) == pytest.approx([0.1])
    assert list(drawn["lower"].x) == pytest.approx([-0.05])
    assert list(drawn["unclear"].x) == pytest.approx([0.01])
    assert interval(drawn["higher"]) == pytest.approx([0.07, 0.13])
    assert interval(drawn["lower"]) == pytest.approx([-0.08, -0.02])
    assert [kind for kind in drawn if kind and kind.startswith("few")] == []


def test_points_carry_the_place_of_their_segment() -> None:
    drawn = traces(charts.segments_forest(FOUND))
    assert [list(drawn[kind].customdata[0]) for kind in ("lower", "unclear", "higher")] == [[0], [1], [2]]


def test_what_is_clear_differs_in_more_than_colour() -> None:
    drawn = traces(charts.segments_forest(FOUND))
    look = colours()
    assert (drawn["higher"].marker.symbol, drawn["higher"].marker.color) == ("circle", look.progress)
    assert (drawn["lower"].marker.symbol, drawn["lower"].marker.color) == ("diamond", look.lost)
    assert drawn["unclear"].marker.color == look.background
    assert drawn["unclear"].marker.line.color == look.muted


def test_counts_and_verdicts_stand_beside() -> None:
    words = said(charts.segments_forest(FOUND))
    for one in (
        "20% · 20 of 100 / others 10%", "above average / +10 leads", "5% · 20 of 400 / others 10%",
        "below average / −20 leads",
        "11% · 22 of 200 / others 10%", "not significant / +2 leads", "9 of 12 / others 10%",
        "sample too small", "Channel", "won within 90 days",
        "percentage points, compared with all other leads",
    ):  # fmt: skip
        assert one in words, one
    accounts = replace(FOUND, question=replace(QUESTION, unit=Unit.ACCOUNT), day=None, target=2)
    words = said(charts.segments_forest(accounts))
    assert {"above average / +10 accounts", "percentage points, compared with all other accounts"} <= set(words)
    assert "reached Proposal so far" in [text.replace(" / ", " ") for text in words]


def test_hover_says_it_in_sentences() -> None:
    told = hovers(charts.segments_forest(FOUND))
    assert any(
        one.startswith("<b>Referral</b> Referral: 20% (20 of 100), all other leads 10% (100 of 1,000): 10 points more")
        and one.endswith("So 10 leads more reached the win than would have at that other rate.")
        for one in told
    )
    # Without a point, the counts say it.
    assert any("Sample too small: fewer than 20 leads on a side" in one for one in told)


def test_an_interval_far_beyond_the_differences_ends_in_an_arrow() -> None:
    wide = replace(HIGH, overall=against(20, 100, (100, 1000), (0.5, 0.02)))
    figure = charts.segments_forest(found(wide, LOW))
    drawn = traces(figure)
    # 2.5 times the largest difference, 10 points.
    assert list(drawn["higher_beyond"].x) == pytest.approx([-0.25])
    assert drawn["higher_beyond"].marker.symbol == "triangle-left"
    assert interval(drawn["higher"]) == pytest.approx([-0.25, 0.12])
    assert "higher_beyond" not in traces(charts.segments_forest(FOUND))


def test_a_zero_line_is_always_in_sight() -> None:
    for drawn in (found(HIGH), found(LOW), found(FEW), TWO):
        figure = charts.segments_forest(drawn)
        assert figure.layout.xaxis.range[0] < 0 < figure.layout.xaxis.range[1]
        bottom, top = figure.layout.yaxis.range
        assert [shape.path for shape in figure.layout.shapes if shape.name == "start"] == [f"M0,{bottom}L0,{top}"]
        assert "0" in texts(figure)


def test_two_groups_overall_and_then_step_by_step() -> None:
    figure = charts.segments_forest(TWO)
    words = said(figure)
    assert [text for text in words if "→" in text or text.startswith("Overall")] == [
        "Overall, to the win", "Lead → Qualified", "Qualified → Proposal"
    ]  # fmt: skip
    assert "A 20% · 20 of 100 / B 10% · 100 of 1,000" in words
    assert "A 60% · 60 of 100 / B 50% · 500 of 1,000" in words
    assert "percentage points, A compared with B" in words
    assert "within 90 days" in words
    drawn = traces(figure)
    assert list(drawn["higher"].x) == pytest.approx([0.1, 0.1])
    # 33 % against 40 %, but chance would do as much.
    assert list(drawn["unclear"].x) == pytest.approx([1 / 3 - 0.4])
    assert {one for trace in ("higher", "unclear") for (one,) in drawn[trace].customdata} == {0}


def test_a_finding_that_does_not_hold_is_hollow_and_says_why() -> None:
    figure = charts.scan(SCAN)
    drawn = traces(figure)
    assert list(drawn["higher"].x) == pytest.approx([0.1])
    assert list(drawn["lower_hollow"].x) == pytest.approx([-0.05])
    assert list(drawn["higher_hollow"].x) == pytest.approx([0.1])
    look = colours()
    assert (drawn["lower_hollow"].marker.color, drawn["lower_hollow"].marker.line.color) == (look.background, look.lost)
    assert drawn["lower_hollow"].marker.symbol == "diamond"
    assert [list(one) for one in drawn["higher_hollow"].customdata] == [[2]]
    words = said(figure)
    assert "below average / −20 leads / mostly mix effect of / &lt;i&gt;Region&lt;/i&gt;" in words
    assert "above average / +10 leads / mostly mix effect of when / they entered" in words
    assert "above average / +10 leads" in words
    assert [text for text in words if text.startswith("Channel: ")] == [
        "Channel: Referral", "Channel: Cold call", "Channel: Fair", "Channel: Web"
    ]  # fmt: skip
    told = hovers(figure)
    assert any("Between leads with the same Region, the difference is +9 points." in one for one in told)
    assert any(
        "Between leads that entered the funnel in the same quarter, the difference is +2 points." in one for one in told
    )


def test_at_most_fifteen_findings_are_drawn() -> None:
    many = replace(SCAN, findings=SCAN.findings[:1] * 20)
    figure = charts.scan(many)
    assert len(traces(figure)["higher"].x) == 15
    assert "5 segments more not drawn; the table has all." in texts(figure)


def test_nothing_to_draw_says_so() -> None:
    assert texts(charts.segments_forest(NOBODY)) == ["No segments to compare."]
    assert texts(charts.segments_steps(NOBODY)) == ["No segments to compare."]
    assert texts(charts.segments_steps(found(replace(HIGH, steps=())))) == ["No steps to draw."]
    assert texts(charts.scan(replace(SCAN, findings=()))) == ["No column has segments of enough leads to compare."]
    assert charts.describe_segments(NOBODY) == "No segments to compare."
    assert charts.describe_segment_steps(NOBODY) == "No segments to compare."
    assert charts.group_funnels(()) == ()


def test_small_funnels_are_shares_of_their_own_first_stage_on_one_scale() -> None:
    few = a_funnel(((8, 0, 0, 1, 1), (4, 0, 0, 2, 2), (2, 0, 0, 1, 1), (0, 0, 0, 0, 2)), won=2)
    one, other = charts.group_funnels((("<b>Big</b>", a_funnel()), ("Small", few)))
    assert one.layout.xaxis.range == other.layout.xaxis.range == (0, 1)
    assert sum(trace.x[0] for trace in one.data) == pytest.approx(1)
    assert sum(trace.x[1] for trace in other.data) == pytest.approx(0.8)
    assert {"<b>&lt;b&gt;Big&lt;/b&gt;</b>", "4,812 leads"} <= set(texts(one))
    assert "10 leads" in texts(other)


def test_in_words() -> None:
    assert charts.describe_segments(FOUND) == (
        "Referral: 20% (20 of 100), all other leads 10% (100 of 1,000): 10 points more (+7 points to +13 points; p = 0.001)."
        " So 10 leads more reached the win than would have at that other rate."
        " Cold call: 5% (20 of 400), all other leads 10% (90 of 900): 5 points less (−8 points to −2 points; p = 0.001)."
        " So 20 leads fewer reached the win than would have at that other rate."
    )
    assert charts.describe_segments(found(LEVEL, FEW)) == (
        "Of 2 segments compared with all other leads, none differs significantly."
    )
    assert charts.describe_segments(found(FEW)) == "All 1 segment have too few leads to say how they differ."
    assert charts.describe_segments(TWO).startswith("A: 20% (20 of 100), B 10% (100 of 1,000): 10 points more")
    assert charts.describe_segment_steps(FOUND).startswith(
        "Significant differences in 3 of 8 steps compared with all other leads. Cold call, Lead → Qualified: 25% (100 of 400),"
    )
    assert charts.describe_segment_steps(found(replace(HIGH, steps=STEPS[1:]))) == (
        "Significant differences in 0 of 1 steps compared with all other leads."
    )
    assert charts.describe_scan(SCAN).startswith(
        "Over 2 columns, 9 segments were compared with all other leads: 3 differ significantly, 1 of them also between leads alike"
        " in other columns. Channel: Referral: 20% (20 of 100), all other leads"
    )


@pytest.mark.parametrize("width_hint", [360, None, 700, 900])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("drawn", [NOBODY, found(HIGH), found(FEW), FOUND, TWO, HOSTILE, PAIR_OF_NASTY, MANY])
def test_every_picture_is_drawn_at_every_width(drawn: Segments, dark: bool, width_hint: int | None) -> None:
    forest = charts.segments_forest(drawn, dark=dark, width_hint=width_hint)
    steps = charts.segments_steps(drawn, dark=dark, width_hint=width_hint)
    assert touching(forest) == []
    for figure in (forest, steps):
        written = figure.to_json()
        assert "<b>Bold" not in written.replace("\\u003c", "<")
        assert "\u202e" not in written
        room = width_hint or 860
        assert overlaps(boxes(figure, room)) == []
        # Quieter lines are smaller than they are measured here.
        assert all(left > -8 and right < room + 8 for left, _, right, _ in boxes(figure, room))
    for described in (charts.describe_segments(drawn), charts.describe_segment_steps(drawn)):
        assert "\n" not in described


def test_on_a_phone_lines_stand_beside_marks_only() -> None:
    figure = charts.segments_forest(FOUND, width_hint=360)
    (zero,) = [shape for shape in figure.layout.shapes if shape.name == "start"]
    ends = [float(each) for each in re.findall(r",([\d.]+)", zero.path)]
    # Three rows have a mark.
    assert [end - start for start, end in zip(ends[::2], ends[1::2], strict=True)] == pytest.approx([STRIP] * 3)
    assert figure.layout.margin.l == figure.layout.margin.r == 0


def test_verdicts_of_the_examples() -> None:
    assert [each.overall.verdict for each in (HIGH, LOW, LEVEL, FEW)] == [
        Verdict.HIGHER, Verdict.LOWER, Verdict.UNCLEAR, Verdict.FEW
    ]  # fmt: skip
