"""A web page → the raw table of its largest table. Programs write such pages under the names of spreadsheets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk, Note, RawTable
from funnel.reading import limits
from funnel.reading.compressed import check_swollen
from funnel.reading.encoding import Text
from funnel.reading.sheets import Row, Sheet, read_sheet
from funnel.reading.work import ReadContext, check_width

_PAGE = re.compile(r"(?:<\?.*?\?>|<!--.*?-->|\s)*+<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_TABLE = re.compile(r"<table\b", re.IGNORECASE)
_TABLE_TAG = b"<table"
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_BLOCK = "\0"
"""Stands where a block begins or ends: several of them in a row are one line end."""
_BLOCKS = re.compile(r" *(?:\0 *)+")
_BLANKS_IN_ROW = re.compile(r"  +")
_AROUND = " \n\xa0"
_UNSEEN = ("script", "style")
_LINES = ("p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "dd", "dt")
_PIECE = 16 * 1024
"""Read at once."""
_SPAN = re.compile(r"\s*(\d{1,9})")


def looks_like_web_page(start: str) -> bool:
    """Whether a text that begins so is a web page: it says so, or markup begins it and a table is in it."""
    return start.startswith("<") and bool(_PAGE.match(start) or _TABLE.search(start))


def read_web_page(work: ReadContext, text: Text) -> RawTable:
    """The table of a page with most rows, every cell as the text that a browser shows; others are noted.

    A cell over several rows stands in each of them; one over several columns in each, unless it is alone in its row, as titles are.
    ReadingError where there is no table, or markup that is no page's.
    """
    counts = Counter(table for table, row in _rows(work, text) if any(row.cells)) if _tables(text) != 1 else {1: 0}
    if not counts:
        raise ReadingError("reading.web_page", file=text.name)
    largest = max(counts, key=lambda table: (counts[table], -table))
    headings: set[int] = set()
    sheet = Sheet("", _rows_of(work, text, largest, headings), last_row=0, headings=headings)
    try:
        raw_table = read_sheet(work, FileOnDisk(text.path, text.name), "html", sheet)
    except ReadingError as without:
        if without.key != "reading.empty_file":
            raise
        raise ReadingError("reading.web_page", file=text.name) from without
    notes = [*text.notes, *raw_table.notes]
    others = sum(1 for table, rows in counts.items() if table != largest and rows > 1)
    if others:
        notes.append(Note("reading.note_other_tables", {"file": text.name, "tables": others, "rows": counts[largest]}))
    return replace(raw_table, encoding=text.encoding, notes=tuple(notes))


def _tables(text: Text) -> int:
    """How many tables the page has, at least where it is not one."""
    tables, before = 0, b""
    with text.path.open("rb") as stream:
        while chunk := stream.read(limits.CHUNK):
            looked = (before + chunk).lower()
            tables += looked.count(_TABLE_TAG)
            before = looked[-len(_TABLE_TAG) + 1 :]
    return tables


def _rows_of(work: ReadContext, text: Text, table: int, headings: set[int]) -> Iterator[Row]:
    """The rows of one table that hold something, from 1; `headings` learns which the page marks as such."""
    number = 0
    for where, row in _rows(work, text):
        if where != table:
            continue
        number += 1
        if row.too_long:
            raise ReadingError("reading.long_row", file=text.name, row=number, limit=limits.LINE // limits.MEGABYTE)
        cells = row.cells
        check_width(text.name, len(cells))
        if row.heading:
            headings.add(number)
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, cells


def _rows(work: ReadContext, text: Text) -> Iterator[tuple[int, _Row]]:
    """(which table, row) of every row of every table, in the order in which they end."""
    page, done, size = _Page(FileOnDisk(text.path, text.name)), 0, max(text.prescan.size, 1)
    with text.path.open(encoding="utf-8-sig") as stream:
        # What has begun and not ended yet is gone through anew with each piece, so pieces grow with it.
        while piece := stream.read(min(max(_PIECE, len(page.rawdata)), limits.CHUNK)):
            done += len(piece)
            work.tell("reading.progress_load", text.name, min(done / size, 1.0))
            page.feed(piece.replace("\0", ""))
            if len(page.rawdata) > limits.MARKUP:
                raise ReadingError("reading.broken_web_page", file=text.name)
            yield from page.ended()
    page.end_all()
    yield from page.ended()


@dataclass
class _Row:
    """A row, once it has ended: its cells, whether all of them are headings, and whether there was more text than is kept."""

    cells: list[str]
    heading: bool
    too_long: bool


@dataclass
class _Cell:
    columns: int
    rows: int
    heading: bool
    parts: list[str] = field(default_factory=list)

    def text(self) -> str:
        """As a browser shows it: blanks in a row are one, and lines have none at their ends."""
        lines = _BLOCKS.sub("\n", _BLANKS_IN_ROW.sub(" ", "".join(self.parts))).split("\n")
        return "\n".join(line.strip(" ") for line in lines).strip(_AROUND)


@dataclass
class _Table:
    """A table that has begun: its number, its row and cell that have begun, and the cells that reach down into the next rows.

    `size` and `inner` are how much text is in the row, and in tables within it.
    """

    number: int
    cells: list[_Cell] | None = None
    cell: _Cell | None = None
    in_head: bool = False
    size: int = 0
    inner: int = 0
    too_long: bool = False
    reaching: dict[int, tuple[str, int]] = field(default_factory=dict)


class _Page(HTMLParser):
    """Rows of tables as they end. What is never closed is closed by what cannot stand in it."""

    def __init__(self, file: FileOnDisk) -> None:
        super().__init__(convert_charrefs=True)
        self._file, self._packed = file, file.path.stat().st_size
        self._size = self._held = 0
        self._open: list[_Table] = []
        self._tables = 0
        self._unseen: str | None = None
        self._ended: list[tuple[int, _Row]] = []

    def ended(self) -> list[tuple[int, _Row]]:
        """The rows that have ended since this was last asked."""
        ended, self._ended, self._held = self._ended, [], 0
        return ended

    def end_all(self) -> None:
        """The page is over."""
        while self._open:
            self._end_table()

    def parse_html_declaration(self, i: int) -> int:
        """Behind what stands between <! and >, of which only a comment may hold a > itself; -1 where it has no end yet."""
        if self.rawdata.startswith("<!--", i):
            return self.parse_comment(i)
        end = self.rawdata.find(">", i)
        return end + 1 if end >= 0 else -1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen = self._unseen or tag
        elif tag == "table":
            self._begin_table()
        elif self._open:
            self._in_table(self._open[-1], tag, dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """<td/> is a cell, and <br/> a line end; <script/> and <table/> are nothing."""
        if tag not in _UNSEEN and tag != "table":
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unseen:
            self._unseen = None
        if not self._open:
            return
        table = self._open[-1]
        if tag == "table":
            self._end_table()
        elif tag in ("td", "th"):
            self._end_cell(table)
        elif tag == "tr":
            self._end_row(table)
        elif tag == "thead":
            self._end_row(table)
            table.in_head = False
        elif tag in _LINES:
            self._write(_BLOCK)

    def handle_data(self, data: str) -> None:
        if self._open and self._unseen is None:
            self._write(_BLANKS.sub(" ", data))

    def _begin_table(self) -> None:
        if len(self._open) == limits.MARKUP_DEPTH:
            raise ReadingError("reading.deep_markup", file=self._file.name, limit=limits.MARKUP_DEPTH)
        self._tables += 1
        self._write(_BLOCK)
        self._open.append(_Table(self._tables))

    def _end_table(self) -> None:
        self._end_row(self._open[-1])
        self._open.pop()
        self._write(_BLOCK)

    def _in_table(self, table: _Table, tag: str, attributes: dict[str, str | None]) -> None:
        if tag in ("td", "th"):
            self._end_cell(table)
            columns, rows = _span(attributes.get("colspan"), 1), _span(attributes.get("rowspan"), limits.SHEET_ROWS)
            table.cell = _Cell(columns, rows, heading=table.in_head or tag == "th")
            table.cells = table.cells or []
        elif tag == "tr":
            self._end_row(table)
            table.cells = []
        elif tag in ("thead", "tbody", "tfoot"):
            self._end_row(table)
            table.in_head = tag == "thead"
            table.reaching.clear()
        elif tag == "br":
            self._write("\n")
        elif tag in _LINES:
            self._write(_BLOCK)

    def _write(self, text: str) -> None:
        """Put text into the innermost cell that it stands in."""
        table = self._open[-1] if self._open else None
        if table is None or table.cell is None:
            return
        table.size += len(text)
        if table.size <= limits.LINE:
            table.cell.parts.append(text)
        else:
            table.too_long = True

    def _end_cell(self, table: _Table) -> None:
        if table.cell is not None and table.cells is not None:
            if len(table.cells) <= limits.COLUMNS:
                table.cells.append(table.cell)
            table.cell = None

    def _end_row(self, table: _Table) -> None:
        self._end_cell(table)
        if table.cells is not None:
            heading = len(table.cells) > 1 and all(cell.heading for cell in table.cells)
            texts = [cell.text() for cell in table.cells]
            cells = _laid_out(table.cells, texts, table.reaching)
            self._size += len(cells) + sum(map(len, cells))
            self._held += len(cells)
            # Few signs that end many wide rows at once are a bomb as well, however long the page is.
            most = limits.UNPACKED if self._held <= limits.BATCH_CELLS else 0
            check_swollen(self._file, self._size, self._packed, most)
            self._ended.append((table.number, _Row(cells, heading, table.too_long)))
            if len(self._open) > 1:
                self._tell_outer(self._open[-2], texts)
        table.cells, table.size, table.inner, table.too_long = None, 0, 0, False

    def _tell_outer(self, table: _Table, texts: list[str]) -> None:
        """Put the texts of an inner table's row into the cell around it."""
        if table.cell is None or table.too_long:
            return
        table.inner += sum(map(len, texts)) + len(texts)
        if table.inner <= limits.INNER_TEXT:
            table.cell.parts += [_BLOCK, " ".join(texts), _BLOCK]
        else:
            table.too_long = True


def _span(written: str | None, without_end: int) -> int:
    """How many columns or rows a cell takes; 0 of them is `without_end`."""
    number = _SPAN.match(written or "")
    return (int(number.group(1)) or without_end) if number else 1


def _laid_out(cells: list[_Cell], texts: list[str], reaching: dict[int, tuple[str, int]]) -> list[str]:
    """The texts of a row's cells by column; `reaching`, {column: (text, rows to come)}, is taken in and brought up to date.

    What would lie beyond the columns that are read is left out, but for the first that does.
    """
    row: dict[int, str] = {}
    for column, (text, rows) in list(reaching.items()):
        row[column] = text
        if rows > 1:
            reaching[column] = (text, rows - 1)
        else:
            del reaching[column]
    alone = sum(1 for text in texts if text) == 1 and not row
    column = 0
    for cell, text in zip(cells, texts, strict=True):
        for index in range(min(cell.columns, limits.COLUMNS + 1)):
            while column in row:
                column += 1
            if column > limits.COLUMNS:
                break
            value = text if index == 0 or not alone else ""
            row[column] = value
            if cell.rows > 1:
                reaching[column] = (value, cell.rows - 1)
            column += 1
    return [row.get(index, "") for index in range(max(row, default=-1) + 1)]
