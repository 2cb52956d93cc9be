"""The parts of a report, gathered from charts of all pages: put in, moved, taken out; kept with the work."""

from __future__ import annotations

import streamlit as st

from funnel import report
from funnel.core.types import ReportPart
from funnel.report import said
from funnel.storage.project import MOST_PARTS
from funnel.words import wording
from pages.server import edit_conflicts, sessions
from pages.server.workspace import Workspace

ADDED = "report_added"


def add(part: ReportPart) -> None:
    """A callback: the part comes last; one that is in it already is not put in twice."""
    space = sessions.current()
    if space.data_set is None:
        return
    lasting = report.lasting(part, space.data_set)
    if lasting in space.report:
        st.session_state[ADDED] = "there"
    elif len(space.report) >= MOST_PARTS:
        st.session_state[ADDED] = "full"
    elif edit_conflicts.may_change(space, edit_conflicts.REPORT):
        space.report = (*space.report, lasting)
        st.session_state[ADDED] = "added"


def tell() -> None:
    """Say, once, what became of a part that was put in."""
    if told := st.session_state.pop(ADDED, None):
        parts = len(sessions.current().report)
        st.toast(wording.say(f"pages.report.{told}", n=parts, most=MOST_PARTS), icon=":material/note_add:")


def move(space: Workspace, place: int, by: int) -> None:
    """A callback: the part changes places with its neighbour."""
    if edit_conflicts.may_change(space, edit_conflicts.REPORT) and 0 <= place + by < len(space.report):
        parts = list(space.report)
        parts[place], parts[place + by] = parts[place + by], parts[place]
        space.report = tuple(parts)


def take_out(space: Workspace, place: int) -> None:
    """A callback: the part is not in it any more."""
    if edit_conflicts.may_change(space, edit_conflicts.REPORT):
        space.report = (*space.report[:place], *space.report[place + 1 :])


def name(part: ReportPart) -> str:
    """What a part is called, plain text."""
    known = part.section in report.KINDS
    return wording.say(f"report.names.{part.section}" if known else "report.title")


def asked(space: Workspace, part: ReportPart) -> str:
    """The question of a part, in a line of plain text."""
    return said.asked([part.question], space.data_set)
