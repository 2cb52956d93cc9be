"""An OpenDocument spreadsheet (.ods) → a raw table for each sheet that holds one, every cell as text."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk, RawTable
from funnel.reading import cell_text, limits
from funnel.reading.compressed import opened_workbook, pieces
from funnel.reading.markup import Listener, listen
from funnel.reading.sheets import SheetListener, read_sheets
from funnel.reading.work import ReadContext

CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TABLE, _TEXT = (f"{_NAMESPACE}{name}:1.0 " for name in ("office", "table", "text"))
_DRAWING = f"{_NAMESPACE}drawing:1.0 "
_STYLE = f"{_NAMESPACE}style:1.0 "
_ENCRYPTED = f"{_NAMESPACE}manifest:1.0 encryption-data"
_CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_BLANKS = re.compile(r"[ \t\r\n]+")
_DURATION = re.compile(r"PT(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})(?:\.(\d{1,6})\d*)?S)?")
_MOST_SPACES = 1000


def read_open_document(work: ReadContext, file: FileOnDisk) -> list[RawTable]:
    """The tables of the visible sheets, as those of an .xlsx; numbers, dates and times as the file writes them, exactly.

    ReadingError where no sheet holds a table, and where the file is locked, damaged, a bomb, or declares entities.
    """
    with opened_workbook(file) as archive:
        manifest, outline, reader = _Manifest(), _Outline(), _Reader(file.name)
        if _MANIFEST in archive.namelist():
            for _ in _heard(work, file, archive, manifest, _MANIFEST):
                """Until all of it is heard."""
        if manifest.encrypted:
            raise ReadingError("reading.locked", file=file.name)
        for _ in _heard(work, file, archive, outline):
            """Until all of it is heard."""
        titles = outline.visible_sheets()
        sheets = reader.sheets(_heard(work, file, archive, reader), titles)
        return read_sheets(work, file, "ods", sheets, len(titles))


def _heard(
    work: ReadContext, file: FileOnDisk, archive: zipfile.ZipFile, listener: Listener, part: str = CONTENT
) -> Iterator[None]:
    size = max(archive.getinfo(part).file_size, 1)
    with archive.open(part) as stream:
        for _ in listen(listener, pieces(stream), file.name):
            work.tell("reading.progress_load", file.name, min(stream.tell() / size, 1.0))
            yield


class _Manifest(Listener):
    """Whether the file is encrypted."""

    encrypted = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.encrypted = self.encrypted or name == _ENCRYPTED


class _Outline(Listener):
    """The sheets: what they are called and whether they are shown."""

    def __init__(self) -> None:
        self._sheets: list[tuple[str, bool]] = []
        self._hidden: set[str] = set()
        self._style = ""
        self._depth = 0

    def visible_sheets(self) -> dict[int, str]:
        """{place: title} of the visible sheets, of all where none is."""
        visible = {index: title for index, (title, is_visible) in enumerate(self._sheets) if is_visible}
        return visible or {index: title for index, (title, _) in enumerate(self._sheets)}

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_STYLE}style":
            self._style = attributes.get(f"{_STYLE}name", "")
        elif name == f"{_STYLE}table-properties" and attributes.get(f"{_TABLE}display") == "false":
            self._hidden.add(self._style)
        elif name == f"{_TABLE}table":
            if not self._depth:
                is_visible = attributes.get(f"{_TABLE}style-name") not in self._hidden
                self._sheets.append((attributes.get(f"{_TABLE}name", ""), is_visible))
            self._depth += 1

    def end(self, name: str) -> None:
        self._depth -= name == f"{_TABLE}table"


@dataclass(frozen=True)
class _Cell:
    """A cell that has begun: what its attributes say, and in how many columns it stands."""

    attributes: dict[str, str]
    times: int


class _Reader(SheetListener):
    """Rows of all sheets as they end."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self._depth, self._rows = 0, 1
        self._cell: _Cell | None = None
        self._parts: list[str] = []
        self._paragraphs, self._in_paragraph = 0, False
        self._beside = 0
        """Elements in one another that stand beside the table: comments, drawings."""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if self._beside or name == f"{_OFFICE}annotation" or name.startswith(_DRAWING):
            self._beside += 1
        elif name == f"{_TABLE}table":
            self._depth += 1
            if self._depth == 1:
                self._sheet, self._row, self._rows = self._sheet + 1, 1, 0
        elif self._depth != 1:
            return
        elif name == f"{_TABLE}table-row":
            self._row, self._column = self._row + self._rows, 0
            self._rows = self.whole(attributes, f"{_TABLE}number-rows-repeated", 1, least=1)
        elif name in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            times = self.whole(attributes, f"{_TABLE}number-columns-repeated", 1, least=1)
            self._cell = _Cell(attributes, times)
            self._parts, self._paragraphs = [], 0
        elif self._cell is not None:
            self._begin_in_cell(name, attributes)

    def text(self, text: str) -> None:
        if self._in_paragraph and not self._beside and self._depth == 1:
            self._write(_BLANKS.sub(" ", text))

    def end(self, name: str) -> None:
        if self._beside:
            self._beside -= 1
        elif name == f"{_TABLE}table":
            self._depth -= 1
        elif self._depth != 1:
            return
        elif name == f"{_TEXT}p":
            self._in_paragraph = False
        elif name in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell") and self._cell is not None:
            self._end_cell(self._cell)
        elif name == f"{_TABLE}table-row" and (cells := self._cells.taken()):
            if self._row + self._rows - 1 > limits.SHEET_ROWS:
                raise ReadingError("reading.broken_workbook", file=self._file)
            self._ended.append((self._sheet, (self._row, cells), self._rows))

    def _begin_in_cell(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_TEXT}p":
            self._in_paragraph = True
            if self._paragraphs:
                self._write("\n")
            self._paragraphs += 1
        elif name == f"{_TEXT}s":
            self._write(" " * min(self.whole(attributes, f"{_TEXT}c", 1, least=1), _MOST_SPACES))
        elif name == f"{_TEXT}tab":
            self._write("\t")
        elif name == f"{_TEXT}line-break":
            self._write("\n")

    def _write(self, text: str) -> None:
        self._cells.count(text, self._row)
        self._parts.append(text)

    def _end_cell(self, cell: _Cell) -> None:
        text = self._value(cell.attributes, "".join(self._parts))
        if text:
            for column in range(self._column, self._column + cell.times):
                self._cells.put(column, text)
        self._column += cell.times
        self._cell = None

    def _value(self, attributes: dict[str, str], text: str) -> str:
        """A cell as text, by the type that it is said to have."""
        kind = attributes.get(f"{_OFFICE}value-type")
        if kind in ("float", "percentage", "currency") and (written := attributes.get(f"{_OFFICE}value")):
            self.rounded[self._sheet].look_at_text(self._column, written)
            return cell_text.plain(written)
        if kind == "date" and (written := attributes.get(f"{_OFFICE}date-value")):
            return _moment(written)
        if kind == "time" and (written := attributes.get(f"{_OFFICE}time-value")):
            return _time(written)
        if kind == "boolean" and (written := attributes.get(f"{_OFFICE}boolean-value")):
            return written.upper()
        string_value = attributes.get(f"{_OFFICE}string-value") if attributes.get(_CALC_TYPE) != "error" else None
        return string_value or text


def _moment(written: str) -> str:
    """A date as it is written, with a time where one is written."""
    if "T" not in written:
        return written
    try:
        return cell_text.moment(datetime.fromisoformat(written), with_time=True)
    except ValueError:
        return written


def _time(written: str) -> str:
    """A time of day, or how long something took, as a workbook writes both."""
    match = _DURATION.fullmatch(written)
    if match is None:
        return written
    hours, minutes, seconds, fraction = (each or "0" for each in match.groups())
    seconds = f"{seconds}.{fraction}"
    length = timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
    if length < timedelta(days=1):
        return cell_text.moment((datetime.min + length).time(), with_time=True)
    return cell_text.moment(length, with_time=True)
