"""Which two periods are compared, by what they are split, and by which day of age."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from funnel import DataSet, Question
from funnel.measures.periods import Range
from funnel.words import wording
from pages.sections import segment_choice
from pages.strip import comparison

NOTHING = "nothing"
AUTO = "auto"
DAYS = ("30", "90", "180", "365")


def spans(data_set: DataSet, question: Question) -> tuple[Range, Range]:
    """The period before, and this one: the days of the strip and those that it compares them with; where it says none, `usual` ones."""
    this = usual(data_set, question)
    return comparison.period(question) or comparison.earlier(this), this


def split_by(data_set: DataSet) -> str | None:
    """The column that the change is split by; None: by nothing."""
    nothing = wording.say("pages.periods.by_none")
    return segment_choice.column_or(data_set, NOTHING, nothing, wording.say("pages.periods.by"), key="split_by")


def by_day() -> int | None:
    """The day of age; None: the latest that fits."""
    chosen = st.pills(
        wording.say("pages.periods.day"),
        [AUTO, *DAYS],
        default=AUTO,
        required=True,
        format_func=lambda name: wording.say("pages.periods.day_auto") if name == AUTO else wording.number(int(name)),
        key="period_day",
        bind="query-params",
        persist_state="session",
        help=wording.say("pages.periods.day_help"),
    )
    return None if chosen in (None, AUTO) else int(chosen)


def bounds(data_set: DataSet) -> Range:
    """The first and the last day on which a lead started."""
    if data_set.first_start is None or data_set.last_start is None:
        raise LookupError("periods were asked of a file without a start")
    return data_set.first_start.date(), data_set.last_start.date()


def usual(data_set: DataSet, question: Question) -> Range:
    """This period, at first: the days that the strip chose; else the later half of the year that ends half a year before the last
    day, so that leads had time; of a file too short for that, its later half."""
    first, last = bounds(data_set)
    chosen = question.filters
    if chosen.start_from and chosen.start_to:
        return chosen.start_from, chosen.start_to
    days = (last - first).days + 1
    end = last - timedelta(days=min(180, days // 4))
    length = min(180, max(1, ((end - first).days + 1) // 2))
    return end - timedelta(days=length - 1), end
