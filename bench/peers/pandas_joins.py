"""pandas: the chain by hand, over leads as whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from data import EACH_LABEL, MODELS


class Pandas:
    """Of each lead, the earliest entry at each stage that is not before the one counted last."""

    PACKAGES = ("pandas",)
    NOTES = ()

    def __init__(self, folder: Path) -> None:
        import pandas

        self.pandas = pandas

    def load(self, path: Path) -> None:
        self.history = self.ids = None
        read = self.pandas.read_csv(path, dtype={"Stage": "category"}, parse_dates=["Entered at"])
        read["Lead ID"], self.ids = self.pandas.factorize(read["Lead ID"])
        self.history = read.rename(columns={"Lead ID": "lead", "Stage": "stage", "Entered at": "moment"})

    def reached(self, dates: tuple[date, date] | None = None) -> list[int]:
        return [len(link) for link in self._chain(EACH_LABEL, dates)]

    def cohorts(self) -> dict[str, list[int]]:
        start, *later = self._chain(EACH_LABEL)
        month = start.dt.to_period("M")
        found = {str(first): [0] * len(EACH_LABEL) for first in sorted(month.unique())}
        for place, link in enumerate([start, *later]):
            for first, leads in month.loc[link.index].value_counts().items():
                found[str(first)][place] = int(leads)
        return found

    def models(self) -> dict[str, list[int]]:
        return {key: [len(link) for link in self._chain(groups)] for key, groups in MODELS.items()}

    def _chain(self, groups: Sequence[Sequence[str]], dates: tuple[date, date] | None = None) -> list[Any]:
        pandas = self.pandas
        standing, chain = None, []
        for labels in groups:
            entered = self.history.loc[self.history["stage"].isin(labels), ["lead", "moment"]]
            if standing is not None:
                entered = entered[entered["moment"] >= entered["lead"].map(standing)]
            standing = entered.groupby("lead", sort=False)["moment"].min()
            if dates and not chain:
                start, after = pandas.Timestamp(dates[0]), pandas.Timestamp(dates[1]) + pandas.Timedelta(days=1)
                standing = standing[(standing >= start) & (standing < after)]
            chain.append(standing)
        return chain
