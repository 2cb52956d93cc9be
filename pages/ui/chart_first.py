"""The part of a page that a moved date redraws ahead of all else: it runs alone, then the whole page does.

A page has at most one: a fragment with the key KEY, which says `here()` when the whole page runs. The date slider's callback has that
fragment run in place of the page; when it has sent its picture it calls `then_all()`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException

KEY = "ahead"
HEAD_START_SECONDS = 0.09
_HERE, _ALONE = "ahead_is_here", "ahead_is_alone"


def none_yet() -> None:
    """The whole page begins to run; whether it has such a part is not known yet."""
    st.session_state[_HERE] = False
    st.session_state[_ALONE] = False


def here() -> None:
    """The page that runs has such a part."""
    st.session_state[_HERE] = True


def moved(stop: Callable[[], None]) -> None:
    """A callback of what was moved: have that part run alone, where there is one. `stop` ends what the run before still asks."""
    stop()
    if st.session_state.get(_HERE):
        st.session_state[_ALONE] = True
        try:
            st.rerun(KEY)
        except StreamlitAPIException:
            # The page with that part has gone meanwhile: all runs, as without it.
            st.session_state[_ALONE] = False


def alone() -> bool:
    """Whether this part runs alone now."""
    return bool(st.session_state.get(_ALONE))


def then_all() -> NoReturn:
    """Run the whole page, as soon as what was drawn is on its way: the browser would else be busy with all the rest."""
    st.session_state[_ALONE] = False
    time.sleep(HEAD_START_SECONDS)
    st.rerun()
