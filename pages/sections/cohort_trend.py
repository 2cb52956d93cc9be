"""Conversion over the date of start: to one stage, and of each step."""

from __future__ import annotations

from functools import partial

import streamlit as st

from funnel import DataSet, Question, charts, measures, report
from funnel.core.errors import QuestionError
from funnel.core.types import Shape
from funnel.measures.cohorts import Cohorts
from funnel.words import wording
from pages.sections import cohort_choice
from pages.sections.cohort_choice import Choice
from pages.server.workspace import Workspace
from pages.ui import frame, tables, texts
from pages.ui.ask import ask
from pages.ui.section import section, title

MOST_UNDER_EACH_OTHER = 4
"""Of more steps the small charts stand in two columns."""


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """To one stage, under its own controls; what a file cannot tell is said: a snapshot dates wins alone."""
    snapshot = data_set.mapping.shape is Shape.SNAPSHOT
    if snapshot:
        st.info(wording.say("pages.cohorts.snapshot"))
    try:
        choice = cohort_choice.show(workspace, question, with_money=False)
        cohorts = ask(workspace, measures.cohorts, question, choice.period, (choice.day,))
    except QuestionError as error:
        st.info(texts.problem(error))
        return
    if not cohorts.cohorts:
        st.info(wording.say("pages.cohorts.undated"))
        return
    by_start(cohorts, choice)
    if not snapshot:
        st.page_link(
            "trends_page.py",
            label=wording.say("pages.cohorts.to_steps"),
            icon=":material/arrow_forward:",
            query_params={"trends_tab": wording.say("pages.tabs.each_step")},
        )


def by_start(cohorts: Cohorts, choice: Choice) -> None:
    """The rate by the day chosen, over the date of start."""
    heading = f"pages.cohorts.start_title_{cohorts.period}"
    st.header(wording.say(heading, reached=texts.inert(choice.reached), day=choice.day), anchor=False)
    section(
        "cohort_by_start",
        cohorts,
        partial(charts.by_start, target=choice.target, day=choice.day),
        partial(charts.describe_by_start, target=choice.target, day=choice.day),
        table=tables.of("cohorts", cohorts.rows(choice.target)),
        part=report.part(
            "cohort_by_start", cohorts.question, period=cohorts.period, day=choice.day, target=choice.target
        ),
        heading=wording.say(heading, reached=choice.reached, day=choice.day),
    )


def steps(workspace: Workspace, question: Question, choice: Choice) -> None:
    """Each step's conversion over the date of start; of many steps in two charts beside each other."""
    if len(question.model.stages) < 2:
        st.info(wording.say("pages.segments.no_steps"))
        return
    trend = ask(workspace, measures.step_trend, question, choice.period, choice.day)
    told = title("cohort_steps", day=choice.day)
    described, count = charts.describe_step_trend(trend), len(question.model.stages) - 1
    # Read down the left one first.
    half = count if count <= MOST_UNDER_EACH_OTHER else -(-count // 2)
    parts = [range(half), range(half, count)] if half < count else [range(count)]
    pictures = [f"cohort_steps_{number}" for number, _ in enumerate(parts)]
    for place, key, part in zip(st.columns(len(parts), gap="medium"), pictures, parts, strict=True):
        with place:
            figure = charts.step_trend(trend, dark=frame.dark(), width_hint=frame.width_hint(key), steps=part)
            frame.picture(figure, key=key, description=described)
    st.caption(wording.say("pages.cohorts.steps_young"))
    frame.below(
        key="cohort_steps",
        table=tables.of("step_trend", trend.rows()),
        sql=trend.sql,
        file_name=wording.say("sections.cohort_steps.file"),
        pictures=pictures,
        title=told,
        part=report.part("cohort_steps", question, period=choice.period, day=choice.day),
    )
