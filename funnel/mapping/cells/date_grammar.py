"""Whether a text is a date, and how it is written: its words and signs are told apart, and rules say in which order they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice, product

from funnel.mapping.cells import date_words
from funnel.mapping.cells.date_layouts import EPOCHS, LONGEST, Layout, Part, western

SERIAL_DAYS = (30_000, 60_000)
"""The days of a spreadsheet from 1982 to 2064: what a bare number of five digits may mean under a header of times."""
SERIAL_DAY = Layout("serial", title="Excel serial")

# No date has more words, numbers and signs; and so many combinations of what they may mean are tried.
_MOST_PIECES, _MOST_READINGS = 32, 64
_EPOCHS = {digits: Layout(kind, title=kind) for kind, digits in EPOCHS.items()}
FINE_EPOCHS = frozenset({"epoch us", "epoch ns"})
"""Numbers of so many digits are ids as often, so that only a header of times tells."""
_EPOCH = re.compile(r"(\d{10}|\d{13}|\d{16}|\d{19})(?:\.\d+)?")
_COMPACT = re.compile(r"\d{8}(?:(?P<joiner>[Tt_ ]?)\d{4}(?P<seconds>\d{2})?(?P<zone>[Zz]?))?")
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
_MARKS = {mark: mark for mark in "-/,.:+'_@|"} | {"،": ",", "․": ".", "’": "'"}
_WORD_ROLES = {date_words.MONTH: "name", date_words.WEEKDAY: "weekday", "O": "ordinal", "P": "meridiem"}
# "Europe/Berlin"
_REGION = r"[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_]+)+"
_NUMBER = re.compile(r"\d+")
_NINES = str.maketrans("012345678", "9" * 9)

# The rules are written in one sign for each piece of the text: 1, 2, 4 or 8 for a number of so many digits (n for any other),
# ~ for blanks, the codes of `date_words` for words, R for a remark in brackets, and marks for themselves.
_GAP = "(?:~?[-/,.]~?|~)?"
_DAY, _ORDINAL_DAY = "(?P<day>[12])", r"(?P<day>[12])(?:~?O)?"
_NAME, _MONTH = r"(?P<name>N)\.?", "(?P<month>[12])"
_YEAR, _LAST_YEAR = "(?P<year>4)", r"(?:F~)?(?:B\.?~?)?(?P<year>4)"
_DATES = (
    ("ymd", "", rf"{_YEAR}(?P<separator>~?[-/.]~?|~){_MONTH}(?P=separator){_DAY}\.?"),
    ("numeric", "", rf"{_DAY}(?P<separator>~?[-/.]~?){_MONTH}(?P=separator)(?P<year>4|2)\.?"),
    ("numeric", "", rf"{_DAY}~{_MONTH}~{_YEAR}"),
    ("ymd", "年", rf"{_YEAR}~?年~?{_MONTH}~?月~?{_DAY}~?日"),
    ("named", "N", rf"{_ORDINAL_DAY}\.?{_GAP}(?:F~?)?{_NAME}{_GAP}(?:F~)?(?:B\.?~?)?'?(?P<year>4|2)\.?"),
    ("named", "N", rf"{_NAME}{_GAP}(?:[EF]~)?{_ORDINAL_DAY}(?:\.?,?~|~?[-/,.]~?){_LAST_YEAR}"),
    ("named", "N", rf"{_YEAR}{_GAP}(?:A\.?~)?(?:F~)?{_NAME}{_GAP}{_ORDINAL_DAY}\.?"),
    ("named", "N", rf"{_YEAR}{_GAP}(?:A\.?,?~)?{_DAY}\.?[-~]{_NAME}"),
    ("named", "U", rf"{_DAY}~U~{_MONTH},?~{_LAST_YEAR}"),
)
_MONTHS = (
    ("month", "N", rf"{_NAME}{_GAP}{_LAST_YEAR}\.?(?:~?A\.?)?"),
    ("month", "'", rf"{_NAME}{_GAP}'(?P<year>2)"),
    ("month", "N", rf"{_YEAR}{_GAP}(?:A\.?,?~)?{_NAME}"),
    ("month", "年", rf"{_YEAR}~?年~?{_MONTH}~?月"),
    ("month", "U", rf"U~{_MONTH},?~{_LAST_YEAR}"),
    ("month", "", rf"{_YEAR}[-/]{_MONTH}"),
    ("month", "", rf"{_MONTH}[-/]{_YEAR}"),
    ("month", "", rf"{_YEAR}\.(?P<month>2)"),
    ("month", "", rf"(?P<month>2)\.{_YEAR}"),
    ("month", "A", rf"{_MONTH}\.{_YEAR}~?A\.?"),
)
_HALF = r"(?:P\.?~?)?"
_CLOCK = (
    rf"{_HALF}(?P<hour>[12])[:.](?P<minute>2)(?:[:.](?P<second>2)(?:[.,](?P<fraction>[1248n]))?)?(?:~?P\.?)?(?:~?H\.?)?"
)
_CLOCKS = (
    _CLOCK,
    rf"{_HALF}(?P<hour>[12])~?H\.?(?:~?(?P<minute>[12])(?:~?M\.?(?:~?(?P<second>[12])~?S\.?)?)?)?(?:~?P\.?)?",
    r"(?P<hour>[12])~?P\.?",
)
_ZONE = r"(?P<zone>(?:~?Z(?:~?[-+](?:2:2|[124]))?|~?[-+](?:2:2|[24]))(?:~?R|~Z)?)?"
_BEFORE, _AFTER = r"(?:W\.?,?~?)?(?:E~)?", r"(?:~?A\.?)?(?:,?~?W\.?)?"
_JOINED = r"(?:,?~(?:J\.?~|-~|@~)?|~?T~?|_|:|-|,|~?\|~?|(?<=[日WA.])|(?=P))"


@dataclass(frozen=True)
class Found:
    """The layout of a text, and the words that stand in it where others can: each with its role, as it is spelt."""

    layout: Layout
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Rule:
    kind: str
    needs: str
    pattern: re.Pattern[str]


def find(text: str) -> Found | None:
    """How one date is written, or None where the text is none. Blanks around it and foreign digits do not matter.

    That hangs on where the digits stand, never on their values: whether there is such a day is for the engine to say.
    """
    form = western(text[: LONGEST + 1]).strip().translate(_NINES)
    return _find(form) if "9" in form and len(form) <= LONGEST else None


def layout(text: str) -> Layout | None:
    """The layout of one date, or None where the text is none."""
    match = find(text)
    return match.layout if match else None


def epoch(text: str) -> Layout | None:
    """The layout of a number of seconds (or thousandths, millionths, billionths) since 1970; None where it is no such number."""
    match = _EPOCH.fullmatch(western(text).strip())
    return _EPOCHS[len(match[1])] if match else None


def serial(text: str) -> Layout | None:
    """The layout of a spreadsheet's number of a day from 1982 to 2064, None where the text is none."""
    match = _SERIAL.fullmatch(western(text).strip())
    return SERIAL_DAY if match and SERIAL_DAYS[0] <= int(match[1]) < SERIAL_DAYS[1] else None


def numbers(text: str, layout: Layout) -> dict[str, int]:
    """The numbers that a date in this layout shows, by their roles: none where the layout has no parts."""
    runs = _NUMBER.findall(western(text))
    if layout.kind == "compact" or (runs and len(runs[0]) == 8):
        joined = "".join(runs) if layout.kind == "compact" else runs[0]
        pairs = [joined[start : start + 2] for start in range(4, len(joined), 2)]
        runs = [joined[:4], *pairs, *runs[1:]]
    return dict(zip(layout.digits, map(int, runs), strict=False))


@lru_cache(maxsize=20_000)
def _find(form: str) -> Found | None:
    if compact := _COMPACT.fullmatch(form):
        return Found(_compact(compact))
    pieces: list[str] = []
    signs: list[str] = []
    for piece in _piece().finditer(form):
        # Most texts hold a word that no date has, and need no further look.
        if not (codes := _signs(piece[0])) or len(pieces) == _MOST_PIECES:
            return None
        pieces.append(piece[0])
        signs.append(codes)
    for line in islice(map("".join, product(*signs)), _MOST_READINGS):
        for rule in _rules():
            if rule.needs in line and (match := rule.pattern.fullmatch(line)):
                return _matched(rule.kind, pieces, match)
    return None


def _compact(match: re.Match[str]) -> Layout:
    if len(match[0]) == 8:
        return Layout("compact", title="YYYYMMDD")
    return Layout("compact", title=f"YYYYMMDD{match['joiner']}hhmm{'ss' if match['seconds'] else ''}{match['zone']}")


def _matched(kind: str, pieces: list[str], match: re.Match[str]) -> Found:
    line = match.string
    groups = match.re.groupindex.keys() - {"separator", "zone"}
    roles = {match.start(group): group for group in groups if match[group]}
    zone = range(*match.span("zone")) if match.re.groupindex.get("zone") and match["zone"] else range(0)
    parts: list[Part] = []
    words: list[tuple[str, str]] = []
    for index, (sign, piece) in enumerate(zip(line, pieces, strict=True)):
        if index in zone:
            if index == zone.start:
                parts.append(Part("zone", _shown_zone("".join(pieces[zone.start : zone.stop]))))
            if sign == date_words.ZONE:
                words.append(("zone", piece))
        elif roles.get(index) == "eight":
            parts += [Part("year", "9999"), Part("month", "99"), Part("day", "99")]
        elif index in roles and piece.isdigit():
            parts.append(Part(roles[index], piece))
        elif sign in _WORD_ROLES:
            parts.append(_word(sign, piece, line[index + 1 : index + 2] == "."))
            words.append((_WORD_ROLES[sign], piece))
        else:
            # "30. Dez. 2023" is called D. Mon YYYY, but "30.Dez.2023" D.Mon.YYYY.
            shortened = sign == "." and line[index - 1] in "NWPFEB" and not line[index + 1 : index + 2].isdigit()
            silent = sign in "FEB" or shortened
            parts.append(Part("silent" if silent else "literal", " " if sign == "~" else piece))
    return Found(Layout(kind, tuple(parts)), tuple(words))


def _word(sign: str, piece: str, dotted: bool) -> Part:
    if sign == date_words.MONTH:
        return Part("name", date_words.english(piece) or ("Mon" if len(piece) == 3 else "Month"))
    if sign == date_words.WEEKDAY:
        return Part("weekday", date_words.english_weekday(piece) or "")
    if sign == "O":
        return Part("ordinal", "th")
    return Part("meridiem", "%p" if piece.upper() in ("AM", "PM") and not dotted else "AM/PM")


def _shown_zone(zone: str) -> str:
    """An offset as "±hhmm"; Z, UTC and GMT as they are; any other name, and what follows an offset, as "zone"."""
    offset = re.search(r"[-+](\d+)(:?\d*)", zone)
    head, tail = (zone[: offset.start()], zone[offset.end() :]) if offset else (zone, "")
    text = head if head.strip() in ("", "Z", "z", "UTC", "GMT") else " zone"
    if offset:
        text += "±" + ("hh:mm" if offset[2] else "hhmm" if len(offset[1]) == 4 else "hh")
    return text + (" zone" if tail else "")


@cache
def _piece() -> re.Pattern[str]:
    return re.compile(rf"\d+|\s+|\([^()]*\)|\[[^\[\]\s]*\]|{_REGION}|{date_words.pattern()}|.", re.DOTALL)


def _signs(piece: str) -> str:
    """The signs that may stand for a piece of text, none where no date has such a piece."""
    first = piece[0]
    if first.isdigit():
        return str(len(piece)) if len(piece) in (1, 2, 4, 8) else "n"
    if first.isspace():
        return "~"
    if len(piece) > 1 and first in "([":
        inside = date_words.kinds(piece[1:-1].strip(" ."))
        return "R" + "".join(sign for sign in (date_words.WEEKDAY, date_words.ZONE) if sign in inside)
    if piece in _MARKS:
        return _MARKS[piece]
    if "/" in piece:
        return date_words.ZONE
    return date_words.kinds(piece) + ("T" if piece in "Tt" else "")


@cache
def _rules() -> tuple[_Rule, ...]:
    """The likeliest first: a date with or without a time behind it, then with the time before or inside, then months alone."""
    first = rf"{_CLOCK}{_ZONE}(?:,?~(?:[JE]~|-~)?|,)(?:W\.?,?~)?"
    rules = [
        (kind, needs, f"{_BEFORE}{date}{_AFTER}(?:{_JOINED}{clock}{_ZONE})?")
        for clock in _CLOCKS
        for kind, needs, date in _DATES
    ]
    rules += [(kind, needs, f"{first}{date}{_AFTER}") for kind, needs, date in _DATES]
    rules.append(("named", "N", rf"(?:W\.?,?~)?{_NAME}~{_DAY},?~{_CLOCK}{_ZONE}~{_YEAR}"))
    rules.append(("ymd", "8", f"(?P<eight>8){_JOINED}{_CLOCK}{_ZONE}"))
    return tuple(_Rule(kind, needs, re.compile(rule)) for kind, needs, rule in (*rules, *_MONTHS))
