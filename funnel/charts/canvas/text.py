"""Text of files on a chart: made harmless, measured, wrapped, and kept in its own writing direction."""

from __future__ import annotations

import html
import math
import unicodedata
from functools import lru_cache

from funnel.words import wording

JOINERS = "\u200c\u200d"
RIGHT_TO_LEFT_ISOLATE, LEFT_TO_RIGHT_ISOLATE, END_OF_ISOLATE = "\u2067", "\u2066", "\u2069"
ELLIPSIS = "…"
MOST_DRAWN = 1_000
BREAKS_AFTER = "-_/|@"
BROKEN = "\u200b"
"""Ends a line that breaks inside a run of letters without spaces: the browser, which knows where words end, breaks it anew
(`pages/ui/browser/breaks.js`)."""
_WITHOUT_SPACES = (range(0x0E00, 0x0F00), range(0x1000, 0x10A0), range(0x1780, 0x1800))
"""Thai and Lao, Burmese, Khmer."""


def plain(text: str) -> str:
    """The text on one line, without control characters and direction overrides; joiners stay, since Persian needs them.

    It is for places that show text as it is. A name written from right to left is isolated, so that it cannot turn the
    sentence around it. Of a text that no chart has room for the first MOST_DRAWN signs are left, and an ellipsis.
    """
    line = " ".join(wording.plain(text).split())
    if len(line) > MOST_DRAWN:
        line = line[:MOST_DRAWN] + ELLIPSIS
    return _isolated(line, line) if _has_right_to_left(line) else line


def safe(text: str) -> str:
    """`plain` text that Plotly, which reads a little HTML, shows as it is."""
    return html.escape(plain(text), quote=False)


def safe_lines(text: str, size: float, room: float, most: int) -> tuple[str, ...]:
    """What `plain` gave, or a sentence made of it, as at most `most` lines that fit in `room` pixels at this size.

    What does not fit ends in an ellipsis. Every line is safe to show in Plotly and keeps the direction of the whole.
    """
    line = text.strip(RIGHT_TO_LEFT_ISOLATE + LEFT_TO_RIGHT_ISOLATE + END_OF_ISOLATE)
    lines = _broken(line, size, room)
    if len(lines) > most:
        last = lines[most - 1]
        while last and width(last + ELLIPSIS, size) > room:
            last = last[:-1]
        lines = [*lines[: most - 1], last.rstrip(BROKEN + " ") + ELLIPSIS]
    turned = _has_right_to_left(line)
    return tuple(html.escape(_isolated(part, line) if turned else part, quote=False) for part in lines)


def lines_from_the_right(text: str) -> str:
    """What Plotly is to show, for lines that begin at the right: each line with a letter of theirs, or an arrow that points as they go, is
    read from there whatever it begins with."""
    return "<br>".join(_from_the_right(line) for line in text.split("<br>"))


def _from_the_right(line: str) -> str:
    whole = (
        line.startswith((RIGHT_TO_LEFT_ISOLATE, LEFT_TO_RIGHT_ISOLATE)) and line.find(END_OF_ISOLATE) == len(line) - 1
    )
    if whole or not (_has_right_to_left(line) or "←" in line):
        return line
    return RIGHT_TO_LEFT_ISOLATE + line + END_OF_ISOLATE


def width(text: str, size: float) -> float:
    """About how many pixels wide a line is, in a sans-serif of this size: a little too much rather than too little."""
    return size * sum(map(_advance, text))


@lru_cache(maxsize=4096)
def _advance(c: str) -> float:
    if c in "iljI.,:;|!'`()[] \u00a0\u2009":
        return 0.3
    if c in 'tfr-/"':
        return 0.42
    if c in "mwMW@%٪&—…":
        return 0.94
    if unicodedata.east_asian_width(c) in "WF":
        return 1.0
    if unicodedata.category(c) in ("Mn", "Me", "Cf"):
        return 0.0
    if "\u0530" <= c <= "\u058f":
        # Armenian letters are wider than Latin ones, those of three stems as wide as m.
        return 0.84 if c.isupper() else 0.94 if c in "ախպտփ" else 0.7
    return 0.68 if c.isupper() else 0.6


def _broken(line: str, size: float, room: float) -> list[str]:
    lines, current, taken = [], "", 0.0
    for piece in pieces(line, size, room):
        if current and taken + width(piece.rstrip(), size) > room:
            lines.append(current.rstrip() + BROKEN * _without_spaces(current[-1]))
            current, taken = "", 0.0
        current += piece
        taken += width(piece, size)
    return [*lines, current.rstrip()]


def pieces(line: str, size: float = 0, room: float = math.inf) -> list[str]:
    """Parts between which the line may break: after a space or a mark; inside a word only if it is too wide."""
    parts, word, taken, before = [], "", 0.0, ""
    for c in line:
        advance = size * _advance(c)
        if word and taken + advance > room and not _joined(before, c):
            parts.append(word)
            word, taken = "", 0.0
        word += c
        taken += advance
        before = c
        if c == " " or c in BREAKS_AFTER:
            parts.append(word)
            word, taken = "", 0.0
    return [*parts, word] if word else parts


def _without_spaces(letter: str) -> bool:
    return any(ord(letter) in letters for letters in _WITHOUT_SPACES)


def _joined(before: str, c: str) -> bool:
    """Whether two signs stand for one letter or picture, which no line may break."""
    return unicodedata.category(c).startswith("M") or c in JOINERS or before in JOINERS


def _has_right_to_left(text: str) -> bool:
    return not text.isascii() and any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)


def _isolated(part: str, whole: str) -> str:
    """The part, read in the direction of the first letter of the whole."""
    first = next((kind for kind in map(unicodedata.bidirectional, whole) if kind in ("L", "R", "AL")), "L")
    start = LEFT_TO_RIGHT_ISOLATE if first == "L" else RIGHT_TO_LEFT_ISOLATE
    return start + part + END_OF_ISOLATE
