"""Each step's conversion over the date of start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from funnel.core.rows import Row
from funnel.core.types import Conversion, Period, Question
from funnel.journeys import Journeys
from funnel.measures.cohorts import COHORT, by_day_row, cohort_cell, converted, nobody
from funnel.measures.population.states import KeptTarget
from funnel.measures.targets import check_days, cohort_of, kept, observed, started_within, to_next


@dataclass(frozen=True)
class StepTrend:
    """Each step's conversion over the date of start: for each cohort, and for each stage but the last, from that stage to the
    next within so many days of arriving there."""

    question: Question
    period: Period
    day: int
    cohorts: tuple[tuple[date, tuple[Conversion, ...]], ...]
    sql: str

    def rows(self) -> list[Row]:
        """A row a cohort and step: leads at the stage, those at the next so far, and the share within the days."""
        names = [stage.name for stage in self.question.model.stages]
        return [
            {
                "start": cohort_cell(start, self.period, self.question.calendar),
                "step": f"{before} → {after}",
                "leads": step.leads,
                "reached": step.converted,
                **by_day_row(step, step.on(self.day)),
            }
            for start, steps in self.cohorts
            for before, after, step in zip(names, names[1:], steps, strict=False)
        ]


def step_trend(journeys: Journeys, question: Question, period: Period | str = Period.MONTH, day: int = 90) -> StepTrend:
    """Each step's conversion over the date of start: of a cohort's leads at a stage, those at the next within `day` days of
    arriving. QuestionError as in `cohorts`."""
    check_days(question, (day,))
    steps = range(len(question.model.stages) - 1)
    if not steps:
        return StepTrend(question, Period(period), day, (), "")
    table = kept(journeys, question, [to_next(journeys, question, position) for position in steps])
    observed_leads = observed(
        [KeptTarget(position, from_start=False) for position in steps],
        (day,),
        COHORT,
        table=table,
        column=cohort_of(question, Period(period)),
        where=started_within(question),
    )
    by_cohort, sql = converted(journeys, observed_leads, (day,), COHORT)
    starts = sorted({start for start, _ in by_cohort if start is not None})
    rows = [
        (start, tuple(by_cohort.get((start, position)) or nobody((day,)) for position in steps)) for start in starts
    ]
    return StepTrend(question, Period(period), day, tuple(rows), f"{journeys.statement(table)};\n\n{sql}")
