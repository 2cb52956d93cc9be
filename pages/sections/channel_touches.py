"""Files of touches on pages: what would bring them where there are none, and the lines that are no touches."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from funnel import DataSet, Question
from funnel.core import exports
from funnel.core.rows import Row
from funnel.measures.touches_list import touches_apart
from funnel.words import wording
from pages.sections import touch_form
from pages.server.workspace import Workspace
from pages.ui import frame, loading, tables
from pages.ui.ask import listed

PAGE_ROWS, PAGE = 50, "touches_apart_page"


def none(workspace: Workspace, data_set: DataSet) -> None:
    """What the page says without any touch, and the way on."""
    st.title(wording.say("pages.channels.none_title"), anchor=False)
    st.info(wording.say("building.no_touches" if data_set.built else "pages.channels.none"))
    touch_form.columns(workspace, data_set)
    if workspace.sample:
        st.button(
            wording.say("pages.channels.try_sample"),
            type="primary",
            key="try_touches",
            on_click=_try_sample,
            args=(workspace,),
        )
    st.page_link("segments_page.py", label=wording.say("pages.channels.to_segments"), icon=":material/arrow_forward:")


def _try_sample(workspace: Workspace) -> None:
    loading.begin(workspace, loading.sample(loading.TOUCHES))


def hint(data_set: DataSet) -> None:
    """One line where files are added: what a file of touches would show; nothing where there is one."""
    if data_set.touches is None and data_set.built is None:
        st.caption(wording.say("pages.channels.hint"))


def apart(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """How many lines are no touches, by reason, and a list of them with all as CSV."""
    touches = data_set.touches
    assert touches is not None
    rows: list[Row] = [
        {"reason": wording.say(f"touches.apart_{reason}"), "lines": lines} for reason, lines in touches.apart.items()
    ]
    st.caption(
        wording.say("pages.channels.apart", used=touches.used, apart=touches.lines - touches.used, lines=touches.lines)
    )
    if rows:
        _list(workspace, question, rows)
    with st.expander(wording.say("pages.touch_form.title"), on_change="rerun", key="touch_form") as box:
        if box.open:
            touch_form.columns(workspace, data_set)
            touch_form.names(workspace, data_set)


def _list(workspace: Workspace, question: Question, rows: list[Row]) -> None:
    st.html(tables.html(tables.of("touches_apart_reasons", rows)))
    page = st.session_state.get(PAGE, 1)
    found, total = listed(workspace, touches_apart, question, offset=(page - 1) * PAGE_ROWS, limit=PAGE_ROWS)
    tables.show(_named(found), "touches_apart")
    frame.list_foot(
        total,
        PAGE_ROWS,
        lambda: exports.csv(_named(listed(workspace, touches_apart, question, limit=None)[0])),
        "touches-left-out.csv",
        page_key=PAGE,
        key="touches_apart_csv",
    )


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    heads = wording.heads("touches_apart")
    reasons = {key: wording.say(f"touches.apart_{key}") for key in rows["reason"].unique()}
    return rows.assign(reason=rows["reason"].map(reasons))[list(heads)].rename(columns=heads)
