"""What the wins of coming months are worth, each currency by itself: of open leads, and of leads to come; and what earlier forecasts of
that would have said.

An open lead is worth its amount (where it has none, the mean of late wins in its currency) times its chance of being won in the month;
a lead to come the mean amount of the wins of the last WITHIN_DAYS, in each currency with the share that it had of them. An earlier forecast
stands on the wins and the open leads of its landmark, at the amounts that the file has now: what they were then is not known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import FEWEST_FOR_A_RATE, Note
from funnel.journeys import local_time
from funnel.measures.forecast_calendar import Calendar
from funnel.measures.forecast_counts import NEVER, OpenWorth, open_worth, places
from funnel.measures.population.population import in_question
from funnel.measures.statistics.draws import value_draws, value_of
from funnel.measures.statistics.resampling import Numbers, Whole
from funnel.measures.target_counts import TargetCounts
from funnel.measures.target_worth import MOST_UNPRICED, WITHIN_DAYS
from funnel.measures.targets import whole_days


@dataclass(frozen=True)
class Sold:
    """Wins of a currency: how many, how many of them have an amount, and what those are worth together."""

    wins: int = 0
    priced: int = 0
    amount: float = 0.0

    def __add__(self, other: Sold) -> Sold:
        return Sold(self.wins + other.wins, self.priced + other.priced, self.amount + other.amount)

    @property
    def tells(self) -> bool:
        """Whether so many amounts say what a win is worth."""
        return self.priced >= FEWEST_FOR_A_RATE and self.wins - self.priced <= MOST_UNPRICED * self.wins

    @property
    def mean(self) -> float:
        """What a win is worth in the mean."""
        return self.amount / self.priced


@dataclass(frozen=True)
class Pricing:
    """A currency ("": none is known): its open leads by their place, age and amount, the `prices` of its late wins, the share that these
    have of all late wins, and what was won in it in the month of today so far.

    For earlier landmarks: what its leads were worth that `stood` open, what was `sold` of it a day, and `all_sold` in any currency.
    """

    currency: str
    places: Whole
    ages: Whole
    amounts: Numbers
    prices: Numbers
    share: float
    so_far: float
    stood: OpenWorth
    sold: Mapping[date, Sold]
    all_sold: Mapping[date, Sold]

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

    def late(self, day: date) -> tuple[float, float] | None:
        """What a win was worth in the mean of the WITHIN_DAYS up to a day, and the share of all wins that these were; None of too few."""
        some = _late(self.sold, day)
        return (some.mean, some.wins / _late(self.all_sold, day).wins) if some.tells else None


def pricings(counts: TargetCounts, calendar: Calendar) -> tuple[tuple[Pricing, ...], tuple[Note, ...]]:
    """The currencies that a value can be told in, that of most late wins first; and what is missing for others, or for any."""
    today, since = calendar.as_of, calendar.first_day(calendar.number(calendar.as_of) + 1 - calendar.rest)
    wins = _wins(counts)
    priced = Counter(currency or "" for currency, amount, day in wins if amount is not None and _is_late(day, today))
    if not priced:
        return (), ()
    main = max(priced, key=lambda currency: (priced[currency], currency))
    prices: defaultdict[str, list[float]] = defaultdict(list)
    sold: defaultdict[str, defaultdict[date, Sold]] = defaultdict(lambda: defaultdict(Sold))
    all_sold: defaultdict[date, Sold] = defaultdict(Sold)
    for its, amount, day in wins:
        # Who has no amount and no currency is taken for one of most.
        currency = its or (main if amount is None else "")
        one = Sold(1, 0, 0.0) if amount is None else Sold(1, 1, amount)
        sold[currency][day] += one
        all_sold[day] += one
        if amount is not None and _is_late(day, today):
            prices[currency].append(amount)
    late = _late(all_sold, today)
    if late.wins - late.priced > MOST_UNPRICED * late.wins:
        values = {"wins": late.wins, "without": late.wins - late.priced}
        return (), (Note("measures.forecast_unpriced", values),)
    found, missing = [], []
    for currency in sorted(prices, key=lambda currency: (-len(prices[currency]), currency)):
        some = _late(sold[currency], today)
        if not some.tells:
            key = "measures.forecast_currency" if currency else "measures.forecast_no_currency"
            told = {"currency": currency, "priced": some.priced, "wins": some.wins, "least": FEWEST_FOR_A_RATE}
            missing.append(Note(key, told))
            continue
        amounts = np.array(prices[currency], dtype=float)
        stages, ages, worth = _open(counts, currency, main)
        found.append(
            Pricing(
                currency=currency,
                places=stages,
                ages=ages,
                amounts=np.where(np.isnan(worth), amounts.mean(), worth),
                prices=amounts,
                share=some.wins / late.wins,
                so_far=sum(each.amount for day, each in sold[currency].items() if day >= since),
                stood=_stood(counts, calendar, currency, main),
                sold=sold[currency],
                all_sold=all_sold,
            )
        )
    return tuple(found), tuple(missing)


def _is_late(day: date, today: date) -> bool:
    """Whether a day is one of the WITHIN_DAYS up to another."""
    return today - timedelta(days=WITHIN_DAYS) < day <= today


def _late(sold: Mapping[date, Sold], today: date) -> Sold:
    return sum((each for day, each in sold.items() if _is_late(day, today)), Sold())


def _counted(counts: TargetCounts) -> tuple[list[Paragraph], str]:
    """Paragraphs that end in `counted`, and the column of it that holds what a lead is worth."""
    amount = counts.journeys.starts.worth(counts.question.attributes)
    return in_question(counts.journeys, counts.question, (amount, "currency")), amount


def _wins(counts: TargetCounts) -> list[tuple[str | None, float | None, date]]:
    """The currency, the amount and the day of each win of a known day."""
    paragraphs, amount = _counted(counts)
    local, joined = local_time("counted.lead_id", "counted.ended_at", "winning", counts.journeys.local_times)
    text = f"""SELECT counted.currency AS currency, CAST(counted.{amount} AS DOUBLE) AS amount, CAST({local} AS DATE) AS won_on
FROM counted{joined}
WHERE counted.outcome = 'won' AND counted.ended_at <= CAST(? AS TIMESTAMP)
ORDER BY amount, currency, won_on"""
    return counts.rows(compose(paragraphs, Query(text, (counts.until,))))


def _in(currency: str, main: str, amount: str) -> Query:
    """A condition on `counted`: whether a lead is of a currency; one without amount and currency is of the `main` one."""
    text = f"COALESCE(counted.currency, CASE WHEN counted.{amount} IS NULL THEN ? ELSE '' END) = ?"
    return Query(text, (main, currency))


def _open(counts: TargetCounts, currency: str, main: str) -> tuple[Whole, Whole, Numbers]:
    """The places, ages and amounts (NaN: none) of the open leads of a currency."""
    paragraphs, amount = _counted(counts)
    age = whole_days("CAST(? AS TIMESTAMP)", "stays.entered_at", up=False)
    of_currency = _in(currency, main, amount)
    text = f"""SELECT stays.position AS position, CASE WHEN stays.entered_at IS NULL THEN {NEVER} ELSE {age} END AS age,
    CAST(counted.{amount} AS DOUBLE) AS amount
FROM {identifier(counts.stays_table)} AS stays
INNER JOIN counted ON counted.lead_id = stays.lead_id
WHERE stays.left_at IS NULL AND stays.won_at IS NULL AND stays.lost_at IS NULL
    AND {of_currency.text}
ORDER BY position, age, amount"""
    values = (*(counts.until,) * age.count("?"), *of_currency.values)
    position, ages, amounts = counts.arrays(compose(paragraphs, Query(text, values)))
    return places(counts, position.astype("int64")), ages.astype("int64"), amounts.astype(float)


def _stood(counts: TargetCounts, calendar: Calendar, currency: str, main: str) -> OpenWorth:
    paragraphs, amount = _counted(counts)
    return open_worth(counts, calendar, paragraphs, amount, _in(currency, main, amount))
