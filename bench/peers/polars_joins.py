"""Polars: a chain of lazy joins, all of it handed over in one call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from data import EACH_LABEL, LABELS, MODELS


class Polars:
    """Of each lead, the earliest entry at each stage that is not before the one counted last."""

    PACKAGES = ("polars",)
    NOTES = ()

    def __init__(self, folder: Path) -> None:
        import polars

        self.polars = polars

    def load(self, path: Path) -> None:
        pl = self.polars
        self.history = None
        read = pl.read_csv(path, schema_overrides={"Stage": pl.Enum(LABELS)}, try_parse_dates=True)
        self.history = read.rename({"Lead ID": "id", "Stage": "stage", "Entered at": "moment"}).with_columns(
            lead=pl.col("id").hash()
        )

    def reached(self, dates: tuple[date, date] | None = None) -> list[int]:
        return self._lengths(self._chain(EACH_LABEL, dates))

    def cohorts(self) -> dict[str, list[int]]:
        pl = self.polars
        chain = self._chain(EACH_LABEL, month=pl.col("moment").min().dt.strftime("%Y-%m"))
        found: dict[str, list[int]] = {}
        for place, counts in enumerate(pl.collect_all([link.group_by("month").len() for link in chain])):
            for month, leads in counts.sort("month").rows():
                found.setdefault(month, [0] * len(EACH_LABEL))[place] = leads
        return found

    def models(self) -> dict[str, list[int]]:
        counts = iter(self._lengths([link for groups in MODELS.values() for link in self._chain(groups)]))
        return {key: [next(counts) for _ in groups] for key, groups in MODELS.items()}

    def _lengths(self, links: Sequence[Any]) -> list[int]:
        pl = self.polars
        return [frame.item() for frame in pl.collect_all([link.select(pl.len()) for link in links])]

    def _chain(
        self, groups: Sequence[Sequence[str]], dates: tuple[date, date] | None = None, **carried: Any
    ) -> list[Any]:
        pl = self.polars
        entries = self.history.lazy()
        each = [entries.filter(pl.col("stage").is_in(labels)).select("lead", "moment") for labels in groups]
        standing = each[0].group_by("lead").agg(reached=pl.col("moment").min(), **carried)
        if dates:
            start, after = dates[0], dates[1] + timedelta(days=1)
            standing = standing.filter(pl.col("reached").is_between(start, after, closed="left"))
        chain = [standing]
        for entered in each[1:]:
            standing = (
                entered.join(standing, on="lead")
                .filter(pl.col("moment") >= pl.col("reached"))
                .group_by("lead")
                .agg(reached=pl.col("moment").min(), **{name: pl.col(name).first() for name in carried})
            )
            chain.append(standing)
        return chain
