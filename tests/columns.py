"""Columns of text for the tests of values: made in the engine, and read back as plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier


def write(engine: Engine, texts: Sequence[str | None], column: str = "created", table: str = "raw_0") -> str:
    """A raw table with one column of these cells; its name."""
    name = identifier(column)
    engine.run(
        Query(
            f"CREATE OR REPLACE TABLE {identifier(table)} AS"
            f" SELECT cells.place + 1 AS source_line, cells.texts[cells.place] AS {name}"
            " FROM (SELECT CAST(? AS VARCHAR[]) AS texts, unnest(range(1, ? + 1)) AS place) AS cells",
            (list(texts), len(texts)),
        )
    )
    return table


def values(engine: Engine, expression: Query, table: str = "raw_0") -> list[Any]:
    """What an expression over raw gives for each line, in order."""
    query = Query(
        f"SELECT {expression.text} AS value FROM {identifier(table)} AS raw ORDER BY raw.source_line", expression.values
    )
    return [value for (value,) in engine.rows(query)]
