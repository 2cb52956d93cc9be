"""What was asked, and of which files, as lines of plain text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from funnel.core import insights
from funnel.core.types import AsOf, Question, Rule, Unit
from funnel.dataset import DataSet
from funnel.words import wording


def span(first: date, last: date) -> str:
    """The days from the first to the last; of one year's days the year is said once: 1 Jan – 31 Mar 2025."""
    if first == last:
        return wording.day(first)
    return wording.say("pages.dates.span", first=wording.day(first, year=first.year != last.year), last=last)


def conditions(question: Question) -> list[str]:
    """Each condition of a question in a few words: "channel: Event, Web", "Amount: 100 – 900"; and that the latest values are looked at,
    where they are."""
    latest = question.attributes is AsOf.LATEST
    told = [insights.condition_said(condition) for condition in question.filters.where]
    return [*told, *([wording.say("pages.filter.latest_told")] if latest else [])]


def asked(questions: Sequence[Question], data_set: DataSet | None) -> str:
    """Models, dates, filters and what else is not as usual of what is shown, in a line."""
    question = questions[0]
    first, last = question.filters.start_from, question.filters.start_to
    if data_set is not None and data_set.first_start and data_set.last_start:
        first, last = first or data_set.first_start.date(), last or data_set.last_start.date()
    names = dict.fromkeys(wording.plain(each.model.name) for each in questions)
    parts = [
        wording.listed(list(names)),
        *([wording.say("pages.export.entered", span=span(first, last))] if first and last else []),
        *([wording.say(f"pages.unit.{question.unit}")] if question.unit is Unit.ACCOUNT else []),
        *([wording.say(f"pages.rule_line.{question.rule}")] if question.rule is not Rule.PASSED else []),
        *([] if question.window_days is None else [wording.say("pages.funnel.within", days=question.window_days)]),
        *conditions(question),
    ]
    return wording.dotted(parts)
