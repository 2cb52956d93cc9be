"""SQL of the periods that days lie in, by the calendar that is counted by; every date is an expression of type DATE."""

from __future__ import annotations

from funnel.core.types import Calendar, Period
from funnel.words import calendars

_EPOCH = 719_163
"""1970-01-01 as `date.toordinal` counts."""
_CYCLES = 100
"""Cycles of 33 Jalali years that are added before dividing, since an engine may round down towards 0: days long before Christ are counted
too."""
_YEARS_MORE, _DAYS_MORE = 33 * _CYCLES, 12_053 * _CYCLES


def first_day(day: str, period: Period, calendar: Calendar) -> str:
    """The first day of the period that a day lies in: a DATE. Weeks begin on Monday whatever the calendar."""
    if period is Period.DAY:
        return day
    if period is Period.WEEK:
        return _before(day, f"ISODOW({day}) - 1")
    if calendar is Calendar.JALALI:
        of_year = _day_of_jalali_year(day)
        days_before = {
            Period.MONTH: f"CASE WHEN {of_year} < 186 THEN {of_year} % 31 ELSE ({of_year} - 186) % 30 END",
            Period.QUARTER: f"CASE WHEN {of_year} < 186 THEN {of_year} % 93 ELSE ({of_year} - 186) % 90 END",
            Period.YEAR: of_year,
        }
        return _before(day, days_before[period])
    if period is Period.QUARTER:
        return f"CAST(DATE_TRUNC('quarter', {day}) AS DATE)"
    # Half the time of DATE_TRUNC.
    return _before(day, f"DAY({day}) - 1" if period is Period.MONTH else f"DAYOFYEAR({day}) - 1")


def month_number(day: str, calendar: Calendar) -> str:
    """The running number of the month that a day lies in, as `Calendar.number` has it: a whole number."""
    if calendar is Calendar.GREGORIAN:
        return f"(12 * YEAR({day}) + MONTH({day}) - 1)"
    of_year = _day_of_jalali_year(day)
    month = f"CASE WHEN {of_year} < 186 THEN {of_year} // 31 ELSE 6 + ({of_year} - 186) // 30 END"
    return f"CAST(12 * ({_jalali_years(day)} - {_YEARS_MORE - 1}) + {month} AS INTEGER)"


def day_of_month(day: str, calendar: Calendar) -> str:
    """Which day of its month a day is, from 1 on."""
    if calendar is Calendar.GREGORIAN:
        return f"DAY({day})"
    return f"(DATE_DIFF('day', {first_day(day, Period.MONTH, calendar)}, {day}) + 1)"


def _before(day: str, days: str) -> str:
    return f"({day} - CAST({days} AS INTEGER))"


def _jalali_ordinal(day: str) -> str:
    """Days since the first of the Jalali year 1, and those of the cycles more."""
    return f"(DATE_DIFF('day', DATE '1970-01-01', {day}) + {_EPOCH - calendars.FIRST_JALALI + _DAYS_MORE})"


def _jalali_years(day: str) -> str:
    """Whole Jalali years before the one of a day, and those of the cycles more."""
    return f"((33 * {_jalali_ordinal(day)} + 3) // 12053)"


def _day_of_jalali_year(day: str) -> str:
    years = _jalali_years(day)
    return f"({_jalali_ordinal(day)} - 365 * {years} - (8 * {years} + 29) // 33)"
