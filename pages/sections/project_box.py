"""The project on the Data page: notes, a button that saves all of it to one file, and what keeps itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from funnel import DataSet, FunnelError
from funnel.storage import project
from funnel.words import wording
from pages.server import autosave, edit_conflicts
from pages.server.file_downloads import Departure
from pages.server.workspace import Workspace, safe_name
from pages.ui import components, frame, texts

NOTES, NOT_TAKEN = "notes", "notes_not_taken"
_SAVE = "save_project"


def show(space: Workspace, data_set: DataSet) -> None:
    """Notes, the button, and how the work keeps itself."""
    st.subheader(wording.say("pages.project.title"), anchor=False)
    st.caption(wording.say("pages.project.help"))
    _notes(space)
    _save(space, data_set)
    if space.unkept:
        st.warning(space.unkept)
    elif space.entry is not None:
        st.caption(wording.say("pages.kept.kept", folder=texts.inert(autosave.place())))


def earlier(space: Workspace) -> None:
    """The works of this browser that are kept beside the one that is open, to be opened again; nothing where there are none."""
    others = {entry.name: entry for entry in autosave.entries() if entry.name != space.entry}
    if not others:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="earlier"):
        name = st.selectbox(
            wording.say("pages.kept.earlier"),
            list(others),
            format_func=lambda name: wording.say(
                "pages.kept.entry",
                title=wording.plain(others[name].title),
                leads=others[name].leads,
                day=others[name].saved_at,
                time=f"{others[name].saved_at:%H:%M}",
            ),
            key="earlier_work",
            width="stretch",
        )
        st.button(wording.say("pages.kept.open"), key="open_earlier", on_click=_open, args=(space, name))


def _open(space: Workspace, name: str) -> None:
    try:
        autosave.open_entry(space, name)
    except FunnelError as error:
        space.problem = texts.problem(error)


def _notes(space: Workspace) -> None:
    if st.session_state.get(NOTES) != space.notes:
        st.session_state[NOTES] = space.notes
    st.text_area(
        wording.say("pages.project.notes"),
        key=NOTES,
        max_chars=project.MOST_NOTES,
        placeholder=wording.say("pages.project.notes_placeholder"),
        on_change=_take_notes,
        args=(space,),
    )
    if lost := st.session_state.pop(NOT_TAKEN, None):
        st.warning(wording.say("pages.project.notes_elsewhere"))
        st.code(lost, language=None, wrap_lines=True)


def _take_notes(space: Workspace) -> None:
    written = st.session_state[NOTES][: project.MOST_NOTES]
    if edit_conflicts.may_change(space, edit_conflicts.NOTES):
        space.notes = written
    else:
        st.session_state[NOT_TAKEN] = written


def _save(space: Workspace, data_set: DataSet) -> None:
    revision, made_before = st.session_state.get(_SAVE, (None, None))
    departure: Departure | None = made_before if revision == data_set.revision else None
    answer: Any = components.mount(
        "save",
        key="save_project_button",
        data={
            "label": wording.say("pages.project.save"),
            "busy": wording.say("pages.project.saving"),
            "address": departure.address if departure else "",
            "name": departure.name if departure else "",
        },
        on_asked_change=components.heard,
    )
    if problem := st.session_state.pop("project_problem", None):
        st.error(problem)
    if not answer.asked:
        return
    name = Path(data_set.files[0].name if data_set.files else "leads").name.split(".")[0]
    try:
        made = Departure(safe_name(f"{name}{project.ENDING}"))
        with frame.waiting(wording.say("pages.project.saving")):
            data_set.save(made.path, space.work())
    except FunnelError as error:
        st.session_state["project_problem"] = texts.problem(error)
    else:
        if made_before is not None:
            made_before.remove()
        space.departures[made.key] = made
        st.session_state[_SAVE] = data_set.revision, made
    st.rerun()
