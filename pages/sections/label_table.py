"""What each label of the file means: one box a label, those first that need a person; of many the rest as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from funnel import DataSet, Shape, mapping
from funnel.core.types import UNPLACED, LabelCount
from funnel.words import wording
from pages.sections import mapping_form
from pages.server import edit_conflicts
from pages.server.workspace import Workspace
from pages.ui import tables, texts

MEANING_DATES = (Shape.SNAPSHOT, Shape.WIDE)
"""Shapes in which the meaning of a label decides what a date is: closing, or the last change."""
MOST_BOXES = 24
UNSURE = 0.6
"""A guess of less confidence is looked at by a person first."""


def show(workspace: Workspace, data_set: DataSet) -> None:
    """The boxes, and the table of the other labels. What is changed counts at once; where dates depend on it, lines are mapped again."""
    ordered = sorted(data_set.labels, key=lambda label: (not needs_you(label), -label.leads))
    for label in ordered[:MOST_BOXES]:
        _box(workspace, data_set, label)
    rest = ordered[MOST_BOXES:]
    if rest:
        with st.expander(wording.say("pages.labels.others", n=len(rest))):
            _table(workspace, data_set, rest)


def needs_you(label: LabelCount) -> bool:
    """Whether nothing is known of a label, or little."""
    return label.concept == UNPLACED or label.confidence < UNSURE


def _box(workspace: Workspace, data_set: DataSet, label: LabelCount) -> None:
    names = mapping.choices()
    key = f"means_{workspace.token}_{data_set.revision}_{label.label}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"label_{data_set.labels.index(label)}"):
        st.markdown(f"**{texts.inert(label.label)}**", width="stretch")
        note = "unmapped" if label.concept == UNPLACED else "unsure" if label.confidence < UNSURE else "sure"
        st.caption(wording.say(f"pages.labels.{note}", leads=label.leads, sure=label.confidence), width="content")
        st.selectbox(
            wording.say("pages.labels.means", label=texts.inert(label.label)),
            list(names),
            index=list(names).index(label.concept) if label.concept in names else None,
            format_func=lambda concept: names[concept],
            key=key,
            label_visibility="collapsed",
            width=280,
            on_change=partial(_chosen, workspace, data_set, label.label, key),
        )


def _chosen(workspace: Workspace, data_set: DataSet, label: str, key: str) -> None:
    """A callback: the label means what was chosen."""
    concept = st.session_state.get(key)
    if concept is not None:
        take(workspace, data_set, {label: concept})


def _table(workspace: Workspace, data_set: DataSet, labels: Sequence[LabelCount]) -> None:
    names = mapping.choices()
    table = tables.labels(tuple(labels))
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
        for label, name in zip(labels, edited["concept"], strict=True)
        if name in keys and keys[name] != label.concept
    }
    if changed:
        take(workspace, data_set, changed)
        st.rerun()


def take(workspace: Workspace, data_set: DataSet, changed: dict[str, str]) -> None:
    """Have these labels mean these concepts."""
    if data_set.mapping.shape in MEANING_DATES:
        concepts = tuple({**dict(data_set.overrides.concepts), **changed}.items())
        mapping_form.remap(workspace, data_set, replace(data_set.overrides, concepts=concepts))
    elif edit_conflicts.may_change(workspace, edit_conflicts.DATA):
        data_set.with_concepts(changed)
        workspace.remember()
