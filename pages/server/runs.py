"""Runs of the pages' script: whether one is still wanted, which threads without a page of their own may ask."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_STATE = "newest_run"


def begin() -> Callable[[], bool]:
    """Begins a run: whether it is still wanted, which it is until the next full run of its session begins or its page is closed."""
    newest: list[object] = st.session_state.setdefault(_STATE, [None])
    run = newest[0] = object()
    session = of_session()
    return lambda: newest[0] is run and (not st.runtime.exists() or is_active(session))


def of_session() -> str:
    """The session whose run this is; empty where it is none."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def is_active(session: str) -> bool:
    """Whether a page of the session is open."""
    return st.runtime.exists() and st.runtime.get_instance().is_active_session(session)
