"""How one number is written, and SQL that reads numbers out of text once the decimal mark of the column is known."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from funnel.mapping.date_layouts import FOREIGN_DIGITS, WESTERN_DIGITS
from funnel.sql import Query, marks

CURRENCIES = Path(__file__).parents[2] / "data" / "currencies.toml"
SCALES = {
    "k": 1e3, "к": 1e3, "тыс": 1e3, "tsd": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6, "млн": 1e6, "м": 1e6,
    "b": 1e9, "bn": 1e9, "mrd": 1e9, "млрд": 1e9, "lakh": 1e5, "crore": 1e7,
}  # fmt: skip
PLAIN = r"-?\d+(?:\.\d+)?"
# Between groups of digits: blanks of several widths and apostrophes; never the decimal mark.
GROUPING = " \u00a0\u202f\u2009'’"
_MINUS = "-−–"
# Arabic decimal and thousands marks, beside the western ones they stand for.
_FOREIGN, _WESTERN = FOREIGN_DIGITS + "٫٬", WESTERN_DIGITS + ".,"
_FOREIGN_MARKS = frozenset(_FOREIGN)
_TRANSLATION = str.maketrans(_FOREIGN, _WESTERN)


@dataclass(frozen=True)
class Form:
    """How a number is written: what stands around its `body` of digits and marks.

    `currency` is a sign or code, "" for none, `spelling` how the cell puts it; `leading`: it stands before the number.
    `foreign`: some digits or marks are of another script.
    """

    body: str
    currency: str
    spelling: str
    leading: bool
    scale: str
    percent: bool
    foreign: bool


def form(text: str) -> Form | None:
    """The form of one number, None where the text is none. Whether its marks make sense is for the column to say."""
    found = _loose().fullmatch(text.translate(_TRANSLATION))
    if found is None:
        return None
    before, after = found["before_currency"] or "", found["after_currency"] or ""
    return Form(
        found["body"].strip(GROUPING),
        canonical(before or after),
        before or after,
        bool(before),
        (found["scale"] or "").lower(),
        found["percent"] is not None,
        not _FOREIGN_MARKS.isdisjoint(text),
    )


def canonical(currency: str) -> str:
    """The sign or code that a spelling of a currency means, "" for no currency."""
    return _spellings()[currency.lower().rstrip(".")] if currency else ""


def strict(column_sql: str, decimal: str, forms: Sequence[Form]) -> Query:
    """A DOUBLE, NULL where the text is no number with this decimal mark ("." or ","), written in one of these forms."""
    # Only what the column uses: an expression of all currencies in the world is ten times slower.
    scales = sorted({one.scale for one in forms if one.scale})
    pattern = _pattern(_body(decimal), {one.spelling for one in forms if one.spelling}, scales)
    grouping = "," if decimal == "." else "."
    digits = "replace(translate(part.body, ?, ''), ?, '.')"
    sign = "CASE WHEN regexp_matches(part.before || part.after, ?) THEN -1 ELSE 1 END"
    scale = "coalesce(map(CAST(? AS VARCHAR[]), CAST(? AS DOUBLE[]))[lower(part.scale)], 1)"
    names = ("before", "before_currency", "body", "scale", "after_currency", "percent", "after")
    text = Query(column_sql)
    if any(one.foreign for one in forms):
        text = Query(f"translate({column_sql}, ?, ?)", (_FOREIGN, _WESTERN))
    extracted = f"regexp_extract({text.text}, ?, [{marks(names)}])"
    return Query(
        f"list_transform([{extracted}], lambda part: TRY_CAST({digits} AS DOUBLE) * {sign} * {scale})[1]",
        (
            *text.values,
            f"(?i)^{pattern}$",
            *names,
            grouping + GROUPING,
            decimal,
            rf"[{_MINUS}(]",
            scales,
            [SCALES[name] for name in scales],
        ),
    )


def currency(column_sql: str, forms: Sequence[Form]) -> Query:
    """The currency that a cell in one of these forms names, NULL where it names none."""
    spellings = {one.spelling.lower(): one.currency for one in forms if one.currency}
    found = (
        rf"(?i)(?:^|[\d\s().{_MINUS}+]|{_alternatives(SCALES)})({_alternatives(spellings)})\.?(?:$|[\d\s(){_MINUS}+])"
    )
    return Query(
        f"map(?, ?)[lower(regexp_extract({column_sql}, ?, 1))]", (list(spellings), list(spellings.values()), found)
    )


@cache
def _spellings() -> dict[str, str]:
    with CURRENCIES.open("rb") as file:
        data = tomllib.load(file)
    named = {name.lower(): name for name in (*data["codes"], *data["signs"])}
    return named | {spelling.lower(): sign for spelling, sign in data["same"].items()}


@cache
def _loose() -> re.Pattern[str]:
    return re.compile(_pattern(rf"[.,]?\d(?:[\d.,{GROUPING}]*\d)?(?:e[-+]?\d+)?", _spellings(), SCALES), re.IGNORECASE)


def _body(decimal: str) -> str:
    point, comma = (r"\.", ",") if decimal == "." else (",", r"\.")
    # All groups are parted by the same mark; "1,23,456" is how lakhs are written.
    groups = "|".join(rf"\d{{1,3}}(?:{mark}\d{{3}})+" for mark in (comma, " ", "\u00a0", "\u202f", "\u2009", "'", "’"))
    lakhs = rf"\d{{1,2}}(?:{comma}\d{{2}})+{comma}\d{{3}}"
    return rf"(?:(?:{groups}|{lakhs}|\d+)(?:{point}\d+)?|{point}\d+)(?:e[-+]?\d+)?"


def _pattern(body: str, currencies: Iterable[str], scales: Iterable[str]) -> str:
    """Around the body: brackets or a sign, a currency on either side, thousands or millions in words, percent."""
    blank = "[\\s\u00a0\u202f\u2009]*"
    return (
        rf"(?P<before>{blank}\(?{blank}[{_MINUS}+]?{blank}(?:(?P<before_currency>{_alternatives(currencies)})\.?)?{blank}[{_MINUS}+]?{blank})"
        rf"(?P<body>{body})(?:[.,][{_MINUS}]+|\.)?{blank}(?:(?P<scale>{_alternatives(scales)})\.?)?{blank}(?:(?P<after_currency>{_alternatives(currencies)})\.?|(?P<percent>%))?"
        rf"(?P<after>{blank}[{_MINUS}]?\)?{blank})"
    )


def _alternatives(names: Iterable[str]) -> str:
    """Any of the names, the longest first; what matches nothing where there are none."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or r"[^\s\S]"
