"""Funnel Lens under the same watch: the file read and mapped, journeys built, and questions asked of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from data import STAGES
from funnel.engine import Engine
from funnel.journeys import Journeys
from funnel.mapping import Hints, build, recognise
from funnel.measures import labels_model, steps
from funnel.measures.counted import in_question
from funnel.nouns import Entry, Question, Rule, Steps
from funnel.reading import FileOnDisk, read_files
from funnel.sql import Query, compose

MODEL = labels_model("bench", "bench", [(stage, (stage,)) for stage in STAGES])
AS_OF = datetime(2030, 1, 1)


class FunnelLens:
    """What `funnel.open` and `.steps` do, a step at a time."""

    def __init__(self, folder: Path) -> None:
        self.engine: Engine | None = None

    def load(self, path: Path) -> None:
        """The file into leads and history, as `funnel.open` does: recognised, typed, each line accounted for."""
        if self.engine is not None:
            self.engine.close()
        self.engine = Engine([path])
        tables = read_files(self.engine, [FileOnDisk(path, path.name)])
        found = recognise(self.engine, tables, as_of=AS_OF, hints=Hints())
        self.loaded = build(self.engine, tables, found, as_of=AS_OF)

    def build(self) -> None:
        """Journeys from the history: one table for the three rules and any window from the first entry."""
        concepts = {label.label: label.concept for label in self.loaded.labels}
        self.journeys = Journeys(self.engine, concepts, start_from_created=False)
        self.journeys.table(MODEL)

    def build_within(self, days: int) -> None:
        """The further table that `entry = any` with a window needs."""
        self.journeys.table(MODEL, Entry.ANY, days)

    def reached(self) -> list[int]:
        """Leads that reach each stage in order, and nothing else: what windowFunnel tells."""
        return self._counts(Question(MODEL, Rule.IN_ORDER))

    def reached_within(self, days: int) -> list[int]:
        return self._counts(Question(MODEL, Rule.IN_ORDER, days, Entry.ANY))

    def steps(self, rule: Rule = Rule.IN_ORDER) -> Steps:
        """The whole funnel of the page: counts, rates, medians between stages, ledger, outcomes."""
        return steps(self.journeys, Question(MODEL, rule))

    def _counts(self, question: Question) -> list[int]:
        columns = (f"COUNT(*) FILTER (WHERE counted.fate_{place} > 0) AS leads_{place}" for place in range(len(STAGES)))
        query = compose(in_question(self.journeys, question), Query(f"SELECT {', '.join(columns)}\nFROM counted"))
        return list(self.journeys.engine.row(query))
