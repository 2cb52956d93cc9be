"""How files are asked: a model by its key, and a question put together from words."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from funnel import catalogue, measures
from funnel.core.errors import QuestionError
from funnel.core.types import (
    AS_RECORDED,
    AsOf,
    Between,
    Entry,
    Filters,
    Note,
    OneOf,
    Question,
    Rule,
    Segment,
    StageModel,
    Unit,
)
from funnel.source import Source


class Asking(Source):
    """Files of which questions can be made."""

    def ready_for_dates(self, question: Question) -> None:
        """Has ready what the funnel of other dates is told from, where leads are so many that its medians need it; to be asked once the
        funnel without dates stands. Nothing is told."""
        measures.ready_for_dates(self._by([question]), question)

    def model(self, key: str | Path) -> StageModel:
        """A model by its key: one of the project's own, of the catalogue, "as-recorded"; or a model file (a path that ends in .toml)."""
        own = {model.key: model for model in self.work.models}
        if str(key) in own:
            return own[str(key)]
        return catalogue.named(key, self.as_recorded)

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
        attributes: AsOf | str = AsOf.START,
    ) -> Question:
        """A question in the words of `semantics`; `where` maps a column to a value, a list of values, or a (low, high) pair of numbers
        or dates. `attributes`: the values at the start of a lead, or the latest.

        `unit` None is what the model counts by itself: accounts for an account-based one, where the file has accounts.
        """
        looked_at = AsOf(attributes)
        conditions = tuple(self._condition(column, wanted, looked_at) for column, wanted in (where or {}).items())
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
            attributes=looked_at,
        )

    def unmet(self, question: Question, groups: Sequence[Segment] = ()) -> tuple[Note, ...]:
        """What no lead of these files has, of the values that the filters of a question, and the conditions of groups, ask for."""
        conditions = [*question.filters.where, *(each for group in groups for each in group.where)]
        return measures.unmet(self.journeys, question.attributes, tuple(dict.fromkeys(conditions)))

    def unit_of(self, model: StageModel) -> Unit:
        """What a model counts on these files: accounts only where the files have them."""
        return model.unit if "account" in self.loaded.columns else Unit.LEAD

    def _asked(self, asked: Question | str | StageModel, keywords: Pairs[str, object]) -> Question:
        question = self._complete(asked, keywords)
        if question.unit is Unit.ACCOUNT and "account" not in self.loaded.columns:
            raise QuestionError("errors.no_accounts")
        return question

    def _complete(self, asked: Question | str | StageModel, keywords: Pairs[str, object]) -> Question:
        if isinstance(asked, Question):
            asked = replace(asked, **keywords) if keywords else asked  # type: ignore[arg-type]
            asked = self._settled(asked)
            return asked if asked.observed_until else replace(asked, observed_until=self.observed_until)
        return self.question(asked, **keywords)  # type: ignore[arg-type]

    def _settled(self, question: Question) -> Question:
        """The question with each filter in its column's own terms, so that whoever wrote it as text asks for the number or the day."""
        where = tuple(
            self.conditions.settled(replace(each, column=self._settled_column(each.column, question.attributes)))
            for each in question.filters.where
        )
        return (
            question
            if where == question.filters.where
            else replace(question, filters=replace(question.filters, where=where))
        )

    def _column(self, name: str, attributes: AsOf) -> str:
        """The column of `leads` that a header means; QuestionError where its value at the start is asked for and not known."""
        return self._known(self.column(name), attributes)

    def _settled_column(self, name: str, attributes: AsOf) -> str:
        """The same of a condition, which may name the column of `leads` already."""
        return self._known(name, attributes) if name in self.kinds else self._column(name, attributes)

    def _known(self, column: str, attributes: AsOf) -> str:
        if attributes is AsOf.START and column in self.unknown_at_start:
            raise QuestionError("errors.unknown_at_start", column=column)
        return column

    def _condition(self, column: str, wanted: object, attributes: AsOf) -> OneOf | Between:
        return self.conditions.read(self._column(column, attributes), wanted)
