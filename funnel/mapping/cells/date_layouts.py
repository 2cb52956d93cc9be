"""How a date is written: a layout, what people call it, and which format of the engine reads it.

A layout is everything about a text but its digits and the names in it. `D.M.YYYY hh:mm` and `DD.MM.YYYY hh:mm` are read
by the same format; they are told apart only for the name that people see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

ORDERS = ("dmy", "mdy", "ymd")
EPOCHS = {"epoch s": 10, "epoch ms": 13, "epoch us": 16, "epoch ns": 19}
"""How many digits a number of each of these kinds has, that counts from 1970."""
LONGEST = 100
"""No date and no number is longer."""
# Digits beside their western ones: Arabic, Persian, Thai, Devanagari, Bengali and of full width.
_ZEROS = "٠۰๐०০０"
FOREIGN_DIGITS = "".join(chr(ord(zero) + digit) for zero in _ZEROS for digit in range(10))
WESTERN_DIGITS = "0123456789" * len(_ZEROS)
_BLANKS = "\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
# What stands for an ASCII sign, and the marks of direction, which nobody sees.
_SIGNS, _PLAIN_SIGNS, _UNSEEN = "：／．－，（）‐‑–−", ":/.-,()----", "\u200e\u200f\u061c\ufeff"
FOREIGN = FOREIGN_DIGITS + _BLANKS + _SIGNS + _UNSEEN
"""Characters that are read as those of WESTERN; the last, which have none there, are left out."""
WESTERN = WESTERN_DIGITS + " " * len(_BLANKS) + _PLAIN_SIGNS
_TRANSLATION = str.maketrans(FOREIGN[: len(WESTERN)], WESTERN, _UNSEEN)

_SHOWN = {"day": "D", "month": "M", "year": "Y", "hour": "h", "minute": "m", "second": "s", "fraction": "f"}
_WORDS_SHOWN = {"%b": "Mon", "%B": "Month", "%p": "AM/PM"}
_CODES = {"day": "%d", "month": "%m", "minute": "%M", "second": "%S", "fraction": "%f"}
# What the engine's cast reads: it is faster than any format, and drops the offset too.
_CASTABLE = re.compile(r"YYYY([-/ ])MM?\1DD?(?:[Tt ]hh?:mm(?::ss(?:\.f+)?)?(?: ?(?:[Zz]|UTC|GMT|±hh|±hhmm|±hh:mm))?)?")


@dataclass(frozen=True)
class Part:
    """A piece of a layout.

    `role` is "year", "month", "day", "hour", "minute", "second" or "fraction" for digits, with as many nines as `text`;
    "name" (of a month), "weekday", "meridiem" or "ordinal" for one of several words, where `text` is the engine's format
    for it, or what people are shown; "zone" for all that names an offset, which `text` shows; "literal" for text that
    stands as it is, and "silent" for such text that the layout's name leaves out.
    """

    role: str
    text: str

    @property
    def numbers(self) -> int:
        """How many numbers it has: those of an offset are one, or two with a colon."""
        return ("±" in self.text) + ("hh:mm" in self.text) if self.role == "zone" else self.role in _SHOWN

    @property
    def shown(self) -> str:
        """What people call it."""
        if self.role in _SHOWN:
            return _SHOWN[self.role] * len(self.text)
        return "" if self.role in ("silent", "weekday") else _WORDS_SHOWN.get(self.text, self.text)


@dataclass(frozen=True)
class Layout:
    """How a date is written.

    `kind` is "ymd" (digits, the year first, as in 2024年1月3日), "numeric" (digits whose order the column tells; here the
    day is first), "named" (the month in words), "month" (no day), "compact" (eight, twelve or fourteen digits), "epoch s",
    "epoch ms", "epoch us", "epoch ns" or "serial". The last six have no parts, and are called by their `title`.
    """

    kind: str
    parts: tuple[Part, ...] = ()
    title: str = ""

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles of its parts."""
        return frozenset(part.role for part in self.parts)

    @cached_property
    def digits(self) -> tuple[str, ...]:
        """The roles of its numbers, in their order; "zone" for those of an offset."""
        if self.kind == "compact":
            return ("year", "month", "day", "hour", "minute", "second")
        return tuple(part.role for part in self.parts for _ in range(part.numbers))

    @cached_property
    def short_year(self) -> bool:
        """Whether the year has two digits."""
        return any(part.role == "year" and len(part.text) < 4 for part in self.parts)

    @property
    def bare(self) -> bool:
        """Whether it is like a number, a code or a label (20240131, 2024-01, Jan 2024), so that only a header tells."""
        return not self.parts or self.kind == "month"

    @cached_property
    def weak(self) -> bool:
        """Whether a header of something else ("Version") is believed more than it: 10.1.12 may be any code."""
        return self.bare or (self.kind == "numeric" and self.short_year and "hour" not in self.roles)

    @cached_property
    def fraction(self) -> int:
        """How many digits the fraction of a second has."""
        return next((len(part.text) for part in self.parts if part.role == "fraction"), 0)

    @property
    def separator(self) -> str:
        """What stands behind the first of three numbers of a date."""
        return next((part.text for before, part in pairwise(self.parts) if before.role == "day"), "")

    @cached_property
    def castable(self) -> bool:
        """Whether the engine's cast reads it."""
        return (
            self.kind == "ymd"
            and not {"weekday", "silent"} & self.roles
            and bool(_CASTABLE.fullmatch(self.name("ymd")))
        )

    @cached_property
    def plain(self) -> bool:
        """Whether a format of the engine reads it, once the zone is taken away."""
        words = (part.text for part in self.parts if part.role in ("name", "weekday", "meridiem", "ordinal"))
        dotted = Part("literal", ":") not in self.parts and ("zone" in self.roles or self.fraction > 6)
        ends = [before for before, part in pairwise(self.parts) if part.role == "zone"]
        after_clock = all(part.role in _SHOWN or part.role == "meridiem" for part in ends)
        last = "zone" not in self.roles or self.parts[-1].role == "zone"
        return bool(self.parts) and all(text.startswith("%") for text in words) and not dotted and after_clock and last

    def format(self, order: str) -> str:
        """The strptime format that reads it, without zone, when day, month and year stand in this order."""
        return "".join(self._code(part) for part in self.ordered(order) if part.role != "zone")

    def name(self, order: str | None) -> str:
        """What people call it: DD.MM.YYYY hh:mm."""
        parts = self.ordered(order)
        # "1/31/2024" is called M/D/YYYY, as its neighbours are.
        if Part("day", "9") in parts or Part("month", "9") in parts:
            parts = tuple(replace(part, text="9") if part.role in ("day", "month") else part for part in parts)
        text = "".join(part.shown for part in parts) or self.title
        return re.sub(r"^[ ,.]+|[ ,]+$", "", re.sub(r"\s+", " ", text.replace("()", "")))

    def ordered(self, order: str | None) -> tuple[Part, ...]:
        """Its parts when day, month and year stand in this order; one whose order is known keeps it."""
        # A year of four digits that stands last cannot lead.
        if self.kind != "numeric" or order in (None, "dmy") or (order == "ymd" and not self.short_year):
            return self.parts
        role_of = {"d": "day", "m": "month", "y": "year"}
        roles = iter([role_of[letter] for letter in str(order)])
        return tuple(
            replace(part, role=next(roles)) if part.role in ("day", "month", "year") else part for part in self.parts
        )

    def _code(self, part: Part) -> str:
        if part.role == "year":
            return "%Y" if len(part.text) == 4 else "%y"
        if part.role == "hour":
            return "%I" if "meridiem" in self.roles else "%H"
        return _CODES.get(part.role, part.text)


def foreign(text: str) -> frozenset[str]:
    """The characters of the text that are read as others, with all ten digits of a script of which one occurs."""
    present = frozenset(FOREIGN) & frozenset(text)
    digits = (FOREIGN_DIGITS[start : start + 10] for start in range(0, len(FOREIGN_DIGITS), 10))
    return present.union(*(script for script in digits if present & frozenset(script)))


def translation(characters: Iterable[str]) -> tuple[str, str]:
    """These foreign characters, and what they are read as; those that are left out come last, and have nothing beside them."""
    indices = sorted(map(FOREIGN.index, characters))
    return "".join(FOREIGN[index] for index in indices), "".join(WESTERN[index : index + 1] for index in indices)


def western(text: str) -> str:
    """The text with western digits, blanks and signs, without marks that nobody sees."""
    return text if text.isascii() else text.translate(_TRANSLATION)
