"""At which age leads are compared where none is asked for: one rule for segments, scans, periods and the pages."""

from __future__ import annotations

from funnel.core.errors import LackingError, QuestionError
from funnel.core.sql import Query, compose
from funnel.core.types import Question
from funnel.journeys import Journeys
from funnel.measures.kpis import span
from funnel.measures.population.population import in_question
from funnel.measures.targets import check_days

USUAL_DAYS = (365, 180, 90, 60, 30, 14, 7, 3, 1)
MOST_FOR_GROUPS = 180
"""Groups of the same leads are compared by half a year at most unless a day is asked for, so that most leads are old enough."""


def check_starts(journeys: Journeys) -> None:
    """LackingError where no lead of the file has a start: then nothing that counts days from it can be told."""
    file = journeys.file
    if file is None:
        return
    if journeys.once(("first_start",), lambda: span(journeys, Question(file.recorded()))[0]) is None:
        raise LackingError("errors.no_start")


def day_asked(journeys: Journeys, question: Question, day: int | None, *, so_far: bool) -> int | None:
    """The day of age to compare by: that asked for, else the usual one; None where leads of all ages are asked for, so far.

    QuestionError where both are asked for, or where the file has no date up to which it observes and not `so_far` is asked.
    """
    if so_far:
        if day is not None:
            raise QuestionError("errors.day_or_so_far", day=day)
        return None
    if question.observed_until is None:
        raise QuestionError("errors.no_equal_age")
    return usual_day(journeys, question) if day is None else day


def usual_day(journeys: Journeys, question: Question, *others: Question, most: int = MOST_FOR_GROUPS) -> int:
    """The latest of USUAL_DAYS up to the `most` for which half of the leads of each question are old enough; the earliest, where none is.

    QuestionError where the file has no date up to which it observes.
    """
    followed = []
    for each in (question, *others):
        until = check_days(each, ())
        middle = "SELECT QUANTILE_DISC(counted.started_at, 0.5) AS middle\nFROM counted"
        (start,) = journeys.engine.row(compose(in_question(journeys, each), Query(middle)))
        if start is not None:
            followed.append((until - start).days)
    longest = min([*followed, most]) if followed else 0
    return next((day for day in USUAL_DAYS if day <= longest), USUAL_DAYS[-1])
