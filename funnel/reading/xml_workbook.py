"""An XML spreadsheet of 2003 → a raw table for each sheet that holds one, every cell as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk, RawTable
from funnel.reading import cell_text, limits
from funnel.reading.compressed import pieces
from funnel.reading.encoding import Text
from funnel.reading.markup import Listener, listen
from funnel.reading.sheets import SheetListener, read_sheets
from funnel.reading.work import ReadContext

_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_EXCEL = "urn:schemas-microsoft-com:office:excel"
_ROOT = re.compile(
    r"(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>|\s)*+<(?:[\w.-]+:)?Workbook[\s>]", re.DOTALL
)
_DAYS_OF_NO_DAY = ("1899-12-30", "1899-12-31", "1904-01-01")


def looks_like_xml_workbook(start: str) -> bool:
    """Whether a text that begins so is an XML spreadsheet."""
    return _ROOT.match(start) is not None and _SPREADSHEET in start


def read_xml_workbook(work: ReadContext, text: Text) -> list[RawTable]:
    """The tables of the visible sheets, as those of an .xlsx.

    ReadingError where no sheet holds a table, and where the XML is damaged or declares entities.
    """
    outline = _Outline()
    for _ in _heard(work, text, outline):
        """Until all of it is heard."""
    visible = {index: sheet.title for index, sheet in enumerate(outline.sheets) if sheet.visible}
    titles = visible or {index: sheet.title for index, sheet in enumerate(outline.sheets)}
    reader = _Reader(text.name)
    sheets = reader.sheets(_heard(work, text, reader), titles)
    tables = read_sheets(work, FileOnDisk(text.path, text.name), "xml", sheets, len(titles))
    tables[0] = replace(tables[0], notes=(*text.notes, *tables[0].notes))
    return [replace(table, encoding=text.encoding) for table in tables]


def _heard(work: ReadContext, text: Text, listener: Listener) -> Iterator[None]:
    done, size = 0, max(text.prescan.size, 1)
    with text.path.open("rb") as stream:
        without_nuls = (piece.replace(b"\0", b"") for piece in pieces(stream))
        for _ in listen(listener, without_nuls, text.name, encoding="utf-8"):
            done = stream.tell()
            work.tell("reading.progress_load", text.name, min(done / size, 1.0))
            yield


@dataclass
class _Outlined:
    title: str
    visible: bool = True


class _Outline(Listener):
    """The sheets: what they are called and whether they are shown, which stands behind their rows."""

    def __init__(self) -> None:
        self.sheets: list[_Outlined] = []
        self._in_visible = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{_SPREADSHEET} Worksheet":
            self.sheets.append(_Outlined(attributes.get(f"{_SPREADSHEET} Name", "")))
        self._in_visible = name == f"{_EXCEL} Visible"

    def end(self, name: str) -> None:
        self._in_visible = False

    def text(self, text: str) -> None:
        if self._in_visible and self.sheets and text.strip() in ("SheetHidden", "SheetVeryHidden"):
            self.sheets[-1].visible = False


class _Reader(SheetListener):
    """Rows of all sheets as they end."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self._after = self._after_row = 0
        self._formats: dict[str, str] = {}
        self._style = self._kind = ""
        self._parts: list[str] | None = None
        self._in_comment = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if space != _SPREADSHEET:
            return
        local_attributes = {key.removeprefix(f"{_SPREADSHEET} "): value for key, value in attributes.items()}
        if local == "Style":
            self._style = local_attributes.get("ID", "")
        elif local == "NumberFormat":
            self._formats[self._style] = local_attributes.get("Format", "")
        elif local == "Worksheet":
            self._sheet, self._row = self._sheet + 1, 0
        elif local == "Row":
            self._begin_row(local_attributes)
        elif local == "Cell":
            self._begin_cell(local_attributes)
        elif local == "Comment":
            self._in_comment = True
        elif local == "Data" and not self._in_comment:
            self._kind, self._parts = local_attributes.get("Type", ""), []

    def text(self, text: str) -> None:
        if self._parts is not None:
            self._cells.count(text, self._row)
            self._parts.append(text)

    def end(self, name: str) -> None:
        space, _, local = name.rpartition(" ")
        if space != _SPREADSHEET:
            return
        if local == "Data" and self._parts is not None:
            self._cells.put(self._column, self._value("".join(self._parts)))
            self._parts = None
        elif local == "Comment":
            self._in_comment = False
        elif local == "Cell":
            self._column += 1 + self._after
        elif local == "Row":
            if cells := self._cells.taken():
                self._ended.append((self._sheet, (self._row, cells), 1))
            self._row += self._after_row

    def _begin_row(self, attributes: dict[str, str]) -> None:
        row = self.whole(attributes, "Index", self._row + 1)
        if not self._row < row <= limits.SHEET_ROWS:
            raise ReadingError("reading.broken_workbook", file=self._file)
        self._row, self._column, self._after_row = row, 0, self.whole(attributes, "Span", 0)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        column = self.whole(attributes, "Index", self._column + 1) - 1
        if column < self._column:
            raise ReadingError("reading.broken_workbook", file=self._file)
        self._column, self._after = column, self.whole(attributes, "MergeAcross", 0)
        self._style = attributes.get("StyleID", "")

    def _value(self, written: str) -> str:
        """A cell as text, by the type that it is said to have."""
        if self._kind == "Number":
            self.rounded[self._sheet].look_at_text(self._column, written)
            return cell_text.plain(written)
        if self._kind == "Boolean":
            return {"1": "TRUE", "0": "FALSE"}.get(written, written)
        return self._moment(written) if self._kind == "DateTime" else written

    def _moment(self, written: str) -> str:
        try:
            value = datetime.fromisoformat(written)
        except ValueError:
            return written
        if value.date().isoformat() in _DAYS_OF_NO_DAY and value.time() != time():
            return value.time().isoformat()
        return cell_text.moment(value, with_time=_with_time(self._formats.get(self._style, "")))


def _with_time(code: str) -> bool:
    """Whether a number format, of which some have names, shows a time."""
    if code.endswith(" Date"):
        return code == "General Date"
    return code.endswith(" Time") or cell_text.shows_time(code)
