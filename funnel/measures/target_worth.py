"""A target in money: the wins that it takes at the mean amount of late wins, and how much more money scatters than wins do.

Of N wins with amounts that vary by chance, a sum in units of the mean amount has mean μ and variance μ (φ + cv²): φ is the scatter of the
wins, cv² the squared coefficient of variation of the amounts. So money is planned as wins are, with the scatter φ + cv². Each currency
is a target by itself, and only its leads are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import ceil
from typing import Any

from funnel.core.errors import QuestionError
from funnel.core.sql import Paragraph, Query, compose, days
from funnel.core.types import FEWEST_FOR_A_RATE, Filters, OneOf, Question
from funnel.journeys import Journeys, local_time
from funnel.measures.population.population import in_question
from funnel.measures.target import MOST_WINS, SURE, WinTarget, Worth, first_day, target
from funnel.measures.targets import check_days
from funnel.measures.time_in_stage import of_leads

WITHIN_DAYS = 365
MOST_UNPRICED = 0.2


def value_target(
    journeys: Journeys,
    question: Question,
    by: date,
    value: float,
    currency: str | None = None,
    since: date | None = None,
    sure: float = SURE,
    steps: Sequence[tuple[int, float]] = (),
    arrivals: float = 1.0,
    faster: Sequence[tuple[int, float]] = (),
    amount: float = 1.0,
) -> WinTarget:
    """`target` for wins worth so much; `currency` None: the only one. QuestionError beside those of `target` where wins have no
    amounts (in that currency), or where several currencies leave it open which is meant."""
    if not 0 < value < float("inf"):
        raise QuestionError("errors.target_value", value=value)
    as_of = check_days(question, ()).date()
    began = first_day(by, as_of, question.calendar) if since is None else since
    rows = {row["currency"]: row for row in _amounts(journeys, question, began) if row["wins"]}
    if currency is None and len(rows) > 1:
        raise QuestionError("errors.target_currencies", currencies=sorted(rows))
    wanted = next(iter(rows), "") if currency is None else currency
    row = rows.get(wanted, {"wins": 0, "priced": 0, "mean": None})
    if (lack := _lack(wanted, row)) is not None:
        raise lack
    so_far, mean = float(row["so_far"] or 0.0), float(row["mean"])
    wins = int(row["won"]) + ceil(max(0.0, value - so_far) / mean)
    if wins > MOST_WINS:
        raise QuestionError("errors.target_wins", wins=wins, most=MOST_WINS)
    spread = float(row["variance"] or 0.0) / mean**2
    worth = Worth(value, wanted, mean, row["priced"], so_far, spread)
    if rows.keys() - {wanted}:
        only = OneOf("currency", (wanted or None,))
        question = replace(question, filters=replace(question.filters, where=(*question.filters.where, only)))
    return target(journeys, question, by, max(1, wins), since, sure, steps, arrivals, faster, amount, worth)


def mean_wins(journeys: Journeys, question: Question, since: date) -> dict[str, float]:
    """The mean amount of a win of the last year in each currency that a target can be in, the one of most wins first."""
    return {
        row["currency"]: float(row["mean"])
        for row in _amounts(journeys, question, since)
        if _lack(row["currency"], row) is None
    }


def _lack(currency: str, row: dict[str, Any]) -> QuestionError | None:
    """What keeps a target from being in a currency: too few wins with an amount, or too many without."""
    wins, priced = row["wins"], row["priced"]
    if priced < FEWEST_FOR_A_RATE or not row["mean"]:
        return QuestionError("errors.target_amounts", currency=currency, priced=priced, least=FEWEST_FOR_A_RATE)
    if wins - priced > MOST_UNPRICED * wins:
        return QuestionError("errors.target_unpriced", wins=wins, without=wins - priced)
    return None


def _amounts(journeys: Journeys, question: Question, since: date) -> list[dict[str, Any]]:
    """By currency, the one of most late wins first: wins of the last year and their amounts, and those since a day."""
    everyone = replace(of_leads(question), filters=Filters(where=question.filters.where), dated_by=None)
    until = check_days(question, ())
    amount = journeys.starts.worth(question.attributes)
    local, joined = local_time("counted.lead_id", "counted.ended_at", "winning", journeys.local_times)
    won = f"""SELECT COALESCE(counted.currency, '') AS currency, CAST(counted.{amount} AS DOUBLE) AS amount,
    counted.ended_at > CAST(? AS TIMESTAMP) - {days(WITHIN_DAYS)} AS is_late, CAST({local} AS DATE) >= CAST(? AS DATE) AS is_since
FROM counted{joined}
WHERE counted.outcome = 'won' AND counted.ended_at <= CAST(? AS TIMESTAMP)"""
    by_currency = """SELECT won.currency AS currency, COUNT(*) FILTER (WHERE won.is_late) AS wins,
    COUNT(won.amount) FILTER (WHERE won.is_late) AS priced, AVG(won.amount) FILTER (WHERE won.is_late) AS mean,
    VAR_SAMP(won.amount) FILTER (WHERE won.is_late) AS variance,
    SUM(won.amount) FILTER (WHERE won.is_since) AS so_far, COUNT(*) FILTER (WHERE won.is_since) AS won
FROM won
GROUP BY won.currency
ORDER BY wins DESC, currency"""
    paragraphs = [
        *in_question(journeys, everyone, (amount, "currency")),
        Paragraph("won", Query(won, (until, since, until))),
    ]
    return journeys.engine.named(compose(paragraphs, Query(by_currency)))
