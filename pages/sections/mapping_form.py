"""The parts that columns play: filled with the guess, changed by hand, applied by reading the same lines again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

import streamlit as st

from funnel import DataSet, FunnelError, MappingOverrides, Shape, mapping
from funnel.words import wording
from pages.server import edit_conflicts
from pages.server.workspace import Workspace
from pages.ui import texts

UNUSED = mapping.UNUSED
LOGS = (Shape.HISTORY, Shape.CHANGES)
ORDERS = ("dmy", "mdy")


def show(workspace: Workspace, data_set: DataSet) -> None:
    """A box for the shape and one for each part. Nothing happens before Apply."""
    columns = list(dict.fromkeys(column for table in data_set.tables for column in table.columns))
    guessed = data_set.loaded.columns
    with st.form(f"mapping_{data_set.revision}", border=True):
        boxes = [*st.columns([9, 7, 5, 5]), *st.columns(5), *st.columns(5)]
        shape: Shape | None = boxes[0].selectbox(
            wording.say("pages.mapping.shape"),
            list(Shape),
            index=list(Shape).index(data_set.mapping.shape),
            format_func=lambda shape: wording.say(f"pages.shape.{shape}"),
        )
        chosen = {}
        for box, part in zip(boxes[1:], mapping.PARTS, strict=True):
            options = [UNUSED, *columns]
            now = guessed.get(part, UNUSED)
            chosen[part] = box.selectbox(
                wording.say(f"pages.part_of_file.{part}"),
                options,
                index=options.index(now) if now in options else 0,
                format_func=partial(_option, part),
                help=wording.say(f"pages.part_help.{part}"),
                key=f"part_{part}_{data_set.revision}",
            )
        pipeline = _pipeline(data_set)
        if st.form_submit_button(wording.say("pages.mapping.apply"), type="primary"):
            apply(workspace, data_set, _hints(data_set, shape, chosen, pipeline))


def tell_problem() -> None:
    """Say, once, why the lines could not be read as was asked."""
    if problem := st.session_state.pop("mapping_problem", None):
        st.error(problem)


def ambiguities(workspace: Workspace, data_set: DataSet) -> None:
    """The question which of two readings the dates mean, with both readings of a cell; one answer holds for all columns."""
    doubts = data_set.mapping.ambiguities
    if not doubts:
        return
    columns = wording.listed(list(dict.fromkeys(doubt.column for doubt in doubts)))
    with st.container(border=True, key="ambiguity"):
        st.markdown(
            wording.say("pages.mapping.ambiguous", columns=texts.inert(columns), text=texts.inert(doubts[0].text))
        )
        with st.container(horizontal=True):
            for order, reading in zip(ORDERS, (doubts[0].day_first, doubts[0].month_first), strict=True):
                day = wording.day(date.fromisoformat(reading))
                if st.button(wording.say(f"pages.mapping.{order}", reading=day), key=f"order_{order}"):
                    apply(workspace, data_set, replace(data_set.overrides, date_order=order))


def apply(workspace: Workspace, data_set: DataSet, overrides: MappingOverrides) -> None:
    """Map the same lines under these overrides, and begin the page anew."""
    with st.spinner(wording.say("pages.mapping.applying")):
        remap(workspace, data_set, overrides)
    st.rerun()


def remap(workspace: Workspace, data_set: DataSet, overrides: MappingOverrides) -> None:
    """Map the same lines under these overrides; when that fails, `tell_problem` says why, and all stays as it was."""
    if not edit_conflicts.may_change(workspace, edit_conflicts.DATA):
        return
    try:
        data_set.remap(overrides)
    except FunnelError as error:
        st.session_state["mapping_problem"] = texts.problem(error)
    else:
        workspace.remember()


def _option(part: str, column: str) -> str:
    """What stands in the box of a part: a header, or what it means that there is none."""
    if column != UNUSED:
        return wording.plain(column)
    return wording.say("pages.mapping.each_line" if part == "lead" else "pages.mapping.unused")


def _pipeline(data_set: DataSet) -> str | None:
    pipelines = dict(data_set.loaded.pipelines)
    if len(pipelines) < 2:
        return None
    options = [None, *pipelines]
    now = data_set.overrides.pipeline
    chosen: str | None = st.selectbox(
        wording.say("pages.mapping.pipeline"),
        options,
        index=options.index(now) if now in options else 0,
        format_func=lambda name: (
            wording.say("pages.mapping.all_pipelines")
            if name is None
            else wording.say("pages.mapping.one_pipeline", name=wording.plain(name), leads=pipelines[name])
        ),
    )
    return chosen


def _hints(data_set: DataSet, shape: Shape | None, chosen: dict[str, str], pipeline: str | None) -> MappingOverrides:
    """The overrides so far with what was changed by hand; what stayed as it was guessed stays a guess."""
    guessed = data_set.loaded.columns
    changed = {
        "pipeline_column" if part == "pipeline" else part: column
        for part, column in chosen.items()
        if column != guessed.get(part, UNUSED)
    }
    said_shape = data_set.overrides.shape if shape is data_set.mapping.shape else shape
    if changed.get("lead") == UNUSED and shape is data_set.mapping.shape and shape in LOGS:
        # What was said of a line's shape before is taken back by what is said of it now.
        said_shape = None
    return replace(data_set.overrides, shape=said_shape, pipeline=pipeline, **changed)  # type: ignore[arg-type]
