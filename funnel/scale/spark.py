"""Where the paragraphs that build journeys run when one machine is too small: a session of Apache Spark that the user gives.

The session is set to what the house's SQL means: times without a zone, errors instead of silent NULLs, texts as they are written.
Tables lie as Parquet in a folder that the driver and all executors see under the same path, so that nothing is worked out twice,
and what an executor had written is still there when it dies.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from funnel.core.engine import QueryFailed
from funnel.core.errors import ReadingError
from funnel.core.sql import Query
from funnel.scale.dialects import in_steps as steps
from funnel.scale.dialects import quoted, translated

DIALECT = "spark"
MEANING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    # A label "${x}" is no variable, and a backslash in a literal is what sqlglot means by it.
    "spark.sql.variable.substitute": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    # There are as many tasks as the tables need (`_fit`), and one of them may sort several times: tasks that were put together from
    # small ones ran out of memory.
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
}
COLD_START = (
    "-XX:Tier4InvocationThreshold=500000 -XX:Tier4MinInvocationThreshold=60000"
    " -XX:Tier4CompileThreshold=1500000 -XX:Tier4BackEdgeThreshold=4000000"
)
"""Of the Java machine of a local session: what runs a hundred times as often as Java takes for often is compiled with all care. Most of
Spark's own code runs a few thousand times in a build, and to compile that so took as long as the build."""
PARTITIONS, USUAL_PARTITIONS = "spark.sql.shuffle.partitions", "200"
PARTITION_BYTES = 1_000_000
"""Of Parquet, some 100,000 entries: one task holds and sorts so many in its share of an executor's memory."""
FEWEST_PARTITIONS = 4
NOTED_COLUMNS = b"org.apache.spark.sql.parquet.row.metadata"


def session(master: str) -> Any:
    """A session of Spark: local (`local[*]`), of a cluster (`spark://…`) or over Connect (`sc://…`).

    A local one binds to this machine only and shows no page. ImportError where pyspark is not installed.
    """
    import warnings

    with warnings.catch_warnings():
        # Spark warns of the pandas it finds; no data frame of pandas passes between the two here.
        warnings.simplefilter("ignore", FutureWarning)
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.appName("funnel-lens").config("spark.ui.showConsoleProgress", "false")
        if master.startswith("sc://"):
            return builder.remote(master).getOrCreate()
        if master.startswith("local"):
            for name, value in (
                ("spark.driver.host", "127.0.0.1"),
                ("spark.driver.bindAddress", "127.0.0.1"),
                ("spark.ui.enabled", "false"),
                ("spark.driver.defaultJavaOptions", COLD_START),
            ):
                builder = builder.config(name, value)
        return builder.master(master).getOrCreate()


class SparkEngine:
    """The engine's few methods over a session; its tables lie in `folder`, which `work_in` names."""

    dialect = DIALECT
    joins_move_rows = True
    at_once = 3
    """While one model's rows are written, another's plan is made: a plan takes one core, however many there are."""

    def __init__(self, given: Any) -> None:
        self.session = given
        self.folder = Path()
        self._numbers = count()
        self._largest = 0
        self._sizing = threading.Lock()
        for name, value in MEANING.items():
            given.conf.set(name, value)
        # What whoever gave the session has set is left.
        self._by_size = given.conf.get(PARTITIONS) == USUAL_PARTITIONS

    def work_in(self, folder: Path) -> None:
        """Keep tables in this folder."""
        self.folder = folder

    def keep(self, name: str, query: Query) -> None:
        """Keep a query's rows as a table, replacing an older one of the same name."""
        path = self.folder / name
        with self._running(query, in_steps=True) as text:
            self.session.sql(text).write.mode("overwrite").parquet(str(path))
        self.read(name, path)

    def read(self, name: str, *paths: Path) -> None:
        """Give what lies in Parquet files or folders a name."""
        self._fit(paths)
        # What others wrote is for Spark to look at: its columns may be of kinds that only whoever made them knows.
        ours = all(path.is_relative_to(self.folder.parent) for path in paths)
        columns, reader = _columns_of(paths) if ours else None, self.session.read
        frame = (reader if columns is None else reader.schema(columns)).parquet(*map(str, paths))
        frame.createOrReplaceTempView(quoted(name, DIALECT))

    def _fit(self, paths: Sequence[Path]) -> None:
        """As many tasks after each exchange of rows as the largest table needs: Spark's usual 200 cost a small one a minute."""
        files = [file for path in paths for file in (path.rglob("*.parquet") if path.is_dir() else [path])]
        size = sum(file.stat().st_size for file in files)
        with self._sizing:
            if self._by_size and size > self._largest:
                self._largest = size
                self.session.conf.set(PARTITIONS, str(max(FEWEST_PARTITIONS, -(-size // PARTITION_BYTES))))

    def alias(self, name: str, table: str) -> str:
        """Give a table of Spark's catalogue a name; what tells whether it has changed. ReadingError where there is none."""
        from pyspark.errors import PySparkException

        try:
            frame = self.session.table(table)
            frame.createOrReplaceTempView(quoted(name, DIALECT))
            return repr((frame.dtypes, sorted(frame.inputFiles()), frame.count()))
        except PySparkException as refused:
            raise ReadingError("building.no_table", table=table, engine=DIALECT) from refused

    def view(self, name: str, query: Query) -> None:
        """Keep a query itself under a name, replacing an older one; it can have no bound values."""
        if query.values:
            raise ValueError(f"a view has no bound values: {query.readable()}")
        with self._running(query) as text:
            self.session.sql(f"CREATE OR REPLACE TEMPORARY VIEW {quoted(name, DIALECT)} AS\n{text}")

    def write(self, query: Query, folder: Path, *, by: str | None = None) -> None:
        """The rows of a query as Parquet in a folder, replacing what is there; `by`: a folder in it for each value of a column."""
        with self._running(query, in_steps=True) as text:
            rows = self.session.sql(text)
            if by is not None:
                rows = rows.repartition(by)
            writer = rows.write.mode("overwrite")
            (writer if by is None else writer.partitionBy(by)).parquet(str(folder))

    def close(self) -> None:
        """The session is not ours to stop. Whoever builds with it next finds its number of tasks as it was given."""
        if self._by_size:
            self.session.conf.set(PARTITIONS, USUAL_PARTITIONS)

    def drop_table(self, name: str) -> None:
        """Remove a table; harmless where there is none."""
        self.drop_view(name)
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def drop_view(self, name: str) -> None:
        """Remove a view; harmless where there is none."""
        self.session.sql(f"DROP VIEW IF EXISTS {quoted(name, DIALECT)}")

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows as plain Python values."""
        with self._running(query) as text:
            return [tuple(row) for row in self.session.sql(text).collect()]

    def row(self, query: Query) -> tuple[Any, ...]:
        """The only row of a query that always has one."""
        (only,) = self.rows(query)
        return only

    def columns(self, table: str) -> list[tuple[str, str]]:
        """(name, type) of each column of a table, in order."""
        return [(name, kind) for name, kind in self.session.table(quoted(table, DIALECT)).dtypes]

    @contextmanager
    def _running(self, query: Query, *, in_steps: bool = False) -> Iterator[str]:
        """The query's text; with `in_steps`, its paragraphs that are used more than once lie in the folder by then. Spark would work
        each out as often as it is named, and all at once, which takes more memory than there is."""
        from pyspark.errors import PySparkException

        try:
            if not in_steps:
                yield translated(query, DIALECT)
                return
            # Queries that run at the same time may have paragraphs of one name.
            number = next(self._numbers)
            paragraphs, last = steps(query, DIALECT, f"_{number}")
            for name, text in paragraphs:
                path = self.folder / "paragraphs" / name
                self.session.sql(text).write.mode("overwrite").parquet(str(path))
                self.read(name, path)
            yield last
        except PySparkException as refused:
            raise QueryFailed(f"{refused}\n\n{query.readable()}") from refused


def _columns_of(paths: Sequence[Path]) -> Any:
    """The columns of files that Spark wrote, as it noted them there: to look for them itself takes it a job for each table. None where
    somebody else wrote the files."""
    import pyarrow.parquet as pq  # only who builds needs it
    from pyspark.sql import types

    files = (file for path in paths for file in ([path] if path.is_file() else sorted(path.rglob("*.parquet"))))
    first = next(files, None)
    noted = None if first is None else (pq.read_metadata(first).metadata or {}).get(NOTED_COLUMNS)
    return None if noted is None else types.StructType.fromJson(json.loads(noted))
