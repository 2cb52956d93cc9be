"""Days in numbers from the year on, as tables, files and fields have them, by the calendar of who reads."""

from __future__ import annotations

from datetime import date, datetime

from babel import Locale

from funnel.words import calendars, spoken


def written(value: date | datetime) -> str:
    """2023-07-01, by other calendars ۱۴۰۲/۰۴/۱۰ or 2566-07-01, with the time of a moment behind it. Such texts sort as the days do."""
    return calendars.numeric(value, *_reader())


def read(text: str) -> date | None:
    """The day that a person has typed as `written` shows it; None where that is none."""
    return calendars.read(text, *_reader())


def are_common() -> bool:
    """Whether days are counted here as every machine does, so that a date may stand as it is."""
    return calendars.is_common(*_reader())


def _reader() -> tuple[Locale, calendars.Calendar]:
    return Locale.parse(spoken.language(), sep="-"), spoken.calendar()
