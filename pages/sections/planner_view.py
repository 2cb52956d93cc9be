"""The Planner: what so many wins by a day need, or how many leads a test needs."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question
from funnel.words import wording
from pages.sections import plan_view, target_view
from pages.server.workspace import Workspace

PARTS = ("target", "test")


def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """One of the two."""
    part = st.pills(
        wording.say("pages.planner.part"),
        PARTS,
        default=PARTS[0],
        required=True,
        format_func=lambda name: wording.say(f"pages.planner.part_{name}"),
        key="planned",
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
    )
    (plan_view if part == "test" else target_view).show(workspace, data_set, question)
