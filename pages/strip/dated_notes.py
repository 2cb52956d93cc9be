"""Notes to days: what happened when, in a few words. Charts over time mark them; they are kept with the project."""

from __future__ import annotations

from datetime import date

import streamlit as st

from funnel import DataSet
from funnel.core.types import DatedNote
from funnel.storage.project import LONGEST_LABEL, MOST_DATED_NOTES
from funnel.words import wording
from pages.server import edit_conflicts
from pages.server.workspace import Workspace
from pages.ui import texts

DAY, TEXT = "dated_note_day", "dated_note_text"


def show(workspace: Workspace, data_set: DataSet) -> None:
    """The menu: the notes, the earliest first, each with a button that takes it off, and two fields for another."""
    until = data_set.observed_until
    if until is None:
        return
    with st.popover(wording.say("pages.dated_notes.open"), key="dated_notes", type="tertiary", icon=":material/flag:"):
        st.caption(wording.say("pages.dated_notes.help"))
        for number, each in enumerate(workspace.dated_notes):
            with st.container(horizontal=True, vertical_alignment="center", key=f"dated_note_{number}", gap="small"):
                st.markdown(texts.inert(wording.say("charts.dated_note", day=each.day, text=each.text)))
                st.button(
                    "✕",
                    key=f"forget_note_{number}",
                    type="tertiary",
                    help=wording.say("pages.dated_notes.forget"),
                    on_click=_forget,
                    args=(workspace, each),
                )
        with st.form("add_dated_note", border=False, clear_on_submit=True):
            st.date_input(
                wording.say("pages.dated_notes.day"),
                value=until.date(),
                min_value=date(1900, 1, 1),
                max_value=date(2199, 12, 31),
                format="DD/MM/YYYY",
                key=DAY,
            )
            st.text_input(wording.say("pages.dated_notes.text"), key=TEXT, max_chars=LONGEST_LABEL)
            st.form_submit_button(
                wording.say("pages.dated_notes.add"),
                on_click=_add,
                args=(workspace,),
                disabled=len(workspace.dated_notes) >= MOST_DATED_NOTES,
            )


def _add(workspace: Workspace) -> None:
    """A callback: the note that was typed; nothing where there are no words, or no day."""
    day, text = st.session_state[DAY], (st.session_state[TEXT] or "").strip()[:LONGEST_LABEL]
    if isinstance(day, date) and text and edit_conflicts.may_change(workspace, edit_conflicts.SAVED):
        noted = {*workspace.dated_notes, DatedNote(day, text)}
        workspace.dated_notes = tuple(sorted(noted, key=lambda each: (each.day, each.text)))


def _forget(workspace: Workspace, note: DatedNote) -> None:
    if edit_conflicts.may_change(workspace, edit_conflicts.SAVED):
        workspace.dated_notes = tuple(each for each in workspace.dated_notes if each != note)
