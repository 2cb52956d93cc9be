"""Leads by the day they closed: how many were won of those decided in a period, how long that took, and against an earlier period.

A lead closed when it was won, or lost for good. The *win rate of closed deals* is of those decided in the period, whenever they entered: it
needs no waiting, and says nothing of those still open. Where accounts hold several leads, test and interval are by account; accounts of
both periods are taken as two, which is on the safe side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from funnel.core.errors import QuestionError
from funnel.core.rows import Row, Word, days
from funnel.core.sql import Paragraph, Query, compose
from funnel.core.types import FEWEST_TIMED, Contrast, Filters, Question, Rate, Unit, closed_within
from funnel.journeys import Journeys
from funnel.measures.contrast_rows import rate_row
from funnel.measures.periods import Range, check_spans
from funnel.measures.population.population import MICROSECONDS_A_DAY, in_question
from funnel.measures.statistics import clustered
from funnel.measures.statistics.account_sums import NOBODY, AccountSums, account_of, several, summed, sums_of
from funnel.measures.statistics.differences import contrast
from funnel.measures.statistics.rates import wilson


@dataclass(frozen=True)
class ClosedIn:
    """The leads (or accounts) that closed in the days of `span`, both included (None: on any day): `rate` are the won ones of them.

    `median_days_to_win` is from the start to the win, over the `timed_wins` whose start is known; None of fewer than FEWEST_TIMED.
    `value` is what the won leads are worth: (currency, amount, leads with one), the currency with most leads first; "" is an amount
    without one.
    """

    span: Range | None
    rate: Rate
    median_days_to_win: float | None
    timed_wins: int
    value: tuple[tuple[str, float, int], ...]

    @property
    def closed(self) -> int:
        """How many closed."""
        return self.rate.denominator

    @property
    def won(self) -> int:
        """How many of them were won."""
        return self.rate.numerator


@dataclass(frozen=True)
class Closings:
    """The leads that closed in a period, and those of an earlier one where it was asked for: `contrast` is of the two win rates."""

    question: Question
    now: ClosedIn
    before: ClosedIn | None
    contrast: Contrast | None
    sql: str

    def rows(self) -> list[Row]:
        """A row a period, the earlier first: its days, how many closed and were won, the rate with its interval, the median days."""
        sides = [("before", self.before), ("after", self.now)]
        return [
            {
                "period": Word(name, f"pages.change.{name}"),
                "from": side.span[0] if side.span else None,
                "to": side.span[1] if side.span else None,
                **rate_row(side.rate),
                "lost": side.closed - side.won,
                "median_days_to_win": days(side.median_days_to_win),
                "timed_wins": side.timed_wins,
            }
            for name, side in sides
            if side is not None
        ]


def closed_span(question: Question) -> Range | None:
    """The days on which the leads of a question closed; None where it says none, or leaves a side open."""
    for each in question.filters.closed:
        if each.low is not None and each.high is not None:
            return each.low, each.high  # type: ignore[return-value]
    return None


def by_entry(question: Question) -> Question:
    """The same question of leads whenever they closed, those still open among them."""
    return replace(question, filters=replace(question.filters, where=question.filters.not_closed))


def closings(journeys: Journeys, question: Question, before: Range | None = None) -> Closings:
    """The leads that closed in the days that the question names (`closed_within`; without: on any day), whenever they entered, and those
    that closed in the days of `before`. QuestionError where a range ends before it starts, or the two overlap."""
    span = closed_span(question)
    if before is not None and span is not None:
        check_spans(question, before, span)
    elif before is not None:
        raise QuestionError("errors.closings_no_days")
    now, sums, sql = _closed(journeys, question, span)
    if before is None:
        return Closings(question, now, None, None, sql)
    then, sums_then, sql_then = _closed(journeys, question, before)
    difference = (
        contrast(now.rate, then.rate)
        if sums is None or sums_then is None
        else clustered.contrast_apart(sums, sums_then)
    )
    return Closings(question, now, then, difference, f"{sql_then};\n\n{sql}")


def _closed(journeys: Journeys, question: Question, span: Range | None) -> tuple[ClosedIn, AccountSums | None, str]:
    """One period, its sums by account where leads share accounts, and the SQL."""
    on_days = closed_within(*(span or (None, None)))
    within = replace(question, filters=Filters(where=(*question.filters.not_closed, on_days)))
    counted = [
        *in_question(journeys, within),
        Paragraph("closed", Query("SELECT counted.*\nFROM counted\nWHERE counted.outcome <> 'open'")),
    ]
    to_win = "CASE WHEN closed.outcome = 'won' THEN EPOCH_US(closed.ended_at) - EPOCH_US(closed.started_at) END"
    counts = compose(
        counted,
        Query(f"""SELECT COUNT(*) AS closed, COUNT(*) FILTER (WHERE closed.outcome = 'won') AS won,
    MEDIAN({to_win}) AS median_to_win, COUNT({to_win}) AS timed_wins
FROM closed"""),
    )
    closed, won, median, timed = journeys.engine.row(counts)
    value, valued = _value(journeys, within)
    ran, sums, rate = [counts.readable(), valued], None, wilson(won, closed)
    if several(journeys, question):
        each = f"""SELECT 0 AS kind, 0 AS cell, {account_of("closed")} AS account, COUNT(*) AS leads,
    COUNT(*) FILTER (WHERE closed.outcome = 'won') AS converted
FROM closed
GROUP BY {account_of("closed")}"""
        beside, last = summed("of_account")
        query = compose([*counted, Paragraph("of_account", Query(each)), *beside], last)
        found = journeys.engine.named(query)
        sums = sums_of(found[0]) if found else NOBODY
        rate = clustered.rate_of(sums)
        ran.append(query.readable())
    middle = float(median) / MICROSECONDS_A_DAY if timed >= FEWEST_TIMED else None
    return ClosedIn(span, rate, middle, timed, value), sums, ";\n\n".join(ran)


def _value(journeys: Journeys, question: Question) -> tuple[tuple[tuple[str, float, int], ...], str]:
    """What the won leads are worth, of leads also where accounts are counted, and the SQL."""
    worth = journeys.starts.worth(question.attributes)
    of_leads = replace(question, unit=Unit.LEAD, quorum=1)
    text = f"""SELECT COALESCE(counted.currency, '') AS currency, SUM(counted.{worth}) AS amount, COUNT(counted.{worth}) AS leads
FROM counted
WHERE counted.outcome = 'won' AND counted.{worth} IS NOT NULL
GROUP BY COALESCE(counted.currency, '')
ORDER BY leads DESC, currency"""
    query = compose(in_question(journeys, of_leads, (worth, "currency")), Query(text))
    rows = journeys.engine.rows(query)
    return tuple((currency, float(amount), int(leads)) for currency, amount, leads in rows), query.readable()
