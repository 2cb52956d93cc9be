"""By which calendar the pages count and write days: as somebody chose, in the address or in the menu of languages, else as the language
does. The choice is kept with the work."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from funnel.words import wording
from funnel.words.calendars import Calendar
from pages.server.workspace import Workspace
from pages.ui import address_bar

WORD = "calendar"
_SEEN, _CHOSEN = "calendar_seen", "calendar_chosen"


def begin(space: Workspace) -> None:
    """Settles by which calendar this session's pages count from now on."""
    said = st.query_params.get(WORD)
    if said is not None and said in [*Calendar] and said != st.session_state.get(_SEEN):
        space.calendar = Calendar(said)
    st.session_state[_CHOSEN] = space.calendar
    word = "" if space.calendar is None else space.calendar.value
    address_bar.put({WORD: word})
    st.session_state[_SEEN] = word


def show(space: Workspace) -> None:
    """The calendars, each by its name."""
    for calendar in Calendar:
        st.button(
            wording.say(f"pages.calendar.{calendar}"),
            key=f"count_by_{calendar}",
            type="tertiary",
            icon=":material/calendar_month:",
            disabled=calendar is wording.calendar(),
            on_click=_choose,
            args=(space, calendar),
        )


def here() -> Calendar | None:
    """What is chosen in this session; None: what is usual in the language."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    chosen: Calendar | None = st.session_state.get(_CHOSEN)
    return chosen


def _choose(space: Workspace, calendar: Calendar) -> None:
    """A callback: the pages count by it."""
    space.calendar = st.session_state[_CHOSEN] = calendar
