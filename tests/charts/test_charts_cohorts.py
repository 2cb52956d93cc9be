"""Charts of cohorts: what stands in a cell and on a curve, and that an unfinished cohort never looks like a bad one."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from funnel import charts
from funnel.charts.canvas import shades
from funnel.charts.canvas.scales import Box, age_ticks, percent_ticks, place_labels, thinned
from funnel.charts.canvas.text import width
from funnel.core.types import (
    ByDay,
    Cohort,
    CohortAmounts,
    Cohorts,
    Conversion,
    Curve,
    CurvePoint,
    Curves,
    Period,
    Question,
    Rule,
    Stage,
    StageModel,
    StepTrend,
    Unit,
    Unknown,
)
from funnel.measures.statistics.rates import wilson
from tests.drawn import contrast, hovers, texts

NAMES = ("Lead", "Qualification", "Proposal")
NASTY = ("<b>Lead</b>", "مرحلة التأهيل", "<img src=x onerror=alert(1)> & a very long name of a stage that never ends")
JAN, FEB, MAR, APR = (date(2024, month, 1) for month in (1, 2, 3, 4))


def a_question(names: tuple[str, ...] = NAMES, unit: Unit = Unit.LEAD) -> Question:
    return Question(
        StageModel("m", "M", tuple(Stage(str(n), name) for n, name in enumerate(names))), Rule.PASSED, unit=unit
    )


def conversion(
    leads: int,
    converted: int,
    rate: float | None,
    old: int,
    *,
    gone: int = 0,
    untimed: int = 0,
    unknown: Unknown | None = None,
) -> Conversion:
    low, high = (None, None) if rate is None else (rate * 0.8, min(1.0, rate * 1.2))
    by_day = ByDay(
        day=180,
        converted=converted,
        rate=rate,
        se=None if rate is None else 0.01,
        low=low,
        high=high,
        old_enough=old,
        mature=wilson(min(converted, old), old),
        unknown=unknown or (Unknown.AGE if rate is None else None),
    )
    return Conversion(leads, converted, gone, untimed, (by_day,))


def cohort(
    start: date | None, leads: int, counts: tuple[int, ...], rates: tuple[float | None, ...], old: int
) -> Cohort:
    """Counts and rates of each stage, then of the win."""
    *stages, win = (conversion(leads, n, rate, old) for n, rate in zip(counts, rates, strict=True))
    return Cohort(start, leads, counts[-1], 0, 200, tuple(stages), win)


DONE = cohort(JAN, 248, (248, 175, 105, 18), (1.0, 0.71, 0.43, 0.08), 248)
PART = cohort(FEB, 267, (267, 180, 108, 19), (1.0, 0.68, 0.41, 0.07), 133)
YOUNG = cohort(MAR, 250, (250, 125, 43, 0), (None,) * 4, 0)
FEW = cohort(APR, 12, (12, 5, 3, 0), (1.0, 0.4, 0.25, 0.0), 12)
WHOLE = cohort(None, 777, (777, 485, 259, 37), (1.0, 0.69, 0.42, 0.075), 393)
COHORTS = Cohorts(a_question(), Period.MONTH, (180,), (DONE, PART, YOUNG, FEW), WHOLE, 0, "")
NOBODY = Conversion(0, 0, 0, 0, ())
EMPTY = Cohorts(
    a_question(), Period.MONTH, (180,), (), Cohort(None, 0, 0, 0, 0, (NOBODY, NOBODY, NOBODY), NOBODY), 0, ""
)


def named(names: tuple[str, ...]) -> Cohorts:
    return replace(COHORTS, question=a_question(names))


def cells(figure: Any) -> dict[tuple[str, int | None], dict[str, Any]]:
    """Each cell by its cohort's first day and its target."""
    found = {}
    for trace in figure.data:
        for place, (start, target) in enumerate(trace.customdata):
            pattern = trace.marker.pattern
            striped = bool(pattern.shape)
            found[start, target] = {
                "text": re.sub("<[^>]+>", "", trace.text[place].replace("<br>", " / ")),
                "fill": pattern.bgcolor[place] if striped else trace.marker.color[place],
                "stripes": pattern.fgcolor[place] if striped else None,
                "ink": trace.textfont.color[place],
                "hover": trace.hovertext[place].replace("<br>", " "),
                "y": trace.y[place],
            }
    return found


@pytest.mark.parametrize(
    ("period", "start", "name"),
    [
        ("day", date(2024, 6, 3), "3 Jun 2024"),
        ("week", date(2024, 6, 3), "week of 3 Jun 2024"),
        ("month", date(2023, 7, 1), "Jul 2023"),
        ("quarter", date(2024, 7, 1), "Q3 2024"),
        ("quarter", date(2024, 10, 1), "Q4 2024"),
        ("year", date(2024, 1, 1), "2024"),
        (Period.MONTH, None, "All"),
    ],
)
def test_cohorts_have_names(period: str, start: date | None, name: str) -> None:
    assert charts.cohort_name(start, period) == name


def test_a_cell_has_the_rate_over_the_count() -> None:
    drawn = cells(charts.dropoff(COHORTS, 180))
    assert drawn["2024-01-01", 1]["text"] == "71% / 175"
    assert drawn["2024-01-01", None]["text"] == "8% / 18"
    assert drawn["2024-02-01", 2]["text"] == "41% / 108"
    assert drawn["2024-03-01", 1]["text"] == "not yet / 125"
    assert drawn["2024-04-01", 2]["text"] == "3 / 12"
    assert drawn["", None]["text"] == "7.5% / 37"


def test_the_first_stage_is_left_out_where_all_are_there_and_the_win_where_it_is_asked_for() -> None:
    assert {target for _, target in cells(charts.dropoff(COHORTS, 180))} == {1, 2, None}
    assert {target for _, target in cells(charts.dropoff(COHORTS, 180, win=False))} == {1, 2}
    visited = replace(COHORTS, cohorts=(cohort(JAN, 248, (240, 175, 105, 18), (0.97, 0.71, 0.43, 0.08), 248),))
    assert {target for _, target in cells(charts.dropoff(visited, 180))} == {0, 1, 2, None}


def test_cohorts_stand_oldest_on_top_and_all_of_them_last() -> None:
    drawn = cells(charts.dropoff(COHORTS, 180))
    heights = [drawn[start, 1]["y"] for start in ("2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "")]
    assert heights == sorted(heights)
    assert heights[4] - heights[3] > heights[1] - heights[0]


@pytest.mark.parametrize("dark", [False, True])
def test_an_unfinished_cell_is_striped_and_paler_never_like_a_finished_one(dark: bool) -> None:
    drawn = cells(charts.dropoff(COHORTS, 180, dark=dark))
    background = charts.colours(dark).background
    for target in (1, 2, None):
        done, part = drawn["2024-01-01", target], drawn["2024-02-01", target]
        assert done["stripes"] is None
        assert part["stripes"] not in (None, part["fill"], background)
        assert contrast(part["fill"], background) < contrast(done["fill"], background)
        assert contrast(part["stripes"], part["fill"]) > 1.2
    young = drawn["2024-03-01", 1]
    assert young["stripes"] is None
    assert young["fill"] not in {drawn["2024-01-01", target]["fill"] for target in (1, 2, None)}


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_on_cells_can_be_read(dark: bool) -> None:
    look = charts.colours(dark)
    for share in range(101):
        for unfinished in (False, True):
            shade = shades.heat(share / 100, dark=dark, unfinished=unfinished)
            assert contrast(look.text, shade.fill) >= 4.5
            assert not shade.stripes or contrast(look.text, shade.stripes) >= 4.5
    for cell in cells(charts.dropoff(COHORTS, 180, dark=dark)).values():
        assert contrast(cell["ink"], cell["fill"]) >= 4.5
    blank = shades.blank(dark=dark, unfinished=True)
    assert contrast(look.text, blank.stripes) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_a_larger_rate_has_a_stronger_shade_and_small_ones_stay_apart(dark: bool) -> None:
    background = charts.colours(dark).background
    strong = [contrast(shades.heat(share, dark=dark).fill, background) for share in (0, 0.07, 0.1, 0.3, 0.7, 1)]
    assert strong == sorted(strong)
    assert shades.heat(0.1, dark=dark).fill != shades.heat(0, dark=dark).fill
    assert strong[2] - strong[0] > 0.15 * (strong[5] - strong[0])


def test_the_largest_drop_is_marked_once_in_each_row_that_is_known() -> None:
    figure = charts.dropoff(COHORTS, 180)
    look = charts.colours()
    # Of 248: 29 % before Qualification, 28 % before Proposal, 35 % before the win, the column 2.
    assert [(note.x, note.text) for note in figure.layout.annotations if note.bgcolor == look.lost] == [
        (2, "−35%"),
        (2, "−34%"),
        (2, "−35%"),
    ]
    assert len([shape for shape in figure.layout.shapes if shape.fillcolor == look.lost and shape.yref == "y"]) == 3
    told = cells(figure)["2024-01-01", None]["hover"]
    assert told.endswith(
        "Jan 2024: the largest drop is from Proposal to the win: 35% of those that started, by day 180."
    )
    first = replace(COHORTS, cohorts=(cohort(JAN, 100, (100, 30, 20, 10), (1.0, 0.3, 0.2, 0.1), 100),))
    assert cells(charts.dropoff(first, 180))["2024-01-01", 1]["hover"].endswith(
        "Jan 2024: the largest drop is before Qualification. 70% of those that started did not get there by day 180."
    )


def test_a_cell_counts_who_was_there_by_the_day() -> None:
    early = Conversion(100, 30, 0, 0, (ByDay(180, 12, 0.12, 0.03, 0.07, 0.2, 100, wilson(12, 100)),))
    drawn = replace(COHORTS, cohorts=(replace(COHORTS.cohorts[0], leads=100, stages=(early,) * 3, win=early),))
    cell = cells(charts.dropoff(drawn, 180))["2024-01-01", 1]
    assert re.findall(r"\d+", cell["text"]) == ["12", "12"]
    assert "30 of 100 leads reached it so far, 12 of them by day 180" in cell["hover"]


def test_a_day_is_marked_and_a_cohort_without_a_win_has_no_band() -> None:
    flat = replace(CURVES.curves[0], points=())
    figure = charts.ages(replace(CURVES, curves=(flat,)), highlight=flat.start, day=90)
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.name == "day"] == [(90, 90)]
    assert [list(trace.x) for trace in figure.data if trace.meta == "band"] == [[]]
    assert not [shape for shape in charts.ages(CURVES, day=100_000).layout.shapes if shape.name == "day"]


def test_a_cell_says_a_sentence() -> None:
    drawn = cells(charts.dropoff(COHORTS, 180))
    assert drawn["2024-01-01", 2]["hover"] == (
        "Jan 2024, Proposal: 105 of 248 leads reached it so far, 105 of them by day 180; were all followed that long,"
        " 43% by then (34% to 52%); 248 of 248 leads old enough; plain ratio 42%."
    )
    assert drawn["2024-02-01", 2]["hover"].endswith(
        "133 of 267 leads old enough; plain ratio 40%. Unfinished: some are too young for day 180."
    )
    assert drawn["2024-03-01", 1]["hover"] == (
        "Mar 2024, Qualification: 125 of 250 leads reached it so far; not yet known by day 180,"
        " 0 of 250 leads old enough."
    )
    assert drawn["2024-04-01", 1]["hover"] == (
        "Apr 2024, Qualification: 5 of 12 leads reached it so far, 12 of 12 leads old enough; too few for a rate."
    )
    accounts = replace(COHORTS, question=a_question(unit=Unit.ACCOUNT))
    assert "105 of 248 accounts reached" in cells(charts.dropoff(accounts, 180))["2024-01-01", 2]["hover"]


def test_the_plain_ratio_stands_in_brackets_and_is_explained() -> None:
    figure = charts.dropoff(COHORTS, 180, plain=True)
    # 108 of 267 is 40.4 %, though by day 180 it is 41 %.
    assert cells(figure)["2024-02-01", 2]["text"] == "41% / 108 / (40%)"
    assert any(one.startswith("In brackets the plain ratio") for one in texts(figure))
    assert not any(one.startswith("In brackets") for one in texts(charts.dropoff(COHORTS, 180)))


def test_how_many_are_old_enough_stands_beside_each_row() -> None:
    assert "133 of 267 old enough" in texts(charts.dropoff(COHORTS, 180))
    narrow = texts(charts.dropoff(COHORTS, 180, width_hint=360))
    assert any(one.startswith("Feb 2024<br>") and "133 of 267" in one for one in narrow)


def test_ends_without_dates_and_a_rate_that_is_not_identified_have_their_own_words() -> None:
    unfollowed = replace(DONE, win=conversion(248, 18, None, 12, unknown=Unknown.UNFOLLOWED))
    cell = cells(charts.dropoff(replace(COHORTS, cohorts=(unfollowed,)), 180))["2024-01-01", None]
    assert cell["text"].startswith("not known")
    assert "not known by day 180: all who were followed that long are decided" in cell["hover"]
    untimed = replace(WHOLE, win=conversion(777, 37, None, 393, untimed=37, unknown=Unknown.DATES))
    row = replace(DONE, win=conversion(248, 18, None, 248, untimed=18, unknown=Unknown.DATES))
    drawn = cells(charts.dropoff(replace(COHORTS, cohorts=(row,), whole=untimed), 180))
    assert drawn["2024-01-01", None]["text"].startswith("no dates")
    assert "the file says of too few leads when" in drawn["2024-01-01", None]["hover"]


def test_at_most_sixty_cohorts_are_drawn_the_newest() -> None:
    many = tuple(replace(DONE, start=date(1950 + year, 1, 1)) for year in range(70))
    figure = charts.dropoff(replace(COHORTS, cohorts=many, period=Period.YEAR), 180)
    starts = sorted({start for start, _ in cells(figure)} - {""})
    assert (len(starts), starts[0], starts[-1]) == (60, "1960-01-01", "2019-01-01")
    assert "10 cohorts that started earlier not drawn; the table has all." in texts(figure)


AMOUNTS = CohortAmounts(
    a_question(),
    Period.MONTH,
    ((JAN, "EUR", 200, (1_000_000.0, 650_000.0, 250_000.0)), (JAN, "USD", 9, (5.0, 4.0, 3.0)),
     (FEB, "EUR", 220, (2_000_000.0, 900_000.0, 500_000.0)), (APR, "EUR", 10, (9_000.0, 3_000.0, 0.0))),
    40,
    "",
)  # fmt: skip


def test_money_stands_in_the_cells_in_short_and_on_hover_in_full() -> None:
    figure = charts.dropoff(COHORTS, 180, amounts=AMOUNTS, currency="EUR")
    drawn = cells(figure)
    assert {target for _, target in drawn} == {0, 1, 2}
    assert drawn["2024-01-01", 0]["text"] == "€1M"
    assert drawn["2024-01-01", 1]["text"] == "€650K / 65%"
    assert drawn["2024-01-01", 1]["hover"] == (
        "Jan 2024, Qualification: 650,000 EUR so far, from 200 leads with an amount. That is 65% of 1,000,000 EUR at Lead."
    )
    assert drawn["2024-03-01", 1]["text"] == "–"
    assert drawn["2024-04-01", 1]["text"] == "€3K"
    assert drawn["", 2]["text"] == "€750K / 25%"
    assert drawn["2024-02-01", 1]["stripes"]
    assert drawn["2024-02-01", 0]["stripes"] is None
    # 35 % of Jan's money is lost before Qualification, 40 % before Proposal; Feb's is not judged.
    assert [note.text for note in figure.layout.annotations if note.bgcolor] == ["−40%"]


def test_currencies_of_files_do_no_harm() -> None:
    harm = replace(AMOUNTS, rows=((JAN, "<b>x", 200, (1000.0, 500.0, 10.0)),))
    for currency in ("<b>x", ""):
        figure = charts.dropoff(COHORTS, 180, amounts=harm, currency=currency)
        assert "<b>x" not in str(figure.data).replace("<b>x</b>", "")
        assert "<b><b>" not in figure.to_json()


def boxes(figure: Any, room: int) -> list[tuple[float, float, float, float]]:
    """The notes in the plot's pixels, left, top, right, bottom; the plot is as wide as its margins leave it."""
    layout = figure.layout
    plot = room - layout.margin.l - layout.margin.r
    high = layout.height - layout.margin.t - layout.margin.b
    (x0, x1), (y0, y1) = layout.xaxis.range, layout.yaxis.range
    found = []
    for note in layout.annotations:
        if note.bgcolor:
            continue
        size = note.font.size or 14
        lines = [re.sub("<[^>]+>", "", line) for line in note.text.split("<br>")]
        wide, tall = max(width(html.unescape(line), size) for line in lines), len(lines) * size * 1.25
        if note.textangle:
            wide, tall = tall, wide
        x = (note.x if note.xref == "paper" else (note.x - x0) / (x1 - x0)) * plot + (note.xshift or 0)
        y = ((1 - note.y) if note.yref == "paper" else (note.y - y1) / (y0 - y1)) * high - (note.yshift or 0)
        left = {"left": x, "right": x - wide}.get(note.xanchor, x - wide / 2)
        top = {"top": y, "bottom": y - tall}.get(note.yanchor, y - tall / 2)
        found.append((left + layout.margin.l, top, left + wide + layout.margin.l, top + tall))
    return found


def overlaps(found: list[tuple[float, float, float, float]]) -> list[Any]:
    """Pairs that share more than a hair: the widths of texts are estimated a little too large."""
    pairs = [(one, other) for place, one in enumerate(found) for other in found[place + 1 :]]
    return [(a, b) for a, b in pairs if min(a[2], b[2]) - max(a[0], b[0]) > 3 and min(a[3], b[3]) - max(a[1], b[1]) > 3]


@pytest.mark.parametrize("room", [360, 860])
@pytest.mark.parametrize("names", [NAMES, NASTY, tuple(f"Stage number {place}" for place in range(3))])
@pytest.mark.parametrize("period", [Period.MONTH, Period.WEEK])
def test_nothing_overlaps_or_is_cut_on_a_phone(room: int, names: tuple[str, ...], period: Period) -> None:
    found = replace(named(names), period=period)
    for figure in (
        charts.dropoff(found, 180, plain=True, width_hint=room),
        charts.by_start(found, 1, 180, width_hint=room),
        charts.step_trend(replace(TREND, question=found.question, period=period), width_hint=room),
    ):
        drawn = boxes(figure, room)
        assert overlaps(drawn) == []
        assert all(left >= -2 and right <= room + 4 for left, _, right, _ in drawn)


def test_on_a_phone_columns_without_room_are_left_out_and_counted() -> None:
    names = tuple(f"Stage {place}" for place in range(14))
    counts, rates = (248, *range(140, 126, -1)), (1.0, *(0.5 - place / 50 for place in range(14)))
    wide = cohort(JAN, 248, counts, rates, 248)
    found = replace(COHORTS, question=a_question(names), cohorts=(wide,), whole=replace(wide, start=None))
    figure = charts.dropoff(found, 180, width_hint=360)
    targets = {target for _, target in cells(figure)}
    assert {1, None} < targets
    assert len(targets) == 6
    assert any("8 columns not drawn" in one for one in texts(figure))
    assert len({target for _, target in cells(charts.dropoff(found, 180, width_hint=1200))}) == 14


@pytest.mark.parametrize("draw", [charts.dropoff, lambda found, day: charts.by_start(found, None, day)])
def test_without_cohorts_a_note_stands_instead(draw: Any) -> None:
    figure = draw(EMPTY, 180)
    assert texts(figure) == ["No leads to draw."]
    assert len(figure.data) == 0


@pytest.mark.parametrize("name", NASTY)
def test_names_of_stages_do_no_harm(name: str) -> None:
    found = named((name, name, name))
    trend = replace(TREND, question=found.question)
    curves = replace(CURVES, question=found.question, target=1)
    for figure in (
        charts.dropoff(found, 180),
        charts.dropoff(found, 180, amounts=AMOUNTS, currency="EUR"),
        charts.by_start(found, 1, 180),
        charts.step_trend(trend),
        charts.ages(curves),
    ):
        for said in [*texts(figure), *hovers(figure)]:
            assert "<img" not in said
            assert "<b>Lead</b>" not in said.replace("&lt;b&gt;Lead&lt;/b&gt;", "")
    assert "‮" not in charts.describe_dropoff(named(("a", "b\u202e", "c")), 180)


def a_curve(
    start: date | None, leads: int, points: tuple[tuple[int, float], ...], until: int, cut: bool = True
) -> Curve:
    drawn = tuple(
        CurvePoint(day, leads - place, rate, rate * 0.7, rate * 1.4, 0.1) for place, (day, rate) in enumerate(points)
    )
    return Curve(start, leads, until, cut, drawn)


OLD = a_curve(JAN, 84, ((30, 0.01), (120, 0.052), (300, 0.08)), 400)
MID = a_curve(FEB, 90, ((40, 0.02), (100, 0.05)), 250)
NEW = a_curve(MAR, 99, ((20, 0.01),), 60, cut=False)
CURVES = Curves(
    a_question(),
    Period.MONTH,
    None,
    (OLD, MID, NEW),
    a_curve(None, 273, ((25, 0.01), (90, 0.03), (180, 0.05), (365, 0.07)), 400),
    a_curve(None, 120, ((25, 0.01), (180, 0.04)), 200),
    180,
    "",
)


def test_curves_are_steps_from_nothing_to_where_they_end() -> None:
    figure = charts.ages(CURVES)
    by_name = {trace.name: trace for trace in figure.data}
    assert list(by_name["Jan 2024"].x) == [0, 30, 120, 300, 400]
    assert list(by_name["Jan 2024"].y) == [0, 0.01, 0.052, 0.08, 0.08]
    assert {trace.line.shape for trace in figure.data} == {"hv"}
    assert by_name["current pace (last 180 days)"].line.dash == "dash"
    assert by_name["All"].line.dash == "solid"
    assert list(by_name["Feb 2024"].customdata[0]) == ["2024-02-01"]
    without = charts.ages(CURVES, pace=False)
    assert len(without.data) == 4
    day_zero = replace(CURVES, curves=(a_curve(JAN, 84, ((0, 0.1), (9, 0.2)), 30),))
    assert list(charts.ages(day_zero).data[0].x) == [0, 9, 30]
    assert charts.ages(day_zero).data[0].y[0] == 0.1


def test_a_point_of_a_curve_says_a_sentence_and_the_last_where_it_was_cut() -> None:
    told = hovers(charts.ages(CURVES))
    assert "Jan 2024, by day 120: 5.2% (3.6% to 7.3%), 83 leads still watched." in told
    assert "Jan 2024: 84 leads at the start." in told
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
    assert [trace.meta for trace in charts.ages(CURVES, highlight=date(1999, 1, 1)).data if trace.meta] == []


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
    named = [note for note in figure.layout.annotations if re.fullmatch(r"\w{3} 20\d\d", note.text)]
    assert 1 <= len(named) <= 14
    assert "Apr 2023" in [note.text for note in named]
    assert overlaps(boxes(figure, room or 760)) == []


def test_without_curves_a_note_stands_instead() -> None:
    nobody = Curve(None, 0, 0, False, ())
    none = replace(CURVES, curves=(), whole=nobody, pace=nobody)
    assert texts(charts.ages(none)) == ["No leads to draw."]
    assert charts.describe_ages(none) == "No leads to draw."
    unreached = replace(CURVES, curves=(a_curve(JAN, 50, (), 90),), whole=a_curve(None, 50, (), 90), pace=nobody)
    assert list(charts.ages(unreached).data[0].y) == [0, 0]


def test_round_ticks() -> None:
    assert percent_ticks(0.14) == [0, 0.05, 0.1, 0.15]
    assert percent_ticks(0.0) == [0, 0.001]
    assert percent_ticks(1.0) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert age_ticks(400, 400, 57) == [90, 180, 365]
    assert age_ticks(10, 400, 57) == [3, 5, 7]
    assert thinned(3, 5) == [0, 1, 2]
    assert thinned(9, 3) == [0, 4, 8]


def test_labels_move_apart_and_give_up_where_there_is_no_room() -> None:
    box = Box(0, 50, 40, 16)
    first, second = place_labels([box, box], 100, [(), ()], 9)
    assert first == box
    assert second is not None
    assert abs(second.middle - 50) >= 16
    assert place_labels([box] * 9, 100, [()] * 9, 2).count(None) == 7
    assert place_labels([box], 100, [range(0, 100, 2)], 9) == [None]


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
    assert any(shape.y0 == shape.y1 == 0.42 and shape.line.dash == "dot" for shape in figure.layout.shapes)
    told = [one for one in hovers(figure) if one.startswith("Jan 2024")]
    assert told[0] == cells(charts.dropoff(COHORTS, 180))["2024-01-01", 2]["hover"]


def test_names_and_counts_under_the_points_are_thinned() -> None:
    weeks = tuple(replace(DONE, start=date.fromordinal(JAN.toordinal() + 7 * place)) for place in range(100))
    found = replace(COHORTS, cohorts=weeks, period=Period.WEEK)
    for room in (360, 860):
        figure = charts.by_start(found, None, 180, width_hint=room)
        said = [one for one in texts(figure) if one.startswith("week of")]
        assert said[-1] == "week of 24 Nov 2025"
        assert 1 < len(said) < 9
        assert texts(figure).count("248") == len(said)
        assert overlaps(boxes(figure, room)) == []
    assert any(
        "cohorts that started earlier not drawn" in one
        for one in texts(charts.by_start(found, None, 180, width_hint=360))
    )


STEP_DONE, STEP_PART = conversion(248, 175, 0.6, 248), conversion(267, 90, 0.5, 133)
TREND = StepTrend(
    a_question(),
    Period.MONTH,
    180,
    ((JAN, (STEP_DONE, conversion(175, 70, 0.4, 175))), (FEB, (STEP_DONE, STEP_PART)), (MAR, (STEP_PART, NOBODY))),
    "",
)


@pytest.mark.parametrize("dark", [False, True])
def test_each_step_has_its_picture_on_one_scale(dark: bool) -> None:
    figure = charts.step_trend(TREND, dark=dark)
    said = texts(figure)
    assert [one for one in said if "→" in one] == ["<b>Lead → Qualification</b>", "<b>Qualification → Proposal</b>"]
    # The last finished rates: 60 % in Feb, 40 % in Jan.
    assert [one for one in said if one in ("<b>60%</b>", "<b>40%</b>")] == ["<b>60%</b>", "<b>40%</b>"]
    parts = [
        (trace.meta, list(trace.x)) for trace in figure.data if trace.meta in ("finished", "unfinished", "unknown")
    ]
    assert parts == [
        ("unfinished", [2]), ("finished", [0, 1]), ("unknown", [2]), ("unfinished", [1]), ("finished", [0])
    ]  # fmt: skip
    finished = [trace for trace in figure.data if trace.meta == "finished"]
    # One scale: a pixel is as much in both pictures, whose bases lie one picture apart.
    zeros = [note.y for note in figure.layout.annotations if note.text == "0%"]
    rise = [(zero - trace.y[0]) / rate for zero, trace, rate in zip(zeros, finished, (0.6, 0.4), strict=True)]
    assert rise[0] == pytest.approx(rise[1])
    assert rise[0] > 0
    bars = [trace for trace in figure.data if trace.meta == "counts"]
    assert [list(bar.y) for bar in bars] == [
        pytest.approx([-22 * 248 / 267, -22 * 248 / 267, -22]),
        pytest.approx([-22 * 175 / 267, -22, 0]),
    ]


def test_steps_say_a_sentence_and_nobody_is_no_error() -> None:
    told = hovers(charts.step_trend(TREND))
    assert (
        "Jan 2024, Lead → Qualification by day 180 after arriving: 175 of 248 leads reached it so far, 175 of them by day 180;"
        " were all followed that long, 60% by then (48% to 72%); 248 of 248 leads old enough; plain ratio 71%."
    ) in told
    assert "Mar 2024, Qualification → Proposal by day 180 after arriving: nobody to follow yet." in told
    assert texts(charts.step_trend(replace(TREND, cohorts=()))) == ["No steps to draw."]
    assert texts(charts.step_trend(replace(TREND, question=a_question(("One",))))) == ["No steps to draw."]


def test_cohorts_in_words_judge_only_the_finished() -> None:
    last = cohort(APR, 100, (100, 60, 30, 6), (1.0, 0.6, 0.3, 0.06), 100)
    found = replace(COHORTS, cohorts=(DONE, last, PART, YOUNG))
    assert charts.describe_dropoff(found, 180) == (
        "Old enough for day 180: 2 of 4 cohorts. By day 180, between 6% (Apr 2024) and 8% (Jan 2024) of their"
        " leads reached the win. Together, most drop off from Proposal to the win: 35% of those that started."
    )
    assert charts.describe_dropoff(found, 180, target=2, win=False).endswith(
        "between 30% (Apr 2024) and 43% (Jan 2024) of their leads reached Proposal."
        " Together, most drop off from Lead to Qualification: 31% of those that started."
    )
    assert charts.describe_by_start(COHORTS, 2, 180) == (
        "Old enough for day 180: 2 of 4 cohorts. By day 180, 43% reached Proposal (Jan 2024)."
    )
    young = replace(COHORTS, cohorts=(PART, YOUNG))
    assert charts.describe_by_start(young, None, 180) == (
        "Old enough for day 180: none of 2 cohorts, so there is nothing to compare yet."
    )
    few = replace(COHORTS, cohorts=(FEW,), whole=replace(FEW, start=None))
    assert charts.describe_dropoff(few, 180) == (
        "Old enough for day 180: 1 of 1 cohort. They have too few leads for a rate."
    )
    assert charts.describe_dropoff(EMPTY, 180) == "No leads to draw."


def test_curves_in_words() -> None:
    assert charts.describe_ages(CURVES) == (
        "Of 273 leads, 5% by day 180 and 7% by day 365 reached the win. At the pace of the last 180 days: 4% by day 180."
    )
    few = replace(CURVES, whole=replace(CURVES.whole, leads=19))
    assert charts.describe_ages(few) == "19 leads on the way to the win: too few for a rate."


def test_steps_in_words() -> None:
    assert charts.describe_step_trend(TREND) == (
        "Of those that came to a stage, at the next one by day 180 after arriving, were all followed that long:"
        " Lead → Qualification between 60% (Jan 2024) and 60% (Feb 2024); Qualification → Proposal 40% (Jan 2024)."
    )
    young = replace(TREND, cohorts=TREND.cohorts[2:])
    assert charts.describe_step_trend(young).endswith(
        "Lead → Qualification unfinished; Qualification → Proposal unfinished."
    )
