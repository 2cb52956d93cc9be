"""The report in the making: its parts in their order, its title, and the files to hand on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from funnel import DataSet, report
from funnel.core.errors import Interrupted
from funnel.report import paper, slides, writing
from funnel.report.contents import LONGEST_TITLE
from funnel.words import wording
from pages.server import downloads, edit_conflicts, query_queue
from pages.server.workspace import Workspace, safe_name
from pages.ui import gathered, texts

TITLE = "report_title"
TYPES = {
    writing.PAGE: "text/html",
    writing.SLIDES: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    writing.PAPER: "application/pdf",
}


def show(workspace: Workspace, data_set: DataSet) -> None:
    """The button with the number of its parts, and what it opens."""
    parts = workspace.report
    gathered.tell()
    label = wording.say("pages.report.open_of", n=len(parts)) if parts else wording.say("pages.report.open")
    with st.popover(label, key="report_box", type="tertiary"):
        if not parts:
            st.caption(wording.say("pages.report.none"))
            return
        for place, part in enumerate(parts):
            _line(workspace, place, gathered.name(part), gathered.asked(workspace, part))
        _title(workspace)
        _files(workspace, data_set)


def _line(workspace: Workspace, place: int, name: str, asked: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"report_part_{place}", gap="small"):
        st.markdown(f"{place + 1}. **{texts.inert(name)}** · {texts.inert(asked)}")
        for sign, by, key in (("↑", -1, "up"), ("↓", 1, "down")):
            st.button(
                sign,
                key=f"report_{key}_{place}",
                type="tertiary",
                help=wording.say(f"pages.report.{key}", name=texts.inert(name)),
                on_click=gathered.move,
                args=(workspace, place, by),
                disabled=not 0 <= place + by < len(workspace.report),
            )
        st.button(
            "✕",
            key=f"report_out_{place}",
            type="tertiary",
            help=wording.say("pages.report.out", name=texts.inert(name)),
            on_click=gathered.take_out,
            args=(workspace, place),
        )


def _title(workspace: Workspace) -> None:
    if st.session_state.get(TITLE) != workspace.report_title:
        st.session_state[TITLE] = workspace.report_title
    st.text_input(
        wording.say("pages.report.title"),
        key=TITLE,
        max_chars=LONGEST_TITLE,
        placeholder=wording.say("report.title"),
        on_change=_take_title,
        args=(workspace,),
    )


def _take_title(workspace: Workspace) -> None:
    if edit_conflicts.may_change(workspace, edit_conflicts.REPORT):
        workspace.report_title = (st.session_state[TITLE] or "").strip()[:LONGEST_TITLE]


def _files(workspace: Workspace, data_set: DataSet) -> None:
    offered = [("page", writing.PAGE, False), ("light", writing.PAGE, True)]
    offered += [("slides", writing.SLIDES, False)] if slides.is_there() else []
    offered += [("paper", writing.PAPER, False)] if paper.browser() is not None else []
    name = Path(safe_name(workspace.report_title or wording.say("report.title"))).name.removesuffix(".")
    st.caption(wording.say("pages.report.take"))
    with st.container(horizontal=True, key="report_files", gap="small"):
        for key, ending, light in offered:
            st.download_button(
                wording.say(f"pages.report.{key}"),
                downloads.given(_made(workspace, data_set, ending, light)),
                f"{name}{ending}",
                TYPES[ending],
                key=f"report_{key}",
                on_click="ignore",
                help=wording.say(f"pages.report.{key}_help"),
            )


def _made(workspace: Workspace, data_set: DataSet, ending: str, light: bool) -> Callable[[], bytes]:
    parts, title, files, token = workspace.report, workspace.report_title, workspace.files.paths, workspace.token

    def ask(*asked: Any, **named: Any) -> Any:
        while True:
            try:
                with query_queue.questions.turn(token, data_set.interrupt):
                    return data_set.ask(*asked, **named)
            except Interrupted:
                # Somebody clicked meanwhile, or waited for a turn: it is asked again.
                continue

    def make() -> bytes:
        made = report.make(data_set, parts, files=files, title=title, asking=ask)
        # Printing, and a presentation, take as much of the machine as reading a file does.
        with query_queue.readings.turn(token):
            return writing.content(made, ending, light=light)

    return make
