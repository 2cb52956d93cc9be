"""Pipeline velocity: how much is won a day if the open leads do as well, and as fast, as those decided lately; and Little's law."""

from __future__ import annotations

from funnel.journeys import Journeys
from funnel.measures.counted import MICROSECONDS_A_DAY, in_question
from funnel.measures.rates import wilson
from funnel.measures.targets import check_days
from funnel.measures.waits import of_leads
from funnel.nouns import Pace, Question, Velocity
from funnel.sql import Paragraph, Query, compose, days

WITHIN_DAYS = 180


def velocity(journeys: Journeys, question: Question, within_days: int = WITHIN_DAYS) -> Velocity:
    """Open leads × win rate × value of a win / days to a win, each currency by itself, of the leads that the question counts.

    The window is the last `within_days` days up to `observed_until`: a lead is decided in it that was won or lost in it. Leads arrive
    over as much of it as lies after the first start. QuestionError where the file has no date up to which it observes.
    """
    moment = check_days(question, (within_days,))
    worth = journeys.starts.worth(question.attributes)
    recent = f"""SELECT COALESCE(counted.currency, '') AS currency, counted.{worth} AS amount, counted.outcome AS outcome,
    counted.started_at AS started_at,
    counted.outcome = 'open' OR COALESCE(counted.ended_at > CAST(? AS TIMESTAMP), FALSE) AS is_open,
    COALESCE(counted.outcome <> 'open' AND counted.ended_at <= CAST(? AS TIMESTAMP)
        AND counted.ended_at > CAST(? AS TIMESTAMP) - {days(within_days)}, FALSE) AS is_decided,
    GREATEST(0, EPOCH_US(counted.ended_at) - EPOCH_US(counted.started_at)) AS microseconds,
    COALESCE(counted.started_at > CAST(? AS TIMESTAMP) - {days(within_days)}, FALSE) AS is_new,
    EPOCH_US(CAST(? AS TIMESTAMP)) - EPOCH_US(counted.started_at) AS age
FROM counted
WHERE COALESCE(counted.started_at <= CAST(? AS TIMESTAMP), TRUE)"""
    paragraphs = [
        *in_question(journeys, of_leads(question), (worth, "currency")),
        Paragraph("recent", Query(recent, (moment,) * 6)),
    ]
    by_currency = compose(paragraphs, Query(_BY_CURRENCY))
    row = journeys.engine.named(compose(paragraphs, Query(_FLOW)))[0]
    oldest = None if row["oldest"] is None else min(float(within_days), row["oldest"] / MICROSECONDS_A_DAY)
    return Velocity(
        question=question,
        within_days=within_days,
        paces=tuple(
            Pace(currency, open_now, wilson(won, decided), value, valued, _days(cycle))
            for currency, open_now, decided, won, value, valued, cycle in journeys.engine.rows(by_currency)
        ),
        arrivals_per_day=row["arrived"] / oldest if oldest else None,
        mean_days=_days(row["mean_time"]),
        decided=row["decided"],
        sql=by_currency.readable(),
    )


def _days(microseconds: float | None) -> float | None:
    return None if microseconds is None else float(microseconds) / MICROSECONDS_A_DAY


_BY_CURRENCY = """SELECT recent.currency AS currency, COUNT(*) FILTER (WHERE recent.is_open) AS open,
    COUNT(*) FILTER (WHERE recent.is_decided) AS decided,
    COUNT(*) FILTER (WHERE recent.is_decided AND recent.outcome = 'won') AS won,
    AVG(recent.amount) FILTER (WHERE recent.is_decided AND recent.outcome = 'won') AS value,
    COUNT(recent.amount) FILTER (WHERE recent.is_decided AND recent.outcome = 'won') AS valued,
    AVG(recent.microseconds) FILTER (WHERE recent.is_decided AND recent.outcome = 'won') AS cycle
FROM recent
GROUP BY recent.currency
HAVING open > 0 OR decided > 0
ORDER BY open DESC, currency"""
_FLOW = """SELECT COUNT(*) FILTER (WHERE recent.is_new) AS arrived, MAX(recent.age) AS oldest,
    COUNT(*) FILTER (WHERE recent.is_decided) AS decided,
    AVG(recent.microseconds) FILTER (WHERE recent.is_decided) AS mean_time
FROM recent"""
