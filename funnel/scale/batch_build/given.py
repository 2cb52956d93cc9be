"""What is built from: Parquet files, a table of the engine's own catalogue, or files that the house reads itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from funnel.core.errors import ReadingError
from funnel.core.sql import Query

DUCKDB, SPARK, CLICKHOUSE = ENGINES = ("duckdb", "spark", "clickhouse")


class BuildEngine(Protocol):
    """The engine's few methods, and what a build needs beside: reading and writing Parquet, and tables of its own catalogue.

    `joins_move_rows` is as of the house's engine; `at_once`: of how many models it writes the journeys at the same time."""

    joins_move_rows: bool
    at_once: int

    def keep(self, name: str, query: Query) -> None:
        """Keep a query's rows as a table."""

    def view(self, name: str, query: Query) -> None:
        """Keep a query under a name."""

    def drop_table(self, name: str) -> None:
        """Remove a table."""

    def drop_view(self, name: str) -> None:
        """Remove a view."""

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows as plain Python values."""

    def row(self, query: Query) -> tuple[Any, ...]:
        """The only row."""

    def columns(self, table: str) -> list[tuple[str, str]]:
        """(name, type) of each column."""

    def read(self, name: str, *paths: Path) -> None:
        """Give Parquet files a name."""

    def write(self, query: Query, folder: Path, *, by: str | None = None) -> None:
        """The rows of a query as Parquet in a folder; `by`: a folder in it for each value of a column."""

    def work_in(self, folder: Path) -> None:
        """Keep in this folder what is needed on the way."""

    def close(self) -> None:
        """Let go of what this program made for itself."""


class Catalogued(BuildEngine, Protocol):
    """An engine with tables of its own."""

    def alias(self, name: str, table: str) -> str:
        """Give a table of the engine's catalogue a name; what tells whether it has changed. ReadingError where there is none."""


@dataclass(frozen=True)
class Given:
    """`files` are Parquet, `table` is a name in the engine's catalogue, `whole` is a file that the house reads by itself; one of them
    is there. `name` is what people call it."""

    name: str
    files: tuple[Path, ...] = ()
    table: str | None = None
    whole: Path | None = None

    @property
    def fingerprint(self) -> str:
        """What tells whether files have changed: their names, sizes and times."""
        paths = (*self.files, *([self.whole] if self.whole else []))
        states = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
        return hashlib.sha256(repr(states).encode()).hexdigest()


def given(source: str, engine: str) -> Given:
    """What a person names: a file, a folder of Parquet files, or (of an engine with a catalogue) a table."""
    path = Path(source)
    if path.is_dir():
        files = _parquet(path)
        if not files:
            raise ReadingError("building.no_parquet", folder=source)
        return Given(path.name, files)
    if path.is_file():
        resolved = path.resolve()
        return Given(path.name, (resolved,)) if path.suffix.lower() == ".parquet" else Given(path.name, whole=resolved)
    if engine == DUCKDB or "/" in source:
        raise ReadingError("errors.no_such_file", file=source)
    return Given(source, table=source)


def _parquet(folder: Path) -> tuple[Path, ...]:
    paths: Sequence[Path] = sorted(folder.rglob("*.parquet"))
    inside = [path for path in paths if not any(part[0] in "._" for part in path.relative_to(folder).parts)]
    return tuple(path.resolve() for path in inside)
