"""An old workbook (.xls, all versions of it) → a raw table for each sheet that holds one, every cell as text."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO, Any

import xlrd

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk, RawTable
from funnel.reading import cell_text, limits, number_formats
from funnel.reading.encoding import narrow
from funnel.reading.number_formats import Shown
from funnel.reading.sheets import Row, Sheet, read_sheets
from funnel.reading.work import ReadContext

_MOMENT, _DURATION = 102, 103
"""Kinds of cells beside the library's own, which has one for all dates and times."""
_SHOWN = {xlrd.XL_CELL_DATE: Shown.DAY, _MOMENT: Shown.MOMENT, _DURATION: Shown.DURATION}
_KIND_OF = {number_format: kind for kind, number_format in _SHOWN.items()}
_ANSI = re.compile(r"^cp(125\d)$")
_REFUSALS = (("encrypted", "reading.locked"), ("Can't find workbook", "reading.document"))
"""What the library says of a file under a password, and of one in whose container another program's document stands."""
_TELL_EVERY = 2000
_UNICODE_SINCE = 80
_ROWS = 65_536


def read_old_workbook(work: ReadContext, file: FileOnDisk) -> list[RawTable]:
    """The tables of the visible sheets, as those of an .xlsx; of a number no more is known than the 15 to 17 digits that are kept.

    ReadingError where no sheet holds a table, and where the file is locked, damaged, too large to be held, or no workbook.
    """
    size = file.path.stat().st_size
    if size > limits.OLD_WORKBOOK:
        limit = limits.OLD_WORKBOOK // limits.MEGABYTE
        raise ReadingError("reading.large_old_workbook", file=file.name, limit=limit)
    work.tell("reading.progress_load", file.name)
    with open(os.devnull, "w", encoding="utf-8") as log:
        book = _Book(work, file, log)
        tables = read_sheets(work, file, "xls", book.sheets(), len(book.visible))
    return [replace(table, encoding=book.encoding) for table in tables]


class _Book:
    """A workbook; `visible` are the indices of its visible sheets. `encoding` is None where its texts are in Unicode."""

    def __init__(self, work: ReadContext, file: FileOnDisk, log: IO[str]) -> None:
        self._work, self._file, self._log = work, file, log
        self._content = file.path.read_bytes()
        self._stop: Exception | None = None
        self._book = self._opened()
        visible = [index for index, hidden in enumerate(self._book._sheet_visibility) if not hidden]
        self.visible = visible or list(range(self._book.nsheets))
        self.encoding: str | None = None
        if self._book.biff_version < _UNICODE_SINCE:
            self.encoding = _ANSI.sub(r"windows-\1", self._book.encoding)
            if self._book.codepage is None and (bytes_beyond_ascii := self._beyond_ascii()):
                encoding = narrow(bytes_beyond_ascii)
                self._book, self.encoding = self._opened(encoding.codec), encoding.name

    def sheets(self) -> Iterator[Sheet]:
        """The visible sheets, of which one at a time is in memory."""
        for index in self.visible:
            rounded = cell_text.Rounded()
            yield Sheet(self._book.sheet_names()[index], self._rows(index, rounded), rounded, _ROWS)
            self._book.unload_sheet(index)

    def _opened(self, encoding: str | None = None) -> Any:
        book = self._trying(
            lambda: xlrd.open_workbook(
                file_contents=self._content,
                logfile=self._log,
                encoding_override=encoding,
                on_demand=True,
                ragged_rows=True,
                # Programs other than Excel count sectors twice, and Excel does not mind.
                ignore_workbook_corruption=True,
            )
        )
        _tell_moments_from_days(book)
        self._records = self._passed = 0
        read = book.get_record_parts

        def next_record() -> tuple[int, int, bytes]:
            record: tuple[int, int, bytes] = read()
            self._pass_over(record[1])
            return record

        book.get_record_parts = next_record
        return book

    def _trying(self, action: Callable[[], Any]) -> Any:
        """What the library gives. Whatever it stumbles over is a damaged file."""
        try:
            return action()
        except xlrd.XLRDError as refused:
            key = next((key for words, key in _REFUSALS if words in str(refused)), "reading.broken_workbook")
            raise ReadingError(key, file=self._file.name) from refused
        except Exception as broken:
            if broken is self._stop:
                raise
            raise ReadingError("reading.broken_workbook", file=self._file.name) from broken

    def _sheet(self, index: int) -> Any:
        return self._trying(lambda: self._book.sheet_by_index(index))

    def _pass_over(self, length: int) -> None:
        """A record more was read. What stops the reading is not to be taken for damage."""
        self._records, self._passed = self._records + 1, self._passed + length
        if self._passed > len(self._content):
            raise ValueError("sheets share their records")
        if self._records % _TELL_EVERY == 0:
            try:
                self._work.tell("reading.progress_load", self._file.name)
            except Exception as stop:
                self._stop = stop
                raise

    def _beyond_ascii(self) -> bytes:
        """Texts of cells as the bytes that they are, where the workbook does not say in what encoding."""
        texts, size = [], 0
        for index in self.visible:
            sheet = self._sheet(index)
            for row in range(sheet.nrows):
                for value in sheet.row_values(row):
                    if isinstance(value, str) and not value.isascii() and size < limits.SAMPLE:
                        texts.append(value.encode("latin-1"))
                        size += len(texts[-1])
        return b"\n".join(texts)

    def _rows(self, index: int, rounded: cell_text.Rounded) -> Iterator[Row]:
        """Every row that holds something."""
        sheet = self._sheet(index)
        mac = bool(self._book.datemode)
        for row in range(sheet.nrows):
            pairs = zip(sheet.row_types(row), sheet.row_values(row), strict=True)
            cells = [_text(kind, value, column, rounded, mac) for column, (kind, value) in enumerate(pairs)]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield row + 1, cells


def _tell_moments_from_days(book: Any) -> None:
    """Let the cells of formats with a time, or for durations, be of kinds of their own."""
    kinds = book._xf_index_to_xl_type_map
    for index, cell_format in enumerate(book.xf_list):
        number_format = book.format_map.get(cell_format.format_key)
        if kinds.get(index) == xlrd.XL_CELL_DATE and number_format is not None:
            kinds[index] = _KIND_OF.get(number_formats.shown(number_format.format_str), xlrd.XL_CELL_DATE)


def _text(kind: int, value: Any, column: int, rounded: cell_text.Rounded, mac: bool) -> str:
    """A cell as text."""
    if kind == xlrd.XL_CELL_TEXT:
        return str(value)
    if kind == xlrd.XL_CELL_NUMBER:
        rounded.look(column, value)
        return cell_text.number(value)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if value else "FALSE"
    if kind == xlrd.XL_CELL_ERROR:
        return cell_text.error(value)
    return number_formats.serial(value, _SHOWN[kind], mac=mac) if kind in _SHOWN else ""
