"""Two periods at equal age: what changed, whether it is who came or how they did, and at which step."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from funnel import DataSet, Question, charts, measures, report
from funnel.core import insights
from funnel.core.errors import QuestionError
from funnel.core.types import Verdict
from funnel.measures.periods import Periods, PeriodSide
from funnel.report import said
from funnel.words import wording
from pages.sections import period_choice, period_comparison
from pages.server.workspace import Workspace
from pages.ui import converted, tables, texts
from pages.ui.ask import ask
from pages.ui.section import section, show_sentences, title

PARTS = ("stages", "mix", "chain")
ROWS_WIDTH = 1180


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """What changed in a sentence, and one of its parts: stage by stage, who came and how they did, the chain of steps."""
    if data_set.first_start is None or question.observed_until is None:
        st.header(wording.say("pages.periods.title"), anchor=False)
        st.info(undated(data_set))
        return
    head = st.container(key="periods_head")
    with st.container(horizontal=True, vertical_alignment="top", key="segment_controls", gap="medium"):
        win_stage = question.model.pure_win_stage(data_set.concepts)
        target, reached = converted.target(workspace, question, win_stage)
        column = period_choice.split_by(data_set)
        day = period_choice.by_day()
    before, this = period_choice.spans(data_set, question)
    try:
        periods = ask(workspace, measures.periods, question, before, this, column, target, day)
    except QuestionError as error:
        head.header(wording.say("pages.periods.title"), anchor=False)
        st.info(texts.problem(error))
        return
    with head:
        st.header(_title(periods, reached), anchor=False)
        st.caption(_subtitle(periods))
    part = st.pills(
        wording.say("pages.periods.part"),
        PARTS,
        default=PARTS[0],
        required=True,
        format_func=lambda name: wording.say(f"pages.periods.part_{name}"),
        key="change_part",
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
    )
    asked = {"before": before, "after": this, "by": column, "target": target, "day": day}
    if part == "mix":
        _change(periods, asked)
    elif part == "chain":
        _chain(periods, reached, asked)
    else:
        period_comparison.show(workspace, data_set, question, before, this)
    with st.expander(wording.say("pages.segments.how")):
        st.markdown(texts.inert(wording.say("pages.periods.how_told")))


def undated(data_set: DataSet) -> str:
    """Why there are no periods: no lead has a start, or every date is still to come."""
    return wording.say("pages.periods.undated" if data_set.first_start is None else "errors.no_observation")


def _title(periods: Periods, reached: str) -> str:
    verdict = periods.contrast.verdict
    return wording.say(
        f"pages.periods.title_{verdict.name.lower()}",
        reached=texts.inert(reached),
        after=periods.after.rate.value,
        before=periods.before.rate.value,
        day=periods.day,
    )


def _span(side: PeriodSide) -> str:
    return wording.say("pages.periods.range", first=side.first, last=side.last)


def _subtitle(periods: Periods) -> str:
    question = periods.question
    parts = [
        question.model.name,
        *said.conditions(question),
        *(
            wording.say(
                "pages.periods.side",
                range=_span(side),
                old=wording.say(f"pages.counted.{question.unit}", n=side.rate.denominator),
                day=periods.day,
                young=side.young,
            )
            for side in (periods.after, periods.before)
        ),
    ]
    by_account = [each for side in (periods.after, periods.before) if (each := insights.by_account(side.rate))]
    parts += by_account[:1]
    untimed = periods.before.untimed + periods.after.untimed
    if untimed:
        parts.append(wording.say("pages.segments.untimed", leads=untimed))
    return wording.dotted(texts.inert(part) for part in parts)


def _change(periods: Periods, asked: dict[str, Any]) -> None:
    key = "waterfall" if periods.parts else "waterfall_plain"
    rates = {"before": insights.rate_said(periods.before.rate), "after": insights.rate_said(periods.after.rate)}
    st.header(wording.say(f"pages.periods.{key}", **rates), anchor=False)
    section(
        "periods_waterfall",
        periods,
        charts.periods_waterfall,
        charts.describe_periods,
        table=tables.of("period_parts", [*periods.part_rows(), periods.whole_row()]),
        between=partial(_verdict, periods),
        within=ROWS_WIDTH,
        part=report.part("period_parts", periods.question, **asked),
    )


def _verdict(periods: Periods) -> None:
    before = wording.say("pages.periods.sentence_before")
    split = [split_said(periods)] if periods.mix is not None and periods.contrast.verdict is not Verdict.FEW else []
    verdict = insights.verdict_said(periods.contrast, _span(periods.after), before)
    show_sentences("periods", verdict, *split)
    if periods.simpson:
        column = insights.column_name(periods.column or "")
        within = insights.signed_points(periods.standardised)
        st.warning(texts.inert(wording.say("pages.periods.simpson", column=column, within=within)))


def split_said(periods: Periods) -> str:
    """How much of the change is who came, and how much how they did."""
    return wording.say(
        "pages.periods.parts",
        change=insights.signed_points(periods.contrast.difference),
        mix=insights.signed_points(periods.mix),
        column=insights.column_name(periods.column or ""),
        rate_part=insights.signed_points(periods.rate_part),
        low=insights.signed_points(periods.rate_low),
        high=insights.signed_points(periods.rate_high),
    )


def _chain(periods: Periods, reached: str, asked: dict[str, Any]) -> None:
    numbers: dict[str, Any] = {"before": periods.before.rate.numerator, "after": periods.after.rate.numerator}
    if not periods.chain:
        title("period_chain", reached=reached, **numbers)
        st.info(wording.say("pages.periods.chain_none"))
        return
    section(
        "period_chain",
        periods,
        charts.chain_waterfall,
        charts.describe_chain,
        table=tables.of("period_chain", periods.chain_rows()),
        within=ROWS_WIDTH,
        part=report.part("period_chain", periods.question, **asked),
        reached=reached,
        **numbers,
    )
