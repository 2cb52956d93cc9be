"""The project under Data check: notes, a button that saves all of it to one file, and what keeps itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from funnel import DataSet, FunnelError
from funnel.storage import project
from funnel.words import wording
from pages.server import autosave, edit_conflicts
from pages.server.file_downloads import FileDownload
from pages.server.workspace import Workspace, safe_name
from pages.ui import components, frame, texts

NOTES, NOT_TAKEN = "notes", "notes_not_taken"
_SAVED = "saved_by_"


def show(space: Workspace, data_set: DataSet) -> None:
    """Notes, the button, and how the work keeps itself."""
    st.header(wording.say("pages.project.title"), anchor=False)
    st.caption(wording.say("pages.project.help"))
    _notes(space)
    _save(space, data_set)
    if space.unkept is None and space.entry is not None:
        st.caption(wording.say("pages.kept.kept", folder=texts.inert(autosave.folder_text())))


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
    save(space, data_set, wording.say("pages.project.save"), "save_project_button")


def save(space: Workspace, data_set: DataSet, label: str, key: str) -> None:
    """A button that makes a project of all there is, with every page as it is looked at, and hands it to the browser."""
    revision, download_before = st.session_state.get(f"{_SAVED}{key}", (None, None))
    offered: FileDownload | None = download_before if revision == data_set.revision else None
    answer: Any = components.mount(
        "save",
        key=key,
        data={
            "label": label,
            "busy": wording.say("pages.project.saving"),
            "address": offered.address if offered else "",
            "name": offered.name if offered else "",
        },
        on_asked_change=components.heard,
    )
    if problem := st.session_state.pop("project_problem", None):
        st.error(problem)
    if not answer.asked:
        return
    name = Path(data_set.files[0].name if data_set.files else "leads").name.split(".")[0]
    try:
        download = FileDownload(safe_name(f"{name}{project.ENDING}"))
        with frame.waiting("save", wording.say("pages.project.saving")):
            data_set.save(download.path, space.work())
    except FunnelError as error:
        st.session_state["project_problem"] = texts.problem(error)
    else:
        if download_before is not None:
            download_before.remove()
        space.file_downloads[download.key] = download
        st.session_state[f"{_SAVED}{key}"] = data_set.revision, download
    st.rerun()
