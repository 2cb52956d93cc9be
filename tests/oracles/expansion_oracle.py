"""What becomes of accounts after their first win, in plain Python, an account and a day at a time: obviously right, and slow."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

GRACE = timedelta(days=60)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Win:
    """A win of an account; `day` None: nobody knows when."""

    account: str
    day: date | None
    amount: Decimal | None = None
    currency: str = ""
    counts: bool = True


@dataclass
class Landed:
    """An account that counts: when it landed, with what, and its purchases after that."""

    day: date
    follow_up: int
    landing: dict[str, Decimal]
    again: list[date]
    later: list[tuple[int, str, Decimal]]


def landed(wins: list[Win], until: date) -> dict[str, Landed]:
    """The accounts that count."""
    of_account: dict[str, list[Win]] = defaultdict(list)
    for win in wins:
        if win.day is None or win.day <= until:
            of_account[win.account].append(win)
    found = {}
    for account, own in of_account.items():
        if any(win.day is None for win in own):
            continue
        days = sorted({win.day for win in own if win.amount is None or win.amount >= 0})
        if not days or not any(win.counts for win in own if win.day == days[0]):
            continue
        landing: dict[str, Decimal] = {}
        later: dict[tuple[int, str], Decimal] = {}
        for win in own:
            if win.amount is None or win.day < days[0]:
                continue
            if win.day == days[0]:
                landing[win.currency] = landing.get(win.currency, Decimal(0)) + win.amount
            else:
                key = ((win.day - days[0]).days, win.currency)
                later[key] = later.get(key, Decimal(0)) + win.amount
        found[account] = Landed(
            days[0], (until - days[0]).days, landing, days[1:], [(*key, amount) for key, amount in later.items()]
        )
    return found


def bought_again_by(accounts: list[Landed], day: int) -> Fraction | None:
    """Kaplan–Meier: the share that has bought again by a day; None where nobody was followed that long."""
    if not any(each.follow_up >= day for each in accounts):
        return None
    waits = [((each.again[0] - each.day).days, True) if each.again else (each.follow_up, False) for each in accounts]
    staying = Fraction(1)
    for moment in range(day + 1):
        watched = sum(wait >= moment for wait, _ in waits)
        bought = sum(wait == moment and has for wait, has in waits)
        if watched:
            staying *= 1 - Fraction(bought, watched)
    return 1 - staying


def mean_by(accounts: dict[str, int], events: list[tuple[str, int, float]], day: int) -> tuple[float, float]:
    """The mean cumulative function by a day, and its standard error; accounts with follow-ups, (account, day, value)."""
    days = sorted({at for _, at, _ in events if at <= day})
    watched = {at: sum(followed >= at for followed in accounts.values()) for at in days}
    rises = {at: sum(value for _, on, value in events if on == at) / watched[at] for at in days}
    squares = 0.0
    for account, followed in accounts.items():
        own = 0.0
        for at in days:
            if followed >= at:
                here = sum(value for whose, on, value in events if whose == account and on == at)
                own += (here - rises[at]) / watched[at]
        squares += own * own
    return sum(rises.values()), squares**0.5


@dataclass(frozen=True)
class Contract:
    """A contract of an account; `end` None: it goes on. What it brings a month is below 0 of a credit note."""

    account: str
    start: date
    end: date | None
    monthly: Decimal
    currency: str = "EUR"


def renewal_of(one: Contract, contracts: list[Contract]) -> list[Contract]:
    """The contracts that renew one."""
    if one.end is None or one.monthly < 0:
        return []
    return [
        other
        for other in contracts
        if other.account == one.account
        and other.monthly >= 0
        and other.start > one.start
        and (other.end is None or other.end > one.end)
        and abs(other.start - (one.end + DAY)) <= GRACE
    ]


def lasts_until(one: Contract, contracts: list[Contract], until: date) -> date:
    """The last day of a contract, with what a late renewal or an open decision adds."""
    if one.end is None:
        return date(9999, 12, 31)
    renewals = renewal_of(one, contracts)
    own = [other for other in renewals if other.currency == one.currency]
    if own and not any(other.start <= one.end + DAY for other in own):
        return min(other.start for other in own) - DAY
    if not renewals and one.monthly >= 0 and until - GRACE < one.end <= until:
        return until
    return one.end


def brings(contracts: list[Contract], account: str, currency: str, day: date, until: date) -> Decimal:
    """What an account brings a month on a day."""
    own = [
        each.monthly
        for each in contracts
        if each.account == account
        and each.currency == currency
        and each.start <= day <= lasts_until(each, contracts, until)
    ]
    return max(sum(own, Decimal(0)), Decimal(0))


def stays(contracts: list[Contract], account: str, currency: str, since: date, to: date, until: date) -> bool:
    """Whether every day from one to another lies in a contract of the account."""
    own = [each for each in contracts if each.account == account and each.currency == currency and each.monthly >= 0]
    spans = [(each.start, lasts_until(each, contracts, until)) for each in own]
    days = [since + DAY * number for number in range((to - since).days + 1)]
    return all(any(start <= day <= last for start, last in spans) for day in days)


def retained(contracts: list[Contract], since: date, to: date, until: date) -> dict[str, dict[str, object]]:
    """For each currency: start, expansion, contraction, churn, accounts, kept and apart."""
    found: dict[str, dict[str, object]] = {}
    pairs = sorted({(each.account, each.currency) for each in contracts})
    for account, currency in pairs:
        before = brings(contracts, account, currency, since, until)
        if not before:
            continue
        sums = found.setdefault(
            currency,
            dict.fromkeys(("start", "expansion", "contraction", "churn", "accounts", "kept", "apart"), Decimal(0)),
        )
        after = brings(contracts, account, currency, to, until)
        kept = after > 0 and stays(contracts, account, currency, since, to, until)
        went = any(
            brings(contracts, account, other, to, until) > 0 and not brings(contracts, account, other, since, until)
            for name, other in pairs
            if name == account and other != currency
        )
        if not kept and went:
            sums["apart"] += 1
            continue
        sums["accounts"] += 1
        sums["start"] += before
        sums["kept"] += kept
        if not kept:
            sums["churn"] += before
        elif after > before:
            sums["expansion"] += after - before
        else:
            sums["contraction"] += before - after
    return found


def life(contracts: list[Contract], account: str, until: date) -> tuple[int, bool] | None:
    """For how many days an account stayed from its first contract on, and whether it has left; None where none began."""
    own = [each for each in contracts if each.account == account and each.monthly >= 0 and each.start <= until]
    if not own:
        return None
    first = day = min(each.start for each in own)
    spans = [(each.start, lasts_until(each, contracts, until)) for each in own]
    while day <= until and any(start <= day <= last for start, last in spans):
        day += DAY
    return ((day - first).days, True) if day <= until else ((until - first).days, False)
