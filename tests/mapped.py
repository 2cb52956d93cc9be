"""Files for the mapping, by hand: written to disk, read and mapped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from funnel.core.engine import Engine
from funnel.core.sql import Query
from funnel.core.types import Note, RawTable
from funnel.mapping import ColumnMapping, Loaded, MappingOverrides, carry_out, recognise
from funnel.reading import FileOnDisk, read_files
from funnel.words import wording

EXPORTS = Path(__file__).parent / "exports"
AS_OF = datetime(2026, 1, 1)


@dataclass(frozen=True)
class Mapped:
    """Files with what was understood of them and what became of them."""

    engine: Engine
    tables: tuple[RawTable, ...]
    mapping: ColumnMapping
    loaded: Loaded

    def entries(self) -> list[tuple[str, str, str | None]]:
        """(lead, label, day, with the time of day where it is not midnight), by lead and time; undated ones first."""
        rows = self.engine.rows(
            Query(
                "SELECT history.lead_id, history.label, history.entered_at FROM history"
                " ORDER BY history.lead_id, history.entered_at NULLS FIRST, history.sequence, history.label"
            )
        )
        return [(lead, label, None if at is None else str(at).removesuffix(" 00:00:00")) for lead, label, at in rows]

    def leads(self) -> dict[str, dict[str, object]]:
        """Lead → its columns."""
        rows = self.engine.named(Query("SELECT leads.* FROM leads ORDER BY leads.lead_id"))
        return {str(row.pop("lead_id")): row for row in rows}

    def rejects(self) -> list[tuple[object, ...]]:
        """(line, column, value, reason, whether the whole line)."""
        return self.engine.rows(
            Query(
                "SELECT rejects.source_line, rejects.column_name, rejects.value, rejects.reason, rejects.whole_line"
                " FROM rejects ORDER BY rejects.source_file, rejects.source_line, rejects.column_name"
            )
        )

    def concepts(self) -> dict[str, str]:
        """Label → concept."""
        return {label.label: label.concept for label in self.loaded.labels}

    def sums(self) -> list[tuple[int, int, int, int]]:
        """(read, used, rejected, ignored) of each file."""
        return [(file.rows_read, file.rows_used, file.rows_rejected, file.rows_ignored) for file in self.loaded.files]

    def warnings(self) -> dict[str, Note]:
        """The notes by the last part of their key. Each can be said."""
        notes = (*self.loaded.warnings, *self.loaded.cannot, self.loaded.understood)
        assert all(wording.say(note.key, **note.values) for note in notes)
        return {note.key.removeprefix("mapping."): note for note in notes}


@contextmanager
def mapped(*paths: Path, overrides: MappingOverrides | None = None, as_of: datetime = AS_OF) -> Iterator[Mapped]:
    """The files read and mapped together."""
    files = [FileOnDisk(path, path.name) for path in paths]
    engine = Engine([file.path for file in files])
    try:
        tables = read_files(engine, files)
        mapping = recognise(engine, tables, as_of=as_of, overrides=overrides or MappingOverrides())
        yield Mapped(engine, tables, mapping, carry_out(engine, tables, mapping, as_of=as_of))
    finally:
        engine.close()


def written(folder: Path, **texts: str) -> list[Path]:
    """The texts as CSV files by name."""
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths
