"""Money as well as heads: what the leads of each cohort that reached a stage are worth, in each currency by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from funnel.core.period_sql import first_day
from funnel.core.rows import Exact, Row
from funnel.core.sql import Query, compose
from funnel.core.types import Period, Question, Unit
from funnel.journeys import Journeys
from funnel.measures.cohorts import cohort_cell
from funnel.measures.targets import followed, to_stage


@dataclass(frozen=True)
class CohortAmounts:
    """Money as well as heads: for each cohort and currency, the sum of the amounts of the leads that reached each stage so far.

    `sums` hold (start, currency, leads with an amount, a sum for each stage). Currencies are never added together; "" is an
    amount without one. `missing` leads have no amount. Always of leads, whatever the question's unit.
    """

    question: Question
    period: Period
    sums: tuple[tuple[date, str, int, tuple[float, ...]], ...]
    missing: int
    sql: str

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies, the one with most leads first."""
        leads: dict[str, int] = {}
        for _, currency, counted, _ in self.sums:
            leads[currency] = leads.get(currency, 0) + counted
        return tuple(sorted(leads, key=lambda currency: (-leads[currency], currency)))

    def rows(self) -> list[Row]:
        """A row a cohort, currency and stage: leads with an amount, and the sum of those that reached the stage."""
        return [
            {
                "start": cohort_cell(start, self.period, self.question.calendar),
                "currency": currency or None,
                "leads": leads,
                "stage": stage.name,
                "amount": Exact(amount),
            }
            for start, currency, leads, amounts in self.sums
            for stage, amount in zip(self.question.model.stages, amounts, strict=True)
        ]


def cohort_amounts(journeys: Journeys, question: Question, period: Period | str = Period.MONTH) -> CohortAmounts:
    """For each cohort and currency, the sum of the amounts of the leads that reached each stage so far; of leads, also where the
    question counts accounts. QuestionError where the file has no date up to which it observes."""
    of_leads = replace(question, unit=Unit.LEAD, quorum=1)
    worth = journeys.starts.worth(question.attributes)
    stages, day = len(question.model.stages), "CAST(followed.started_local AS DATE)"
    start = first_day(day, Period(period), question.calendar)
    sums = ",\n    ".join(
        f"COALESCE(SUM(followed.{worth}) FILTER (WHERE {to_stage(journeys, of_leads, position).reached}), 0) AS amount_{position}"
        for position in range(stages)
    )
    text = f"""SELECT {start} AS cohort, COALESCE(followed.currency, '') AS currency, COUNT(*) AS leads,
    COUNT(followed.{worth}) AS valued,
    {sums}
FROM followed
GROUP BY {start}, COALESCE(followed.currency, '')
ORDER BY cohort, currency"""
    query = compose(followed(journeys, of_leads, (worth, "currency")), Query(text))
    rows = journeys.engine.rows(query)
    return CohortAmounts(
        question=question,
        period=Period(period),
        sums=tuple(
            (start, currency, valued, tuple(amounts)) for start, currency, _, valued, *amounts in rows if valued
        ),
        missing=sum(leads - valued for _, _, leads, valued, *_ in rows),
        sql=query.readable(),
    )
