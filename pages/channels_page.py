"""The Channels page: how many wins each channel gets by several rules side by side, what starts leads and what closes them, and which
touches were left out."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question, measures
from pages.sections import channel_touches, channels_view
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.ui import empty
from pages.ui.ask import ask


def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """All of it; without touches, what would bring them; where no lead is counted, why, and the way out."""
    if data_set.touches is None:
        channel_touches.none(workspace, data_set)
        return
    steps = ask(workspace, measures.steps, question)
    if steps.leads:
        channels_view.show(workspace, data_set, question)
    else:
        empty.show(workspace, question, steps)


space = current()
if space.data_set is not None and (question := st.session_state.get("question")):
    show(space, space.data_set, question)
