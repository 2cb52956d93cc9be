"""Ranges of dates by name, counted from the last day the file observed, and what a typed day or an address makes of the days there are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from funnel.words import wording

NAMES = (
    "last_30_days",
    "last_90_days",
    "this_month",
    "last_month",
    "this_quarter",
    "last_quarter",
    "this_year",
    "last_year",
    "last_12_months",
    "all_time",
)
ALL = "all_time"
JANUARY, DECEMBER = 1, 12
Range = tuple[date, date]
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Chosen:
    """The dates that are looked at: the first and the last day, both included; `name` where they were chosen by name, and `fiscal`,
    the month (1 to 12) in which a year begins. `told` is the sentence on what became of days that the file does not have."""

    days: Range
    name: str | None = ALL
    fiscal: int = JANUARY
    told: str | None = None


def named(first: date, last: date, observed: date, fiscal: int = JANUARY) -> dict[str, Range]:
    """Name → (first day, last day), both included and clipped to the days there are, in the order of NAMES; without those that have no day.

    What is called *this* goes up to the last observed day, what is called *last* is over by then. Months are those of
    the calendar that is counted by; quarters and years begin with the month `fiscal`. The last 12 months begin the day after the observed
    one a year before.
    """
    calendar = wording.calendar()
    month = calendar.first(calendar.number(observed))
    since = (calendar.parts(observed)[1] - fiscal) % 12
    quarter, year = _months(month, -(since % 3)), _months(month, -since)
    wished = {
        "last_30_days": (_days(observed, -29), observed),
        "last_90_days": (_days(observed, -89), observed),
        "this_month": (month, observed),
        "last_month": (_months(month, -1), _days(month, -1)),
        "this_quarter": (quarter, observed),
        "last_quarter": (_months(quarter, -3), _days(quarter, -1)),
        "this_year": (year, observed),
        "last_year": (_months(year, -12), _days(year, -1)),
        "last_12_months": (_days(_a_year_before(observed), 1), observed),
        ALL: (first, last),
    }
    inside = {name: (max(start, first), min(end, last)) for name, (start, end) in wished.items()}
    return {name: days for name, days in inside.items() if days[0] <= days[1]}


def clipped(days: Range, first: date, last: date) -> Range | None:
    """The part of these days that there is; None where there is none, or where they run backwards."""
    start, end = max(days[0], first), min(days[1], last)
    return (start, end) if days[0] <= days[1] and start <= end else None


def typed(before: Range, side: str, day: date | None, first: date, last: date) -> tuple[Range, str | None]:
    """The days once a person has said another one for this side (`from` or `to`), and why that is not just what was said: `outside` of
    the file's days, or `backwards`, where the other side gives way to the file's end. No day is the file's own."""
    wished = (first if side == "from" else last) if day is None else day
    inside = min(max(wished, first), last)
    start, end = (inside, before[1]) if side == "from" else (before[0], inside)
    if start > end:
        return ((start, last), "backwards") if side == "from" else ((first, end), "backwards")
    return (start, end), None if inside == wished else "outside"


def of_address(params: Mapping[str, Sequence[str]], first: date, last: date, observed: date) -> Chosen:
    """What an address says; what makes no sense is as if it did not stand there. The name comes before the days, these before those of
    an address of old (`started`, also as microseconds)."""
    fiscal = _fiscal(_last(params, "fiscal"))
    offered = named(first, last, observed, fiscal)
    name = _last(params, "range")
    if name in offered:
        return Chosen(offered[name], name, fiscal)
    start, end = _day(_last(params, "from")), _day(_last(params, "to"))
    if start is None and end is None:
        start, end = _days_of_old(params)
    wished = (start or first, end or last)
    days = clipped(wished, first, last)
    if days is None:
        return Chosen((first, last), ALL, fiscal)
    outside = "outside" if days != wished else None
    return Chosen(days, ALL if days == (first, last) else None, fiscal, outside)


def in_address(chosen: Chosen) -> dict[str, str]:
    """How an address says it: nothing for what is usual."""
    said = {} if chosen.fiscal == JANUARY else {"fiscal": str(chosen.fiscal)}
    if chosen.name == ALL:
        return said
    by_name = {} if chosen.name is None else {"range": chosen.name}
    return {**by_name, "from": chosen.days[0].isoformat(), "to": chosen.days[1].isoformat(), **said}


def _last(params: Mapping[str, Sequence[str]], name: str) -> str:
    return next(reversed(params.get(name, ())), "")


def _days_of_old(params: Mapping[str, Sequence[str]]) -> tuple[date | None, date | None]:
    days = [_day(text) for text in params.get("started", ())]
    return (days[0], days[1]) if len(days) == 2 and None not in days else (None, None)


def _fiscal(text: str) -> int:
    months = {str(month): month for month in range(JANUARY, DECEMBER + 1)}
    return months.get(text, JANUARY)


def _day(text: str) -> date | None:
    """The day that a text of an address names, as 2025-04-01 or in microseconds since 1970; None where it names none."""
    try:
        if _ISO.fullmatch(text):
            return date.fromisoformat(text)
        return (_EPOCH + timedelta(microseconds=int(text))).date() if len(text) < 20 else None
    except (ValueError, OverflowError):
        return None


def _months(day: date, months: int) -> date:
    """The first of a month so many months on; the first day of all where there are none so early."""
    calendar = wording.calendar()
    return calendar.first(calendar.number(day) + months)


def _days(day: date, days: int) -> date:
    return date.fromordinal(max(day.toordinal() + days, 1))


def _a_year_before(day: date) -> date:
    """The same day of the year before; of one that it does not have, the day before."""
    calendar = wording.calendar()
    return calendar.within(calendar.number(day) - 12, calendar.parts(day)[2])
