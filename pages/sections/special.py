"""What is special about some models: read from the win, a loyalty loop, deciders of an account; and how sure an inferred order is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from funnel import Question, StageModel, Unit, charts, measures, report
from funnel.measures.recorded import InferredOrder
from funnel.words import wording
from pages.sections import scoreboard_text
from pages.server.workspace import Workspace
from pages.strip import quorums
from pages.ui import frame, tables, texts
from pages.ui.ask import ask
from pages.ui.section import section, title

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


def show_order(workspace: Workspace, model: StageModel, key: str) -> InferredOrder:
    """What the order of the labels was taken from and how sure it is: two sentences, and each two labels that follow each other."""
    order = ask(workspace, measures.inferred_order, Question(model))
    counted = Counter(pair.reason or "given" for pair in order.pairs)
    reasons = [
        wording.say("pages.special.order_of", reason=wording.say(f"pages.reason.{reason}"), n=n, pairs=len(order.pairs))
        for reason, n in counted.most_common()
    ]
    sure = "order" if order.sure.denominator else "order_unsure"
    sentence = wording.say(f"pages.special.{sure}", sure=scoreboard_text.rate_of(order.sure))
    by = f"{wording.say('pages.special.order_by', reasons=reasons)} " if reasons else ""
    st.caption(texts.inert(f"{by}{sentence}"))
    if order.pairs:
        tables.show(tables.of("inferred_order", order.rows()), key)
    return order


@st.fragment
def _backward(workspace: Workspace, question: Question) -> None:
    backward = ask(workspace, measures.backward, question)
    told = title("backward", model=question.model.name)
    figure = charts.backward(backward, dark=frame.dark(), width_hint=frame.width_hint("backward") or ROWS_WIDTH)
    text = charts.describe_backward(backward)
    with st.container(width=ROWS_WIDTH):
        frame.picture(figure, key="backward", description=text)
    st.caption(texts.inert(text))
    table = tables.of("backward", backward.rows())
    tables.show(table, "backward_stages")
    frame.below(
        key="backward",
        table=table,
        sql=backward.sql,
        file_name="from-the-win",
        pictures=("backward",),
        title=told,
        views=("sql",),
        part=report.part("backward", question),
    )


@st.fragment
def _loop(workspace: Workspace, question: Question) -> None:
    loyalty, steps = ask(workspace, measures.loyalty, question), ask(workspace, measures.steps, question)
    section(
        "loyalty",
        loyalty,
        partial(charts.loop, steps=steps),
        charts.describe_loop,
        caption=wording.say(f"pages.special.customer_{'account' if loyalty.by_account else 'lead'}"),
        width=RING_WIDTH,
        part=report.part("loyalty", question),
        model=question.model.name,
    )


@st.fragment
def _accounts(workspace: Workspace, question: Question) -> None:
    """By account, whatever the page counts; where the file names none, that."""
    name = question.model.name
    if workspace.data_set is None or workspace.data_set.unit_of(question.model) is not Unit.ACCOUNT:
        title("account_sizes", model=name)
        st.caption(wording.say("pages.sidebar.no_accounts", model=texts.inert(name)))
        return
    by_account = replace(question, unit=Unit.ACCOUNT, dated_by=None)
    account_sizes = ask(workspace, measures.account_sizes, by_account)
    steps = ask(workspace, measures.steps, by_account)
    quorum = quorums.in_words(by_account.quorum)
    reached = wording.say("pages.special.quorum", accounts=steps.leads, won=steps.won, quorum=quorum)
    caption = f"{charts.describe_account_sizes(account_sizes)} {reached}"
    section(
        "account_sizes",
        account_sizes,
        charts.account_sizes,
        charts.describe_account_sizes,
        caption=caption,
        width=ROWS_WIDTH,
        part=report.part("account_sizes", by_account),
        model=name,
    )


@st.fragment
def order(workspace: Workspace, question: Question) -> None:
    """What the order of the file's own labels was taken from, and how sure it is."""
    title("inferred_order", model=question.model.name)
    order = show_order(workspace, question.model, "order_pairs")
    frame.below(
        key="order",
        table=tables.of("inferred_order", order.rows()),
        sql=order.sql,
        file_name="order-of-labels",
        views=("sql",),
    )
