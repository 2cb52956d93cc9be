"""ClickHouse's `windowFunnel`, through chdb."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from data import EACH_LABEL, LABELS, MODELS

FOREVER_SECONDS = 100 * 365 * 86_400
STAGE = "Enum8(" + ", ".join(f"'{label}' = {place}" for place, label in enumerate(LABELS)) + ")"


class ClickHouse:
    """`windowFunnel` over a MergeTree sorted by lead and time, the layout that suits it best; labels as an enum."""

    PACKAGES = ("chdb",)
    NOTES = ("ClickHouse answers the four models in one query with four `windowFunnel`s, faster than in four queries.",)

    def __init__(self, folder: Path) -> None:
        from chdb.session import Session

        self.session = Session(str(folder / "clickhouse"))
        self.session.query("CREATE DATABASE bench")

    def load(self, path: Path) -> None:
        self.session.query("DROP TABLE IF EXISTS bench.history SYNC")
        self.session.query(
            f"CREATE TABLE bench.history (lead UInt64, id String, stage {STAGE}, moment DateTime('UTC'))"
            " ENGINE = MergeTree ORDER BY (lead, moment)"
        )
        columns = f"`Lead ID` String, `Stage` {STAGE}, `Entered at` DateTime('UTC')".replace("'", "''")
        self.session.query(
            "INSERT INTO bench.history SELECT cityHash64(`Lead ID`), `Lead ID`, `Stage`, `Entered at`"
            f" FROM file('{path}', CSVWithNames, '{columns}')"
        )

    def reached(self, dates: tuple[date, date] | None = None) -> list[int]:
        having = ""
        if dates:
            start, after = dates[0], dates[1] + timedelta(days=1)
            moment = f"minIf(moment, {_among(EACH_LABEL[0])})"
            having = f"HAVING {moment} >= toDateTime('{start}', 'UTC') AND {moment} < toDateTime('{after}', 'UTC')"
        return self._numbers(_counts("level", EACH_LABEL), _level("level", EACH_LABEL), having)

    def reached_within(self, days: int) -> list[int]:
        return self._numbers(_counts("level", EACH_LABEL), _level("level", EACH_LABEL, days * 86_400))

    def cohorts(self) -> dict[str, list[int]]:
        month = f"toStartOfMonth(minIf(moment, {_among(EACH_LABEL[0])})) AS month"
        answer = self.session.query(
            f"SELECT formatDateTime(month, '%Y-%m'), {_counts('level', EACH_LABEL)} FROM"
            f" (SELECT {month}, {_level('level', EACH_LABEL)} FROM bench.history GROUP BY lead)"
            " WHERE level > 0 GROUP BY month ORDER BY month",
            "TSV",
        )
        rows = [line.split("\t") for line in str(answer).splitlines()]
        return {start: [int(count) for count in counts] for start, *counts in rows}

    def models(self) -> dict[str, list[int]]:
        levels = ", ".join(_level(f"level_{place}", groups) for place, groups in enumerate(MODELS.values()))
        counts = ", ".join(_counts(f"level_{place}", groups) for place, groups in enumerate(MODELS.values()))
        numbers = iter(self._numbers(counts, levels))
        return {key: [next(numbers) for _ in groups] for key, groups in MODELS.items()}

    def _numbers(self, counts: str, levels: str, having: str = "") -> list[int]:
        answer = self.session.query(
            f"SELECT {counts} FROM (SELECT {levels} FROM bench.history GROUP BY lead {having})", "CSV"
        )
        return [int(count) for count in str(answer).split(",")]


def _level(name: str, groups: Sequence[Sequence[str]], seconds: int = FOREVER_SECONDS) -> str:
    return f"windowFunnel({seconds})(moment, {', '.join(map(_among, groups))}) AS {name}"


def _counts(name: str, groups: Sequence[Sequence[str]]) -> str:
    return ", ".join(f"countIf({name} > {place})" for place in range(len(groups)))


def _among(labels: Sequence[str]) -> str:
    return "stage IN (" + ", ".join(f"'{label}'" for label in labels) + ")"
