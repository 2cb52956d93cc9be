"""With which earlier period the days chosen are compared, on every page that can: one choice in the strip."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from funnel import DataSet, Question
from funnel.measures.closings import closed_span
from funnel.measures.periods import Range
from funnel.words import wording
from pages.strip import dates
from pages.ui import day_box

NONE, BEFORE, YEAR, OTHER = "none", "before", "year", "other"
KEY, DAYS, TYPED = "compare", "compare_days", "compare_days_typed"


def show(data_set: DataSet) -> None:
    """The choice; two dates to type where the period is another one."""
    chosen = st.selectbox(
        wording.say("pages.compare.label"),
        [NONE, BEFORE, YEAR, OTHER],
        format_func=lambda name: wording.say(f"pages.compare.{name}"),
        key=KEY,
        bind="query-params",
        persist_state="session",
        label_visibility="collapsed",
    )
    every = dates.all_days(data_set)
    if chosen == OTHER and every is not None:
        days = dates.now(data_set) or every
        st.session_state[TYPED] = day_box.two_days(
            wording.say("pages.compare.days"),
            _inside(earlier(days), every),
            *every,
            key=DAYS,
            label_visibility="collapsed",
            width=250,
        )


def is_asked() -> bool:
    """Whether a period to compare with is chosen."""
    return bool(st.session_state.get(KEY, NONE) != NONE)


def period(question: Question) -> Range | None:
    """The days that the question's are compared with, both ends included; None where nothing is compared, or all days are looked at."""
    chosen = st.session_state.get(KEY, NONE)
    start, end = closed_span(question) or (question.filters.start_from, question.filters.start_to)
    if chosen == NONE or start is None or end is None:
        return None
    if chosen == OTHER:
        typed: Range | None = st.session_state.get(TYPED)
        return typed
    return earlier((start, end)) if chosen == BEFORE else a_year_before((start, end))


def earlier(span: Range) -> Range:
    """As many whole months, right before, where these are whole months; else as many days."""
    start, end = span
    until = start - timedelta(days=1)
    after = end + timedelta(days=1)
    calendar = wording.calendar()
    first, following = calendar.number(start), calendar.number(after)
    if (start, after) == (calendar.first(first), calendar.first(following)):
        return calendar.first(2 * first - following), until
    return until - (end - start), until


def a_year_before(span: Range) -> Range:
    """The same days of the year before; of one that it does not have, the day before."""
    start, end = (_year_back(day) for day in span)
    return start, min(end, span[0] - timedelta(days=1))


def _year_back(day: date) -> date:
    calendar = wording.calendar()
    return calendar.within(calendar.number(day) - 12, calendar.parts(day)[2])


def _inside(span: Range, every: Range) -> Range:
    start, end = (min(max(day, every[0]), every[1]) for day in span)
    return start, end
