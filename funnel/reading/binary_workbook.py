"""A binary workbook (.xlsb) → a raw table for each sheet that holds one, every cell as text.

It is a zip of parts that are records in place of XML; [MS-XLSB] says which. Of them only sheets, shared texts and number formats matter.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk, RawTable
from funnel.reading import cell_text, limits, number_formats
from funnel.reading.binary_records import numbers_at, records, text_at
from funnel.reading.compressed import opened_workbook, pieces
from funnel.reading.markup import Listener, listen
from funnel.reading.sheets import Row, RowOfCells, Sheet, read_sheets
from funnel.reading.work import ReadContext

WORKBOOK = "xl/workbook.bin"
_RELATIONS = "xl/_rels/workbook.bin.rels"
_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships Relationship"

_PROPERTIES, _SHEET, _SHARED_TEXT, _NUMBER_FORMAT = 153, 156, 19, 44
_CELL_FORMAT, _CELL_FORMATS_BEGIN, _CELL_FORMATS_END = 47, 617, 618
_ROW, _ROWS_END = 0, 146
_RK, _ERROR, _TRUTH, _REAL, _TEXT, _SHARED, _RICH = 2, 3, 4, 5, 6, 7, 62
_OF_FORMULA = {8: _TEXT, 9: _REAL, 10: _TRUTH, 11: _ERROR}
_CELLS = frozenset((_RK, _ERROR, _TRUTH, _REAL, _TEXT, _SHARED, _RICH, *_OF_FORMULA))
_BYTE, _HALF, _HALVES, _WORD, _WORDS = (struct.Struct(form) for form in ("<B", "<H", "<HH", "<I", "<II"))
_DOUBLE = struct.Struct("<d")
_VALUE = 8
"""Where a cell's value begins, behind its column and its format."""


def read_binary_workbook(work: ReadContext, file: FileOnDisk) -> list[RawTable]:
    """The tables of the visible sheets, as those of an .xlsx; of a number no more is known than the 15 to 17 digits that are kept.

    ReadingError where no sheet holds a table, and where the file is locked, damaged, or a bomb.
    """
    with opened_workbook(file) as archive:
        book = _Book(work, file, archive)
        book.learn()
        return read_sheets(work, file, "xlsb", (book.sheet(*each) for each in book.visible), len(book.visible))


@dataclass(frozen=True)
class _Part:
    """A part that the workbook refers to: what it is ("worksheet"), and its path in the zip."""

    kind: str
    path: str


class _Relations(Listener):
    """The parts that the workbook refers to, by the names that it has for them."""

    def __init__(self) -> None:
        self.parts: dict[str, _Part] = {}

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if name == _RELATION:
            path = str(PurePosixPath("/xl") / attributes.get("Target", "")).removeprefix("/")
            self.parts[attributes.get("Id", "")] = _Part(attributes.get("Type", "").rpartition("/")[2], path)


@dataclass
class _Book:
    """A workbook: `visible` are its visible sheets, (title, path), once it has learnt what they need."""

    work: ReadContext
    file: FileOnDisk
    archive: zipfile.ZipFile
    visible: list[tuple[str, str]] = field(default_factory=list)
    _mac: bool = False
    _texts: list[str] = field(default_factory=list)
    _formats: list[number_formats.Shown] = field(default_factory=list)

    def learn(self) -> None:
        """Take in the names of the sheets, the shared texts and the number formats."""
        relations = _Relations()
        for _ in listen(relations, self._pieces(_RELATIONS), self.file.name):
            """Until all of it is heard."""
        self._learn_sheets(relations.parts)
        for part in relations.parts.values():
            if part.kind == "sharedStrings":
                self._learn_texts(part.path)
            elif part.kind == "styles":
                self._learn_formats(part.path)

    def sheet(self, title: str, path: str) -> Sheet:
        """A sheet that can be gone through."""
        rounded = cell_text.Rounded()
        return Sheet(title, self._rows(path, rounded), rounded)

    def _pieces(self, path: str) -> Iterator[bytes]:
        if path not in self.archive.NameToInfo:
            raise ValueError("a part is missing")
        with self.archive.open(path) as stream:
            for piece in pieces(stream):
                self.work.tell("reading.progress_load", self.file.name)
                yield piece

    def _learn_sheets(self, parts: dict[str, _Part]) -> None:
        sheets: list[tuple[bool, str, str]] = []
        for kind, content in records(self._pieces(WORKBOOK)):
            if kind == _PROPERTIES:
                self._mac = bool(numbers_at(_WORD, content, 0)[0] & 1)
            elif kind == _SHEET:
                hidden, _ = numbers_at(_WORDS, content, 0)
                name, end = text_at(content, 8)
                title, _ = text_at(content, end)
                part = parts.get(name)
                if part is not None and part.kind == "worksheet":
                    sheets.append((not hidden, title, part.path))
        self.visible = [(title, path) for visible, title, path in sheets if visible] or [each[1:] for each in sheets]

    def _learn_texts(self, path: str) -> None:
        for kind, content in records(self._pieces(path)):
            if kind == _SHARED_TEXT:
                self._texts.append(text_at(content, 1)[0])
                if len(self._texts) > limits.WORKBOOK_TEXTS:
                    raise ReadingError("reading.large_workbook", file=self.file.name)

    def _learn_formats(self, path: str) -> None:
        codes: dict[int, str] = {}
        inside = False
        for kind, content in records(self._pieces(path)):
            if kind == _NUMBER_FORMAT:
                codes[numbers_at(_HALF, content, 0)[0]] = text_at(content, 2)[0]
            elif kind in (_CELL_FORMATS_BEGIN, _CELL_FORMATS_END):
                inside = kind == _CELL_FORMATS_BEGIN
            elif kind == _CELL_FORMAT and inside:
                _, number = numbers_at(_HALVES, content, 0)
                self._formats.append(number_formats.shown(codes.get(number), number))

    def _rows(self, path: str, rounded: cell_text.Rounded) -> Iterator[Row]:
        """Every row that holds something."""
        row, cells = 0, RowOfCells(self.file.name)
        for kind, content in records(self._pieces(path)):
            if kind in _CELLS:
                column, style = numbers_at(_WORDS, content, 0)
                text = self._text(_OF_FORMULA.get(kind, kind), content, style & 0xFFFFFF, column, rounded)
                cells.count(text, row)
                cells.put(column, text)
            elif kind in (_ROW, _ROWS_END):
                if taken := cells.taken():
                    yield row, taken
                if kind == _ROWS_END:
                    return
                before, row = row, numbers_at(_WORD, content, 0)[0] + 1
                if not before < row <= limits.SHEET_ROWS:
                    raise ValueError("rows are out of order")

    def _text(self, kind: int, content: bytes, style: int, column: int, rounded: cell_text.Rounded) -> str:
        """The value of a cell as text."""
        if kind == _SHARED:
            index: int = numbers_at(_WORD, content, _VALUE)[0]
            if index >= len(self._texts):
                raise ValueError("a shared text is missing")
            return self._texts[index]
        if kind in (_TEXT, _RICH):
            return text_at(content, _VALUE + (kind == _RICH))[0]
        if kind in (_TRUTH, _ERROR):
            (code,) = numbers_at(_BYTE, content, _VALUE)
            return cell_text.error(code) if kind == _ERROR else "TRUE" if code else "FALSE"
        value = _short_number(content) if kind == _RK else numbers_at(_DOUBLE, content, _VALUE)[0]
        number_format = self._formats[style] if style < len(self._formats) else number_formats.Shown.NUMBER
        if number_format is number_formats.Shown.NUMBER:
            rounded.look(column, value)
        return number_formats.serial(value, number_format, mac=self._mac)


def _short_number(content: bytes) -> float:
    """The number in four bytes: a whole one, or the upper half of a double, perhaps in hundredths."""
    (packed,) = numbers_at(_WORD, content, _VALUE)
    if packed & 2:
        whole = packed >> 2
        value: float = whole - (1 << 30) if whole >> 29 else whole
    else:
        (value,) = _DOUBLE.unpack(b"\0\0\0\0" + _WORD.pack(packed & ~3))
    return value / 100 if packed & 1 else value
