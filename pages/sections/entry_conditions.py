"""What must be true to enter a stage and what to ask there; and who entered without the columns that must be filled."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from funnel import Question, Stage, catalogue, measures
from funnel.core import exports
from funnel.measures.entry_conditions import EntryConditions, StageEntry
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import frame, tables, texts
from pages.ui.ask import ask, listed

PAGE_ROWS = 50
PAGE = "lacking_page"


def show(workspace: Workspace, question: Question) -> None:
    """Where a stage of the model requires columns, how many entered it without them, and who; then the words of each stage."""
    if any(stage.requires for stage in question.model.stages):
        _checked(workspace, ask(workspace, measures.entry_conditions, question))
    _guide(workspace, question)


@st.fragment
def _guide(workspace: Workspace, question: Question) -> None:
    """What must be true to enter each stage and what to ask there, once somebody wants to read it."""
    with st.expander(wording.say("pages.entry_conditions.guide"), key="entry_guide", on_change="rerun") as opened:
        if not opened.open:
            return
        meant = {} if workspace.data_set is None else workspace.data_set.concepts
        for place, stage in enumerate(question.model.stages, 1):
            with st.container(key=f"entry_stage_{place}", gap="xxsmall"):
                _told(place, stage, meant)


def _told(place: int, stage: Stage, meant: Mapping[str, str]) -> None:
    """A stage with its condition, what to ask there, and the columns that must be filled."""
    name = wording.say("pages.entry_conditions.place", place=place, stage=stage.name)
    st.markdown(f"**{texts.inert(name)}**")
    said = {
        "to_enter": {"sentence": catalogue.entry_condition(stage, meant)},
        "ask": {"sentence": catalogue.worth_asking(stage, meant)},
        "requires": {"columns": ", ".join(stage.requires)},
    }
    lines = [
        wording.say(f"pages.entry_conditions.{key}", **{name: texts.inert(value) for name, value in values.items()})
        for key, values in said.items()
        if any(values.values())
    ]
    for line in lines or [wording.say("pages.entry_conditions.nothing")]:
        st.markdown(line)


def _checked(workspace: Workspace, found: EntryConditions) -> None:
    """The stages that require columns, in a table with its CSV and query; which values were looked at; the leads without."""
    help_text = wording.say("pages.entry_conditions.help")
    st.header(wording.say("pages.entry_conditions.title"), anchor=False, help=help_text)
    table = tables.of("entry_conditions", found.rows())
    tables.show(table, "entry_conditions")
    st.caption(" ".join(texts.sentence(note) for note in found.notes))
    frame.below(
        key="entry_conditions",
        table=table,
        sql=found.sql,
        file_name="entry-conditions",
        views=("sql",),
    )
    _list(workspace, found)


@st.fragment
def _list(workspace: Workspace, found: EntryConditions) -> None:
    """The leads that entered a stage without, a page at a time, as CSV in whole; which columns are empty stands beside each."""
    title = wording.say("pages.entry_conditions.list")
    with st.expander(title, key="lacking", on_change="rerun") as opened:
        if not opened.open:
            return
        some = {each.position: each for each in found.stages if each.lacking}
        if not some:
            st.caption(wording.say("pages.entry_conditions.list_none"))
            return
        position = st.selectbox(
            wording.say("pages.leads.stage"),
            list(some),
            format_func=lambda position: wording.plain(some[position].stage),
            key=f"lacking_stage_{tuple(some)}",
            on_change=_first_page,
            width=320,
        )
        _leads(workspace, found.question, some[position])


def _first_page() -> None:
    st.session_state[PAGE] = 1


def _leads(workspace: Workspace, question: Question, stage: StageEntry) -> None:
    def asked(offset: int, limit: int | None) -> tuple[pd.DataFrame, int]:
        return listed(
            workspace,
            measures.leads_at,
            question,
            stage.position,
            lacking=stage.requires,
            offset=offset,
            limit=limit,
        )

    last_page = -(-(stage.lacking or 0) // PAGE_ROWS)
    page = min(st.session_state.get(PAGE, 1), last_page)
    rows, total = asked((page - 1) * PAGE_ROWS, PAGE_ROWS)
    counted = wording.say(f"pages.counted.{question.unit}", n=total)
    st.caption(wording.say("pages.entry_conditions.list_empty", counted=counted, stage=texts.inert(stage.stage)))
    tables.show(tables.leads(rows), f"lacking_table_{stage.position}")
    frame.list_foot(
        total,
        PAGE_ROWS,
        lambda: exports.csv(tables.leads(asked(0, None)[0])),
        "leads-without.csv",
        page_key=PAGE,
        key=f"csv_lacking_{stage.position}",
    )
