"""Results as charts that a presentation draws by itself: their numbers, by category and series."""

from __future__ import annotations

from funnel.charts.aging import PARTS, parts
from funnel.charts.cohort_words import cohort_name, target_name
from funnel.core import rows
from funnel.core.types import Conversion, Rate
from funnel.measures.aging import Aging
from funnel.measures.cohorts import Cohorts, by_day_row
from funnel.measures.forecast import Forecast
from funnel.measures.pipeline import Pipeline
from funnel.measures.steps import Steps
from funnel.report.shown import Heat, Hue, Native, Series, Shape
from funnel.words import wording

MOST_BARS = 24
"""Categories of a chart on one slide; of more, the newest."""
MOST_ROWS = 14
"""Rows of a table on one slide."""


def funnel(steps: Steps) -> Native:
    """A bar a stage: who went on, who is there, who is lost."""
    heads = wording.heads("ledger")
    parts = {
        ("advanced", "skipped_ahead"): Hue.PROGRESS,
        ("moved_back", "still_there"): Hue.STILL,
        ("lost",): Hue.LOST,
    }
    series = [
        Series(heads[field], tuple(float(getattr(stage, field)) for stage in steps.stages), hue)
        for fields, hue in parts.items()
        for field in fields
        if field not in ("skipped_ahead", "moved_back") or any(getattr(stage, field) for stage in steps.stages)
    ]
    return Native(Shape.STACKED, tuple(wording.plain(stage.name) for stage in steps.stages), tuple(series))


def cohorts(result: Cohorts, day: int, win: bool) -> Heat:
    """A row a cohort, the newest last, and one of all; a cell a stage, its share within the days."""
    stages: list[int | None] = list(range(1, len(result.question.model.stages)))
    targets = [*stages, None] if win or not stages else stages
    drawn = (*result.cohorts[1 - MOST_ROWS :], result.whole)
    cells = [
        (
            cohort_name(cohort.start, result.period),
            ((wording.number(cohort.leads), None), *(_share(cohort.to(target), day) for target in targets)),
        )
        for cohort in drawn
    ]
    names = [wording.plain(target_name(result.question, target)) for target in targets]
    heads = wording.heads("cohorts")
    return Heat((heads["start"], heads["leads"], *names), tuple(cells))


def by_start(result: Cohorts, target: int | None) -> Native:
    """A bar a cohort: who converted so far, who has not yet, who ended otherwise."""
    drawn = result.cohorts[-MOST_BARS:]
    told = [cohort.to(target) for cohort in drawn]
    heads = wording.heads("cohort_stages")
    return Native(
        Shape.STACKED,
        tuple(cohort_name(cohort.start, result.period) for cohort in drawn),
        (
            Series(heads["reached"], tuple(float(each.converted) for each in told), Hue.PROGRESS),
            Series(heads["waiting"], tuple(float(each.waiting) for each in told), Hue.STILL),
            Series(heads["gone"], tuple(float(each.gone) for each in told), Hue.LOST),
        ),
    )


def aging(result: Aging) -> Native:
    """A bar a stage: open leads by how long they are there."""
    hues = {"usual": Hue.PROGRESS, "stalled": Hue.STILL, "long": Hue.LOST, "unknown": Hue.STILL}
    split = [parts(stage) for stage in result.stages]
    drawn = [part for part in PARTS if part != "unknown" or any(each["unknown"] for each in split)]
    series = [
        Series(wording.say(f"charts.aging_{part}"), tuple(float(each[part]) for each in split), hues[part])
        for part in drawn
    ]
    return Native(Shape.STACKED, tuple(wording.plain(stage.name) for stage in result.stages), tuple(series))


def pipeline(result: Pipeline) -> Native:
    """Columns of what came, was won and lost in each month."""
    months = result.months[-MOST_BARS:]
    heads = wording.heads("pipeline")
    hues = {"came": Hue.STILL, "won": Hue.PROGRESS, "lost": Hue.LOST}
    return Native(
        Shape.COLUMNS,
        tuple(wording.month(each.first) for each in months),
        tuple(Series(heads[part], tuple(float(getattr(each, part)) for each in months), hues[part]) for part in hues),
    )


def forecast(result: Forecast) -> Native:
    """Wins of each month before as one line, and of the months to come as another, with the middle 80 % as a band."""
    before = [each for each in result.history if each[0] != result.unfinished][-MOST_BARS + len(result.months) :]
    names = [rows.text(result.name_of(first)) for first, _ in before]
    names += [rows.text(result.name_of(month.first)) for month in result.months]
    past, ahead = [None] * len(before), [None] * len(result.months)
    heads = wording.heads("forecast")
    won = (*(float(wins) for _, wins in before), *ahead)
    expected = (*past, *(month.won + month.expected for month in result.months))
    series = [Series(wording.say("report.won"), won, Hue.PROGRESS), Series(heads["expected"], expected, Hue.LOST)]
    if any(month.range for month in result.months):
        for head, field in (("low80", "low80"), ("high80", "high80")):
            ends = [
                None if month.range is None else float(month.won + getattr(month.range, field))
                for month in result.months
            ]
            series.append(Series(heads[head], (*past, *ends), Hue.BAND))
    return Native(Shape.LINES, tuple(names), tuple(series))


def _share(conversion: Conversion, day: int) -> tuple[str, float | None]:
    rate = by_day_row(conversion, conversion.on(day))["rate"]
    value = rate.value if isinstance(rate, Rate) and not rate.few else None
    return rows.written(rate), value
