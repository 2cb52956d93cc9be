"""The Trends page: leads by the period in which they started: do newer ones convert better, and which are too young to say."""

from __future__ import annotations

from functools import partial

import streamlit as st

from funnel import Question, charts, measures, report
from funnel.core.errors import QuestionError
from funnel.core.types import FEWEST_FOR_A_RATE, Shape, Unknown
from funnel.measures.cohorts import Cohort, Cohorts
from funnel.words import wording
from pages.sections import closings_view, cohort_choice, cohort_detail, cohort_trend
from pages.sections.cohort_choice import Choice
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.ui import empty, frame, tables, tabs, texts
from pages.ui.ask import ask
from pages.ui.section import section, show_sentences

HEAT = "cohort_cells"
TABS = ("trend", "heat", "ages", "each_step")


def show(workspace: Workspace, question: Question) -> None:
    """All cohorts of the leads counted; where no lead is counted, why, and the way out."""
    question = closings_view.entered(question)
    steps = ask(workspace, measures.steps, question)
    if steps.leads:
        _all(workspace, question)
    else:
        empty.show(workspace, question, steps)


@st.fragment
def _all(workspace: Workspace, question: Question) -> None:
    """One view of the cohorts, the first of which is the rate over time. The title follows the day as well."""
    head = st.container(key="cohorts_head")
    try:
        choice = cohort_choice.show(workspace, question)
        cohorts = ask(workspace, measures.cohorts, question, choice.period, (choice.day,))
    except QuestionError as error:
        head.title(wording.say("pages.cohorts.none_title"), anchor=False)
        st.info(texts.problem(error))
        return
    with head:
        st.title(_title(cohorts, choice), anchor=False)
        st.caption(_subtitle(cohorts, choice))
    if cohorts.as_if_apart:
        st.caption(wording.say("measures.cohorts_as_if_apart"))
    snapshot = workspace.data_set is not None and workspace.data_set.mapping.shape is Shape.SNAPSHOT
    if snapshot:
        st.info(wording.say("pages.cohorts.snapshot"))
    if not cohorts.cohorts:
        st.info(wording.say("pages.cohorts.undated"))
        return
    tab = tabs.show("trends", TABS)
    if tab == "trend":
        _by_start(cohorts, choice)
    elif tab == "heat":
        _dropoff(workspace, cohorts, choice)
        cohort_detail.show(workspace, cohorts, choice)
    elif tab == "ages":
        _ages(workspace, question, choice, cohort_detail.looked_at(cohorts))
    elif snapshot:
        st.info(wording.say("pages.cohorts.snapshot"))
    else:
        cohort_trend.steps(workspace, question, choice)


def _by_start(cohorts: Cohorts, choice: Choice) -> None:
    """The rate over time; where no cohort has one, why."""
    unknown = [each.to(choice.target).on(choice.day).unknown for each in cohorts.cohorts]
    if None in unknown:
        cohort_trend.by_start(cohorts, choice)
    else:
        young = Unknown.AGE in unknown
        st.info(wording.say("pages.cohorts.none_old" if young else f"pages.cohorts.none_{unknown[0]}", day=choice.day))


def _title(cohorts: Cohorts, choice: Choice) -> str:
    """The rate of all leads by the day chosen; how many cohorts are not finished."""
    conversion = cohorts.whole.to(choice.target)
    by_day = conversion.on(choice.day)
    key = "title_few" if conversion.leads < FEWEST_FOR_A_RATE else "title"
    if by_day.unknown is not None:
        key = f"title_unknown_{by_day.unknown}"
    return wording.say(
        f"pages.cohorts.{key}",
        day=choice.day,
        reached=texts.inert(choice.reached),
        rate=by_day.rate,
        low=by_day.low,
        high=by_day.high,
        converted=by_day.converted,
        unit=wording.say(f"pages.cohorts.unit_{cohorts.question.unit}"),
        counted=wording.say(f"pages.counted.{cohorts.question.unit}", n=cohorts.whole.leads),
    )


def _subtitle(cohorts: Cohorts, choice: Choice) -> str:
    question = cohorts.question
    young = sum(cohort.to(choice.target).on(choice.day).old_enough < cohort.leads for cohort in cohorts.cohorts)
    parts = [
        wording.say(f"pages.counted.{question.unit}", n=cohorts.whole.leads),
        texts.inert(question.model.name),
        wording.say(f"pages.cohorts.by_{cohorts.period}"),
        wording.say("pages.cohorts.lost_counts"),
        wording.say("pages.cohorts.unfinished", young=young, cohorts=len(cohorts.cohorts), day=choice.day),
    ]
    if question.window_days is not None:
        parts.append(wording.say("pages.funnel.within", days=question.window_days))
    if cohorts.undated:
        parts.append(wording.say("pages.funnel.undated", undated=cohorts.undated))
    return wording.dotted(parts)


def _dropoff(workspace: Workspace, cohorts: Cohorts, choice: Choice) -> None:
    """How far each cohort got, and where it leaves."""
    heading = "dropoff" if choice.currency is None else "dropoff_amounts"
    st.header(wording.say(f"pages.cohorts.{heading}", day=choice.day), anchor=False)
    amounts = None
    if choice.currency is not None:
        amounts = ask(workspace, measures.cohort_amounts, cohorts.question, choice.period)
        st.caption(wording.say("pages.cohorts.amounts_missing", missing=amounts.missing))
    described = charts.describe_dropoff(cohorts, choice.day, target=choice.target, win=choice.win_column)
    figure = charts.dropoff(
        cohorts,
        choice.day,
        plain=choice.plain,
        amounts=amounts,
        currency=choice.currency or "",
        win=choice.win_column,
        dark=frame.dark(),
        width_hint=frame.width_hint(HEAT) or frame.WIDE,
    )
    frame.picture(figure, key=HEAT, description=described, on_click=_take_cohort, wide=frame.WIDE)
    if amounts is None:
        show_sentences("cohorts", described)
        table, sql = tables.of("cohort_stages", cohorts.stage_rows()), cohorts.sql
    else:
        table, sql = tables.of("cohort_amounts", amounts.rows()), amounts.sql
    part = report.part(
        "cohorts",
        cohorts.question,
        period=choice.period,
        day=choice.day,
        target=choice.target,
        plain=choice.plain,
        currency=choice.currency,
    )
    frame.below(key="cohorts", table=table, sql=sql, file_name="cohorts", pictures=(HEAT,), part=part)


def _take_cohort() -> None:
    """A callback: the row that was clicked is looked at in detail."""
    state = frame.chosen(HEAT)
    for behind in state["behind"] if state else []:
        if isinstance(behind, (list, tuple)) and behind and behind[0]:
            cohort_detail.choose(str(behind[0]))


def _ages(workspace: Workspace, question: Question, choice: Choice, cohort: Cohort | None) -> None:
    """Conversion by age, a curve for each cohort."""
    curves = ask(workspace, measures.curves, question, choice.period, choice.target)
    section(
        "cohort_ages",
        curves,
        partial(charts.ages, day=choice.day, highlight=cohort.start if cohort else None),
        charts.describe_ages,
        table=tables.of("curves", curves.rows()),
        part=report.part(
            "cohort_ages",
            question,
            period=choice.period,
            target=choice.target,
            day=choice.day,
            highlight=cohort.start if cohort else None,
        ),
        reached=choice.reached,
    )


if question := st.session_state.get("question"):
    show(current(), question)
