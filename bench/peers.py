"""The named peers, each in the way that suits it: load the CSV, then answer the funnel from the history.

Each is made with a folder of its own. `load(path)` may be called again; `reached()` says how many leads reach each
stage in order, with no window; `reached_within(days)` the same where any entry at the first stage may open a window.
"""

from __future__ import annotations

from pathlib import Path

from data import STAGES

FOREVER_SECONDS = 100 * 365 * 86_400


class ClickHouse:
    """`windowFunnel` through chdb over a MergeTree sorted by lead and time, the layout that suits it best."""

    def __init__(self, folder: Path) -> None:
        from chdb.session import Session

        self.session = Session(str(folder / "clickhouse"))
        self.session.query("CREATE DATABASE bench")

    def load(self, path: Path) -> None:
        self.session.query("DROP TABLE IF EXISTS bench.history SYNC")
        self.session.query(
            "CREATE TABLE bench.history (lead String, stage LowCardinality(String), moment DateTime('UTC'))"
            " ENGINE = MergeTree ORDER BY (lead, moment)"
        )
        columns = "`Lead ID` String, `Stage` LowCardinality(String), `Entered at` DateTime(''UTC'')"
        self.session.query(f"INSERT INTO bench.history SELECT * FROM file('{path}', CSVWithNames, '{columns}')")

    def reached(self) -> list[int]:
        return self._levels(FOREVER_SECONDS)

    def reached_within(self, days: int) -> list[int]:
        return self._levels(days * 86_400)

    def _levels(self, seconds: int) -> list[int]:
        conditions = ", ".join(f"stage = '{stage}'" for stage in STAGES)
        counts = ", ".join(f"countIf(level > {place})" for place in range(len(STAGES)))
        answer = self.session.query(
            f"SELECT {counts} FROM (SELECT windowFunnel({seconds})(moment, {conditions}) AS level"
            " FROM bench.history GROUP BY lead)",
            "CSV",
        )
        return [int(count) for count in str(answer).split(",")]


class Polars:
    """A chain of lazy joins: of each lead, the earliest entry at each stage that is not before the one counted last."""

    def __init__(self, folder: Path) -> None:
        import polars

        self.polars = polars

    def load(self, path: Path) -> None:
        pl = self.polars
        history = pl.read_csv(path, schema_overrides={"Stage": pl.Enum([*STAGES, "Closed lost"])}, try_parse_dates=True)
        self.history = history.rename({"Lead ID": "lead", "Stage": "stage", "Entered at": "moment"})

    def reached(self) -> list[int]:
        pl = self.polars
        entries = self.history.lazy()
        standing = entries.filter(pl.col("stage") == STAGES[0]).group_by("lead").agg(reached=pl.col("moment").min())
        counts = [standing]
        for stage in STAGES[1:]:
            standing = (
                entries.filter(pl.col("stage") == stage)
                .join(standing, on="lead")
                .filter(pl.col("moment") >= pl.col("reached"))
                .group_by("lead")
                .agg(reached=pl.col("moment").min())
            )
            counts.append(standing)
        return [frame.item() for frame in pl.collect_all([frame.select(pl.len()) for frame in counts])]


class Pandas:
    """The same chain in data frames."""

    def __init__(self, folder: Path) -> None:
        import pandas

        self.pandas = pandas

    def load(self, path: Path) -> None:
        history = self.pandas.read_csv(path, dtype={"Stage": "category"}, parse_dates=["Entered at"])
        self.history = history.rename(columns={"Lead ID": "lead", "Stage": "stage", "Entered at": "moment"})

    def reached(self) -> list[int]:
        by_stage = {stage: self.history.loc[self.history["stage"] == stage, ["lead", "moment"]] for stage in STAGES}
        standing = by_stage[STAGES[0]].groupby("lead")["moment"].min()
        counts = [len(standing)]
        for stage in STAGES[1:]:
            joined = by_stage[stage].merge(standing.rename("reached"), left_on="lead", right_index=True)
            standing = joined[joined["moment"] >= joined["reached"]].groupby("lead")["moment"].min()
            counts.append(len(standing))
        return counts


class DuckDB:
    """`CREATE TABLE … AS SELECT * FROM read_csv(…)` into a database on disk, and no more."""

    def __init__(self, folder: Path) -> None:
        import duckdb

        self.connection = duckdb.connect(str(folder / "bare.duckdb"))

    def load(self, path: Path) -> None:
        self.connection.execute("CREATE OR REPLACE TABLE history AS SELECT * FROM read_csv(?)", [str(path)])
