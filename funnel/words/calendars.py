"""Days and months of the calendar that readers count by, and as a language writes them: in its digits, with its names of months.

A Jalali year, the Persian solar one, has six months of 31 days, five of 30, and a last one of 29, in leap years of 30. Leap years follow
a cycle of 33 years, which is right for the years 1178 to 1633 (1799 to 2255); outside of them it goes on by the same rule.
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, date, datetime
from enum import StrEnum

from babel import Locale
from babel.dates import format_date

MONTHS = 12
BUDDHIST_ERA = 543
"""Years of the Thai calendar beyond those of the common one; its months and days are the same."""
FIRST_JALALI = date(1970, 1, 1).toordinal() - 492_268
"""The first day of the Jalali year 1, as `date.toordinal` counts."""
_ONLY_JALALI, _ONLY_BUDDHIST = range(1300, 1500), range(2500, 2601)
"""Years that can only be meant in these calendars: a typed day is understood by them."""
_NEAR_JALALI, _NEAR_BUDDHIST = range(1, 1700), range(2300, 3000)
"""Years that are meant in these calendars by who is shown days in them."""
_ZEROS = {"arab": "٠", "arabext": "۰"}
_TOKEN = re.compile(r"'[^']*'|y+|[ML]+|d+|.", re.DOTALL)
_TYPED = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})()(\d{2})(\d{2})")


class Calendar(StrEnum):
    """By which months, quarters and years are counted. A month has a running number: twelve times its year, and how many lie before it."""

    GREGORIAN = "gregorian"
    JALALI = "jalali"

    def parts(self, day: date) -> tuple[int, int, int]:
        """Year, month (1 to 12) and day of the month."""
        if self is Calendar.GREGORIAN:
            return day.year, day.month, day.day
        ordinal = day.toordinal() - FIRST_JALALI
        years = (33 * ordinal + 3) // 12_053
        of_year = ordinal - _jalali_days(years)
        month, of_month = divmod(of_year, 31) if of_year < 186 else divmod(of_year - 186, 30)
        return years + 1, month + 1 + (0 if of_year < 186 else 6), of_month + 1

    def number(self, day: date) -> int:
        """The running number of the month that a day lies in."""
        year, month, _ = self.parts(day)
        return MONTHS * year + month - 1

    def first(self, number: int) -> date:
        """The first day of a month by its running number; the outermost day that there is where it lies beyond."""
        return date.fromordinal(min(max(self._ordinal(number), 1), date.max.toordinal()))

    def last(self, number: int) -> date:
        """The last day of a month by its running number."""
        return date.fromordinal(min(max(self._ordinal(number + 1) - 1, 1), date.max.toordinal()))

    def within(self, number: int, of_month: int) -> date:
        """A day of a month, by its running number, or the last one where the month is shorter."""
        return min(date.fromordinal(self.first(number).toordinal() + of_month - 1), self.last(number))

    def day(self, year: int, month: int, of_month: int) -> date:
        """The day of this date. ValueError where there is none."""
        if self is Calendar.GREGORIAN:
            return date(year, month, of_month)
        number = MONTHS * year + month - 1
        if not 1 <= month <= MONTHS or not 1 <= of_month <= self._ordinal(number + 1) - self._ordinal(number):
            raise ValueError(f"{year}-{month}-{of_month} is no day")
        return date.fromordinal(self._ordinal(number) + of_month - 1)

    def _ordinal(self, number: int) -> int:
        """The first day of a month as `date.toordinal` counts; below 1, or above that of the last day there is, where it lies beyond."""
        year, month = divmod(number, MONTHS)
        if self is Calendar.JALALI:
            return FIRST_JALALI + _jalali_days(year - 1) + 30 * month + min(month, 6)
        if not 1 <= year <= MAXYEAR:
            return 0 if year < 1 else date.max.toordinal() + 1
        return date(year, month + 1, 1).toordinal()


def usual(language: str) -> Calendar:
    """The calendar that readers of a language count by."""
    return Calendar.JALALI if language == "fa" else Calendar.GREGORIAN


def written(value: date | datetime, pattern: str, locale: Locale, calendar: Calendar, jalali: str) -> str:
    """A day by a date pattern of CLDR; `jalali` is what its month is called, where it is one of that calendar."""
    if calendar is Calendar.JALALI:
        year, _, day = calendar.parts(value)
        pieces = {"y": str(year), "M": jalali, "L": jalali, "d": str(day)}
        text = "".join(_piece(token, pieces) for token in _TOKEN.findall(pattern))
        return in_own_digits(text, locale)
    if locale.language == "th":
        pattern = re.sub("y+", f"'{value.year + BUDDHIST_ERA}'", pattern)
    return in_own_digits(str(format_date(value, pattern, locale=locale)), locale)


def year(value: date, locale: Locale, calendar: Calendar) -> str:
    """The year of a day: 2024, ۱۴۰۳, 2567."""
    number = calendar.parts(value)[0] + (BUDDHIST_ERA if _is_buddhist(locale, calendar) else 0)
    return in_own_digits(str(number), locale)


def numeric(value: date | datetime, locale: Locale, calendar: Calendar) -> str:
    """A day in numbers from the year on, and the time where it has one: 2024-08-03, ۱۴۰۳/۰۵/۱۳, 2567-08-03 14:05. Such texts sort as
    the days do."""
    _, month, day = calendar.parts(value)
    mark = "/" if calendar is Calendar.JALALI else "-"
    text = f"{year(value, locale, calendar):0>4}{mark}{month:02}{mark}{day:02}"
    if isinstance(value, datetime):
        text += f" {value:%H:%M:%S}" if value.second or value.microsecond else f" {value:%H:%M}"
    return in_own_digits(text, locale)


def is_common(locale: Locale, calendar: Calendar) -> bool:
    """Whether days are counted as every machine does: in years of the common era, in months of the Gregorian calendar."""
    return calendar is Calendar.GREGORIAN and not _is_buddhist(locale, calendar)


def read(text: str, locale: Locale, calendar: Calendar) -> date | None:
    """The day that a person has typed as year, month and day (2024-08-03, ۱۴۰۳/۰۵/۱۳), in digits of any language; None where it names none.

    A year from 1300 to 1499 is Jalali, one from 2500 to 2600 Buddhist, whoever reads: no other is likely. Where days are shown by such a
    calendar, so are all years near to them, and what is shown is understood.
    """
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        return None
    number, month, day = (int(part) for part in found.groups() if part and part.isdecimal())
    try:
        if number in (_NEAR_JALALI if calendar is Calendar.JALALI else _ONLY_JALALI):
            return Calendar.JALALI.day(number, month, day)
        buddhist = number in (_NEAR_BUDDHIST if _is_buddhist(locale, calendar) else _ONLY_BUDDHIST)
        return date(number - (BUDDHIST_ERA if buddhist else 0), month, day)
    except ValueError:
        return None


def in_own_digits(text: str, locale: Locale) -> str:
    """A number or a date in the digits that are usual in the language, and their percent sign; Babel writes 0 to 9 and %."""
    if has_latin_digits(locale):
        return text
    zero = _ZEROS[locale.default_numbering_system]
    return text.translate({ord("%"): "٪", **{ord(str(n)): chr(ord(zero) + n) for n in range(10)}})


def has_latin_digits(locale: Locale) -> bool:
    """Whether numbers are written in 0 to 9."""
    return locale.default_numbering_system not in _ZEROS


def _is_buddhist(locale: Locale, calendar: Calendar) -> bool:
    return locale.language == "th" and calendar is Calendar.GREGORIAN


def _piece(token: str, pieces: dict[str, str]) -> str:
    return token[1:-1] if token.startswith("'") else pieces.get(token[0], token)


def _jalali_days(years: int) -> int:
    """How many days lie before the Jalali year after so many."""
    return 365 * years + (8 * years + 29) // 33
