"""What was read: the files, their labels and columns, and the tables behind them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Pairs
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from funnel import catalogue, mapping, measures
from funnel.conditions import Conditions
from funnel.core.engine import Engine
from funnel.core.errors import QuestionError
from funnel.core.sql import Query, identifier
from funnel.core.types import (
    AS_RECORDED,
    IGNORED,
    LOST_CONCEPTS,
    UNPLACED,
    WON_CONCEPT,
    AsOf,
    Attribute,
    EndRule,
    LabelCount,
    Landmark,
    Note,
    Outcome,
    Question,
    RawTable,
    SavedWork,
    Shape,
    StageModel,
)
from funnel.journeys import HOUSE_COLUMNS, Gathered, Journeys, Tables
from funnel.journeys.at_start import StartValues
from funnel.mapping import Hints, Loaded, Mapping
from funnel.measures import LabelFacts
from funnel.storage.built import Built, BuiltJourneys
from funnel.words import wording

if TYPE_CHECKING:
    import pandas as pd

_HOUSE_COLUMN_OF = {"lead": "lead_id", "account": "account_id", "amount": "amount", "currency": "currency"}

Answer = TypeVar("Answer")
Rest = ParamSpec("Rest")
SURE_NAME = 0.85
"""From this confidence on a text names the one label that means the same."""


class Source:
    """The leads of some files, as they were understood. Close it when done; its database vanishes with it."""

    def __init__(
        self, engine: Engine, tables: Sequence[RawTable], hints: Hints, as_of: datetime, built: Built | None = None
    ) -> None:
        self.engine = engine
        self.tables = tuple(tables)
        self.as_of = as_of
        self.hints = hints
        self.built = built
        self.work = SavedWork()
        # What its files vanish with, where they are not its own: a large one is read as long as there are questions.
        self.keepers: tuple[object, ...] = ()
        self._recorded: StageModel | None = None
        self._counted: tuple[Loaded, tuple[Attribute, ...]] | None = None
        self.mapping: Mapping
        self._tables = Tables()
        if built is None:
            self._map(hints)
        else:
            self._take(built.mapping, built.loaded, built.manifest.numbered, built.gathered)

    def remap(self, hints: Hints) -> None:
        """Read the same lines under other hints. When that fails, a sentence is raised and all stays as it was.

        A built folder has no lines any more: of its hints only the concepts of labels can change.
        """
        if self.built is None:
            self._map(hints)
            return
        free: dict[str, object] = {"concepts": (), "reopened_by": None, "keeps_win": None}
        if hints.replaced(free) not in (Hints(), self.built.hints.replaced(free)):
            raise QuestionError("building.remap")
        known = self.built.concepts
        self.hints = replace(self.hints, reopened_by=hints.reopened_by, keeps_win=hints.keeps_win)
        self.with_concepts({**known, **{label: concept for label, concept in hints.concepts if label in known}})

    def with_concepts(self, concepts: Pairs[str, str]) -> None:
        """Take labels for other concepts (or "lost", "ignored", …) from now on; nothing is read again."""
        known = {label.label for label in self.labels}
        for label in concepts:
            if label not in known:
                raise QuestionError("errors.unknown_label", label=label, accepted=listed(known))
        changed = [
            replace(label, concept=concepts[label.label], confidence=1.0) if label.label in concepts else label
            for label in self.labels
        ]
        self.hints = replace(self.hints, concepts=tuple({**dict(self.hints.concepts), **dict(concepts)}.items()))
        self.mapping = mapping.recounted(self.engine, self.mapping, self.hints)
        self._place(changed)

    def _ask(
        self,
        measure: Callable[Concatenate[Journeys, Question, Rest], Answer],
        question: Question,
        *rest: Rest.args,
        **named: Rest.kwargs,
    ) -> Answer:
        """What a measure says of what was observed by the question's moment; no entry after it is looked at."""
        return measure(self._by([question]), question, *rest, **named)

    def _by(self, questions: Sequence[Question]) -> Journeys:
        """The journeys of what was observed by the moment of the questions."""
        return self.journeys.until(questions[0].observed_until if questions else None)

    def _dated_labels(self) -> set[str]:
        """The labels that have a column of dates of their own."""
        if self.built is not None:
            return {label for _, label in self.built.hints.stage_dates}
        return {each.label for source in self.mapping.sources for each in source.stage_dates}

    def check_starts(self) -> None:
        """QuestionError where no lead has a start: then nothing that counts days from it can be told."""
        if self.first_start is None:
            raise QuestionError("errors.no_start")

    def outcomes_under(self, rule: EndRule) -> dict[Outcome, int]:
        """How many leads of the file's own labels would be won, lost and open if this rule said what opens a lead again."""

        def count() -> dict[Outcome, int]:
            journeys = Journeys(
                self.engine,
                self.concepts,
                start_from_created=self.mapping.shape is Shape.SNAPSHOT,
                numbered=self.numbered,
                end_rule=rule,
                gathered=self._gathered,
                dated_labels=self._dated_labels(),
                tables=replace(self._tables, prefix=f"if_{rule.reopened_by}_{int(rule.keeps_win)}_"),
            )
            question = Question(self.as_recorded(), observed_until=self.observed_until)
            try:
                told = measures.steps(journeys.until(self.observed_until), question)
            finally:
                journeys.forget()
            return {Outcome.WON: told.won, Outcome.LOST: told.lost, Outcome.OPEN: told.open}

        return self.journeys.once(("outcomes_under", rule), count)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """The columns of `leads` that can filter or break down, with how many values each has: counted when first asked for."""
        loaded, counted = self.loaded, self._counted
        if loaded.attributes is not None:
            return loaded.attributes
        # Meanwhile another thread may have read the lines anew.
        if counted is None or counted[0] is not loaded:
            counted = (loaded, mapping.attributes(self.engine, loaded.at_start))
            self._counted = counted
        return counted[1]

    @property
    def changed_columns(self) -> tuple[str, ...]:
        """The columns of `leads` whose latest value is not for every lead the one at its start; those not known then are the last."""
        return (*(self.loaded.at_start), *self.unknown_at_start)

    @property
    def warnings(self) -> tuple[Note, ...]:
        """What a reader of these numbers should know, the gravest first."""
        no_win = () if WON_CONCEPT in self.concepts.values() else (Note("measures.no_win_label"),)
        stages = sum(concept not in (IGNORED, *LOST_CONCEPTS) for concept in self.concepts.values())
        most = measures.MOST_STAGES
        many = (Note("measures.many_labels", {"labels": stages, "most": most}),) if stages > most else ()
        return (*no_win, *many, *(note for table in self.tables for note in table.notes), *self.loaded.warnings)

    def as_recorded(self) -> StageModel:
        """The file's own labels as a model, in the order that `measures.as_recorded` tells."""
        if self._recorded is None:
            told = catalogue.recorded()
            if self.built is not None and self._as_built:
                stages = [(label, (label,)) for label in self.built.manifest.recorded]
                found = measures.labels_model(AS_RECORDED, told.name, stages, self.concepts)
            else:
                found = measures.as_recorded(self.engine, self.label_facts, told.name, self._tables)
            self._recorded = replace(found, description=told.description)
        return self._recorded

    @property
    def label_facts(self) -> LabelFacts:
        """What orders the labels beside how leads moved."""
        positions = {label.label: label.position for label in self.labels if label.position is not None}
        written = mapping.written_orders(self.concepts, positions)
        by_time = self.mapping.shape in (Shape.HISTORY, Shape.CHANGES)
        return LabelFacts(self.concepts, catalogue.usual_order(), written, by_time)

    def labels_model(self, stages: Sequence[Sequence[str]], key: str = "labels") -> StageModel:
        """A model of these labels in this order; labels that stand together are one stage, named by the first.

        A label is found by its spelling, else without regard to case, blanks and punctuation, else by the header it came
        from, else by its meaning when one label alone bears it. Raises QuestionError with the labels of the file.
        """
        return measures.labels_model(
            key,
            wording.say("measures.labels_model"),
            [(group[0], tuple(self._label(text) for text in group)) for group in stages],
            self.concepts,
        )

    def column(self, name: str) -> str:
        """The column of `leads` that a person means by a header of the file; QuestionError names the headers there are."""
        columns = [column for column, _ in self.engine.columns("leads")]
        wanted = catalogue.normalised(name)
        said = {part: self.loaded.columns[part] for part in _HOUSE_COLUMN_OF if part in self.loaded.columns}
        for part, header in said.items():
            if catalogue.normalised(header) == wanted:
                return _HOUSE_COLUMN_OF[part]
        # A header that is a name of the house's own too stands in `leads` with "(file)" behind it, and is meant before that.
        own = [column for column in columns if column not in HOUSE_COLUMNS]
        for spelt, among in ((wanted, own), (wanted + " file", own), (wanted, columns)):
            for column in among:
                if catalogue.normalised(column) == spelt:
                    return column
        headers = [*(attribute.column for attribute in self.attributes), *said.values()]
        raise QuestionError("errors.unknown_column", column=name, accepted=listed(dict.fromkeys(headers)))

    def attribute_values(
        self, column: str, search: str = "", limit: int = 200, attributes: AsOf = AsOf.START
    ) -> list[tuple[str | None, int]]:
        """(value, leads) of a column, commonest first; None is empty. `search` keeps values that contain it, in any case."""
        name = f"leads.{identifier(column)}"
        where = f"\nWHERE CONTAINS(LOWER(CAST({name} AS VARCHAR)), LOWER(?))" if search else ""
        text = f"""SELECT CAST({name} AS VARCHAR) AS value, COUNT(*) AS leads
FROM {identifier(self.journeys.starts.seen("leads", attributes))} AS leads{where}
GROUP BY 1
ORDER BY leads DESC, value
LIMIT {int(limit)}"""
        return [(value, leads) for value, leads in self.engine.rows(Query(text, (search,) if search else ()))]

    def attribute_range(self, column: str, attributes: AsOf = AsOf.START) -> tuple[float, float] | None:
        """The smallest and the largest number of a column; None where it holds none."""
        name = f"TRY_CAST(leads.{identifier(column)} AS DOUBLE)"
        source = identifier(self.journeys.starts.seen("leads", attributes))
        low, high = self.engine.row(Query(f"SELECT MIN({name}) AS low, MAX({name}) AS high FROM {source} AS leads"))
        return None if low is None else (low, high)

    def rejects(self, *, offset: int = 0, limit: int | None = 50) -> pd.DataFrame:
        """Lines and cells that could not be read: source_file, source_line, column_name, value, reason, whole_line."""
        page = "" if limit is None else f"\nLIMIT {int(limit)} OFFSET {int(offset)}"
        return self.engine.frame(
            Query(
                f"SELECT rejects.*\nFROM rejects\nORDER BY rejects.source_file, rejects.source_line, rejects.column_name{page}"
            )
        )

    def reject_count(self) -> int:
        """How many lines and cells could not be read."""
        return int(self.engine.row(Query("SELECT COUNT(*) AS cells FROM rejects"))[0])

    def preview(self, table: str, limit: int = 20) -> pd.DataFrame:
        """The first lines of a raw table, as text."""
        return self.engine.frame(Query(f"SELECT source.* FROM {identifier(table)} AS source LIMIT {int(limit)}"))

    def interrupt(self) -> None:
        """Stop what is running on this data set."""
        self.engine.interrupt()

    def close(self) -> None:
        """Remove the database. Closing twice is harmless."""
        self.engine.close()
        self.keepers = ()

    def _map(self, hints: Hints) -> None:
        with self.engine.transaction():
            found: Mapping = mapping.recognise(self.engine, self.tables, as_of=self.as_of, hints=hints)
            loaded: Loaded = mapping.carry_out(self.engine, self.tables, found, as_of=self.as_of)
            numbered = mapping.numbered(self.engine, found)
        self.hints = hints
        self._tables = Tables(form=loaded.form)
        self._take(found, loaded, numbered, Gathered(self.engine, tables=self._tables))

    def _take(self, found: Mapping, loaded: Loaded, numbered: bool, gathered: Gathered) -> None:
        self.mapping = found
        self.loaded = loaded
        self.files = loaded.files
        self.leads = loaded.leads
        self.entries = loaded.entries
        self.observed_until = loaded.observed_until
        self.numbered = numbered
        self._gathered = gathered
        self.kinds = dict(self.engine.columns("leads"))
        self.unknown_at_start = loaded.unknown_at_start
        at_start = loaded.at_start
        self.conditions = Conditions(self.engine, self.kinds, at_start, self.as_of, self.hints.date_order)
        self._place(loaded.labels)

    def _place(self, labels: Iterable[LabelCount]) -> None:
        self.labels = tuple(labels)
        self.concepts = {label.label: label.concept for label in self.labels}
        end_rule = self.hints.end_rule
        self._as_built = self.built is not None and (self.built.concepts, self.built.hints.end_rule) == (
            self.concepts,
            end_rule,
        )
        journeys = Journeys if self.built is None or not self._as_built else partial(BuiltJourneys, self.built)
        self.journeys: Journeys = journeys(
            self.engine,
            self.concepts,
            start_from_created=self.mapping.shape is Shape.SNAPSHOT,
            numbered=self.numbered,
            end_rule=end_rule,
            gathered=self._gathered,
            tables=self._tables,
            starts=StartValues(self.engine, self.loaded.at_start, self.loaded.unknown_at_start),
            local_times=self.loaded.local_times,
            dated_labels=self._dated_labels(),
        )
        self._recorded = None
        self._landmarks: dict[tuple[StageModel, datetime | None], Landmark] = {}
        of = (self.mapping, sorted(self.concepts.items()), end_rule)
        told = repr(of if self.built is None else (*of, self.built.manifest.fingerprint))
        self.revision = hashlib.sha256(told.encode()).hexdigest()[:16]
        everybody = Question(self.as_recorded(), observed_until=self.observed_until)
        self.first_start, self.last_start, _ = self._ask(measures.span, everybody)

    def _label(self, text: str) -> str:
        labels = [label.label for label in self.labels]
        if text in labels:
            return text
        wanted = catalogue.normalised(text)
        alike = [label for label in labels if catalogue.normalised(label) == wanted]
        if not alike:
            alike = [label for label, header in self.loaded.headers.items() if catalogue.normalised(header) == wanted]
        if not alike:
            concept, confidence = mapping.guess(text)
            sure = confidence >= SURE_NAME
            alike = [label for label in labels if sure and self.concepts[label] == concept != UNPLACED]
        if len(alike) == 1:
            return alike[0]
        raise QuestionError("errors.unknown_label", label=text, accepted=listed(labels))


def listed(names: Iterable[str], most: int = 12) -> str:
    listed = list(names)
    more = len(listed) - most
    return ", ".join(listed[:most]) + (f" … (+{more})" if more > 0 else "")
