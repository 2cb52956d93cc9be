"""Funnel Lens under the same watch: a file opened and asked, as a notebook would."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import funnel
from data import EACH_LABEL, MODELS
from funnel import measures

RULE = {"rule": funnel.Rule.IN_ORDER}


class FunnelLens:
    """The methods of the peers (see `peers`), and `look`, the first funnel after reading."""

    PACKAGES = ("duckdb",)
    NOTES = (
        "Funnel Lens reads with `funnel.open`: columns recognised, each line accounted for, leads and history built. What it keeps for"
        " later questions is built when they are first asked (*first time*), if the reading has not built it already.",
        "Funnel Lens answers with all that its pages show, the others with counts alone: a funnel holds rates with intervals, medians"
        " between stages, what became of the leads at each stage, and outcomes; cohorts hold conversion by age for each month and stage.",
        "Funnel Lens gives its engine 500 MB and 2 threads, as the app does.",
    )

    def __init__(self, folder: Path) -> None:
        self.data_set: funnel.DataSet | None = None

    def load(self, path: Path) -> None:
        if self.data_set is not None:
            self.data_set.close()
        self.data_set = funnel.open(path)
        self.model = self.data_set.labels_model(EACH_LABEL)

    def look(self) -> list[int]:
        return self.reached()

    def reached(self, dates: tuple[date, date] | None = None) -> list[int]:
        start, end = dates or (None, None)
        return self._leads(self.data_set.question(self.model, start_from=start, start_to=end, **RULE))

    def reached_within(self, days: int) -> list[int]:
        return self._leads(self.data_set.question(self.model, window_days=days, entry=funnel.Entry.ANY, **RULE))

    def cohorts(self) -> dict[str, list[int]]:
        found = self.data_set.ask(measures.cohorts, self.data_set.question(self.model, **RULE), "month")
        return {f"{cohort.start:%Y-%m}": [stage.converted for stage in cohort.stages] for cohort in found.cohorts}

    def models(self) -> dict[str, list[int]]:
        """Of the stages that take a label, as the peers count them."""
        each = {key: self._leads(self.data_set.question(key, **RULE)) for key in MODELS}
        return {key: each[key][: len(groups)] for key, groups in MODELS.items()}

    def placement(self) -> dict[str, list[list[str]]]:
        """The labels at each stage that takes any, by the catalogue: what `data.MODELS` must say."""
        told = {}
        for key in MODELS:
            stages: dict[int, list[str]] = {}
            for label, place in self.data_set.model(key).placement(self.data_set.concepts).items():
                stages.setdefault(place, []).append(label)
            told[key] = [sorted(stages[place]) for place in sorted(stages)]
        return told

    def _leads(self, question: funnel.Question) -> list[int]:
        return [stage.leads for stage in self.data_set.ask(measures.steps, question).stages]
