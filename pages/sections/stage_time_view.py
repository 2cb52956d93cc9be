"""How long leads stay at each stage, and take for each step: which stage is the slowest."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question, measures
from funnel.core.errors import QuestionError
from funnel.core.types import Shape, Unit
from funnel.measures.times import Times
from funnel.report import said
from funnel.words import wording
from pages.sections import time_sections
from pages.server.workspace import Workspace
from pages.ui import frame, texts
from pages.ui.ask import ask


def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """The slowest stage in a sentence, and a row for each stage."""
    times = _times(workspace, question)
    if times is None:
        return
    st.header(texts.inert(_headline(times)), anchor=False)
    st.caption(_subtitle(data_set, times))
    if times.missing:
        st.info(texts.sentence(times.missing))
    elif times.stages:
        _bottleneck(times)
        time_sections.stages(workspace, question, times)
    else:
        st.info(wording.say("pages.times.no_stage"))


def show_steps(workspace: Workspace, question: Question) -> None:
    """A row for each step of those who made it: how long it took."""
    times = _times(workspace, question)
    if times is None:
        return
    if times.missing:
        st.info(texts.sentence(times.missing))
    elif times.steps:
        time_sections.steps(times)
    else:
        st.info(wording.say("pages.times.no_stage"))


def _times(workspace: Workspace, question: Question) -> Times | None:
    """None where it is said why there is nothing."""
    try:
        with frame.waiting("times", wording.say("pages.times.measuring")):
            return ask(workspace, measures.times, question)
    except QuestionError as error:
        st.info(texts.problem(error))
        return None


def _headline(times: Times) -> str:
    slow = times.bottleneck.slowest if times.bottleneck else None
    if slow is None:
        return wording.say(f"pages.times.title_{'never_left' if times.stages else 'no_stage'}")
    if not slow.stands_out:
        return wording.say("pages.times.title_unclear")
    return wording.say("pages.times.title", stage=wording.plain(slow.name), share=slow.share)


def _subtitle(data_set: DataSet, times: Times) -> str:
    """Of which leads, by which model, up to when; then what the file cannot tell."""
    question = times.question
    parts = [
        question.model.name,
        wording.say("pages.times.leads", leads=times.leads),
        *([wording.say("pages.times.by_lead")] if question.unit is Unit.ACCOUNT else []),
        *said.conditions(question),
        wording.say("pages.times.observed", until=question.observed_until),
    ]
    if data_set.mapping.shape is Shape.WIDE:
        parts.append(wording.say("pages.times.wide"))
    if times.untimed:
        parts.append(wording.say("pages.times.untimed", stays=times.untimed))
    return wording.dotted(texts.inert(part) for part in parts)


def _bottleneck(times: Times) -> None:
    if times.bottleneck and times.bottleneck.sentences:
        sentences = " ".join(texts.sentence(note) for note in times.bottleneck.sentences)
        with st.container(key="said_stages"):
            st.markdown(f"**{wording.say('pages.times.bottleneck')}** {sentences}")
