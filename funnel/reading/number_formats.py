"""What a number of a spreadsheet's cell is by its number format, and its text as that: days and moments as ISO."""

from __future__ import annotations

from enum import IntEnum

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from funnel.reading.cell_text import moment, number, shows_time

_DATES_OF_EAST_ASIA = frozenset((*range(27, 37), *range(50, 59)))
"""Numbers of built-in formats that are dates where Excel speaks Chinese, Japanese or Korean, and free elsewhere."""


class Shown(IntEnum):
    """What a number format makes of a number."""

    NUMBER = 0
    DAY = 1
    MOMENT = 2
    DURATION = 3


def shown(code: str | None, number: int | None = None) -> Shown:
    """What a number format makes of a number, by its code ("dd.mm.yyyy hh:mm"), or by its `number` where it is built in."""
    if code is None:
        code = BUILTIN_FORMATS.get(number)
        if number in _DATES_OF_EAST_ASIA:
            return Shown.DAY
    if is_timedelta_format(code):
        return Shown.DURATION
    if not is_date_format(code):
        return Shown.NUMBER
    return Shown.MOMENT if shows_time(code) else Shown.DAY


def serial(value: float, kind: Shown, *, mac: bool = False) -> str:
    """A number under a format: days since the end of 1899 (`mac`: of 1903) as ISO, where it is one; else the number."""
    if kind is Shown.NUMBER:
        return number(value)
    try:
        converted = from_excel(value, MAC_EPOCH if mac else WINDOWS_EPOCH, timedelta=kind is Shown.DURATION)
    except (OverflowError, ValueError):
        return number(value)
    return moment(converted, with_time=kind is Shown.MOMENT)
