"""Where conversion differs most, over all columns of the file: a start for who does not know where to look."""

from __future__ import annotations

import streamlit as st

from funnel import DataSet, Question, charts
from funnel.core import insights
from funnel.core.errors import QuestionError
from funnel.core.types import Finding, Scan
from funnel.words import wording
from pages.sections import segment_choice, segment_tables, segment_view
from pages.sections.segment_choice import Age
from pages.server.workspace import Workspace
from pages.sidebar import filters
from pages.ui import ask, frame, texts

ROWS_WIDTH = 1180
MOST_TOLD = 3


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """Title, controls, the largest differences, what was left out and why."""
    head = st.container(key="scan_head")
    with st.container(horizontal=True, vertical_alignment="top", key="segment_controls", gap="medium"):
        age = segment_choice.age(workspace, question)
    try:
        with frame.waiting(wording.say("pages.scan.scanning")):
            found = ask.scan(workspace, question, age.target, age.day)
    except QuestionError as error:
        head.title(wording.say("pages.segments.view_scan"), anchor=False)
        st.info(texts.problem(error))
        return
    with head:
        st.title(_title(found, age), anchor=False)
        st.caption(_subtitle(found, age))
    if found.day is None:
        st.info(wording.say("pages.segments.ages_differ"))
        frame.below(
            key="scan",
            table=segment_tables.scan(found),
            sql=found.sql,
            file_name="where-it-differs",
            picture=False,
        )
    elif found.findings:
        _findings(found)
    else:
        st.info(wording.say("pages.scan.only_many" if found.too_many or found.telling else "pages.segments.no_columns"))
    if found.question.attributes is not question.attributes:
        st.caption(wording.say("pages.scan.start"))
    left_out = {"telling": found.telling, "too_many": found.too_many, "unknown_at_start": found.unknown_at_start}
    for key, columns in left_out.items():
        if columns:
            names = [wording.plain(column) for column in columns]
            st.caption(texts.inert(wording.say(f"pages.scan.{key}", columns=names)))
    for key, segments in (("known", found.known), ("same", found.same)):
        if segments:
            groups = [insights.short(insights.segment_name(each, columns=True)) for each in segments]
            st.caption(texts.inert(wording.say(f"pages.scan.{key}", groups=groups)))
    with st.expander(wording.say("pages.segments.how")):
        st.markdown(texts.inert(wording.say("pages.segments.how_told")))


def _title(found: Scan, age: Age) -> str:
    if found.day is None:
        return wording.say("pages.scan.title_so_far")
    if not found.tested:
        return wording.say("pages.scan.title_too_few" if found.findings else "pages.scan.title_nothing")
    clear = [each for each in found.findings if each.contrast.is_clear]
    first = next((each for each in clear if each.holds), None)
    reached = texts.inert(age.reached)
    if first is None:
        key = "title_only_mix" if clear else "title_none"
        return wording.say(f"pages.scan.{key}", reached=reached)
    return wording.say(
        "pages.scan.title",
        segment=texts.inert(_name(first)),
        rate=first.contrast.rate.value,
        others=first.contrast.others.value,
        reached=reached,
    )


def _name(finding: Finding) -> str:
    return insights.segment_name(finding.segment, columns=True)


def _subtitle(found: Scan, age: Age) -> str:
    question = found.question
    parts = [
        wording.say("pages.scan.subtitle", tested=found.tested, columns=len(found.looked_at)),
        texts.inert(question.model.name),
        *(texts.inert(each) for each in filters.told(question)),
        wording.say("pages.segments.so_far")
        if found.day is None
        else wording.say("pages.segments.at_age", day=found.day, old=found.whole.denominator),
        segment_view.together(found.whole, age),
        *filter(None, [insights.by_account(found.whole)]),
    ]
    return " · ".join(parts)


def _findings(found: Scan) -> None:
    st.subheader(wording.say("pages.scan.forest"), anchor=False)
    figure = charts.scan(found, dark=frame.dark(), width_hint=frame.width_hint())
    with st.container(width=ROWS_WIDTH):
        frame.picture(figure, key="scan", description=charts.describe_scan(found), file_name="where-it-differs")
    clear = [each for each in found.findings if each.contrast.is_clear]
    if clear:
        others = wording.say("pages.segments.the_others")
        with st.container(key="said"):
            for each in clear[:MOST_TOLD]:
                st.markdown(texts.inert(insights.verdict_said(each.contrast, _name(each), others)))
    if any(not each.holds for each in clear):
        st.caption(wording.say("pages.scan.mix"))
    frame.below(key="scan", table=segment_tables.scan(found), sql=found.sql, file_name="where-it-differs")
