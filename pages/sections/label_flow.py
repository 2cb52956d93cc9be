"""The line-up: how the file's labels flow into one model's stages, or where two models put the same leads."""

from __future__ import annotations

import streamlit as st

from funnel import Question, charts
from funnel.words import wording
from pages.sections import compared_tables
from pages.server.workspace import Workspace
from pages.ui import ask, frame, texts

LABELS, PAIR = "labels", "pair"


@st.fragment
def show(workspace: Workspace, questions: tuple[Question, ...]) -> None:
    """One of the two pictures, its sentences, its table."""
    view = LABELS
    if len(questions) > 1:
        view = st.segmented_control(
            wording.say("pages.models.lineup"),
            [LABELS, PAIR],
            default=LABELS,
            required=True,
            format_func=lambda name: wording.say(f"pages.models.{name}_view"),
            key="lineup",
            bind="query-params",
            label_visibility="collapsed",
        )
    if view == PAIR:
        _pair(workspace, questions)
    else:
        _labels(workspace, questions)


def _labels(workspace: Workspace, questions: tuple[Question, ...]) -> None:
    names = [wording.plain(question.model.name) for question in questions]
    place = 0
    if len(questions) > 1:
        place = st.selectbox(
            wording.say("pages.models.through"),
            range(len(questions)),
            format_func=lambda place: names[place],
            key=f"lineup_model_{names}",
            persist_state="session",
        )
    found = ask.flows(workspace, questions)
    st.subheader(wording.say("pages.models.labels_title", model=texts.inert(names[place])), anchor=False)
    figure = charts.lineup(found, place, dark=frame.dark(), width_hint=frame.width_hint())
    description = charts.describe_lineup(found, place)
    frame.picture(figure, key="lineup_labels", description=description, file_name="labels-to-stages")
    st.caption(texts.inert(f"{description} {wording.say('pages.models.labels_count')}"))
    frame.below(
        key="lineup_labels",
        table=compared_tables.flows(found),
        sql=found.sql,
        file_name="labels-to-stages",
        picture=False,
    )


def _pair(workspace: Workspace, questions: tuple[Question, ...]) -> None:
    found = ask.alignment(workspace, questions)
    names = [
        {"a": wording.plain(questions[pair.a].model.name), "b": wording.plain(questions[pair.b].model.name)}
        for pair in found.pairs
    ]
    place = 0
    if len(names) > 1:
        place = st.selectbox(
            wording.say("pages.models.pair"),
            range(len(names)),
            index=found.most_apart,
            format_func=lambda place: wording.say("pages.models.pair_of", **names[place]),
            key=f"lineup_pair_{names}",
            persist_state="session",
        )
    inert = {key: texts.inert(name) for key, name in names[place].items()}
    st.subheader(wording.say("pages.models.pair_title", **inert), anchor=False)
    figure = charts.overlap(found, place, dark=frame.dark(), width_hint=frame.width_hint())
    description = charts.describe_overlap(found, place)
    frame.picture(figure, key="lineup_pair", description=description, file_name="two-models")
    st.caption(texts.inert(description))
    table = compared_tables.overlap(found, found.pairs[place])
    frame.below(key="lineup_pair", table=table, sql=found.sql, file_name="two-models", picture=False)
