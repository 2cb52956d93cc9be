"""Whether the account of a lead had been won before the lead started: a column that is made, not read.

It looks at nothing that came at the lead's first moment or later, so that what becomes of the lead cannot show in it: a lead's start is
its earliest date, of its entries and its making, whichever model is looked at; a win is an entry at a label that means it, or, where the
file says of a lead that it was won without such an entry, its end.
"""

from __future__ import annotations

from collections.abc import Mapping

from funnel.core.sql import Paragraph, Query, compose, least
from funnel.core.types import WON_CONCEPT
from funnel.journeys.observed import Tables

CUSTOMER_AT_START = "Account already a customer at the start"
YES, NO = "Yes", "No"


def customers(tables: Tables, concepts: Mapping[str, str]) -> Query:
    """lead_id and value of each lead with an account and a start: YES where a lead of the account was won before it, else NO."""
    form = tables.form
    starts = f"""SELECT history.{form.lead} AS lead, MIN(history.entered_at) AS first_at
FROM {form.history} AS history
GROUP BY history.{form.lead}"""
    last = f"""SELECT leads.lead_id AS lead_id,
    CASE WHEN first_wins.won_at < {least(["starts.first_at", "leads.created_at"])} THEN '{YES}' ELSE '{NO}' END AS value
FROM leads
LEFT JOIN starts ON starts.lead = {form.key}
LEFT JOIN first_wins ON first_wins.account = leads.account_id
WHERE leads.account_id IS NOT NULL AND COALESCE(starts.first_at, leads.created_at) IS NOT NULL"""
    first = """SELECT wins.account AS account, MIN(wins.won_at) AS won_at
FROM wins
GROUP BY wins.account"""
    paragraphs = [_wins(tables, concepts), Paragraph("first_wins", Query(first)), Paragraph("starts", Query(starts))]
    return compose(paragraphs, Query(last))


def bought_again(tables: Tables, concepts: Mapping[str, str]) -> Query:
    """Whether an account was won on two days: one row with one truth."""
    days = """SELECT wins.account AS account
FROM wins
GROUP BY wins.account
HAVING MIN(CAST(wins.won_at AS DATE)) < MAX(CAST(wins.won_at AS DATE))
LIMIT 1"""
    return compose(
        [_wins(tables, concepts), Paragraph("again", Query(days))], Query("SELECT COUNT(*) > 0 AS some FROM again")
    )


def _wins(tables: Tables, concepts: Mapping[str, str]) -> Paragraph:
    form = tables.form
    won = form.among("history", (label for label, concept in concepts.items() if concept == WON_CONCEPT))
    text = f"""SELECT leads.account_id AS account, history.entered_at AS won_at
FROM {form.history} AS history
INNER JOIN leads ON {form.key} = history.{form.lead}
WHERE leads.account_id IS NOT NULL AND history.entered_at IS NOT NULL AND {won.text}
UNION ALL
SELECT leads.account_id AS account, leads.closed_at AS won_at
FROM leads
WHERE leads.account_id IS NOT NULL AND leads.outcome_said = 'won' AND leads.closed_at IS NOT NULL"""
    return Paragraph("wins", Query(text, won.values))
