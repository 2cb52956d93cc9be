"""The banner over every page of files that may well mean something else than was understood: the doubts, and the other reading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from funnel import DataSet, Question, measures
from funnel.core import insights
from funnel.core.types import Note
from funnel.words import wording
from pages.sections import mapping_form, other_readings
from pages.server.workspace import Workspace
from pages.ui import texts
from pages.ui.ask import ask

TWO_WAYS = "doubt.two_ways_"


def show(workspace: Workspace, data_set: DataSet, data_page: Any, *, here: bool) -> None:
    """The doubts that were not put aside, in one box; `here`: the page below is the Data page.

    Its place is there without doubts too, so that what stands below it is the same element with it and without it.
    """
    with st.container(key="doubt_place"):
        if not here:
            mapping_form.tell_problem()
        notes = [note for note in doubts(workspace, data_set) if note.key not in workspace.hidden_doubts]
        if not notes:
            return
        with st.container(border=True, key="doubt_banner", gap="xsmall"):
            for note in notes:
                st.markdown(texts.sentence(note))
            with st.container(horizontal=True, vertical_alignment="center", key="doubt_answers", gap="small"):
                if any(note.key.startswith(TWO_WAYS) for note in notes):
                    other = data_set.mapping.alternatives[0]
                    other_readings.button(workspace, data_set, other, f"read_otherwise_{data_set.revision}")
                if not here:
                    st.page_link(data_page, label=wording.say("pages.doubt.data"))
                st.button(
                    wording.say("pages.doubt.hide"),
                    key="hide_doubts",
                    type="tertiary",
                    help=wording.say("pages.doubt.hide_help"),
                    on_click=_hide,
                    args=(workspace, [note.key for note in notes]),
                )


def doubts(workspace: Workspace, data_set: DataSet) -> list[Note]:
    """The doubts about these files as they are read now, hidden or not; none about a built folder, which cannot be read otherwise."""
    if data_set.built is not None:
        return []
    return [_up_to_date(workspace, data_set, note) for note in data_set.loaded.doubts]


def _up_to_date(workspace: Workspace, data_set: DataSet, note: Note) -> Note:
    """The note with a header that fits, and the wins by what its labels are taken for now."""
    values = dict(note.values)
    if "column" in values:
        values["column"] = insights.short(wording.plain(values["column"]))
    if note.key.startswith(TWO_WAYS):
        recorded = Question(data_set.as_recorded(), observed_until=data_set.observed_until)
        values["won"] = ask(workspace, measures.steps, recorded).won
    return replace(note, values=values)


def _hide(workspace: Workspace, keys: list[str]) -> None:
    """A callback: put these doubts aside, for this data set."""
    workspace.hidden_doubts |= frozenset(keys)
