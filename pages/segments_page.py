"""The Segments page: groups of leads against each other, where they differ most, periods at equal age, and tests to come."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question
from funnel.words import wording
from pages.sections import period_view, plan_view, scan_view, segment_view
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.ui import ask, empty

VIEWS = {
    "groups": segment_view.show,
    "scan": scan_view.show,
    "periods": period_view.show,
    "plan": plan_view.show,
}


def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """One of four views; where no lead is counted, why, and the way out."""
    steps = ask.steps(workspace, question)
    if not steps.leads:
        empty.show(workspace, question, steps)
        return
    view = st.segmented_control(
        wording.say("pages.segments.view"),
        list(VIEWS),
        default="groups",
        required=True,
        format_func=lambda name: wording.say(f"pages.segments.view_{name}"),
        key="view",
        bind="query-params",
        label_visibility="collapsed",
    )
    VIEWS[view or "groups"](workspace, data_set, question)


space = current()
if space.data_set is not None and (question := st.session_state.get("question")):
    show(space, space.data_set, question)
