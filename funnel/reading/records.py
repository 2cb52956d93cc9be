"""The records of a delimited text, one by one: the house's own judgement of what a line is.

A record is a line, or several where a quoted cell holds line ends. A cell may be wrapped in quotes (blanks around them
are dropped); a quote inside such a cell is doubled, or escaped with a backslash where the file does so; a quote inside
an unwrapped cell is text. Empty lines are no records. A NUL stays in its cell, and everything else is judged as if it were not
there. A line whose quoting makes no sense is a record with a fault, and
reading goes on at the very next line, so that one stray quote never swallows the rest of the file.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from funnel.reading import limits

NUL = "\0"
BROKEN_QUOTE = "reading.reason_quote"


@dataclass(frozen=True)
class Marks:
    """What separates cells, what wraps them, and what escapes a quote inside a wrapped one."""

    delimiter: str
    quote: str = '"'
    escape: str = '"'

    @cached_property
    def opening(self) -> re.Pattern[str]:
        return re.compile(self._blanks + re.escape(self.quote))

    @cached_property
    def inside(self) -> re.Pattern[str]:
        quote, escape = re.escape(self.quote), re.escape(self.escape)
        if self.escape == self.quote:
            return re.compile(f"(?:[^{quote}]|{quote}{NUL}*{quote})*+")
        return re.compile(f"(?:[^{quote}{escape}]|{escape}{NUL}*[^{NUL}]|{quote}{NUL}*{quote})*+", re.DOTALL)

    @cached_property
    def closing(self) -> re.Pattern[str]:
        return re.compile(rf"{self._blanks}({re.escape(self.delimiter)}|\Z)")

    @property
    def _blanks(self) -> str:
        return f"{NUL}*" if self.delimiter == " " else f"[ {NUL}]*"

    def unwrapped(self, inside: str) -> str:
        """What is meant by the text between two quotes."""
        if self.escape != self.quote:
            inside = re.sub(rf"{re.escape(self.escape)}([{re.escape(self.quote + self.escape)}])", r"\1", inside)
        return inside.replace(self.quote * 2, self.quote)


class Record(NamedTuple):
    """One record: the line it begins on (from 1), its text without the line end, and its cells, or why it has none."""

    line: int
    text: str
    cells: list[str] | None
    fault: str | None = None


def records(lines: Iterable[str], marks: Marks, first: int = 1) -> Iterator[Record]:
    """The records of these lines (each with its line end); `first` is the number of the first line."""
    window = _Window(lines)
    quote, delimiter, number = marks.quote, marks.delimiter, first
    while (line := window.take()) is not None:
        if quote in line:
            record, more = _quoted(number, line, window, marks)
            yield record
            window.drop(more)
            number += more
        elif (text := line.rstrip("\r\n")).strip(NUL):
            yield Record(number, text, text.split(delimiter))
        number += 1


def _quoted(number: int, line: str, window: _Window, marks: Marks) -> tuple[Record, int]:
    """The record that begins on this line, and how many of the following lines it takes."""
    text, end = _parted(line)
    alone = Record(number, text, None, BROKEN_QUOTE)
    cells: list[str] = []
    position = more = 0
    while True:
        opening = marks.opening.match(text, position)
        if opening is None:
            end_of_cell = text.find(marks.delimiter, position)
            delimiter = marks.delimiter if end_of_cell >= 0 else ""
            cells.append(text[position : end_of_cell if delimiter else len(text)])
            position = end_of_cell + len(delimiter)
        else:
            start = opening.end()
            close = _end(marks.inside, text, start)
            while not text.startswith(marks.quote, close):
                following = window.look(more)
                too_far = more == limits.QUOTED_LINES or len(text) > limits.QUOTED_CHARACTERS
                if following is None or too_far:
                    return alone, 0
                added, next_end = _parted(following)
                text, end, more = text + end + added, next_end, more + 1
                close = _end(marks.inside, text, close)
            closing = marks.closing.match(text, close + 1)
            if closing is None:
                return alone, 0
            inside = text[start:close]
            if NUL in text[position : closing.end()]:
                cells.append(NUL + marks.unwrapped(inside.replace(NUL, "")))
            else:
                cells.append(marks.unwrapped(inside))
            position, delimiter = closing.end(), closing.group(1)
        if not delimiter:
            return Record(number, text, cells), more


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where the pattern, which matches everywhere, stops."""
    match = pattern.match(text, start)
    return match.end() if match else start


def _settled(line: str) -> str:
    text = line.rstrip("\r\n\0")
    end = line[len(text) :]
    return text + NUL + end.replace(NUL, "") if NUL in end else line


def _parted(line: str) -> tuple[str, str]:
    text = line.rstrip("\r\n")
    return text, line[len(text) :]


class _Window:
    """Lines that can be looked at before they are taken. A NUL beside or in the line end stands before it."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._source = (_settled(line) if NUL in line else line for line in lines)
        self._lines: deque[str] = deque()

    def take(self) -> str | None:
        """The next line, which is gone from the window; None behind the last."""
        return self._lines.popleft() if self._lines else next(self._source, None)

    def look(self, ahead: int) -> str | None:
        """The line so many places ahead, which stays; None behind the last."""
        while len(self._lines) <= ahead:
            line = next(self._source, None)
            if line is None:
                return None
            self._lines.append(line)
        return self._lines[ahead]

    def drop(self, count: int) -> None:
        """Take so many lines that were looked at."""
        for _ in range(count):
            self._lines.popleft()
