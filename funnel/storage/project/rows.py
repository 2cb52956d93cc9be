"""The members of a project that hold rows, looked at before any is taken: columns of the types that were written, and no more than a file
of that size can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from funnel import reading
from funnel.core import settings
from funnel.core.engine import Engine, QueryFailed
from funnel.core.errors import ReadingError
from funnel.core.sql import Query
from funnel.core.types import FileOnDisk
from funnel.reading import limits
from funnel.reading.compressed import check_swollen
from funnel.reading.work import check_filled, check_stored, stored_bytes

_TEXT, _WHOLE, _TRUTH = "VARCHAR", "BIGINT", "BOOLEAN"
_LAST_LINE = 2**53
_REJECTS = dict(zip(reading.REJECT_COLUMNS, (_TEXT, _WHOLE, _TEXT, _TEXT, _TEXT, _TRUTH), strict=True))


def check_table(engine: Engine, path: Path, columns: int) -> None:
    """QueryFailed where the file is no table of so many columns of text, c0, c1, …, and the line that each row stands on."""
    _check_types(engine, path, {**{f"c{index}": _TEXT for index in range(columns)}, reading.RESERVED: _WHOLE})


def check_rejects(engine: Engine, path: Path) -> None:
    """QueryFailed where the file holds no rejected lines."""
    _check_types(engine, path, _REJECTS)


def check_amount(engine: Engine, paths: Sequence[Path], file: FileOnDisk) -> None:
    """ReadingError where the checked files of a project hold more rows than are allowed, or so much more than their size that only a bomb
    does; QueryFailed where a row stands on no line."""
    most = settings.ROWS_MILLIONS
    limit = int(most() * 1_000_000)
    rows = {path: _declared_rows(engine, path) for path in paths}
    if sum(rows.values()) > limit:
        raise ReadingError(
            "reading.too_many_rows", file=file.name, rows=sum(rows.values()), limit=limit, variable=most.variable
        )
    stored = 0
    for path in paths:
        types, packed = _types(engine, path), path.stat().st_size
        # Only then is it looked through: so many cells, were they all empty, could not be counted in a person's time.
        check_filled(file.name, rows[path], len(types), limits.UNPACKED_RATIO * packed)
        characters = _characters(engine, path, [name for name, kind in types.items() if kind == _TEXT])
        check_swollen(file, characters, packed)
        check_filled(file.name, rows[path], len(types), characters)
        stored += stored_bytes(rows[path], len(types), characters)
        check_stored(file.name, stored, file.path.stat().st_size)


def _check_types(engine: Engine, path: Path, wanted: Mapping[str, str]) -> None:
    if _types(engine, path) != wanted:
        raise QueryFailed("a member of the project has other columns")


def _types(engine: Engine, path: Path) -> dict[str, str]:
    """Column → its type in the engine; nothing of the rows is read for it."""
    columns = engine.rows(
        Query("DESCRIBE SELECT kept.* FROM read_parquet(?, hive_partitioning = false) AS kept", (str(path),))
    )
    return {str(name): str(kind) for name, kind, *_ in columns}


def _declared_rows(engine: Engine, path: Path) -> int:
    """How many rows will be read, by the groups that they are read from."""
    text = (
        "SELECT COALESCE(SUM(groups.row_group_num_rows), 0) AS lines FROM parquet_metadata(?) AS groups"
        " WHERE groups.column_id = 0"
    )
    return int(engine.row(Query(text, (str(path),)))[0])


def _characters(engine: Engine, path: Path, texts: Sequence[str]) -> int:
    """The bytes of all texts. QueryFailed where a row stands on no line, or a text holds a sign that no reader leaves in one."""
    lengths = " + ".join(f"COALESCE(SUM(STRLEN(kept.{name})::DOUBLE), 0)" for name in texts)
    signs = " OR ".join(f"CONTAINS(kept.{name}, CHR(0))" for name in texts)
    query = Query(
        f"SELECT {lengths} AS characters, COUNT(*) FILTER (kept.source_line IS NULL OR kept.source_line NOT BETWEEN 1 AND ?)"
        f" AS nowhere, COUNT(*) FILTER ({signs}) AS unwritten FROM read_parquet(?) AS kept",
        (_LAST_LINE, str(path)),
    )
    characters, nowhere, unwritten = engine.row(query)
    if nowhere or unwritten:
        raise QueryFailed("a row of the project was not written by a reader")
    return int(characters)
