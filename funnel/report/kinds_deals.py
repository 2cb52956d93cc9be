"""The sections on customers, channels, plans, and several models beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from funnel import charts, measures
from funnel.charts import credit as credit_picture
from funnel.charts import expansion as expansion_picture
from funnel.charts import expansion_value as worth_picture
from funnel.charts import goes_before as before_picture
from funnel.charts import retention as retention_picture
from funnel.charts import stage_credit as heat_picture
from funnel.charts import target as target_picture
from funnel.core.contracts import ContractColumns
from funnel.core.errors import QuestionError
from funnel.core.types import Note, Question, StageModel, Unit
from funnel.measures.credit import HALF_LIFE, LOOKBACK
from funnel.measures.credit import credit as channel_credit
from funnel.measures.credit_rules import OF_STAGES, USUAL, CreditRule
from funnel.measures.expansion_value import PURCHASES
from funnel.measures.goes_before import goes_before as touched_before
from funnel.measures.stage_credit import stage_credit as credit_by_stage
from funnel.measures.steps import grouped
from funnel.measures.target import SURE, first_day, next_quarter_end, usual_wins
from funnel.measures.target import target as win_target
from funnel.measures.target_worth import value_target
from funnel.report import natives
from funnel.report.shown import Asks, Shown
from funnel.words import wording

STANDARD = "standard"
SHOWN = tuple(each for each in USUAL if each is not CreditRule.SHAPLEY)


def expansion(ask: Asks, question: Question) -> Shown:
    """Who buys again, by day."""
    result = ask(measures.expansion, question)
    return Shown(
        title=_say(result.answer),
        sentences=(expansion_picture.describe(result), *map(_say, result.notes)),
        table="expansion",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(expansion_picture.draw, result),
    )


def expansion_value(ask: Asks, question: Question, currency: str | None = None) -> Shown:
    """What a customer brings beside the first purchase, in purchases or in a currency."""
    result = ask(measures.expansion, question)
    names = [each.currency for each in (result.purchases, *result.values)]
    of = currency if currency is not None else names[1] if len(names) > 1 else PURCHASES
    return Shown(
        title=wording.say("sections.expansion_value.title"),
        sentences=(worth_picture.describe(result, of),),
        table="expansion_value",
        rows=result.value_rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(worth_picture.draw, result, of),
    )


def retention(
    ask: Asks,
    question: Question,
    at: str | None = None,
    columns: ContractColumns | None = None,
    currency: str | None = None,
) -> Shown:
    """What is kept of contracts in twelve months."""
    result = ask(measures.retention, question, at, columns or ask.data_set.columns.contract_columns)
    known = retention_picture.currencies(result)
    of = currency if currency is not None else known[0] if known else ""
    return Shown(
        title=_say(result.answer_in(of)),
        sentences=(retention_picture.describe(result, of), *map(_say, result.notes)),
        table="retention_months",
        rows=result.month_rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(retention_picture.draw, result, of),
    )


def credit(
    ask: Asks,
    question: Question,
    at: int | None = None,
    rules: tuple[CreditRule, ...] = SHOWN,
    touches_of: Unit | None = None,
    lookback: int | None = LOOKBACK,
    half_life: float = HALF_LIFE,
    currency: str | None = None,
) -> Shown:
    """How many wins each channel gets by several rules."""
    result = ask(channel_credit, question, at, rules, touches_of, lookback, half_life)
    rare = [rule.value for rule in CreditRule if rule not in result.rules]
    return Shown(
        title=_say(result.answer),
        sentences=(credit_picture.describe(result, currency), *map(_say, result.touches.notes)),
        table="credit",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(credit_picture.draw, result, currency),
        rare=[*rare, *([] if result.touches.costs else ["cost"])],
    )


def stage_credit(
    ask: Asks,
    question: Question,
    rule: CreditRule = OF_STAGES[0],
    touches_of: Unit | None = None,
    lookback: int | None = LOOKBACK,
    half_life: float = HALF_LIFE,
) -> Shown:
    """What starts leads and what closes them."""
    result = ask(credit_by_stage, question, touches_of, lookback, half_life)
    return Shown(
        title=wording.say("sections.stage_credit.title"),
        sentences=(heat_picture.describe(result, rule=rule), *map(_say, result.notes)),
        table="stage_credit",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(heat_picture.draw, result, rule),
    )


def goes_before(ask: Asks, question: Question, touches_of: Unit | None = None, within: int = 14) -> Shown:
    """Which touches go before a step."""
    result = ask(touched_before, question, touches_of, within)
    return Shown(
        title=wording.say("sections.goes_before.title"),
        sentences=(before_picture.describe(result), *map(_say, result.notes)),
        table="goes_before",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(before_picture.draw, result),
    )


def target(
    ask: Asks,
    question: Question,
    by: date | None = None,
    wanted: float | None = None,
    currency: str | None = None,
    sure: float = SURE,
) -> Shown:
    """What so many wins by a day, or so much money, need; unless said otherwise as many as usual by the end of the quarter."""
    if question.observed_until is None:
        raise QuestionError("errors.no_observation")
    as_of = question.observed_until.date()
    by = by or next_quarter_end(as_of, question.calendar)
    if currency is not None and wanted is not None:
        result = ask(value_target, question, by, wanted, currency, None, sure)
    else:
        wins = (
            int(wanted)
            if wanted is not None
            else ask(usual_wins, question, first_day(by, as_of, question.calendar), by)
        )
        result = ask(win_target, question, by, wins, None, sure)
    return Shown(
        title=_say(result.answer),
        sentences=(target_picture.describe(result), *map(_say, result.notes)),
        table="target",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(target_picture.draw, result),
    )


def plan(
    ask: Asks,
    question: Question,
    hoped: float,
    target: int | None = None,
    day: int = 90,
    power: float = 0.8,
    share: float = 1.0,
    rates: tuple[float, ...] = (),
) -> Shown:
    """How many leads a test needs."""
    plans = ask(measures.plans, question, tuple(sorted({hoped, *rates})), target, day, power, share)
    chosen = next(each for each in plans if each.hoped == hoped)
    return Shown(
        title=wording.say("sections.plan_curve.title"),
        sentences=(charts.describe_plan(chosen),),
        table="plans",
        rows=[row for each in plans for row in each.rows()],
        sql=chosen.sql,
        question=chosen.question,
        draw=partial(charts.plan_curve, plans, chosen),
    )


def backward(ask: Asks, question: Question) -> Shown:
    """The funnel from the win back."""
    result = ask(measures.backward, question)
    return Shown(
        title=wording.say("sections.backward.title", model=wording.plain(question.model.name)),
        sentences=(charts.describe_backward(result),),
        table="backward",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.backward, result),
    )


def loyalty(ask: Asks, question: Question) -> Shown:
    """Customers who come back."""
    if question.model.loop is None:
        raise QuestionError("report.no_loop", model=question.model.name)
    result, steps = ask(measures.loyalty, question), ask(measures.steps, question)
    return Shown(
        title=wording.say("sections.loyalty.title", model=wording.plain(question.model.name)),
        sentences=(charts.describe_loop(result),),
        table="loyalty",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.loop, result, steps=steps),
    )


def account_sizes(ask: Asks, question: Question) -> Shown:
    """How many leads accounts hold."""
    result = ask(measures.account_sizes, question)
    return Shown(
        title=wording.say("sections.account_sizes.title", model=wording.plain(question.model.name)),
        sentences=(charts.describe_account_sizes(result),),
        table="account_sizes",
        rows=result.rows(),
        sql=result.sql,
        question=result.question,
        draw=partial(charts.account_sizes, result),
    )


def models(
    ask: Asks, question: Question, beside: tuple[StageModel, ...] | None = None, units: tuple[Unit, ...] = ()
) -> Shown:
    """The same leads through several models; without others, beside the standard one."""
    questions = _beside(ask, question, beside, units)
    funnels = [ask(measures.steps, each) for each in questions]
    named = [(wording.plain(each.question.model.name), each) for each in funnels]
    return Shown(
        title=wording.say("report.models", models=[name for name, _ in named]),
        sentences=tuple(f"{name}: {charts.description(steps)}" for name, steps in named),
        table="funnels_by_model",
        rows=grouped(named),
        sql="\n\n".join(f"-- {name}\n{steps.sql}" for name, steps in named),
        question=question,
        draw=partial(charts.columns, funnels),
        native=natives.funnel(funnels[0]) if len(funnels) == 1 else None,
    )


def label_flow(
    ask: Asks,
    question: Question,
    beside: tuple[StageModel, ...] | None = None,
    units: tuple[Unit, ...] = (),
    through: int = 0,
) -> Shown:
    """Which labels come to which stages of one of the models."""
    questions = _beside(ask, question, beside, units)
    if not 0 <= through < len(questions):
        raise QuestionError("report.damaged")
    result = ask(measures.flows, questions)
    names = [wording.plain(each.model.name) for each in questions]
    return Shown(
        title=wording.say("sections.flows.title", model=names[through]),
        sentences=(charts.describe_lineup(result, through), wording.say("pages.models.labels_count")),
        table="flows",
        rows=result.rows(),
        sql=result.sql,
        question=question,
        draw=partial(charts.lineup, result, model=through),
        names={str(position): name for position, name in enumerate(names)},
    )


def overlap(
    ask: Asks,
    question: Question,
    beside: tuple[StageModel, ...] | None = None,
    units: tuple[Unit, ...] = (),
    pair: int = 0,
) -> Shown:
    """Each lead at its deepest stage in two models."""
    questions = _beside(ask, question, beside, units)
    result = ask(measures.alignment, questions)
    if not 0 <= pair < len(result.pairs):
        raise QuestionError("report.damaged")
    both = result.pairs[pair]
    names = {"one": wording.plain(questions[both.a].model.name), "other": wording.plain(questions[both.b].model.name)}
    return Shown(
        title=wording.say("sections.overlap.title", **names),
        sentences=(charts.describe_overlap(result, pair),),
        table="overlap",
        rows=result.pair_rows(both),
        sql=result.sql,
        question=question,
        draw=partial(charts.overlap, result, pair=pair),
        values=names,
    )


def _beside(
    ask: Asks, question: Question, beside: Sequence[StageModel] | None, units: Sequence[Unit]
) -> tuple[Question, ...]:
    """The question of each model, of the leads that all of them share; None: the standard model stands beside the one that is asked."""
    if beside is None:
        beside = () if question.model.key == STANDARD else (ask.data_set.model(STANDARD),)
    if units and len(units) != len(beside):
        raise QuestionError("report.damaged")
    counted = units or [_unit(ask, question, each) for each in beside]
    asked = [replace(question, model=each, unit=unit) for each, unit in zip(beside, counted, strict=True)]
    return tuple(ask(measures.lined_up, [question, *asked]))


def _unit(ask: Asks, question: Question, model: StageModel) -> Unit:
    return question.unit if question.unit is Unit.ACCOUNT else ask.data_set.unit_of(model)


def _say(note: Note) -> str:
    values: dict[str, Any] = dict(note.values)
    return wording.say(note.key, **values)
