"""Charts of cohorts, cell by cell: what stands in a cell, and that an unfinished cohort never looks like a bad one."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from funnel import charts
from funnel.charts.canvas import shades
from funnel.charts.canvas.text import width
from funnel.charts.heat_places import Grid
from funnel.core.types import ByDay, Conversion, Period, Unit, Unknown
from funnel.measures.cohort_amounts import CohortAmounts
from funnel.measures.cohorts import Cohort, Cohorts
from funnel.measures.statistics.rates import wilson
from tests.charts.drawn_cohorts import (
    APR,
    COHORTS,
    CURVES,
    DONE,
    FEB,
    FEW,
    JAN,
    NAMES,
    NASTY,
    NOBODY,
    PART,
    TREND,
    WHOLE,
    YOUNG,
    a_question,
    cells,
    cohort,
    conversion,
    named,
)
from tests.drawn import contrast, hovers, texts

EMPTY = Cohorts(
    a_question(), Period.MONTH, (180,), (), Cohort(None, 0, 0, 0, 0, (NOBODY, NOBODY, NOBODY), NOBODY), 0, ""
)


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
    assert drawn["2024-03-01", 1]["text"] == "too early / 125"
    assert drawn["2024-04-01", 2]["text"] == "3 / 12"
    assert drawn["", None]["text"] == "7.5% / 37"


def test_the_first_stage_is_left_out_where_all_are_there_and_the_win_where_it_is_asked_for() -> None:
    assert {target for _, target in cells(charts.dropoff(COHORTS, 180))} == {1, 2, None}
    assert {target for _, target in cells(charts.dropoff(COHORTS, 180, win=False))} == {1, 2}
    visited = replace(COHORTS, cohorts=(cohort(JAN, 248, (240, 175, 105, 18), (0.97, 0.71, 0.43, 0.08), 248),))
    assert {target for _, target in cells(charts.dropoff(visited, 180))} == {0, 1, 2, None}


def test_after_a_stage_that_is_not_known_no_later_one_seems_to_be() -> None:
    row = cohort(JAN, 248, (248, 175, 105, 18), (1, None, 0.43, 0.08), 248)
    drawn = cells(charts.dropoff(replace(COHORTS, cohorts=(row,)), 180))
    assert [drawn["2024-01-01", target]["text"].split(" / ")[0] for target in (1, 2, None)] == [
        "too early",
        "not known",
        "not known",
    ]


def test_cohorts_stand_newest_on_top_and_all_of_them_last() -> None:
    drawn = cells(charts.dropoff(COHORTS, 180))
    heights = [drawn[start, 1]["y"] for start in ("2024-04-01", "2024-03-01", "2024-02-01", "2024-01-01", "")]
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
        (2, "−34%"),
        (2, "−35%"),
        (2, "−35%"),
    ]
    (drops,) = [trace for trace in figure.data if trace.meta == "drops"]
    assert (list(drops.x), list(drops.y)) == ([2, 2, 2], [2, 3, figure.layout.yaxis.tickvals[4]])
    assert drops.marker.line.color == look.lost
    assert "widest gap between stages, of all that entered" in texts(figure)
    told = cells(figure)["2024-01-01", None]["hover"]
    assert told.endswith(
        "Jan 2024: the widest gap is between Proposal and the win: 35% of those that entered the funnel, by day 180."
    )
    first = replace(COHORTS, cohorts=(cohort(JAN, 100, (100, 30, 20, 10), (1.0, 0.3, 0.2, 0.1), 100),))
    assert cells(charts.dropoff(first, 180))["2024-01-01", 1]["hover"].endswith(
        "Jan 2024: the widest gap is before Qualification. 70% of those that entered the funnel were not there by day 180."
    )


def test_a_cell_counts_who_was_there_by_the_day() -> None:
    early = Conversion(100, 30, 0, 0, (ByDay(180, 12, 0.12, 0.03, 0.07, 0.2, 100, wilson(12, 100)),))
    drawn = replace(COHORTS, cohorts=(replace(COHORTS.cohorts[0], leads=100, stages=(early,) * 3, win=early),))
    cell = cells(charts.dropoff(drawn, 180))["2024-01-01", 1]
    assert re.findall(r"\d+", cell["text"]) == ["12", "12"]
    assert "30 of 100 leads reached it so far, 12 of them within 180 days" in cell["hover"]


def test_a_cell_says_a_sentence() -> None:
    drawn = cells(charts.dropoff(COHORTS, 180))
    assert drawn["2024-01-01", 2]["hover"] == (
        "Jan 2024, Proposal: 105 of 248 leads reached it so far, 105 of them within 180 days; were all followed that long,"
        " 43% by then (34% to 52%); 248 of 248 leads mature; raw conversion 42%."
    )
    assert drawn["2024-02-01", 2]["hover"].endswith(
        "133 of 267 leads mature; raw conversion 40%. Incomplete: some are too young for day 180."
    )
    assert drawn["2024-03-01", 1]["hover"] == (
        "Mar 2024, Qualification: 125 of 250 leads reached it so far; too early for day 180, 0 of 250 leads mature."
    )
    assert drawn["2024-04-01", 1]["hover"] == (
        "Apr 2024, Qualification: 5 of 12 leads reached it so far, 12 of 12 leads mature; too few for a rate."
    )
    accounts = replace(COHORTS, question=a_question(unit=Unit.ACCOUNT))
    assert "105 of 248 accounts reached" in cells(charts.dropoff(accounts, 180))["2024-01-01", 2]["hover"]


def test_the_plain_ratio_stands_in_brackets_and_is_explained() -> None:
    figure = charts.dropoff(COHORTS, 180, plain=True)
    # 108 of 267 is 40.4 %, though by day 180 it is 41 %.
    assert cells(figure)["2024-02-01", 2]["text"] == "41% / 108 / (40%)"
    assert any(one.startswith("In brackets the raw conversion") for one in texts(figure))
    assert not any(one.startswith("In brackets") for one in texts(charts.dropoff(COHORTS, 180)))


def test_how_many_are_old_enough_stands_beside_each_row() -> None:
    wide = [re.sub("<[^>]+>", " ", one) for one in texts(charts.dropoff(COHORTS, 180))]
    assert "Feb 2024  133 of 267 mature " in wide
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
    assert "10 cohorts of earlier leads not drawn; the table has all." in texts(figure)


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
    harm = replace(AMOUNTS, sums=((JAN, "<b>x", 200, (1000.0, 500.0, 10.0)),))
    for currency in ("<b>x", ""):
        figure = charts.dropoff(COHORTS, 180, amounts=harm, currency=currency)
        assert "<b>x" not in str(figure.data).replace("<b>x</b>", "")
        assert "<b><b>" not in figure.to_json()


@pytest.mark.parametrize("room", [360, 860])
@pytest.mark.parametrize("names", [NAMES, NASTY, tuple(f"Stage number {place}" for place in range(3))])
def test_words_over_the_cells_are_as_wide_as_a_cell_or_stand_upright(room: int, names: tuple[str, ...]) -> None:
    figure = charts.dropoff(named(names), 180, width_hint=room)
    head = figure.layout.xaxis
    cell = (room - Grid.beside(room)) / len(head.tickvals)
    lines = [html.unescape(re.sub("</?b>", "", line)) for words in head.ticktext for line in words.split("<br>")]
    room_of_a_line = cell if head.tickangle == 0 else 120
    assert max(width(line, 13) for line in lines) <= room_of_a_line
    assert head.tickangle == (0 if names != NASTY or room > 360 else -90)


def test_names_beside_the_cells_are_broken_and_their_rows_have_room_for_them() -> None:
    weeks = charts.dropoff(replace(COHORTS, period=Period.WEEK), 180, width_hint=360)
    names = weeks.layout.yaxis.ticktext
    assert names[3].startswith("week of 1<br>Jan 2024<br>")
    rows = weeks.layout.yaxis.range[0] - weeks.layout.yaxis.range[1]
    plot = weeks.layout.height - weeks.layout.margin.t - weeks.layout.margin.b
    assert plot / rows > (2 * 13 + 11) * 1.25


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


def test_cohorts_in_words_judge_only_the_finished() -> None:
    last = cohort(APR, 100, (100, 60, 30, 6), (1.0, 0.6, 0.3, 0.06), 100)
    found = replace(COHORTS, cohorts=(DONE, last, PART, YOUNG))
    assert charts.describe_dropoff(found, 180) == (
        "Mature (every lead is 180 days old): 2 of 4 cohorts. Within 180 days, between 6% (Apr 2024) and 8% (Jan 2024) of their"
        " leads reached the win. Together, the widest gap is between Proposal and the win: 35% of those that entered the funnel."
    )
    assert charts.describe_dropoff(found, 180, target=2, win=False).endswith(
        "between 30% (Apr 2024) and 43% (Jan 2024) of their leads reached Proposal."
        " Together, the widest gap is between Lead and Qualification: 31% of those that entered the funnel."
    )
    assert charts.describe_by_start(COHORTS, 2, 180) == (
        "Mature (every lead is 180 days old): 2 of 4 cohorts. Within 180 days, 43% reached Proposal (Jan 2024)."
    )
    young = replace(COHORTS, cohorts=(PART, YOUNG))
    assert charts.describe_by_start(young, None, 180) == (
        "Mature (every lead is 180 days old): none of 2 cohorts, so it is too early to compare."
    )
    few = replace(COHORTS, cohorts=(FEW,), whole=replace(FEW, start=None))
    assert charts.describe_dropoff(few, 180) == (
        "Mature (every lead is 180 days old): 1 of 1 cohort. They have too few leads for a rate."
    )
    assert charts.describe_dropoff(EMPTY, 180) == "No leads to draw."
