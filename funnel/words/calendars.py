"""Days and months as a language writes them: in its digits, and in years of the calendar that its readers count by."""

from __future__ import annotations

import re
from datetime import date, datetime

from babel import Locale
from babel.dates import format_date

BUDDHIST_ERA = 543
"""Years of the Thai calendar beyond those of the common one; its months and days are the same."""
_ZEROS = {"arab": "٠", "arabext": "۰"}
_YEAR = re.compile(r"y+")


def written(value: date | datetime, pattern: str, locale: Locale) -> str:
    """A day by a date pattern of CLDR."""
    if locale.language == "th":
        pattern = _YEAR.sub(f"'{value.year + BUDDHIST_ERA}'", pattern)
    return in_own_digits(str(format_date(value, pattern, locale=locale)), locale)


def in_own_digits(text: str, locale: Locale) -> str:
    """A number or a date in the digits that are usual in the language; Babel writes 0 to 9."""
    zero = _ZEROS.get(locale.default_numbering_system)
    return text if zero is None else text.translate({ord(str(n)): chr(ord(zero) + n) for n in range(10)})
