"""The quick look at one value: whether it can be a date, as the full reader would have it, without a query."""

from __future__ import annotations

import re

from funnel.mapping.cells import date_words
from funnel.mapping.cells.date_grammar import FINE_EPOCHS, epoch, layout, numbers, serial
from funnel.mapping.cells.date_layouts import EPOCHS, Layout, western
from funnel.mapping.cells.date_parts import CALENDARS
from funnel.mapping.cells.date_sql import PLAUSIBLE, SENTINELS, ZERO_DATE

# From 2000 to 2100, in seconds.
_EPOCHS = (946_684_800, 4_102_444_800)
_YEARS = ((int(PLAUSIBLE[0][:4]), int(PLAUSIBLE[1][:4])), *CALENDARS.values())
_BARE_YEARS = ((1900, 2100), *CALENDARS.values())
_EMPTY_YEARS = frozenset(int(day[:4]) for day in SENTINELS)


def look(text: str, header: str) -> Layout | None:
    """The layout of a value that can be a day, None where it is no date.

    What might be any number or code is none where the header says that it is something else; a spreadsheet's number of a
    day is one only where the header says a time.
    """
    candidate = layout(text)
    if candidate is None or not _possible(text, candidate):
        candidate = _epoch(text) or (serial(text) if is_timed(header) else None)
    if candidate is not None and candidate.kind in FINE_EPOCHS and not is_timed(header):
        return None
    if candidate is not None and candidate.weak and date_words.says_other(header) and not date_words.says_time(header):
        return None
    return candidate


def is_timed(header: str) -> bool:
    """Whether a header says a time and nothing else: neither an id or an amount, nor how long something took."""
    return date_words.says_time(header) and not date_words.says_other(header) and not date_words.says_span(header)


def _possible(text: str, layout: Layout) -> bool:
    """Whether a year has such a month and a month such a day, roughly: the 31st of any month is one."""
    values = numbers(text, layout)
    year = values["year"]
    calendars = _BARE_YEARS if layout.bare else _YEARS
    if not layout.short_year and year not in _EMPTY_YEARS and not any(low <= year <= high for low, high in calendars):
        return False
    day, month = values.get("day", 1), values.get("month", 1)
    days = [(day, month)]
    if layout.kind == "numeric":
        days += [(month, day), (year, month)] if layout.short_year else [(month, day)]
    is_day = any(1 <= day <= 31 and 1 <= month <= 12 for day, month in days)
    return is_day and values.get("hour", 0) <= 24 and values.get("minute", 0) <= 59 and values.get("second", 0) <= 60


def _epoch(text: str) -> Layout | None:
    layout = epoch(text)
    if layout is None:
        return None
    low, high = _EPOCHS
    return layout if low <= float(western(text)) / 10 ** (EPOCHS[layout.kind] - 10) < high else None


def is_zero(text: str) -> bool:
    """Whether a value is a date of zeros, which stands for none."""
    return text.lstrip()[:1] == "0" and re.fullmatch(ZERO_DATE, text) is not None
