"""The live sources that may be opened, by name, where a file is opened."""

from __future__ import annotations

import streamlit as st

from funnel import FunnelError
from funnel.live import sources
from funnel.words import wording
from pages.server.workspace import NO_FILES, LoadJob, Workspace
from pages.ui import loading, texts


def box(workspace: Workspace, turn: int) -> None:
    """A box of them; nothing where none is allowed."""
    try:
        names = [source.name for source in sources.sources()]
    except FunnelError as error:
        st.warning(texts.problem(error))
        return
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="live_sources"):
        chosen = st.selectbox(
            wording.say("pages.live.source"),
            names,
            index=None,
            placeholder=wording.say("pages.live.choose"),
            help=wording.say("pages.live.help"),
            key=f"live_source_{turn}",
        )
        st.button(
            wording.say("pages.live.open"),
            key="open_live",
            disabled=chosen is None,
            on_click=_open,
            args=(workspace, chosen),
        )


def _open(workspace: Workspace, name: str) -> None:
    loading.begin(workspace, LoadJob(NO_FILES, source=name))
