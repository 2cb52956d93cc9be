"""How a date is written: which layout one text has, what people call it, and which formats read it.

A layout is everything about a text but its digits. `D.M.YYYY hh:mm` and `DD.MM.YYYY hh:mm` are read by the same format;
they are told apart only for the name that people see.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MONTHS = Path(__file__).parents[2] / "data" / "months.toml"
ORDERS = ("dmy", "mdy", "ymd")
# Arabic-Indic, Persian and Thai digits, beside each other's western ones.
FOREIGN_DIGITS = "٠١٢٣٤٥٦٧٨٩" + "۰۱۲۳۴۵۶۷۸۹" + "๐๑๒๓๔๕๖๗๘๙"
WESTERN_DIGITS = "0123456789" * 3
WIDE_BLANKS = "\u00a0\u202f\u2009"
_WESTERN = str.maketrans(FOREIGN_DIGITS + WIDE_BLANKS, WESTERN_DIGITS + " " * len(WIDE_BLANKS))

# In a date with a name, a month is a run of letters, with full stops inside for Thai ("ม.ค.").
NAME = r"[^\d\s\-/,.][^\d\s\-/,]*"
_TIME = r"""(?:
    (?P<joiner>[Tt]|,?\s+(?:at\s+)?)
    (?P<hour>\d{1,2})(?P<minute>:\d{2})(?P<second>:\d{2}(?:(?P<mark>[.,])(?P<fraction>\d+))?)?
    (?P<meridiem>\s?[AaPp][Mm])?
    (?P<zone>\s?(?:Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?
)?"""
_WEEKDAY = r"(?P<weekday>(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+)?"
_NUMERIC = re.compile(
    rf"(?P<first>\d{{4}}|\d{{1,2}})(?P<separator>[-/.\s])(?P<middle>\d{{1,2}})(?P=separator)(?P<last>\d{{4}}|\d{{1,2}}){_TIME}",
    re.VERBOSE,
)
_COMPACT = re.compile(r"(?P<date>\d{8})(?:(?P<joiner>[Tt_ ]?)(?P<time>\d{6})(?P<zone>[Zz]?))?")
_NAMED_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?P<separator>\.?[-\s/.]\s*|)(?P<of>de\s+)?(?P<name>{NAME})(?P<after>\.?,?[-\s/.]\s*|)(?P<of_year>de[l]?\s+)?"
    rf"(?P<year>\d{{4}}|\d{{2}}){_TIME}",
    re.VERBOSE | re.IGNORECASE,
)
_NAMED_MONTH_FIRST = re.compile(
    rf"{_WEEKDAY}(?P<name>{NAME})(?P<separator>\.?[-\s/]\s*)(?P<day>\d{{1,2}})(?P<after>,?[-\s/]\s*)(?P<year>\d{{4}}){_TIME}",
    re.VERBOSE | re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_ENGLISH_SHORT = frozenset(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])


@dataclass(frozen=True)
class Layout:
    """How a date is written.

    `kind` is "ymd" (four digits of a year first), "numeric" (digits whose order the column tells), "named" (the month
    in words), "compact" (eight or fourteen digits), "epoch s", "epoch ms" or "serial". `date` and `time` make a format
    of DuckDB's strptime, without zone; a numeric date stands day first, and is swapped for the other orders.
    """

    kind: str
    date: str = ""
    time: str = ""
    shown: str = ""
    shown_time: str = ""
    zone: bool = False
    comma: bool = False
    fraction: int = 0
    native_name: bool = False

    @property
    def castable(self) -> bool:
        """Whether DuckDB's cast reads it, which is faster than any format and also drops the offset."""
        plain = self.kind == "ymd" and self.date in ("%Y-%m-%d", "%Y/%m/%d", "%Y %m %d")
        return plain and not self.comma and "%p" not in self.time and "," not in self.time and " at" not in self.time

    @property
    def short_year(self) -> bool:
        """Whether the year has two digits."""
        return "%y" in self.date

    def format(self, order: str) -> str:
        """The strptime format that reads it when day, month and year stand in this order."""
        if self.kind != "numeric" or self._possible(order) == "dmy":
            return self.date + self.time
        first, separator, middle, _, last = self.date[:2], self.date[2], self.date[3:5], self.date[5], self.date[6:]
        parts = (middle, first, last) if order == "mdy" else (last, middle, first)
        return separator.join(parts) + self.time

    def _possible(self, order: str | None) -> str:
        """A year of four digits that stands last cannot lead."""
        return "dmy" if order is None or (order == "ymd" and not self.short_year) else order

    def name(self, order: str | None) -> str:
        """What people call it: DD.MM.YYYY hh:mm."""
        if self.kind != "numeric":
            return self.shown + self.shown_time
        day, month, year = self.shown.split(self.date[2])
        places = {"dmy": (day, month, year), "mdy": (month, day, year), "ymd": (year, month, day)}[
            self._possible(order)
        ]
        return self.date[2].join(places) + self.shown_time


def layout(text: str) -> Layout | None:
    """The layout of one date, or None where the text is no date. Blanks around it and foreign digits do not matter."""
    text = text.translate(_WESTERN).strip()
    if found := _NUMERIC.fullmatch(text):
        return _numeric(found)
    if found := _COMPACT.fullmatch(text):
        return _compact(found)
    if found := _NAMED_DAY_FIRST.fullmatch(text):
        return _named(found, "dmy")
    if found := _NAMED_MONTH_FIRST.fullmatch(text):
        return _named(found, "mdy")
    return None


def year(text: str) -> int:
    """The year of four digits that a date shows, 0 where it shows none."""
    found = _YEAR.search(text.translate(_WESTERN))
    return int(found[0]) if found else 0


@cache
def months() -> dict[str, int]:
    """Number of each month by its name in lower case, over all languages known; Jalali months count from Farvardin."""
    with MONTHS.open("rb") as file:
        languages = tomllib.load(file)
    return {
        name: number
        for language in languages.values()
        for number, names in enumerate(language["months"], 1)
        for name in names
    }


def _numeric(found: re.Match[str]) -> Layout | None:
    first, separator, middle, last = found.group("first", "separator", "middle", "last")
    if len(first) == 4:
        if len(last) == 4:
            return None
        shown = separator.join(("YYYY", *(("MM", "DD") if len(middle + last) == 4 else ("M", "D"))))
        return _timed(found, "ymd", separator.join(("%Y", "%m", "%d")), shown)
    if len(last) == 1 or (separator.isspace() and len(last) == 2):
        return None
    year, shown_year = ("%Y", "YYYY") if len(last) == 4 else ("%y", "YY")
    shown = separator.join((*(("DD", "MM") if len(first + middle) == 4 else ("D", "M")), shown_year))
    return _timed(found, "numeric", separator.join(("%d", "%m", year)), shown)


def _compact(found: re.Match[str]) -> Layout:
    if found["time"] is None:
        return Layout("compact", shown="YYYYMMDD")
    return Layout("compact", shown=f"YYYYMMDD{found['joiner']}hhmmss{found['zone']}", time="%H%M%S")


def _named(found: re.Match[str], order: str) -> Layout | None:
    name = found["name"].lower().rstrip(".")
    if name not in months():
        return None
    native = name not in _ENGLISH_SHORT and name not in _english_long()
    native = native or found["name"].endswith(".") or bool(order == "dmy" and (found["of"] or found["of_year"]))
    form, shown_name = ("%b", "Mon") if len(name) == 3 else ("%B", "Month")
    weekday = found["weekday"] or ""
    opening = (
        ("%a" if len(weekday.strip(" ,")) == 3 else "%A") + weekday[len(weekday.rstrip(" ,")) :] if weekday else ""
    )
    year, shown_year = ("%Y", "YYYY") if len(found["year"]) == 4 else ("%y", "YY")
    separator, after = found["separator"], found["after"]
    day = "DD" if len(found["day"]) == 2 else "D"
    if order == "dmy":
        date, shown = f"%d{separator}{form}{after}{year}", f"{day}{separator}{shown_name}{after}{shown_year}"
    else:
        date, shown = f"{form}{separator}%d{after}{year}", f"{shown_name}{separator}{day}{after}{shown_year}"
    return _timed(found, "named", opening + date, shown, native=native)


def _timed(found: re.Match[str], kind: str, date: str, shown: str, *, native: bool = False) -> Layout:
    if found["hour"] is None:
        return Layout(kind, date, shown=shown, native_name=native)
    joiner = re.sub(r"\s+", " ", found["joiner"])
    meridiem = found["meridiem"] or ""
    fraction = found["fraction"] or ""
    time = (
        joiner + ("%I" if meridiem else "%H") + ":%M" + (":%S" if found["second"] else "") + (".%f" if fraction else "")
    )
    shown_time = joiner + ("h" if len(found["hour"]) == 1 else "hh") + ":mm" + (":ss" if found["second"] else "")
    shown_time += (found["mark"] + "f" * len(fraction)) if fraction else ""
    if meridiem:
        blank = meridiem[: len(meridiem) - 2]
        time, shown_time = time + blank + "%p", shown_time + blank + "AM/PM"
    return Layout(
        kind,
        date,
        time,
        shown,
        shown_time + _shown_zone(found["zone"] or ""),
        zone=bool(found["zone"]),
        comma=found["mark"] == ",",
        fraction=len(fraction),
        native_name=native,
    )


def _shown_zone(zone: str) -> str:
    sign = re.search(r"[+-]", zone)
    if sign is None:
        return zone
    blank, offset = zone[: sign.start()], zone[sign.end() :]
    return blank + "±" + ("hh:mm" if ":" in offset else "hhmm" if len(offset) == 4 else "hh")


@cache
def _english_long() -> frozenset[str]:
    with MONTHS.open("rb") as file:
        return frozenset(names[0] for names in tomllib.load(file)["en"]["months"])
