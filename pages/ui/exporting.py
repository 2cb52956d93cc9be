"""The Export menu of a chart: its table and query, files of both, its picture for a slide, copies, and the page on paper.

Pictures are made in the browser (`browser/slide.js`), of what stands there already. A table is sent only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from funnel import Question
from funnel.core import exports
from funnel.core.types import ReportPart
from funnel.report import said
from funnel.words import wording
from pages.server import sessions
from pages.ui import components, gathered

LABELS = (
    *("export", "table", "sql", "csv", "png", "svg", "copy_picture", "copy_table", "report", "print"),
    *("copied", "not_copied"),
)
PUT = "put_into_report_"
FORMS = {"csv": lambda table: exports.csv(table).decode("utf-8"), "copy_table": exports.tabbed}
"""A table as text, by what was chosen in the menu."""


def menu(
    *,
    key: str,
    title: str,
    table: pd.DataFrame,
    file_name: str,
    pictures: Sequence[str],
    views: Sequence[str],
    questions: Sequence[Question],
    part: ReportPart | None,
) -> str | None:
    """The menu; which of the `views` is open below it.

    `pictures` are the keys of the charts that it takes together; `title` is what stands over them on a slide, "" the page's own;
    `part` is what it puts into the report, None: it does not.
    """
    if st.session_state.pop(f"{PUT}{key}", False):
        # The box of the report stands elsewhere on the page.
        st.rerun()
    piece, open_view, wanted = f"menu_{key}", f"view_{key}", f"wanted_{key}"

    def look() -> None:
        view = st.session_state[piece]["view"]
        st.session_state[open_view] = None if st.session_state.get(open_view) == view else view

    def want() -> None:
        st.session_state[wanted] = st.session_state[piece]["wanted"]

    def put() -> None:
        if part is not None:
            gathered.add(part)
            st.session_state[f"{PUT}{key}"] = True

    asked: Any = st.session_state.pop(wanted, None)
    form, turn = (asked.get("form"), asked.get("turn")) if isinstance(asked, dict) else (None, None)
    answer = {"turn": turn, "text": FORMS[form](table)} if isinstance(form, str) and form in FORMS else None
    view: str | None = st.session_state.get(open_view)
    view = view if view in views else None
    components.mount(
        "menu",
        key=piece,
        data={
            "words": {name: wording.say(f"pages.export.{name}") for name in LABELS},
            "name": wording.say("pages.export.export_of", title=title) if title else wording.say("pages.export.export"),
            "views": list(views),
            "view": view,
            "pictures": list(pictures),
            "title": title,
            "asked": wording.dotted(
                [
                    said.asked(questions or [st.session_state["question"]], sessions.current().data_set),
                    *_notes(pictures),
                ]
            ),
            "source": source(),
            "file": file_name,
            "report": part is not None,
            "answer": answer,
        },
        on_view_change=look,
        on_wanted_change=want,
        on_report_change=put,
    )
    return view


def _notes(pictures: Sequence[str]) -> list[str]:
    """What the numbers of the notes mean that are marked on some charts, each once."""
    return list(dict.fromkeys(note for key in pictures for note in st.session_state.get(f"notes_{key}", ())))


def source() -> str:
    """Which files what is shown comes of, how many leads they hold, up to when they tell, and who drew it, as plain text."""
    space = sessions.current()
    data_set = space.data_set
    if data_set is None:
        return wording.say("pages.name")
    files = [wording.plain(file.name) for file in data_set.files]
    observed = data_set.observed_until
    parts = [
        wording.say("pages.sidebar.sample") if space.sample else wording.listed(files),
        wording.say("pages.counted.lead", n=data_set.leads),
        *([wording.say("pages.times.observed", until=observed)] if observed else []),
        wording.say("pages.name"),
    ]
    return wording.dotted(parts)
