"""The Pipeline page: which open leads need a push, how fast deals come in, how long stages take, what is still to be won, and what a goal
needs."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question, measures
from funnel.core.errors import QuestionError
from funnel.measures.aging import Aging
from funnel.report import said
from funnel.words import wording
from pages.sections import (
    bridge_view,
    closings_view,
    forecast_view,
    planner_view,
    stage_time_view,
    stalled_list,
    velocity_cards,
)
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.ui import empty, frame, tabs, texts
from pages.ui.ask import ask
from pages.ui.section import measured

TABS = ("age", "bridge", "months", "stages", "forecast", "planner")


def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """One tab, the first of which is the open leads to follow up; where no lead is counted, why, and the way out."""
    question = closings_view.entered(question)
    steps = ask(workspace, measures.steps, question)
    if not steps.leads:
        empty.show(workspace, question, steps)
        return
    try:
        with frame.waiting("aging", wording.say("pages.times.measuring")):
            aging = ask(workspace, measures.aging, question)
    except QuestionError as error:
        st.title(wording.say("pages.times.none_title"), anchor=False)
        st.info(texts.problem(error))
        return
    st.title(_title(aging), anchor=False)
    st.caption(_subtitle(question))
    tab = tabs.show("pipeline", TABS)
    if tab == "age":
        stalled_list.show(workspace, question, aging)
        stalled_list.ages(workspace, aging)
        velocity_cards.show(ask(workspace, measures.velocity, question))
    elif tab == "bridge":
        bridge_view.show(workspace, data_set, question)
    elif tab == "months":
        measured(workspace, "pipeline", question)
    elif tab == "stages":
        stage_time_view.show(workspace, data_set, question)
    elif tab == "forecast":
        forecast_view.show(workspace, question)
    else:
        planner_view.show(workspace, data_set, question)


def _title(aging: Aging) -> str:
    """How many of the open leads are stalled; where the file has no history to say it, how many are open."""
    if aging.stalled:
        return wording.say("pages.times.title_stalled", stalled=aging.stalled, open=aging.open)
    key = "none_open" if not aging.open else "none_stalled" if aging.judged else "unjudged"
    return wording.say(f"pages.times.title_{key}", open=aging.open)


def _subtitle(question: Question) -> str:
    parts = [
        question.model.name,
        *said.conditions(question),
        wording.say("pages.times.observed", until=question.observed_until),
    ]
    return wording.dotted(texts.inert(part) for part in parts)


space = current()
if space.data_set is not None and (question := st.session_state.get("question")):
    show(space, space.data_set, question)
