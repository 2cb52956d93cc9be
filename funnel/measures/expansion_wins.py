"""The wins of accounts day by day: when each was landed, what it bought then and later, and for how long it was followed.

- A **win** is a lead that is won. Its moments are the purchases of `loyalty` at labels that mean the win: a lead that was won, lost and won
  again bought twice. A lead that the file calls won without such an entry bought when it ended. A lead counts with its amount, as it is
  now, once: on its first purchase.
- What an account buys on one day is **one purchase**; a day whose wins all have amounts below 0 is a credit note: it takes from the value
  and is no purchase.
- An account **lands** with its first purchase, whichever model is looked at; what came before is left out. Where one of its wins has no
  moment, that may have been the first: such an account is left out, and counted.
- An account **counts** when a lead that it landed with is one that the question counts. From then on it is followed through all its leads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import WON_CONCEPT, AsOf, Question, Unit
from funnel.journeys import Journeys
from funnel.journeys.entries import label_table
from funnel.measures.loyalty import purchases
from funnel.measures.population.population import in_question, table_of

CENTS = "DECIMAL(38, 2)"
"""Sums of amounts are exact to the cent, in whatever order they are added up."""


@dataclass(frozen=True)
class AccountWins:
    """The kept tables of a question. `wins` has a row for each win of an account: account, won_at (NULL: not known), day, lead_id, amount
    (NULL: none, or told already), currency ('': none), is_counted (whether the question counts the lead). `accounts` has a row for each
    account that counts: account, landed_on, follow_up (whole days up to the last day observed), again_on (the day of its next purchase;
    NULL: none) and repeats (how many came after the landing)."""

    question: Question
    wins: str
    accounts: str
    sql: str


def account_wins(journeys: Journeys, question: Question, until: datetime) -> AccountWins:
    """The tables, worked out once for a question."""
    asked = replace(question, unit=Unit.LEAD, window_days=None, quorum=1)
    wins = journeys.keep("expansion_wins", (asked, until), lambda: _wins(journeys, asked, until))
    accounts = journeys.keep("expansion_accounts", (asked, until), lambda: _accounts(wins, until))
    return AccountWins(asked, wins, accounts, ";\n\n".join(journeys.statement(name) for name in (wins, accounts)))


def _wins(journeys: Journeys, question: Question, until: datetime) -> Query:
    # An account is landed by any win of the file, also by one that the model of the question does not place.
    everything = replace(question, model=journeys.file.recorded() if journeys.file else question.model)
    labels = {label: 0 for label, concept in journeys.concepts.items() if concept == WON_CONCEPT}
    form = journeys.tables.form
    won = identifier(table_of(journeys, replace(everything, attributes=AsOf.LATEST), ()))
    owners = f"""SELECT journeys.{form.lead} AS {form.lead}, ROW_NUMBER() OVER (ORDER BY journeys.lead_id) AS lead,
    journeys.account_id AS customer, journeys.lead_id AS id, journeys.ended_at AS ended_at,
    journeys.lead_id IN (SELECT counted.lead_id FROM counted) AS is_counted, TRUE AS may_buy
FROM {won} AS journeys
WHERE journeys.outcome = 'won' AND journeys.account_id IS NOT NULL"""
    moments = """SELECT owners.customer AS account, owners.id AS lead_id, owners.is_counted AS is_counted,
    COALESCE(followed.entered_at, owners.ended_at) AS won_at,
    ROW_NUMBER() OVER (PARTITION BY owners.lead ORDER BY followed.entered_at) AS place
FROM owners
LEFT JOIN followed ON followed.lead = owners.lead AND followed.buys"""
    last = f"""SELECT moments.account AS account, moments.won_at AS won_at, CAST(moments.won_at AS DATE) AS day,
    moments.lead_id AS lead_id,
    CASE WHEN moments.place = 1 THEN TRY_CAST(leads.amount AS {CENTS}) END AS amount,
    CASE WHEN moments.place = 1 THEN COALESCE(leads.currency, '') END AS currency,
    moments.is_counted AS is_counted
FROM moments
INNER JOIN {identifier(journeys.tables.leads)} AS leads ON leads.lead_id = moments.lead_id
WHERE COALESCE(moments.won_at <= CAST(? AS TIMESTAMP), TRUE)"""
    paragraphs = [
        *in_question(journeys, question),
        Paragraph("owners", Query(owners)),
        *label_table("placement", "position", list(labels.items()), form),
        *purchases(journeys, labels, 0),
        Paragraph("moments", Query(moments)),
    ]
    return compose(paragraphs, Query(last, (until,)))


def _accounts(wins: str, until: datetime) -> Query:
    of_days = f"""SELECT wins.account AS account, wins.day AS day, BOOL_OR(wins.is_counted) AS is_counted
FROM {identifier(wins)} AS wins
WHERE wins.day IS NOT NULL
GROUP BY wins.account, wins.day
HAVING BOOL_OR(COALESCE(wins.amount >= 0, TRUE))"""
    undated = f"""SELECT DISTINCT wins.account AS account
FROM {identifier(wins)} AS wins
WHERE wins.day IS NULL"""
    in_order = """SELECT purchases.account AS account, purchases.day AS day, purchases.is_counted AS is_counted,
    LEAD(purchases.day) OVER in_time AS next_day,
    COUNT(*) OVER (PARTITION BY purchases.account) - 1 AS repeats,
    ROW_NUMBER() OVER in_time AS place
FROM purchases
WINDOW in_time AS (PARTITION BY purchases.account ORDER BY purchases.day)"""
    last = """SELECT in_order.account AS account, in_order.day AS landed_on,
    DATE_DIFF('day', in_order.day, CAST(? AS DATE)) AS follow_up,
    in_order.next_day AS again_on, in_order.repeats AS repeats
FROM in_order
WHERE in_order.place = 1 AND in_order.is_counted
    AND in_order.account NOT IN (SELECT undated.account FROM undated)"""
    paragraphs = [
        Paragraph("purchases", Query(of_days)),
        Paragraph("undated", Query(undated)),
        Paragraph("in_order", Query(in_order)),
    ]
    return compose(paragraphs, Query(last, (until.date(),)))
