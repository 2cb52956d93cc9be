"""What accounts with contracts bring over a year: net and gross revenue retention, renewals, and the way from month to month.

Contracts, stays and what is not yet decided are defined in `contracts`. An account brings on a day the sum of its contracts of that day, in
each currency by itself.

- **Net revenue retention** over the MONTHS up to the end of a month: of the accounts that brought anything at the beginning, what
  they bring at the end ÷ what they brought then = (start + expansion − contraction − churn) ÷ start. Who came since is not in it, nor
  who left and came back, a second landing: an account is kept by one stay from the first day to the last. An upsell inside a renewal
  is an expansion by the difference.
- **Gross revenue retention** = (start − contraction − churn) ÷ start, never above 1 nor above the net one. **Accounts kept** ÷ accounts.
- An account that changes its currency would leave in the one and come in the other: it is **kept apart**, in no ratio, and counted.
- What is **not yet decided** at the end counts as kept; `net_if_lost` is the ratio should all of it be lost.
- Intervals: the middle 95 % of RESAMPLES resamples of the accounts, as large as they are. An account with more than LARGE of what there was
  at the start is named: the ratio is mostly its own.
- **Renewals**: of the contracts that ended GRACE days before the last day observed or earlier, how many were renewed, and what these
  brought a month of what all did; those that ended since are a third group.
- **Bridge**: for each of the months, start + new + expansion − contraction − churn = end, in each currency to the cent. Who comes back is
  among the new, who changes the currency among the churned of the one and the new of the other; both are told beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from funnel.core.contracts import ContractColumns, Per
from funnel.core.errors import QuestionError
from funnel.core.rows import Exact, Row, Share, Word
from funnel.core.sql import Query, identifier
from funnel.core.types import Calendar, Note, Question, Rate
from funnel.journeys import Journeys
from funnel.measures.contract_life import Life, contract_life
from funnel.measures.contract_worth import Worth, worths
from funnel.measures.contracts import GRACE, ContractTable, contract_table
from funnel.measures.retention_months import Month, bridge_of, end_of, holdings, month_ends
from funnel.measures.retention_rates import Retention, retentions
from funnel.measures.statistics.rates import wilson

MONTHS = 12


@dataclass(frozen=True)
class Renewals:
    """Of the `ended` contracts of a currency, those `renewed`, by count and by what they brought a month; `undecided` ended too late to be
    judged, `undecided_renewed` of them are renewed already."""

    currency: str
    renewed: Rate
    ended_value: float
    renewed_value: float
    undecided: int
    undecided_renewed: int
    undecided_value: float

    @property
    def by_value(self) -> float | None:
        """The share that was renewed, by value; None where nothing ended."""
        return self.renewed_value / self.ended_value if self.ended_value > 0 else None


@dataclass(frozen=True)
class Contracted:
    """Retention from the end of the day `since` to the end of the day `to`, in each currency, that of most accounts first. `per` and
    `columns`: what the recurring amounts were read from."""

    question: Question
    as_of: date
    since: date
    to: date
    columns: ContractColumns
    per: Per
    retention: tuple[Retention, ...]
    renewals: tuple[Renewals, ...]
    months: tuple[Month, ...]
    life: Life
    worth: tuple[Worth, ...]
    left_out: tuple[Note, ...]
    sql: str

    @property
    def notes(self) -> tuple[Note, ...]:
        """How amounts were read, what is not decided, kept apart, or mostly one account's, and what stands in no number."""
        notes = [Note(f"measures.retention_per_{self.per}", {"column": self.columns.recurring or ""})]
        for each in self.retention:
            money = {"currency": each.currency}
            if each.kept.few:
                notes.append(Note("measures.retention_few", {"n": each.accounts}))
            if each.undecided:
                notes.append(Note("measures.retention_undecided", {"value": each.undecided, **money, "days": GRACE}))
            if each.apart:
                notes.append(Note("measures.retention_apart", {"n": each.apart, "value": each.apart_start, **money}))
            notes += [
                Note("measures.retention_large", {"account": account, "share": share, **money})
                for account, share in each.large
            ]
        return (*notes, *self.left_out)

    def of(self, currency: str) -> Retention | None:
        """The retention in one currency; None where nobody brought anything in it."""
        return next((each for each in self.retention if each.currency == currency), None)

    @property
    def answer(self) -> Note:
        """What was kept of the currency of most accounts, as a title."""
        return self.answer_in(self.retention[0].currency if self.retention else "")

    def answer_in(self, currency: str) -> Note:
        """What was kept of one currency, which is named where there are several."""
        found = self.of(currency)
        if found is None or found.net.value is None:
            return Note("measures.retention_nobody", {"since": self.since})
        values = {"net": found.net.value, "gross": found.gross.value, "currency": currency}
        several = len(self.retention) > 1 and bool(currency)
        return Note(f"measures.retention_year{'_in' if several else ''}", values)

    def rows(self) -> list[Row]:
        """A row a currency: what was there at the start, what was added and lost, and the ratios."""
        return [
            {
                "currency": each.currency or Word("", "measures.expansion_no_currency"),
                "accounts": each.accounts,
                "kept": each.kept.numerator,
                "accounts_kept": each.kept,
                "start": Exact(each.start),
                "expansion": Exact(each.expansion),
                "contraction": Exact(each.contraction),
                "churn": Exact(each.churn),
                "end": Exact(each.end),
                "undecided": Exact(each.undecided),
                "net": _share(each.net.value),
                "net_low": _share(each.net.low),
                "net_high": _share(each.net.high),
                "gross": _share(each.gross.value),
                "gross_low": _share(each.gross.low),
                "gross_high": _share(each.gross.high),
            }
            for each in self.retention
        ]

    def renewal_rows(self) -> list[Row]:
        """A row a currency: how many contracts ended and were renewed, by count and value, and how many are not yet decided."""
        return [
            {
                "currency": each.currency or Word("", "measures.expansion_no_currency"),
                "ended": each.renewed.denominator,
                "renewed": each.renewed.numerator,
                "rate": each.renewed,
                "ended_value": Exact(each.ended_value),
                "renewed_value": Exact(each.renewed_value),
                "by_value": _share(each.by_value),
                "undecided": each.undecided,
                "undecided_renewed": each.undecided_renewed,
                "undecided_value": Exact(each.undecided_value),
            }
            for each in self.renewals
        ]

    def month_rows(self) -> list[Row]:
        """A row for each month and currency: start, new, expansion, contraction, churn and end, and what of the new and the churned came
        back or changed its currency."""
        return [each.row() for each in self.months]


def _share(value: float | None) -> Share | None:
    return None if value is None else Share(value)


def retention(
    journeys: Journeys,
    question: Question,
    at: str | None = None,
    columns: ContractColumns = ContractColumns(),  # noqa: B008 (frozen)
) -> Contracted:
    """What accounts with contracts bring over the MONTHS up to the end of the month `at` ("2025-06"; None: the last that is over and all
    decided). `columns`: what is said by hand of the columns of contracts.

    QuestionError of a file that tells no contracts, or one-off amounts alone, with what it lacks; and for a month that is not in it.
    """
    found = contract_table(journeys, question, columns)
    first = journeys.engine.row(
        Query(f"SELECT MIN(contracts.starts_on) AS first FROM {identifier(found.table)} AS contracts")
    )[0]
    to = _month(at, first, found.until, question.calendar)
    ends = month_ends(to, MONTHS, question.calendar)
    since = ends[0]
    held, held_sql = holdings(journeys, found.table, ends)
    renewed, renewed_sql = _renewals(journeys, found)
    life, life_sql = contract_life(journeys, found)
    last = _last_over(found.until, question.calendar)
    months = question.calendar.number(last) - question.calendar.number(first)
    every_month = month_ends(last, max(0, months), question.calendar)
    whole, whole_sql = holdings(journeys, found.table, every_month)
    return Contracted(
        question=question,
        as_of=found.until,
        since=since,
        to=to,
        columns=found.columns,
        per=found.per,
        retention=retentions(held, since, to),
        renewals=renewed,
        months=bridge_of(held, ends),
        life=life,
        worth=worths(whole, every_month),
        left_out=found.left_out,
        sql=";\n\n".join((found.sql, held_sql, renewed_sql, life_sql, whole_sql)),
    )


def _month(at: str | None, first: date, until: date, calendar: Calendar) -> date:
    """The last day of the month that is asked for."""
    latest = _last_over(until, calendar)
    if at is None:
        return _last_over(until - timedelta(days=GRACE), calendar)
    try:
        year, month = at.split("-")
        day = end_of(calendar.day(int(year), int(month), 1), calendar)
    except ValueError:
        raise QuestionError("errors.retention_month", found=at) from None
    if not first <= day <= latest:
        raise QuestionError("errors.retention_outside", month=day, first=first, last=latest)
    return day


def _last_over(until: date, calendar: Calendar) -> date:
    """The last day of the last month that is over by the end of a day."""
    number = calendar.number(until)
    return until if until == calendar.last(number) else calendar.last(number - 1)


def _renewals(journeys: Journeys, found: ContractTable) -> tuple[tuple[Renewals, ...], str]:
    """The renewals of each currency in which a contract has ended, that of most contracts first, and the SQL that ran."""
    decided = f"DATE_DIFF('day', contracts.ends_on, CAST(? AS DATE)) >= {GRACE}"
    text = f"""SELECT ended.currency AS currency,
    COUNT(*) FILTER (WHERE ended.is_decided) AS ended,
    COUNT(*) FILTER (WHERE ended.is_decided AND ended.is_renewed) AS renewed,
    COALESCE(SUM(ended.monthly) FILTER (WHERE ended.is_decided), 0) AS ended_value,
    COALESCE(SUM(ended.monthly) FILTER (WHERE ended.is_decided AND ended.is_renewed), 0) AS renewed_value,
    COUNT(*) FILTER (WHERE NOT ended.is_decided) AS undecided,
    COUNT(*) FILTER (WHERE NOT ended.is_decided AND ended.is_renewed) AS undecided_renewed,
    COALESCE(SUM(ended.monthly) FILTER (WHERE NOT ended.is_decided), 0) AS undecided_value
FROM (
    SELECT contracts.currency AS currency, contracts.monthly AS monthly, contracts.is_renewed AS is_renewed, {decided} AS is_decided
    FROM {identifier(found.table)} AS contracts
    WHERE NOT contracts.is_credit AND contracts.ends_on <= CAST(? AS DATE)
) AS ended
GROUP BY ended.currency
ORDER BY COUNT(*) DESC, ended.currency"""
    query = Query(text, (found.until, found.until))
    renewals = tuple(
        Renewals(
            currency=row["currency"],
            renewed=wilson(row["renewed"], row["ended"]),
            ended_value=float(row["ended_value"]),
            renewed_value=float(row["renewed_value"]),
            undecided=row["undecided"],
            undecided_renewed=row["undecided_renewed"],
            undecided_value=float(row["undecided_value"]),
        )
        for row in journeys.engine.named(query)
    )
    return renewals, query.readable()
