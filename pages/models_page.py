"""The Models page: the same leads through two to four models, side by side, and how well each tells their story."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from funnel import DataSet, Question, Steps, charts, measures, report
from funnel.core.errors import QuestionError
from funnel.core.types import Rule, Unit
from funnel.measures.alignment import Alignment
from funnel.measures.scores import Score
from funnel.measures.steps import grouped
from funnel.measures.verdict import verdict
from funnel.report import said
from funnel.words import wording
from pages.sections import (
    changed,
    chosen_models,
    effect_view,
    label_flow,
    model_editor,
    scoreboard,
    scoreboard_text,
    special,
)
from pages.sections.label_flow import beside
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.ui import frame, lead_list, tables, tabs, texts
from pages.ui.ask import ask

CLICK = "compared_click"
TABS = ("mapping", "scorecard", "process", "edit")
MOST_NAMED = 5
COLUMN_WIDTHS = {1: 900, 2: 440, 3: 290, 4: 210}


def show(workspace: Workspace, data_set: DataSet, base: Question) -> None:
    """The choice of models, then one tab, the first of which is their funnels side by side."""
    head = st.container(key="compared_head")
    chosen = chosen_models.show(workspace, data_set, base)
    try:
        # All is asked before any of it is drawn, so that nothing new stands beside something old.
        with frame.waiting("models", wording.say("pages.models.comparing", models=len(chosen))):
            questions = ask(workspace, measures.lined_up, chosen)
            funnels = tuple(ask(workspace, measures.steps, question) for question in questions)
            alignment = ask(workspace, measures.alignment, questions)
            base_model = ask(workspace, measures.reference, questions)
            scores = tuple(ask(workspace, measures.score, question, base_model) for question in questions)
            ask(workspace, measures.flows, questions)
    except QuestionError as error:
        head.title(wording.say("pages.models.none_title"), anchor=False)
        st.info(texts.problem(error))
        # A model that takes these labels can still be made.
        if tabs.show("models", TABS) == "edit":
            model_editor.show(workspace, data_set, base)
        return
    tab = tabs.show("models", TABS)
    if tab == "edit":
        _head(head, data_set, base, funnels, alignment)
        model_editor.show(workspace, data_set, base)
        return
    if not alignment.leads:
        _head(head, data_set, base, funnels, alignment)
        unplaced = any(steps.all_leads for steps in funnels)
        st.info(wording.say("pages.models.none_placed" if unplaced else "pages.models.no_leads"))
        return
    if tab == "mapping":
        room = frame.width_hint("columns") or COLUMN_WIDTHS[len(funnels)]
        figures = charts.columns(funnels, dark=frame.dark(), width_hint=room)
        _columns(workspace, funnels, figures)
        _nobody_in_order(funnels)
    # Charts take a browser longer than words: so they change at about the same moment.
    _head(head, data_set, base, funnels, alignment)
    if tab == "mapping":
        _verdict(scores)
        label_flow.show(workspace, data_set, questions)
    elif tab == "scorecard":
        _verdict(scores)
        _scoreboard(workspace, scores, alignment, ask(workspace, measures.flows, questions).left_out)
        special.show(workspace, questions)
    else:
        effect_view.show(workspace, data_set, base)
        changed.show(workspace, data_set, base)


def _head(container: Any, data_set: DataSet, base: Question, funnels: Sequence[Steps], alignment: Alignment) -> None:
    with container:
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
    parts = [
        wording.say("pages.models.started", first=first, last=last) if dated else wording.say("pages.models.undated"),
        *said.conditions(base),
        *([wording.say("pages.models.accounts")] if base.unit is Unit.ACCOUNT else []),
        wording.say("pages.models.one_scale"),
        *(
            wording.say("pages.models.counts_accounts", model=steps.question.model.name)
            for steps in funnels
            if steps.question.unit is not base.unit
        ),
    ]
    parts += [
        wording.say("pages.models.places", model=steps.question.model.name, placed=steps.coverage)
        for steps in funnels
        if steps.placed_leads < steps.all_leads
    ]
    return wording.dotted(texts.inert(each) for each in parts)


@st.fragment
def _columns(workspace: Workspace, funnels: tuple[Steps, ...], figures: Sequence[Any]) -> None:
    """One funnel a column on one scale, and the leads behind the part that was clicked last."""
    st.caption(wording.say("pages.leads.hint"))
    click = None
    # Each column keeps the width that its chart is drawn for.
    with st.container(key="columns"), st.container(key=f"columns_of_{len(funnels)}"):
        for index, column in enumerate(st.columns(len(funnels), gap="medium")):
            steps = funnels[index]
            with column:
                points = frame.picture(
                    figures[index],
                    key=f"column_{index}",
                    description=f"{wording.plain(steps.question.model.name)}: {charts.description(steps)}",
                    fits=True,
                    on_click=partial(_click, index, steps.question),
                )
            if st.session_state.get(CLICK) == (index, steps.question):
                click = lead_list.clicked(points, steps, index)
    lead_list.show(workspace, funnels, click, "compared_leads")
    frame.below(
        key="columns",
        table=_stages(funnels),
        sql=frame.queries((steps.question.model.name, steps.sql) for steps in funnels),
        file_name="funnels",
        pictures=[f"column_{index}" for index in range(len(funnels))],
        questions=[steps.question for steps in funnels],
        part=report.part("models", funnels[0].question, **beside([steps.question for steps in funnels])),
    )


def _stages(funnels: Sequence[Steps]) -> pd.DataFrame:
    """A row a stage of each model."""
    return tables.of("funnels_by_model", grouped((steps.question.model.name, steps) for steps in funnels))


def _nobody_in_order(funnels: Sequence[Steps]) -> None:
    """Why a funnel counts nobody: in order, a first stage where nobody was recorded lets nobody further."""
    for steps in funnels:
        if steps.question.rule in (Rule.IN_ORDER, Rule.STRICT) and steps.leads and not steps.stages[0].leads:
            names = {"model": steps.question.model.name, "stage": steps.stages[0].name}
            st.caption(texts.inert(wording.say("pages.models.nobody_in_order", **names)))


def _click(index: int, question: Question) -> None:
    """Remember which chart was clicked last; what an older chart has selected counts no more."""
    st.session_state[CLICK] = (index, question)
    lead_list.asked("compared_leads")


def _verdict(scores: tuple[Score, ...]) -> None:
    """Which model to choose if one must."""
    with st.container(key="verdict", gap="xxsmall"):
        st.markdown(
            f"**{wording.say('pages.models.verdict')}** {' '.join(texts.sentence(note) for note in verdict(scores))}"
        )


def _scoreboard(
    workspace: Workspace, scores: tuple[Score, ...], alignment: Alignment, left_out: tuple[str, ...]
) -> None:
    """A line a measure."""
    st.header(wording.say("pages.models.scoreboard"), anchor=False, help=wording.say("pages.models.scoreboard_help"))
    if any(score.question.unit is Unit.ACCOUNT for score in scores):
        st.caption(wording.say("pages.models.by_lead"))
    if left_out:
        sentence = wording.say("pages.models.left_out", labels=len(left_out), named=left_out[:MOST_NAMED])
        st.caption(texts.inert(sentence))
    lines = scoreboard_text.lines(scores, alignment)
    names = [score.question.model.name for score in scores]
    st.html(scoreboard.html(lines, names, dark=frame.dark()))
    _below_scoreboard(scores, lines, names)


@st.fragment
def _below_scoreboard(scores: tuple[Score, ...], lines: tuple[scoreboard_text.Line, ...], names: list[str]) -> None:
    frame.below(
        key="scoreboard",
        table=scoreboard.table(lines, names),
        sql=frame.queries((score.question.model.name, score.sql) for score in scores),
        file_name="scoreboard",
        questions=[score.question for score in scores],
    )


space = current()
if space.data_set is not None and (question := st.session_state.get("question")):
    show(space, space.data_set, question)
