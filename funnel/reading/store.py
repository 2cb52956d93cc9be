"""Rows of text on their way into the engine, and the table they become."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from funnel.core.engine import Engine
from funnel.core.errors import ReadingError
from funnel.core.sql import Query, identifier
from funnel.core.types import Note, RawTable
from funnel.reading import limits
from funnel.reading.header import RESERVED, Header
from funnel.reading.work import ReadContext, check_filled, stored_bytes
from funnel.words import wording

REJECTS_AT_ONCE = 2000
NUL = "\0"
REJECT_COLUMNS = ("source_file", "source_line", "column_name", "value", "reason", "whole_line")


def create_rejects(engine: Engine) -> None:
    """The table `rejects`, empty, where there is none yet. `column_name` is NULL where the whole line is meant."""
    engine.run(
        Query(
            "CREATE TABLE IF NOT EXISTS rejects (source_file VARCHAR, source_line BIGINT, column_name VARCHAR,"
            " value VARCHAR, reason VARCHAR, whole_line BOOLEAN)"
        )
    )


def last_reject(work: ReadContext) -> int:
    """Where the rejected lines end."""
    (last,) = work.engine.row(Query("SELECT coalesce(max(rejects.rowid), -1) AS last_row FROM rejects"))
    return int(last)


def forget_rejects(work: ReadContext, last: int) -> None:
    """Take out the rejected lines behind this place: those of a file that is left out."""
    work.engine.run(Query("DELETE FROM rejects WHERE rowid > ?", (last,)))


class Rejects:
    """Lines of one file that could not be used, kept with their reason; `count` of them so far."""

    def __init__(self, work: ReadContext, file: str) -> None:
        self._work, self._file = work, file
        self._lines: list[tuple[int, str, str]] = []
        self._characters = 0
        self.count = 0

    def add(self, line: int, text: str, reason: str, **values: int) -> None:
        """Keep a line with the reason that `reason` names in data/words."""
        self._lines.append((line, text.replace(NUL, "␀"), wording.say(reason, **values)))
        self._characters += len(text)
        self.count += 1
        self._work.took(self._file)
        if len(self._lines) == REJECTS_AT_ONCE or self._characters > limits.BATCH_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        """Put what was kept into the engine."""
        if not self._lines:
            return
        lines, texts, reasons = (list(column) for column in zip(*self._lines, strict=True))
        self._work.engine.run(
            Query(
                "INSERT INTO rejects SELECT ? AS source_file, kept.source_line AS source_line, NULL AS column_name,"
                " kept.value AS value, kept.reason AS reason, true AS whole_line FROM (SELECT"
                " unnest(?::BIGINT[]) AS source_line, unnest(?::VARCHAR[]) AS value, unnest(?::VARCHAR[]) AS reason"
                ") AS kept",
                (self._file, lines, texts, reasons),
            )
        )
        self._lines, self._characters = [], 0


class Rows:
    """Rows of cells with the line each begins on, gathered in Parquet files of the work folder; `count` of them so far.

    Later rows may have more cells than earlier ones; what is missing is NULL. A NUL, which no text has, is dropped from its cell;
    `nuls` is how many cells had one.
    """

    def __init__(self, work: ReadContext, file: str) -> None:
        self._work, self._file = work, file
        self._batch: list[Sequence[str | None]] = []
        self._lines: list[int] = []
        self._characters = self._passed = self._widest = self._stored = 0
        self._files: list[Path] = []
        self.width = 0
        self.count = 0
        self.nuls = 0

    def add(self, line: int, cells: Sequence[str | None], characters: int = 0) -> None:
        """Keep a row. `characters` is about how long it is, to bound what is held in memory."""
        self._batch.append(cells)
        self._lines.append(line)
        self._characters += characters
        self._widest = max(self._widest, len(cells))
        self.count += 1
        self._work.took(self._file)
        full = len(self._batch) == limits.BATCH_ROWS or self._characters > limits.BATCH_CHARACTERS
        if full or len(self._batch) * self._widest > limits.BATCH_CELLS:
            self._flush()

    def into_table(self, table: str, width: int) -> None:
        """Make the table: columns c0, c1, … as text, empty cells NULL, and `source_line`."""
        self.width = max(self.width, width)
        self._flush()
        cells = ", ".join(f"nullif(rows.c{column}, '') AS c{column}" for column in range(width))
        self._work.engine.run(
            Query(
                f"CREATE TABLE {identifier(table)} AS SELECT {cells}, rows.source_line AS source_line"
                " FROM read_parquet(?, union_by_name = true) AS rows",
                ([str(path) for path in self._files],),
            )
        )
        for path in self._files:
            path.unlink()

    def table(self, header: Header, form: str) -> RawTable:
        """The raw table of all rows, in this format, and with these columns as far as `publish` keeps them."""
        table = self._work.fresh_table()
        self.into_table(stored_name(table), len(header.names))
        names, notes = publish(self._work, table, self._file, header, "stored.source_line")
        return RawTable(
            table=table,
            name=self._file,
            format=form,
            columns=names,
            rows_read=self.count,
            rows_rejected=0,
            header_line=None,
            notes=(*notes, *self.notes()),
        )

    def notes(self) -> tuple[Note, ...]:
        """What was changed in the cells, once the table is made."""
        return (Note("reading.note_nuls", {"file": self._file, "cells": self.nuls}),) if self.nuls else ()

    def _flush(self) -> None:
        self._passed += self._characters
        width = max(self.width, self._widest)
        check_filled(self._file, self.count, width, self._passed)
        stored = stored_bytes(self.count, width, self._passed)
        self._work.store(stored - self._stored)
        self._stored = stored
        columns = list(zip_longest(*self._batch))
        self.width = max(self.width, len(columns))
        empty: tuple[None, ...] = (None,) * len(self._batch)
        columns += [empty] * (self.width - len(columns))
        path = self._work.fresh_file()
        self.nuls += _write(path, columns, self._lines)
        self._files.append(path)
        self._batch, self._lines, self._characters = [], [], 0


def _write(path: Path, columns: Sequence[Sequence[str | None]], lines: Sequence[int]) -> int:
    """How many cells had a NUL, once the columns c0, c1, … without any, and `source_line`, are in a Parquet file."""
    # Most files are read without it, and are smaller than it.
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    arrays, nuls = {}, 0
    for index, column in enumerate(columns):
        cells = pa.array(column, pa.string())
        count = pc.sum(pc.match_substring(cells, NUL)).as_py() or 0
        arrays[f"c{index}"] = pc.replace_substring(cells, NUL, "") if count else cells
        nuls += count
    arrays["source_line"] = pa.array(lines, pa.int64())
    pq.write_table(pa.table(arrays), path, compression="lz4", use_dictionary=False, write_statistics=False)
    return nuls


def publish(
    work: ReadContext, table: str, file: str, header: Header, source_line: str
) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """Make the view `table` over what is stored of it; the names of its columns and notes.

    A column without a name and without a value is dropped, and noted. `source_line` is SQL over `stored`.
    ReadingError, with the table dropped, where fewer than two columns are left.
    """
    try:
        columns, notes = kept_columns(header, _wholly_blank(work, stored_name(table), header.blank), file)
    except ReadingError:
        drop(work, table)
        raise
    show_stored(work.engine, table, columns, source_line)
    return tuple(columns.values()), notes


def kept_columns(header: Header, blank: Collection[int], file: str) -> tuple[dict[int, str], tuple[Note, ...]]:
    """The name of each column that is kept, by its place, and notes; `blank` are the columns without a name and without a value.

    ReadingError where fewer than two columns are left.
    """
    columns = {index: name for index, name in enumerate(header.names) if index not in blank}
    if len(columns) < 2:
        raise ReadingError("reading.one_column", file=file)
    notes = list(header.notes)
    given_names = [header.names[index] for index in header.blank if index not in blank]
    if given_names:
        notes.append(Note("reading.note_blank_headers", {"file": file, "names": ", ".join(given_names)}))
    if blank:
        notes.append(Note("reading.note_blank_columns", {"file": file, "columns": len(blank)}))
    return columns, tuple(notes)


def show_stored(engine: Engine, table: str, columns: Mapping[int, str], source_line: str) -> None:
    """Make the view `table` over its stored cells: a column for each place that has a name, and the line, which is SQL over `stored`."""
    cells = ", ".join(f"stored.c{index} AS {identifier(name)}" for index, name in columns.items())
    text = f"SELECT {cells}, {source_line} AS source_line FROM {identifier(stored_name(table))} AS stored"
    engine.view(table, Query(text))


def show_file(
    engine: Engine, table: str, columns: Mapping[int, str], lines: Query, rows: int, line_of_place: str
) -> None:
    """Make the views `table` and `table`_rows over what so many rows of a text are read by, as c0, c1, … in the order of their lines: the
    second without the line, since of rows that are numbered as they are read one thread alone reads all."""
    unnumbered = f"{table}_rows"
    cells = ", ".join(f"given.c{index} AS {identifier(name)}" for index, name in columns.items())
    engine.view(unnumbered, Query(f"SELECT {cells} FROM {lines.text} AS given", lines.values))
    cells = ", ".join(f"numbered.{identifier(name)}" for name in columns.values())
    line = line_of_place.format(place=f"numbered.{RESERVED}")
    # The engine takes every text for 42 rows (DuckDB 2.0), and a join would hash all of it; rows that there never are tell it how many.
    none = ", ".join("NULL" for _ in (*columns, RESERVED))
    nothing = f"SELECT {none} FROM range(5) AS never(n), range({rows}) AS told(n) WHERE never.n < 0"
    # No column of a file has the reserved name.
    text = (
        f"SELECT {cells}, {line} AS {RESERVED} FROM (SELECT given.*, row_number() OVER () - 1 AS {RESERVED}"
        f" FROM {identifier(unnumbered)} AS given) AS numbered UNION ALL {nothing}"
    )
    engine.view(table, Query(text))


def stored_name(table: str) -> str:
    """Where the cells of a raw table lie."""
    return f"{table}_cells"


def drop(work: ReadContext, table: str) -> None:
    """Remove what was stored of a table that is not to be."""
    work.engine.run(Query(f"DROP TABLE IF EXISTS {identifier(stored_name(table))}"))


def _wholly_blank(work: ReadContext, stored: str, columns: Sequence[int]) -> set[int]:
    """Those of the stored columns that hold nothing in any row."""
    if not columns:
        return set()
    counts = ", ".join(f"count(stored.c{column}) AS c{column}" for column in columns)
    counted = work.engine.row(Query(f"SELECT {counts} FROM {identifier(stored)} AS stored"))
    return {column for column, count in zip(columns, counted, strict=True) if count == 0}
