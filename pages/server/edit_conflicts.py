"""Several windows of one browser look at the same work: none undoes in silence what another one did.

A window changes a part of the work only if it has seen the last change of that part; else nothing changes, and it says so and shows how
things stand now.
"""

from __future__ import annotations

import streamlit as st

from funnel.words import wording
from pages.server.workspace import Workspace

DATA, MODELS, DRAFT, NOTES, SAVED, REPORT = "data", "models", "draft", "notes", "saved", "report"
_BEGUN, _SEEN, _ELSEWHERE = "begun_with_changes", "seen_changes", "changed_elsewhere"


def begin(space: Workspace) -> None:
    """A run of this window begins: what it draws is the work as it is now, or newer."""
    st.session_state[_BEGUN] = dict(space.changes)
    st.session_state.setdefault(_SEEN, dict(space.changes))


def may_change(space: Workspace, part: str) -> bool:
    """Whether this window may change this part now; if so, that counts as a change. Ask it before each change."""
    with space.lock:
        seen_changes: dict[str, int] = st.session_state.setdefault(_SEEN, dict(space.changes))
        if seen_changes.get(part, 0) != space.changes[part]:
            st.session_state[_ELSEWHERE] = True
            return False
        space.changes[part] += 1
        seen_changes[part] = space.changes[part]
        return True


def tell() -> None:
    """Say, once, that a change was not made since another window had made one first."""
    if st.session_state.pop(_ELSEWHERE, False):
        st.warning(wording.say("pages.windows.elsewhere"))


def mark_seen() -> None:
    """This window has drawn the work as it was when its run began, with what it changed itself since. What another one changed while it
    drew may stand there or not, so it is not taken for seen."""
    begun: dict[str, int] = st.session_state[_BEGUN]
    own: dict[str, int] = st.session_state[_SEEN]
    st.session_state[_SEEN] = {part: max(begun.get(part, 0), own.get(part, 0)) for part in begun.keys() | own.keys()}
