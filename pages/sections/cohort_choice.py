"""What the Trends page is asked: how long a cohort is, what counts as converted, by which day, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from funnel import DataSet, Question, measures
from funnel.core.types import Period
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import converted, money
from pages.ui.ask import ask


@dataclass(frozen=True)
class Choice:
    """`target` is a stage's position, None the win; `reached` says it in words. `plain` asks for the naive ratio beside the rate,
    `currency` for money instead of heads. `win_column`: no stage is the win alone."""

    period: Period
    target: int | None
    reached: str
    day: int
    plain: bool
    currency: str | None
    win_column: bool


def show(workspace: Workspace, question: Question, *, with_money: bool = True) -> Choice:
    """The row of controls; `with_money` offers money beside heads. QuestionError where the file has no date up to which it observes."""
    data_set = workspace.data_set
    win_stage = question.model.pure_win_stage(data_set.concepts if data_set else {})
    with st.container(horizontal=True, vertical_alignment="top", key="cohort_controls", gap="medium"):
        period = _period(workspace)
        target, reached = converted.target(workspace, question, win_stage)
        day = converted.by_day(workspace, question)
    if not with_money:
        return Choice(period, target, reached, day, plain=False, currency=None, win_column=win_stage is None)
    with st.container(horizontal=True, vertical_alignment="center", key="cohort_options", gap="medium"):
        plain = st.toggle(
            wording.say("pages.cohorts.plain"),
            key="plain",
            bind="query-params",
            help=wording.say("pages.cohorts.plain_help"),
        )
        currency = money.currency(
            workspace.data_set, lambda: ask(workspace, measures.cohort_amounts, question, period).currencies
        )
    return Choice(
        period=period,
        target=target,
        reached=reached,
        day=day,
        plain=plain and currency is None,
        currency=currency,
        win_column=win_stage is None,
    )


def _period(workspace: Workspace) -> Period:
    chosen = st.pills(
        wording.say("pages.cohorts.period"),
        [period.value for period in Period],
        default=usual_period(workspace.data_set).value,
        required=True,
        format_func=lambda name: wording.say(f"pages.cohorts.period_{name}"),
        key="period",
        bind="query-params",
        width="content",
    )
    return Period(chosen)


def usual_period(data_set: DataSet | None) -> Period:
    """How long a cohort is, unless somebody says otherwise."""
    return Period.MONTH if data_set is None else Period.usual(data_set.first_start, data_set.last_start)
