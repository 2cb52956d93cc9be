"""Which row of a table names its columns, and the names made fit to be columns."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from funnel.core.types import Note
from funnel.reading import limits
from funnel.reading.work import check_width
from funnel.words import wording

LOOK_AHEAD = 20
RESERVED = "source_line"
_NUMBER = re.compile(r"[-+]?[\s.,' ]*+\d[\s\d.,' ]*+%?")
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}([ T]\d.*)?|\d{1,2}[- ][^\W\d]{3,9}\.?[- ]\d{2,4}")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Header:
    """The names of all columns of a table, the positions of those that the file gives none, and what was changed."""

    names: tuple[str, ...]
    blank: tuple[int, ...] = ()
    notes: tuple[Note, ...] = ()


def header_index(rows: Sequence[Sequence[str]], width: int) -> tuple[int, bool]:
    """(index, whether it names the columns) of the first row of the table, of rows with usually `width` cells.

    It is the first row that is filled for more than half, so that titles above it are passed over. Unless it is filled
    all through with distinct words, a later row wins that is, with numbers or dates below. It names the columns unless
    it looks like the rows below it.
    """
    full = [index for index, row in enumerate(rows) if 2 * _filled(row) > width]
    if not full:
        return 0, True
    first = full[0]
    if _is_data(rows[first], rows[first + 1 :]):
        return first, False
    later = (index for index in full[1:LOOK_AHEAD] if _are_names(rows[index], width) and _has_data(rows[index + 1 :]))
    return (first if _are_names(rows[first], width) else next(later, first)), True


def header(cells: Sequence[str], width: int, file: str) -> Header:
    """A name for each of `width` columns, of the header's cells; distinct also without regard to case.

    Blanks around, control characters and line ends are dropped; the second "Owner" is "Owner 2"; a blank one is
    "column 3" by its place. ReadingError where there are too many.
    """
    check_width(file, max(width, len(cells)))
    cleaned = [_cleaned(cell) for cell in (*cells, *[""] * (width - len(cells)))]
    own = {name.casefold() for name in cleaned}
    names: list[str] = []
    taken = {RESERVED}
    renamed: list[str] = []
    for column, cell in enumerate(cleaned, 1):
        wanted = cell or wording.say("reading.blank_header", place=column)
        name, number = wanted, 1
        while name.casefold() in taken or (name != cell and name.casefold() in own):
            number += 1
            name = f"{wanted} {number}"
        if cell and name != cell:
            renamed.append(name)
        taken.add(name.casefold())
        names.append(name)
    notes = (Note("reading.note_duplicate_headers", {"file": file, "names": ", ".join(renamed)}),) if renamed else ()
    return Header(tuple(names), tuple(index for index, cell in enumerate(cleaned) if not cell), notes)


def no_header(width: int, file: str) -> Header:
    """Names by place, for a table whose first row is data."""
    names = header([""] * width, width, file).names
    return Header(names, (), (Note("reading.note_no_header", {"file": file}),))


def lines_above(header: Header, file: str, lines: int, line: int) -> Header:
    """The header with a note that so many lines stand above it and were left out."""
    if not lines:
        return header
    note = Note("reading.note_lines_above", {"file": file, "lines": lines, "line": line})
    return replace(header, notes=(*header.notes, note))


def _cleaned(cell: str) -> str:
    """The header without what cannot be seen, of bounded length; joiners that scripts need (U+200C) stay inside words."""
    visible = "".join(" " if unicodedata.category(mark) == "Cc" else mark for mark in cell if mark not in "\ufeff\0")
    return " ".join(visible.split()).strip("\u200b\u200c\u200d\u200e\u200f\u2060 ")[: limits.NAME].rstrip()


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _are_names(row: Sequence[str], width: int) -> bool:
    """Whether a row is filled all through with distinct words."""
    cells = {cell.strip() for cell in row}
    return (
        len(cells) == len(row) == width and all("9" not in _shape(cell) for cell in cells if cell) and "" not in cells
    )


def _has_data(rows: Sequence[Sequence[str]]) -> bool:
    """Whether some column of these rows is of one kind with digits: numbers, dates, codes."""
    return any(
        "9" in shape and count >= 0.8 * filled
        for shape, count, filled in map(_usual_shape, zip_longest(*rows, fillvalue=""))
    )


def _usual_shape(cells: Sequence[str]) -> tuple[str, int, int]:
    """(the commonest shape, how many cells have it, how many are filled) of a column's cells."""
    shapes = Counter(_shape(cell.strip()) for cell in cells if cell.strip())
    shape, count = shapes.most_common(1)[0] if shapes else ("", 0)
    return shape, count, shapes.total()


def _is_data(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row is of one kind with the rows below it: more columns say so than say it is a header.

    A row that comes again is a header: files put together have several.
    """
    if list(row) in [list(other) for other in below]:
        return False
    votes = 0
    for column, cell in enumerate(row):
        own = cell.strip()
        cells = [other[column].strip() for other in below if column < len(other)]
        shape, count, filled = _usual_shape(cells)
        if own and "9" in shape and count >= 0.8 * filled:
            votes += 1 if _shape(own) == shape else -1
        elif own and filled >= 5 and cells.count(own) >= 2:
            votes += 1
    return votes > 0


def _shape(cell: str) -> str:
    """What kind of value a cell is: number, date, or its letters with 9 for each run of digits."""
    # With a mark that no cell holds, since a header may well be "date 1" or "number 2".
    if _DATE.fullmatch(cell):
        return "\0date 9"
    if _NUMBER.fullmatch(cell):
        return "\0number 9"
    return _DIGITS.sub("9", cell)
