"""What each label of the file means: one box a label, those first that need a person; of many the rest as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from funnel import DataSet, Shape, mapping
from funnel.core.types import UNPLACED, LabelCount
from funnel.words import numeric_days, wording
from pages.sections import mapping_form
from pages.server import edit_conflicts
from pages.server.workspace import Workspace
from pages.ui import tables, texts

MEANING_DATES = (Shape.SNAPSHOT, Shape.WIDE)
"""Shapes in which the meaning of a label decides what a date is: closing, or the last change."""
TOUCH = "touch"
"""As the meaning of a label: its entries are touches."""
MOST_BOXES = 24
UNSURE = 0.6
"""A guess of less confidence is looked at by a person first."""


def show(workspace: Workspace, data_set: DataSet) -> None:
    """The boxes, and the table of the other labels. What is changed counts at once; where dates depend on it, lines are mapped again."""
    ordered = sorted(data_set.labels, key=lambda label: (not needs_you(label), -label.leads))
    with st.container(key="label_boxes", gap="xsmall"):
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
    names = _choices(data_set)
    meaning = TOUCH if _is_touch(data_set, label.label) else label.concept
    key = f"means_{workspace.token}_{data_set.revision}_{label.label}"
    with st.container(horizontal=True, vertical_alignment="center", key=f"label_{data_set.labels.index(label)}"):
        st.markdown(f"**{texts.inert(label.label)}**", width="stretch")
        note = "unmapped" if label.concept == UNPLACED else "unsure" if label.confidence < UNSURE else "sure"
        st.caption(wording.say(f"pages.labels.{note}", leads=label.leads, sure=label.confidence), width="content")
        st.selectbox(
            wording.say("pages.labels.means", label=texts.inert(label.label)),
            list(names),
            index=list(names).index(meaning) if meaning in names else None,
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


def _choices(data_set: DataSet) -> dict[str, str]:
    """All that a label may mean; of a history also that its entries are touches of the lead, and no stage."""
    has_touches = data_set.built is None and data_set.mapping.shape not in MEANING_DATES
    return {**mapping.choices(), **({TOUCH: wording.say("labels.touch")} if has_touches else {})}


def _is_touch(data_set: DataSet, label: str) -> bool:
    return data_set.touches is not None and label in data_set.touches.labels


def _day_column(name: str) -> Any:
    head = wording.say(f"pages.column.{name}")
    if numeric_days.are_common():
        return st.column_config.DateColumn(head, format="D MMM YYYY")
    return st.column_config.TextColumn(head)


def _table(workspace: Workspace, data_set: DataSet, labels: Sequence[LabelCount]) -> None:
    names = _choices(data_set)
    table = tables.labels(tuple(labels))
    meanings = [TOUCH if _is_touch(data_set, label.label) else label.concept for label in labels]
    table["concept"] = [names.get(meaning, meaning) for meaning in meanings]
    edited = st.data_editor(
        table,
        hide_index=True,
        height=tables.height(table),
        disabled=[column for column in table.columns if column != "concept"],
        key=f"labels_{workspace.token}_{data_set.revision}",
        column_config={
            "label": st.column_config.TextColumn(wording.say("pages.column.label"), width="medium"),
            "leads": st.column_config.NumberColumn(wording.say("pages.column.leads"), format="localized"),
            "first_seen": _day_column("first_seen"),
            "last_seen": _day_column("last_seen"),
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
        for label, name, meaning in zip(labels, edited["concept"], meanings, strict=True)
        if name in keys and keys[name] != meaning
    }
    if changed:
        take(workspace, data_set, changed)
        st.rerun()


def take(workspace: Workspace, data_set: DataSet, changed: dict[str, str]) -> None:
    """Have these labels mean these concepts, or be touches."""
    touching = [label for label, meaning in changed.items() if meaning == TOUCH]
    if data_set.mapping.shape in MEANING_DATES or touching or any(_is_touch(data_set, label) for label in changed):
        said = {**dict(data_set.overrides.concepts), **changed}
        concepts = tuple((label, meaning) for label, meaning in said.items() if meaning != TOUCH)
        labels = (*(label for label in data_set.overrides.touch_labels if label not in changed), *touching)
        mapping_form.remap(workspace, data_set, replace(data_set.overrides, concepts=concepts, touch_labels=labels))
    elif edit_conflicts.may_change(workspace, edit_conflicts.DATA):
        data_set.with_concepts(changed)
        workspace.remember()
