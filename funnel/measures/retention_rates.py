"""Retention of the accounts of each currency between two days, with the middle of resamples of the accounts; defined in `retention`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from funnel.core.types import Rate
from funnel.measures.retention_months import NOTHING, Holdings, elsewhere, on
from funnel.measures.statistics.rates import wilson

RESAMPLES, SEED = 500, 38
LARGE = 0.2
"""From which share of what there was at the start on an account is named."""
Kept = tuple[Decimal, Decimal, Decimal]
"""Of an account: what it brought at the start, what it brings at the end, and how much of that is not decided yet."""


@dataclass(frozen=True)
class Ratio:
    """A share of money with the middle 95 % of its resamples; `value` None where nothing was there to be kept, the ends also where there
    is but one account."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Retention:
    """What the accounts of one currency bring a month at the end of the months, of what they brought at their beginning (`start`): `end` =
    start + expansion − contraction − churn.

    `undecided` is a part of the end. `apart` accounts changed their currency, `apart_start` is what they brought: they are in no other
    number here. `large` are the accounts with more than LARGE of the start, each with its share, the largest first."""

    currency: str
    accounts: int
    kept: Rate
    start: float
    expansion: float
    contraction: float
    churn: float
    end: float
    undecided: float
    net: Ratio
    gross: Ratio
    net_if_lost: float | None
    apart: int
    apart_start: float
    large: tuple[tuple[str, float], ...]


def retentions(held: Holdings, since: date, to: date) -> tuple[Retention, ...]:
    """The retention of each currency in which anything was brought on the first day, that of most accounts first."""
    accounts: dict[str, dict[str, Kept]] = defaultdict(dict)
    apart: dict[str, list[Decimal]] = defaultdict(list)
    for account, by_currency in held.items():
        for currency, days in by_currency.items():
            before, after = on(days, since), on(days, to)
            if before.value <= 0:
                continue
            if after.value > 0 and after.stay == before.stay:
                accounts[currency][account] = (before.value, after.value, after.undecided)
            elif elsewhere(by_currency, currency, to, since):
                apart[currency].append(before.value)
            else:
                accounts[currency][account] = (before.value, NOTHING, NOTHING)
    found = [_retention(each, accounts[each], apart[each]) for each in {*accounts, *apart}]
    return tuple(sorted(found, key=lambda each: (-each.accounts, each.currency)))


def _retention(currency: str, accounts: dict[str, Kept], apart: Sequence[Decimal]) -> Retention:
    start = sum((before for before, _, _ in accounts.values()), NOTHING)
    end = sum((after for _, after, _ in accounts.values()), NOTHING)
    undecided = sum((open_part for _, _, open_part in accounts.values()), NOTHING)
    more = sum((max(after - before, NOTHING) for before, after, _ in accounts.values()), NOTHING)
    less = sum((before - after for before, after, _ in accounts.values() if NOTHING < after < before), NOTHING)
    gone = sum((before for before, after, _ in accounts.values() if not after), NOTHING)
    kept = sum(after > 0 for _, after, _ in accounts.values())
    net, gross = _ratios([accounts[name] for name in sorted(accounts)])
    shares = sorted(
        ((name, float(before / start)) for name, (before, _, _) in accounts.items()), key=lambda each: -each[1]
    )
    return Retention(
        currency=currency,
        accounts=len(accounts),
        kept=wilson(kept, len(accounts)),
        start=float(start),
        expansion=float(more),
        contraction=float(less),
        churn=float(gone),
        end=float(end),
        undecided=float(undecided),
        net=net,
        gross=gross,
        net_if_lost=float((end - undecided) / start) if start else None,
        apart=len(apart),
        apart_start=float(sum(apart, NOTHING)),
        large=tuple((name, share) for name, share in shares if share > LARGE),
    )


def _ratios(accounts: Sequence[Kept]) -> tuple[Ratio, Ratio]:
    """Net and gross retention of the accounts, which stand in the order of their names: so resamples are the same each time."""
    # Number libraries are loaded when they are needed.
    import numpy as np

    if not accounts:
        return Ratio(None, None, None), Ratio(None, None, None)
    before = np.array([float(before) for before, _, _ in accounts])
    after = np.array([float(after) for _, after, _ in accounts])
    lasting = np.minimum(before, after)
    size = len(accounts)
    random = np.random.default_rng(SEED)
    drawn = [np.bincount(random.integers(0, size, size), minlength=size) for _ in range(RESAMPLES)] if size > 1 else []

    def ratio(kept: np.ndarray) -> Ratio:
        value = float(kept.sum() / before.sum())
        if not drawn:
            return Ratio(value, None, None)
        low, high = np.quantile([float(times @ kept / (times @ before)) for times in drawn], (0.025, 0.975))
        return Ratio(value, float(low), float(high))

    return ratio(after), ratio(lasting)
