"""What accounts with contracts bring at the end of each month, and the bridge from month to month; defined in `retention`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from funnel.core.rows import Exact, Row, Word
from funnel.core.sql import Query, identifier
from funnel.core.types import Calendar
from funnel.journeys import Journeys

NOTHING = Decimal(0)


class Held(NamedTuple):
    """What an account brings a month on a day in one currency, in which stay, and how much of it is not decided any more."""

    value: Decimal
    stay: int | None
    undecided: Decimal


NOT_THERE = Held(NOTHING, None, NOTHING)
Holdings = Mapping[str, Mapping[str, Mapping[date, Held]]]
"""Account → currency → day → what it brings; nothing is left out."""


@dataclass(frozen=True)
class Month:
    """The bridge of one month in one currency, from the end of the day `since` to the end of `to`: start + new + expansion − contraction −
    churn = end. Of the new, `back` had been customers before and `from_other` brought it in another currency; of the churn, `to_other` goes
    on in another."""

    currency: str
    since: date
    to: date
    start: float
    new: float
    expansion: float
    contraction: float
    churn: float
    end: float
    back: float
    from_other: float
    to_other: float

    def row(self) -> Row:
        """All of it under the names of its fields."""
        amounts: Row = {name: Exact(amount) for name, amount in vars(self).items() if isinstance(amount, float)}
        currency = self.currency or Word("", "measures.expansion_no_currency")
        return {"currency": currency, "since": self.since, "to": self.to, **amounts}


def month_ends(to: date, months: int, calendar: Calendar) -> list[date]:
    """The last days of so many months up to one, which is the last itself, and that of the month before them, in order."""
    last = calendar.number(to)
    return [*(calendar.last(number) for number in range(last - months, last)), to]


def end_of(day: date, calendar: Calendar) -> date:
    """The last day of the month of a day."""
    return calendar.last(calendar.number(day))


def holdings(journeys: Journeys, table: str, days: Sequence[date]) -> tuple[Holdings, str]:
    """What each account brings on some days, and the SQL that ran; an account that brings nothing then, or less, has nothing."""
    listed = ", ".join("CAST(? AS DATE)" for _ in days)
    query = Query(
        f"""SELECT contracts.account AS account, contracts.currency AS currency, days.day AS day, SUM(contracts.monthly) AS value,
    MAX(contracts.stay) AS stay,
    COALESCE(SUM(contracts.monthly) FILTER (WHERE contracts.is_undecided AND contracts.ends_on < days.day), 0) AS undecided
FROM {identifier(table)} AS contracts
INNER JOIN (SELECT UNNEST([{listed}]) AS day) AS days
    ON contracts.starts_on <= days.day AND contracts.lasts_until >= days.day
GROUP BY contracts.account, contracts.currency, days.day
HAVING SUM(contracts.monthly) > 0
ORDER BY contracts.account, contracts.currency, days.day""",
        tuple(days),
    )
    found: dict[str, dict[str, dict[date, Held]]] = defaultdict(lambda: defaultdict(dict))
    for account, currency, day, value, stay, undecided in journeys.engine.rows(query):
        found[account][currency][day] = Held(value, stay, min(max(undecided, NOTHING), value))
    return found, query.readable()


def on(days: Mapping[date, Held], day: date) -> Held:
    """What there is on a day."""
    return days.get(day, NOT_THERE)


def elsewhere(currencies: Mapping[str, Mapping[date, Held]], currency: str, there: date, not_there: date) -> bool:
    """Whether an account brings something on the one day in another currency in which it brings nothing on the other day."""
    return any(
        on(days, there).value > 0 and on(days, not_there).value <= 0
        for other, days in currencies.items()
        if other != currency
    )


def bridge_of(held: Holdings, ends: Sequence[date]) -> tuple[Month, ...]:
    """A row for each currency and month, the oldest first."""
    currencies = sorted({currency for by_currency in held.values() for currency in by_currency})
    sums: dict[tuple[str, date], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    months = list(pairwise(ends))
    for by_currency in held.values():
        for currency, days in by_currency.items():
            for since, to in months:
                for part, amount in _moves(by_currency, currency, days, since, to):
                    sums[currency, to][part] += amount
    names = ("start", "new", "expansion", "contraction", "churn", "end", "back", "from_other", "to_other")
    return tuple(
        Month(currency, since, to, **{name: float(sums[currency, to][name]) for name in names})
        for currency in currencies
        for since, to in months
    )


def _moves(
    by_currency: Mapping[str, Mapping[date, Held]], currency: str, days: Mapping[date, Held], since: date, to: date
) -> Iterator[tuple[str, Decimal]]:
    before, after = on(days, since), on(days, to)
    yield "start", before.value
    yield "end", after.value
    if before.value > 0 and after.value > 0 and before.stay == after.stay:
        by = after.value - before.value
        yield ("expansion", by) if by > 0 else ("contraction", -by)
        return
    if before.value > 0:
        yield "churn", before.value
        if elsewhere(by_currency, currency, to, since):
            yield "to_other", before.value
    if after.value > 0:
        yield "new", after.value
        if (after.stay or 0) > 1:
            yield "back", after.value
        elif elsewhere(by_currency, currency, since, to):
            yield "from_other", after.value
