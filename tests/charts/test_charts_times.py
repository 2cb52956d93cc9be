"""Pictures of durations: what is drawn, what is written beside it, and what is left out when it is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from funnel import charts
from funnel.charts.time_in_stage import scale_marks
from funnel.core.types import BinUnit, Question, Spans, Stage, StageModel
from funnel.measures.aging import Aging, StageAges
from funnel.measures.bottleneck import Bottleneck, TopStage
from funnel.measures.time_in_stage import Quantile, Quantiles
from funnel.measures.time_to_convert import StepTime
from funnel.measures.times import StageTime, StayPoint, Times, TimesBy
from tests.drawn import contrast, hovers, texts, touching, traces

NAMES = ("New", "Presentation and proposal", "<b>Closing</b>")
MODEL = StageModel("m", "M", tuple(Stage(str(place), name) for place, name in enumerate((*NAMES, "Won"))))
QUESTION = Question(MODEL, observed_until=datetime(2025, 6, 30))


def quantiles(*days: float | None) -> Quantiles:
    return Quantiles(*(Quantile(day) for day in days))


def stage(
    place: int, days: tuple[float | None, ...], left_median: float | None, stays: int = 100, still: int = 10
) -> StageTime:
    curve = tuple(
        StayPoint(float(day), stays - day, 1 - day / 100, 0.9 - day / 120, 1 - day / 110) for day in range(10, 91, 10)
    )
    return StageTime(
        place, str(place), NAMES[place], stays, stays - still, still, 5, 0, quantiles(*days), left_median, 900.0,
        curve, Spans(BinUnit.DAY, ((0, 10, 0), (8, 40, 3), (40, stays - still - 50, still - 3))),
    )  # fmt: skip


def step(place: int, median: float | None, advanced: int = 60) -> StepTime:
    names = (*NAMES, "Won")
    return StepTime(
        place, str(place), names[place], str(place + 1), names[place + 1], 100, advanced, 30, 2, 0, 55,
        quantiles(5, median, 50, None) if median else Quantiles(), 44.0, 15.0, (), 0.65 if median else None, 80.5, 0.62, True,
    )  # fmt: skip


TIMES = Times(
    QUESTION,
    100,
    (stage(0, (5, 12, 30, 60), 11), stage(1, (20, 54, 90, None), 40), stage(2, (45, None, None, None), 30, still=60)),
    (step(0, 14), step(1, 61), step(2, None)),
    (3,),
    None,
    Bottleneck(
        100, (30, 60, 0, 0), (0, 0, 0, 0), TopStage(1, "Presentation and proposal", 60, 90, 1, True), None, (), ""
    ),
    "",
)
NOTHING = replace(TIMES, stages=(), steps=())


def test_a_box_runs_from_the_first_quartile_to_the_third_with_the_median_in_it() -> None:
    found = traces(charts.stage_times(TIMES))
    assert list(found["box"].base) == [5, 20, 45]
    assert list(found["median"].x) == [12, 54]
    assert list(found["through"].x) == [11, 40, 30]
    ends = [base + long for base, long in zip(found["box"].base, found["box"].x, strict=True)]
    assert ends[:2] == [30, 90]
    assert list(found["median"].y) == list(found["box"].y[:2])


def test_a_quartile_that_is_not_reached_leaves_the_box_open() -> None:
    figure = charts.stage_times(TIMES)
    box, arrows = traces(figure)["box"], traces(figure)["open"]
    assert (list(arrows.x), list(arrows.y)) == ([box.base[2] + box.x[2]], [box.y[2]])
    assert max(base + long for base, long in zip(box.base, box.x, strict=True)) == arrows.x[0]
    assert "<b>not reached</b><br>" in [text.split("<span")[0] for text in texts(figure)]


def test_counts_stand_beside_and_names_are_harmless() -> None:
    figure = charts.stage_times(TIMES)
    said = texts(figure)
    assert any("<b>54 days</b>" in text and "100 visits, 10 in stage now" in text for text in said)
    assert "&lt;b&gt;Closing&lt;/b&gt;" in said
    told = hovers(figure)
    assert any(
        "100 visits: 90 completed, 5 of them with a loss; 10 in stage now. Half of them last up to 12 days"
        " Typical range (25–75%): 5 days to 30 days."
        in one
        and "Completed visits only: median 11 days, over 90 visits. That is too short" in one
        for one in told
    )
    assert any(
        "The median is not reached: too many are in stage now. A quarter of them last up to 45 days" in one
        for one in told
    )


def test_the_hollow_mark_is_named() -> None:
    assert any("median of completed visits only" in text for text in texts(charts.stage_times(TIMES)))
    assert any("median of those who already advanced" in text for text in texts(charts.step_times(TIMES)))


@pytest.mark.parametrize("width_hint", [300, 360, 900, None])
@pytest.mark.parametrize("dark", [False, True])
def test_every_picture_is_drawn_at_every_width(width_hint: int | None, dark: bool) -> None:
    by = TimesBy("Region", (("East", TIMES), (None, NOTHING)), 3)
    for figure in (
        charts.stage_times(TIMES, dark=dark, width_hint=width_hint),
        charts.step_times(TIMES, dark=dark, width_hint=width_hint),
        charts.group_times(by, 1, dark=dark, width_hint=width_hint),
        charts.stay_curves(TIMES, 1, dark=dark, width_hint=width_hint),
        charts.stay_histogram(TIMES, 1, "week", dark=dark, width_hint=width_hint),
        charts.aging(AGING, dark=dark, width_hint=width_hint),
    ):
        assert "<b>Closing" not in figure.to_json()
        assert figure.layout.yaxis.range[1] or touching(figure) == []
        # What is left is the legend's.
        assert figure.layout.height >= figure.layout.margin.t + figure.layout.margin.b + _plot(figure)
        if width_hint is not None and width_hint < 560:
            assert figure.layout.margin.l + figure.layout.margin.r < width_hint / 4


def _plot(figure: Any) -> float:
    low, high = figure.layout.yaxis.range
    rows = figure.layout.yaxis.range[1] == 0
    return low - high if rows else figure.layout.height - figure.layout.margin.t - figure.layout.margin.b


def test_nothing_to_draw_says_so() -> None:
    assert "No visit to draw." in texts(charts.stage_times(NOTHING))
    assert charts.describe_stage_times(NOTHING) == "No visit to draw."
    assert charts.describe_step_times(NOTHING) == "Nobody took a step from one stage to the next."
    assert charts.describe_stay_curves(NOTHING, 0) == "No visit to draw."
    assert charts.describe_stay_histogram(NOTHING, 0, "day") == "No visit to draw."
    assert texts(charts.stay_histogram(NOTHING, 0, "day"))[0] == "No visit to draw."


def test_in_words() -> None:
    both = replace(TIMES, stages=TIMES.stages[:2])
    assert charts.describe_stage_times(both) == (
        "Most waiting: Presentation and proposal, with 60 of the 90 days that all leads together waited. No lead was lost."
        " New: median 12 days, over 100 visits. Presentation and proposal: median 54 days, over 100 visits."
    )
    assert charts.describe_stage_times(replace(TIMES, bottleneck=None)).endswith(
        "<b>Closing</b>: median not reached, over 100 visits."
    )
    assert charts.describe_step_times(replace(TIMES, steps=TIMES.steps[1:])) == (
        "Presentation and proposal → <b>Closing</b>: Eventual conversion: 65%. Half of all that came had advanced after 44 days."
        " Of those who advance, half do so within 2 months (55 leads recorded at both stages)."
        " Typical range (25–75%): 5 days to 50 days."
        " <b>Closing</b> → Won: At least 62% advance by day 80; the rest is not known yet, since too many are undecided."
        " Half of all that came had advanced after 44 days."
    )


def test_why_a_step_has_no_median() -> None:
    unknown = replace(TIMES.steps[2], half_days=None)
    few, undated = replace(unknown, timed=19), replace(unknown, dated=False)
    for step, beside, told in (
        (unknown, "not known yet", "the rest is not known yet"),
        (few, "too few", "Only 19 leads recorded at both stages: too few for a median."),
        (undated, "no dates", "The file says of too few leads when they advanced or ended."),
    ):
        times = replace(TIMES, steps=(step,))
        assert any(f"<b>{beside}</b>" in text for text in texts(charts.step_times(times)))
        assert told in charts.describe_step_times(times)


def test_stays_in_words() -> None:
    assert charts.describe_stay_curves(TIMES, 1) == (
        "Presentation and proposal: 100 visits, 10 in stage now."
        " Completed: a quarter by 20 days, half by 54 days, and three quarters by 3 months."
    )
    assert (
        charts.describe_stay_histogram(TIMES, 1, "week")
        == "Most visits in one bin: 5 to under 6 weeks: 40 completed, 7 in stage now."
    )
    assert (
        charts.describe_group_times(TimesBy("Region", ((None, TIMES),), 0), 0)
        == "no value: median 12 days, over 100 visits."
    )


def test_steps_after_the_win_are_not_drawn() -> None:
    past = replace(TIMES, stages=TIMES.stages[:2])
    assert len(traces(charts.step_times(past))["through"].x) == 2
    assert "Presentation and proposal →" in charts.describe_step_times(past)
    assert "→ Won" not in charts.describe_step_times(past)


def test_one_curve_is_strong_and_has_its_band() -> None:
    figure = charts.stay_curves(TIMES, 1)
    found = traces(figure)
    assert set(found) == {"0", "1", "2", "band"}
    assert found["1"].line.width > found["0"].line.width
    assert found["1"].line.color != found["0"].line.color
    assert found["1"].line.shape == "hv"
    assert list(found["1"].x[:3]) == [0, 10, 20]
    assert list(found["1"].y[:3]) == [1, 0.9, 0.8]
    # A median that is reached has its lines; that of closing is not.
    dotted = [shape for shape in figure.layout.shapes if shape.line.dash == "dot"]
    assert {(shape.x1, shape.y1) for shape in dotted} == {(54, 0.5)}
    assert not [shape for shape in charts.stay_curves(TIMES, 2).layout.shapes if shape.line.dash == "dot"]
    assert any(
        "90% of visits are longer than 10 days (90 of 100 visits watched that long)." in one for one in hovers(figure)
    )


def test_a_curve_ends_where_fewer_than_ten_are_watched() -> None:
    thin = replace(TIMES.stages[1], curve=(*TIMES.stages[1].curve, StayPoint(200.0, 9, 0.05, 0.01, 0.2)))
    found = traces(charts.stay_curves(replace(TIMES, stages=(thin,)), 1))["1"]
    assert max(found.x) <= 90


def test_few_stays_have_no_curve() -> None:
    few = replace(TIMES, stages=(stage(0, (5, 12, 30, 60), 11, stays=19, still=4),))
    figure = charts.stay_curves(few, 0)
    assert not figure.data
    assert "19 visits: too few for a curve." in texts(figure)


def test_bins_stack_what_goes_on_on_what_has_ended() -> None:
    found = traces(charts.stay_histogram(TIMES, 1, BinUnit.WEEK))
    assert list(found["left"].y) == [10, 40, 0, 0, 0, 40]
    assert list(found["still"].y) == [0, 3, 0, 0, 0, 7]
    assert found["left"].hovertext[5] == "5 to under 6 weeks: 40 completed, 7 in stage now."
    months = traces(charts.stay_histogram(TIMES, 1, "month"))
    assert list(months["left"].y) == [50, 40]


def test_an_open_last_bin_is_told() -> None:
    long = replace(TIMES.stages[1], spans=Spans(BinUnit.DAY, ((0, 1, 0), (500, 2, 1))))
    figure = charts.stay_histogram(replace(TIMES, stages=(long,)), 1, "day")
    assert "39+" in texts(figure)
    assert traces(figure)["left"].hovertext[-1] == "39 days or more: 2 completed, 1 in stage now."


@pytest.mark.parametrize(
    ("most", "marks"),
    [
        (0.02, [minutes / 1440 for minutes in (0, 5, 10, 15, 20, 25)]),
        (0.9, [0, 0.25, 0.5, 0.75]),
        (2.6, [0, 0.5, 1, 1.5, 2, 2.5]),
        (9, [0, 2, 4, 6, 8]),
        (59, [0, 10, 20, 30, 40, 50]),
        (110, [0, 30.4375, 60.875, 91.3125]),
        (1000, [0, 365.25, 730.5]),
    ],
)
def test_a_scale_reads_in_one_unit(most: float, marks: list[float]) -> None:
    assert scale_marks(most, narrow=False) == pytest.approx(marks)
    assert len(scale_marks(most, narrow=True)) <= 5


def ages(place: int, opened: int, stalled: int | None, long: int | None) -> StageAges:
    known = stalled is not None
    return StageAges(
        place, str(place), NAMES[place], opened, 0, 20.0, 300 if known else 7, 32.0 if known else None, 65.0 if known else None,
        stalled, long,
    )  # fmt: skip


AGING = Aging(QUESTION, (ages(0, 100, 30, 12), ages(1, 12, 4, 0), ages(2, 9, None, None)), (), "")


def test_open_leads_are_split_by_how_unusual_their_age_is() -> None:
    figure = charts.aging(AGING)
    found = traces(figure)
    assert {part: list(found[part].x) for part in ("usual", "stalled", "long", "unknown")} == {
        "usual": [70, 8, 0],
        "stalled": [18, 4, 0],
        "long": [12, 0, 0],
        "unknown": [0, 0, 9],
    }
    assert found["unknown"].marker.pattern.shape == "/"
    assert list(found["long"].customdata[1]) == [1, "long"]
    said = texts(figure)
    # Of fewer than 20, counts only.
    assert any("<b>30 of 100 stalled (30%)</b>" in text and "past 32 days" in text for text in said)
    assert any("<b>4 of 12 stalled</b>" in text for text in said)
    assert any("<b>9 open</b>" in text and "too few moved on to compare" in text for text in said)


def test_an_open_lead_without_a_date_is_compared_with_nothing() -> None:
    found = traces(charts.aging(replace(AGING, stages=(replace(AGING.stages[0], untimed=3),))))
    assert {part: list(found[part].x) for part in ("usual", "stalled", "long", "unknown")} == {
        "usual": [67], "stalled": [18], "long": [12], "unknown": [3],
    }  # fmt: skip


def test_where_all_can_be_compared_no_hatch_is_drawn() -> None:
    assert "unknown" not in traces(charts.aging(replace(AGING, stages=AGING.stages[:2])))


def test_aging_in_words() -> None:
    assert charts.describe_aging(AGING) == (
        "34 of 112 leads open are stalled (slower than 75% of the visits that moved on): 30%; 12 long stalled (slower than 90%)."
        " Most stalled stand at New: 30 of 100, past 32 days."
    )
    assert charts.describe_aging(replace(AGING, stages=(AGING.stages[2],))) == (
        "9 leads open; too few have moved on to say what is usual."
    )
    assert charts.describe_aging(replace(AGING, stages=())) == "No lead is open at any of these stages."
    told = hovers(charts.aging(AGING))
    assert any(
        "Of 300 visits that moved on from here, 75% took up to 32 days, 90% up to 2.1 months." in one for one in told
    )
    assert any("Only 7 visits moved on from here" in one for one in told)


@pytest.mark.parametrize("dark", [False, True])
def test_numbers_on_bars_can_be_read(dark: bool) -> None:
    found = traces(charts.aging(AGING, dark=dark))
    for part in ("usual", "stalled", "long"):
        assert contrast(found[part].marker.color, found[part].textfont.color) >= 4.5
