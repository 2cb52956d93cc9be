"""What was read: tables, lines, labels, columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from funnel.core.types.kinds import Note


@dataclass(frozen=True)
class RawTable:
    """One table found in the files, kept as text in the engine under `table`.

    Its columns are `columns` (the file's headers made distinct, in order) and `source_line` (the line of the file that
    the row begins on, from 1; the sheet's row in a workbook). Empty cells are NULL. rows_read = rows of the table + rows_rejected.
    `format` is "csv", "jsonl", "parquet" or "html", of a workbook "xlsx", "xls", "xlsb", "ods" or "xml"; `encoding` and `delimiter`
    are None where the format has none.

    Where the file itself is the table, read anew whenever it is asked, `line_of_place` is SQL for `source_line` over `{place}`, the place
    of a row among all, from 0; `unnumbered` then has the same rows in the same order, without `source_line`, and is read by all threads.
    It is None where the cells are stored.
    """

    table: str
    name: str
    format: str
    columns: tuple[str, ...]
    rows_read: int
    rows_rejected: int
    encoding: str | None = None
    delimiter: str | None = None
    header_line: int | None = 1
    notes: tuple[Note, ...] = ()
    line_of_place: str | None = field(default=None, compare=False)

    @property
    def unnumbered(self) -> str:
        """The name of the view without `source_line`, where the file itself is the table."""
        return f"{self.table}_rows"


@dataclass(frozen=True)
class FileOnDisk:
    """A file to read: where it lies, and its name as the user knows it."""

    path: Path
    name: str


@dataclass(frozen=True)
class FileCount:
    """Where the lines of one file went: read = used + rejected + ignored, always."""

    name: str
    encoding: str | None
    delimiter: str | None
    rows_read: int
    rows_used: int
    rows_rejected: int
    rows_ignored: int
    ignored_because: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelCount:
    """A label of the file: how many leads bear it, when first and last, and the concept it is taken for.

    `concept` is a concept key, an exit key, or "ignored"; `confidence` is between 0 (no idea) and 1 (known spelling).
    `position` is the number by which a table of stages, or a column beside the label, orders it; None where none does.
    """

    label: str
    leads: int
    entries: int
    first_seen: datetime | None
    last_seen: datetime | None
    concept: str
    confidence: float
    position: float | None = None


@dataclass(frozen=True)
class Attribute:
    """A column of the leads that can filter or break down: `kind` is "text" or "number"; `values` are distinct ones: at the start
    of leads, or latest, whichever are more; `values_at_start` are those at the start."""

    column: str
    kind: str
    values: int
    values_at_start: int
