"""The sections that a report can hold: each asks its measure a question, with its options, and says what came of it as its page does.

An option has a default where a command can leave it out. What a page and a command ask is the same, so their numbers are.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from funnel import charts, measures
from funnel.charts import bridge as bridge_picture
from funnel.charts import forecast as forecast_picture
from funnel.charts import pipeline as pipeline_picture
from funnel.charts import value_steps as value_picture
from funnel.core import insights
from funnel.core.errors import QuestionError
from funnel.core.types import BinUnit, Note, Period, Question
from funnel.measures.ages import check_starts
from funnel.measures.bridge import amount_field
from funnel.measures.forecast import MONTHS
from funnel.measures.forecast_words import answer, of_open
from funnel.measures.pipeline import pipeline as monthly
from funnel.measures.time_to_convert import RARE
from funnel.report import natives
from funnel.report.shown import Asks, Shown
from funnel.words import wording

USUAL_DAY = 180


def funnel(ask: Asks, question: Question) -> Shown:
    """How far leads got, and where the others are."""
    result = ask(measures.steps, question)
    return Shown(
        title=charts.headline(result),
        sentences=(charts.description(result),),
        table="steps",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.funnel, result),
        native=natives.funnel(result),
    )


def value_steps(ask: Asks, question: Question, currency: str | None = None) -> Shown:
    """The funnel in money, of the currency that most leads have unless another is named."""
    result = ask(measures.value_steps, question)
    if not result.known:
        raise QuestionError("report.no_amounts")
    of = result.known[0] if currency is None else currency
    return Shown(
        title=wording.say("report.value_steps"),
        sentences=(value_picture.describe(result, of),),
        table="value_steps",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(value_picture.draw, result, of),
    )


def cohorts(
    ask: Asks,
    question: Question,
    period: Period | None = None,
    day: int = USUAL_DAY,
    target: int | None = None,
    plain: bool = False,
    currency: str | None = None,
) -> Shown:
    """How far each cohort got within some days; in money, what came to each stage so far."""
    result = _cohorts(ask, question, period, day)
    win = question.model.pure_win_stage(ask.data_set.concepts) is None
    told = charts.describe_dropoff(result, day, target=target, win=win)
    title = wording.say("pages.cohorts.dropoff", day=day)
    draw = partial(charts.dropoff, result, day, win=win)
    if currency is None:
        table, rows, sql, draw = "cohort_stages", result.stage_rows(), result.sql, partial(draw, plain=plain)
    else:
        amounts = ask(measures.cohort_amounts, result.question, result.period)
        draw = partial(draw, amounts=amounts, currency=currency)
        title, table, rows, sql = (
            wording.say("pages.cohorts.dropoff_amounts", day=day),
            "cohort_amounts",
            amounts.rows(),
            amounts.sql,
        )
        told = wording.say("pages.cohorts.amounts_missing", missing=amounts.missing)
    native = natives.cohorts(result, day, win) if currency is None else None
    return Shown(title, (told,), table, rows, sql, result.question, draw, native)


def cohort_by_start(
    ask: Asks, question: Question, period: Period | None = None, day: int = USUAL_DAY, target: int | None = None
) -> Shown:
    """The share that converted within some days, over the date of start."""
    result = _cohorts(ask, question, period, day)
    return Shown(
        title=wording.say(f"pages.cohorts.start_title_{result.period}", reached=_reached(question, target), day=day),
        sentences=(charts.describe_by_start(result, target=target, day=day),),
        table="cohorts",
        rows=result.rows(target),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.by_start, result, target=target, day=day),
        native=natives.by_start(result, target),
    )


def cohort_steps(ask: Asks, question: Question, period: Period | None = None, day: int = 90) -> Shown:
    """Each step over the date of start."""
    check_starts(ask.data_set.journeys)
    result = ask(measures.step_trend, question, period or _period(ask), day)
    return Shown(
        title=wording.say("sections.cohort_steps.title", day=day),
        sentences=(charts.describe_step_trend(result), wording.say("pages.cohorts.steps_young")),
        table="step_trend",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.step_trend, result),
    )


def cohort_ages(
    ask: Asks,
    question: Question,
    period: Period | None = None,
    target: int | None = None,
    day: int = USUAL_DAY,
    highlight: date | None = None,
) -> Shown:
    """Conversion by age, a curve for each cohort."""
    check_starts(ask.data_set.journeys)
    result = ask(measures.curves, question, period or _period(ask), target)
    return Shown(
        title=wording.say("sections.cohort_ages.title", reached=_reached(question, target)),
        sentences=(charts.describe_ages(result),),
        table="curves",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.ages, result, day=day, highlight=highlight),
    )


def times(ask: Asks, question: Question) -> Shown:
    """How long leads are at each stage."""
    result = ask(measures.times, question)
    left_out = [question.model.stages[position].name for position in result.left_out]
    more = (wording.say("pages.times.left_out", stages=left_out),) if left_out else ()
    return Shown(
        title=wording.say("sections.stage_times.title"),
        sentences=(charts.describe_stage_times(result), *more),
        table="times",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.stage_times, result),
    )


def stays(ask: Asks, question: Question, position: int = 0, unit: BinUnit | None = None) -> Shown:
    """How long leads are at one stage: who is still there by day, and how many visits took how long."""
    result = ask(measures.times, question)
    stage = result.at(position)
    if stage is None:
        raise QuestionError("report.no_stays", stage=question.model.stages[position].name)
    bins = unit if unit is not None and unit in stage.spans.units else stage.spans.readable_unit()
    name = wording.plain(stage.name)

    def draw(**room: Any) -> tuple[Any, Any]:
        return charts.stay_curves(result, position, **room), charts.stay_histogram(result, position, bins, **room)

    return Shown(
        title=wording.say("pages.times.curve", stage=name),
        sentences=(
            charts.describe_stay_curves(result, position),
            charts.describe_stay_histogram(result, position, bins),
        ),
        table="stay_histogram",
        rows=stage.histogram_rows(bins),
        sql=result.sql,
        question=result.question,
        draw=draw,
    )


def step_times(ask: Asks, question: Question) -> Shown:
    """How long each step takes."""
    result = ask(measures.times, question)
    return Shown(
        title=wording.say("sections.step_times.title"),
        sentences=(charts.describe_step_times(result),),
        table="step_times",
        rows=result.step_rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.step_times, result),
        rare=RARE,
    )


def times_by(ask: Asks, question: Question, column: str, position: int = 0) -> Shown:
    """How long leads are at one stage, for each of the commonest values of a column."""
    result = ask(measures.times_by, question, column)
    stage = question.model.stages[position].name
    more = (wording.say("pages.breakdown.other", leads=result.other),) if result.other else ()
    return Shown(
        title=wording.say("report.times_by", stage=stage, column=insights.column_name(column)),
        sentences=(charts.describe_group_times(result, position=position), *more),
        table="times_by",
        rows=result.rows(),
        sql=result.sql,
        question=question,
        draw=partial(charts.group_times, result, position=position),
    )


def aging(ask: Asks, question: Question) -> Shown:
    """Open leads against how long others were at their stage."""
    result = ask(measures.aging, question)
    return Shown(
        title=wording.say("sections.aging.title"),
        sentences=(charts.describe_aging(result),),
        table="aging",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.aging, result),
        native=natives.aging(result),
    )


def velocity(ask: Asks, question: Question) -> Shown:
    """What sales bring a day."""
    result = ask(measures.velocity, question)
    if result.missing is not None:
        raise QuestionError(result.missing.key, **result.missing.values)
    return Shown(
        title=wording.say("sections.velocity.title"),
        sentences=(wording.say("sections.velocity.help"),),
        table="velocity",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
    )


def pipeline(ask: Asks, question: Question) -> Shown:
    """What came in, was decided and is open, month by month."""
    result = ask(monthly, question)
    return Shown(
        title=wording.say("sections.pipeline.title"),
        sentences=(pipeline_picture.describe(result),),
        table="pipeline",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(pipeline_picture.draw, result),
        native=natives.pipeline(result),
    )


def forecast(ask: Asks, question: Question, months: int = MONTHS) -> Shown:
    """Wins by month, and what is expected."""
    result = ask(measures.forecast, question, months)
    if not result.months:
        first, *_ = result.missing
        raise QuestionError(first.key, **first.values)
    said = [of_open(result), *result.notes, *result.missing]
    return Shown(
        title=_say(answer(result)),
        sentences=(forecast_picture.describe(result), *map(_say, said)),
        table="forecast",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(forecast_picture.draw, result),
        native=natives.forecast(result),
    )


def bridge(
    ask: Asks, question: Question, since: date | None = None, to: date | None = None, currency: str | None = None
) -> Shown:
    """What changed in the pipeline between two days."""
    result = ask(measures.bridge, question, since, to)
    return Shown(
        title=_say(result.answer),
        sentences=(
            wording.say("pages.bridge.subtitle", since=result.since, to=result.to),
            bridge_picture.describe(result, currency),
            *map(_say, (*result.missing, *result.notes)),
        ),
        table="bridge",
        rows=[{**row, "value": None} for row in result.rows()],
        sql=result.sql,
        question=result.question,
        draw=partial(bridge_picture.draw, result, currency),
        rare=("value", "without_amount"),
        names={amount_field(each): wording.say("pages.bridge.amount_in", currency=each) for each in result.currencies},
    )


def moves(ask: Asks, question: Question) -> Shown:
    """Which ways leads went, forward and back."""
    result = ask(measures.moves, question)
    return Shown(
        title=wording.say("report.moves"),
        sentences=(charts.describe_moves(result),),
        table="moves",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.moves, result),
    )


def _say(note: Note) -> str:
    values: dict[str, Any] = dict(note.values)
    return wording.say(note.key, **values)


def _reached(question: Question, target: int | None) -> str:
    if target is None:
        return wording.say("pages.cohorts.win_reached")
    return wording.say("pages.cohorts.stage_reached", stage=wording.plain(question.model.stages[target].name))


def _cohorts(ask: Asks, question: Question, period: Period | None, day: int) -> Any:
    check_starts(ask.data_set.journeys)
    result = ask(measures.cohorts, question, period or _period(ask), (day,))
    if not result.cohorts:
        raise QuestionError("pages.cohorts.undated")
    return result


def _period(ask: Asks) -> Period:
    return Period.usual(ask.data_set.first_start, ask.data_set.last_start)
