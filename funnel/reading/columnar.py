"""A Parquet file → a raw table, every value as text."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.engine import QueryFailed
from funnel.errors import ReadingError
from funnel.nouns import FileOnDisk, RawTable
from funnel.reading import limits, store
from funnel.reading.compressed import check_swollen
from funnel.reading.header import header
from funnel.reading.work import Work, plain_path
from funnel.sql import Query, identifier

_SHORT = frozenset(
    ("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
) | {"FLOAT", "DOUBLE", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE", "UUID"}
"""Types whose values are short as text; a value of any other may be as long as the file, and stand there once for all rows."""


def read_parquet(work: Work, file: FileOnDisk) -> RawTable:
    """The table of a Parquet file; dates as ISO, whole numbers digit by digit. `source_line` is the row, from 1.

    ReadingError where it is damaged, has no row, one column or too many, columns nested too deep, or texts that are far
    longer than the file.
    """
    work.tell("reading.progress_load", file.name)
    path = str(plain_path(work, file.path))
    source = "read_parquet(?, binary_as_string = true, union_by_name = false, hive_partitioning = false) AS given"
    try:
        types = {row[0]: row[1] for row in work.engine.rows(Query(f"DESCRIBE SELECT given.* FROM {source}", (path,)))}
        columns = list(types)
        found = header(columns, len(columns), file.name)
        if _depth(work, path) > limits.PARQUET_DEPTH:
            raise ReadingError("reading.deep_column", file=file.name, limit=limits.PARQUET_DEPTH)
        work.expect(file.name, _told_rows(work, path))
        _check_texts(work, file, source, path, [column for column in columns if types[column] not in _SHORT])
    except QueryFailed as refused:
        raise ReadingError("reading.broken_parquet", file=file.name) from refused
    table = work.fresh_table()
    cells = ", ".join(
        f"nullif(CAST(given.{identifier(column)} AS VARCHAR), '') AS c{place}" for place, column in enumerate(columns)
    )
    stored = identifier(store.stored_name(table))
    try:
        work.engine.run(Query(f"CREATE TABLE {stored} AS SELECT {cells} FROM {source}", (path,)))
    except QueryFailed as refused:
        store.drop(work, table)
        raise ReadingError("reading.broken_parquet", file=file.name) from refused
    (rows,) = work.engine.row(Query(f"SELECT count(*) AS n FROM {stored}"))
    if not rows:
        store.drop(work, table)
        raise ReadingError("reading.header_only", file=file.name)
    work.took(file.name, rows)
    names, notes = store.publish(work, table, file.name, found, "stored.rowid + 1")
    return RawTable(
        table=table,
        name=file.name,
        format="parquet",
        columns=names,
        rows_read=rows,
        rows_rejected=0,
        header_line=None,
        notes=notes,
    )


def _depth(work: Work, path: str) -> int:
    """How many levels the deepest column has; one that holds plain values has one."""
    waiting: list[int] = []
    deepest = 0
    for (children,) in work.engine.rows(
        Query("SELECT given.num_children AS children FROM parquet_schema(?) AS given", (path,))
    ):
        while waiting and waiting[-1] == 0:
            waiting.pop()
        if waiting:
            waiting[-1] -= 1
        deepest = max(deepest, len(waiting))
        waiting.append(children or 0)
    return deepest


def _told_rows(work: Work, path: str) -> int:
    """How many rows the file says it has, by the groups that they are read from."""
    (rows,) = work.engine.row(
        Query(
            "SELECT coalesce(sum(given.row_group_num_rows), 0) AS told_rows FROM parquet_metadata(?) AS given"
            " WHERE given.column_id = 0",
            (path,),
        )
    )
    return int(rows)


def _check_texts(work: Work, file: FileOnDisk, source: str, path: str, columns: Sequence[str]) -> None:
    """ReadingError where the texts together are so long that only a bomb is: one text may stand for millions of rows."""
    if not columns:
        return
    lengths = " + ".join(
        f"coalesce(sum(strlen(CAST(given.{identifier(column)} AS VARCHAR))::DOUBLE), 0)" for column in columns
    )
    (size,) = work.engine.row(Query(f"SELECT {lengths} AS size FROM {source}", (path,)))
    check_swollen(file, int(size), file.path.stat().st_size)
