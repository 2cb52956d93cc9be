"""The Models page: the same leads through two to four models, side by side, and how well each tells their story."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from funnel import DataSet, Question, Steps, charts
from funnel.core.errors import QuestionError
from funnel.core.types import Alignment, Rule, Score, Unit
from funnel.words import wording
from pages.sections import changed, chosen_models, compared_tables, label_flow, scoreboard, scoreboard_text, special
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.sidebar import filters
from pages.ui import ask, frame, lead_list, texts

CLICK = "compared_click"
MOST_NAMED = 5
COLUMN_WIDTHS = {1: 900, 2: 440, 3: 290, 4: 210}


def show(workspace: Workspace, data_set: DataSet, base: Question) -> None:
    """The choice of models, then all about the leads that they share."""
    head = st.container(key="compared_head")
    chosen = chosen_models.show(workspace, data_set, base)
    try:
        # All is asked before any of it is drawn, so that nothing new stands beside something old.
        with frame.waiting(wording.say("pages.models.comparing", models=len(chosen))):
            questions = ask.lined_up(workspace, chosen)
            funnels = tuple(ask.steps(workspace, question) for question in questions)
            alignment = ask.alignment(workspace, questions)
            scores = tuple(ask.score(workspace, question, questions) for question in questions)
            ask.flows(workspace, questions)
    except QuestionError as error:
        head.title(wording.say("pages.models.none_title"), anchor=False)
        st.info(texts.problem(error))
        return
    room = frame.width_hint() or COLUMN_WIDTHS[len(funnels)]
    figures = charts.columns(funnels, dark=frame.dark(), width_hint=room)
    if not alignment.leads:
        _head(head, data_set, base, funnels, alignment)
        st.info(wording.say("pages.models.no_leads"))
        return
    _columns(workspace, funnels, figures)
    _nobody_in_order(funnels)
    with st.container(key=f"beside_{len(questions)}"):
        left, right = st.columns([9, 11], gap="medium")
    with right:
        _scoreboard(workspace, scores, alignment, ask.flows(workspace, questions).left_out)
    # Charts take a browser longer than words: so they change at about the same moment.
    _head(head, data_set, base, funnels, alignment)
    with left:
        label_flow.show(workspace, questions)
        _depth(data_set, funnels)
    special.show(workspace, questions)
    changed.show(workspace, data_set, base)


def _head(place: Any, data_set: DataSet, base: Question, funnels: Sequence[Steps], alignment: Alignment) -> None:
    with place:
        st.title(_title(alignment), anchor=False)
        st.caption(_subtitle(data_set, base, funnels))


def _title(alignment: Alignment) -> str:
    counted = wording.say("pages.counted.lead", n=alignment.leads)
    return wording.say(f"pages.models.title_{len(alignment.questions)}", counted=counted)


def _subtitle(data_set: DataSet, base: Question, funnels: Sequence[Steps]) -> str:
    """Dates, filters, scale; then whatever keeps a model from showing all of these leads."""
    first = base.filters.start_from or data_set.first_start
    last = base.filters.start_to or data_set.last_start
    dated = first is not None and last is not None
    said = [
        wording.say("pages.models.started", first=first, last=last) if dated else wording.say("pages.models.undated"),
        *filters.told(base),
        *([wording.say("pages.models.accounts")] if base.unit is Unit.ACCOUNT else []),
        wording.say("pages.models.one_scale"),
        *(
            wording.say("pages.models.counts_accounts", model=steps.question.model.name)
            for steps in funnels
            if steps.question.unit is not base.unit
        ),
    ]
    said += [
        wording.say("pages.models.places", model=steps.question.model.name, placed=steps.coverage)
        for steps in funnels
        if steps.placed_leads < steps.all_leads
    ]
    return " · ".join(texts.inert(each) for each in said)


@st.fragment
def _columns(workspace: Workspace, funnels: tuple[Steps, ...], figures: Sequence[Any]) -> None:
    """One funnel a column on one scale, and the leads behind the part that was clicked last."""
    hint = st.container(key="hint").empty()
    found = None
    with st.container(key="columns"):
        for place, column in enumerate(st.columns(len(funnels), gap="medium")):
            steps = funnels[place]
            with column:
                points = frame.picture(
                    figures[place],
                    key=f"column_{place}",
                    description=f"{wording.plain(steps.question.model.name)}: {charts.description(steps)}",
                    file_name=f"funnel-{place + 1}",
                    on_click=partial(_click, place, steps.question),
                )
            if st.session_state.get(CLICK) == (place, steps.question):
                found = lead_list.clicked(points, steps, place)
    lead_list.answer(workspace, funnels, found, hint)
    lead_list.show(workspace, funnels, found, "compared_leads")
    frame.below(
        key="columns",
        table=compared_tables.columns(funnels),
        sql=frame.queries((steps.question.model.name, steps.sql) for steps in funnels),
        file_name="funnels",
    )


def _nobody_in_order(funnels: Sequence[Steps]) -> None:
    """Why a funnel counts nobody: in order, a first stage where nobody was recorded lets nobody further."""
    for steps in funnels:
        if steps.question.rule in (Rule.IN_ORDER, Rule.STRICT) and steps.leads and not steps.stages[0].leads:
            names = {"model": steps.question.model.name, "stage": steps.stages[0].name}
            st.caption(texts.inert(wording.say("pages.models.nobody_in_order", **names)))


def _click(place: int, question: Question) -> None:
    """Remember which chart was clicked last; what an older chart has selected counts no more."""
    st.session_state[CLICK] = (place, question)
    lead_list.first_page("compared_leads")


def _scoreboard(
    workspace: Workspace, scores: tuple[Score, ...], alignment: Alignment, left_out: tuple[str, ...]
) -> None:
    """A line a measure, and under it which model to choose if one must."""
    st.subheader(wording.say("pages.models.scoreboard"), anchor=False, help=wording.say("pages.models.scoreboard_help"))
    if any(score.question.unit is Unit.ACCOUNT for score in scores):
        st.caption(wording.say("pages.models.by_lead"))
    if left_out:
        told = wording.say("pages.models.left_out", labels=len(left_out), named=left_out[:MOST_NAMED])
        st.caption(texts.inert(told))
    lines = scoreboard_text.lines(scores, alignment)
    names = [score.question.model.name for score in scores]
    st.html(scoreboard.html(lines, names, dark=frame.dark()))
    with st.container(key="verdict", gap="xxsmall"):
        st.markdown(f"**{wording.say('pages.models.verdict')}**")
        st.markdown(" ".join(texts.sentence(note) for note in ask.verdict(workspace, scores)))
    _below_scoreboard(scores, lines, names)


@st.fragment
def _below_scoreboard(scores: tuple[Score, ...], lines: tuple[scoreboard_text.Line, ...], names: list[str]) -> None:
    frame.below(
        key="scoreboard",
        table=compared_tables.scores(lines, names),
        sql=frame.queries((score.question.model.name, score.sql) for score in scores),
        file_name="scoreboard",
        picture=False,
    )


@st.fragment
def _depth(data_set: DataSet, funnels: tuple[Steps, ...]) -> None:
    """How far leads get through each model, in one picture."""
    st.subheader(wording.say("pages.models.depth_title"), anchor=False)
    wins = [steps.question.model.pure_win_stage(data_set.concepts) for steps in funnels]
    figure = charts.depth(funnels, wins, dark=frame.dark(), width_hint=frame.width_hint())
    description = charts.describe_depth(funnels, wins)
    frame.picture(figure, key="depth", description=description, file_name="depth")
    st.caption(texts.inert(description))
    frame.below(
        key="depth",
        table=compared_tables.columns(funnels),
        sql=frame.queries((steps.question.model.name, steps.sql) for steps in funnels),
        file_name="depth",
        picture=False,
    )


space = current()
if space.data_set is not None and (question := st.session_state.get("question")):
    show(space, space.data_set, question)
