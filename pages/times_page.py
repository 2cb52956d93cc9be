"""The Time page: how long leads wait at each stage and take for each step, which open ones are stuck, and how fast money comes."""

from __future__ import annotations

import streamlit as st

from funnel import Question
from funnel.core.errors import QuestionError
from funnel.core.types import Aging, Shape, Times, Unit
from funnel.words import wording
from pages.sections import stalled_list, time_sections, velocity_cards
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.sidebar import filters
from pages.ui import ask, empty, frame, texts


def show(workspace: Workspace, question: Question) -> None:
    """Title, bottleneck, time in stage, steps, open leads, velocity; where no lead is counted, why, and the way out."""
    steps = ask.steps(workspace, question)
    if not steps.leads:
        empty.show(workspace, question, steps)
        return
    try:
        # All is asked before any of it is drawn, so that nothing new stands beside something old.
        with frame.waiting(wording.say("pages.times.measuring")):
            found = ask.times(workspace, question)
            ages = ask.aging(workspace, question)
            velocity = ask.velocity(workspace, question)
    except QuestionError as error:
        st.title(wording.say("pages.times.none_title"), anchor=False)
        st.info(texts.problem(error))
        return
    st.title(texts.inert(_title(found, ages)), anchor=False)
    st.caption(_subtitle(found))
    if found.missing:
        st.info(texts.sentence(found.missing))
    elif found.stages:
        _bottleneck(found)
        time_sections.stages(workspace, question, found)
        if found.steps:
            time_sections.steps(found)
    else:
        st.info(wording.say("pages.times.no_stage"))
    stalled_list.show(workspace, question, ages)
    velocity_cards.show(velocity)


def _title(found: Times, ages: Aging) -> str:
    slow = found.bottleneck.slowest if found.bottleneck else None
    if slow is None:
        return wording.say(f"pages.times.title_{'never_left' if found.stages else 'open'}", open=ages.open)
    if not slow.stands_out:
        return wording.say("pages.times.title_unclear")
    return wording.say("pages.times.title", stage=wording.plain(slow.name), share=slow.share)


def _subtitle(found: Times) -> str:
    """Of which leads, by which model, up to when; then what the file cannot tell."""
    question = found.question
    said = [
        question.model.name,
        wording.say("pages.times.leads", leads=found.leads),
        *([wording.say("pages.times.by_lead")] if question.unit is Unit.ACCOUNT else []),
        *filters.told(question),
        wording.say("pages.times.observed", until=question.observed_until),
    ]
    space = current()
    if space.data_set is not None and space.data_set.mapping.shape is Shape.WIDE:
        said.append(wording.say("pages.times.wide"))
    if found.untimed:
        said.append(wording.say("pages.times.untimed", stays=found.untimed))
    return " · ".join(texts.inert(each) for each in said)


def _bottleneck(found: Times) -> None:
    if found.bottleneck and found.bottleneck.sentences:
        told = " ".join(texts.sentence(note) for note in found.bottleneck.sentences)
        with st.container(key="said"):
            st.markdown(f"**{wording.say('pages.times.bottleneck')}** {told}")


if question := st.session_state.get("question"):
    show(current(), question)
