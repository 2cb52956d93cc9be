"""The Data page: what was understood of the files, where every line went, and the mapping, all of it editable."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question, mapping
from funnel.core import exports, insights
from funnel.words import wording
from pages.sections import (
    doubt_banner,
    end_choice,
    health_bar,
    label_table,
    mapping_form,
    other_readings,
    project_box,
    special,
    why_view,
)
from pages.server import downloads
from pages.server.sessions import current
from pages.server.workspace import Workspace
from pages.ui import frame, tables, tabs, texts

MOST_REJECTS = 50


TABS = ("labels", "columns", "rows", "project")


def show(workspace: Workspace, data_set: DataSet) -> None:
    """What was understood, what needs a person first, then one tab: labels, columns, lines, project."""
    st.title(wording.say("pages.data.title"), anchor=False)
    st.markdown(texts.sentence(data_set.loaded.understood))
    mapping_form.ambiguities(workspace, data_set)
    mapping_form.tell_problem()
    if workspace.unkept:
        # Who would lose work reads so on every tab.
        st.warning(workspace.unkept)
    health_bar.show(data_set)
    tab = tabs.show(health_bar.PAGE, TABS)
    if tab == "labels":
        _labels(workspace, data_set)
    elif tab == "columns":
        _columns(workspace, data_set)
    elif tab == "rows":
        _lines(data_set)
        _remarks(workspace, data_set)
        if data_set.built is None:
            _preview(data_set)
    else:
        _save(data_set)
        project_box.show(workspace, data_set)


def _labels(workspace: Workspace, data_set: DataSet) -> None:
    st.header(wording.say("pages.labels.title"), anchor=False)
    st.caption(wording.say("pages.labels.help"))
    label_table.show(workspace, data_set)
    end_choice.show(workspace, data_set)
    with st.expander(wording.say("pages.data.order"), on_change="rerun", key="order_check") as box:
        if box.open:
            special.order(workspace, Question(data_set.as_recorded()))


def _columns(workspace: Workspace, data_set: DataSet) -> None:
    st.header(wording.say("pages.mapping.title"), anchor=False)
    if data_set.built is None:
        st.caption(wording.say("pages.mapping.help"))
        mapping_form.show(workspace, data_set)
        why_view.show(data_set)
        other_readings.show(workspace, data_set)
    else:
        st.caption(wording.say("building.remap"))


def _remarks(workspace: Workspace, data_set: DataSet) -> None:
    # What is asked above needs no warning too.
    hidden = [note for note in doubt_banner.doubts(workspace, data_set) if note.key in workspace.hidden_doubts]
    warnings = [*hidden, *(note for note in data_set.warnings if note.key != "mapping.ambiguous_date")]
    cannot = data_set.loaded.cannot
    for key, columns in (
        ("at_start", data_set.loaded.at_start),
        ("unknown_at_start", data_set.columns.unknown_at_start),
    ):
        if columns:
            names = [insights.column_name(column) for column in columns]
            st.caption(texts.inert(wording.say(f"pages.data.{key}", columns=names)))
    if warnings:
        st.warning(_bullets(wording.say("pages.data.warnings"), [texts.sentence(note) for note in warnings]))
    if not data_set.bought_again:
        st.caption(wording.say("pages.customers.not_here"))
    if cannot:
        st.info(_bullets(wording.say("pages.data.cannot"), [texts.sentence(note) for note in cannot]))


def _bullets(title: str, sentences: list[str]) -> str:
    return f"**{title}**\n\n" + "\n".join(f"- {sentence}" for sentence in sentences)


def _lines(data_set: DataSet) -> None:
    st.header(wording.say("pages.data.lines"), anchor=False, help=wording.say("pages.data.lines_help"))
    tables.show(tables.files(data_set.files), "files")
    count = data_set.reject_count()
    if not count:
        st.caption(wording.say("pages.data.no_rejects"))
        return
    with st.expander(wording.say("pages.data.rejects", cells=count), key="rejects"):
        tables.show(tables.rejects(data_set.rejects(limit=MOST_REJECTS)), "rejects_table")
        if count > MOST_REJECTS:
            st.caption(wording.say("pages.data.first_rejects", shown=MOST_REJECTS))
        frame.csv(
            wording.say("pages.data.rejects_csv"),
            lambda: exports.csv(tables.rejects(data_set.rejects(limit=None))),
            "rejected-lines.csv",
            key="csv_rejects",
        )


def _preview(data_set: DataSet) -> None:
    with st.expander(wording.say("pages.data.preview"), expanded=True, key="preview"):
        tables_read = data_set.tables
        if len(tables_read) > 1:
            index = st.selectbox(
                wording.say("pages.data.table"),
                range(len(tables_read)),
                format_func=lambda index: wording.plain(tables_read[index].name),
                key="preview_table",
            )
        else:
            index = 0
        st.dataframe(
            tables.preview(data_set.preview(tables_read[index].table, 20)),
            hide_index=True,
            height=250,
            key=f"preview_{index}",
        )


def _save(data_set: DataSet) -> None:
    st.download_button(
        wording.say("pages.mapping.save"),
        downloads.given(lambda: mapping.to_toml(data_set.mapping, data_set.overrides).encode()),
        "mapping.toml",
        "application/toml",
        on_click="ignore",
        key="save_mapping",
        help=wording.say("pages.mapping.save_help"),
    )


space = current()
if space.data_set is not None:
    show(space, space.data_set)
