"""The other engines in tests: which are here, and how rows get into them.

What is missing is skipped by name, or (ENGINES=needed) a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier

NAMES = ("spark", "clickhouse")
NEEDED = {"spark": ("pyspark", "sqlglot"), "clickhouse": ("chdb", "clickhouse_connect", "sqlglot")}


def need(name: str) -> None:
    """Skip the test where the engine is not here; where all are needed, as in .ci/run, that is a failure."""
    missing = [module for module in NEEDED.get(name, ()) if find_spec(module) is None]
    if name == "spark" and shutil.which("java") is None:
        missing.append("Java")
    if missing and os.environ.get("ENGINES") == "needed":
        pytest.fail(f"{name} needs {', '.join(missing)}")
    if missing:
        pytest.skip(f"{name} needs {', '.join(missing)} (requirements-spark.txt, bench/requirements.txt)")


@cache
def spark_session() -> Any:
    """One session for all tests of a process, small and silent."""
    need("spark")
    from funnel.scale.spark import session

    found = session("local[2]")
    found.sparkContext.setLogLevel("OFF")
    for setting, value in (
        ("spark.sql.shuffle.partitions", "2"),
        ("spark.sql.adaptive.enabled", "false"),
        # Compiling a query takes longer than running it over a thousand rows.
        ("spark.sql.codegen.wholeStage", "false"),
    ):
        found.conf.set(setting, value)
    return found


@contextmanager
def given_session(name: str, folder: Path) -> Iterator[Any]:
    """What `build` takes as the session of an engine."""
    need(name)
    if name == "spark":
        yield spark_session()
    elif name == "clickhouse":
        import clickhouse_connect

        client = clickhouse_connect.get_client(interface="chdb")
        try:
            yield client
        finally:
            client.close()
    else:
        yield None


@contextmanager
def filled(name: str, like: Engine, folder: Path) -> Iterator[Any]:
    """An engine that holds the `leads` and `history` of another one."""
    with given_session(name, folder) as session:
        if name == "spark":
            from funnel.scale.spark import SparkEngine

            engine: Any = SparkEngine(session)
            engine.work_in(folder / "spark")
        else:
            from funnel.scale.clickhouse import ClickHouseEngine

            engine = ClickHouseEngine(session)
        try:
            for table in ("leads", "history"):
                path = folder / f"{table}.parquet"
                pq.write_table(like.arrow(Query(f"SELECT rows_of.* FROM {identifier(table)} AS rows_of")), path)
                engine.read(table, path)
            yield engine
        finally:
            engine.close()


def in_order(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows sorted; a truth value is 1 or 0, as ClickHouse has it."""
    return sorted((tuple(int(v) if isinstance(v, bool) else v for v in row) for row in rows), key=repr)
