"""The values of a spreadsheet's cells as text: numbers digit by digit, days and moments as ISO."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

_QUOTED_OR_BRACKETED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
MOST_PLACES = 6000
"""A number with more zeros than this before or behind its digits stays as it is written."""
KEPT_DIGITS = 10**15
"""The least number of which a spreadsheet does not keep all digits."""
EVERY_WHOLE_NUMBER = 2**53
"""Beyond it, not every whole number is one of those that 64 bits hold with a point in them."""


def shows_time(code: str | None) -> bool:
    """Whether a number format writes hours."""
    return "h" in _QUOTED_OR_BRACKETED.sub("", code or "").lower()


def moment(value: datetime | date | time | timedelta, *, with_time: bool) -> str:
    """As ISO. Midnight is only a day unless `with_time`."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ") if with_time or value.time() != time() else value.date().isoformat()
    return str(value) if isinstance(value, timedelta) else value.isoformat()


def number(value: float) -> str:
    """Never in powers of ten, and without a needless .0"""
    return plain(repr(value))


def plain(written: str) -> str:
    """The same for a number as it is written ("1.5E+3"); any other text stays what it is."""
    try:
        value = Decimal(written)
    except InvalidOperation:
        return written
    if value.is_finite() and abs(value.adjusted()) > MOST_PLACES:
        return written
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def error(code: int) -> str:
    """The sign that stands in a cell whose formula failed."""
    return _ERRORS.get(code, "#N/A")


_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


class Rounded(Counter[int]):
    """How many whole numbers of each column have more digits than a spreadsheet keeps of a number.

    Spreadsheets keep 15 digits and fill up with zeros; other programs write the nearest of the numbers that 64 bits hold.
    Which digits stood there before, nobody can tell.
    """

    def look(self, column: int, value: float) -> None:
        """Count a number in this column, where it has too many digits."""
        size = abs(value)
        if size >= KEPT_DIGITS and (size >= EVERY_WHOLE_NUMBER or size % 10 == 0) and size != float("inf"):
            self[column] += 1

    def look_at_text(self, column: int, written: str) -> None:
        """The same for a number that is written as text: exact as long as all its digits stand there."""
        if "e" in written or "E" in written:
            with suppress(ValueError):
                self.look(column, float(written))
