"""Two periods at equal age: what changed, whether it is who came or how they did, and at which step."""

from __future__ import annotations

from typing import Any

import streamlit as st

from funnel import DataSet, Question, charts
from funnel.core import insights
from funnel.core.errors import QuestionError
from funnel.core.types import Periods, PeriodSide, Verdict
from funnel.words import wording
from pages.sections import period_choice, segment_tables
from pages.server.workspace import Workspace
from pages.sidebar import filters
from pages.ui import ask, converted, frame, texts

ROWS_WIDTH = 1180


@st.fragment
def show(workspace: Workspace, data_set: DataSet, question: Question) -> None:
    """Title and controls, the change and its parts, the chain of steps."""
    if data_set.first_start is None or question.observed_until is None:
        st.title(wording.say("pages.segments.view_periods"), anchor=False)
        st.info(undated(data_set))
        return
    head = st.container(key="periods_head")
    with st.container(horizontal=True, vertical_alignment="top", key="period_spans", gap="medium"):
        spans = period_choice.spans(data_set, question)
    with st.container(horizontal=True, vertical_alignment="top", key="segment_controls", gap="medium"):
        win_stage = question.model.pure_win_stage(data_set.concepts)
        target, reached = converted.target(workspace, question, win_stage)
        column = period_choice.split_by(data_set)
        day = period_choice.by_day()
    if spans is None:
        head.title(wording.say("pages.segments.view_periods"), anchor=False)
        st.info(wording.say("pages.periods.need_two"))
        return
    try:
        found = ask.periods(workspace, question, *spans, column, target, day)
    except QuestionError as error:
        head.title(wording.say("pages.segments.view_periods"), anchor=False)
        st.info(texts.problem(error))
        return
    with head:
        st.title(_title(found, reached), anchor=False)
        st.caption(_subtitle(found))
    _change(found)
    _chain(found, reached)
    with st.expander(wording.say("pages.segments.how")):
        st.markdown(texts.inert(wording.say("pages.periods.how_told")))


def undated(data_set: DataSet) -> str:
    """Why there are no periods: no lead has a start, or every date is still to come."""
    return wording.say("pages.periods.undated" if data_set.first_start is None else "errors.no_observation")


def _title(found: Periods, reached: str) -> str:
    verdict = found.contrast.verdict
    return wording.say(
        f"pages.periods.title_{verdict.name.lower()}",
        reached=texts.inert(reached),
        after=found.after.rate.value,
        before=found.before.rate.value,
        day=found.day,
    )


def _span(side: PeriodSide) -> str:
    return wording.say("pages.periods.range", first=side.first, last=side.last)


def _subtitle(found: Periods) -> str:
    question = found.question
    parts = [
        question.model.name,
        *filters.told(question),
        *(
            wording.say(
                "pages.periods.side",
                range=_span(side),
                old=wording.say(f"pages.counted.{question.unit}", n=side.rate.denominator),
                day=found.day,
                young=side.young,
            )
            for side in (found.after, found.before)
        ),
    ]
    by_account = [each for side in (found.after, found.before) if (each := insights.by_account(side.rate))]
    parts += by_account[:1]
    untimed = found.before.untimed + found.after.untimed
    if untimed:
        parts.append(wording.say("pages.segments.untimed", leads=untimed))
    return " · ".join(texts.inert(part) for part in parts)


def _change(found: Periods) -> None:
    title = "waterfall" if found.parts else "waterfall_plain"
    said = {"before": insights.rate_said(found.before.rate), "after": insights.rate_said(found.after.rate)}
    st.subheader(wording.say(f"pages.periods.{title}", **said), anchor=False)
    figure = charts.periods_waterfall(found, dark=frame.dark(), width_hint=frame.width_hint())
    with st.container(width=ROWS_WIDTH):
        frame.picture(
            figure, key="periods_waterfall", description=charts.describe_periods(found), file_name="change-by-parts"
        )
    with st.container(key="said"):
        before = wording.say("pages.periods.sentence_before")
        st.markdown(texts.inert(insights.verdict_said(found.contrast, _span(found.after), before)))
        if found.mix is not None and found.contrast.verdict is not Verdict.FEW:
            st.markdown(texts.inert(_split(found)))
    if found.simpson:
        column = insights.column_name(found.column or "")
        within = insights.signed_points(found.standardised)
        st.warning(texts.inert(wording.say("pages.periods.simpson", column=column, within=within)))
    frame.below(key="periods_waterfall", table=segment_tables.parts(found), sql=found.sql, file_name="change-by-parts")


def _split(found: Periods) -> str:
    return wording.say(
        "pages.periods.parts",
        change=insights.signed_points(found.contrast.difference),
        mix=insights.signed_points(found.mix),
        column=insights.column_name(found.column or ""),
        rate_part=insights.signed_points(found.rate_part),
        low=insights.signed_points(found.rate_low),
        high=insights.signed_points(found.rate_high),
    )


def _chain(found: Periods, reached: str) -> None:
    numbers: dict[str, Any] = {"before": found.before.rate.numerator, "after": found.after.rate.numerator}
    st.subheader(wording.say("pages.periods.chain", reached=texts.inert(reached), **numbers), anchor=False)
    if not found.chain:
        st.info(wording.say("pages.periods.chain_none"))
        return
    figure = charts.chain_waterfall(found, dark=frame.dark(), width_hint=frame.width_hint())
    description = charts.describe_chain(found)
    with st.container(width=ROWS_WIDTH):
        frame.picture(figure, key="chain_waterfall", description=description, file_name="change-by-steps")
    st.caption(texts.inert(description))
    frame.below(key="chain_waterfall", table=segment_tables.chain(found), sql=found.sql, file_name="change-by-steps")
