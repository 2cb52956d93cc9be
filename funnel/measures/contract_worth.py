"""What an account with contracts brings in its first months, in the mean, as far as it was seen; nothing is told beyond that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from funnel.core.rows import Exact, Row, Word
from funnel.measures.expansion_value import NINETY_FIVE
from funnel.measures.retention_months import Holdings

MONTHS = (12, 24, 36)


@dataclass(frozen=True)
class Worth:
    """What an account of a currency brings in its first `months`, counted at their ends: the `mean` by the mean cumulative function and its
    95 % interval. Of the `accounts`, `at_risk` were followed so long. Accounts that brought anything in another currency are in none."""

    currency: str
    months: int
    accounts: int
    at_risk: int
    mean: float
    low: float
    high: float

    def row(self) -> Row:
        """All of it under the names of its fields."""
        return {
            "currency": self.currency or Word("", "measures.expansion_no_currency"),
            "months": self.months,
            "accounts": self.accounts,
            "at_risk": self.at_risk,
            **{name: Exact(amount) for name, amount in (("mean", self.mean), ("low", self.low), ("high", self.high))},
        }


def worths(held: Holdings, ends: list[date]) -> tuple[Worth, ...]:
    """The worth of the accounts of each currency after each of MONTHS that any was followed for; `ends` are the ends of all months from the
    first contract on."""
    # Number libraries are loaded when they are needed.
    import numpy as np

    from funnel.measures.statistics.mean_cumulative import mean_cumulative

    place = {end: number for number, end in enumerate(ends)}
    follow_up: dict[str, list[int]] = {}
    events: dict[str, list[tuple[int, int, float]]] = {}
    for by_currency in held.values():
        if len(by_currency) != 1:
            continue
        ((currency, days),) = by_currency.items()
        first = min(place[day] for day in days)
        units = follow_up.setdefault(currency, [])
        events.setdefault(currency, []).extend(
            (len(units), place[day] - first, float(on.value)) for day, on in days.items()
        )
        units.append(len(ends) - 1 - first)
    found = []
    for currency in sorted(follow_up, key=lambda each: (-len(follow_up[each]), each)):
        followed = np.array(follow_up[currency], dtype=np.int64)
        place_of, months, values = (np.array(column) for column in zip(*events[currency], strict=True))
        steps = mean_cumulative(followed, place_of, months, values.astype(float))
        for months_long in MONTHS:
            at_risk = int((followed >= months_long - 1).sum())
            if at_risk:
                last = [step for step in steps if step.day < months_long][-1]
                wide = NINETY_FIVE * last.se
                found.append(
                    Worth(
                        currency,
                        months_long,
                        len(followed),
                        at_risk,
                        last.mean,
                        max(0.0, last.mean - wide),
                        last.mean + wide,
                    )
                )
    return tuple(found)
