"""The build on this machine: the house's own engine, with leave to write into the build's folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier


class OneMachine(Engine):
    """DuckDB that reads the source's files and writes into one folder."""

    at_once = 1

    def __init__(self, readable: Sequence[Path], folder: Path) -> None:
        super().__init__(readable, writable=[folder])

    def work_in(self, folder: Path) -> None:
        """What is needed on the way lies in the engine's own folder."""

    def write(self, query: Query, folder: Path, *, by: str | None = None) -> None:
        """The rows of a query as Parquet in a folder; `by`: a folder in it for each value of a column."""
        folder.mkdir(parents=True, exist_ok=True)
        form = (
            "FORMAT parquet" if by is None else f"FORMAT parquet, PARTITION_BY ({identifier(by)}), OVERWRITE_OR_IGNORE"
        )
        path = folder / "rows.parquet" if by is None else folder
        self.run(Query(f"COPY (\n{query.text}\n) TO ? ({form})", (*query.values, str(path))))
