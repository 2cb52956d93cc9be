"""The box in which a person chooses whose leads a list shows."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from funnel import OneOf, Question
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui.ask import values

MOST_OWNERS = 500


def show(workspace: Workspace, question: Question, key: str, on_change: Callable[[], None]) -> tuple[OneOf, ...]:
    """The leads of whoever was chosen in the column that says who owns them; of all, where nobody was, or the file has none such."""
    owner = None if workspace.data_set is None else workspace.data_set.loaded.columns.get("owner")
    if owner is None:
        return ()
    names = values(workspace, owner, MOST_OWNERS, question.attributes)
    chosen = st.selectbox(
        wording.say("pages.times.list_owner"),
        [name for name in names if name is not None],
        index=None,
        placeholder=wording.say("pages.times.list_owner_all"),
        format_func=wording.plain,
        key=key,
        width=260,
        on_change=on_change,
    )
    return () if chosen is None else (OneOf(owner, (chosen,)),)
