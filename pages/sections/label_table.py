"""What each label of the file means: one table, for all models at once."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from funnel import DataSet, Shape, mapping
from funnel.words import wording
from pages.sections import mapping_form
from pages.server import edit_conflicts
from pages.server.workspace import Workspace
from pages.ui import tables

MEANING_DATES = (Shape.SNAPSHOT, Shape.WIDE)
"""Shapes in which the meaning of a label decides what a date is: closing, or the last change."""


def show(workspace: Workspace, data_set: DataSet) -> None:
    """The table of labels. A changed meaning counts at once; where dates depend on it the lines are mapped again."""
    names = mapping.choices()
    table = tables.labels(data_set.labels)
    table["concept"] = [names.get(concept, concept) for concept in table["concept"]]
    edited = st.data_editor(
        table,
        hide_index=True,
        height=tables.height(table),
        disabled=[column for column in table.columns if column != "concept"],
        key=f"labels_{workspace.token}_{data_set.revision}",
        column_config={
            "label": st.column_config.TextColumn(wording.say("pages.column.label"), width="medium"),
            "leads": st.column_config.NumberColumn(wording.say("pages.column.leads"), format="localized"),
            "first_seen": st.column_config.DateColumn(wording.say("pages.column.first_seen"), format="D MMM YYYY"),
            "last_seen": st.column_config.DateColumn(wording.say("pages.column.last_seen"), format="D MMM YYYY"),
            "concept": st.column_config.SelectboxColumn(
                wording.say("pages.column.concept"), options=list(names.values()), required=True, width="medium"
            ),
            "confidence": st.column_config.ProgressColumn(
                wording.say("pages.column.confidence"), min_value=0, max_value=1, format="percent"
            ),
        },
    )
    keys = {name: key for key, name in names.items()}
    changed = {
        label.label: keys[name]
        for label, name in zip(data_set.labels, edited["concept"], strict=True)
        if name in keys and keys[name] != label.concept
    }
    if changed:
        _take(workspace, data_set, changed)


def _take(workspace: Workspace, data_set: DataSet, changed: dict[str, str]) -> None:
    if data_set.mapping.shape in MEANING_DATES:
        concepts = tuple({**dict(data_set.hints.concepts), **changed}.items())
        mapping_form.apply(workspace, data_set, replace(data_set.hints, concepts=concepts))
        return
    if edit_conflicts.may_change(workspace, edit_conflicts.DATA):
        data_set.with_concepts(changed)
        workspace.remember()
    st.rerun()
