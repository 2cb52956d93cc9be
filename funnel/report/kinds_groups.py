"""The sections that set groups of leads, or two periods, against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from funnel import charts, measures
from funnel.charts import stage_changes as changes_picture
from funnel.core import insights
from funnel.core.errors import QuestionError
from funnel.core.plain_questions import read_conditions
from funnel.core.types import Question, Segment, StageModel, Unit
from funnel.measures.groups import By
from funnel.measures.steps import grouped
from funnel.report.shown import Asks, Shown
from funnel.words import wording

Days = tuple[date, date]


def segments(
    ask: Asks,
    question: Question,
    by: str | None = None,
    groups: tuple[Any, ...] = (),
    target: int | None = None,
    day: int | None = None,
    so_far: bool = False,
) -> Shown:
    """Each group against all other leads, or two groups against each other; without a `by`, the first column of the file."""
    result = _segments(ask, question, by, groups, target, day, so_far)
    names = [insights.segment_name(each.segment) for each in result.segments]
    if so_far or result.day is None:
        return Shown(
            title=wording.say("pages.segments.forest_so_far"),
            sentences=(wording.say("pages.segments.ages_differ"),),
            table="segments_so_far",
            rows=result.so_far_rows(),
            sql=result.sql,
            question=result.question,
        )
    two = result.column is None
    title = wording.say("pages.segments.forest_two", a=names[0], b=names[1]) if two else _by_column(result.column)
    return Shown(
        title=title,
        sentences=(charts.describe_segments(result),),
        table="segments_two" if two else "segments",
        rows=result.two_rows() if two else result.ranked_rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.segments_forest, result),
    )


def segment_steps(
    ask: Asks, question: Question, by: str | None = None, target: int | None = None, day: int | None = None
) -> Shown:
    """Where on the way groups differ."""
    result = _segments(ask, question, by, (), target, day, so_far=False)
    return Shown(
        title=wording.say("sections.segment_steps.title"),
        sentences=(charts.describe_segment_steps(result),),
        table="segment_steps",
        rows=result.step_rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.segments_steps, result),
    )


def segment_curves(
    ask: Asks,
    question: Question,
    by: str | None = None,
    groups: tuple[Any, ...] = (),
    target: int | None = None,
    day: int | None = None,
) -> Shown:
    """How fast groups convert, those first that differ clearly."""
    compared = _segments(ask, question, by, groups, target, day, so_far=False)
    result = ask(measures.segment_curves, question, _by(ask, by, groups), target)
    clear = [each.segment for each in compared.segments if each.overall.is_clear]
    stage = None if target is None else question.model.stages[target].name
    reached = (
        wording.say("pages.cohorts.win_reached")
        if stage is None
        else wording.say("pages.cohorts.stage_reached", stage=wording.plain(stage))
    )
    return Shown(
        title=wording.say("sections.segment_curves.title", reached=reached),
        sentences=(charts.describe_segment_curves(result, day=day, clear=clear),),
        table="segment_curves",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.segment_curves, result, day=day, clear=clear),
    )


def segment_funnels(ask: Asks, question: Question, by: str | None = None, groups: tuple[Any, ...] = ()) -> Shown:
    """The funnel of each group."""
    funnels = ask(measures.segment_steps, question, _by(ask, by, groups))
    if not funnels:
        raise QuestionError("report.no_columns")
    named = [(insights.segment_name(segment), steps) for segment, steps in funnels]
    return Shown(
        title=wording.say("pages.segments.funnels"),
        sentences=tuple(f"{name}: {charts.description(steps)}" for name, steps in named),
        table="funnels_by_group",
        rows=grouped(named),
        sql=funnels[0][1].sql,
        question=question,
        draw=partial(_small, named),
    )


def funnels_by(ask: Asks, question: Question, column: str) -> Shown:
    """The funnel of each of the commonest values of a column."""
    result = ask(measures.breakdown, question, column)
    values = [(insights.value_said(value), steps) for value, steps in result.groups]
    return Shown(
        title=wording.say("report.funnels_by", column=insights.column_name(column)),
        sentences=tuple(f"{name}: {charts.description(steps)}" for name, steps in values),
        table="breakdown",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.small_multiples, result),
    )


def scan(
    ask: Asks, question: Question, target: int | None = None, day: int | None = None, so_far: bool = False
) -> Shown:
    """Where leads differ most, of all columns."""
    by_day = None if so_far else _day(ask, question, day)
    result = ask(measures.scan, question, target, by_day, so_far=so_far or by_day is None)
    if not result.findings:
        raise QuestionError("report.no_columns")
    return Shown(
        title=wording.say("sections.scan.title"),
        sentences=(charts.describe_scan(result),),
        table="scan",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.scan, result),
    )


def stage_changes(ask: Asks, question: Question, before: Days, after: Days) -> Shown:
    """Two periods, stage by stage."""
    result = ask(measures.stage_changes, question, before, after)
    return Shown(
        title=wording.say("sections.stage_changes.title", before=changes_picture.period(before)),
        sentences=(changes_picture.describe(result),),
        table="stage_changes",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(changes_picture.draw, result),
    )


def period_parts(
    ask: Asks,
    question: Question,
    before: Days,
    after: Days,
    by: str | None = None,
    target: int | None = None,
    day: int | None = None,
) -> Shown:
    """Two periods: how much of the change is who came, and how much how they did."""
    result = ask(measures.periods, question, before, after, by, target, day)
    return Shown(
        title=wording.say("report.period_parts"),
        sentences=(charts.describe_periods(result),),
        table="period_parts",
        rows=[*result.part_rows(), result.whole_row()],
        sql=result.sql,
        question=result.question,
        draw=partial(charts.periods_waterfall, result),
    )


def period_chain(
    ask: Asks,
    question: Question,
    before: Days,
    after: Days,
    by: str | None = None,
    target: int | None = None,
    day: int | None = None,
) -> Shown:
    """Two periods: which step moved the number of those who converted."""
    result = ask(measures.periods, question, before, after, by, target, day)
    if not result.chain:
        raise QuestionError("pages.periods.chain_none")
    return Shown(
        title=wording.say("report.period_chain"),
        sentences=(charts.describe_chain(result),),
        table="period_chain",
        rows=result.chain_rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.chain_waterfall, result),
    )


def change(
    ask: Asks,
    question: Question,
    day: date,
    after: StageModel,
    unit: Unit = Unit.LEAD,
    within_days: int | None = 90,
) -> Shown:
    """The funnel of those that entered before a day, and of those since, each through its own model."""
    result = ask(measures.change, [question, replace(question, model=after, unit=unit)], day, within_days)
    sides = [(wording.say(f"pages.change.{name}"), getattr(result, name)) for name in ("before", "after")]
    return Shown(
        title=wording.say("report.change", day=day),
        sentences=tuple(f"{name}: {charts.description(steps)}" for name, steps in sides),
        table="funnels_by_group",
        rows=grouped(sides),
        sql="\n\n".join(f"-- {name}\n{steps.sql}" for name, steps in sides),
        question=question,
        draw=partial(charts.change, result),
    )


def _small(named: Sequence[tuple[str, Any]], *, dark: bool, width_hint: int | None) -> object:
    return charts.group_funnels(named, dark=dark, width_hint=width_hint)


def _by_column(column: str | None) -> str:
    return wording.say("report.segments", column=insights.column_name(column or ""))


def _segments(
    ask: Asks,
    question: Question,
    by: str | None,
    groups: Sequence[Any],
    target: int | None,
    day: int | None,
    so_far: bool,
) -> Any:
    by_day = None if so_far else _day(ask, question, day)
    of = _by(ask, by, groups)
    result = ask(measures.segments, question, of, target, by_day, so_far=so_far or by_day is None)
    if not result.segments:
        raise QuestionError("report.no_columns")
    return result


def _day(ask: Asks, question: Question, day: int | None) -> int | None:
    """The day by which groups are compared; None where the file has no dates."""
    if day is not None or ask.data_set.first_start is None or ask.data_set.observed_until is None:
        return day
    return int(ask(measures.usual_day, question))


def _by(ask: Asks, by: str | None, groups: Sequence[Any]) -> By:
    if groups:
        try:
            return tuple(Segment(read_conditions(each["where"]), str(each["name"])) for each in groups)
        except (KeyError, TypeError, ValueError) as wrong:
            raise QuestionError("report.damaged") from wrong
    if by is not None:
        return by
    column = next((each.column for each in ask.data_set.columns.attributes if each.values > 1), None)
    if column is None:
        raise QuestionError("report.no_columns")
    return column
