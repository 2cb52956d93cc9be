"""An .xlsx workbook → a raw table for each sheet that holds one, every cell as text."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, Any

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk, RawTable
from funnel.reading import cell_text, limits
from funnel.reading.sheets import Row, Sheet, read_sheets
from funnel.reading.work import ReadContext
from funnel.reading.workbook_parts import Reader, check_parts


def read_workbook(work: ReadContext, file: FileOnDisk) -> list[RawTable]:
    """The tables of a workbook, named after their sheets where there are several; sheets without one are noted.

    Numbers are written as they stand (a whole number of 19 digits keeps them all), dates as ISO, with the time
    where the cell's format shows one. A formula gives the value it had when the workbook was saved. ReadingError where
    no sheet holds a table.
    """
    check_parts(work, file)
    work.tell("reading.progress_load", file.name)
    with file.path.open("rb") as stream, warnings.catch_warnings():
        # The library warns of what it leaves out (styles, validation): nothing that a cell's text depends on.
        warnings.simplefilter("ignore")
        book = _opened(file, stream)
        worksheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
        tables = read_sheets(work, file, "xlsx", (_sheet(work, file, each) for each in worksheets), len(worksheets))
        book.close()
    return tables


def _opened(file: FileOnDisk, stream: IO[bytes]) -> Any:
    """The workbook, read as it streams. Whatever the library stumbles over is a damaged file."""
    try:
        reader = Reader(stream, read_only=True, data_only=True, keep_links=False)
        reader.read()
        return reader.wb
    except Exception as broken:
        raise ReadingError("reading.broken_workbook", file=file.name) from broken


def _sheet(work: ReadContext, file: FileOnDisk, worksheet: Any) -> Sheet:
    rounded = cell_text.Rounded()
    return Sheet(worksheet.title, _rows(work, file, worksheet, rounded), rounded)


def _rows(work: ReadContext, file: FileOnDisk, sheet: Any, rounded: cell_text.Rounded) -> Iterator[Row]:
    """(row of the sheet, cells as text without blanks at the end) of every row that holds something."""
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(), 1)
    wide = 0
    while True:
        try:
            number, row = next(rows, (0, ()))
            texts = [_text(cell, column, rounded) for column, cell in enumerate(row)]
        except Exception as broken:
            raise ReadingError("reading.broken_workbook", file=file.name) from broken
        if number == 0:
            return
        if number > limits.SHEET_ROWS:
            raise ReadingError("reading.broken_workbook", file=file.name)
        wide += len(row) > limits.COLUMNS
        if wide > limits.SHEET_WIDE_ROWS:
            raise ReadingError("reading.too_many_columns", file=file.name, columns=len(row), limit=limits.COLUMNS)
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield number, texts
        elif number % 1000 == 0:
            work.tell("reading.progress_load", file.name)


def _text(cell: Any, column: int, rounded: cell_text.Rounded) -> str:
    """A cell as text: a whole number digit by digit, a date as ISO."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        rounded.look(column, value)
        return cell_text.number(value)
    if isinstance(value, datetime):
        # Only midnight depends on the format, which is slow to find.
        return cell_text.moment(value, with_time=value.time() != time() or cell_text.shows_time(cell.number_format))
    if isinstance(value, date | time | timedelta):
        return cell_text.moment(value, with_time=True)
    return str(value)
