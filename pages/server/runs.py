"""Runs of the pages' script: whether one is still wanted, which threads without a page of their own may ask."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_STATE = "newest_run"


def begin() -> Callable[[], bool]:
    """Begins a run: whether it is still wanted, which it is until the next full run of its session begins or its page is closed."""
    newest: list[object] = st.session_state.setdefault(_STATE, [None])
    mine = newest[0] = object()
    context = get_script_run_ctx()
    session = context.session_id if context else ""
    return lambda: newest[0] is mine and _open(session)


def _open(session: str) -> bool:
    return not st.runtime.exists() or st.runtime.get_instance().is_active_session(session)
