"""Where the paragraphs that build journeys run on ClickHouse: a client of clickhouse-connect, of a server or of chdb.

ClickHouse is told to mean what the house's SQL means: NULL where a join or an aggregate finds nothing, names before aliases. Times are
DateTime64(6), which holds the years 1900 to 2299. All tables are made in a database of their own, which goes when the engine is
closed; Parquet goes to the server and comes from it through the client.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from funnel.core.engine import QueryFailed
from funnel.core.errors import ReadingError
from funnel.core.sql import Query, identifier
from funnel.scale.dialects import CLICKHOUSE, quoted, translated

MEANING = {
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 1,
    "least_greatest_legacy_null_behavior": 0,
    "prefer_column_name_to_alias": 1,
    "cast_keep_nullable": 1,
    "data_type_default_nullable": 1,
    "session_timezone": "UTC",
    "output_format_parquet_string_as_string": 1,
    # As many labels as a file may have make a long query of a deep tree.
    "max_query_size": 100_000_000,
    "max_ast_elements": 10_000_000,
    "max_expanded_ast_elements": 10_000_000,
    "max_ast_depth": 100_000,
    "max_parser_depth": 100_000,
}
MOMENT = "DateTime64(6, 'UTC')"
ROWS_AT_ONCE = 1_000_000


class Client(Protocol):
    """What is used of a client of clickhouse-connect; `database` is where names without one are looked for."""

    database: str | None

    def command(self, cmd: str, *, settings: dict[str, Any] | None = None) -> Any:
        """Run a statement."""

    def query(self, query: str, *, settings: dict[str, Any] | None = None) -> Any:
        """Run a query; `result_rows` of the answer are its rows."""

    def raw_stream(self, query: str, *, settings: dict[str, Any] | None = None, fmt: str | None = None) -> Any:
        """Run a query and give its answer in a format as a stream of bytes."""

    def raw_insert(self, table: str, *, insert_block: Any, settings: dict[str, Any] | None = None, fmt: str) -> Any:
        """Add rows in a format to a table."""


def client(address: str) -> Client:
    """A client for a server's address, such as http://user:password@host:8123/database. ImportError where none is installed."""
    import clickhouse_connect

    opened: Client = clickhouse_connect.get_client(dsn=address)
    return opened


class ClickHouseEngine:
    """The engine's few methods over a client; names without a database are those of the engine's own one."""

    joins_move_rows = False
    at_once = 1

    def __init__(self, given: Client) -> None:
        self.client = given
        self.database = f"funnel_lens_{token_hex(8)}"
        ((home,),) = given.query("SELECT currentDatabase() AS home").result_rows
        self.home = str(home)
        given.command(f"CREATE DATABASE {self.database}")
        given.database = self.database

    def work_in(self, folder: Path) -> None:
        """What is needed on the way lies on the server."""

    def close(self) -> None:
        """Remove all that was made; the client is not ours to close."""
        self.client.database = self.home
        self.client.command(f"DROP DATABASE IF EXISTS {self.database} SYNC")

    def keep(self, name: str, query: Query) -> None:
        """Keep a query's rows as a table, replacing an older one of the same name."""
        with self._running(query) as text:
            self.drop_table(name)
            self._command(f"CREATE TABLE {quoted(name, CLICKHOUSE)} ENGINE = MergeTree ORDER BY tuple() AS\n{text}")

    def view(self, name: str, query: Query) -> None:
        """Keep a query itself under a name, replacing an older one; it can have no bound values."""
        if query.values:
            raise ValueError(f"a view has no bound values: {query.readable()}")
        with self._running(query) as text:
            self._command(f"CREATE OR REPLACE VIEW {quoted(name, CLICKHOUSE)} AS\n{text}")

    def alias(self, name: str, table: str) -> str:
        """Give a table of the server a name; what tells whether it has changed. ReadingError where there is none."""
        database, _, inside = table.rpartition(".")
        whole = f"{quoted(database or self.home, CLICKHOUSE)}.{quoted(inside, CLICKHOUSE)}"
        try:
            self._command(f"CREATE OR REPLACE VIEW {quoted(name, CLICKHOUSE)} AS SELECT * FROM {whole}")
        except Exception as refused:
            raise ReadingError("building.no_table", table=table, engine=CLICKHOUSE) from refused
        (rows,) = self.row(Query(f"SELECT COUNT(*) AS table_rows FROM {identifier(name)}"))
        return repr((whole, self.columns(name), rows))

    def read(self, name: str, *paths: Path) -> None:
        """Send Parquet files of the same columns to the server, as a table."""
        schema = pq.read_schema(paths[0])
        columns = ", ".join(f"{quoted(each.name, CLICKHOUSE)} {_kind(each.type)}" for each in schema)
        self.drop_table(name)
        self._command(f"CREATE TABLE {quoted(name, CLICKHOUSE)} ({columns}) ENGINE = MergeTree ORDER BY tuple()")
        for path in paths:
            with path.open("rb") as file:
                self.client.raw_insert(
                    quoted(name, CLICKHOUSE), insert_block=file, settings=dict(MEANING), fmt="Parquet"
                )

    def write(self, query: Query, folder: Path, *, by: str | None = None) -> None:
        """The rows of a query as Parquet in a folder; `by`: a folder in it for each value of a column."""
        shutil.rmtree(folder, ignore_errors=True)
        if by is None:
            self._fetch(query, folder)
            return
        self.keep("written", query)
        column = identifier(by)
        try:
            for (value,) in self.rows(Query(f"SELECT DISTINCT written.{column} AS value FROM written")):
                rows = f"SELECT written.* EXCLUDE ({column})\nFROM written\nWHERE written.{column} = ?"
                self._fetch(Query(rows, (value,)), folder / f"{by}={quote(str(value), safe='')}")
        finally:
            self.drop_table("written")

    def drop_table(self, name: str) -> None:
        """Remove a table; harmless where there is none."""
        self._command(f"DROP TABLE IF EXISTS {quoted(name, CLICKHOUSE)} SYNC")

    def drop_view(self, name: str) -> None:
        """Remove a view; harmless where there is none."""
        self._command(f"DROP VIEW IF EXISTS {quoted(name, CLICKHOUSE)} SYNC")

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows as plain Python values."""
        with self._running(query) as text:
            rows: Sequence[Sequence[Any]] = self.client.query(text, settings=dict(MEANING)).result_rows
            return [tuple(_plain(value) for value in row) for row in rows]

    def row(self, query: Query) -> tuple[Any, ...]:
        """The only row of a query that always has one."""
        (only,) = self.rows(query)
        return only

    def columns(self, table: str) -> list[tuple[str, str]]:
        """(name, type) of each column of a table, in order."""
        rows = self.client.query(f"DESCRIBE TABLE {quoted(table, CLICKHOUSE)}").result_rows
        return [(str(row[0]), str(row[1])) for row in rows]

    def _fetch(self, query: Query, folder: Path) -> None:
        """The rows of a query as one Parquet file; moments without a zone, as everywhere in the house."""
        folder.mkdir(parents=True)
        fetched, path = folder / ".fetched", folder / "rows.parquet"
        with self._running(query) as text, fetched.open("wb") as file:
            shutil.copyfileobj(self.client.raw_stream(text, settings=dict(MEANING), fmt="Parquet"), file)
        given = pq.ParquetFile(fetched)
        schema = pa.schema([(each.name, _in_house(each.type)) for each in given.schema_arrow])
        with pq.ParquetWriter(path, schema) as writer:
            for batch in given.iter_batches(ROWS_AT_ONCE):
                writer.write_table(pa.Table.from_batches([batch]).cast(schema))
        given.close()
        fetched.unlink()

    def _command(self, text: str) -> None:
        self.client.command(text, settings=dict(MEANING))

    @contextmanager
    def _running(self, query: Query) -> Iterator[str]:
        text = translated(query, CLICKHOUSE)
        try:
            yield text
        except Exception as refused:
            raise QueryFailed(f"{refused}\n\n{query.readable()}") from refused


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


def _kind(kind: pa.DataType) -> str:
    """A column of Parquet as ClickHouse keeps it."""
    for fits, name in (
        (pa.types.is_boolean, "Bool"),
        (pa.types.is_integer, "Int64"),
        (pa.types.is_floating, "Float64"),
        (pa.types.is_decimal, "Float64"),
        (pa.types.is_timestamp, MOMENT),
        (pa.types.is_date, "Date32"),
    ):
        if fits(kind):
            return f"Nullable({name})"
    return "Nullable(String)"


def _in_house(kind: pa.DataType) -> pa.DataType:
    return pa.timestamp("us") if pa.types.is_timestamp(kind) else kind
