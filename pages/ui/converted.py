"""What counts as converted, and by which day of age: two boxes that several pages share, as they share the answers."""

from __future__ import annotations

import streamlit as st

from funnel import Question, measures
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.ui import views
from pages.ui.ask import ask
from pages.ui.draft import free

WIN = "won"
LONGEST_DAY = 1_095
USUAL_DAYS = (180, 90, 30, 14, 7)


def target(workspace: Workspace, question: Question, win_stage: int | None, width: int = 230) -> tuple[int | None, str]:
    """The win, or a stage after the first; a stage that is the win and nothing else needs no line of its own."""
    stages = question.model.stages
    names = {WIN: wording.say("pages.cohorts.win")}
    positions: dict[str, int | None] = {WIN: None}
    for position, stage in enumerate(stages):
        if position and position != win_stage:
            names[stage.key] = free(wording.plain(stage.name), set(names.values()))
            positions[stage.key] = position
    # Where nobody is won the win has nothing to tell; the last stage has.
    usual = 0 if ask(workspace, measures.steps, question).won else len(names) - 1
    chosen = st.selectbox(
        wording.say("pages.cohorts.converted"),
        list(names),
        index=usual,
        format_func=lambda key: names[key],
        key=views.GOAL,
        bind="query-params",
        width=width,
        help=wording.say("pages.cohorts.converted_help"),
    )
    if chosen == WIN:
        return None, wording.say("pages.cohorts.win_reached")
    return positions[chosen], wording.say("pages.cohorts.stage_reached", stage=names[chosen])


def by_day(workspace: Workspace, question: Question, width: int = 320, help: str = "", usual: int | None = None) -> int:
    """By which day: as far as anyone was followed, for a start the `usual` one, or about as long as half of that."""
    first, until = ask(workspace, measures.steps, question).first_start, question.observed_until
    longest = (until - first).days if first and until else 0
    most = min(max(longest, 2), LONGEST_DAY)
    if usual is None:
        usual = next((day for day in USUAL_DAYS if day <= most / 2), 1)
    chosen = st.slider(
        wording.say("pages.cohorts.day"),
        min_value=1,
        max_value=most,
        value=min(usual, most),
        key="h",
        bind="query-params",
        width=width,
        help=help or wording.say("pages.cohorts.day_help"),
    )
    return min(max(int(chosen), 1), most)
