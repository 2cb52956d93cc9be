"""The Cohorts page: leads by the period in which they started, how far each cohort got, and which cohorts are unfinished."""

from __future__ import annotations

import streamlit as st

from funnel import Question, charts
from funnel.core.errors import QuestionError
from funnel.core.types import FEWEST_FOR_A_RATE, Cohort, Cohorts, Shape, Unknown
from funnel.words import wording
from pages.sections import cohort_choice, cohort_detail, cohort_tables
from pages.sections.cohort_choice import Choice
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.ui import ask, empty, frame, texts

HEAT = "cohort_cells"


def show(workspace: Workspace, question: Question) -> None:
    """All cohorts of the leads counted; where no lead is counted, why, and the way out."""
    steps = ask.steps(workspace, question)
    if steps.leads:
        _all(workspace, question)
    else:
        empty.show(workspace, question, steps)


@st.fragment
def _all(workspace: Workspace, question: Question) -> None:
    """Three views of one computation, one cohort in detail, and the steps over time. The title follows the day as well."""
    head = st.container(key="cohorts_head")
    try:
        choice = cohort_choice.show(workspace, question)
        found = ask.cohorts(workspace, question, choice.period, choice.day)
    except QuestionError as error:
        head.title(wording.say("pages.cohorts.none_title"), anchor=False)
        st.info(texts.problem(error))
        return
    with head:
        st.title(_title(found, choice), anchor=False)
        st.caption(_subtitle(found, choice))
    if found.as_if_apart:
        st.caption(wording.say("measures.cohorts_as_if_apart"))
    snapshot = workspace.data_set is not None and workspace.data_set.mapping.shape is Shape.SNAPSHOT
    if snapshot:
        st.info(wording.say("pages.cohorts.snapshot"))
    if not found.cohorts:
        st.info(wording.say("pages.cohorts.undated"))
        return
    _dropoff(workspace, found, choice)
    cohort = cohort_detail.show(workspace, found, choice)
    _ages(workspace, question, choice, cohort)
    unknown = [each.to(choice.target).on(choice.day).unknown for each in found.cohorts]
    if None not in unknown:
        young = Unknown.AGE in unknown
        st.info(wording.say("pages.cohorts.none_old" if young else f"pages.cohorts.none_{unknown[0]}", day=choice.day))
        return
    _by_start(found, choice)
    if not snapshot:
        _steps(workspace, question, choice)


def _title(found: Cohorts, choice: Choice) -> str:
    """The rate of all leads by the day chosen; how many cohorts are not finished."""
    conversion = found.whole.to(choice.target)
    told = conversion.on(choice.day)
    key = "title_few" if conversion.leads < FEWEST_FOR_A_RATE else "title"
    if told.unknown is not None:
        key = f"title_unknown_{told.unknown}"
    return wording.say(
        f"pages.cohorts.{key}",
        day=choice.day,
        reached=texts.inert(choice.reached),
        rate=told.rate,
        low=told.low,
        high=told.high,
        converted=told.converted,
        unit=wording.say(f"pages.cohorts.unit_{found.question.unit}"),
        counted=wording.say(f"pages.counted.{found.question.unit}", n=found.whole.leads),
    )


def _subtitle(found: Cohorts, choice: Choice) -> str:
    question = found.question
    young = sum(cohort.to(choice.target).on(choice.day).old_enough < cohort.leads for cohort in found.cohorts)
    parts = [
        wording.say(f"pages.counted.{question.unit}", n=found.whole.leads),
        texts.inert(question.model.name),
        wording.say(f"pages.cohorts.by_{found.period}"),
        wording.say("pages.cohorts.lost_counts"),
        wording.say("pages.cohorts.unfinished", young=young, cohorts=len(found.cohorts), day=choice.day),
    ]
    if question.window_days is not None:
        parts.append(wording.say("pages.funnel.within", days=question.window_days))
    if found.undated:
        parts.append(wording.say("pages.funnel.undated", undated=found.undated))
    return " · ".join(parts)


def _dropoff(workspace: Workspace, found: Cohorts, choice: Choice) -> None:
    """How far each cohort got, and where it leaves."""
    told = "dropoff" if choice.currency is None else "dropoff_amounts"
    st.subheader(wording.say(f"pages.cohorts.{told}", day=choice.day), anchor=False)
    amounts = None
    if choice.currency is not None:
        amounts = ask.cohort_amounts(workspace, found.question, choice.period)
        st.caption(wording.say("pages.cohorts.amounts_missing", missing=amounts.missing))
    figure = charts.dropoff(
        found,
        choice.day,
        plain=choice.plain,
        amounts=amounts,
        currency=choice.currency or "",
        win=choice.win_column,
        dark=frame.dark(),
        width_hint=frame.width_hint(),
    )
    description = charts.describe_dropoff(found, choice.day, target=choice.target, win=choice.win_column)
    frame.picture(figure, key=HEAT, description=description, file_name="cohorts", on_click=_take_cohort)
    if amounts is None:
        with st.container(key="said"):
            st.markdown(texts.inert(description))
    table = cohort_tables.dropoff(found, choice) if amounts is None else cohort_tables.amounts(amounts)
    sql = found.sql if amounts is None else amounts.sql
    frame.below(key="cohorts", table=table, sql=sql, file_name="cohorts")


def _take_cohort() -> None:
    """A callback: the row that was clicked is looked at in detail."""
    state = frame.chosen(HEAT)
    for behind in state["behind"] if state else []:
        if isinstance(behind, (list, tuple)) and behind and behind[0]:
            cohort_detail.choose(str(behind[0]))


def _ages(workspace: Workspace, question: Question, choice: Choice, cohort: Cohort | None) -> None:
    """Conversion by age, a curve for each cohort."""
    curves = ask.curves(workspace, question, choice.period, choice.target)
    st.subheader(wording.say("pages.cohorts.ages_title", reached=texts.inert(choice.reached)), anchor=False)
    figure = charts.ages(
        curves,
        day=choice.day,
        highlight=cohort.start if cohort else None,
        dark=frame.dark(),
        width_hint=frame.width_hint(),
    )
    description = charts.describe_ages(curves)
    frame.picture(figure, key="cohort_ages", description=description, file_name="conversion-by-age")
    st.caption(texts.inert(description))
    frame.below(
        key="ages", table=cohort_tables.ages(curves), sql=curves.sql, file_name="conversion-by-age", picture=False
    )


def _by_start(found: Cohorts, choice: Choice) -> None:
    """The rate by the day chosen, over the date of start."""
    title = f"pages.cohorts.start_title_{found.period}"
    st.subheader(wording.say(title, reached=texts.inert(choice.reached), day=choice.day), anchor=False)
    figure = charts.by_start(found, choice.target, choice.day, dark=frame.dark(), width_hint=frame.width_hint())
    description = charts.describe_by_start(found, choice.target, choice.day)
    frame.picture(figure, key="cohort_by_start", description=description, file_name="conversion-by-start")
    st.caption(texts.inert(description))
    table = cohort_tables.by_start(found, choice)
    frame.below(key="by_start", table=table, sql=found.sql, file_name="conversion-by-start", picture=False)


def _steps(workspace: Workspace, question: Question, choice: Choice) -> None:
    """Each step's conversion over the date of start."""
    if len(question.model.stages) < 2:
        return
    trend = ask.step_trend(workspace, question, choice.period, choice.day)
    st.subheader(wording.say("pages.cohorts.steps_title", day=choice.day), anchor=False)
    figure = charts.step_trend(trend, dark=frame.dark(), width_hint=frame.width_hint())
    description = charts.describe_step_trend(trend)
    frame.picture(figure, key="cohort_steps", description=description, file_name="steps-over-time")
    st.caption(texts.inert(f"{description} {wording.say('pages.cohorts.steps_young')}"))
    frame.below(
        key="steps", table=cohort_tables.steps(trend), sql=trend.sql, file_name="steps-over-time", picture=False
    )


if question := st.session_state.get("question"):
    show(current(), question)
