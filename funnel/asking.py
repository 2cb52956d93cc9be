"""How files are asked: a model by its key, and a question put together from words."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from funnel import catalogue
from funnel.errors import QuestionError
from funnel.nouns import AS_RECORDED, Between, Entry, Filters, OneOf, Question, Rule, StageModel, Unit
from funnel.source import Source


class Asking(Source):
    """Files of which questions can be made."""

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
            return asked if asked.observed_until else replace(asked, observed_until=self.observed_until)
        return self.question(asked, **keywords)  # type: ignore[arg-type]

    def _condition(self, column: str, wanted: object) -> OneOf | Between:
        name = self.column(column)
        if isinstance(wanted, tuple) and len(wanted) == 2 and any(isinstance(side, int | float) for side in wanted):
            return Between(name, wanted[0], wanted[1])
        many = wanted if isinstance(wanted, list | tuple | set) else [wanted]
        return OneOf(name, tuple(None if value is None else str(value) for value in many))
