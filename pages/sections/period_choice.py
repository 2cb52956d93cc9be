"""Which two periods are compared, by what they are split, and by which day of age."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from funnel import DataSet, Question
from funnel.words import wording
from pages.sections import segment_choice
from pages.ui.ask import Range

BEFORE, YEAR, OTHER = "before", "year", "other"
NOTHING = "nothing"
AUTO = "auto"
DAYS = ("30", "90", "180", "365")


def spans(data_set: DataSet, question: Question) -> tuple[Range, Range] | None:
    """The period before, and this one; None while a box holds only one day."""
    first, last = bounds(data_set)
    start, end = usual(data_set, question)
    this = _box("this", "pages.periods.this", (start, end), first, last)
    against = st.pills(
        wording.say("pages.periods.against"),
        [BEFORE, YEAR, OTHER],
        default=BEFORE,
        required=True,
        format_func=lambda name: wording.say(f"pages.periods.against_{name}"),
        key="against",
        bind="query-params",
        persist_state="session",
    )
    if this is None:
        return None
    if against != OTHER:
        return (earlier(this) if against == BEFORE else a_year_before(this)), this
    other = _box("other_period", "pages.periods.other", _inside(earlier(this), first, last), first, last)
    return None if other is None else (other, this)


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
    """This period, at first: the days that the sidebar chose; else the later half of the year that ends half a year before the last
    day, so that leads had time; of a file too short for that, its later half."""
    first, last = bounds(data_set)
    chosen = question.filters
    if chosen.start_from and chosen.start_to:
        return chosen.start_from, chosen.start_to
    days = (last - first).days + 1
    end = last - timedelta(days=min(180, days // 4))
    length = min(180, max(1, ((end - first).days + 1) // 2))
    return end - timedelta(days=length - 1), end


def earlier(span: Range) -> Range:
    """As many days, right before."""
    days = (span[1] - span[0]).days + 1
    return span[0] - timedelta(days=days), span[0] - timedelta(days=1)


def a_year_before(span: Range) -> Range:
    """The same days of the year before; 29 February is its 28th there."""
    start, end = (_year_back(day) for day in span)
    return start, min(end, span[0] - timedelta(days=1))


def _year_back(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _box(key: str, label: str, usual_days: Range, first: date, last: date) -> Range | None:
    chosen = st.date_input(
        wording.say(label),
        value=usual_days,
        min_value=first,
        max_value=last,
        format="DD/MM/YYYY",
        key=key,
        bind="query-params",
        persist_state="session",
        width=240,
    )
    if isinstance(chosen, tuple) and len(chosen) == 2:
        return chosen[0], chosen[1]
    return None


def _inside(span: Range, first: date, last: date) -> Range:
    start, end = (min(max(day, first), last) for day in span)
    return start, end
