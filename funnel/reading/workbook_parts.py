"""The parts of an .xlsx workbook, looked through before a library builds anything of them in memory.

A workbook is a zip of XML. Each part is passed over once, a piece at a time: what is told of sizes is not believed. No part may declare
a document type (and with it entities that swell or reach out), and what would have to be held in memory at once is bounded: all tags of
a part, or between two rows of a sheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree

from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import ARC_STYLE, SHARED_STRINGS, SHEET_MAIN_NS, WORKSHEET_TYPE

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk
from funnel.reading import limits
from funnel.reading.compressed import opened_workbook, pieces
from funnel.reading.work import ReadContext

_TYPES = "[Content_Types].xml"
_ROW = re.compile(rb"<(?:[\w.-]+:)?row[\s/>]")
_TEXT_TAG = f"{{{SHEET_MAIN_NS}}}si"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def check_parts(work: ReadContext, file: FileOnDisk) -> None:
    """ReadingError where the workbook is damaged, locked, a bomb, or larger in memory than a workbook may be."""
    with opened_workbook(file) as archive:
        types: dict[str, set[str]] = {}
        for part in sorted(archive.infolist(), key=lambda part: part.filename != _TYPES):
            with archive.open(part) as stream:
                _check_part(work, file, pieces(stream), _bounds(part.filename, types.get(part.filename, set())))
            if part.filename == _TYPES:
                types = _declared(archive.read(part))


@dataclass(frozen=True)
class _Bounds:
    """How many tags a part may have, and whether only those between two rows count."""

    tags: int
    in_rows: bool = False


def _bounds(name: str, types: set[str]) -> _Bounds:
    """Only what is by name and type nothing else than a sheet or the shared texts may be as long as those are."""
    named = name.endswith(".xml") and name not in (_TYPES, ARC_STYLE)
    if named and types == {WORKSHEET_TYPE}:
        return _Bounds(limits.WORKBOOK_TAGS, in_rows=True)
    if named and types == {SHARED_STRINGS}:
        return _Bounds(limits.WORKBOOK_TEXT_TAGS)
    return _Bounds(limits.WORKBOOK_TAGS)


def _declared(content: bytes) -> dict[str, set[str]]:
    """The types that the workbook declares of each part."""
    types: dict[str, set[str]] = {}
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as broken:
        raise ValueError("no XML") from broken
    for each in root:
        types.setdefault(each.get("PartName", "").removeprefix("/"), set()).add(each.get("ContentType", ""))
    return types


def _check_part(work: ReadContext, file: FileOnDisk, unpacked: Iterator[bytes], bounds: _Bounds) -> None:
    tags = rows = 0
    first, rest = True, b""
    for piece in unpacked:
        work.tell("reading.progress_load", file.name)
        rest += piece
        if first:
            rest = rest.removeprefix(_BYTE_ORDER_MARK).lstrip()
            if rest and not rest.startswith(b"<"):
                _check_no_other_xml(file, rest)
                return
            first = not rest
        # What follows the last sign that opens a tag may go on in the next piece.
        whole, sign, begun = rest.rpartition(b"<")
        rest = sign + begun
        if b"<!DOCTYPE" in whole or begun.startswith(b"!DOCTYPE") or b"\0" in whole:
            raise ReadingError("reading.broken_workbook", file=file.name)
        starts = [match.start() for match in _ROW.finditer(whole)] if bounds.in_rows else []
        rows += len(starts)
        before = whole.count(b"<", 0, starts[0]) if starts else whole.count(b"<")
        most = max([tags + before, *(whole.count(b"<", here, there) for here, there in pairwise(starts))])
        tags = whole.count(b"<", starts[-1]) if starts else tags + before
        if most > bounds.tags or rows > limits.SHEET_ROWS or len(rest) > limits.LINE:
            raise ReadingError("reading.large_workbook", file=file.name)


def _check_no_other_xml(file: FileOnDisk, beginning: bytes) -> None:
    """A part that begins with no tag is a picture, or XML in two-byte units, which no program writes."""
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff", b"\0<")):
        raise ReadingError("reading.broken_workbook", file=file.name)


class Reader(ExcelReader):  # type: ignore[misc]
    """The library's reader without what no table needs: pictures, charts, themes and properties; shared texts are held once."""

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as stream:
            events = ElementTree.iterparse(stream, events=("start", "end"))
            _, root = next(events)
            for event, element in events:
                if event == "end" and element.tag == _TEXT_TAG:
                    self.shared_strings.append(Text.from_tree(element).content.replace("x005F_", ""))
                    root.clear()

    def read_chartsheet(self, sheet: object, rel: object) -> None:
        """Nothing of it."""

    def read_theme(self) -> None:
        """Nothing of it."""

    def read_properties(self) -> None:
        """Nothing of it."""

    def read_custom(self) -> None:
        """Nothing of it."""
