"""What a file is, by its first bytes; its name is not asked."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk
from funnel.reading import limits
from funnel.reading.compressed import BROKEN, refused_packing

GZIP, ZIP, PARQUET, TEXT = "gzip", "zip", "parquet", "text"
WORKBOOK, OLD_WORKBOOK, BINARY_WORKBOOK, OPEN_DOCUMENT = "xlsx", "xls", "xlsb", "ods"
OF_SHEETS = (WORKBOOK, OLD_WORKBOOK, BINARY_WORKBOOK, OPEN_DOCUMENT)

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
_REFUSED = (
    (b"\x89PNG", "reading.picture"),
    (b"\xff\xd8\xff", "reading.picture"),
    (b"GIF8", "reading.picture"),
    (b"BM", "reading.picture"),
    (b"II*\0", "reading.picture"),
    (b"MM\0*", "reading.picture"),
    (b"%PDF", "reading.pdf"),
    (b"7z\xbc\xaf\x27\x1c", "reading.other_archive"),
    (b"Rar!", "reading.other_archive"),
    (b"BZh", "reading.other_archive"),
    (b"\xfd7zXZ", "reading.other_archive"),
    (b"\x28\xb5\x2f\xfd", "reading.other_archive"),
    (b"SQLite format 3", "reading.not_text"),
    (b"\x7fELF", "reading.not_text"),
    (b"{\\rtf", "reading.document"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE_WORKBOOKS = (
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
)
"""An .xls from before 1995 stands in no container, and scripts go on writing such ones."""
_IN_NO_TEXT = frozenset((*range(1, 9), *range(14, 27)))
_TAPE, _TAPE_AT = b"ustar", 257
_TABLES_OF_OTHERS = {
    "Index/Document.iwa": "reading.other_workbook",
    "word/document.xml": "reading.document",
    "ppt/presentation.xml": "reading.document",
}


def kind(file: FileOnDisk) -> str:
    """One of the kinds above. ReadingError, in a sentence that says what to do, where it is no table or archive."""
    head = _head(file.path)
    if not head:
        raise ReadingError("reading.empty_file", file=file.name)
    if head.startswith(b"\x1f\x8b"):
        return GZIP
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(file)
    if head.startswith(b"PAR1"):
        return PARQUET
    if head.startswith(_OLE) and _holds(file.path, _ENCRYPTED):
        raise ReadingError("reading.locked", file=file.name)
    if head.startswith((_OLE, *_BARE_WORKBOOKS)):
        return OLD_WORKBOOK
    refused = next((key for mark, key in _REFUSED if head.startswith(mark) and _binary(head, mark)), None)
    if refused is None and head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        refused = "reading.picture"
    if refused is None and head.startswith(_TAPE, _TAPE_AT):
        refused = "reading.other_archive"
    if refused:
        raise ReadingError(refused, file=file.name)
    return TEXT


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(4096)


def _holds(path: Path, mark: bytes) -> bool:
    """Whether the bytes stand anywhere in the file, which is never in memory as a whole."""
    before = b""
    with path.open("rb") as stream:
        while chunk := stream.read(limits.CHUNK):
            if mark in before + chunk:
                return True
            before = chunk[-len(mark) :]
    return False


def _binary(head: bytes, mark: bytes) -> bool:
    """Whether a mark of plain letters is followed by what no text holds (a NUL may stray into one): a header may begin with "BM" too."""
    return not mark.isalnum() or not _IN_NO_TEXT.isdisjoint(head)


def _kind_of_zip(file: FileOnDisk) -> str:
    try:
        with _Bounded(io.FileIO(file.path)) as stream, zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
            media_type = _media_type(archive)
    except _TooMuch as much:
        megabytes = limits.DIRECTORY // limits.MEGABYTE
        raise ReadingError(
            "reading.large_directory", file=file.name, megabytes=megabytes, limit=limits.MEMBERS
        ) from much
    except (*BROKEN, OSError) as broken:
        raise ReadingError("reading.broken_archive", file=file.name) from broken
    if "xl/workbook.xml" in names:
        return WORKBOOK
    if "xl/workbook.bin" in names:
        return BINARY_WORKBOOK
    if media_type.startswith(_SPREADSHEET) and "content.xml" in names:
        return OPEN_DOCUMENT
    if media_type.startswith(b"application/"):
        raise ReadingError("reading.document", file=file.name)
    refused = next((key for name, key in _TABLES_OF_OTHERS.items() if name in names), None)
    if refused:
        raise ReadingError(refused, file=file.name)
    return ZIP


def _media_type(archive: zipfile.ZipFile) -> bytes:
    """What kind of document a zip says it is."""
    if "mimetype" not in archive.NameToInfo or refused_packing([archive.getinfo("mimetype")]):
        return b""
    with archive.open("mimetype") as stream:
        return stream.read(len(_SPREADSHEET))


class _TooMuch(Exception):
    """More was to be read at once than the list of files in a zip may be long."""


class _Bounded(io.BufferedReader):
    """A file of which never more than the longest list of files is read at once."""

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(limits.DIRECTORY + 1 if size is None or size < 0 else min(size, limits.DIRECTORY + 1))
        if len(content) > limits.DIRECTORY:
            raise _TooMuch
        return content
