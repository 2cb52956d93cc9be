"""Every text that a person reads, and the only formatter of numbers. It imports nothing but `words`.

The sentences are data: data/words/<language>.toml, looked up as "section.key" and filled from values. A field is
`{name}` (the value as text) or `{name:spec}`; an absent value (None, NaN) reads as a dash. The specs:

    number    12,000; up to two decimals
    percent   of a fraction: 9.4%, 12%; one decimal under 10 %; significant: its first two digits, 0.0013, 0.043
    days      a duration in days: 13 minutes, 4.1 hours, 3.4 days, 12 days, 4.1 months, 2.3 years
    money     short: 1.2M; date 1 Jul 2023; month Jul 2023; year 2023, all three of the calendar; list a, b, and c
    a name of the file's table [counts]: a number with its unit in the right plural, "1 lead", "12,000 leads"
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import MAX_EMAX, MIN_EMIN, ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from enum import Enum, auto
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from babel import Locale
from babel.numbers import format_compact_currency, format_compact_decimal, format_decimal, format_percent

from funnel.words import calendars, directions, files
from funnel.words.calendars import Calendar as Calendar
from funnel.words.files import WordingError as WordingError
from funnel.words.spoken import SOURCE_LANGUAGE as SOURCE_LANGUAGE
from funnel.words.spoken import calendar as calendar
from funnel.words.spoken import language as language
from funnel.words.spoken import speaking as speaking
from funnel.words.spoken import spoken_by as spoken_by
from funnel.words.texts import WORD_JOINER as WORD_JOINER
from funnel.words.texts import escape_markdown as escape_markdown
from funnel.words.texts import plain as plain

FOLDER = Path(__file__).resolve().parents[2] / "data" / "words"
ABSENT = "–"
OWN = "default"
"""The digits that are usual in a language, to Babel."""

HOUR, MINUTE = 1 / 24, 1 / 1440
DAYS_A_MONTH, DAYS_A_YEAR = 30.4375, 365.25
LARGEST = Decimal("1e21")
"""From here on a number is told by its powers of ten: nobody counts so many zeros, and some texts would never end."""
_DIGITS = Context(prec=40, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""As many digits as anything is worked out with; more than any number that is told has."""


class Kind(Enum):
    """What a field of a sentence is filled with: a number (None is a dash), a date or moment, several values, or a text."""

    TEXT = auto()
    NUMBER = auto()
    MOMENT = auto()
    LIST = auto()


def say(key: str, /, **values: object) -> str:
    """The sentence "section.key" in the `language`, filled. A sentence not translated yet is said in English.

    KeyError where no file has the key, or where a field of the sentence has no value.
    """
    template = _words(language()).get(key)
    if isinstance(template, str):
        return "".join(_filled(key, template, values))
    if language() == SOURCE_LANGUAGE:
        raise KeyError(f"data/words has no sentence {key!r}")
    with speaking(SOURCE_LANGUAGE, calendar()):
        return say(key, **values)


@lru_cache(maxsize=1024)
def fields(key: str) -> tuple[tuple[str, Kind], ...]:
    """The values that the sentence "section.key" needs, each with its kind. KeyError where there is no such sentence."""
    template = _words(SOURCE_LANGUAGE).get(key)
    if not isinstance(template, str):
        raise KeyError(f"data/words has no sentence {key!r}")
    return tuple(
        (field, _KINDS.get(spec or "", Kind.NUMBER)) for _, field, spec, _ in _parsed(template) if field is not None
    )


def sentences(tag: str) -> Mapping[str, str | dict[str, str]]:
    """All that the file of a language says, by "section.key"; empty where there is none."""
    return _words(tag)


def is_right_to_left() -> bool:
    """Whether lines of the `language` begin at the right."""
    return directions.is_right_to_left(_locale())


def known(key: str) -> bool:
    """Whether there is a sentence "section.key"."""
    return key in _words(SOURCE_LANGUAGE)


def heads(table: str, **values: object) -> dict[str, str]:
    """The fields that people see of a table, in the order of its columns, each with its head: the words of `tables.<name>`, filled."""
    section = f"tables.{table}."
    return {key.removeprefix(section): say(key, **values) for key in _words(SOURCE_LANGUAGE) if key.startswith(section)}


@lru_cache
def languages() -> tuple[str, ...]:
    """The languages that have a file of words, English first."""
    others = sorted(path.stem for path in FOLDER.glob("*.toml") if path.stem != SOURCE_LANGUAGE)
    return (SOURCE_LANGUAGE, *others)


def called(tag: str) -> str:
    """A language by its own name: Русский."""
    return str(_parsed_locale(tag).get_display_name()).capitalize()


def number(value: object) -> str:
    """A count or a quantity, grouped as the language does, with at most two decimals."""
    exact = _decimal(value)
    if exact is None:
        return ABSENT
    if exact.copy_abs() >= LARGEST:
        return _powers(exact, _locale())
    return _grouped(_rounded(exact, "0.01"), _locale())


def significant(value: float) -> str:
    """A number between 0 and 1 by its first two digits that are not 0: 0.0013, 0.043, 0.5."""
    return _grouped(Decimal(f"{value:.2g}"), _locale(), "0.######")


def percent(fraction: object) -> str:
    """A fraction as a percentage: one decimal under 10 %, none above; only all of it is 100 %."""
    exact = _decimal(fraction)
    if exact is None:
        return ABSENT
    locale = _locale()
    size = exact.copy_abs()
    if size >= LARGEST:
        return _own(directions.bare(_powers(exact.scaleb(2, _DIGITS), locale)) + "%", locale)
    if 0 < size < Decimal("0.0005"):
        return _own("<" + directions.bare(_percent(Decimal("0.001"), 1, locale)), locale)
    if Decimal("0.995") <= size < 1:
        return _percent(exact.quantize(Decimal("0.001"), ROUND_DOWN, _DIGITS), 1, locale)
    tenths = _rounded(exact, "0.001")
    return _percent(tenths, 1, locale) if abs(tenths) < Decimal("0.1") else _percent(_rounded(exact, "0.01"), 0, locale)


def days(value: object) -> str:
    """A duration given in days: under one in hours or minutes, under 60 in days, under 24 months in months, else in years."""
    exact = _decimal(value)
    if exact is None:
        return ABSENT
    size = min(exact.copy_abs(), LARGEST)
    if 0 < size < MINUTE:
        return say("measures.under_a_minute")
    if 0 < size < HOUR:
        return _counted("minutes", _rounded(exact / Decimal(str(MINUTE)), "1"))
    if 0 < size < 1:
        return _counted("hours", _rounded(exact / Decimal(str(HOUR)), "0.1" if size < 10 * HOUR else "1"))
    if size < 10:
        return _counted("days", _rounded(exact, "0.1"))
    if size < 60:
        return _counted("days", _rounded(exact, "1"))
    if size < 24 * DAYS_A_MONTH:
        return _counted("months", _rounded(exact / Decimal(str(DAYS_A_MONTH)), "0.1"))
    years = _DIGITS.divide(exact, Decimal(str(DAYS_A_YEAR)))
    if years.copy_abs() < LARGEST:
        years = _rounded(years, "0.1" if abs(years) < 100 else "1")
    return _counted("years", years)


def money(value: object, currency: str = "") -> str:
    """An amount in short form, 1.2M, with its currency (an ISO code or a sign) where it is known: €1.2M."""
    exact = _decimal(value)
    if exact is None:
        return ABSENT
    if exact.copy_abs() >= LARGEST:
        return f"{currency} {_powers(exact, _locale())}".strip()
    # Babel picks K or M before it rounds ("1000K"), so the amount is rounded first, to tenths of its own unit.
    unit = next((power for power in (12, 9, 6, 3) if exact.copy_abs() >= Decimal(10) ** power), 0)
    short = exact.quantize(Decimal(1).scaleb(unit - 1), ROUND_HALF_UP, _DIGITS)
    locale = _locale()
    if not currency:
        return _own(format_compact_decimal(short, locale=locale, fraction_digits=1, numbering_system=OWN), locale)
    text = _own(
        format_compact_currency(short, currency, locale=locale, fraction_digits=1, numbering_system=OWN), locale
    )
    return re.sub(r"([^\W\d_])(?=\d)", "\\1\u00a0", text)


def day(value: date | datetime | None, *, year: bool = True) -> str:
    """A day: 1 Jul 2023, or without its year 1 Jul."""
    return _dated(value, "formats.date" if year else "formats.day_of_year")


def month(value: date | datetime | None) -> str:
    """A month: Jul 2023."""
    return _dated(value, "formats.month")


def month_name(month: int) -> str:
    """The name of a month from 1 to 12: April."""
    return _dated(calendar().day(1400, month, 1), "formats.month_name")


def year(value: date) -> str:
    """The year that a day lies in: 2023."""
    return calendars.year(value, _locale(), calendar())


def listed(values: Iterable[object]) -> str:
    """Several things in one sentence: a, b, and c."""
    return directions.listed([_text(value) for value in values], _locale()) or ABSENT


def dotted(parts: Iterable[str]) -> str:
    """Several things beside each other: a · b · c."""
    between = directions.DOT if calendars.has_latin_digits(_locale()) else directions.HALF_STOP
    return (directions.RIGHT * is_right_to_left() + between).join(parts)


def _filled(key: str, template: str, values: Mapping[str, Any]) -> Iterable[str]:
    """The parts of a sentence: what stands in its template, and its fields as they read in the language."""
    turned = is_right_to_left()
    for literal, field, spec, _ in _parsed(template):
        if field is not None and field not in values:
            raise KeyError(f"{key!r} in data/words/{language()}.toml needs a value for {field!r}")
        text = "" if field is None else _SPECS.get(spec, partial(_counted, spec))(values[field])
        yield from directions.placed(literal, text, value=not spec) if turned else (literal, text)


@lru_cache(maxsize=8192)
def _parsed(template: str) -> tuple[Any, ...]:
    return tuple(string.Formatter().parse(template))


def _text(value: object) -> str:
    return ABSENT if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)


_SPECS: dict[str, Callable[..., str]] = {
    "": _text,
    "number": number,
    "significant": significant,
    "percent": percent,
    "days": days,
    "money": money,
    "date": day,
    "month": month,
    "year": year,
    "list": listed,
}
_KINDS = {"": Kind.TEXT, "date": Kind.MOMENT, "month": Kind.MOMENT, "year": Kind.MOMENT, "list": Kind.LIST}
"""The kinds of the specs; every other is of a number."""


def _counted(unit: str, value: object) -> str:
    """A number with its unit in the plural form that the language asks for."""
    count = _decimal(value)
    forms = _words(language()).get(f"counts.{unit}")
    if not isinstance(forms, dict):
        if language() == SOURCE_LANGUAGE:
            raise KeyError(f"data/words has no unit counts.{unit}")
        with speaking(SOURCE_LANGUAGE):
            return _counted(unit, count)
    # The form of what is shown of it.
    rounded = None if count is None or count.copy_abs() >= LARGEST else _rounded(count, "0.01").normalize()
    form = "other" if rounded is None else _locale().plural_form(rounded)
    return str(forms.get(form, forms["other"])).replace("{n}", number(count))


def _decimal(value: Any) -> Decimal | None:
    """The number exactly as it prints, so that 0.285 is not 0.28499…, of at most 40 digits; None for None, NaN and infinities."""
    if value is None:
        return None
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    return _DIGITS.plus(exact) if exact.is_finite() else None


def _rounded(exact: Decimal, step: str) -> Decimal:
    """Rounded half away from zero, as people do; Babel alone would round 12.5 to 12."""
    return exact.quantize(Decimal(step), ROUND_HALF_UP, _DIGITS) + 0


def _powers(exact: Decimal, locale: Locale) -> str:
    """A number as 1.2E30: its first digits, and how many places they stand before the point."""
    digits, power = f"{exact:.1e}".split("e")
    return _own(f"{_grouped(Decimal(digits), locale)}E{int(power)}", locale)


# Charts say the same few shares and counts again and again, and a moved date says most of them once more.
@lru_cache(maxsize=8192)
def _grouped(exact: Decimal, locale: Locale, pattern: str = "#,##0.##") -> str:
    return _own(format_decimal(exact, format=pattern, locale=locale, numbering_system=OWN), locale)


@lru_cache(maxsize=8192)
def _percent(fraction: Decimal, decimals: int, locale: Locale) -> str:
    """With the sign of the language where it puts it, "9,4 %", "9.4%" or "۹٫۴٪"; no ".0"."""
    digits = "#,##0." + "#" * decimals if decimals else "#,##0"
    pattern = re.sub(r"[#,0.]+", digits, locale.percent_formats[None].pattern, count=1)
    return _own(format_percent(fraction, format=pattern, locale=locale, numbering_system=OWN), locale)


def _dated(value: date | datetime | None, key: str) -> str:
    # NaT is the one date that does not equal itself.
    if value is None or value != value:
        return ABSENT
    pattern, month = (
        str(_words(language()).get(each) or _words(SOURCE_LANGUAGE)[each])
        for each in (key, f"formats.jalali_{calendar().parts(value)[1]}")
    )
    return calendars.written(value, pattern, _locale(), calendar(), month)


def _own(text: object, locale: Locale) -> str:
    own = calendars.in_own_digits(str(text), locale)
    return directions.number(own) if directions.is_right_to_left(locale) else own


def _locale() -> Locale:
    return _parsed_locale(language())


@lru_cache
def _parsed_locale(tag: str) -> Locale:
    return Locale.parse(tag, sep="-")


@lru_cache
def _words(tag: str) -> dict[str, str | dict[str, str]]:
    """The sentences of a language by "section.key", and its plural forms by "counts.unit"; empty without a file."""
    if tag not in languages():
        return {}
    return read_words(FOLDER / f"{tag}.toml")


def read_words(path: Path) -> dict[str, str | dict[str, str]]:
    """A file of words, checked. WordingError names the file and the key."""
    return files.read(path, _SPECS)
