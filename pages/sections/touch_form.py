"""Which file holds touches, which of its columns play which part, and what channels go by: said by hand where headers do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st

from funnel import DataSet
from funnel.core.types import RawTable
from funnel.mapping import TOUCH_PARTS, UNUSED
from funnel.words import wording
from pages.sections import mapping_form
from pages.server.workspace import Workspace

NAME, GOES_BY = "channel", "goes_by"
LONGEST_NAME = 80


def columns(workspace: Workspace, data_set: DataSet) -> None:
    """The file and its columns, of data of several files; the lines are read again by a button."""
    tables = data_set.tables
    if data_set.built is not None or len(tables) < 2:
        return
    taken = set(data_set.touches.files) if data_set.touches is not None else set()
    options = [UNUSED, *(table.table for table in tables)]
    now = next((name for name in options if name in taken), UNUSED)
    by_name = {table.table: table for table in tables}
    headers = list(dict.fromkeys(column for table in tables for column in table.columns))
    with st.form(f"touch_form_{data_set.revision}", border=True):
        boxes = st.columns(4)
        file = boxes[0].selectbox(
            wording.say("pages.touch_form.file"),
            options,
            index=options.index(now),
            format_func=lambda name: _file(by_name, name),
            key=f"touch_file_{data_set.revision}",
        )
        chosen = {}
        for box, part in zip(boxes[1:], TOUCH_PARTS, strict=True):
            said = getattr(data_set.overrides, part)
            parts = [UNUSED, *headers]
            chosen[part] = box.selectbox(
                wording.say(f"pages.touch_form.{part}"),
                parts,
                index=parts.index(said) if said in parts else 0,
                format_func=lambda name: (
                    wording.say("pages.touch_form.by_headers") if name == UNUSED else wording.plain(name)
                ),
                key=f"{part}_{data_set.revision}",
            )
        if st.form_submit_button(wording.say("pages.mapping.apply"), type="primary"):
            named = {part: None if column == UNUSED else column for part, column in chosen.items()}
            overrides = data_set.overrides.replaced({"touches": (file,), **named})
            mapping_form.apply(workspace, data_set, overrides)


def names(workspace: Workspace, data_set: DataSet) -> None:
    """What each channel goes by; without a name its touches do not count."""
    touches = data_set.touches
    if touches is None:
        return
    said = dict(data_set.overrides.channels)
    gone = [name for name, goes_by in said.items() if goes_by == UNUSED]
    shown = [name for name in touches.channels if name != touches.other or not touches.folded]
    rows = pd.DataFrame({NAME: [*shown, *gone], GOES_BY: [*shown, *([""] * len(gone))]})
    st.caption(wording.say("pages.touch_form.names_help"))
    with st.form(f"touch_names_{data_set.revision}", border=False):
        edited = st.data_editor(
            rows,
            hide_index=True,
            disabled=[NAME],
            key=f"touch_names_table_{data_set.revision}",
            column_config={
                NAME: st.column_config.TextColumn(wording.say("tables.credit.channel")),
                GOES_BY: st.column_config.TextColumn(wording.say("pages.touch_form.goes_by"), max_chars=LONGEST_NAME),
            },
        )
        if st.form_submit_button(wording.say("pages.mapping.apply"), type="primary"):
            pairs = renamed(said, rows, edited)
            mapping_form.apply(workspace, data_set, replace(data_set.overrides, channels=tuple(pairs.items())))


def renamed(said: Mapping[str, str], before: pd.DataFrame, after: pd.DataFrame) -> dict[str, str]:
    """What was said of channels before and is said now: who goes by a name that is changed goes by the new one."""
    pairs = dict(said)
    for name, was, now in zip(before[NAME], before[GOES_BY], after[GOES_BY], strict=True):
        text = (now or "").strip()
        if text == was:
            continue
        pairs = {old: (text or UNUSED) if goes_by == was else goes_by for old, goes_by in pairs.items()}
        pairs[name] = text or UNUSED
    return {old: goes_by for old, goes_by in pairs.items() if old != goes_by}


def _file(tables: Mapping[str, RawTable], name: str) -> str:
    return wording.say("pages.touch_form.no_file") if name == UNUSED else wording.plain(tables[name].name)
