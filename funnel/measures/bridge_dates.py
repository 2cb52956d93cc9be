"""Between which two days the pipeline is looked at: ready choices, and what is no choice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from funnel.core.errors import QuestionError
from funnel.core.types import Calendar, Period

Days = tuple[date, date]
DAY = timedelta(days=1)


class Between(StrEnum):
    """A ready choice of two days: the dates that a question looks at, the last whole quarter, month or year, the quarter that is not over,
    or all of the history."""

    CHOSEN = "chosen"
    QUARTER = "quarter"
    MONTH = "month"
    YEAR = "year"
    QUARTER_SO_FAR = "quarter_so_far"
    ALL = "all"


def choices(
    first: date | None,
    last: date,
    start: date | None = None,
    end: date | None = None,
    *,
    calendar: Calendar,
) -> Mapping[Between, Days]:
    """The choices that lie within the history, the usual one first.

    A period is from the end of the day before it to the end of its last day. `first` is the day of the first start (None: there is none),
    `last` the last day observed; `start` and `end` are the first and the last of the days that a question looks at, where it has some.
    """
    spans: dict[Between, Days] = {}
    if start is not None and end is not None and start <= last:
        spans[Between.CHOSEN] = start - DAY, min(end, last)
    spans |= {
        between: _last_whole(period, last, calendar)
        for between, period in (
            (Between.QUARTER, Period.QUARTER),
            (Between.MONTH, Period.MONTH),
            (Between.YEAR, Period.YEAR),
        )
    }
    spans[Between.QUARTER_SO_FAR] = Period.QUARTER.first_day(last, calendar) - DAY, last
    earliest = last - DAY if first is None else first - DAY
    spans[Between.ALL] = min(earliest, last - DAY), last
    return {between: days for between, days in spans.items() if first is None or days[0] >= earliest}


def check_between(since: date, to: date, first: date | None, last: date) -> None:
    """QuestionError where the later day is not later, or one of them lies where the history tells nothing: before the day before
    `first`, or after `last`."""
    if since >= to:
        raise QuestionError("errors.bridge_order", since=since, to=to)
    earliest = date.min if first is None else min(first - DAY, last - DAY)
    if since < earliest or to > last:
        raise QuestionError("errors.bridge_outside", since=since, to=to, first=earliest, last=last)


def _last_whole(period: Period, last: date, calendar: Calendar) -> Days:
    first = period.first_day(last, calendar)
    if period.last_day(first, calendar) > last:
        first = period.first_day(first - DAY, calendar)
    return first - DAY, period.last_day(first, calendar)
