"""The Segments page: groups of leads against each other: who converts better, at which step, and what drives it."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question, measures
from pages.sections import closings_view, segment_view
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.ui import empty
from pages.ui.ask import ask


def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """The groups; where no lead is counted, why, and the way out."""
    question = closings_view.entered(question)
    steps = ask(workspace, measures.steps, question)
    if steps.leads:
        segment_view.show(workspace, data_set, question)
    else:
        empty.show(workspace, question, steps)


space = current()
if space.data_set is not None and (question := st.session_state.get("question")):
    show(space, space.data_set, question)
