"""The leads of the days chosen against those of an earlier period, stage by stage, with the period that the strip says."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question, measures, report
from funnel.charts import stage_changes as picture
from funnel.core.errors import QuestionError
from funnel.measures.periods import Range
from funnel.words import wording
from pages.server.workspace import Workspace
from pages.strip import comparison
from pages.ui import texts
from pages.ui.ask import ask
from pages.ui.section import section

ROWS_WIDTH = 1180


def show(workspace: Workspace, data_set: DataSet, question: Question, before: Range, this: Range) -> None:
    """What changed between two periods, stage by stage."""
    if comparison.is_asked() and question.filters.start_from is None:
        st.caption(wording.say("pages.compare.all_dates", dates=wording.say("pages.sidebar.started")))
    if data_set.first_start is None:
        return
    first = data_set.first_start.date()
    if before[1] < first:
        st.info(wording.say("pages.compare.nobody", range=picture.period(before), first=first))
        return
    try:
        changes = ask(workspace, measures.stage_changes, question, before, this)
    except QuestionError as error:
        st.info(texts.problem(error))
        return
    section(
        "stage_changes",
        changes,
        picture.draw,
        picture.describe,
        within=ROWS_WIDTH,
        part=report.part("stage_changes", question, before=before, after=this),
        before=picture.period(before),
    )
