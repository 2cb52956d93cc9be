"""Time in stage and time to convert: the pictures, a closer look at one stage, and their tables."""

from __future__ import annotations

import streamlit as st

from funnel import Question, charts
from funnel.core.types import BinUnit, StageTime, Times
from funnel.words import wording
from pages.sections import time_tables
from pages.server.workspace import Workspace
from pages.ui import ask, frame, split, tables, texts

ROWS_WIDTH = 1080
"""Pixels that rows of durations are drawn for at most: wider, their counts stand far from them."""


@st.fragment
def stages(workspace: Workspace, question: Question, found: Times) -> None:
    """A row for each stage, then one stage by its curve, its histogram, and the values of a column."""
    st.subheader(wording.say("pages.times.stages"), anchor=False, help=wording.say("pages.times.stages_help"))
    figure = charts.stage_times(found, dark=frame.dark(), width_hint=frame.width_hint())
    with st.container(width=ROWS_WIDTH):
        frame.picture(
            figure, key="stage_times", description=charts.describe_stage_times(found), file_name="time-in-stage"
        )
    if found.left_out:
        names = [found.question.model.stages[place].name for place in found.left_out]
        st.caption(texts.inert(wording.say("pages.times.left_out", stages=names)))
    frame.below(key="stage_times", table=time_tables.stages(found), sql=found.sql, file_name="time-in-stage")
    _closer(workspace, question, found)


def _closer(workspace: Workspace, question: Question, found: Times) -> None:
    places = [stage.position for stage in found.stages]
    slow = found.bottleneck.slowest if found.bottleneck else None
    with st.container(horizontal=True, vertical_alignment="bottom", key="closer"):
        position = st.selectbox(
            wording.say("pages.times.stage"),
            places,
            index=places.index(slow.position) if slow else 0,
            format_func=lambda place: wording.plain(found.question.model.stages[place].name),
            key=f"at_stage_{question.model.key}",
            width=320,
        )
        stage = found.at(position)
        if stage is None:
            return
        unit = _unit(stage)
    name = texts.inert(stage.name)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{wording.say('pages.times.curve', stage=name)}**")
        said = charts.describe_stay_curves(found, position)
        figure = charts.stay_curves(found, position, dark=frame.dark(), width_hint=frame.width_hint())
        frame.picture(figure, key="stay_curves", description=said, file_name="still-at-stage")
        st.caption(texts.inert(said))
    with right:
        st.markdown(f"**{wording.say('pages.times.histogram', stage=name)}**")
        said = charts.describe_stay_histogram(found, position, unit)
        figure = charts.stay_histogram(found, position, unit, dark=frame.dark(), width_hint=frame.width_hint())
        frame.picture(figure, key="stay_histogram", description=said, file_name="stays-by-length")
        st.caption(texts.inert(said))
    frame.below(
        key="stays",
        table=time_tables.histogram(stage.spans.histogram(unit)),
        sql=found.sql,
        file_name="stays-by-length",
        picture=False,
        views=("table",),
    )
    _by_column(workspace, question, stage)


def _unit(stage: StageTime) -> BinUnit:
    units = stage.spans.units
    usual = stage.spans.readable_unit()
    chosen = st.pills(
        wording.say("pages.times.bins"),
        [unit.value for unit in units],
        default=usual.value,
        required=True,
        format_func=lambda unit: wording.say(f"pages.times.bins_{unit}"),
        key=f"bins_{stage.key}_{usual}",
    )
    return BinUnit(chosen or usual)


def _by_column(workspace: Workspace, question: Question, stage: StageTime) -> None:
    """The time at one stage for each of the commonest values of a column."""
    data_set = workspace.data_set
    if data_set is None:
        return
    columns = split.columns(data_set)
    if not columns:
        return
    column = split.box(wording.say("pages.times.by", stage=texts.inert(stage.name)), columns, "time_by")
    if column is None:
        return
    found = ask.times_by(workspace, question, column)
    said = charts.describe_group_times(found, stage.position)
    figure = charts.group_times(found, stage.position, dark=frame.dark(), width_hint=frame.width_hint())
    with st.container(width=ROWS_WIDTH):
        frame.picture(figure, key="group_times", description=said, file_name="time-by-value")
    if found.other:
        st.caption(wording.say("pages.breakdown.other", leads=found.other))
    frame.below(
        key="group_times",
        table=time_tables.groups(found),
        sql=found.groups[0][1].sql if found.groups else "",
        file_name="time-by-value",
    )


@st.fragment
def steps(found: Times) -> None:
    """A row for each step, and the share that advanced by some days."""
    st.subheader(wording.say("pages.times.steps"), anchor=False, help=wording.say("pages.times.steps_help"))
    said = charts.describe_step_times(found)
    figure = charts.step_times(found, dark=frame.dark(), width_hint=frame.width_hint())
    with st.container(width=ROWS_WIDTH):
        frame.picture(figure, key="step_times", description=said, file_name="time-to-convert")
    if any(found.at(step.position) is None for step in found.steps):
        st.caption(wording.say("pages.times.steps_after"))
    table = time_tables.steps(found)
    tables.show(table, "steps_table")
    st.caption(wording.say("pages.times.steps_told"))
    frame.below(key="steps", table=table, sql=found.sql, file_name="time-to-convert", views=("sql",))
