"""A data set: files that were read and mapped, and every question that can be asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from funnel import measures
from funnel.core.errors import QuestionError
from funnel.core.types import (
    AS_RECORDED,
    LOST_CONCEPTS,
    AccountSizes,
    Aging,
    Alignment,
    Backward,
    Bottleneck,
    Breakdown,
    Change,
    CohortAmounts,
    Cohorts,
    Comparison,
    Curves,
    Flows,
    InferredOrder,
    Kpis,
    Loyalty,
    MovesFound,
    Note,
    Period,
    Question,
    Rule,
    SavedWork,
    Score,
    StageModel,
    Starts,
    Steps,
    StepTrend,
    Times,
    TimesBy,
    Velocity,
)
from funnel.segmenting import Segmenting
from funnel.storage import project
from funnel.words import wording

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_EXITS = 20


class DataSet(Segmenting):
    """Leads that can be asked. Close it when done; its database vanishes with it."""

    def steps(self, asked: Question | str | StageModel = AS_RECORDED, **keywords: object) -> Steps:
        """The funnel: `steps(question)`, or `steps("standard", rule="passed", …)` with the keywords of `question`."""
        return self._ask(measures.steps, self._asked(asked, keywords))

    def breakdown(
        self, asked: Question | str | StageModel, column: str, limit: int = 8, **keywords: object
    ) -> Breakdown:
        """The funnel for each of the commonest values of a column."""
        question = self._asked(asked, keywords)
        return self._ask(measures.breakdown, question, self._column(column, question.attributes), limit)

    def kpis(self, question: Question, by_day: int = 180) -> Kpis:
        """The figures above the funnel."""
        return self._ask(measures.kpis, self._asked(question, {}), by_day)

    def starts(self, question: Question) -> Starts:
        """How many leads started when."""
        return self._ask(measures.starts, self._settled(question))

    def rule_sensitivity(self, question: Question) -> dict[Rule, int]:
        """How many leads each other rule would count differently."""
        return self._ask(measures.rule_sensitivity, self._settled(question))

    def leads_at(
        self,
        question: Question,
        stage: int,
        part: str = "all",
        *,
        offset: int = 0,
        limit: int | None = 50,
        beside: Sequence[Question] = (),
    ) -> DataFrame:
        """The leads counted at a stage, or in one part of its ledger; `beside`: and where other models put them."""
        asked, others = self._settled(question), [self._settled(each) for each in beside]
        return self._ask(measures.leads_at, asked, stage, part, offset=offset, limit=limit, beside=others)

    def cohorts(
        self,
        asked: Question | str | StageModel = AS_RECORDED,
        period: Period | str = Period.MONTH,
        days: Sequence[int] = measures.DAYS,
        **keywords: object,
    ) -> Cohorts:
        """Leads by the period in which they started, and how each cohort converts to every stage and to the win by some days."""
        return self._ask(measures.cohorts, self._asked(asked, keywords), period, days)

    def curves(self, question: Question, period: Period | str = Period.MONTH, target: int | None = None) -> Curves:
        """Conversion by age to a stage, or (None) to the win, a curve for each cohort."""
        return self._ask(measures.curves, self._asked(question, {}), period, target)

    def step_trend(self, question: Question, period: Period | str = Period.MONTH, day: int = 90) -> StepTrend:
        """Each step's conversion over the date of start."""
        return self._ask(measures.trend, self._asked(question, {}), period, day)

    def cohort_amounts(self, question: Question, period: Period | str = Period.MONTH) -> CohortAmounts:
        """What the leads of each cohort that reached each stage are worth."""
        return self._ask(measures.cohort_amounts, self._asked(question, {}), period)

    def times(self, asked: Question | str | StageModel = AS_RECORDED, **keywords: object) -> Times:
        """How long leads stay at each stage, and how long each step takes them, with those who still wait."""
        return self._ask(measures.times, self._asked(asked, keywords))

    def times_by(self, question: Question, column: str, limit: int = 6) -> TimesBy:
        """The same for each of the commonest values of a column."""
        question = self._asked(question, {})
        return self._ask(measures.times_by, question, self._column(column, question.attributes), limit)

    def bottleneck(self, question: Question) -> Bottleneck | None:
        """The stage where leads wait most and that where most are lost; None for a snapshot, or where there is no last date."""
        asked = self._asked(question, {})
        if self.journeys.start_from_created or asked.observed_until is None:
            return None
        return measures.bottleneck(self.journeys, asked)

    def aging(self, question: Question) -> Aging:
        """The open leads by stage, and how many have stayed longer than those that moved on."""
        return self._ask(measures.aging, self._asked(question, {}))

    def stalled(self, question: Question, *, long: bool = False, offset: int = 0, limit: int | None = 50) -> DataFrame:
        """The open leads that have stayed longer than three quarters (`long`: nine tenths) of those that moved on."""
        return self._ask(measures.stalled, self._asked(question, {}), long=long, offset=offset, limit=limit)

    def velocity(self, question: Question, within_days: int = 180) -> Velocity:
        """How much is won a day at the pace of the leads decided lately."""
        return self._ask(measures.velocity, self._asked(question, {}), within_days)

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
        asked = [self._settled(question) for question in questions]
        return measures.lined_up(self._by(asked), asked, self._reference(asked))

    def score(self, question: Question, questions: Sequence[Question]) -> Score:
        """The scoreboard's lines for one of the questions compared."""
        base = self._reference(questions)
        key = base, question.observed_until
        if key not in self._landmarks:
            self._landmarks[key] = measures.landmark(self._by(questions), *key)
        return self._ask(measures.score, question, base, self._landmarks[key])

    def flows(self, questions: Sequence[Question]) -> Flows:
        """How the labels of the file flow into the stages of each model compared, exits last."""
        recorded = [label for stage in self.as_recorded().stages for label in stage.labels]
        exits = [label for label, concept in self.concepts.items() if concept in LOST_CONCEPTS][:MOST_EXITS]
        each = measures.labels_model(
            "recorded", "", [(label, (label,)) for label in (*recorded, *exits)], self.concepts
        )
        return measures.flows(self._by(questions), questions, each, self._reference(questions))

    def alignment(self, questions: Sequence[Question]) -> Alignment:
        """Where each pair of the models compared puts the same leads."""
        return measures.alignment(self._by(questions), questions, self._reference(questions))

    def verdict(self, scores: Sequence[Score]) -> tuple[Note, ...]:
        """Which model tells most with fewest stages on these leads, and why; or why that cannot be said."""
        return measures.verdict(scores)

    def backward(self, question: Question) -> Backward:
        """The funnel read from the win backwards."""
        return self._ask(measures.backward, self._asked(question, {}))

    def loyalty(self, question: Question) -> Loyalty:
        """Customers who came back to buy, for a model with a loop."""
        return self._ask(measures.loyalty, self._asked(question, {}))

    def moves(
        self, asked: Question | str | StageModel = AS_RECORDED, most_paths: int = 20, **keywords: object
    ) -> MovesFound:
        """How the leads counted moved between stages: forward, back, out and in again; and the paths they took."""
        return self._ask(measures.moves, self._asked(asked, keywords), most_paths)

    def account_sizes(self, question: Question) -> AccountSizes:
        """How many leads the counted accounts have."""
        return self._ask(measures.account_sizes, self._asked(question, {}))

    def inferred_order(self, model: StageModel | None = None) -> InferredOrder:
        """Why the labels stand in their order and how sure that is, of the as-recorded model or of another order of labels."""
        return measures.inferred_order(self.journeys, self.label_facts, model or self.as_recorded())

    def change(self, before: Question, after: Question, day: date, within_days: int | None = 90) -> Change:
        """The funnel of the leads that started before a day, and of those from that day on, each with the same time to get on."""
        self.check_starts()
        earlier, later = self.lined_up([self._asked(before, {}), self._asked(after, {})])
        return measures.change(self._by([earlier]), earlier, later, day, within_days)

    def _reference(self, questions: Sequence[Question]) -> StageModel:
        if not questions:
            raise QuestionError("errors.no_models")
        order = [label for stage in self.as_recorded().stages for label in stage.labels]
        models = [question.model for question in questions]
        return measures.reference(self._by(questions), models, order, wording.say("measures.compared_labels"))

    def save(self, path: str | Path, work: SavedWork | None = None) -> None:
        """Writes a project file, which opens again anywhere: the data as they were read, rejected lines, what was said by hand, and the
        work (without one, that of the project they came from). There is a whole file or none; an earlier one stays until then.

        Exhausted where the disk is full, ProjectError where the place cannot be written to.
        """
        work = work or self.work
        project.save(Path(path), self.engine, self.tables, self.hints, self.as_of, work, self.built)

    def __enter__(self) -> DataSet:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
