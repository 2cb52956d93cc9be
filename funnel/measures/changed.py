"""The same process before and after its model changed on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from funnel.core.errors import QuestionError
from funnel.core.sql import Query, compose
from funnel.core.types import Question
from funnel.journeys import Journeys
from funnel.measures.ages import check_starts
from funnel.measures.alignment import dated_by, reference
from funnel.measures.population.population import check, in_question
from funnel.measures.steps import Steps, steps


@dataclass(frozen=True)
class Change:
    """The same process before and after its model changed on a day; each lead has the same `within_days` to get on.

    None for `within_days`: all the time up to the observation, which favours the older leads."""

    before: Steps
    after: Steps
    within_days: int | None


def change(journeys: Journeys, questions: Sequence[Question], day: date, within_days: int | None = 90) -> Change:
    """The funnel of the first question over the leads that started before `day`, and that of the last over those from `day` on, each
    within its own dates; both about the same leads. A model that changed on days is asked in the version in force on the day before, and on
    the day.

    With `within_days`, both have that window (or their own, where it is shorter), and only leads count that were followed for
    so many days up to the question's `observed_until`, so that the two stand on one scale. None leaves windows and leads as
    they are. Follow-up is in whole days: a lead that started on day d counts when day d + `within_days` was observed to its
    end; an `observed_until` at midnight is a date without a time of day, and observes that date. Raises QuestionError where one
    of the two is left without a lead, with what to choose instead.
    """
    check_starts(journeys)
    eve = day - timedelta(days=1)
    sides = [
        replace(question, model=question.model.on(in_force))
        for question, in_force in zip((questions[0], questions[-1]), (eve, day), strict=True)
    ]
    # Each side looks at the leads of its own version, and at their starts by all labels that either takes.
    base = replace(reference(journeys, sides), seams=())
    before, after = dated_by(journeys, sides, base)
    check(before)
    check(after)
    if within_days is not None and within_days < 0:
        raise QuestionError("errors.window", days=within_days)
    earlier = _followed(_between(before, None, eve), within_days)
    later = _followed(_between(after, day, None), within_days)
    first, second = _steps(journeys, earlier), _steps(journeys, later)
    if first and second:
        return Change(first, second, within_days)
    start, _ = _span(journeys, before)
    _, end = _span(journeys, after)
    if start is None or end is None or start.date() >= end.date():
        raise QuestionError("errors.change_no_day")
    if not start.date() < day <= end.date():
        raise QuestionError("errors.change_day", day=day, first=start.date() + timedelta(days=1), last=end.date())
    side, question = ("after", _between(after, day, None)) if first else ("before", _between(before, None, eve))
    oldest, _ = _span(journeys, question)
    if oldest is None:  # two models that are dated by a third can be left without a lead on a day between their starts
        raise QuestionError("errors.change_no_day")
    most = max(0, (_last_day(question) - oldest.date()).days)
    raise QuestionError(f"errors.change_young_{side}", day=day, within=within_days, most=most)


def _between(question: Question, first: date | None, last: date | None) -> Question:
    """The question over the days from `first` to `last` that are its own too."""
    own = question.filters
    starts = [day for day in (own.start_from, first) if day]
    ends = [day for day in (own.start_to, last) if day]
    filters = replace(own, start_from=max(starts, default=None), start_to=min(ends, default=None))
    return replace(question, filters=filters)


def _followed(question: Question, within_days: int | None) -> Question:
    """The question over the leads followed for so many days, with that window."""
    if within_days is None:
        return question
    windows = [window for window in (question.window_days, within_days) if window is not None]
    return replace(
        _between(question, None, _last_day(question) - timedelta(days=within_days)), window_days=min(windows)
    )


def _last_day(question: Question) -> date:
    """The last day observed to its end."""
    moment = question.observed_until
    if moment is None:
        raise QuestionError("errors.no_observation")
    return moment.date() if moment.time() == time.min else moment.date() - timedelta(days=1)


def _steps(journeys: Journeys, question: Question) -> Steps | None:
    """The funnel; None where no lead is left."""
    filters = question.filters
    if filters.start_from and filters.start_to and filters.start_from > filters.start_to:
        return None
    funnel = steps(journeys, question)
    return funnel if funnel.leads else None


def _span(journeys: Journeys, question: Question) -> tuple[datetime | None, datetime | None]:
    """The first and the last start of the leads that a question counts."""
    span = Query("SELECT MIN(counted.started_local) AS first, MAX(counted.started_local) AS last FROM counted")
    first, last = journeys.engine.row(compose(in_question(journeys, question), span))
    return first, last
