"""What changed, in at most three sentences of what is clear, and how many deals to follow up there are."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question, measures
from funnel.charts import stage_changes as picture
from funnel.core import insights
from funnel.core.errors import QuestionError
from funnel.core.types import Verdict
from funnel.measures.closings import by_entry, closed_span
from funnel.measures.periods import Periods
from funnel.words import wording
from pages.sections import closings_view, period_choice, period_view
from pages.server.workspace import Workspace
from pages.ui import split, texts
from pages.ui.ask import ask

PIPELINE = "pipeline_page.py"


@st.fragment
def changed(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """The period of the strip, or the later half of what can be compared, against the one before: the stages that clearly more or fewer
    leads came to, the win rate, and whether that is who came or how they did."""
    st.header(wording.say("pages.overview.changed"), anchor=False)
    if closed_span(question) is not None:
        _closed(workspace, question)
        return
    if data_set.first_start is None or question.observed_until is None:
        st.caption(wording.say("pages.overview.cannot_compare"))
        return
    before, after = period_choice.spans(data_set, question)
    try:
        stages = ask(workspace, measures.stage_changes, question, before, after)
        periods = ask(workspace, measures.periods, question, before, after, split.most_telling(data_set), None, None)
    except QuestionError:
        st.caption(wording.say("pages.overview.cannot_compare"))
        return
    spans = {"after": picture.period(after), "before": picture.period(before)}
    st.caption(texts.inert(wording.say("pages.overview.changed_between", **spans)))
    sentences = _clear(periods)
    if any(each.contrast.is_clear for each in stages.stages):
        sentences.append(picture.describe(stages))
    for sentence in sentences or [wording.say("pages.overview.nothing_changed")]:
        st.markdown(texts.inert(sentence))


def _closed(workspace: Workspace, question: Question) -> None:
    """The leads that closed in the days of the strip against those of the period before."""
    try:
        found = closings_view.compared(workspace, question)
    except QuestionError as error:
        st.caption(texts.problem(error))
        return
    for sentence in closings_view.sentences(found):
        st.markdown(texts.inert(sentence))


def _clear(periods: Periods) -> list[str]:
    if not periods.contrast.is_clear:
        return []
    before = wording.say("pages.periods.sentence_before")
    told = [insights.verdict_said(periods.contrast, picture.period((periods.after.first, periods.after.last)), before)]
    if periods.mix is not None and periods.contrast.verdict is not Verdict.FEW:
        told.append(period_view.split_said(periods))
    return told


@st.fragment
def follow_up(workspace: Workspace, question: Question) -> None:
    """How many open leads are stalled, what they are worth, and the way to the list."""
    st.header(wording.say("pages.overview.follow_up"), anchor=False)
    try:
        # What is open has not closed, on whatever day.
        aging = ask(workspace, measures.aging, by_entry(question))
    except QuestionError as error:
        st.caption(texts.problem(error))
        return
    if not aging.open:
        st.caption(wording.say("pages.overview.none_open"))
        return
    key = "stalled" if aging.stalled else "none_stalled" if aging.judged else "unjudged"
    st.markdown(wording.say(f"pages.overview.{key}", stalled=aging.stalled, open=aging.open))
    amounts = [wording.money(amount, currency) for currency, amount, _ in aging.amounts]
    if amounts and aging.stalled:
        st.markdown(texts.inert(wording.say("pages.overview.stalled_value", value=wording.listed(amounts))))
    st.page_link(PIPELINE, label=wording.say("pages.overview.open_list"), icon=":material/arrow_forward:")
