"""A Parquet file → a raw table, every value as text."""

from __future__ import annotations

from funnel.engine import QueryFailed
from funnel.errors import ReadingError
from funnel.nouns import FileOnDisk, RawTable
from funnel.reading import store
from funnel.reading.header import header
from funnel.reading.work import Work, plain_path
from funnel.sql import Query, identifier


def read_parquet(work: Work, file: FileOnDisk) -> RawTable:
    """The table of a Parquet file; dates as ISO, whole numbers digit by digit. `source_line` is the row, from 1.

    ReadingError where it is damaged, has no row, one column or too many.
    """
    work.tell("reading.progress_load", file.name)
    path = str(plain_path(work, file.path))
    source = "read_parquet(?, binary_as_string = true, union_by_name = false, hive_partitioning = false) AS given"
    try:
        columns = [row[0] for row in work.engine.rows(Query(f"DESCRIBE SELECT given.* FROM {source}", (path,)))]
    except QueryFailed as refused:
        raise ReadingError("reading.broken_parquet", file=file.name) from refused
    found = header(columns, len(columns), file.name)
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
