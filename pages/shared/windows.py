"""Several windows of one browser look at the same work: none undoes in silence what another one did.

A window changes a part of the work only if it has seen the last change of that part; else nothing changes, and it says so and shows how
things stand now.
"""

from __future__ import annotations

import streamlit as st

from funnel import wording
from pages.shared.workspace import Workspace

DATA, MODELS, DRAFT, NOTES = "data", "models", "draft", "notes"
_SEEN, _ELSEWHERE = "seen_changes", "changed_elsewhere"


def may_change(space: Workspace, part: str) -> bool:
    """Whether this window may change this part now; if so, that counts as a change. Ask it before each change."""
    seen: dict[str, int] = st.session_state.setdefault(_SEEN, dict(space.changes))
    if seen.get(part, 0) != space.changes[part]:
        st.session_state[_ELSEWHERE] = True
        return False
    space.changes[part] += 1
    seen[part] = space.changes[part]
    return True


def tell() -> None:
    """Say, once, that a change was not made since another window had made one first."""
    if st.session_state.pop(_ELSEWHERE, False):
        st.warning(wording.say("pages.windows.elsewhere"))


def seen(space: Workspace) -> None:
    """This window has drawn the work as it is now."""
    st.session_state[_SEEN] = dict(space.changes)
