"""An .xlsx workbook → a raw table for each sheet that holds one, every cell as text."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any

from funnel.errors import ReadingError
from funnel.nouns import FileOnDisk, Note, RawTable
from funnel.reading import limits, store
from funnel.reading.compressed import MEMBER_SIGN, broken_as
from funnel.reading.header import header, header_place, lines_above, no_header
from funnel.reading.work import Work
from funnel.reading.workbook_parts import Reader, check_parts

_QUOTED_OR_BRACKETED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
Row = tuple[int, list[str]]


def read_workbook(work: Work, file: FileOnDisk) -> list[RawTable]:
    """The tables of a workbook, named after their sheets where there are several; sheets without one are noted.

    Numbers are written as they stand (a whole number of 19 digits keeps them all), dates as ISO, with the time
    where the cell's format shows one. A formula gives the value it had when the workbook was saved. ReadingError where
    no sheet holds a table.
    """
    with broken_as("reading.broken_workbook", file):
        check_parts(work, file)
    work.tell("reading.progress_load", file.name)
    with file.path.open("rb") as stream, warnings.catch_warnings():
        # The library warns of what it leaves out (styles, validation): nothing that a cell's text depends on.
        warnings.simplefilter("ignore")
        book = _opened(file, stream)
        found, left_out = _tables(work, file, book)
        book.close()
    if not found:
        raise left_out[0][1] if left_out else ReadingError("reading.empty_file", file=file.name)
    if left_out:
        names = ", ".join(title for title, _ in left_out)
        note = Note("reading.note_sheets_left_out", {"file": file.name, "names": names})
        found[0] = replace(found[0], notes=(*found[0].notes, note))
    return found


def _tables(work: Work, file: FileOnDisk, book: Any) -> tuple[list[RawTable], list[tuple[str, ReadingError]]]:
    """The tables of the sheets, and the sheets without one with the reason; empty and hidden ones are passed over."""
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
    if len(sheets) > limits.MEMBERS:
        raise ReadingError("reading.many_sheets", file=file.name, limit=limits.MEMBERS)
    found: list[RawTable] = []
    left_out: list[tuple[str, ReadingError]] = []
    for sheet in sheets:
        name = file.name if len(sheets) == 1 else file.name + MEMBER_SIGN + sheet.title
        try:
            found.append(_table(work, FileOnDisk(file.path, name), _rows(work, FileOnDisk(file.path, name), sheet)))
        except ReadingError as without:
            if without.key not in ("reading.empty_file", "reading.header_only", "reading.one_column"):
                raise
            if without.key != "reading.empty_file":
                left_out.append((sheet.title, without))
    return found, left_out


def _opened(file: FileOnDisk, stream: IO[bytes]) -> Any:
    """The workbook, read as it streams. Whatever the library stumbles over is a damaged file."""
    try:
        reader = Reader(stream, read_only=True, data_only=True, keep_links=False)
        reader.read()
        return reader.wb
    except Exception as broken:
        raise ReadingError("reading.broken_workbook", file=file.name) from broken


def _rows(work: Work, file: FileOnDisk, sheet: Any) -> Iterator[Row]:
    """(row of the sheet, cells as text without blanks at the end) of every row that holds something."""
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(), 1)
    wide = 0
    while True:
        try:
            number, row = next(rows, (0, ()))
            texts = [_text(cell) for cell in row]
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


def _text(cell: Any) -> str:
    """A cell as text: a whole number digit by digit, a date as ISO."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        with_time = value.time() != time() or _shows_time(cell.number_format)
        return value.isoformat(sep=" ") if with_time else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _number(value: float) -> str:
    """Never in powers of ten, and without a needless .0"""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _shows_time(number_format: str | None) -> bool:
    return "h" in _QUOTED_OR_BRACKETED.sub("", number_format or "").lower()


def _table(work: Work, file: FileOnDisk, rows: Iterator[Row]) -> RawTable:
    """The table of one sheet's rows."""
    sample = list(islice(rows, limits.SAMPLE_RECORDS))
    if not sample:
        raise ReadingError("reading.empty_file", file=file.name)
    texts = [cells for _, cells in sample]
    width = max(sum(1 for cell in cells if cell.strip()) for cells in texts)
    place, named = header_place(texts, width)
    line = sample[place][0]
    kept, widest = _stored(work, file, chain(sample[place + named :], rows))
    if not kept.count:
        raise ReadingError("reading.header_only", file=file.name)
    cells = texts[place] if named else []
    columns = header(cells, max(widest, len(cells)), file.name) if named else no_header(widest, file.name)
    columns = lines_above(columns, file.name, place, line)
    table = work.fresh_table()
    kept.into_table(store.stored_name(table), len(columns.names))
    names, notes = store.publish(work, table, file.name, columns, "stored.source_line")
    return RawTable(
        table=table,
        name=file.name,
        format="xlsx",
        columns=names,
        rows_read=kept.count,
        rows_rejected=0,
        header_line=line if named else None,
        notes=notes,
    )


def _stored(work: Work, file: FileOnDisk, data: Iterator[Row]) -> tuple[store.Rows, int]:
    """The rows gathered, and how many cells the widest has."""
    kept, widest = store.Rows(work, file.name), 0
    for line, cells in data:
        widest = max(widest, len(cells))
        if widest > limits.COLUMNS:
            raise ReadingError("reading.too_many_columns", file=file.name, columns=widest, limit=limits.COLUMNS)
        kept.add(line, cells, sum(map(len, cells)))
        if kept.count % 500 == 0:
            work.tell("reading.progress_load", file.name)
    return kept, widest
