"""Wins and their value in each coming month, with ranges that stand on earlier forecasts of the same file, and how right those were.

    wins of a month = Σ over open leads P(win in that month | stage, quarter of the time there) + leads to come × their run-off

(`wins_by_month`). The range is that of the negative binomial with the mean μ and the variance φ μ; φ is how far what came lay from what
would have been told of months as far ahead (`statistics.counts`). No close date that somebody planned has a part in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from funnel.core.errors import LackingError, QuestionError
from funnel.core.rows import Row, Word
from funnel.core.types import Calendar, Note, Period, Question, Unit
from funnel.journeys import Journeys
from funnel.measures.forecast_calendar import FEWEST_BEFORE
from funnel.measures.forecast_months import Backtest, Goal, Month, Range, Right, ValueBacktest, ValueRight
from funnel.measures.population.population import check
from funnel.measures.target import MOST_WINS, counted

if TYPE_CHECKING:
    from funnel.measures.forecast_told import Told

MONTHS, MOST_MONTHS = 6, 12
SHOWN_BEFORE = 12


@dataclass(frozen=True)
class Forecast:
    """The `months` to come as they are told on the day `as_of`, the unfinished one first; `unit` is how long they are: months, of a short
    history weeks. `history` is what was won in those before, the unfinished one too, the oldest first.

    `backtests` are all earlier forecasts of months that are over, by how far ahead they looked, the newest first; `value_backtests` those
    of what they are worth, each currency by itself. `missing` says what cannot be told and why; without months, why there is nothing.
    """

    question: Question
    as_of: date | None
    unit: Period
    months: tuple[Month, ...]
    history: tuple[tuple[date, int], ...]
    backtests: tuple[Backtest, ...]
    value_backtests: tuple[ValueBacktest, ...]
    open_leads: int
    goal: Goal | None
    missing: tuple[Note, ...]
    notes: tuple[Note, ...]
    sql: str

    @property
    def unfinished(self) -> date | None:
        """The first day of the month of today, where that is not over."""
        first = self.months[0].first if self.months else None
        return first if first is not None and self.as_of is not None and first <= self.as_of else None

    @property
    def whole_ahead(self) -> int:
        """How far ahead the first month lies that is told from its beginning; where there is none, the rest of this one."""
        return max(month.ahead for month in self.months[:2] if month.ahead < 2)

    def name_of(self, first: date) -> Word:
        """What the month, or the week, that begins on a day is called; as plain text 2025-07, of weeks and Jalali months the day."""
        calendar = self.question.calendar
        name = self.unit.name_of(first, calendar)
        plain = self.unit is Period.MONTH and calendar is Calendar.GREGORIAN
        return Word(f"{first:%Y-%m}" if plain else first.isoformat(), name.key, **name.values)

    def right(self, ahead: int | None = None) -> Right:
        """How right earlier forecasts of months so far ahead were (None: of all)."""
        some = [each for each in self.backtests if ahead in (None, each.ahead)]
        judged = [each.is_within for each in some if each.is_within is not None]
        return Right(len(some), len(judged), sum(judged), _missed(some))

    def value_right(self, ahead: int) -> tuple[ValueRight, ...]:
        """How right earlier forecasts of the value of months so far ahead were, in each currency in which there are some."""
        by_currency: dict[str, list[ValueBacktest]] = {}
        for each in self.value_backtests:
            if each.ahead == ahead:
                by_currency.setdefault(each.currency, []).append(each)
        found = []
        for currency, some in by_currency.items():
            was = sum(each.was for each in some)
            ratio = sum(each.expected for each in some) / was if was > 0 else None
            found.append(ValueRight(currency, len(some), _missed(some), ratio))
        return tuple(found)

    def rows(self) -> list[Row]:
        """A row a month: wins still to come, of which leads, and their ranges; values stand in a list."""
        return [
            {
                "month": self.name_of(each.first),
                "from_open": each.from_open,
                "from_new": each.from_new,
                "expected": each.expected,
                **_range_row(each.range, "low80", "high80", "low95", "high95"),
                "value": [
                    {
                        "currency": value.currency or None,
                        "expected": value.expected,
                        "low80": value.low80,
                        "high80": value.high80,
                    }
                    for value in each.values
                ],
            }
            for each in self.months
        ]

    def value_rows(self) -> list[Row]:
        """A row a month and currency: what the wins still to come are worth, and the middle 80 %."""
        return [
            {
                "month": self.name_of(each.first),
                "currency": value.currency,
                "expected": round(value.expected),
                "low80": None if value.low80 is None else round(value.low80),
                "high80": None if value.high80 is None else round(value.high80),
            }
            for each in self.months
            for value in each.values
        ]

    def backtest_rows(self, ahead: int | None = None) -> list[Row]:
        """A row an earlier forecast of a month so far ahead (None: all): what was told, its range, what it was, and whether within that."""
        return [
            {
                "as_of": each.as_of,
                "month": self.name_of(each.month),
                "expected": each.expected,
                **_range_row(each.range, "low80", "high80"),
                "was": each.was,
                "within": each.is_within,
            }
            for each in self.backtests
            if ahead in (None, each.ahead)
        ]

    def value_backtest_rows(self, ahead: int | None = None) -> list[Row]:
        """A row an earlier forecast of the value in a currency, of a month so far ahead (None: all): what was told, and what it was."""
        return [
            {
                "as_of": each.as_of,
                "month": self.name_of(each.month),
                "currency": each.currency or None,
                "expected": each.expected,
                "was": each.was,
            }
            for each in self.value_backtests
            if ahead in (None, each.ahead)
        ]


def forecast(
    journeys: Journeys,
    question: Question,
    months: int = MONTHS,
    target_wins: int | None = None,
    target_value: float | None = None,
    currency: str | None = None,
) -> Forecast:
    """The wins of the next `months`, 1 to 12, the rest of the present one first, as they stand at the question's `observed_until`.

    With a target of so many wins, or of so much money in a `currency` (None: the only one), of all these months: how likely it is, and
    whether enough is open for it. Leads are counted, whatever the question's unit, rule, window and dates. A file that cannot carry a
    forecast has none and says why; QuestionError where what is asked is wrong.
    """
    check(question)
    _check_asked(months, target_wins, target_value, currency)
    from funnel.measures.forecast_goal import goal
    from funnel.measures.forecast_told import Told

    try:
        counts = counted(journeys, question)
        told: Told = journeys.once(("forecast_told", counts.question), lambda: Told(counts))
    except LackingError as error:
        until = question.observed_until
        return _none(question, None if until is None else until.date(), Note(error.key, error.values))
    plain: Forecast = journeys.once(("forecast", question, months), lambda: _forecast(told, journeys, question, months))
    if not plain.months or (target_wins is None and target_value is None):
        return plain
    aheads = [month.ahead for month in plain.months]
    return replace(plain, goal=goal(told, aheads, target_wins, target_value, currency))


def _forecast(told: Told, journeys: Journeys, question: Question, months: int) -> Forecast:
    """Without a target."""
    calendar = told.calendar
    asked = calendar.ahead(months)
    aheads = [ahead for ahead in asked if calendar.is_told(ahead)]
    if not aheads:
        values = {"weeks": calendar.before, "least": FEWEST_BEFORE}
        return _none(question, calendar.as_of, Note("measures.forecast_short", values), calendar.unit)
    found = tuple(told.month(ahead) for ahead in aheads)
    now = calendar.number(calendar.as_of)
    before = [now - back for back in range(SHOWN_BEFORE - 1 + calendar.rest, -1, -1)]
    first = min(told.won_by_month, default=now)
    fewer = [Note(f"measures.forecast_fewer_{calendar.unit}", {"told": len(aheads)})] if len(aheads) < months else []
    return Forecast(
        question=question,
        as_of=calendar.as_of,
        unit=calendar.unit,
        months=found,
        history=tuple((calendar.first_day(each), told.won_by_month.get(each, 0)) for each in before if each >= first),
        backtests=tuple(each for ahead in aheads for each in told.backtests(ahead)),
        value_backtests=tuple(each for ahead in aheads for each in told.value_backtests(ahead)),
        open_leads=told.open_leads,
        goal=None,
        missing=(*fewer, *_no_range(found), *told.missing),
        notes=tuple(_notes(journeys, question, calendar.unit, found[0])),
        sql=told.sql,
    )


def _check_asked(months: int, wins: int | None, value: float | None, currency: str | None) -> None:
    if not 1 <= months <= MOST_MONTHS:
        raise QuestionError("errors.forecast_months", months=months, most=MOST_MONTHS)
    if wins is not None and value is not None:
        raise QuestionError("errors.forecast_two_targets")
    if wins is not None and not 1 <= wins <= MOST_WINS:
        raise QuestionError("errors.target_wins", wins=wins, most=MOST_WINS)
    if value is not None and not 0 < value < float("inf"):
        raise QuestionError("errors.target_value", value=value)
    if currency is not None and value is None:
        raise QuestionError("errors.forecast_currency_alone")


def _none(question: Question, as_of: date | None, why: Note, unit: Period = Period.MONTH) -> Forecast:
    return Forecast(question, as_of, unit, (), (), (), (), 0, None, (why,), (), "")


def _notes(journeys: Journeys, question: Question, unit: Period, first: Month) -> list[Note]:
    """What a reader should know: who is counted, how long a month is, that one is not over, that a date a stage tells one entry alone."""
    notes = [Note("measures.target_leads")] if question.unit is Unit.ACCOUNT else []
    if unit is Period.WEEK:
        notes.append(Note("measures.forecast_weeks"))
    if not first.ahead:
        notes.append(Note("measures.forecast_rest", {"first": first.first}))
    if journeys.dated_labels:
        notes.append(Note("measures.forecast_wide"))
    return notes


def _no_range(months: Sequence[Month]) -> list[Note]:
    without = [month for month in months if month.range is None]
    return [Note("measures.forecast_no_range", {"since": without[0].first})] if without else []


def _missed(some: Sequence[Backtest] | Sequence[ValueBacktest]) -> float | None:
    """By how large a share of what came earlier forecasts missed in the mean; None where nothing came."""
    errors = [abs(each.expected - each.was) / each.was for each in some if each.was > 0]
    return sum(errors) / len(errors) if errors else None


def _range_row(known: Range | None, *fields: str) -> Row:
    return {field: None if known is None else getattr(known, field) for field in fields}
