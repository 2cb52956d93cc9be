"""The funnel in money: what the leads at each stage are worth, and what became of that, in each currency by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

from funnel.core.rows import Exact, Row, share
from funnel.core.sql import Query, compose
from funnel.core.types import Question, Unit
from funnel.journeys import FATES, Journeys
from funnel.measures.population.population import in_question

STILL = FATES.index("still_there") + 1


@dataclass(frozen=True)
class ValueAt:
    """One stage in one currency: the `leads` with an amount that count there, what they are worth together (`amount`), and what each part
    of them is worth; amount = advanced + skipped_ahead + moved_back + lost + still_there, of which `won` rests here as a win."""

    position: int
    name: str
    leads: int
    advanced: float
    skipped_ahead: float
    moved_back: float
    lost: float
    still_there: float
    won: float

    @property
    def amount(self) -> float:
        """What all leads counted here are worth."""
        return self.advanced + self.skipped_ahead + self.moved_back + self.lost + self.still_there


@dataclass(frozen=True)
class ValueSteps:
    """What the leads at each stage are worth, by currency: the one with most leads first; "" is an amount without a currency.

    Currencies are never added together. `missing` leads of `leads` have no amount and stand in no sum. Always of leads, whatever the
    question's unit; a lead is worth its latest amount.
    """

    question: Question
    leads: int
    missing: int
    currencies: tuple[tuple[str, tuple[ValueAt, ...]], ...]
    sql: str

    @property
    def known(self) -> tuple[str, ...]:
        """The currencies there are amounts in."""
        return tuple(currency for currency, _ in self.currencies)

    def stages(self, currency: str) -> tuple[ValueAt, ...]:
        """The stages in this currency; none where no lead has an amount in it."""
        return dict(self.currencies).get(currency, ())

    def rows(self) -> list[Row]:
        """A row a currency and stage: leads with an amount, what they are worth, its shares of the first stage's and of the stage's before
        (None where that is not above zero), and what became of it."""
        return [
            {
                "currency": currency or None,
                "stage": stage.name,
                "leads": stage.leads,
                "amount": Exact(stage.amount),
                "from_entry": share(of(stage.amount, stages[0].amount)),
                "from_previous": share(of(stage.amount, stages[index - 1].amount)) if index else None,
                "advanced": Exact(stage.advanced + stage.skipped_ahead),
                "moved_back": Exact(stage.moved_back),
                "lost": Exact(stage.lost),
                "open": Exact(stage.still_there - stage.won),
                "won": Exact(stage.won),
            }
            for currency, stages in self.currencies
            for index, stage in enumerate(stages)
        ]


def of(part: float, whole: float) -> float | None:
    """The share; None of what is not above zero, as where credits outweigh what was sold."""
    return part / whole if whole > 0 else None


def value_steps(journeys: Journeys, question: Question) -> ValueSteps:
    """What the leads that the question counts at each stage are worth, in each currency; of leads, also where it counts accounts.
    Amounts below zero are taken off."""
    of_leads = replace(question, unit=Unit.LEAD, quorum=1)
    worth = f"counted.{journeys.starts.worth(question.attributes)}"
    sums = []
    for position in range(len(question.model.stages)):
        sums.append(f"COUNT({worth}) FILTER (WHERE counted.reached_{position}) AS leads_{position}")
        sums += [
            f"COALESCE(SUM({worth}) FILTER (WHERE counted.fate_{position} = {number}), 0) AS {fate}_{position}"
            for number, fate in enumerate(FATES, 1)
        ]
        won = f"counted.fate_{position} = {STILL} AND counted.outcome = 'won'"
        sums.append(f"COALESCE(SUM({worth}) FILTER (WHERE {won}), 0) AS won_{position}")
    lines = ",\n    ".join(sums)
    text = f"""SELECT COALESCE(counted.currency, '') AS currency, COUNT(*) AS leads, COUNT({worth}) AS valued,
    {lines}
FROM counted
GROUP BY COALESCE(counted.currency, '')
ORDER BY valued DESC, currency"""
    query = compose(in_question(journeys, of_leads, (worth.removeprefix("counted."), "currency")), Query(text))
    rows = journeys.engine.rows(query)
    width = len(FATES) + 2
    return ValueSteps(
        question=question,
        leads=sum(leads for _, leads, *_ in rows),
        missing=sum(leads - valued for _, leads, valued, *_ in rows),
        currencies=tuple(
            (
                currency,
                tuple(
                    _at(position, stage.name, numbers[position * width : (position + 1) * width])
                    for position, stage in enumerate(question.model.stages)
                ),
            )
            for currency, _, valued, *numbers in rows
            if valued
        ),
        sql=query.readable(),
    )


def _at(position: int, name: str, numbers: list[float]) -> ValueAt:
    leads, *amounts, won = numbers
    parts = dict(zip(FATES, (float(amount) for amount in amounts), strict=True))
    return ValueAt(position=position, name=name, leads=int(leads), won=float(won), **parts)
