"""Cells that look filled and are empty: `-`, `Select`, `N/A`, `не закрыта`; the words are in data/placeholders.toml."""

from __future__ import annotations

import re
from functools import cache

from funnel.core.sql import Query
from funnel.mapping.data_file import data_file

# What people cannot see: spaces of every width, tab, line ends, the byte order mark, zero-width and direction marks.
BLANKS = " \t\r\n\v\f\u00a0\u1680\u202f\u205f\u3000\ufeff\u200b\u200e\u200f" + "".join(map(chr, range(0x2000, 0x200B)))


def cleaned(column_sql: str, *, typed: bool = False) -> Query:
    """An SQL expression: the text without blanks around it, NULL where it is blank or a placeholder.

    `column_sql` is an expression of text without bound values, such as `raw."Close Date"`. `typed` is for columns of
    dates and numbers, where "unknown" and "NA" stand for nothing; among words they may be a value of their own.
    """
    # Most cells need none of the slow looks: one that begins with a letter or digit and ends in a digit (an id, a number, a
    # date), or ends in any sign but is longer than every placeholder, is what it seems; one that ends in any sign has no blanks.
    # In this order, each in a case of its own, they take two thirds of the time that one condition of them all does.
    begun = f"{column_sql} >= '0' AND {column_sql} < '{{'"
    # The last character, in two thirds of the time that right() takes.
    last = f"({column_sql})[-1]"
    ended = f"{last} BETWEEN '!' AND '~'"
    text = (
        f"CASE WHEN {last} BETWEEN '0' AND '9' AND {begun} THEN {column_sql}"
        f" WHEN strlen({column_sql}) > {_longest()} AND {ended} AND {begun} THEN {column_sql}"
        f" WHEN regexp_full_match({column_sql}, ?) THEN NULL"
        f" WHEN {ended} AND {begun} THEN {column_sql}"
        f" WHEN regexp_matches({column_sql}, ?) THEN trim({column_sql}, ?) ELSE {column_sql} END"
    )
    return Query(text, (_empty(typed), f"^[{BLANKS}]|[{BLANKS}]$", BLANKS))


def filled(column_sql: str) -> Query:
    """An SQL condition: whether there is anything but blanks in the cell; false where it is NULL."""
    return Query(f"coalesce(regexp_matches({column_sql}, ?), false)", (f"[^{BLANKS}]",))


@cache
def placeholder_words(*, typed: bool = False) -> tuple[str, ...]:
    """The placeholders in lower case; with `typed` also those that are empty only among dates and numbers."""
    lists = data_file("placeholders")
    words = lists["anywhere"] + (lists["in_dates_and_numbers"] if typed else [])
    return tuple(sorted({word.lower() for word in words}))


def is_placeholder(text: str, *, typed: bool = False) -> bool:
    """Whether this one text is a placeholder; a blank text is none."""
    text = text.strip(BLANKS)
    # Most texts are longer than every placeholder.
    return len(text) <= _longest() and text.lower() in _word_set(typed)


@cache
def _word_set(typed: bool) -> frozenset[str]:
    return frozenset(placeholder_words(typed=typed))


@cache
def _longest() -> int:
    return max(len(word.encode()) for word in placeholder_words(typed=True))


@cache
def _empty(typed: bool) -> str:
    """A regular expression for a cell of blanks, or of one placeholder with blanks around it: faster than a list."""
    words = "|".join(re.escape(word) for word in placeholder_words(typed=typed))
    return f"(?i)[{BLANKS}]*(?:{words})?[{BLANKS}]*"
