"""Time in stage and time to convert: the pictures, a closer look at one stage, and their tables."""

from __future__ import annotations

from functools import partial

import streamlit as st

from funnel import Question, charts, measures, report
from funnel.core.types import BinUnit
from funnel.measures.time_to_convert import RARE
from funnel.measures.times import StageTime, Times
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import frame, split, tables, texts
from pages.ui.ask import ask
from pages.ui.section import section

ROWS_WIDTH = 1080
"""Pixels that rows of durations are drawn for at most: wider, their counts stand far from them."""


@st.fragment
def stages(workspace: Workspace, question: Question, times: Times) -> None:
    """A row for each stage, then one stage by its curve, its histogram, and the values of a column."""
    names = [times.question.model.stages[position].name for position in times.left_out]
    section(
        "stage_times",
        times,
        charts.stage_times,
        charts.describe_stage_times,
        table=tables.of("times", times.rows()),
        caption=wording.say("pages.times.left_out", stages=names) if names else "",
        within=ROWS_WIDTH,
        part=report.part("times", times.question),
    )
    _closer(workspace, question, times)


def _closer(workspace: Workspace, question: Question, times: Times) -> None:
    positions = [stage.position for stage in times.stages]
    slow = times.bottleneck.slowest if times.bottleneck else None
    with st.container(horizontal=True, vertical_alignment="bottom", key="closer"):
        position = st.selectbox(
            wording.say("pages.times.stage"),
            positions,
            index=positions.index(slow.position) if slow else 0,
            format_func=lambda position: wording.plain(times.question.model.stages[position].name),
            key=f"at_stage_{question.model.key}",
            width=320,
        )
        stage = times.at(position)
        if stage is None:
            return
        unit = _unit(stage)
    name = texts.inert(stage.name)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(f"**{wording.say('pages.times.curve', stage=name)}**")
        described, hint = charts.describe_stay_curves(times, position), frame.width_hint("stay_curves")
        figure = charts.stay_curves(times, position, dark=frame.dark(), width_hint=hint)
        frame.picture(figure, key="stay_curves", description=described)
        st.caption(texts.inert(described))
    with right:
        st.markdown(f"**{wording.say('pages.times.histogram', stage=name)}**")
        described, hint = charts.describe_stay_histogram(times, position, unit), frame.width_hint("stay_histogram")
        figure = charts.stay_histogram(times, position, unit, dark=frame.dark(), width_hint=hint)
        frame.picture(figure, key="stay_histogram", description=described)
        st.caption(texts.inert(described))
    frame.below(
        key="stays",
        table=tables.of("stay_histogram", stage.histogram_rows(unit)),
        sql=times.sql,
        file_name="stays-by-length",
        pictures=("stay_curves", "stay_histogram"),
        title=wording.dotted(
            wording.say(f"pages.times.{each}", stage=wording.plain(stage.name)) for each in ("curve", "histogram")
        ),
        views=("table",),
        part=report.part("stays", times.question, position=position, unit=unit),
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
    times_by = ask(workspace, measures.times_by, question, column)
    section(
        "group_times",
        times_by,
        partial(charts.group_times, position=stage.position),
        partial(charts.describe_group_times, position=stage.position),
        table=tables.of("times_by", times_by.rows()),
        caption=wording.say("pages.breakdown.other", leads=times_by.other) if times_by.other else "",
        within=ROWS_WIDTH,
        part=report.part("times_by", question, column=column, position=stage.position),
    )


@st.fragment
def steps(times: Times) -> None:
    """A row for each step, and the share that advanced by some days."""
    after_win = any(times.at(step.position) is None for step in times.steps)
    section(
        "step_times",
        times,
        charts.step_times,
        charts.describe_step_times,
        table=tables.of("step_times", times.step_rows(), rare=RARE),
        caption=wording.say("pages.times.steps_after") if after_win else "",
        within=ROWS_WIDTH,
        part=report.part("step_times", times.question),
    )
