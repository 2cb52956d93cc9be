"""What accounts bring beside their first purchase: repeat purchases, and repeat value in each currency; defined in `expansion`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from funnel.core.rows import Exact, Row, Word
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import FEWEST_AT_RISK, Note
from funnel.journeys import Journeys
from funnel.measures.expansion_wins import AccountWins
from funnel.measures.population.population import in_question

if TYPE_CHECKING:
    from funnel.measures.statistics.mean_cumulative import Step

NINETY_FIVE = 1.959963984540054
PURCHASES = "purchases"
"""In place of a currency, where purchases are counted."""
Event = tuple[int, int, float]
"""The place of an account, the day after its landing, and what came."""


@dataclass(frozen=True)
class RepeatsBy:
    """What an account has brought beside its landing by the end of a day, in the mean: `mean` by the mean cumulative function with its 95 %
    interval and standard error, all None where nobody was followed that long; `at_risk` were. `plain` is the plain sum ÷ all accounts.
    `per_100` and `plain_per_100` are the same per 100 of what they were landed with (None: nothing)."""

    day: int
    at_risk: int
    mean: float | None
    se: float | None
    low: float | None
    high: float | None
    plain: float
    per_100: float | None
    plain_per_100: float | None

    @property
    def few(self) -> bool:
        """Whether fewer were followed so long than a curve is drawn of."""
        return self.at_risk < FEWEST_AT_RISK


@dataclass(frozen=True)
class Repeats:
    """Repeats of the `accounts` that landed in a currency ("": none given; PURCHASES: the purchases of all accounts, each counts 1).
    `landed` is the sum that they were landed with, `total` that of all repeats so far. `steps` are the days on which any came, by_day those
    asked for."""

    currency: str
    accounts: int
    landed: float
    total: float
    steps: tuple[Step, ...]
    by_day: tuple[RepeatsBy, ...]

    def on(self, day: int) -> RepeatsBy | None:
        """What is known of a day; None where it was not asked for."""
        return next((each for each in self.by_day if each.day == day), None)


@dataclass(frozen=True)
class LeftOut:
    """What stands in no number of value, or in none at all: won `leads` without an account; `undated` accounts with a win of which the
    moment is not known; accounts landed in `several` currencies, or without an `unpriced` amount; `unpriced_repeats`, purchases of the
    others without an amount; `elsewhere`, purchases in another currency than that of the landing."""

    leads: int
    undated: int
    several: int
    unpriced: int
    unpriced_repeats: int
    elsewhere: int

    @property
    def notes(self) -> tuple[Note, ...]:
        """Those of them that there are, as sentences."""
        return tuple(Note(f"measures.expansion_{name}", {"n": n}) for name, n in vars(self).items() if n)


def repeats_of(
    journeys: Journeys, found: AccountWins, days: Sequence[int]
) -> tuple[Repeats, tuple[Repeats, ...], LeftOut, str]:
    """The repeat purchases of all accounts, the repeat value of those of each currency (most accounts first), what stands in no number, and
    the SQL that ran."""
    sources = [
        Paragraph(name, Query(f"SELECT source.* FROM {identifier(table)} AS source"))
        for name, table in (("accounts", found.accounts), ("wins", found.wins))
    ]
    bought, worth = (compose(sources, Query(text)) for text in (_PURCHASES, _VALUES))
    counts = compose([*in_question(journeys, found.question), *sources], Query(_LEFT_OUT))
    follow_up: dict[str, int] = {}
    purchases: list[tuple[str, int, float]] = []
    for account, followed, day in journeys.engine.rows(bought):
        follow_up[account] = followed
        if day is not None:
            purchases.append((account, day, 1.0))
    of_all = _repeats(PURCHASES, follow_up, dict.fromkeys(follow_up, 1.0), purchases, days)
    landed: dict[str, dict[str, float]] = defaultdict(dict)
    later: list[tuple[str, int, str, float]] = []
    unpriced_repeats = 0
    for account, day, currency, amount, unpriced in journeys.engine.rows(worth):
        if day and amount is not None:
            later.append((account, day, currency, float(amount)))
        elif not day and amount is not None:
            landed[account][currency] = float(amount)
        unpriced_repeats += int(bool(day) and unpriced)
    of_currency: dict[str, dict[str, float]] = defaultdict(dict)
    for account, amounts in landed.items():
        if len(amounts) == 1:
            ((currency, amount),) = amounts.items()
            of_currency[currency][account] = amount
    elsewhere = sum(currency not in landed.get(account, {currency: 0.0}) for account, _, currency, _ in later)
    values = [
        _repeats(
            currency,
            {account: follow_up[account] for account in accounts},
            accounts,
            [(account, day, amount) for account, day, its, amount in later if its == currency and account in accounts],
            days,
        )
        for currency, accounts in sorted(of_currency.items(), key=lambda each: (-len(each[1]), each[0]))
    ]
    leads, undated = journeys.engine.row(counts)
    left_out = LeftOut(
        leads=leads,
        undated=undated,
        several=sum(len(amounts) > 1 for amounts in landed.values()),
        unpriced=len(follow_up) - len(landed),
        unpriced_repeats=unpriced_repeats,
        elsewhere=elsewhere,
    )
    return of_all, tuple(values), left_out, ";\n\n".join(each.readable() for each in (bought, worth, counts))


def _repeats(
    currency: str,
    follow_up: dict[str, int],
    landed: dict[str, float],
    events: Sequence[tuple[str, int, float]],
    days: Sequence[int],
) -> Repeats:
    # Number libraries are loaded when they are needed.
    import numpy as np

    from funnel.measures.statistics.mean_cumulative import mean_cumulative

    place = {account: number for number, account in enumerate(follow_up)}
    followed = np.fromiter(follow_up.values(), dtype=np.int64, count=len(follow_up))
    units = np.array([place[account] for account, _, _ in events], dtype=np.int64)
    at = np.array([day for _, day, _ in events], dtype=np.int64)
    value = np.array([amount for _, _, amount in events], dtype=float)
    steps = mean_cumulative(followed, units, at, value)
    base = sum(landed.values())
    by_day = [
        _by(
            day,
            int((followed >= day).sum()),
            steps,
            float(value[at <= day].sum()),
            len(followed),
            base,
            signed=bool((value < 0).any()),
        )
        for day in days
    ]
    return Repeats(currency, len(follow_up), base, float(value.sum()), steps, tuple(by_day))


def _by(
    day: int, at_risk: int, steps: Sequence[Step], total: float, accounts: int, base: float, *, signed: bool
) -> RepeatsBy:
    def per_100(mean: float | None) -> float | None:
        return None if mean is None or base <= 0 else 100 * mean * accounts / base

    plain = total / accounts if accounts else 0.0
    if not at_risk:
        return RepeatsBy(day, 0, None, None, None, None, plain, None, per_100(plain))
    last = next((step for step in reversed(steps) if step.day <= day), None)
    mean, se = (last.mean, last.se) if last else (0.0, 0.0)
    low, high = mean - NINETY_FIVE * se, mean + NINETY_FIVE * se
    low = low if signed else max(0.0, low)
    return RepeatsBy(day, at_risk, mean, se, low, high, plain, per_100(mean), per_100(plain))


def repeat_rows(repeats: Repeats) -> list[Row]:
    """A row a day."""
    counted = Word(PURCHASES, "measures.expansion_purchases")
    name = counted if repeats.currency == PURCHASES else repeats.currency or Word("", "measures.expansion_no_currency")
    return [
        {
            "of": name,
            "accounts": repeats.accounts,
            "landed": Exact(repeats.landed),
            "day": each.day,
            "at_risk": each.at_risk,
            "mean": each.mean,
            "low": each.low,
            "high": each.high,
            "plain": each.plain,
            "per_100": each.per_100,
            "plain_per_100": each.plain_per_100,
        }
        for each in repeats.by_day
    ]


_PURCHASES = """SELECT accounts.account AS account, accounts.follow_up AS follow_up, bought.day AS day
FROM accounts
LEFT JOIN (
    SELECT accounts.account AS account, DATE_DIFF('day', accounts.landed_on, wins.day) AS day
    FROM accounts
    INNER JOIN wins ON wins.account = accounts.account AND wins.day > accounts.landed_on
    GROUP BY accounts.account, accounts.landed_on, wins.day
    HAVING BOOL_OR(COALESCE(wins.amount >= 0, TRUE))
) AS bought ON bought.account = accounts.account
ORDER BY accounts.account, bought.day"""
_VALUES = """SELECT accounts.account AS account, DATE_DIFF('day', accounts.landed_on, wins.day) AS day, wins.currency AS currency,
    SUM(wins.amount) AS amount, BOOL_OR(wins.amount IS NULL) AS unpriced
FROM accounts
INNER JOIN wins ON wins.account = accounts.account AND wins.day >= accounts.landed_on
WHERE wins.currency IS NOT NULL
GROUP BY accounts.account, accounts.landed_on, wins.day, wins.currency
ORDER BY accounts.account, wins.day, wins.currency"""
"""A row for each account, day from its landing on, and currency; a lead's amount is told once, on its first purchase."""
_LEFT_OUT = """SELECT
    (SELECT COUNT(*) FROM counted WHERE counted.outcome = 'won' AND counted.account_id IS NULL) AS leads,
    (SELECT COUNT(DISTINCT undated.account) FROM wins AS undated
        INNER JOIN wins ON wins.account = undated.account AND wins.is_counted WHERE undated.day IS NULL) AS undated"""
