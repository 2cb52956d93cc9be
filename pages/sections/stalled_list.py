"""Open leads against the history of their stage, and the stalled ones as a list to work through, a page at a time."""

from __future__ import annotations

import streamlit as st

from funnel import Question, charts
from funnel.core import exports
from funnel.core.types import Aging, Shape
from funnel.words import wording
from pages.sections import time_tables
from pages.server.workspace import Workspace
from pages.ui import ask, frame, tables, texts

PAGE_ROWS = 50
ROWS_WIDTH = 1080
PARTS = ("stalled", "long")
PAGE = "stalled_page"


@st.fragment
def show(workspace: Workspace, question: Question, found: Aging) -> None:
    """How many open leads are stalled at each stage; then which."""
    st.subheader(wording.say("pages.times.aging"), anchor=False, help=wording.say("pages.times.aging_help"))
    if not found.open:
        st.caption(charts.describe_aging(found))
        return
    if workspace.data_set is not None and workspace.data_set.mapping.shape is Shape.SNAPSHOT:
        _snapshot(found)
        return
    said = charts.describe_aging(found)
    amounts = [wording.money(amount, currency) for currency, amount, _ in found.amounts]
    if amounts and found.stalled:
        said += " " + wording.say(
            "pages.times.stalled_amount", amounts=amounts, leads=sum(n for *_, n in found.amounts)
        )
    figure = charts.aging(found, dark=frame.dark(), width_hint=frame.width_hint())
    with st.container(width=ROWS_WIDTH):
        frame.picture(figure, key="aging", description=charts.describe_aging(found), file_name="aging")
    st.caption(texts.inert(said))
    frame.below(key="aging", table=time_tables.aging(found), sql=found.sql, file_name="aging")
    if found.stalled:
        _list(workspace, question, found)


def _snapshot(found: Aging) -> None:
    """Where each lead stands, and since when if the file says it; there is no history to set that against."""
    if all(stage.median_days is None for stage in found.stages):
        st.caption(wording.say("pages.times.snapshot_no_moment", open=found.open))
        return
    st.caption(wording.say("pages.times.snapshot_ages", open=found.open))
    tables.show(time_tables.ages(found), "ages")


def _list(workspace: Workspace, question: Question, found: Aging) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="stalled_choice"):
        st.markdown(f"**{wording.say('pages.times.list')}**", width="content")
        counts = {"stalled": found.stalled, "long": found.long_stalled}
        part = st.pills(
            wording.say("pages.times.list"),
            PARTS,
            default=PARTS[0],
            required=True,
            format_func=lambda name: wording.say(f"pages.times.list_{name}", n=counts[name]),
            key="stalled_part",
            label_visibility="collapsed",
            on_change=_first_page,
        )
    long = part == "long"
    owner = workspace.data_set.loaded.columns.get("owner") if workspace.data_set else None
    page = st.session_state.get(PAGE, 1)
    rows, total = ask.stalled(workspace, question, long, (page - 1) * PAGE_ROWS, PAGE_ROWS)
    st.caption(wording.say(f"pages.times.list_{'long_' if long else ''}told", leads=total))
    if not total:
        return
    tables.show(time_tables.stalled(rows, owner), f"stalled_table_{part}")
    with st.container(horizontal=True, vertical_alignment="center"):
        if total > PAGE_ROWS:
            st.pagination(-(-total // PAGE_ROWS), key=PAGE)
        frame.csv(
            wording.say("pages.leads.csv", n=total),
            lambda: exports.csv(time_tables.stalled(ask.stalled(workspace, question, long, 0, None)[0], owner)),
            "stalled-leads.csv",
            key=f"stalled_csv_{part}",
        )


def _first_page() -> None:
    """A callback: another list starts at its first page."""
    st.session_state[PAGE] = 1
