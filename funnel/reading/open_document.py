"""An OpenDocument spreadsheet (.ods) → a raw table for each sheet that holds one, every cell as text."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk, RawTable
from funnel.reading import cell_text, limits
from funnel.reading.compressed import broken_as, check_swollen, pieces, refused_packing
from funnel.reading.markup import Listener, listen
from funnel.reading.sheets import Row, RowOfCells, Sheet, read_sheets
from funnel.reading.work import ReadContext

CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TABLE, _TEXT = (f"{_NAMESPACE}{name}:1.0 " for name in ("office", "table", "text"))
_DRAWING = f"{_NAMESPACE}drawing:1.0 "
_STYLE = f"{_NAMESPACE}style:1.0 "
_ENCRYPTED = f"{_NAMESPACE}manifest:1.0 encryption-data"
_CALC_TYPE = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
_WHOLE = re.compile(r"\d{1,9}")
_BLANKS = re.compile(r"[ \t\r\n]+")
_DURATION = re.compile(r"PT(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})(?:\.(\d{1,6})\d*)?S)?")
_MOST_SPACES = 1000


def read_open_document(work: ReadContext, file: FileOnDisk) -> list[RawTable]:
    """The tables of the visible sheets, as those of an .xlsx; numbers, dates and times as the file writes them, exactly.

    ReadingError where no sheet holds a table, and where the file is locked, damaged, a bomb, or declares entities.
    """
    # What is opened here is closed here, also where a part of it is still being read.
    with broken_as("reading.broken_workbook", file), file.path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
        _check_parts(work, file, archive)
        outline = _Outline()
        for _ in _heard(work, file, archive, outline):
            """Until all of it is heard."""
        titles = outline.shown()
        reader = _Reader(file.name)

        def sheets() -> Iterator[Sheet]:
            heard = _heard(work, file, archive, reader)
            found = ((place, row) for _ in heard for place, row in reader.ended() if place in titles)
            for place, rows in groupby(found, lambda pair: pair[0]):
                yield Sheet(titles[place], (row for _, row in rows), reader.rounded[place])

        return read_sheets(work, file, "ods", sheets(), len(titles))


def _check_parts(work: ReadContext, file: FileOnDisk, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    refused = refused_packing(parts)
    if refused:
        raise ReadingError(refused, file=file.name)
    check_swollen(file, sum(part.file_size for part in parts), file.path.stat().st_size, limits.WORKBOOK)
    if _MANIFEST in archive.namelist():
        manifest = _Manifest()
        for _ in _heard(work, file, archive, manifest, _MANIFEST):
            """Until all of it is heard."""
        if manifest.encrypted:
            raise ReadingError("reading.locked", file=file.name)


def _heard(
    work: ReadContext, file: FileOnDisk, archive: zipfile.ZipFile, listener: Listener, part: str = CONTENT
) -> Iterator[None]:
    size = max(archive.getinfo(part).file_size, 1)
    with archive.open(part) as stream:
        for _ in listen(listener, pieces(stream), file.name):
            work.tell("reading.progress_load", file.name, min(stream.tell() / size, 1.0))
            yield


class _Manifest:
    """Whether the file is encrypted."""

    encrypted = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self.encrypted = self.encrypted or name == _ENCRYPTED

    def end(self, name: str) -> None:
        """Nothing to hear."""

    def text(self, text: str) -> None:
        """Nothing to hear."""


class _Outline:
    """The sheets: what they are called and whether they are shown."""

    def __init__(self) -> None:
        self._sheets: list[tuple[str, bool]] = []
        self._hidden: set[str] = set()
        self._style = ""
        self._depth = 0

    def shown(self) -> dict[int, str]:
        """{place: title} of the visible sheets, of all where none is."""
        visible = {place: title for place, (title, shown) in enumerate(self._sheets) if shown}
        return visible or {place: title for place, (title, _) in enumerate(self._sheets)}

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_STYLE}style":
            self._style = attributes.get(f"{_STYLE}name", "")
        elif name == f"{_STYLE}table-properties" and attributes.get(f"{_TABLE}display") == "false":
            self._hidden.add(self._style)
        elif name == f"{_TABLE}table":
            if not self._depth:
                shown = attributes.get(f"{_TABLE}style-name") not in self._hidden
                self._sheets.append((attributes.get(f"{_TABLE}name", ""), shown))
            self._depth += 1

    def end(self, name: str) -> None:
        self._depth -= name == f"{_TABLE}table"

    def text(self, text: str) -> None:
        """Nothing to hear."""


@dataclass(frozen=True)
class _Cell:
    """A cell that has begun: what its attributes say, and in how many columns it stands."""

    given: dict[str, str]
    times: int


class _Reader:
    """Rows of all sheets as they end, and the rounded numbers of each sheet by its place."""

    def __init__(self, file: str) -> None:
        self.rounded: defaultdict[int, cell_text.Rounded] = defaultdict(cell_text.Rounded)
        self._file = file
        self._ended: list[tuple[int, Row, int]] = []
        self._sheet, self._depth, self._row, self._rows, self._column = -1, 0, 0, 1, 0
        self._cells = RowOfCells(file)
        self._cell: _Cell | None = None
        self._parts: list[str] = []
        self._paragraphs, self._in_paragraph = 0, False
        self._beside = 0
        """Elements in one another that stand beside the table: comments, drawings."""

    def ended(self) -> Iterator[tuple[int, Row]]:
        """(place of the sheet, row) of each row with something in it that has ended since this was last asked."""
        ended, self._ended = self._ended, []
        for sheet, (row, cells), times in ended:
            for more in range(times):
                yield sheet, (row + more, list(cells))

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
            self._rows = self._whole(attributes, f"{_TABLE}number-rows-repeated")
        elif name in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            self._cell = _Cell(attributes, self._whole(attributes, f"{_TABLE}number-columns-repeated"))
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
            self._write(" " * min(self._whole(attributes, f"{_TEXT}c"), _MOST_SPACES))
        elif name == f"{_TEXT}tab":
            self._write("\t")
        elif name == f"{_TEXT}line-break":
            self._write("\n")

    def _write(self, text: str) -> None:
        self._cells.count(text, self._row)
        self._parts.append(text)

    def _end_cell(self, cell: _Cell) -> None:
        text = self._value(cell.given, "".join(self._parts))
        if text:
            for place in range(self._column, self._column + cell.times):
                self._cells.put(place, text)
        self._column += cell.times
        self._cell = None

    def _whole(self, given: dict[str, str], name: str) -> int:
        """A count of at least one that an attribute gives; 1 without it."""
        written = given.get(name, "1")
        if _WHOLE.fullmatch(written) is None or int(written) == 0:
            raise ReadingError("reading.broken_workbook", file=self._file)
        return int(written)

    def _value(self, given: dict[str, str], shown: str) -> str:
        """A cell as text, by the type that it is said to have."""
        kind = given.get(f"{_OFFICE}value-type")
        if kind in ("float", "percentage", "currency") and (written := given.get(f"{_OFFICE}value")):
            self.rounded[self._sheet].look_at_text(self._column, written)
            return cell_text.plain(written)
        if kind == "date" and (written := given.get(f"{_OFFICE}date-value")):
            return _moment(written)
        if kind == "time" and (written := given.get(f"{_OFFICE}time-value")):
            return _time(written)
        if kind == "boolean" and (written := given.get(f"{_OFFICE}boolean-value")):
            return written.upper()
        told = given.get(f"{_OFFICE}string-value") if given.get(_CALC_TYPE) != "error" else None
        return told or shown


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
    found = _DURATION.fullmatch(written)
    if found is None:
        return written
    hours, minutes, seconds, fraction = (each or "0" for each in found.groups())
    seconds = f"{seconds}.{fraction}"
    length = timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
    if length < timedelta(days=1):
        return cell_text.moment((datetime.min + length).time(), with_time=True)
    return cell_text.moment(length, with_time=True)
