"""Money as well as heads: what the leads of each cohort that reached a stage are worth, in each currency by itself."""

from __future__ import annotations

from dataclasses import replace

from funnel.core.sql import Query, compose
from funnel.core.types import CohortAmounts, Period, Question, Unit
from funnel.journeys import Journeys
from funnel.measures.targets import first_day, followed, to_stage


def cohort_amounts(journeys: Journeys, question: Question, period: Period | str = Period.MONTH) -> CohortAmounts:
    """For each cohort and currency, the sum of the amounts of the leads that reached each stage so far; of leads, also where the
    question counts accounts. QuestionError where the file has no date up to which it observes."""
    of_leads = replace(question, unit=Unit.LEAD, quorum=1)
    worth = journeys.starts.worth(question.attributes)
    stages, start = len(question.model.stages), first_day(Period(period))
    sums = ",\n    ".join(
        f"COALESCE(SUM(followed.{worth}) FILTER (WHERE {to_stage(journeys, of_leads, place).reached}), 0) AS amount_{place}"
        for place in range(stages)
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
        rows=tuple(
            (start, currency, valued, tuple(amounts)) for start, currency, _, valued, *amounts in rows if valued
        ),
        missing=sum(leads - valued for _, _, leads, valued, *_ in rows),
        sql=query.readable(),
    )
