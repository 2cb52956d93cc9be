"""The keyboard goes to the title of a page that somebody came to, or that shows a file just opened."""

from __future__ import annotations

import streamlit as st

from pages.ui import components

_STATE = "focus_turn"


def follow(*place: str) -> None:
    """A piece of the page that nobody sees. Call it when the page stands: at another `place` than in the run before, the title takes
    the focus, unless the person is busy with something else. Where a visit begins, the browser's own order stays."""
    before, turn = st.session_state.get(_STATE, (None, 0))
    if before != place:
        turn += 1
    st.session_state[_STATE] = place, turn
    components.mount("focus", key="focus", data={"turn": turn})
