"""The right end of the bar: the file that is open, with what can be done with it, and Share."""

from __future__ import annotations

from typing import Any

import streamlit as st

from funnel import DataSet
from funnel.words import wording
from pages.sections import channel_touches, health_bar, project_box, upload
from pages.server.auth import sign_in
from pages.server.workspace import NO_FILES, Workspace
from pages.strip import live_line, report_box, share
from pages.ui import language, links, texts


def show(workspace: Workspace, data_set: DataSet, data_page: Any) -> None:
    """The menu of the file, the report, Share, and who is signed in."""
    with st.container(horizontal=True, vertical_alignment="center", key="file_bar", gap="small"):
        needed = health_bar.needs_somebody(data_set)
        # Its sign is drawn by the styles: one of Streamlit's would be read aloud as a word.
        with st.container(key="check_needed" if needed else "check_passed", width="content"):
            label = wording.say("pages.file_menu.check_needed" if needed else "pages.file_menu.check")
            st.page_link(data_page, label=label, width="content")
        with st.popover(_title(workspace, data_set), key="file_menu", type="tertiary", width="content"):
            _told(workspace, data_set)
            st.page_link(data_page, label=_used(data_set))
            live_line.choice(workspace)
            project_box.save(workspace, data_set, wording.say("pages.file_menu.save"), "save_from_menu")
            _other_files(workspace, data_set)
        report_box.show(workspace, data_set)
        share.show(workspace, data_set)
        language.show(workspace)
        sign_in.show_person()


def _title(workspace: Workspace, data_set: DataSet) -> str:
    if workspace.sample:
        return wording.say("pages.sidebar.sample")
    names = links.names(data_set)
    first = texts.inert(names[0])
    return first if len(names) == 1 else wording.say("pages.file_menu.several", first=first, more=len(names) - 1)


def _told(workspace: Workspace, data_set: DataSet) -> None:
    """The files by name, how much they hold, and of when."""
    if not workspace.sample:
        st.markdown(f"**{texts.inert(wording.listed(links.names(data_set)))}**")
    st.caption(wording.say("pages.sidebar.size", leads=data_set.leads, entries=data_set.entries))
    if data_set.first_start and data_set.last_start:
        st.caption(wording.say("pages.sidebar.span", first=data_set.first_start, last=data_set.last_start))


def _used(data_set: DataSet) -> str:
    """How much of the lines counts: the way to the page that tells of the others."""
    read = sum(file.rows_read for file in data_set.files)
    used = sum(file.rows_used for file in data_set.files)
    key = "used_all" if used == read else "used"
    return wording.say(f"pages.sidebar.{key}", share=used / read if read else None)


def _other_files(workspace: Workspace, data_set: DataSet) -> None:
    """Other files in place of these, or beside them."""
    replace, add = wording.say("pages.data.replace"), wording.say("pages.data.add")
    choice = replace
    if workspace.sample:
        st.caption(wording.say("pages.data.add_to_sample"))
    else:
        choice = st.segmented_control(
            wording.say("pages.data.more"), [replace, add], default=replace, required=True, key="more"
        )
    if choice == add:
        channel_touches.hint(data_set)
        upload.box(workspace, wording.say("pages.data.add_label"), add_to=workspace.files)
    else:
        upload.box(workspace, wording.say("pages.data.replace_label"), add_to=NO_FILES)
    project_box.earlier(workspace)
