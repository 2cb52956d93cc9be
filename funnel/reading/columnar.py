"""A Parquet file → a raw table, every value as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from funnel.core.engine import QueryFailed
from funnel.core.errors import ReadingError
from funnel.core.sql import Query, identifier
from funnel.core.types import FileOnDisk, RawTable
from funnel.reading import limits, store
from funnel.reading.compressed import check_swollen
from funnel.reading.header import header
from funnel.reading.work import ReadContext, plain_path, stored_bytes

_SHORT = frozenset(
    ("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
) | {"FLOAT", "DOUBLE", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE", "UUID"}
"""Types whose values are at most _LONGEST_SHORT characters as text; a value of any other may be as long as the file, and stand there
once for all rows."""
_LONGEST_SHORT = 40


def read_parquet(work: ReadContext, file: FileOnDisk) -> RawTable:
    """The table of a Parquet file; dates as ISO, whole numbers digit by digit. `source_line` is the row, from 1.

    ReadingError where it is damaged, has no row, one column or too many, columns nested too deep, or holds far more than a file of
    its size.
    """
    work.tell("reading.progress_load", file.name)
    path = str(plain_path(work, file.path))
    source = "read_parquet(?, binary_as_string = true, union_by_name = false, hive_partitioning = false) AS given"
    try:
        types = {row[0]: row[1] for row in work.engine.rows(Query(f"DESCRIBE SELECT given.* FROM {source}", (path,)))}
        columns = list(types)
        headed = header(columns, len(columns), file.name)
        if _depth(work, path) > limits.PARQUET_DEPTH:
            raise ReadingError("reading.deep_column", file=file.name, limit=limits.PARQUET_DEPTH)
        declared_rows = _declared_rows(work, path)
        work.expect(file.name, declared_rows)
        size = _stored(work, file, source, path, types, declared_rows)
    except QueryFailed as refused:
        raise ReadingError("reading.broken_parquet", file=file.name) from refused
    table = work.fresh_table()
    cells = ", ".join(
        f"nullif(CAST(given.{identifier(column)} AS VARCHAR), '') AS c{index}" for index, column in enumerate(columns)
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
    work.store(size)
    names, notes = store.publish(work, table, file.name, headed, "stored.rowid + 1")
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


def _depth(work: ReadContext, path: str) -> int:
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


def _declared_rows(work: ReadContext, path: str) -> int:
    """How many rows the file says it has, by the groups that they are read from."""
    (rows,) = work.engine.row(
        Query(
            "SELECT coalesce(sum(given.row_group_num_rows), 0) AS told_rows FROM parquet_metadata(?) AS given"
            " WHERE given.column_id = 0",
            (path,),
        )
    )
    return int(rows)


def _stored(work: ReadContext, file: FileOnDisk, source: str, path: str, types: Mapping[str, str], rows: int) -> int:
    """At most how many bytes the table takes on disk, before any of it is stored. ReadingError where only a bomb takes so many: one
    value may stand in the file once for millions of rows."""
    cells = stored_bytes(rows, len(types), 0)
    work.check_stored(cells)
    long = [column for column in types if types[column] not in _SHORT]
    texts = _characters(work, source, path, long)
    check_swollen(file, texts, file.path.stat().st_size)
    most = cells + texts + rows * (len(types) - len(long)) * _LONGEST_SHORT
    try:
        work.check_stored(most)
    except ReadingError:
        # Short values are counted one by one only where it matters, since that takes a while.
        most = cells + _characters(work, source, path, list(types))
        work.check_stored(most)
    return most


def _characters(work: ReadContext, source: str, path: str, columns: Sequence[str]) -> int:
    """How long the values of these columns are as text, all rows together."""
    if not columns:
        return 0
    lengths = " + ".join(
        f"coalesce(sum(strlen(CAST(given.{identifier(column)} AS VARCHAR))::DOUBLE), 0)" for column in columns
    )
    (size,) = work.engine.row(Query(f"SELECT {lengths} AS size FROM {source}", (path,)))
    return int(size)
