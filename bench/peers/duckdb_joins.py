"""DuckDB as funnels are usually written: a join over the raw entries for each stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from data import EACH_LABEL, LABELS, MODELS


class DuckDB:
    """A chain of joins over a typed table on disk, labels as an enum; each link is worked out once."""

    PACKAGES = ("duckdb",)
    NOTES = ("DuckDB is given 12 GB, beyond which it works on disk.",)

    def __init__(self, folder: Path) -> None:
        import duckdb

        self.connection = duckdb.connect(str(folder / "bare.duckdb"), config={"memory_limit": "12GB"})
        self.connection.execute(f"CREATE TYPE label AS ENUM ({_texts(LABELS)})")

    def load(self, path: Path) -> None:
        self.connection.execute(
            """CREATE OR REPLACE TABLE history AS
SELECT hash("Lead ID") AS lead, "Lead ID" AS id, CAST("Stage" AS label) AS stage, "Entered at" AS moment
FROM read_csv(?, header = true, columns = {'Lead ID': 'VARCHAR', 'Stage': 'VARCHAR', 'Entered at': 'TIMESTAMP'})""",
            [str(path)],
        )

    def reached(self, dates: tuple[date, date] | None = None) -> list[int]:
        return self._counted(EACH_LABEL, dates)

    def cohorts(self) -> dict[str, list[int]]:
        each = [
            f"SELECT month, {place} AS place, count(*) AS leads FROM reached_{place} GROUP BY month"
            for place in range(len(EACH_LABEL))
        ]
        query = f"{_chain(EACH_LABEL)}\n{' UNION ALL '.join(each)}\nORDER BY month"
        found: dict[str, list[int]] = {}
        for month, place, leads in self.connection.execute(query).fetchall():
            found.setdefault(f"{month:%Y-%m}", [0] * len(EACH_LABEL))[place] = leads
        return found

    def models(self) -> dict[str, list[int]]:
        return {key: self._counted(groups) for key, groups in MODELS.items()}

    def _counted(self, groups: Sequence[Sequence[str]], dates: tuple[date, date] | None = None) -> list[int]:
        counts = ", ".join(f"(SELECT count(*) FROM reached_{place})" for place in range(len(groups)))
        values = [dates[0], dates[1] + timedelta(days=1)] if dates else []
        return list(self.connection.execute(f"{_chain(groups, bool(dates))}\nSELECT {counts}", values).fetchone())


def _chain(groups: Sequence[Sequence[str]], dated: bool = False) -> str:
    links = [
        f"""reached_0 AS MATERIALIZED (
    SELECT lead, min(moment) AS reached, date_trunc('month', min(moment)) AS month
    FROM history WHERE stage IN ({_texts(groups[0])}) GROUP BY lead
    {"HAVING min(moment) >= ? AND min(moment) < ?" if dated else ""}
)"""
    ]
    for place, labels in enumerate(groups[1:], 1):
        before = f"reached_{place - 1}"
        links.append(
            f"""reached_{place} AS MATERIALIZED (
    SELECT history.lead, min(history.moment) AS reached, any_value({before}.month) AS month
    FROM history JOIN {before} ON {before}.lead = history.lead AND history.moment >= {before}.reached
    WHERE history.stage IN ({_texts(labels)}) GROUP BY history.lead
)"""
        )
    return "WITH " + ",\n".join(links)


def _texts(labels: Sequence[str]) -> str:
    return ", ".join(f"'{label}'" for label in labels)
