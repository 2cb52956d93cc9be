"""What a page shows where no lead is counted: why, the way out, and the query that found none."""

from __future__ import annotations

import streamlit as st

from funnel import Question, Steps, measures
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.strip import strip
from pages.ui import texts
from pages.ui.ask import ask


def show(workspace: Workspace, question: Question, steps: Steps) -> None:
    """`steps` is the funnel that counts nobody."""
    st.title(wording.say("pages.empty.title"), anchor=False)
    everyone = ask(workspace, measures.steps, strip.without_filters(question))
    if everyone.leads:
        st.markdown(
            wording.say("pages.empty.filtered", counted=wording.say(f"pages.counted.{question.unit}", n=everyone.leads))
        )
        st.button(
            wording.say("pages.empty.clear"),
            type="primary",
            key="clear_filters",
            on_click=strip.clear,
            args=(workspace.data_set,),
        )
    else:
        st.markdown(wording.say("pages.empty.unplaced", model=texts.inert(question.model.name)))
    with st.expander(wording.say("pages.export.sql")):
        st.code(steps.sql, language="sql", wrap_lines=True)
