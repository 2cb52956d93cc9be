"""Where conversion differs most, over all columns of the file: a start for who does not know where to look."""

from __future__ import annotations

from functools import partial

import streamlit as st

from funnel import Question, charts, measures, report
from funnel.core import insights
from funnel.core.errors import QuestionError
from funnel.measures.scan import Finding, Scan
from funnel.report import said
from funnel.words import wording
from pages.sections import segment_choice
from pages.sections.segment_choice import Age
from pages.server.workspace import Workspace
from pages.ui import frame, tables, texts
from pages.ui.ask import ask
from pages.ui.section import section, show_sentences

ROWS_WIDTH = 1180
MOST_TOLD = 3


@st.fragment
def show(workspace: Workspace, question: Question, age: Age) -> None:
    """What differs most, the largest differences, what was left out and why."""
    head = st.container(key="scan_head")
    try:
        with frame.waiting("scan", wording.say("pages.scan.scanning")):
            scan = ask(workspace, measures.scan, question, age.target, age.day, so_far=age.day is None)
    except QuestionError as error:
        head.header(wording.say("pages.tabs.scan"), anchor=False)
        st.info(texts.problem(error))
        return
    with head:
        st.header(_title(scan, age), anchor=False)
        st.caption(_subtitle(scan, age))
    if scan.day is None:
        st.info(wording.say("pages.segments.ages_differ"))
        frame.below(
            key="scan",
            table=tables.of("scan", scan.rows()),
            sql=scan.sql,
            file_name=wording.say("sections.scan.file"),
        )
    elif scan.findings:
        _findings(scan)
    else:
        st.info(wording.say("pages.scan.only_many" if scan.too_many or scan.telling else "pages.segments.no_columns"))
    if scan.question.attributes is not question.attributes:
        st.caption(wording.say("pages.scan.start"))
    left_out = {"telling": scan.telling, "too_many": scan.too_many, "unknown_at_start": scan.unknown_at_start}
    for key, columns in left_out.items():
        if columns:
            names = [wording.plain(column) for column in columns]
            st.caption(texts.inert(wording.say(f"pages.scan.{key}", columns=names)))
    for key, segments in (("known", scan.known), ("same", scan.same)):
        if segments:
            groups = [insights.short(insights.segment_name(each, columns=True)) for each in segments]
            st.caption(texts.inert(wording.say(f"pages.scan.{key}", groups=groups)))
    with st.expander(wording.say("pages.segments.how")):
        st.markdown(texts.inert(wording.say("pages.segments.how_told")))


def _title(scan: Scan, age: Age) -> str:
    if scan.day is None:
        return wording.say("pages.scan.title_so_far")
    if not scan.tested:
        return wording.say("pages.scan.title_too_few" if scan.findings else "pages.scan.title_nothing")
    clear = [each for each in scan.findings if each.contrast.is_clear]
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


def _subtitle(scan: Scan, age: Age) -> str:
    question = scan.question
    parts = [
        wording.say("pages.scan.subtitle", tested=scan.tested, columns=len(scan.looked_at)),
        texts.inert(question.model.name),
        *(texts.inert(each) for each in said.conditions(question)),
        wording.say("pages.segments.so_far")
        if scan.day is None
        else wording.say("pages.segments.at_age", day=scan.day, old=scan.whole.denominator),
        segment_choice.together(scan.whole, age),
        *filter(None, [insights.by_account(scan.whole)]),
    ]
    return wording.dotted(parts)


def _findings(scan: Scan) -> None:
    between = partial(_clear, scan)
    part = report.part("scan", scan.question, target=scan.target, day=scan.day, so_far=scan.day is None)
    section("scan", scan, charts.scan, charts.describe_scan, between=between, within=ROWS_WIDTH, part=part)


def _clear(scan: Scan) -> None:
    """The first clear differences in sentences, and whether any may be only the mix of something else."""
    clear = [each for each in scan.findings if each.contrast.is_clear]
    others = wording.say("pages.segments.the_others")
    if clear:
        sentences = (insights.verdict_said(each.contrast, _name(each), others) for each in clear[:MOST_TOLD])
        show_sentences("scan", *sentences)
    if any(not each.holds for each in clear):
        st.caption(wording.say("pages.scan.mix"))
