"""A delimited text through the engine's own strict reader: stored as a table, or counted, and then read from the file itself.

What this reader refuses it leaves out, and tells of where it is asked to. Behind a stray quote it leaves out all that follows where it is
not asked to (DuckDB 2.0). So a view of the file passes over refused lines only where that was seen to leave as many rows; where no line
was refused, it fails at the first one that it would refuse.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from funnel.core.sql import Query, identifier
from funnel.reading import limits, store
from funnel.reading.dialect import Dialect
from funnel.reading.work import ReadContext

REJECTED, SCANNED = "engine_rejects", "engine_scans"
_FAIL = ""
_PASS_OVER = ", ignore_errors = true"
_TELL = (
    f"{_PASS_OVER}, store_rejects = true, rejects_limit = {limits.GAPS * 5},"
    f" rejects_table = '{REJECTED}', rejects_scan = '{SCANNED}'"
)


@dataclass(frozen=True)
class Scanned:
    """How many rows there are, where each refused line begins ({line: byte}, cut off at a thousand), and which of the columns that were
    asked for hold nothing in any row."""

    rows: int
    refused: Mapping[int, int]
    blank: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Scan:
    """A text, at a path as the engine takes it, and how it is written. What the engine refuses as a whole is QueryFailed."""

    work: ReadContext
    path: Path
    assumed: Dialect

    def may_stay(self, rows: int) -> bool:
        """Whether so many rows are read from the file itself whenever they are asked for: of a small file that costs more than to store
        them, and a file that is none on a disk may not say the same again."""
        status = self.path.stat()
        large = status.st_size >= limits.IN_PLACE_BYTES and rows >= limits.IN_PLACE_ROWS
        return large and stat.S_ISREG(status.st_mode)

    def stored(self, table: str) -> Scanned:
        """What there is, its cells stored; no column was asked for."""
        cells, lines = identifier(store.stored_name(table)), self._lines(_TELL)
        (rows,), refused = self._scanned(
            Query(f"CREATE TABLE {cells} AS SELECT given.* FROM {lines.text} AS given", lines.values)
        )
        return Scanned(rows, refused)

    def counted(self, columns: Sequence[int]) -> Scanned:
        """What there is, with nothing stored; the columns at these indices are asked for."""
        lines = self._lines(_TELL)
        counts = "".join(f", count(given.c{column}) AS c{column}" for column in columns)
        (rows, *filled), refused = self._scanned(
            Query(f"SELECT count(*) AS n{counts} FROM {lines.text} AS given", lines.values)
        )
        blank = frozenset(column for column, count in zip(columns, filled, strict=True) if not count)
        return Scanned(rows, refused, blank)

    def passes_over(self, counted: Scanned) -> bool:
        """Whether a view of the file has the rows that were counted."""
        if not counted.refused:
            return True
        lines = self._lines(_PASS_OVER)
        (rows,) = self.work.engine.row(Query(f"SELECT count(*) AS n FROM {lines.text} AS given", lines.values))
        return bool(rows == counted.rows)

    def show(self, table: str, file: str, columns: Mapping[int, str], counted: Scanned, line_of_place: str) -> None:
        """Make the views of the file, which stays as long as the engine does; changed, it is read no more. `file` is what it is called."""
        path = self.work.keep(self.path, table)
        self.work.engine.guard(path, "reading.changed_since", file=file)
        lines = Scan(self.work, path, self.assumed)._lines(_PASS_OVER if counted.refused else _FAIL)
        store.show_file(self.work.engine, table, columns, lines, counted.rows, line_of_place)

    def _lines(self, of_refused: str) -> Query:
        """The rows as text c0, c1, …; what becomes of refused lines is one of the above.

        The line end is left to the engine to see: told "\\r\\n" in strict mode, it finds no row (DuckDB 2.0).
        """
        columns = ", ".join(f"'c{column}': 'VARCHAR'" for column in range(self.assumed.width))
        marks = self.assumed.marks
        return Query(
            f"read_csv(?, auto_detect = false, columns = {{{columns}}}, header = false, skip = ?, delim = ?, quote = ?,"
            " escape = ?, nullstr = '', comment = '', compression = 'none', null_padding = true, strict_mode = true,"
            f" max_line_size = ?{of_refused})",
            (
                str(self.path),
                self.assumed.first_line - 1,
                marks.delimiter,
                marks.quote,
                marks.escape,
                2 * limits.ENGINE_LINE,
            ),
        )

    def _scanned(self, query: Query) -> tuple[tuple[Any, ...], dict[int, int]]:
        """The only row of a query that scans under _TELL, or of a statement that stores what it scans, and the refused lines."""
        engine = self.work.engine
        try:
            row = engine.row(query)
            refused = engine.rows(
                Query(f"SELECT refused.line AS line, refused.line_byte_position AS byte FROM {REJECTED} AS refused")
            )
        finally:
            for name in (REJECTED, SCANNED):
                engine.run(Query(f"DROP TABLE IF EXISTS {name}"))
        return row, {line: byte - 1 for line, byte in refused}
