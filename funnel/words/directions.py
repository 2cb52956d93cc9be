"""Names and numbers of the other direction inside lines that begin at the right, each read as one piece in its place.

A browser orders a mixed line by its letters. Without help a name in Latin letters draws the quotation mark or the number beside it to its
side, and a percent sign stands now before, now behind its number. Each such piece is set between marks without width: of the line's
direction outside, of its own inside. They do what isolates do; but those are taken out of every text that is shown (`texts.plain`), since
with them a file could turn what stands around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from babel import Locale
from babel.lists import format_list

LEFT, RIGHT = "\u200e", "\u200f"
SIGNS = ("+", "−")
DOT, HALF_STOP = " · ", "؛ "
"""What stands between things beside each other; a dot beside Persian digits reads as their 0."""
_AND = re.compile(r"(?:^|\s)و$")
"""The Arabic "and", which is written to its word; not to one of Latin letters."""
_SHARES = re.compile(r"\d[\d.,٫٬]*[%٪]")


@lru_cache
def is_right_to_left(locale: Locale) -> bool:
    """Whether the lines of a language begin at the right."""
    return bool(locale.character_order == "right-to-left")


def aside(piece: str) -> str:
    """A piece that reads from the left, in its place in a line from the right."""
    return f"{RIGHT}{LEFT}{piece.strip(LEFT + RIGHT)}{LEFT}{RIGHT}"


@lru_cache(maxsize=4096)
def named(text: str) -> str:
    """A value of a sentence, set aside where all of its letters read from the left; where only some do, what stands beside them is not
    drawn to them."""
    kinds = {unicodedata.bidirectional(letter) for letter in text}
    if "L" not in kinds:
        return text
    return f"{RIGHT}{text}{RIGHT}" if kinds & {"R", "AL"} else aside(text)


def listed(texts: Sequence[str], locale: Locale) -> str:
    """Several things in one line, each in its place: a, b, and c; "" of nothing."""
    turned = is_right_to_left(locale)
    each = [named(text) if turned else text for text in texts]
    patterns, comma = locale.list_patterns["standard"], "، " if turned else ", "
    unparted = any(_is_latin(text) or (" " in text and not turned) for text in texts)
    if comma.strip() in patterns["middle"] or len(texts) < 2 or not unparted:
        return format_list(each, locale=locale)
    # A blank alone (Thai) or a letter of the next word (Arabic) parts no names of several words, nor of another script.
    blank = " " if _is_latin(texts[-1]) or not turned else ""
    return f"{comma.join(each[:-1])} {patterns['2'].format('', '').strip()}{blank}{each[-1]}"


def _is_latin(text: str) -> bool:
    first = bare(text)[:1]
    return first.isascii() and first.isalpha()


@lru_cache(maxsize=8192)
def shares_aside(literal: str) -> str:
    """What a template says itself, with each percentage in it set aside."""
    return _SHARES.sub(lambda share: aside(share[0]), literal)


def placed(literal: str, text: str, *, value: bool) -> tuple[str, str]:
    """A piece of a template, and what fills the field behind it ("" where none is): a `value`, or what is written of a number or a day. A
    sign before a field belongs to its number."""
    if text and literal.endswith(SIGNS):
        return shares_aside(literal[:-1]), aside(literal[-1] + text.strip(LEFT + RIGHT))
    if value and _AND.search(literal) and _is_latin(text):
        literal += "\u00a0"
    return shares_aside(literal), named(text) if value else text


def number(text: str) -> str:
    """A number as a language writes it: set aside where it has a sign."""
    return aside(text) if text.startswith(("-", "<", *SIGNS)) or text.endswith(("%", "٪")) else text


def bare(text: str) -> str:
    """The text without the marks: for what is kept, or read by a program."""
    return text.replace(LEFT, "").replace(RIGHT, "")
