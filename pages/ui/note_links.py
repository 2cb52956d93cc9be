"""From a note to the page that tells what it did."""

from __future__ import annotations

import streamlit as st

from funnel.core.types import DatedNote

PAGE, TAB, TAB_NAME = "models_page.py", "models_tab", "process"
NOTE = "effect_note"


def name_of(note: DatedNote) -> str:
    """What stands for a note in the address: its day and its words."""
    return f"{note.day.isoformat()} {note.text}"


def ask_about(note: DatedNote) -> None:
    """A callback: the page, when it is shown, asks about this note."""
    st.session_state[TAB] = TAB_NAME
    st.session_state[NOTE] = name_of(note)
