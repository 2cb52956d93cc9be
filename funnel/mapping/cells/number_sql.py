"""How one number is written, and SQL that reads numbers out of text once the decimal mark of the column is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from funnel.core.sql import Query, marks
from funnel.mapping.cells.date_layouts import FOREIGN_DIGITS, LONGEST, WESTERN_DIGITS
from funnel.mapping.cells.placeholders import BLANKS
from funnel.mapping.data_file import data_file

SCALES = {
    "k": 1e3, "к": 1e3, "тыс": 1e3, "tsd": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "mio": 1e6, "млн": 1e6, "м": 1e6,
    "b": 1e9, "bn": 1e9, "mrd": 1e9, "mld": 1e9, "млрд": 1e9, "lakh": 1e5, "lac": 1e5, "crore": 1e7, "tis": 1e3,
    "万": 1e4, "萬": 1e4, "만": 1e4, "億": 1e8, "亿": 1e8, "억": 1e8,
}  # fmt: skip
PLAIN = r"-?\d+(?:\.\d+)?"
_PLAIN_WHOLE = r"-?\d+"
# Between groups of digits: blanks of several widths and apostrophes; never the decimal mark.
GROUPING = " \u00a0\u202f\u2009'’"
_MINUS = "-−–"
# Arabic decimal and thousands marks and signs of full width, beside the western ones they stand for. The last have none:
# nobody sees them.
_FOREIGN = FOREIGN_DIGITS + "٫٬،．，％＄￥￦￡－" + "\u200b\u200e\u200f\u061c\ufeff"
_WESTERN = WESTERN_DIGITS + ".,,.,%$¥₩£-"
_FOREIGN_MARKS = frozenset(_FOREIGN)
_ARABIC_MARKS = frozenset("٫٬")
_NINES = str.maketrans("012345678", "9" * 9)
_TRANSLATION = str.maketrans(_FOREIGN[: len(_WESTERN)], _WESTERN, _FOREIGN[len(_WESTERN) :])


@dataclass(frozen=True)
class Form:
    """How a number is written: what stands around its `body` of digits and marks.

    `currency` is a sign or code, "" for none; `spellings` are how the cell puts it, two for "$5 USD"; `leading`: it stands
    before the number. `foreign`: some digits or marks are of another script; `arabic`: they include ٫ or ٬, each of which
    has one meaning.
    """

    body: str
    currency: str
    spellings: tuple[str, ...]
    leading: bool
    scale: str
    percent: bool
    foreign: bool
    arabic: bool


def form(text: str) -> Form | None:
    """The form of one number, None where the text is none. Whether its marks make sense is for the column to say."""
    match = _loose().fullmatch(_western_text(text).strip(BLANKS))
    if match is None:
        return None
    before, after = match["before_currency"] or "", match["after_currency"] or ""
    return Form(
        match["body"].strip(GROUPING),
        # Of "$5 USD" the code says more.
        canonical(after if after.isalpha() and not before.isalpha() else before or after),
        tuple(spelling for spelling in (before, after) if spelling),
        bool(before),
        (match["scale"] or "").lower(),
        match["percent"] is not None,
        not _FOREIGN_MARKS.isdisjoint(text),
        not _ARABIC_MARKS.isdisjoint(text),
    )


def is_number(text: str) -> bool:
    """Whether a text is a number with either decimal mark."""
    return len(text) <= LONGEST and _is_number(_western_text(text).translate(_NINES))


def _western_text(text: str) -> str:
    return text if text.isascii() else text.translate(_TRANSLATION)


@lru_cache(maxsize=20_000)
def _is_number(text: str) -> bool:
    number = form(text) if "9" in text else None
    return number is not None and _either().fullmatch(number.body) is not None


def canonical(currency: str) -> str:
    """The sign or code that a spelling of a currency means, "" for no currency."""
    return _spellings()[currency.lower().rstrip(".")] if currency else ""


def strict(column_sql: str, decimal: str, forms: Sequence[Form]) -> Query:
    """A DOUBLE, NULL where the text is no number with this decimal mark ("." or ","), written in one of these forms."""
    # Only what the column uses: an expression of all currencies in the world is ten times slower.
    scales = sorted({form.scale for form in forms if form.scale})
    pattern = _pattern(_body(decimal), {spelling for form in forms for spelling in form.spellings}, scales)
    grouping = "," if decimal == "." else "."
    digits = "replace(translate(part.body, ?, ''), ?, '.')"
    sign = "CASE WHEN regexp_matches(part.before || part.after, ?) THEN -1 ELSE 1 END"
    scale = "coalesce(map(CAST(? AS VARCHAR[]), CAST(? AS DOUBLE[]))[lower(part.scale)], 1)"
    names = ("before", "before_currency", "body", "scale", "after_currency", "percent", "after")
    text = _western(column_sql, forms)
    extracted = f"regexp_extract({text.text}, ?, [{marks(names)}])"
    read = f"list_transform([{extracted}], lambda part: TRY_CAST({digits} AS DOUBLE) * {sign} * {scale})[1]"
    return Query(
        # Most cells are plain, also where a few are not, and are read at once.
        f"CASE WHEN regexp_full_match({column_sql}, ?) THEN TRY_CAST({column_sql} AS DOUBLE) ELSE {read} END",
        (
            PLAIN if decimal == "." else _PLAIN_WHOLE,
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
    # A sign that stands alone in some cells means itself, even where others add a code to it.
    ordered = sorted((form for form in forms if form.currency), key=lambda form: -len(form.spellings))
    meant = {spelling.lower(): form.currency for form in ordered for spelling in form.spellings}
    pattern = rf"(?i)(?:^|[^\p{{L}}]|{_alternatives(SCALES)})({_alternatives(meant)})\.?(?:$|[^\p{{L}}])"
    text = _western(column_sql, forms)
    return Query(
        f"map(?, ?)[lower(regexp_extract({text.text}, ?, 1))]",
        (list(meant), list(meant.values()), *text.values, pattern),
    )


def _western(column_sql: str, forms: Sequence[Form]) -> Query:
    if any(form.foreign for form in forms):
        return Query(f"translate({column_sql}, ?, ?)", (_FOREIGN, _WESTERN))
    return Query(column_sql)


@cache
def _spellings() -> dict[str, str]:
    data = data_file("currencies")
    named = {name.lower(): name for name in (*data["codes"], *data["signs"])}
    return named | {spelling.lower(): sign for spelling, sign in data["same"].items()}


@cache
def _loose() -> re.Pattern[str]:
    return re.compile(_pattern(rf"[.,]?\d(?:[\d.,{GROUPING}]*\d)?(?:e[-+]?\d+)?", _spellings(), SCALES), re.IGNORECASE)


@cache
def _either() -> re.Pattern[str]:
    return re.compile(f"{_body('.')}|{_body(',')}", re.IGNORECASE)


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
        rf"(?P<body>{body})(?:[.,/][{_MINUS}]+|\.)?{blank}(?:(?P<scale>{_alternatives(scales)})\.?)?{blank}(?:(?P<after_currency>{_alternatives(currencies)})\.?|(?P<percent>%))?"
        rf"(?P<after>{blank}[{_MINUS}]?\)?{blank})"
    )


def _alternatives(names: Iterable[str]) -> str:
    """Any of the names, the longest first; what matches nothing where there are none."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or r"[^\s\S]"
