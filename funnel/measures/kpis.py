"""The figures above the funnel, and how many leads started when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from funnel.core import rows
from funnel.core.errors import QuestionError
from funnel.core.period_sql import first_day
from funnel.core.rows import Row
from funnel.core.sql import Paragraph, Query, compose, days
from funnel.core.types import FEWEST_TIMED, Calendar, Outcome, Period, Question, Rate, Unit
from funnel.journeys import Journeys
from funnel.measures.population.population import (
    MICROSECONDS_A_DAY,
    check,
    in_question,
    selected,
    table_of,
    within_dates,
)
from funnel.measures.population.summary import summary
from funnel.measures.statistics.rates import wilson

LONGEST_SPAN_BY_DAY = 120
LONGEST_SPAN_BY_WEEK = 3 * 366


@dataclass(frozen=True)
class Kpis:
    """The figures above the funnel. `win_rate` is of leads that started at least `by_day` days before `observed_until`.

    `median_days_to_win` is over the `timed_wins`, won leads with both dates; None of fewer than FEWEST_TIMED.
    `open_value` sums amounts of open leads by currency; an amount without a currency stands under "". Currencies are never added.
    """

    question: Question
    leads: int
    won: int
    open: int
    by_day: int
    win_rate: Rate
    median_days_to_win: float | None
    timed_wins: int
    open_value: tuple[tuple[str, float, int], ...]
    sql: str

    def rows(self) -> list[Row]:
        """One row: all but the open value."""
        return [
            {
                "leads": self.leads,
                "won": self.won,
                "open": self.open,
                "by_day": self.by_day,
                "win_rate": self.win_rate,
                "old_enough": self.win_rate.denominator,
                "median_days_to_win": rows.days(self.median_days_to_win),
                "timed_wins": self.timed_wins,
            }
        ]


@dataclass(frozen=True)
class Starts:
    """How many leads started in each period, for the little histogram over the slider.

    `counts` are (first day, leads); `period` is day, week or month; `first` and `last` are the outermost starts."""

    period: Period
    calendar: Calendar
    counts: tuple[tuple[date, int], ...]
    undated: int
    first: datetime | None
    last: datetime | None
    sql: str


def kpis(journeys: Journeys, question: Question, by_day: int = 180) -> Kpis:
    """Leads, wins, the win rate by day `by_day` among those old enough, the median days to win, and the open value.

    A lead is old enough when it started at least `by_day` days before `observed_until`; a younger one counts in neither part
    of the rate, even when it is already won. Days to win run from the start to the first win.
    """
    if question.observed_until is None:
        raise QuestionError("errors.no_observation")
    if by_day < 0:
        raise QuestionError("errors.window", days=by_day)
    summed = summary(journeys, question)
    ends = summed.ends()
    old = f"shown.started_at + {days(by_day)} <= ?"
    text = f"""SELECT
    COUNT(*) AS leads,
    COUNT(*) FILTER (WHERE shown.outcome = 'won') AS won,
    COUNT(*) FILTER (WHERE shown.outcome = 'open') AS open,
    COUNT(*) FILTER (WHERE {old}) AS old_enough,
    COUNT(*) FILTER (WHERE {old} AND shown.to_win <= {by_day * MICROSECONDS_A_DAY}) AS won_by_day,
    MEDIAN(shown.to_win) AS median_to_win,
    COUNT(shown.to_win) AS timed_wins
FROM shown"""
    query = compose([summed.shown(ends, "shown")], Query(text, (question.observed_until, question.observed_until)))
    row = journeys.engine.named(query)[0]
    return Kpis(
        question=question,
        leads=row["leads"],
        won=row["won"],
        open=row["open"],
        by_day=by_day,
        win_rate=wilson(row["won_by_day"], row["old_enough"]),
        median_days_to_win=float(row["median_to_win"]) / MICROSECONDS_A_DAY
        if row["timed_wins"] >= FEWEST_TIMED
        else None,
        timed_wins=row["timed_wins"],
        open_value=_open_value(journeys, question),
        sql=f"{journeys.statement(ends)};\n\n{query.readable()}",
    )


def starts(journeys: Journeys, question: Question) -> Starts:
    """How many leads started in each day, week or month (whichever keeps the picture readable), whatever dates are chosen."""
    first, last, undated = span(journeys, question)
    return _counted(journeys, question.calendar, _started(journeys, question), first, last, undated)


def ends(journeys: Journeys, question: Question) -> Starts:
    """How many leads closed (won, or lost for good) in each day, week or month, whenever they entered; `undated` closed on a day that the
    file does not tell. The picture reaches from the first start to the last day observed, as the slider does."""
    first, last, _ = span(journeys, question)
    source = [
        Paragraph("kept", selected(table_of(journeys, replace(question, unit=Unit.LEAD, quorum=1)), question.filters)),
        Paragraph(
            "counted",
            Query("SELECT kept.ended_at AS started_local FROM kept WHERE kept.outcome <> 'open'"),
        ),
    ]
    (undated,) = journeys.engine.row(
        compose(source, Query("SELECT COUNT(*) - COUNT(counted.started_local) AS undated FROM counted"))
    )
    if last is not None and question.observed_until is not None:
        last = max(last, question.observed_until)
    return _counted(journeys, question.calendar, source, first, last, undated)


def _counted(
    journeys: Journeys,
    calendar: Calendar,
    source: list[Paragraph],
    first: datetime | None,
    last: datetime | None,
    undated: int,
) -> Starts:
    period = Period.DAY
    if first is not None and last is not None and last - first > timedelta(days=LONGEST_SPAN_BY_DAY):
        period = Period.WEEK if last - first <= timedelta(days=LONGEST_SPAN_BY_WEEK) else Period.MONTH
    text = f"""SELECT {first_day("CAST(counted.started_local AS DATE)", period, calendar)} AS first_day, COUNT(*) AS leads
FROM counted
WHERE counted.started_local IS NOT NULL
GROUP BY 1
ORDER BY first_day"""
    query = compose(source, Query(text))
    return Starts(period, calendar, tuple(journeys.engine.rows(query)), undated, first, last, query.readable())


def ended(journeys: Journeys, question: Question) -> dict[Outcome, int]:
    """How many of the leads (or accounts) that the question counts are won, lost and open: no table is kept for it."""
    by_outcome = Query("SELECT counted.outcome, COUNT(*) AS leads\nFROM counted\nGROUP BY counted.outcome")
    counts = dict(journeys.engine.rows(compose(in_question(journeys, question), by_outcome)))
    return {outcome: int(counts.get(outcome, 0)) for outcome in Outcome}


def span(journeys: Journeys, question: Question) -> tuple[datetime | None, datetime | None, int]:
    """The first and the last start, None where none has a date, and how many leads have none; whatever dates are chosen."""
    ends = Query(
        "SELECT MIN(counted.started_local), MAX(counted.started_local), COUNT(*) - COUNT(counted.started_local) FROM counted"
    )
    first, last, undated = journeys.engine.row(compose(_started(journeys, question), ends))
    return first, last, undated


def _started(journeys: Journeys, question: Question) -> list[Paragraph]:
    """The starts of all leads (or accounts) that the filters take, as `counted`."""
    check(question)
    source = [Paragraph("kept", selected(table_of(journeys, question), question.filters))]
    if question.unit is Unit.ACCOUNT:
        each = (
            "SELECT ARG_MIN(kept.started_local, ROW(kept.started_at, kept.lead_id)) AS started_local\nFROM kept\n"
            "WHERE kept.account_id IS NOT NULL\nGROUP BY kept.account_id"
        )
        source.append(Paragraph("counted", Query(each)))
    else:
        source.append(Paragraph("counted", Query("SELECT kept.started_local AS started_local FROM kept")))
    return source


def _open_value(journeys: Journeys, question: Question) -> tuple[tuple[str, float, int], ...]:
    worth = f"dated.{journeys.starts.worth(question.attributes)}"
    text = f"""SELECT COALESCE(dated.currency, '') AS currency, SUM({worth}) AS amount, COUNT({worth}) AS leads
FROM dated
WHERE dated.outcome = 'open' AND {worth} IS NOT NULL
GROUP BY COALESCE(dated.currency, '')
ORDER BY leads DESC, currency"""
    paragraphs = [
        Paragraph("kept", selected(table_of(journeys, question), question.filters)),
        *within_dates(journeys, replace(question, unit=Unit.LEAD), "kept", "dated"),
    ]
    return tuple(journeys.engine.rows(compose(paragraphs, Query(text))))
