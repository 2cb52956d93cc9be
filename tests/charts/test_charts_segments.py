"""Charts of segments: what is clear is drawn clear, what is not is not, and a file's names do no harm."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from funnel import charts
from funnel.charts import colours
from funnel.charts.canvas.scales import round_ticks, spread
from funnel.charts.step_grid import LEAST_CELL
from funnel.charts.table import STRIP
from funnel.core.types import (
    Contrast,
    Curve,
    CurvePoint,
    Finding,
    LogRank,
    OneOf,
    Question,
    Rate,
    Scan,
    Segment,
    SegmentCurves,
    SegmentFound,
    Segments,
    Stage,
    StageModel,
    Unit,
    Verdict,
)
from tests.charts.test_charts_cohorts import boxes, overlaps
from tests.drawn import a_funnel, contrast, hovers, texts, traces

NAMES = ("Lead", "Qualified", "Proposal")
QUESTION = Question(StageModel("m", "M", tuple(Stage(str(n), name) for n, name in enumerate(NAMES))))
NASTY = (
    "<b>Bold</b> & <img src=x onerror=alert(1)>",
    "قناة الإحالة من الشركاء في المنطقة",
    "a very long name " * 18,
    "one\ntwo\u202ethree",
    "x" * 300,
)


def rate(part: int, whole: int) -> Rate:
    return Rate(part, whole, part / whole if whole else None, 0.0 if whole else None, 1.0 if whole else None)


def against(
    part: int, whole: int, others: tuple[int, int], reach: tuple[float, float] = (0.03, 0.03), p: float = 0.001
) -> Contrast:
    """A contrast with an interval that reaches so far below and above the difference."""
    one, other = rate(part, whole), rate(*others)
    if one.few or other.few or one.value is None or other.value is None:
        return Contrast(one, other)
    difference = one.value - other.value
    return Contrast(one, other, difference, difference - reach[0], difference + reach[1], p, p, False, 0.04, 0.03)


def segment(name: str | None, column: str = "Channel") -> Segment:
    return Segment((OneOf(column, (name,)),))


# 20 % against 10 %: 20 of 100 where 10 were to be expected, so 10 more; and so on.
STEPS = (against(60, 100, (500, 1000)), against(20, 60, (200, 500), p=0.4))
HIGH = SegmentFound(segment("Referral"), 100, against(20, 100, (100, 1000)), STEPS)
LOW = SegmentFound(
    segment("Cold call"), 400, against(20, 400, (90, 900)), (against(100, 400, (450, 900)), against(20, 100, (90, 450), p=0.9))
)  # fmt: skip
LEVEL = SegmentFound(segment("Web"), 200, against(22, 200, (90, 900), p=0.3), STEPS)
FEW = SegmentFound(
    segment(None), 12, against(9, 12, (90, 900)), (against(10, 12, (400, 800)), against(9, 10, (90, 400)))
)


def found(*segments: SegmentFound, **changed: Any) -> Segments:
    values: dict[str, Any] = {
        "question": QUESTION,
        "column": "Channel",
        "target": None,
        "day": 90,
        "segments": segments,
        "whole": rate(110, 1000),
        "leads": 1000,
        "others": 0,
        "in_both": 0,
        "young": 0,
        "untimed": 0,
        "known": (),
        "bet": None,
        "sql": "",
    }
    return Segments(**(values | changed))


FOUND = found(LOW, LEVEL, HIGH, FEW)
NOBODY = found()
TWO = found(
    replace(HIGH, segment=Segment(HIGH.segment.where, "A")),
    replace(LOW, segment=Segment(LOW.segment.where, "B")),
    column=None,
)
HOSTILE = found(
    *(replace(each, segment=segment(name)) for name, each in zip(NASTY, (LOW, LEVEL, HIGH, FEW, LOW), strict=True))
)
MANY = found(*(replace(HIGH, segment=segment(f"Campaign {n}")) for n in range(40)))
PAIR_OF_NASTY = found(
    replace(HIGH, segment=Segment((), NASTY[0])), replace(LOW, segment=Segment((), NASTY[1])), column=None
)
SCAN = Scan(
    QUESTION,
    None,
    90,
    (
        Finding("Channel", HIGH.segment, HIGH.overall, 0.09, "Region", True),
        Finding("Channel", LOW.segment, LOW.overall, -0.01, "<i>Region</i>", False),
        Finding("Channel", segment("Fair"), HIGH.overall, 0.02, "", False),
        Finding("Channel", LEVEL.segment, LEVEL.overall, None, None, False),
    ),
    9,
    ("Channel", "Region"),
    (),
    (),
    (),
    (),
    rate(110, 1000),
    "",
)


def plain(text: str) -> str:
    return re.sub("<[^>]+>", "", text.replace("<br>", " / "))


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
    assert list(drawn["higher_interval"].x)[:2] == pytest.approx([0.07, 0.13])
    assert list(drawn["lower_interval"].x)[:2] == pytest.approx([-0.08, -0.02])
    assert list(drawn["higher_interval"].y)[:2] == [drawn["higher"].y[0]] * 2
    assert [trace for trace in drawn if trace.startswith("few")] == []


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
        "20% · 20 of 100 / others 10%", "higher / +10 leads", "5% · 20 of 400 / others 10%", "lower / −20 leads",
        "11% · 22 of 200 / others 10%", "cannot tell / +2 leads", "9 of 12 / others 10%", "too few", "Channel", "won within 90 days",
        "percentage points, compared with all other leads",
    ):  # fmt: skip
        assert one in words
    accounts = replace(FOUND, question=replace(QUESTION, unit=Unit.ACCOUNT), day=None, target=2)
    words = said(charts.segments_forest(accounts))
    assert {"higher / +10 accounts", "percentage points, compared with all other accounts"} <= set(words)
    assert "came to Proposal so far" in [text.replace(" / ", " ") for text in words]


def test_hover_says_it_in_sentences() -> None:
    told = hovers(charts.segments_forest(FOUND))
    assert any(
        one.startswith(
            "<b>Referral</b> Referral: 20% (20 of 100), all other leads 10% (100 of 1,000). That is 10 points more"
        )
        and one.endswith("So 10 leads more came to the win than would have at that other rate.")
        for one in told
    )
    # Without a point, the counts say it.
    assert any("With fewer than 20 leads on a side nothing can be said" in one for one in told)


def test_an_interval_far_beyond_the_differences_ends_in_an_arrow() -> None:
    wide = replace(HIGH, overall=against(20, 100, (100, 1000), (0.5, 0.02)))
    figure = charts.segments_forest(found(wide, LOW))
    drawn = traces(figure)
    # 2.5 times the largest difference, 10 points.
    assert list(drawn["higher_beyond"].x) == pytest.approx([-0.25])
    assert drawn["higher_beyond"].marker.symbol == "triangle-left"
    assert drawn["higher_interval"].x[0] == pytest.approx(-0.25)
    assert "higher_beyond" not in traces(charts.segments_forest(FOUND))


def test_a_zero_line_is_always_in_sight() -> None:
    for drawn in (found(HIGH), found(LOW), found(FEW), TWO):
        figure = charts.segments_forest(drawn)
        assert figure.layout.xaxis.range[0] < 0 < figure.layout.xaxis.range[1]
        assert [shape.path for shape in figure.layout.shapes if shape.name == "zero"] == [
            f"M0,0L0,{figure.layout.yaxis.range[0]}"
        ]
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
    assert "lower / −20 leads / mostly the mix of / &lt;i&gt;Region&lt;/i&gt;" in words
    assert "higher / +10 leads / mostly when they started" in words
    assert "higher / +10 leads" in words
    assert [text for text in words if text.startswith("Channel: ")] == [
        "Channel: Referral", "Channel: Cold call", "Channel: Fair", "Channel: Web"
    ]  # fmt: skip
    told = hovers(figure)
    assert any("Between leads with the same Region, the difference is +9 points." in one for one in told)
    assert any("Between leads that started in the same quarter, the difference is +2 points." in one for one in told)


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


def test_cells_say_the_sign_the_points_and_the_counts() -> None:
    cells = traces(charts.segments_steps(FOUND))["cells"]
    by_cell = dict(zip(map(tuple, cells.customdata), zip(cells.text, cells.marker.color, strict=True), strict=True))
    assert by_cell[2, 0][0] == "<b>▲ +10</b><br>60 of 100"
    assert by_cell[2, 1][0] == "−6.7<br>20 of 60"
    assert by_cell[0, 0][0] == "<b>▼ −25</b><br>100 of 400"
    assert by_cell[0, 1][0] == "0<br>20 of 100"
    assert by_cell[3, 0][0] == "10 of 12"
    background = colours().background
    assert {place: fill == background for place, (_, fill) in by_cell.items()} == {
        (2, 0): False, (2, 1): True, (1, 0): False, (1, 1): True, (0, 0): False, (0, 1): True, (3, 0): True, (3, 1): True
    }  # fmt: skip
    assert by_cell[2, 0][1] != by_cell[0, 0][1]
    # The order of the forest: Referral, Web, Cold call, empty.
    assert [index for index, _ in cells.customdata] == [2, 2, 1, 1, 0, 0, 3, 3]
    assert sorted(cells.y) == list(cells.y)


def test_a_small_difference_that_is_clear_is_not_written_as_nothing() -> None:
    tiny = replace(HIGH, steps=(against(1002, 10_000, (10_006, 100_000), (0.0001, 0.0001)),))
    assert traces(charts.segments_steps(found(tiny)))["cells"].text[0].startswith("<b>▲ +0.01</b>")


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_on_the_cells(dark: bool) -> None:
    cells = traces(charts.segments_steps(FOUND, dark=dark))["cells"]
    assert all(contrast(fill, ink) >= 4.5 for fill, ink in zip(cells.marker.color, cells.textfont.color, strict=True))


def test_where_not_all_steps_have_room_the_clear_ones_are_drawn() -> None:
    names = tuple(f"Stage {n}" for n in range(10))
    question = Question(StageModel("m", "M", tuple(Stage(str(n), name) for n, name in enumerate(names))))
    dull, clear = against(60, 100, (590, 1000), p=0.9), against(60, 100, (400, 1000))
    steps = tuple(clear if place in (4, 7) else dull for place in range(9))
    many = found(replace(HIGH, steps=steps), replace(LOW, steps=steps), question=question)
    figure = charts.segments_steps(many, width_hint=360)
    shown = sorted({step for _, step in traces(figure)["cells"].customdata})
    assert {4, 7} < set(shown)
    assert len(shown) == 3
    assert (360 - figure.layout.margin.l) / len(shown) >= LEAST_CELL
    assert "6 columns not drawn for want of room; the table has all." in texts(figure)[-1].replace("<br>", " ")
    assert "not drawn" not in texts(charts.segments_steps(FOUND, width_hint=860))[-1]


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


def test_at_most_six_curves_are_drawn_those_of_most_leads() -> None:
    figure = charts.segment_curves(curves(100, 90, 20, 70, 60, 80, 50, 5), 90)
    lines = [trace for trace in figure.data if trace.name]
    assert [trace.name for trace in lines] == ["S0", "S1", "S3", "S4", "S5", "S6"]
    assert [trace.line.dash for trace in lines] == ["solid"] * 4 + ["dash"] * 2
    assert len({(trace.line.color, trace.line.dash) for trace in lines}) == 6
    # Every curve has its name, and no two of them touch.
    names = [note for note in figure.layout.annotations if note.text in [trace.name for trace in lines]]
    assert len(names) == 6
    under = texts(figure)[-1]
    assert "1 segment of fewer leads not drawn; the table has all." in under
    assert "Too few for a curve: S7." in under


def test_a_day_on_the_curves_is_marked() -> None:
    figure = charts.segment_curves(curves(100), 45)
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.name == "day"] == [(45, 45)]
    assert "day 45" in texts(figure)
    for day in (None, 500):
        assert not [shape for shape in charts.segment_curves(curves(100), day).layout.shapes if shape.name == "day"]


def test_no_curve_of_too_few_leads() -> None:
    assert texts(charts.segment_curves(curves(5, 9), 90)) == ["No segment has enough leads for a curve."]
    assert charts.describe_segment_curves(curves(5)) == "No segment has enough leads for a curve."
    # Nobody converted: a curve at zero.
    flat = SegmentCurves(QUESTION, "Channel", None, ((segment("Web"), curve(40)),), None, "")
    (line,) = [trace for trace in charts.segment_curves(flat, 30).data if trace.name]
    assert (list(line.x), list(line.y)) == ([0, 200], [0, 0])


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
        "Referral: 20% (20 of 100), all other leads 10% (100 of 1,000). That is 10 points more (+7 points to +13 points)."
        " Were there no real difference, chance alone would show as much in about 1 of 1,000 cases."
        " So 10 leads more came to the win than would have at that other rate."
        " Cold call: 5% (20 of 400), all other leads 10% (90 of 900). That is 5 points less (−8 points to −2 points)."
        " Were there no real difference, chance alone would show as much in about 1 of 1,000 cases."
        " So 20 leads fewer came to the win than would have at that other rate."
    )
    assert charts.describe_segments(found(LEVEL, FEW)) == (
        "Of 2 segments compared with all other leads, none differs clearly."
    )
    assert charts.describe_segments(found(FEW)) == "All 1 segment have too few leads to say how they differ."
    assert charts.describe_segments(TWO).startswith("A: 20% (20 of 100), B 10% (100 of 1,000). That is 10 points more")
    assert charts.describe_segment_steps(FOUND).startswith(
        "Clear differences in 3 of 8 steps compared with all other leads. Cold call, Lead → Qualified: 25% (100 of 400),"
    )
    assert charts.describe_segment_steps(found(replace(HIGH, steps=STEPS[1:]))) == (
        "Clear differences in 0 of 1 steps compared with all other leads."
    )
    assert charts.describe_scan(SCAN).startswith(
        "Over 2 columns, 9 segments were compared with all other leads: 3 differ clearly, 1 of them also between leads alike"
        " in other columns. Channel: Referral: 20% (20 of 100), all other leads"
    )


def test_the_log_rank_test_in_plain_words() -> None:
    apart, alike = (LogRank((1, 2), (1.5, 1.5), 1.0, 1, p) for p in (0.02, 0.4))
    assert charts.describe_segment_curves(curves(100, 50, log_rank=apart), 45) == (
        "By day 45: S0 10% and S1 10%. The curves differ more than chance would make them: were there no real difference,"
        " chance alone would show as much in about 1 of 50 cases."
    )
    assert charts.describe_segment_curves(curves(100, 50, 5, log_rank=alike), 500) == (
        "By day 500: S0 not known yet and S1 not known yet. The curves cannot be told apart: chance alone would show as much"
        " in about 1 of 2 cases. Too few for a curve: S2."
    )
    assert charts.describe_segment_curves(curves(100)) == "There is nothing to compare the curves by."


@pytest.mark.parametrize("width_hint", [360, None, 700, 900])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("drawn", [NOBODY, found(HIGH), found(FEW), FOUND, TWO, HOSTILE, PAIR_OF_NASTY, MANY])
def test_every_picture_is_drawn_at_every_width(drawn: Segments, dark: bool, width_hint: int | None) -> None:
    forest = charts.segments_forest(drawn, dark=dark, width_hint=width_hint)
    steps = charts.segments_steps(drawn, dark=dark, width_hint=width_hint)
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


def test_on_a_phone_lines_stand_beside_marks_only() -> None:
    figure = charts.segments_forest(FOUND, width_hint=360)
    (zero,) = [shape for shape in figure.layout.shapes if shape.name == "zero"]
    ends = [float(each) for each in re.findall(r",([\d.]+)", zero.path)]
    # Three rows have a mark.
    assert [end - start for start, end in zip(ends[::2], ends[1::2], strict=True)] == pytest.approx([STRIP] * 3)
    assert figure.layout.margin.l == figure.layout.margin.r == 0


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [(-7, 12, 5, [-5, 0, 5, 10]), (-0.4, 0.4, 4, [-0.4, -0.2, 0, 0.2, 0.4]), (188, 207, 4, [190, 195, 200, 205])],
)
def test_round_marks(low: float, high: float, most: int, ticks: list[float]) -> None:
    assert round_ticks(low, high, most) == pytest.approx(ticks)
    assert round_ticks(0, 0.4, 5, 1) == [0]


def test_labels_are_spread_without_touching() -> None:
    assert spread([50, 52, 300], [10, 10, 10], 300) == [50, 60, 300]
    assert spread([299, 300], [10, 10], 300) == [290, 300]


def test_verdicts_of_the_examples() -> None:
    assert [each.overall.verdict for each in (HIGH, LOW, LEVEL, FEW)] == [
        Verdict.HIGHER, Verdict.LOWER, Verdict.UNCLEAR, Verdict.FEW
    ]  # fmt: skip
