"""Sheets, whatever they came in → a raw table for each that holds one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, groupby, islice

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk, Note, RawTable
from funnel.reading import limits, store
from funnel.reading.cell_text import Rounded
from funnel.reading.compressed import MEMBER_SIGN, check_swollen
from funnel.reading.header import Header, header, header_index, lines_above, no_header
from funnel.reading.markup import Listener
from funnel.reading.work import ReadContext, check_width

_WHOLE = re.compile(r"\d{1,9}")
Row = tuple[int, list[str]]
"""The row of the sheet, from 1, and its cells as text."""


@dataclass(frozen=True)
class Sheet:
    """A sheet that can be gone through once.

    `rows` are those that hold something, without blanks at the end. `rounded` is filled while they are gone through. `last_row` is the
    last one that the format has room for. `headings` are the rows that the file itself marks as headings.
    """

    title: str
    rows: Iterator[Row]
    rounded: Rounded = field(default_factory=Rounded)
    last_row: int = limits.SHEET_ROWS
    headings: set[int] = field(default_factory=set)


class RowOfCells:
    """The cells of a row that has begun. ReadingError where there are too many of them, or too much in them."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._cells: list[str] = []
        self._size = 0

    def count(self, text: str, row: int) -> None:
        """This text comes into the row."""
        self._size += len(text)
        if self._size > limits.LINE:
            raise ReadingError("reading.long_row", file=self._file, row=row, limit=limits.LINE // limits.MEGABYTE)

    def put(self, column: int, text: str) -> None:
        """Put text in a column, from 0; nothing where it is empty."""
        if not text:
            return
        check_width(self._file, column + 1)
        self._cells += [""] * (column + 1 - len(self._cells))
        self._cells[column] = text

    def taken(self) -> list[str]:
        """The cells up to the last that holds something; the next row begins."""
        cells, self._cells, self._size = self._cells, [], 0
        return cells


class SheetListener(Listener):
    """Rows of all sheets of an XML as they end, and the rounded numbers of each sheet by its index."""

    def __init__(self, file: str) -> None:
        self.rounded: defaultdict[int, Rounded] = defaultdict(Rounded)
        self._file = file
        self._ended: list[tuple[int, Row, int]] = []
        """Each row with its sheet's index, and how many times it comes in a row."""
        self._sheet, self._row, self._column = -1, 0, 0
        self._cells = RowOfCells(file)

    def sheets(self, heard: Iterable[None], titles: Mapping[int, str]) -> Iterator[Sheet]:
        """The sheets at these indices, of which what is heard piece by piece tells."""
        rows = ((index, row) for _ in heard for index, row in self._taken() if index in titles)
        for index, pairs in groupby(rows, lambda pair: pair[0]):
            yield Sheet(titles[index], (row for _, row in pairs), self.rounded[index])

    def _taken(self) -> Iterator[tuple[int, Row]]:
        ended, self._ended = self._ended, []
        for sheet, (row, cells), times in ended:
            for more in range(times):
                yield sheet, (row + more, list(cells))

    def whole(self, attributes: dict[str, str], name: str, without: int, *, least: int = 0) -> int:
        """A whole number that an attribute gives, `without` it another. ReadingError where it gives none, or one below `least`."""
        if name not in attributes:
            return without
        if not _WHOLE.fullmatch(attributes[name]) or int(attributes[name]) < least:
            raise ReadingError("reading.broken_workbook", file=self._file)
        return int(attributes[name])


def read_sheets(work: ReadContext, file: FileOnDisk, form: str, sheets: Iterable[Sheet], count: int) -> list[RawTable]:
    """The tables of these `count` sheets, named after them where there are several; those without one are noted.

    `form` is the format of the raw tables. ReadingError where no sheet holds a table.
    """
    if count > limits.MEMBERS:
        raise ReadingError("reading.many_sheets", file=file.name, limit=limits.MEMBERS)
    tables: list[RawTable] = []
    left_out: list[tuple[str, ReadingError]] = []
    for sheet in sheets:
        name = file.name if count == 1 else file.name + MEMBER_SIGN + sheet.title
        try:
            tables.append(read_sheet(work, FileOnDisk(file.path, name), form, sheet))
        except ReadingError as without:
            if without.key not in ("reading.empty_file", "reading.header_only", "reading.one_column"):
                raise
            if without.key != "reading.empty_file":
                left_out.append((sheet.title, without))
    if not tables:
        raise left_out[0][1] if left_out else ReadingError("reading.empty_file", file=file.name)
    if left_out:
        names = ", ".join(title for title, _ in left_out)
        note = Note("reading.note_sheets_left_out", {"file": file.name, "names": names})
        tables[0] = replace(tables[0], notes=(*tables[0].notes, note))
    return tables


def read_sheet(work: ReadContext, file: FileOnDisk, form: str, sheet: Sheet) -> RawTable:
    """The table of one sheet. ReadingError where it holds none, or more than a table may."""
    sample = list(islice(sheet.rows, limits.SAMPLE_RECORDS))
    if not sample:
        raise ReadingError("reading.empty_file", file=file.name)
    index, named = _header_index(sample, sheet.headings)
    line, cells = sample[index]
    stored = _stored(work, file, chain(sample[index + named :], sheet.rows))
    if not stored.rows.count:
        raise ReadingError("reading.header_only", file=file.name)
    width = max(stored.widest, len(cells))
    columns = header(cells, width, file.name) if named else no_header(width, file.name)
    columns = lines_above(columns, file.name, index, line)
    table = replace(stored.rows.table(columns, form), header_line=line if named else None)
    return replace(table, notes=(*table.notes, *_losses(file, sheet, columns, stored.last)))


def _header_index(sample: list[Row], headings: set[int]) -> tuple[int, bool]:
    """(index, whether it names the columns) of the table's first row: the last of the first headings in a row, where some are marked
    and others are not."""
    texts = [cells for _, cells in sample]
    width = max(sum(1 for cell in cells if cell.strip()) for cells in texts)
    marked = {index for index, (line, _) in enumerate(sample) if line in headings}
    last = next((index for index in sorted(marked) if index + 1 not in marked), None)
    if last is not None and last + 1 < len(sample) and 2 * sum(1 for cell in texts[last] if cell.strip()) > width:
        return last, True
    return header_index(texts, width)


@dataclass(frozen=True)
class _Kept:
    """The rows gathered, how many cells the widest has, and the last row's place in its sheet."""

    rows: store.Rows
    widest: int
    last: int


def _stored(work: ReadContext, file: FileOnDisk, data: Iterator[Row]) -> _Kept:
    rows, widest, last, size = store.Rows(work, file.name), 0, 0, 0
    packed = file.path.stat().st_size
    for line, cells in data:
        widest, last = max(widest, len(cells)), line
        check_width(file.name, widest)
        characters = sum(map(len, cells))
        # One text may stand in a file once for many cells, and each of them has its place to be kept in.
        size += characters + len(cells)
        check_swollen(file, size, packed)
        rows.add(line, cells, characters)
        if rows.count % 500 == 0:
            work.tell("reading.progress_load", file.name)
    return _Kept(rows, widest, last)


def _losses(file: FileOnDisk, sheet: Sheet, columns: Header, last: int) -> Iterator[Note]:
    """What the format could not hold of what was put into it."""
    if sheet.rounded:
        names = ", ".join(name for column, name in enumerate(columns.names) if column in sheet.rounded)
        yield Note("reading.note_rounded", {"file": file.name, "cells": sheet.rounded.total(), "names": names})
    if last == sheet.last_row:
        yield Note("reading.note_full_sheet", {"file": file.name, "row": last})
