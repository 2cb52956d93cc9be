"""A data set: files that were read and mapped, and every question that can be asked of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar, overload

from funnel import catalogue, mapping
from funnel.columns import Columns
from funnel.core.disk import State
from funnel.core.engine import Engine
from funnel.core.errors import QuestionError
from funnel.core.history import ValueHistory
from funnel.core.sql import Query, identifier
from funnel.core.types import (
    AS_RECORDED,
    IGNORED,
    LOST_CONCEPTS,
    WON_CONCEPT,
    AsOf,
    Calendar,
    EndRule,
    Entry,
    Filters,
    LabelCount,
    Note,
    Outcome,
    Question,
    RawTable,
    Rule,
    SavedWork,
    Segment,
    Shape,
    StageModel,
    Touches,
    Unit,
    closed_within,
)
from funnel.journeys import FileFacts, Gathered, Journeys, Tables
from funnel.labels import Labels, named, recorded
from funnel.mapping import ColumnMapping, Loaded, MappingOverrides
from funnel.measures.groups import in_terms
from funnel.measures.kpis import ended, span
from funnel.measures.recorded import MOST_STAGES
from funnel.measures.unmet import unmet, without_account
from funnel.measures.versions import version_notes
from funnel.storage import project
from funnel.storage.built import Built, BuiltJourneys
from funnel.words import wording

if TYPE_CHECKING:
    import pandas as pd

Answer = TypeVar("Answer")
Options = ParamSpec("Options")
Asked = Question | str | StageModel


class DataSet:
    """Leads that can be asked. Close it when done; its database vanishes with it."""

    def __init__(
        self,
        engine: Engine,
        tables: Sequence[RawTable],
        overrides: MappingOverrides,
        as_of: datetime,
        built: Built | None = None,
    ) -> None:
        self.engine = engine
        self.tables = tuple(tables)
        self.as_of = as_of
        self.overrides = overrides
        self.built = built
        self.work = SavedWork()
        # What its files vanish with, where they are not its own: a large one is read as long as there are questions.
        self.keepers: tuple[object, ...] = ()
        # What its files were when they were read, by which it is seen whether one was changed since.
        self.read_as: Mapping[Path, State | None] = {}
        self.mapping: ColumnMapping
        self.touches: Touches | None = None
        self._tables = Tables()
        if built is None:
            self._map(overrides)
        else:
            self._take(built.mapping, built.loaded, built.manifest.numbered, built.gathered)

    @overload
    def ask(
        self,
        measure: Callable[Concatenate[Journeys, Question, Options], Answer],
        asked: Asked,
        *options: Options.args,
        **named: Options.kwargs,
    ) -> Answer: ...

    @overload
    def ask(
        self,
        measure: Callable[Concatenate[Journeys, Sequence[Question], Options], Answer],
        asked: Sequence[Asked],
        *options: Options.args,
        **named: Options.kwargs,
    ) -> Answer: ...

    def ask(
        self, measure: Callable[..., Answer], asked: Asked | Sequence[Asked], *options: object, **named: object
    ) -> Answer:
        """What a measure (a function of `funnel.measures`) answers to a question, or to several of the same moment, with its options;
        a model, or its key, asks as `question` does of it.

        No entry after the moment of the question is looked at. QuestionError, in a sentence, where it cannot be answered.
        """
        if isinstance(asked, Question | str | StageModel):
            question = self._settled(asked)
            return measure(self.journeys.until(question.observed_until), question, *options, **named)
        questions = tuple(self._settled(each) for each in asked)
        journeys = self.journeys.until(questions[0].observed_until) if questions else self.journeys
        return measure(journeys, questions, *options, **named)

    def question(
        self,
        model: str | StageModel = AS_RECORDED,
        *,
        rule: Rule | str = Rule.PASSED,
        window_days: int | None = None,
        entry: Entry | str = Entry.FIRST,
        unit: Unit | str | None = None,
        quorum: int | None = 1,
        start_from: date | None = None,
        start_to: date | None = None,
        where: Mapping[str, object] | None = None,
        observed_until: datetime | None = None,
        attributes: AsOf | str = AsOf.START,
        closed: bool = False,
        calendar: Calendar | str | None = None,
    ) -> Question:
        """A question in the words of `semantics`; `where` maps a column to a value, a list of values, or a (low, high) pair of numbers
        or dates. `attributes`: the values at the start of a lead, or the latest. `closed`: the dates are those on which leads closed.

        `unit` None: what the model counts by itself, accounts for an account-based one where there are some. `calendar` None: that of now.
        """
        values = AsOf(attributes)
        conditions = self.columns.conditions(where or {}, values)
        chosen = model if isinstance(model, StageModel) else self.model(model)
        return Question(
            model=chosen,
            rule=Rule(rule),
            window_days=window_days,
            entry=Entry(entry),
            unit=self.unit_of(chosen) if unit is None else Unit(unit),
            quorum=quorum,
            filters=Filters(where=(*conditions, closed_within(start_from, start_to)))
            if closed
            else Filters(start_from, start_to, conditions),
            observed_until=observed_until or self.observed_until,
            attributes=values,
            calendar=Calendar(calendar or wording.calendar()),
        )

    def model(self, key: str | Path) -> StageModel:
        """A model by its key: one of the project's own, of the catalogue, "as-recorded"; or a model file (a path that ends in .toml)."""
        own_models = {model.key: model for model in self.work.models}
        return own_models[str(key)] if str(key) in own_models else catalogue.named(key, self.as_recorded)

    def unit_of(self, model: StageModel) -> Unit:
        """What a model counts on these files: accounts only where the files have them."""
        return model.unit if "account" in self.loaded.columns else Unit.LEAD

    def unmet(self, question: Question, groups: Sequence[Segment] = ()) -> tuple[Note, ...]:
        """Which version of its model a question is of, and how many leads are not counted for it; what no lead has of the values that its
        filters, and the conditions of groups, ask for; how many leads have no account, where accounts are counted."""
        conditions = [*question.filters.where, *(each for group in groups for each in group.where)]
        missing = unmet(self.journeys, question.attributes, tuple(dict.fromkeys(conditions)))
        return (*self.ask(version_notes, question), *without_account(self.journeys, question), *missing)

    def remap(self, overrides: MappingOverrides) -> None:
        """Read the same lines under other overrides. When that fails, a sentence is raised and all stays as it was.

        A built folder has no lines any more: of its overrides only the concepts of labels can change.
        """
        if self.built is None:
            self._map(overrides)
            return
        free: dict[str, object] = {"concepts": (), "reopened_by": None, "keeps_win": None}
        if overrides.replaced(free) not in (MappingOverrides(), self.built.overrides.replaced(free)):
            raise QuestionError("building.remap")
        built = self.built.concepts
        self.overrides = replace(self.overrides, reopened_by=overrides.reopened_by, keeps_win=overrides.keeps_win)
        self.with_concepts({**built, **{label: concept for label, concept in overrides.concepts if label in built}})

    def with_concepts(self, concepts: Mapping[str, str]) -> None:
        """Take labels for other concepts (or "lost", "ignored", …) from now on; nothing is read again."""
        changed = self._labels.meaning(concepts)
        self.overrides = replace(
            self.overrides, concepts=tuple({**dict(self.overrides.concepts), **dict(concepts)}.items())
        )
        self.mapping = mapping.recounted(self.engine, self.mapping, self.overrides)
        self._place(changed)

    @property
    def labels(self) -> tuple[LabelCount, ...]:
        """The labels of the files, each with its leads and its concept."""
        return self._labels.counts

    @property
    def concepts(self) -> dict[str, str]:
        """The concept of every label."""
        return self._labels.concepts

    def labels_model(self, stages: Sequence[Sequence[str]], key: str = "labels") -> StageModel:
        """A model of these labels in this order, see `Labels.model`."""
        return self._labels.model(stages, key)

    def as_recorded(self) -> StageModel:
        """The file's own labels as a model, in the order that `measures.recorded` tells."""
        return self._recorded(wording.language())

    @property
    def warnings(self) -> tuple[Note, ...]:
        """What a reader of these numbers should know, the gravest first."""
        no_win = () if WON_CONCEPT in self.concepts.values() else (Note("measures.no_win_label"),)
        stages = sum(concept not in (IGNORED, *LOST_CONCEPTS) for concept in self.concepts.values())
        many = (Note("measures.many_labels", {"labels": stages, "most": MOST_STAGES}),) if stages > MOST_STAGES else ()
        return (*no_win, *many, *(note for table in self.tables for note in table.notes), *self.loaded.warnings)

    def outcomes_under(self, rule: EndRule) -> dict[Outcome, int]:
        """How many leads of the file's own labels would be won, lost and open if this rule said what opens a lead again."""
        ends, question = rule.ends(self.concepts), Question(self.as_recorded(), observed_until=self.observed_until)

        def count() -> dict[Outcome, int]:
            if ends == self.journeys.end_rule.ends(self.concepts):
                return ended(self.journeys.until(self.observed_until), question)
            prefix = f"if_{rule.reopened_by}_{int(rule.keeps_win)}_"
            journeys = self._journeys(Journeys, rule, replace(self._tables, prefix=prefix))
            try:
                return ended(journeys.until(self.observed_until), question)
            finally:
                journeys.forget()

        return self.journeys.once(("outcomes_under", ends), count)

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

    def save(self, path: str | Path, work: SavedWork | None = None) -> None:
        """Writes a project file, which opens again anywhere: the data as they were read, rejected lines, what was said by hand, and the
        work (without one, that of the project they came from). There is a whole file or none; an earlier one stays until then.

        Exhausted where the disk is full, ProjectError where the place cannot be written to.
        """
        work = work or self.work
        project.save(Path(path), self.engine, self.tables, self.overrides, self.as_of, work, self.built)

    def interrupt(self) -> None:
        """Stop what is running on this data set."""
        self.engine.interrupt()

    def close(self) -> None:
        """Remove the database. Closing twice is harmless."""
        self.engine.close()
        self.keepers = ()

    def __enter__(self) -> DataSet:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _settled(self, asked: Asked) -> Question:
        """The question with each filter in its column's own terms, and up to the file's own moment where it names none."""
        question = asked if isinstance(asked, Question) else self.question(asked)
        if question.unit is Unit.ACCOUNT and "account" not in self.loaded.columns:
            raise QuestionError("errors.no_accounts")
        return replace(in_terms(self.journeys, question), observed_until=question.observed_until or self.observed_until)

    def _map(self, overrides: MappingOverrides) -> None:
        found = mapping.map_together(self.engine, self.tables, overrides, self.as_of)
        self.overrides = overrides
        self.touches = found.touches
        self._tables = Tables(form=found.loaded.form)
        self._take(found.mapping, found.loaded, found.numbered, Gathered(self.engine, tables=self._tables))

    def _take(self, mapped: ColumnMapping, loaded: Loaded, numbered: bool, gathered: Gathered) -> None:
        self.mapping = mapped
        self.loaded = loaded
        self.files = loaded.files
        self.leads = loaded.leads
        self.entries = loaded.entries
        self.observed_until = loaded.observed_until
        self.numbered = numbered
        self.columns = Columns(self.engine, loaded, self.as_of, self.overrides.date_order)
        self._gathered = gathered
        self._place(Labels(loaded.labels, loaded.headers, mapped.shape))

    def _place(self, labels: Labels) -> None:
        self._labels = labels
        rule, built = self.overrides.end_rule, self.built
        as_built = built is not None and (built.concepts, built.overrides.end_rule) == (labels.concepts, rule)
        order = built.manifest.recorded if built is not None and as_built else None
        in_file = cache(partial(recorded, self.engine, labels, self._tables, order))
        self._recorded = cache(partial(named, in_file))
        kind = partial(BuiltJourneys, built) if built is not None and as_built else Journeys
        self.bought_again = self.columns.tell_customers(self._tables, labels.concepts, make=built is None)
        self.journeys: Journeys = self._journeys(kind, rule, self._tables)
        of = (self.mapping, sorted(labels.concepts.items()), rule)
        identity = repr(of if built is None else (*of, built.manifest.fingerprint))
        self.revision = hashlib.sha256(identity.encode()).hexdigest()[:16]
        everybody = Question(self.as_recorded(), observed_until=self.observed_until)
        self.first_start, self.last_start, _ = self.ask(span, everybody)

    def _journeys(self, kind: Callable[..., Journeys], rule: EndRule, tables: Tables) -> Journeys:
        labels, built = self._labels, self.built
        dates = {each.label for each in self.mapping.stage_dates}
        together = wording.say("measures.compared_labels")
        # A built folder has no lines any more.
        said = partial(mapping.value_history, self.engine, self.mapping, self.as_of)
        values = cache(said) if built is None else ValueHistory
        return kind(
            self.engine,
            labels.concepts,
            start_from_created=self.mapping.shape is Shape.SNAPSHOT,
            numbered=self.numbered,
            end_rule=rule,
            gathered=self._gathered,
            tables=tables,
            starts=self.columns.starts,
            local_times=self.loaded.local_times,
            dated_labels=dates if built is None else {label for _, label in built.overrides.stage_dates},
            file=FileFacts(self.columns, self.as_recorded, lambda: labels.facts, together, values, self.touches),
        )
