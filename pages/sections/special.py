"""What is special about some models: read from the win, a loyalty loop, deciders of an account, an order that was inferred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from funnel import AS_RECORDED, Question, StageModel, Unit, charts
from funnel.core.types import InferredOrder
from funnel.words import wording
from pages.sections import compared_tables, scoreboard_text
from pages.server.workspace import Workspace
from pages.sidebar import quorums
from pages.ui import ask, frame, tables, texts

RING_WIDTH, ROWS_WIDTH = 560, 760
"""Pixels that these charts are drawn for at most: wider, a ring is no ring, and numbers stand far from their bars."""


def show(workspace: Workspace, questions: Sequence[Question]) -> None:
    """A section for each of the models that has something special; nothing for the others."""
    for question in questions:
        model = question.model
        if model.reading == "backward":
            _backward(workspace, question)
        if model.loop is not None:
            _loop(workspace, question)
        if model.unit is Unit.ACCOUNT:
            _accounts(workspace, question)
        if model.key == AS_RECORDED:
            _order(workspace, question)


def show_order(workspace: Workspace, model: StageModel, key: str) -> InferredOrder:
    """What the order of the labels was taken from and how sure it is: two sentences, and each two labels that follow each other."""
    found = ask.inferred_order(workspace, model)
    counted = Counter(pair.reason or "given" for pair in found.pairs)
    reasons = [
        wording.say("pages.special.order_of", reason=wording.say(f"pages.reason.{reason}"), n=n, pairs=len(found.pairs))
        for reason, n in counted.most_common()
    ]
    sure = "order" if found.sure.denominator else "order_unsure"
    said = wording.say(f"pages.special.{sure}", sure=scoreboard_text.rate_of(found.sure))
    by = f"{wording.say('pages.special.order_by', reasons=reasons)} " if reasons else ""
    st.caption(texts.inert(f"{by}{said}"))
    if found.pairs:
        tables.show(compared_tables.order(found), key)
    return found


@st.fragment
def _backward(workspace: Workspace, question: Question) -> None:
    found = ask.backward(workspace, question)
    _title("backward", question)
    figure = charts.backward(found, dark=frame.dark(), width_hint=frame.width_hint() or ROWS_WIDTH)
    said = charts.describe_backward(found)
    with st.container(width=ROWS_WIDTH):
        frame.picture(figure, key="backward", description=said, file_name="from-the-win")
    st.caption(texts.inert(said))
    table = compared_tables.backward(found)
    tables.show(table, "backward_stages")
    frame.below(key="backward", table=table, sql=found.sql, file_name="from-the-win", views=("sql",))


@st.fragment
def _loop(workspace: Workspace, question: Question) -> None:
    found, steps = ask.loyalty(workspace, question), ask.steps(workspace, question)
    _title("loop", question)
    figure = charts.loop(found, steps, dark=frame.dark(), width_hint=frame.width_hint() or RING_WIDTH)
    with st.container(width=RING_WIDTH):
        frame.picture(figure, key="loop", description=charts.describe_loop(found), file_name="loyalty-loop")
    st.caption(wording.say(f"pages.special.customer_{'account' if found.by_account else 'lead'}"))
    frame.below(key="loop", table=compared_tables.loyalty(found), sql=found.sql, file_name="loyalty-loop")


@st.fragment
def _accounts(workspace: Workspace, question: Question) -> None:
    """By account, whatever the page counts; where the file names none, that."""
    _title("accounts", question)
    if workspace.data_set is None or workspace.data_set.unit_of(question.model) is not Unit.ACCOUNT:
        st.caption(wording.say("pages.sidebar.no_accounts", model=texts.inert(question.model.name)))
        return
    by_account = replace(question, unit=Unit.ACCOUNT, dated_by=None)
    found, steps = ask.account_sizes(workspace, by_account), ask.steps(workspace, by_account)
    figure = charts.account_sizes(found, dark=frame.dark(), width_hint=frame.width_hint() or ROWS_WIDTH)
    said = charts.describe_deciders(found)
    with st.container(width=ROWS_WIDTH):
        frame.picture(figure, key="deciders", description=said, file_name="deciders")
    quorum = quorums.told(by_account.quorum)
    reached = wording.say("pages.special.quorum", accounts=steps.leads, won=steps.won, quorum=quorum)
    st.caption(texts.inert(f"{said} {reached}"))
    frame.below(key="deciders", table=compared_tables.account_sizes(found), sql=found.sql, file_name="deciders")


@st.fragment
def _order(workspace: Workspace, question: Question) -> None:
    _title("order", question)
    found = show_order(workspace, question.model, "order_pairs")
    frame.below(
        key="order",
        table=compared_tables.order(found),
        sql=found.sql,
        file_name="order-of-labels",
        picture=False,
        views=("sql",),
    )


def _title(key: str, question: Question) -> None:
    name = texts.inert(question.model.name)
    st.subheader(wording.say(f"pages.special.{key}_title", model=name), anchor=False)
