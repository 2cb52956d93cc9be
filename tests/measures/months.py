"""Leads by month for tests of effects: so many that came in each month from January 2024 on, so many of them won after ten days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from funnel.core.types import Calendar, Period, Question
from funnel.journeys import Journeys
from funnel.measures.effect_months import CohortMonth
from funnel.measures.statistics.rates import wilson
from tests.leads import engine_with, file_of, journeys_of, model_of
from tests.oracles.oracle import Entered

PLAIN = {"New": "lead", "Won": "won", "Lost": "lost"}


def journeys_by_month(
    won: Sequence[int],
    leads: Sequence[int],
    *,
    several: bool = False,
    others: tuple[Sequence[int], Sequence[int]] | None = None,
) -> tuple[Journeys, Question]:
    """The journeys, and the question of their model, observed long after. `several`: three leads of a month are of one account. `others`
    are the same of leads of another region than EMEA."""
    named, columns = {}, {}
    for region, (wins, counts) in {"EMEA": (won, leads), **({"APAC": others} if others else {})}.items():
        for month, (win, count) in enumerate(zip(wins, counts, strict=True)):
            for number in range(count):
                start = datetime(2024 + month // 12, month % 12 + 1, 1 + number % 28)
                lead = f"{region} {month} {number}"
                named[lead] = [Entered("New", start)]
                if number < win:
                    named[lead].append(Entered("Won", start + timedelta(days=10)))
                columns[lead] = {"Region": region, "account_id": f"{month} {number // 3}" if several else None}
    question = Question(model_of([{"New"}, {"Won"}]), observed_until=datetime(2026, 6, 30))
    return journeys_of(engine_with(named, columns), PLAIN, file=file_of(question.model)), question


def cohort_months(won: Sequence[int], leads: Sequence[int], change: int) -> list[CohortMonth]:
    """The same months as a measure has them, the change on the first day of one."""
    firsts = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(len(won))]
    return [
        CohortMonth(
            first,
            Period.MONTH.last_day(first, Calendar.GREGORIAN),
            month >= change,
            month - change,
            wilson(*pair),
            0,
            0,
            0,
        )
        for month, (first, pair) in enumerate(zip(firsts, zip(won, leads, strict=True), strict=True))
    ]
