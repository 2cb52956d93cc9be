"""Bytes on disk → raw tables of text, with what was assumed, and the lines that could not be used.

    kind        what a file is, by its first bytes
    compressed  gzip and zip, unpacked within bounds
    encoding    a text in utf-8, whatever it was written in; prescan: what lines it has
    dialect     delimiter, quoting, header; records: what a record is
    delimited, columnar, json_text, web_page: a table of each format
    workbook, old_workbook, binary_workbook, open_document, xml_workbook: sheets of each format; sheets: the tables in them
    store       rows and rejected lines on their way into the engine

Every line of a file ends in its raw table or in `rejects`: `rows_read` of a table is the sum of both, always.
Lines above the header and empty lines are no rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace

from funnel.core.disk import FULL
from funnel.core.engine import Engine
from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk, Note, RawTable
from funnel.reading import kinds, limits
from funnel.reading.columnar import read_parquet
from funnel.reading.compressed import from_gzip, from_zip
from funnel.reading.delimited import read_delimited
from funnel.reading.encoding import Text, as_utf8
from funnel.reading.header import RESERVED
from funnel.reading.json_text import looks_like_json, read_json
from funnel.reading.store import REJECT_COLUMNS, create_rejects, forget_rejects, last_reject, show_stored, stored_name
from funnel.reading.unchanged import unchanged
from funnel.reading.web_page import looks_like_web_page, read_web_page
from funnel.reading.work import Progress, ReadContext
from funnel.reading.xml_workbook import looks_like_xml_workbook, read_xml_workbook

__all__ = [
    "REJECT_COLUMNS",
    "RESERVED",
    "FileOnDisk",
    "Progress",
    "create_rejects",
    "read_files",
    "show_stored",
    "stored_name",
    "unchanged",
]

_NO_TABLE = frozenset(
    f"reading.{key}"
    for key in (
        "picture",
        "pdf",
        "document",
        "web_page",
        "other_xml",
        "not_text",
        "empty_file",
        "header_only",
        "one_column",
    )
)


def read_files(
    engine: Engine, files: Sequence[FileOnDisk], *, progress: Progress | None = None, after: Sequence[RawTable] = ()
) -> tuple[RawTable, ...]:
    """The tables found in the files, in order, kept in the engine as raw_0, raw_1, … next to `rejects`; they come `after` tables that
    are there already.

    The engine must have been given the files as readable. `progress(note, share)` hears now and then what is being
    done; an exception that it raises stops the reading. ReadingError, one sentence, at the first file that cannot
    be read, or where one was changed meanwhile.
    """
    create_rejects(engine)
    file, tables = files[0], list[RawTable]()
    try:
        with (
            unchanged(files),
            ReadContext(engine, progress, tables=len(after), rows=sum(table.rows_read for table in after)) as work,
        ):
            for file in files:
                work.begin(file)
                tables += _tables(work, file)
    except OSError as fault:
        if fault.errno in FULL:
            free = shutil.disk_usage(engine.folder).free // limits.MEGABYTE
            raise ReadingError("reading.disk_full", file=file.name, free=free) from fault
        if fault.errno is None:
            # No fault of the system: `progress` stops the reading so.
            raise
        raise ReadingError("reading.unreadable", file=file.name, reason=fault.strerror) from fault
    return tuple(tables)


def _tables(work: ReadContext, file: FileOnDisk, depth: int = 0) -> list[RawTable]:
    """The tables in one file, archives opened."""
    kind = kinds.kind(file)
    if kind in (kinds.GZIP, kinds.ZIP) and depth == limits.NESTED_ARCHIVES:
        raise ReadingError("reading.nested_archive", file=file.name)
    if kind == kinds.GZIP:
        return _tables(work, from_gzip(work, file), depth + 1)
    if kind == kinds.ZIP:
        return _tables_of_members(work, file, from_zip(work, file), depth + 1)
    if kind in kinds.OF_SHEETS:
        return _reader_of_sheets(kind)(work, file)
    if kind == kinds.PARQUET:
        return [read_parquet(work, file)]
    return _tables_of_text(work, as_utf8(work, file))


def _reader_of_sheets(kind: str) -> Callable[[ReadContext, FileOnDisk], list[RawTable]]:
    """What reads a workbook of a kind; loaded when one comes, since its library takes longer to load than most files to read."""
    if kind == kinds.WORKBOOK:
        from funnel.reading.workbook import read_workbook

        return read_workbook
    if kind == kinds.OLD_WORKBOOK:
        from funnel.reading.old_workbook import read_old_workbook

        return read_old_workbook
    if kind == kinds.BINARY_WORKBOOK:
        from funnel.reading.binary_workbook import read_binary_workbook

        return read_binary_workbook
    from funnel.reading.open_document import read_open_document

    return read_open_document


def _tables_of_text(work: ReadContext, text: Text) -> list[RawTable]:
    """The tables in a text, by how it begins."""
    with text.path.open("rb") as stream:
        start = stream.read(limits.SAMPLE).decode("utf-8-sig", "ignore").replace("\0", "").lstrip()
    if looks_like_json(start):
        return read_json(work, text)
    if looks_like_xml_workbook(start):
        return read_xml_workbook(work, text)
    if looks_like_web_page(start):
        return [read_web_page(work, text)]
    if start.startswith("<?xml"):
        raise ReadingError("reading.other_xml", file=text.name)
    return [read_delimited(work, text)]


def _tables_of_members(
    work: ReadContext, archive: FileOnDisk, members: Sequence[FileOnDisk], depth: int
) -> list[RawTable]:
    """The tables of an archive's files.

    A file that holds no table (a picture, a readme) is left out and noted. ReadingError where one is damaged, and where
    none holds a table.
    """
    tables: list[RawTable] = []
    left_out: list[ReadingError] = []
    for member in members:
        before = last_reject(work)
        try:
            tables += _tables(work, member, depth)
        except ReadingError as without:
            if without.key not in _NO_TABLE:
                raise
            left_out.append(without)
            forget_rejects(work, before)
    if not tables:
        raise left_out[0]
    if left_out:
        names = ", ".join(str(error.values["file"]) for error in left_out)
        note = Note("reading.note_members_left_out", {"file": archive.name, "names": names})
        tables[0] = replace(tables[0], notes=(*tables[0].notes, note))
    return tables
