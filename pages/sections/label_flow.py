"""The line-up: how the file's labels flow into one model's stages, or where two models put the same leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import streamlit as st

from funnel import DataSet, Question, charts, measures, report
from funnel.measures.alignment import labels_taken
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import tables, texts
from pages.ui.ask import ask
from pages.ui.section import section

LABELS, PAIR = "labels", "pair"


@st.fragment
def show(workspace: Workspace, data_set: DataSet, questions: tuple[Question, ...]) -> None:
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
        _labels(workspace, data_set, questions)


def _labels(workspace: Workspace, data_set: DataSet, questions: tuple[Question, ...]) -> None:
    names = [wording.plain(question.model.name) for question in questions]
    chosen = 0
    if len(questions) > 1:
        chosen = st.selectbox(
            wording.say("pages.models.through"),
            range(len(questions)),
            format_func=lambda position: names[position],
            key=f"lineup_model_{names}",
            persist_state="session",
        )
    flows = ask(workspace, measures.flows, questions)
    section(
        "flows",
        flows,
        partial(charts.lineup, model=chosen),
        partial(charts.describe_lineup, model=chosen),
        caption=f"{charts.describe_lineup(flows, chosen)} {wording.say('pages.models.labels_count')}",
        part=report.part("label_flow", questions[0], through=chosen, **beside(questions)),
        table=tables.of("flows", flows.rows(), names={str(position): name for position, name in enumerate(names)}),
        model=names[chosen],
    )
    taken = labels_taken(questions[chosen].model, data_set.labels)
    if taken.of_entries:
        share = taken.entries / taken.of_entries
        st.caption(texts.inert(wording.say("pages.models.taken", model=names[chosen], share=share, **asdict(taken))))


def _pair(workspace: Workspace, questions: tuple[Question, ...]) -> None:
    alignment = ask(workspace, measures.alignment, questions)
    names = [
        {"one": wording.plain(questions[pair.a].model.name), "other": wording.plain(questions[pair.b].model.name)}
        for pair in alignment.pairs
    ]
    chosen = 0
    if len(names) > 1:
        chosen = st.selectbox(
            wording.say("pages.models.pair"),
            range(len(names)),
            index=alignment.most_apart,
            format_func=lambda position: wording.say("pages.models.pair_of", **names[position]),
            key=f"lineup_pair_{names}",
            persist_state="session",
        )
    one, other = names[chosen].values()
    section(
        "overlap",
        alignment,
        partial(charts.overlap, pair=chosen),
        partial(charts.describe_overlap, pair=chosen),
        part=report.part("overlap", questions[0], pair=chosen, **beside(questions)),
        table=tables.of("overlap", alignment.pair_rows(alignment.pairs[chosen]), one=one, other=other),
        one=one,
        other=other,
    )


def beside(questions: Sequence[Question]) -> dict[str, Any]:
    """The models beside the first one, and what each counts, as options of a part of a report."""
    return {
        "beside": [question.model for question in questions[1:]],
        "units": [question.unit for question in questions[1:]],
    }
