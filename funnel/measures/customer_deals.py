"""Deals of accounts that were customers when they started beside first deals: who is won, how fast, and for how much."""

from __future__ import annotations

from dataclasses import dataclass, replace

from funnel.core.errors import QuestionError
from funnel.core.rows import Row, Word, bound, days
from funnel.core.sql import Query, compose, identifier
from funnel.core.types import FEWEST_TIMED, Contrast, OneOf, Question, Segment, Unit
from funnel.journeys import Journeys
from funnel.journeys.customers import CUSTOMER_AT_START as CUSTOMER_AT_START
from funnel.journeys.customers import NO, YES
from funnel.measures.groups import file_of
from funnel.measures.population.population import MICROSECONDS_A_DAY, in_question
from funnel.measures.segments import segments


@dataclass(frozen=True)
class DealGroup:
    """The leads of accounts that were customers at the lead's start (`is_customer`), or were not. `won_by_day` is their rate by the day of
    the comparison against the other group. `median_days` from the start to the win is of those won alone, and None of fewer than
    FEWEST_TIMED; `median_amount` of those won with an amount, in the `currency` of most."""

    is_customer: bool
    leads: int
    won: int
    lost: int
    open: int
    won_by_day: Contrast
    timed: int
    median_days: float | None
    currency: str
    priced: int
    median_amount: float | None


@dataclass(frozen=True)
class CustomerDeals:
    """Deals of customers and first deals; rates are by `day` after the start, so that neither group is younger than the other."""

    question: Question
    day: int | None
    customers: DealGroup
    firsts: DealGroup
    sql: str

    def rows(self) -> list[Row]:
        """A row for each of the two groups, that of customers first."""
        return [_row(each, self.day) for each in (self.customers, self.firsts)]


def _row(group: DealGroup, day: int | None) -> Row:
    rate = group.won_by_day.rate
    return {
        "group": Word(YES if group.is_customer else NO, f"measures.customer_{'yes' if group.is_customer else 'no'}"),
        "leads": group.leads,
        "won": group.won,
        "lost": group.lost,
        "open": group.open,
        "day": day,
        "rate": rate,
        "low": bound(rate, rate.low),
        "high": bound(rate, rate.high),
        "timed": group.timed,
        "median_days": days(group.median_days),
        "priced": group.priced,
        "median_amount": group.median_amount,
        "currency": group.currency or None,
    }


def customer_deals(journeys: Journeys, question: Question) -> CustomerDeals:
    """Both groups of the leads that a question counts; leads without an account are in neither. QuestionError where no account was won
    before one of its leads started, and as of `segments`."""
    file = file_of(journeys)
    if CUSTOMER_AT_START not in file.columns.made:
        raise QuestionError("errors.customers_none")
    asked = replace(question, unit=Unit.LEAD)
    groups = tuple(Segment((OneOf(CUSTOMER_AT_START, (value,)),), value) for value in (YES, NO))
    compared = segments(journeys, asked, groups)
    extra = f"counted.{identifier(CUSTOMER_AT_START)}"
    took = "EPOCH_US(counted.ended_at) - EPOCH_US(counted.started_at)"
    is_won = "counted.outcome = 'won'"
    text = f"""SELECT {extra} = '{YES}' AS is_customer, COUNT(*) AS leads,
    COUNT(*) FILTER (WHERE {is_won}) AS won, COUNT(*) FILTER (WHERE counted.outcome = 'lost') AS lost,
    COUNT(*) FILTER (WHERE counted.outcome = 'open') AS open,
    COUNT({took}) FILTER (WHERE {is_won}) AS timed, MEDIAN({took}) FILTER (WHERE {is_won}) AS took
FROM counted
WHERE {extra} IS NOT NULL
GROUP BY {extra} = '{YES}'"""
    amounts = f"""SELECT {extra} = '{YES}' AS is_customer, COALESCE(leads.currency, '') AS currency, COUNT(leads.amount) AS priced,
    MEDIAN(leads.amount) AS amount
FROM counted
INNER JOIN {identifier(journeys.tables.leads)} AS leads ON leads.lead_id = counted.lead_id
WHERE {extra} IS NOT NULL AND {is_won} AND leads.amount IS NOT NULL
GROUP BY {extra} = '{YES}', COALESCE(leads.currency, '')"""
    counted = in_question(journeys, asked, (CUSTOMER_AT_START,))
    counts, worth = compose(counted, Query(text)), compose(counted, Query(amounts))
    by_group = {row["is_customer"]: row for row in journeys.engine.named(counts)}
    priced = journeys.engine.rows(worth)
    of_currency: dict[str, int] = {}
    for _, currency, leads, _ in priced:
        of_currency[currency] = of_currency.get(currency, 0) + leads
    main = max(sorted(of_currency), key=lambda each: of_currency[each], default="")
    found = {}
    for is_customer, contrast in zip((True, False), compared.segments, strict=True):
        row = by_group.get(is_customer, {})
        timed, took_us = row.get("timed", 0), row.get("took")
        amount = next(
            ((n, median) for group, its, n, median in priced if (group, its) == (is_customer, main)), (0, None)
        )
        found[is_customer] = DealGroup(
            is_customer=is_customer,
            leads=row.get("leads", 0),
            won=row.get("won", 0),
            lost=row.get("lost", 0),
            open=row.get("open", 0),
            won_by_day=contrast.overall,
            timed=timed,
            median_days=None if took_us is None or timed < FEWEST_TIMED else float(took_us) / MICROSECONDS_A_DAY,
            currency=main,
            priced=amount[0],
            median_amount=amount[1] if amount[0] >= FEWEST_TIMED else None,
        )
    sql = ";\n\n".join((compared.sql, counts.readable(), worth.readable()))
    return CustomerDeals(question, compared.day, found[True], found[False], sql)
