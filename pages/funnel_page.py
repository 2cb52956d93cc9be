"""The Funnel page: of the leads that started in a range, how many got how far, and where the others are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from funnel import DataSet, OneOf, Question, QuestionError, Steps, charts, measures, report
from funnel.charts import value_steps
from funnel.core import exports
from funnel.core.types import ReportPart
from funnel.measures.closings import closed_span
from funnel.measures.stage_changes import StageChanges
from funnel.measures.value_steps import ValueSteps
from funnel.words import wording
from pages.sections import (
    closings_view,
    cohort_trend,
    entry_conditions,
    kpi_cards,
    mapping_form,
    paths_view,
    period_view,
    special,
    stage_time_view,
)
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.strip import comparison, strip
from pages.ui import chart_first, empty, frame, headline, lead_list, money, narrowing, split, tables, tabs, texts
from pages.ui.ask import ask
from pages.ui.section import measured

HORIZONS = ("90", "180", "365")
OWN = "own"
LONGEST_HORIZON_DAYS = 3_650
CHART = "funnel_chart"
TABS = ("steps", "changes", "trend", "convert", "paths")


def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """Title and one tab, the first of which is the funnel; where no lead is counted, why, and the way out."""
    steps = ask(workspace, measures.steps, question)
    if not steps.leads:
        empty.show(workspace, question, steps)
        return
    st.title(charts.headline(steps), anchor=False)
    st.caption(headline.subtitle(steps))
    mapping_form.ambiguities(workspace, data_set)
    chosen = tabs.show("funnel", TABS)
    if chosen == "steps":
        _steps(workspace, data_set, question, steps)
    elif chosen == "changes":
        if closed_span(question) is None:
            period_view.show(workspace, data_set, question)
        else:
            closings_view.show(workspace, question)
    elif chosen == "trend":
        cohort_trend.show(workspace, data_set, closings_view.entered(question))
    elif chosen == "convert":
        stage_time_view.show_steps(workspace, closings_view.entered(question))
    else:
        paths_view.show(workspace, data_set, question)
    ask(workspace, measures.ready_for_dates, question)


def _steps(workspace: Workspace, data_set: DataSet, question: Question, steps: Steps) -> None:
    """Figures, chart, what is stuck; what became of the leads at each stage, and what the stages ask for, in boxes that open."""
    figures = frame.room("figures")
    # What is asked for the figures takes as long as the chart: the chart goes to the browser first, and both change together.
    _funnel(workspace, data_set, steps)
    with figures:
        _figures(workspace, question)
    stuck = st.container(key="stuck")
    _ledger(steps)
    if question.model.versions:
        measured(workspace, "versions", question)
    entry_conditions.show(workspace, question)
    special.show(workspace, [question])
    # It looks at every visit, so all that comes from counts by day stands before it does.
    with stuck:
        _bottleneck(workspace, question)


@st.fragment
def _figures(workspace: Workspace, question: Question) -> None:
    """Four numbers, each with what it counts, and the day by which wins are counted."""
    container = st.container(key="figure_cards")
    if closed_span(question) is not None:
        try:
            _cards(container, closings_view.cards(workspace, question)[0])
        except QuestionError as error:
            container.info(texts.problem(error))
        return
    with st.container(horizontal=True, vertical_alignment="center", key="horizon", gap="small"):
        st.caption(wording.say("pages.figures.by_day"), width="content")
        by_day = _by_day()
    try:
        kpis = ask(workspace, measures.kpis, question, by_day)
    except QuestionError as error:
        container.info(texts.problem(error))
        return
    _cards(container, kpi_cards.told(kpis))


def _cards(container: Any, cards: Sequence[tuple[str, str, str, str]]) -> None:
    with container:
        for column, (label, value, text, explained) in zip(st.columns(len(cards)), cards, strict=True):
            column.metric(
                label,
                value,
                text,
                delta_color="off",
                delta_arrow="off",
                border=True,
                help=explained,
                height="stretch",
            )


def _by_day() -> int:
    chosen = st.pills(
        wording.say("pages.figures.by_day"),
        [*HORIZONS, OWN],
        default="180",
        required=True,
        format_func=lambda name: wording.say("pages.figures.own") if name == OWN else wording.number(int(name)),
        key="by",
        bind="query-params",
    )
    if chosen != OWN:
        return int(chosen or 180)
    days = st.number_input(
        wording.say("pages.figures.own_day"),
        min_value=1,
        max_value=LONGEST_HORIZON_DAYS,
        value=270,
        step=30,
        key="day",
        bind="query-params",
        width=160,
    )
    return min(max(int(days or 270), 1), LONGEST_HORIZON_DAYS)


@st.fragment(key=chart_first.KEY)
def _funnel(workspace: Workspace, data_set: DataSet, steps: Steps) -> None:
    """The chart of all leads, or one for each value of a column. When a date is moved it comes by itself first."""
    narrowing.settle()
    alone = chart_first.alone()
    if alone:
        steps = ask(workspace, measures.steps, strip.redated(steps.question, data_set))
        if not steps.leads:
            chart_first.then_all()
    chart_first.here()
    columns = split.columns(data_set)
    with st.container(horizontal=True, vertical_alignment="bottom", key="funnel_head", gap="small"):
        column = split.box(wording.say("pages.breakdown.column"), columns, "split") if columns else None
        currency = None
        if column is None:
            currency = money.currency(data_set, lambda: _values(workspace, steps).known)
        st.caption(wording.say("pages.leads.hint" if column is None else "pages.breakdown.hint"), width="content")
    if column is None and currency is not None:
        _worth(workspace, steps, currency, alone)
    elif column is None:
        _whole(workspace, steps, alone)
    else:
        _breakdown(workspace, data_set, steps.question, column, alone)


def _whole(workspace: Workspace, steps: Steps, alone: bool) -> None:
    """The funnel in leads, or accounts."""
    figure = charts.funnel(
        steps, dark=frame.dark(), width_hint=frame.width_hint(CHART), changes=_changes(workspace, steps.question)
    )
    table = tables.of("steps", steps.rows())
    part = report.part("funnel", steps.question)
    _drawn(workspace, steps, alone, figure, charts.description(steps), table, steps.sql, "funnel", part)


def _worth(workspace: Workspace, steps: Steps, currency: str, alone: bool) -> None:
    """The funnel in money."""
    values = _values(workspace, steps)
    figure = value_steps.draw(values, currency, dark=frame.dark(), width_hint=frame.width_hint(CHART))
    table = tables.of("value_steps", values.rows())
    told = value_steps.describe(values, currency)
    part = report.part("value_steps", steps.question, currency=currency)
    _drawn(workspace, steps, alone, figure, told, table, values.sql, "funnel-in-money", part)


def _values(workspace: Workspace, steps: Steps) -> ValueSteps:
    return ask(workspace, measures.value_steps, steps.question)


def _drawn(
    workspace: Workspace,
    steps: Steps,
    alone: bool,
    figure: Any,
    description: str,
    table: pd.DataFrame,
    sql: str,
    file_name: str,
    part: ReportPart,
) -> None:
    """The chart, its sentence, and the leads behind the part that was clicked."""
    points = frame.picture(figure, key=CHART, description=description, on_click=lead_list.asked)
    if alone:
        chart_first.then_all()
    with st.container(key="said_funnel"):
        st.markdown(texts.inert(description))
    lead_list.show(workspace, (steps,), lead_list.clicked(points, steps))
    frame.below(
        key="funnel",
        table=table,
        sql=sql,
        file_name=file_name,
        pictures=(CHART,),
        questions=(steps.question,),
        part=part,
    )


def _breakdown(workspace: Workspace, data_set: DataSet, question: Question, column: str, alone: bool) -> None:
    """The same funnel for each value of one column, on one scale."""
    breakdown = ask(workspace, measures.breakdown, question, column)
    figures = charts.small_multiples(breakdown, dark=frame.dark(), width_hint=frame.SMALL_WIDTH)
    descriptions = (charts.description(steps) for _, steps in breakdown.groups)
    alone_of = [narrowing.to_all(data_set, [OneOf(column, (value,))]) for value, _ in breakdown.groups]
    pictures = frame.side_by_side(figures, descriptions, key="breakdown", on_click=alone_of)
    if alone:
        chart_first.then_all()
    values = wording.say("pages.breakdown.told", column=column, values=len(breakdown.groups))
    other = wording.say("pages.breakdown.other", leads=breakdown.other) if breakdown.other else ""
    st.caption(texts.inert(f"{values} {other}"))
    if breakdown.groups:
        frame.below(
            key="breakdown",
            table=tables.of("breakdown", breakdown.rows()),
            sql=breakdown.sql,
            file_name="funnel-by-value",
            part=report.part("funnels_by", question, column=column),
            pictures=pictures,
            title=wording.say("pages.breakdown.column"),
        )


def _changes(workspace: Workspace, question: Question) -> StageChanges | None:
    """What changed since the period compared with; None where none is, or the two cannot be compared."""
    start, end, before = question.filters.start_from, question.filters.start_to, comparison.period(question)
    if before is None or start is None or end is None:
        return None
    try:
        return ask(workspace, measures.stage_changes, question, before, (start, end))
    except QuestionError:
        # The tab on what changed says why.
        return None


def _bottleneck(workspace: Workspace, question: Question) -> None:
    """The slowest stage and the largest drop-off, as on the tab of stages of the Pipeline page; nothing where the file cannot tell."""
    bottleneck = ask(workspace, measures.bottleneck, question)
    if bottleneck and bottleneck.sentences:
        with st.container(key="said_stuck"):
            st.markdown(f"**{wording.say('pages.times.bottleneck')}** {texts.inert(charts.stuck(bottleneck))}")


@st.fragment
def _ledger(steps: Steps) -> None:
    """What the chart shows, as a table, in a box that opens."""
    with st.expander(wording.say("pages.ledger.title"), key="ledger_box", on_change="rerun") as box:
        if not box.open:
            return
        st.caption(wording.say("pages.ledger.help"))
        table = tables.of("ledger", steps.rows())
        tables.show(table, "ledger")
        frame.csv(wording.say("pages.frame.csv"), lambda: exports.csv(table), "ledger.csv", key="csv_ledger")


space = current()
if space.data_set is not None and (question := st.session_state.get("question")):
    show(space, space.data_set, question)
