"""What the wins of coming months are worth, each currency by itself: of open leads, and of leads to come.

An open lead is worth its amount (where it has none, the mean of late wins in its currency) times its chance of being won in the month;
a lead to come the mean amount of the wins of the last WITHIN_DAYS, in each currency with the share that it had of them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

import numpy as np

from funnel.core.sql import Paragraph, Query, compose, days, identifier
from funnel.core.types import FEWEST_FOR_A_RATE, Note
from funnel.journeys import local_time
from funnel.measures.forecast_counts import NEVER
from funnel.measures.population.population import in_question
from funnel.measures.statistics.draws import value_draws, value_of
from funnel.measures.statistics.resampling import Numbers, Whole
from funnel.measures.target_counts import TargetCounts
from funnel.measures.target_worth import MOST_UNPRICED, WITHIN_DAYS
from funnel.measures.targets import whole_days


@dataclass(frozen=True)
class Pricing:
    """A currency ("": none is known): its open leads by their place, age and amount, the `prices` of its late wins, the share that these
    have of all late wins, and what was won in it in the month of today so far."""

    currency: str
    places: Whole
    ages: Whole
    amounts: Numbers
    prices: Numbers
    share: float
    so_far: float

    @property
    def open_value(self) -> float:
        """What all its open leads are worth."""
        return float(self.amounts.sum())

    def expected(self, chances: Numbers, new_wins: float) -> float:
        """The mean of what is won, of the chance of each open lead, and of so many wins to come in all currencies."""
        mean, _ = value_of(chances, self.amounts)
        return mean + new_wins * self.share * float(self.prices.mean())

    def draws(self, chances: Numbers, new_wins: float, phi: float) -> Numbers:
        """What is won, drawn many times."""
        return value_draws(chances, self.amounts, new_wins * self.share, self.prices, phi)


def pricings(counts: TargetCounts, since: date) -> tuple[tuple[Pricing, ...], tuple[Note, ...]]:
    """The currencies that a value can be told in, that of most late wins first; and what is missing for others, or for any. `since` is
    the first day of the month of today."""
    wins = _late_wins(counts)
    priced = [(currency, amount) for currency, amount, _ in wins if amount is not None]
    if not priced:
        return (), ()
    if len(wins) - len(priced) > MOST_UNPRICED * len(wins):
        return (), (Note("measures.forecast_unpriced", {"wins": len(wins), "without": len(wins) - len(priced)}),)
    prices: defaultdict[str, list[float]] = defaultdict(list)
    for currency, amount in priced:
        prices[currency or ""].append(amount)
    main = max(prices, key=lambda currency: (len(prices[currency]), currency))
    # Who has no amount and no currency is taken for one of most.
    each = [(currency or (main if amount is None else ""), amount, day) for currency, amount, day in wins]
    found, missing = [], []
    for currency in sorted(prices, key=lambda currency: (-len(prices[currency]), currency)):
        all_wins = sum(its == currency for its, _, _ in each)
        if len(prices[currency]) < FEWEST_FOR_A_RATE or all_wins - len(prices[currency]) > MOST_UNPRICED * all_wins:
            values = {
                "currency": currency,
                "priced": len(prices[currency]),
                "wins": all_wins,
                "least": FEWEST_FOR_A_RATE,
            }
            missing.append(Note("measures.forecast_currency" if currency else "measures.forecast_no_currency", values))
            continue
        amounts = np.array(prices[currency], dtype=float)
        places, ages, worth = _open(counts, currency, main)
        so_far = sum(amount for its, amount, day in each if its == currency and amount is not None and day >= since)
        worth = np.where(np.isnan(worth), amounts.mean(), worth)
        found.append(Pricing(currency, places, ages, worth, amounts, all_wins / len(wins), so_far))
    return tuple(found), tuple(missing)


def _counted(counts: TargetCounts) -> tuple[list[Paragraph], str]:
    """Paragraphs that end in `counted`, and the column of it that holds what a lead is worth."""
    amount = counts.journeys.starts.worth(counts.question.attributes)
    return in_question(counts.journeys, counts.question, (amount, "currency")), amount


def _late_wins(counts: TargetCounts) -> list[tuple[str | None, float | None, date]]:
    """The currency, the amount and the day of each win of the last WITHIN_DAYS."""
    paragraphs, amount = _counted(counts)
    local, joined = local_time("counted.lead_id", "counted.ended_at", "winning", counts.journeys.local_times)
    text = f"""SELECT counted.currency AS currency, CAST(counted.{amount} AS DOUBLE) AS amount, CAST({local} AS DATE) AS won_on
FROM counted{joined}
WHERE counted.outcome = 'won' AND counted.ended_at <= CAST(? AS TIMESTAMP)
    AND counted.ended_at > CAST(? AS TIMESTAMP) - {days(WITHIN_DAYS)}
ORDER BY amount, currency, won_on"""
    return counts.rows(compose(paragraphs, Query(text, (counts.until, counts.until))))


def _open(counts: TargetCounts, currency: str, main: str) -> tuple[Whole, Whole, Numbers]:
    """The places, ages and amounts (NaN: none) of the open leads of a currency."""
    paragraphs, amount = _counted(counts)
    age = whole_days("CAST(? AS TIMESTAMP)", "stays.entered_at", up=False)
    text = f"""SELECT stays.position AS position, CASE WHEN stays.entered_at IS NULL THEN {NEVER} ELSE {age} END AS age,
    CAST(counted.{amount} AS DOUBLE) AS amount
FROM {identifier(counts.stays_table)} AS stays
INNER JOIN counted ON counted.lead_id = stays.lead_id
WHERE stays.left_at IS NULL AND stays.won_at IS NULL AND stays.lost_at IS NULL
    AND COALESCE(counted.currency, CASE WHEN counted.{amount} IS NULL THEN ? ELSE '' END) = ?
ORDER BY position, age, amount"""
    values = (*(counts.until,) * age.count("?"), main, currency)
    position, ages, amounts = counts.arrays(compose(paragraphs, Query(text, values)))
    places = np.searchsorted(np.array(counts.positions), position.astype("int64"))
    return places, ages.astype("int64"), amounts.astype(float)
