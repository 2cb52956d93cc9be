"""Notes to days: what happened when, in a few words, and whom it concerned. Charts over time mark them with their numbers; they are kept
with the project, and come from and go to a CSV file."""

from __future__ import annotations

from datetime import date

import streamlit as st

from funnel import DataSet
from funnel.charts.canvas import dated
from funnel.core.errors import FunnelError, QuestionError
from funnel.core.types import AsOf, DatedNote, NoteKind
from funnel.storage import notes_csv
from funnel.storage.project import LONGEST_LABEL, MOST_DATED_NOTES
from funnel.words import wording
from pages.server import downloads, edit_conflicts
from pages.server.workspace import Workspace
from pages.ui import day_box, note_links, texts

DAY, TEXT, KIND, STAGE, CONDITION = (f"dated_note_{name}" for name in ("day", "text", "kind", "stage", "condition"))
DAYS = date(1900, 1, 1), date(2199, 12, 31)
FILE, TAKEN, PROBLEMS = "dated_notes_file", "dated_notes_taken", "dated_notes_problems"
MOST_SENTENCES = 10


def show(workspace: Workspace, data_set: DataSet) -> None:
    """The menu: the notes, the earliest first, each with what it did and a button that takes it off; fields for another, and files."""
    until = data_set.observed_until
    if until is None:
        return
    with st.popover(wording.say("pages.dated_notes.open"), key="dated_notes", type="tertiary", icon=":material/flag:"):
        st.caption(wording.say("pages.dated_notes.help"))
        for number, each in enumerate(workspace.dated_notes):
            _line(workspace, number, each)
        for sentence in st.session_state.pop(PROBLEMS, ()):
            st.info(texts.inert(sentence))
        _form(workspace, data_set, until.date())
        _files(workspace)


def _line(workspace: Workspace, number: int, noted: DatedNote) -> None:
    """One note: its number on charts, what it says, and its buttons."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"dated_note_{number}", gap="small"):
        [said] = dated.listed([(number + 1, noted)])
        about = wording.dotted(part for part in (_kind(noted.kind), noted.stage) if part)
        # A number and a dot at the beginning would be a list.
        st.markdown(texts.inert(said) + (f"  \n:small[{texts.inert(about)}]" if about else ""))
        if st.button(
            wording.say("pages.dated_notes.effect"),
            key=f"effect_of_note_{number}",
            type="tertiary",
            help=wording.say("pages.dated_notes.effect_help"),
            on_click=note_links.ask_about,
            args=(noted,),
        ):
            note_links.go(noted)
        st.button(
            "✕",
            key=f"forget_note_{number}",
            type="tertiary",
            help=wording.say("pages.dated_notes.forget"),
            on_click=_forget,
            args=(workspace, noted),
        )


def _form(workspace: Workspace, data_set: DataSet, today: date) -> None:
    with st.form("add_dated_note", border=False, clear_on_submit=True):
        day_box.day(wording.say("pages.dated_notes.day"), today, *DAYS, key=DAY)
        st.text_input(wording.say("pages.dated_notes.text"), key=TEXT, max_chars=LONGEST_LABEL)
        st.selectbox(
            wording.say("pages.dated_notes.kind"),
            ["", *NoteKind],
            format_func=lambda kind: _kind(kind) or _no("kind"),
            key=KIND,
        )
        st.selectbox(
            wording.say("pages.dated_notes.stage"),
            ["", *_stages(data_set)],
            format_func=lambda name: wording.plain(name) or _no("stage"),
            key=STAGE,
        )
        st.text_input(
            wording.say("pages.dated_notes.condition"),
            key=CONDITION,
            max_chars=LONGEST_LABEL,
            placeholder=wording.say("pages.dated_notes.condition_example"),
        )
        st.form_submit_button(
            wording.say("pages.dated_notes.add"),
            on_click=_add,
            args=(workspace, data_set),
            disabled=len(workspace.dated_notes) >= MOST_DATED_NOTES,
        )


def _files(workspace: Workspace) -> None:
    if workspace.dated_notes:
        st.download_button(
            wording.say("pages.dated_notes.export"),
            downloads.given(lambda: notes_csv.written(workspace.dated_notes)),
            wording.say("pages.dated_notes.export_file"),
            "text/csv",
            key="dated_notes_export",
            on_click="ignore",
            type="tertiary",
        )
    turn = st.session_state.setdefault(TAKEN, 0)
    st.file_uploader(
        wording.say("pages.dated_notes.import"),
        type=["csv"],
        key=f"{FILE}_{turn}",
        help=wording.say("pages.dated_notes.import_help"),
        on_change=_take,
        args=(workspace,),
    )


def _stages(data_set: DataSet) -> list[str]:
    """The stages of the model that was looked through last, and the labels of the file, each once."""
    asked = st.session_state.get("question")
    models = [*([asked.model] if asked else []), data_set.as_recorded()]
    return list(dict.fromkeys(stage.name for model in models for stage in model.stages))


def _kind(kind: str | None) -> str:
    return wording.say(f"pages.dated_notes.kind_{kind}") if kind else ""


def _no(part: str) -> str:
    return wording.say(f"pages.dated_notes.{part}_none")


def _add(workspace: Workspace, data_set: DataSet) -> None:
    """A callback: the note that was typed; nothing where there are no words; no day, and a condition that cannot be asked, are said."""
    day, text = day_box.said(DAY), (st.session_state[TEXT] or "").strip()[:LONGEST_LABEL]
    condition = (st.session_state[CONDITION] or "").strip()[:LONGEST_LABEL]
    if not text:
        return
    if day is None or not DAYS[0] <= day <= DAYS[1]:
        st.session_state[PROBLEMS] = (day_box.unreadable(*DAYS),)
        return
    try:
        data_set.columns.written(condition, AsOf.START)
    except QuestionError as error:
        st.session_state[PROBLEMS] = (str(error),)
        return
    kind, stage = st.session_state[KIND], st.session_state[STAGE] or ""
    _keep(workspace, [DatedNote(day, text, NoteKind(kind) if kind else None, stage[:LONGEST_LABEL], condition)])


def _take(workspace: Workspace) -> None:
    """A callback: the notes of a file beside those there are, and a sentence for each line that is none."""
    turn = st.session_state[TAKEN]
    file = st.session_state.get(f"{FILE}_{turn}")
    if file is None:
        return
    st.session_state[TAKEN] = turn + 1
    try:
        found = notes_csv.read(file.getvalue(), len(workspace.dated_notes))
    except FunnelError as error:
        st.session_state[PROBLEMS] = (str(error),)
        return
    before = len(workspace.dated_notes)
    _keep(workspace, found.notes)
    sentences = [wording.say("pages.dated_notes.imported", added=len(workspace.dated_notes) - before)]
    st.session_state[PROBLEMS] = (*sentences, *notes_csv.problems_said(found, MOST_SENTENCES))


def _keep(workspace: Workspace, more: list[DatedNote] | tuple[DatedNote, ...]) -> None:
    if edit_conflicts.may_change(workspace, edit_conflicts.SAVED):
        noted = sorted({*workspace.dated_notes, *more}, key=_order)
        workspace.dated_notes = tuple(noted[:MOST_DATED_NOTES])


def _order(note: DatedNote) -> tuple[date, str, str, str, str]:
    return note.day, note.text, note.kind or "", note.stage, note.condition


def _forget(workspace: Workspace, note: DatedNote) -> None:
    if edit_conflicts.may_change(workspace, edit_conflicts.SAVED):
        workspace.dated_notes = tuple(each for each in workspace.dated_notes if each != note)
