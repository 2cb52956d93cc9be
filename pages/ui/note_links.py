"""From a note to the page that tells what it did."""

from __future__ import annotations

import streamlit as st

from funnel.core.types import DatedNote
from funnel.words import wording
from pages.ui import address_bar

PAGE, TAB, TAB_NAME = "models_page.py", "models_tab", "process"
NOTE = "effect_note"


def name_of(note: DatedNote) -> str:
    """What stands for a note in the address: its day and its words."""
    return f"{note.day.isoformat()} {note.text}"


def said(note: DatedNote) -> str:
    """The note as it is chosen among others."""
    return wording.say("pages.effect.noted", day=note.day, text=wording.plain(note.text))


def ask_about(note: DatedNote) -> None:
    """A callback: the page, when it is shown, asks about this note."""
    st.session_state[TAB] = TAB_NAME
    st.session_state[NOTE] = name_of(note)


def go(note: DatedNote) -> None:
    """To the page, after `ask_about`: what an address says is what its widgets begin with where they were not there before."""
    address_bar.let_go()
    st.switch_page(PAGE, query_params={TAB: wording.say(f"pages.tabs.{TAB_NAME}"), NOTE: said(note)})
