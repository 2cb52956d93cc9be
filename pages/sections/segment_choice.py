"""What the groups of the Segments page are asked: how leads are told apart, what counts as converted, and at which age."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from funnel import DataSet, Question, measures
from funnel.core import insights
from funnel.core.types import Rate, Segment
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.strip import filters
from pages.ui import converted, split, texts
from pages.ui.ask import ask
from pages.ui.draft import free

HAND = "by hand"
DAY, FAR = "day", "far"
GROUPS = ("a", "b")
LONGEST_NAME = 40
BOX, SLIDER = 200, 230


@dataclass(frozen=True)
class Age:
    """`target` is a stage's position, None the win; `reached` says it in words. `day` None: so far."""

    target: int | None
    reached: str
    day: int | None


def columns(data_set: DataSet) -> list[str]:
    """The columns that leads can be told apart by, the amount last."""
    has_amount = "amount" in data_set.loaded.columns and "amount" not in filters.unknown(data_set)
    amount = ["amount"] if has_amount else []
    return [*split.columns(data_set), *amount]


def by(data_set: DataSet) -> str | None:
    """The column that tells leads apart; None: two groups made by hand."""
    return column_or(
        data_set,
        HAND,
        wording.say("pages.segments.by_hand"),
        wording.say("pages.segments.by"),
        key="by_column",
        help=wording.say("pages.segments.by_help"),
    )


def column_or(data_set: DataSet, other: str, name: str, label: str, *, key: str, help: str | None = None) -> str | None:
    """A box of columns, and of one other choice, called `name`, for which None comes out; a column that is called so is not offered."""
    chosen = st.selectbox(
        label,
        [*(column for column in columns(data_set) if other != column and name != insights.column_name(column)), other],
        format_func=lambda column: name if column == other else insights.column_name(column),
        key=key,
        bind="query-params",
        persist_state="session",
        width=BOX,
        help=help,
    )
    return None if chosen == other else chosen


def by_hand(workspace: Workspace, data_set: DataSet) -> tuple[Segment, ...] | None:
    """Two groups, each with a name and its own conditions; None while one has none."""
    groups: list[Segment] = []
    for column, letter in zip(st.columns(2, gap="medium"), GROUPS, strict=True):
        with column, st.container(border=True, key=f"group_{letter}"):
            usual = letter.upper()
            name = st.text_input(
                wording.say("pages.segments.group_name", name=usual),
                value="",
                placeholder=usual,
                max_chars=LONGEST_NAME,
                key=f"{letter}_name",
                bind="query-params",
                persist_state="session",
            )
            called = free(wording.plain(name or "").strip() or usual, {group.name for group in groups})
            label = wording.say("pages.segments.group_leads", name=texts.inert(called))
            where = filters.show(workspace, data_set, f"{letter}_", label)
            groups.append(Segment(where, called))
    if any(not group.where for group in groups):
        return None
    return tuple(groups)


def age(workspace: Workspace, question: Question) -> Age:
    """What counts as converted, and at equal age or so far; a file without dates knows only the latter."""
    data_set = workspace.data_set
    win_stage = question.model.pure_win_stage(data_set.concepts if data_set else {})
    target, reached = converted.target(workspace, question, win_stage, BOX)
    if question.observed_until is None or data_set is None or data_set.first_start is None:
        return Age(target, reached, None)
    chosen = st.segmented_control(
        wording.say("pages.segments.age"),
        [DAY, FAR],
        default=DAY,
        required=True,
        format_func=lambda name: wording.say(f"pages.segments.age_{name}"),
        key="age",
        bind="query-params",
        persist_state="session",
        help=wording.say("pages.segments.age_help"),
    )
    if chosen == FAR:
        return Age(target, reached, None)
    usual = ask(workspace, measures.usual_day, question)
    day = converted.by_day(workspace, question, SLIDER, wording.say("pages.segments.day_help"), usual)
    return Age(target, reached, day)


def together(whole: Rate, age: Age) -> str:
    """How many of all converted, in words; of fewer than 20 the counts alone."""
    rate = insights.rate_said(whole) if whole.few else wording.percent(whole.value)
    return wording.say("pages.segments.together", rate=rate, reached=texts.inert(age.reached))
