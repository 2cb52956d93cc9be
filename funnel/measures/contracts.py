"""The contracts of accounts: from when to when each lasts, what it brings a month, and which one renews it.

- A **contract** is a won lead with a first day (of its own column; where no column says it, the day of the win), a last day (that column;
  else the first day and the months of its term; else none: it goes on) and a recurring amount. A day on which the customer left ends it.
  A won lead without any of these is a one-off sale, and stands in no number here.
- What it brings **a month**, to the cent: an amount a month as it is, an amount a year ÷ 12, any other ÷ the months of its term, since the
  whole of a contract over several years is sold at once.
- A **credit note**, a contract with an amount below 0, takes from what the account brings on its days; it lasts and renews nothing.
- A contract is **renewed** by another of the account that begins later, ends later, and begins at most GRACE days before or after the day
  behind its last. Where one in the same currency begins late, the contract lasts until then: who renews 20 days late has not left.
- A contract that ended within GRACE days of the last day observed and is not renewed is **not yet decided**: it lasts until that day.
- A **stay** of an account in a currency goes on as long as each day of it lies in a contract.

An account with a contract that cannot be read (no readable day or amount, a last day before its first) would look as if it had left: it is
left out whole, and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from funnel.core.contracts import ContractColumns, Contracts, Per
from funnel.core.errors import QuestionError
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Note, Question
from funnel.journeys import Journeys
from funnel.measures.expansion_wins import CENTS, account_wins
from funnel.measures.targets import check_days

GRACE = 60
DAYS_A_MONTH = 30.4375
NO_END = date(9999, 12, 31)
_UNREAD, _UNPRICED, _REVERSED, _ONE_OFF = "unread", "unpriced", "reversed", "one_off"


@dataclass(frozen=True)
class ContractTable:
    """The kept table of the contracts of a question: account, currency ('': none), lead_id, starts_on, ends_on (NO_END: it goes on),
    lasts_until (with what a late renewal or an open decision adds), monthly, is_credit, is_renewed, is_undecided, and stay, the number of
    the stay in that currency (NULL of a credit note). `columns` and `per` are what it was read from, `left_out` is in no number."""

    table: str
    columns: ContractColumns
    per: Per
    left_out: tuple[Note, ...]
    until: date
    sql: str


def contract_table(journeys: Journeys, question: Question, columns: ContractColumns) -> ContractTable:
    """The contracts of the accounts that a question counts, worked out once. QuestionError, with the reason, of a file that tells none."""
    until = check_days(question, ())
    found = account_wins(journeys, question, until)
    said = _said(journeys, columns)
    assert said.per is not None
    key = (found.question, until, said.columns)
    rows = journeys.keep("contract_rows", key, lambda: _rows(journeys, found.wins, found.accounts, said))
    table = journeys.keep("contracts", key, lambda: _chained(rows, until.date()))
    left_out = _left_out(journeys, rows)
    if not journeys.engine.row(Query(f"SELECT COUNT(*) AS contracts FROM {identifier(table)}"))[0]:
        raise QuestionError("errors.retention_none")
    sql = ";\n\n".join((found.sql, journeys.statement(rows), journeys.statement(table)))
    return ContractTable(table, said.columns, said.per, left_out, until.date(), sql)


def _said(journeys: Journeys, asked: ContractColumns) -> Contracts:
    if journeys.file is None:
        raise QuestionError("errors.retention_no_contracts")
    columns = asked.over(journeys.file.columns.contract_columns)
    if not (columns.end or columns.term or columns.churn):
        raise QuestionError("errors.retention_no_contracts")
    if columns.recurring is None:
        raise QuestionError("errors.retention_one_off")
    return journeys.file.columns.contracts(asked)


def _rows(journeys: Journeys, wins: str, accounts: str, said: Contracts) -> Query:
    """A row for each won lead of the accounts, with `why`: why it is no contract that can be read (NULL: it is one)."""
    won = f"""SELECT wins.account AS account, wins.lead_id AS lead_id, MIN(wins.day) AS won_on
FROM {identifier(wins)} AS wins
INNER JOIN {identifier(accounts)} AS accounts ON accounts.account = wins.account
GROUP BY wins.account, wins.lead_id"""
    start = "said.starts_on" if said.columns.start else "won.won_on"
    by_term = f"CAST({start} + TO_MONTHS(CAST(ROUND(said.term_months) AS INTEGER)) - INTERVAL '1' DAY AS DATE)"
    # An amount a month or a year is of no one-off sale; one without them may be.
    or_priced = "" if said.per is Per.TERM else " OR COALESCE(said.recurring, 0) <> 0"
    dated = f"""SELECT won.account AS account, won.lead_id AS lead_id, COALESCE(leads.currency, '') AS currency, {start} AS starts_on,
    LEAST(COALESCE(said.ends_on, {by_term}, DATE '{NO_END}'), COALESCE(said.churned_on, DATE '{NO_END}')) AS ends_on,
    COALESCE(said.ends_on, {by_term}) AS planned_end,
    said.term_months AS term_months, said.recurring AS recurring, said.unread AS unread,
    COALESCE(said.ends_on, said.churned_on, said.starts_on) IS NOT NULL OR said.term_months IS NOT NULL{or_priced} AS is_dated
FROM won
INNER JOIN {identifier(journeys.tables.leads)} AS leads ON leads.lead_id = won.lead_id
INNER JOIN said ON said.lead_id = won.lead_id"""
    days = "DATE_DIFF('day', dated.starts_on, dated.planned_end) + 1"
    months = (
        f"COALESCE(dated.term_months, GREATEST(ROUND(({days}) / {DAYS_A_MONTH}), LEAST(1, ({days}) / {DAYS_A_MONTH})))"
    )
    divisor = {Per.MONTH: "1", Per.YEAR: "12", Per.TERM: f"NULLIF({months}, 0)"}[said.per or Per.TERM]
    priced = f"SELECT dated.*, TRY_CAST(dated.recurring / {divisor} AS {CENTS}) AS monthly\nFROM dated"
    last = f"""SELECT priced.*, CASE
    WHEN priced.unread THEN '{_UNREAD}'
    WHEN NOT priced.is_dated THEN '{_ONE_OFF}'
    WHEN priced.starts_on IS NULL THEN '{_UNREAD}'
    WHEN priced.monthly IS NULL THEN '{_UNPRICED}'
    WHEN priced.ends_on < priced.starts_on THEN '{_REVERSED}'
END AS why
FROM priced"""
    paragraphs = [
        Paragraph("won", Query(won)),
        Paragraph("said", said.leads),
        Paragraph("dated", Query(dated)),
        Paragraph("priced", Query(priced)),
    ]
    return compose(paragraphs, Query(last))


def _chained(rows: str, until: date) -> Query:
    readable = f"""SELECT lines.account AS account, lines.currency AS currency, lines.lead_id AS lead_id, lines.starts_on AS starts_on,
    lines.ends_on AS ends_on, lines.monthly AS monthly, lines.monthly < 0 AS is_credit
FROM {identifier(rows)} AS lines
WHERE lines.why IS NULL AND lines.account NOT IN (
    SELECT others.account FROM {identifier(rows)} AS others WHERE others.why <> '{_ONE_OFF}')"""
    day_after = "CAST(one.ends_on + INTERVAL '1' DAY AS DATE)"
    renewals = f"""SELECT one.lead_id AS lead_id,
    MIN(other.starts_on) FILTER (WHERE other.currency = one.currency AND other.starts_on > {day_after}) AS late_from,
    BOOL_OR(other.currency = one.currency AND other.starts_on <= {day_after}) AS in_time
FROM readable AS one
INNER JOIN readable AS other ON other.account = one.account
WHERE NOT one.is_credit AND NOT other.is_credit AND one.ends_on < DATE '{NO_END}'
    AND other.starts_on > one.starts_on AND other.ends_on > one.ends_on
    AND ABS(DATE_DIFF('day', {day_after}, other.starts_on)) <= {GRACE}
GROUP BY one.lead_id"""
    decided = f"""SELECT readable.*, renewals.lead_id IS NOT NULL AS is_renewed,
    NOT readable.is_credit AND renewals.lead_id IS NULL AND readable.ends_on <= CAST(? AS DATE)
        AND DATE_DIFF('day', readable.ends_on, CAST(? AS DATE)) < {GRACE} AS is_undecided,
    CASE WHEN NOT COALESCE(renewals.in_time, TRUE) THEN CAST(renewals.late_from - INTERVAL '1' DAY AS DATE) END AS late_until
FROM readable
LEFT JOIN renewals ON renewals.lead_id = readable.lead_id"""
    lasting = """SELECT decided.* EXCLUDE (late_until),
    COALESCE(decided.late_until, CASE WHEN decided.is_undecided THEN CAST(? AS DATE) ELSE decided.ends_on END) AS lasts_until
FROM decided"""
    begun = """SELECT lasting.*, NOT lasting.is_credit AND COALESCE(lasting.starts_on > CAST(MAX(lasting.lasts_until) OVER (
    PARTITION BY lasting.account, lasting.currency, lasting.is_credit ORDER BY lasting.starts_on, lasting.lead_id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + INTERVAL '1' DAY AS DATE), TRUE) AS begins
FROM lasting"""
    last = """SELECT begun.* EXCLUDE (begins), CASE WHEN NOT begun.is_credit THEN SUM(CAST(begun.begins AS INTEGER)) OVER (
    PARTITION BY begun.account, begun.currency, begun.is_credit ORDER BY begun.starts_on, begun.lead_id) END AS stay
FROM begun"""
    paragraphs = [
        Paragraph("readable", Query(readable)),
        Paragraph("renewals", Query(renewals)),
        Paragraph("decided", Query(decided, (until, until))),
        Paragraph("lasting", Query(lasting, (until,))),
        Paragraph("begun", Query(begun)),
    ]
    return compose(paragraphs, Query(last))


def _left_out(journeys: Journeys, rows: str) -> tuple[Note, ...]:
    text = f"""SELECT
    COUNT(*) FILTER (WHERE lines.why = '{_ONE_OFF}') AS one_off,
    COUNT(DISTINCT lines.account) FILTER (WHERE lines.why = '{_UNREAD}') AS unread,
    COUNT(DISTINCT lines.account) FILTER (WHERE lines.why = '{_UNPRICED}') AS unpriced,
    COUNT(DISTINCT lines.account) FILTER (WHERE lines.why = '{_REVERSED}') AS reversed
FROM {identifier(rows)} AS lines"""
    (row,) = journeys.engine.named(Query(text))
    return tuple(Note(f"measures.retention_{name}", {"n": n}) for name, n in row.items() if n)
