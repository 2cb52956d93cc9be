"""What the groups of the Segments page are asked: how leads are told apart, what counts as converted, and at which age."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from funnel import DataSet, Question, telling, wording
from funnel.nouns import Segment
from pages.shared import converted, filters, split, texts
from pages.shared.asked import By
from pages.shared.workspace import Workspace

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
    """The columns that leads can be told apart by, the amount last; one that is called like another choice is not offered."""
    amount = ["amount"] if "amount" in data_set.loaded.columns else []
    return [column for column in (*split.columns(data_set), *amount) if column != HAND]


def by(workspace: Workspace, data_set: DataSet) -> By | None:
    """A column, or two groups made by hand; None while one of these has no condition."""
    options = [*columns(data_set), HAND]
    chosen = st.selectbox(
        wording.say("pages.segments.by"),
        options,
        format_func=lambda name: wording.say("pages.segments.by_hand") if name == HAND else telling.column_name(name),
        key="by_column",
        bind="query-params",
        persist_state="session",
        width=BOX,
        help=wording.say("pages.segments.by_help"),
    )
    return chosen if chosen != HAND else None


def by_hand(workspace: Workspace, data_set: DataSet) -> tuple[Segment, ...] | None:
    """Two groups, each with a name and its own conditions; None while one has none."""
    found = []
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
            called = wording.plain(name or "").strip() or usual
            label = wording.say("pages.segments.group_leads", name=texts.inert(called))
            where = filters.show(workspace, data_set, f"{letter}_", label)
            found.append(Segment(where, called))
    if any(not group.where for group in found):
        return None
    return tuple(found)


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
    return Age(target, reached, None if chosen == FAR else converted.by_day(workspace, question, SLIDER))
