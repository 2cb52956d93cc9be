"""A data set: files that were read and mapped, and every question that can be asked of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Pairs
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from funnel import catalogue, measures, wording
from funnel.engine import Engine
from funnel.errors import QuestionError, ReadingError
from funnel.mapping import Hints
from funnel.nouns import (
    LOST_CONCEPTS,
    Alignment,
    Backward,
    Between,
    Breakdown,
    Change,
    Comparison,
    Deciders,
    Entry,
    Filters,
    Flows,
    Headline,
    InferredOrder,
    Loyalty,
    Note,
    OneOf,
    Question,
    Rule,
    Score,
    StageModel,
    Starts,
    Steps,
    Unit,
)
from funnel.reading import FileOnDisk, read_files
from funnel.source import Source

AS_RECORDED = "as-recorded"
MOST_EXITS = 20
Progress = Callable[[Note, float | None], None]


def open_files(
    files: Sequence[FileOnDisk],
    *,
    hints: Hints | None = None,
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> DataSet:
    """A data set from files on disk, read and mapped together.

    `hints` say by hand what recognition would guess. `as_of` is the moment of the upload: nothing after it is taken for
    observed (default: now). Raises ReadingError or MappingError with one sentence; nothing is left behind then.
    """
    if not files:
        raise ReadingError("errors.no_files")
    moment = as_of or datetime.now()
    engine = Engine([file.path for file in files])
    try:
        tables = read_files(engine, files, progress=progress)
        data_set = DataSet(engine, tables, hints or Hints(), moment)
        engine.seal()
        return data_set
    except BaseException:
        engine.close()
        raise


def open_paths(
    *paths: str | Path,
    hints: Hints | None = None,
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> DataSet:
    """`open_files` for paths; each file is known by its own name."""
    for path in paths:
        if not Path(path).is_file():
            raise ReadingError("errors.no_such_file", file=str(path))
    return open_files(
        [FileOnDisk(Path(path).resolve(), Path(path).name) for path in paths],
        hints=hints,
        as_of=as_of,
        progress=progress,
    )


class DataSet(Source):
    """Leads that can be asked. Close it when done; its database vanishes with it."""

    def model(self, key: str | Path) -> StageModel:
        """A model of the catalogue by its key, "as-recorded", or a model file (a path that ends in .toml)."""
        if str(key) == AS_RECORDED:
            return self.as_recorded()
        if str(key).endswith(".toml"):
            found = catalogue.read_model(Path(key))
            return self.as_recorded() if found.kind == catalogue.RECORDED else found
        return catalogue.model(str(key))

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
        where: Pairs[str, object] | None = None,
        observed_until: datetime | None = None,
    ) -> Question:
        """A question in the words of `semantics`; `where` maps a column to a value, a list of values, or a (low, high) pair.

        `unit` None is what the model counts by itself: accounts for an account-based one, where the file has accounts.
        """
        conditions = tuple(self._condition(column, wanted) for column, wanted in (where or {}).items())
        chosen = model if isinstance(model, StageModel) else self.model(model)
        return Question(
            model=chosen,
            rule=Rule(rule),
            window_days=window_days,
            entry=Entry(entry),
            unit=self.unit_of(chosen) if unit is None else Unit(unit),
            quorum=quorum,
            filters=Filters(start_from, start_to, conditions),
            observed_until=observed_until or self.observed_until,
        )

    def steps(self, asked: Question | str | StageModel = AS_RECORDED, **keywords: object) -> Steps:
        """The funnel: `steps(question)`, or `steps("standard", rule="passed", …)` with the keywords of `question`."""
        return measures.steps(self.journeys, self._asked(asked, keywords))

    def breakdown(
        self, asked: Question | str | StageModel, column: str, limit: int = 8, **keywords: object
    ) -> Breakdown:
        """The funnel for each of the commonest values of a column."""
        return measures.breakdown(self.journeys, self._asked(asked, keywords), self.column(column), limit)

    def headline(self, question: Question, by_day: int = 180) -> Headline:
        """The figures above the funnel."""
        return measures.headline(self.journeys, self._asked(question, {}), by_day)

    def starts(self, question: Question) -> Starts:
        """How many leads started when."""
        return measures.starts(self.journeys, question)

    def rule_moves(self, question: Question) -> dict[Rule, int]:
        """How many leads each other rule would count differently."""
        return measures.rule_moves(self.journeys, question)

    def leads_at(
        self,
        question: Question,
        stage: int,
        part: str = "all",
        *,
        offset: int = 0,
        limit: int | None = 50,
        beside: Sequence[Question] = (),
    ) -> pd.DataFrame:
        """The leads counted at a stage, or in one part of its ledger; `beside`: and where other models put them."""
        return measures.leads_at(self.journeys, question, stage, part, offset=offset, limit=limit, beside=beside)

    def unit_of(self, model: StageModel) -> Unit:
        """What a model counts on these files: accounts only where the files have them."""
        return model.unit if "account" in self.loaded.columns else Unit.LEAD

    def compare(self, models: Sequence[str | StageModel | Question], **keywords: object) -> Comparison:
        """The same leads through several models; the keywords are those of `question`, one set for all models."""
        questions = self.lined_up([self._asked(model, keywords) for model in models])
        scores = tuple(self.score(question, questions) for question in questions)
        alignment = self.alignment(questions)
        return Comparison(
            leads=alignment.leads,
            steps=tuple(self.steps(question) for question in questions),
            scores=scores,
            flows=self.flows(questions),
            alignment=alignment,
            verdict=self.verdict(scores),
        )

    def lined_up(self, questions: Sequence[Question]) -> tuple[Question, ...]:
        """The questions, each about the same leads: those that started in the dates by the labels that any of the models takes."""
        return measures.lined_up(self.journeys, questions, self._reference(questions))

    def score(self, question: Question, questions: Sequence[Question]) -> Score:
        """The scoreboard's lines for one of the questions compared."""
        base = self._reference(questions)
        key = base, question.observed_until
        if key not in self._landmarks:
            self._landmarks[key] = measures.landmark(self.journeys, *key)
        return measures.score(self.journeys, question, base, self._landmarks[key])

    def flows(self, questions: Sequence[Question]) -> Flows:
        """How the labels of the file flow into the stages of each model compared, exits last."""
        recorded = [label for stage in self.as_recorded().stages for label in stage.labels]
        exits = [label for label, concept in self.concepts.items() if concept in LOST_CONCEPTS][:MOST_EXITS]
        each = measures.labels_model(
            "recorded", "", [(label, (label,)) for label in (*recorded, *exits)], self.concepts
        )
        return measures.flows(self.journeys, questions, each, self._reference(questions))

    def alignment(self, questions: Sequence[Question]) -> Alignment:
        """Where each pair of the models compared puts the same leads."""
        return measures.alignment(self.journeys, questions, self._reference(questions))

    def verdict(self, scores: Sequence[Score]) -> tuple[Note, ...]:
        """Which model tells most with fewest stages on these leads, and why; or why that cannot be said."""
        return measures.verdict(scores)

    def backward(self, question: Question) -> Backward:
        """The funnel read from the win backwards."""
        return measures.backward(self.journeys, self._asked(question, {}))

    def loyalty(self, question: Question) -> Loyalty:
        """Customers who came back to buy, for a model with a loop."""
        return measures.loyalty(self.journeys, self._asked(question, {}))

    def deciders(self, question: Question) -> Deciders:
        """How many leads the counted accounts have."""
        return measures.deciders(self.journeys, self._asked(question, {}))

    def inferred_order(self, model: StageModel | None = None) -> InferredOrder:
        """How sure the order of the labels is, of the as-recorded model or of another order of labels."""
        return measures.inferred_order(self.journeys, model or self.as_recorded())

    def change(self, before: Question, after: Question, day: date, within_days: int | None = 90) -> Change:
        """The funnel of the leads that started before a day, and of those from that day on, each with the same time to get on."""
        earlier, later = self.lined_up([self._asked(before, {}), self._asked(after, {})])
        return measures.change(self.journeys, earlier, later, day, within_days)

    def _reference(self, questions: Sequence[Question]) -> StageModel:
        if not questions:
            raise QuestionError("errors.no_models")
        order = [label for stage in self.as_recorded().stages for label in stage.labels]
        models = [question.model for question in questions]
        return measures.reference(self.journeys, models, order, wording.say("measures.compared_labels"))

    def __enter__(self) -> DataSet:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _asked(self, asked: Question | str | StageModel, keywords: Pairs[str, object]) -> Question:
        question = self._complete(asked, keywords)
        if question.unit is Unit.ACCOUNT and "account" not in self.loaded.columns:
            raise QuestionError("errors.no_accounts")
        return question

    def _complete(self, asked: Question | str | StageModel, keywords: Pairs[str, object]) -> Question:
        if isinstance(asked, Question):
            asked = replace(asked, **keywords) if keywords else asked  # type: ignore[arg-type]
            return asked if asked.observed_until else replace(asked, observed_until=self.observed_until)
        return self.question(asked, **keywords)  # type: ignore[arg-type]

    def _condition(self, column: str, wanted: object) -> OneOf | Between:
        name = self.column(column)
        if isinstance(wanted, tuple) and len(wanted) == 2 and any(isinstance(side, int | float) for side in wanted):
            return Between(name, wanted[0], wanted[1])
        many = wanted if isinstance(wanted, list | tuple | set) else [wanted]
        return OneOf(name, tuple(None if value is None else str(value) for value in many))
