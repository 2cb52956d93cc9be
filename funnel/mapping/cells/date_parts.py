"""SQL that takes a date apart by a regular expression made from its layout: for months in words, and for other calendars."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from funnel.core.sql import Query, marks
from funnel.mapping.cells import date_words
from funnel.mapping.cells.date_layouts import Layout, Part
from funnel.mapping.template import bound, fill

# First and last year that can only be meant in this calendar.
CALENDARS = {"Jalali": (1300, 1499), "Buddhist": (2500, 2600)}
BUDDHIST_OFFSET = 543
BUDDHIST_SHORT = range(43, 76)
"""Years of two digits that mean 2000 to 2032 in the Buddhist calendar; in the Gregorian one they are long past or far ahead."""
# Two digits: 69 is 1969, 68 is 2068, as strptime has it.
SHORT_YEAR_PIVOT = "69"

Words = frozenset[tuple[str, str]]
_CAPTURED = ("year", "month", "day", "hour", "minute", "second", "fraction", "name", "meridiem")


def moments(
    text: Query, layouts: Iterable[Layout], orders: Iterable[str], words: Words, *, buddhist: bool
) -> list[Query]:
    """TIMESTAMPs, one for each way of writing: NULL where the text is written otherwise, or is no day of its calendar."""
    wanted = dict.fromkeys(_captured(layout.ordered(order), words) for order in orders for layout in layouts)
    return [_moment(text, expression, roles, short, words, buddhist) for expression, roles, short in wanted]


def _captured(parts: Sequence[Part], words: Words) -> tuple[str, tuple[str, ...], bool]:
    """The regular expression of these parts, the roles of its groups, and whether the year is short."""
    captured = [part for part in parts if part.role in _CAPTURED]
    short = any(part.role == "year" and len(part.text) < 4 for part in captured)
    return pattern(parts, words), tuple(part.role for part in captured), short


def pattern(parts: Iterable[Part], words: Words) -> str:
    """The regular expression of a text with these parts, with a group for each that a moment is made of."""
    return "^" + "".join(_expression(part, words) for part in parts) + "$"


def zone_pattern(parts: Iterable[Part], words: Words) -> str:
    """The regular expression of a text with these parts, where the zone is the only group."""
    pieces = [
        f"({zone(words)})" if part.role == "zone" else re.sub(r"^\((?!\?)", "(?:", _expression(part, words))
        for part in parts
    ]
    return "^" + "".join(pieces) + "$"


def zone(words: Words) -> str:
    """The regular expression of a zone or offset after a time, with what is added in brackets; its names are those seen."""
    names = alternatives(words, "zone")
    offset, remark = r"[-+]\d{1,2}(?::?\d{2})?", rf"\([^()]*\)|\[[^\[\]\s]*\]|{names}"
    return rf"\s*(?:(?:{names})\s?(?:{offset})?|{offset})(?:\s?(?:{remark}))?"


def alternatives(words: Words, role: str) -> str:
    """Any of the words of a role, the longest first; what matches nothing where there are none."""
    spelt = sorted((word for word_role, word in words if word_role == role), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word) for word in spelt) or r"[^\s\S]"


def _expression(part: Part, words: Words) -> str:
    if part.role == "zone":
        return f"(?:{zone(words)})"
    if part.role in ("weekday", "ordinal"):
        return f"(?:{alternatives(words, part.role)})"
    if part.role in ("name", "meridiem"):
        return f"({alternatives(words, part.role)})"
    if part.role in ("literal", "silent"):
        return r"\s+" if part.text == " " else re.escape(part.text)
    if part.role == "fraction":
        return r"(\d+)"
    return rf"(\d{{{len(part.text)}}})" if part.role == "year" else r"(\d{1,2})"


def _moment(
    text: Query, expression: str, roles: Sequence[str], short_year: bool, words: Words, buddhist: bool
) -> Query:
    """Year, month and day taken apart, brought into the Gregorian calendar, and read with the time that follows."""
    month = Query("part.month")
    if "name" in roles:
        numbers = date_words.month_numbers(word for role, word in words if role == "name")
        names = (list(numbers), list(numbers.values()))
        month = Query("map(CAST(? AS VARCHAR[]), CAST(? AS INTEGER[]))[part.name]", names)
    return fill(
        "list_transform(list_transform([regexp_extract({text}, {expression}, [{roles}])],"
        " lambda part: struct_pack(year := {year}, month := TRY_CAST({month} AS INTEGER), day := {day}, clock := {clock})),"
        f" lambda day: TRY_CAST(({_GREGORIAN}) || day.clock AS TIMESTAMP))[1]",
        text=text,
        expression=bound(expression),
        roles=Query(marks(roles), tuple(roles)),
        year=_year(short_year, buddhist),
        month=month,
        day="TRY_CAST(part.day AS INTEGER)" if "day" in roles else "1",
        clock=_clock(roles, words),
    )


def _year(short: bool, buddhist: bool) -> Query:
    year = "TRY_CAST(part.year AS INTEGER)"
    if not short:
        return Query(year)
    if buddhist:
        return Query(f"{year} + {2500 - BUDDHIST_OFFSET}")
    return Query(f"{year} + CASE WHEN part.year < ? THEN 2000 ELSE 1900 END", (SHORT_YEAR_PIVOT,))


def _clock(roles: Sequence[str], words: Words) -> Query:
    """The time of day as text that follows a day; NULL for 13 PM."""
    if "hour" not in roles:
        return Query("''")
    hour, values = "part.hour", tuple[object, ...]()
    if "meridiem" in roles:
        afternoons = [word for role, word in words if role == "meridiem" and date_words.is_afternoon(word)]
        number = "TRY_CAST(part.hour AS INTEGER)"
        half = "CASE WHEN list_contains(CAST(? AS VARCHAR[]), part.meridiem) THEN 12 ELSE 0 END"
        hour, values = f"CASE WHEN {number} BETWEEN 1 AND 12 THEN {number} % 12 + {half} END", (afternoons,)
    minute = "part.minute" if "minute" in roles else "'00'"
    rest = "".join(
        f" || '{mark}' || part.{role}" for mark, role in ((":", "second"), (".", "fraction")) if role in roles
    )
    return Query(f"' ' || {hour} || ':' || {minute}{rest}", values)


_JALALI_YEARS, _BUDDHIST_YEARS = CALENDARS["Jalali"], CALENDARS["Buddhist"]
# Persian leap years follow a cycle of 33 years (right for 1178 to 1633); their day 492,268 is 1970-01-01.
_JALALI_DAY = (
    "DATE '1970-01-01' + CAST(365 * (day.year - 1) + (8 * day.year + 21) // 33"
    " + 30 * (day.month - 1) + least(day.month - 1, 6) + day.day - 1 - 492268 AS INTEGER)"
)
_JALALI_LENGTH = (
    "CASE WHEN day.month <= 6 THEN 31 WHEN day.month < 12 OR (8 * day.year + 29) % 33 < 8 THEN 30 ELSE 29 END"
)
_GREGORIAN = (
    f"CASE WHEN day.year BETWEEN {_JALALI_YEARS[0]} AND {_JALALI_YEARS[1]} THEN"
    f" CASE WHEN day.month BETWEEN 1 AND 12 AND day.day BETWEEN 1 AND {_JALALI_LENGTH}"
    f" THEN CAST({_JALALI_DAY} AS VARCHAR) END"
    f" WHEN day.year BETWEEN {_BUDDHIST_YEARS[0]} AND {_BUDDHIST_YEARS[1]}"
    f" THEN (day.year - {BUDDHIST_OFFSET}) || '-' || day.month || '-' || day.day"
    " ELSE day.year || '-' || day.month || '-' || day.day END"
)
