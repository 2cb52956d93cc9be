"""Deals of companies that buy subscriptions, renew them, extend them or leave."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from companies import LAST_DAY, LOST, SEED, SIZES, WON, Account, Dice, accounts

# accounts with contracts: how many, the chance that a contract is renewed by its end, by the size of the company
CONTRACT_ACCOUNTS = 320
RENEWED = {"Under 50": 0.72, "50 to 249": 0.82, "250 to 999": 0.88, "1000 to 4999": 0.92, "5000 and more": 0.94}
FIRST_CONTRACT = date(2021, 7, 1)
TERMS = {12: 74, 24: 17, 36: 9}  # months of a contract
RENEWED_LATE, LATE_DAYS = 0.15, 22  # of renewals, and how late: mean
RAISED, LOWERED = (0.34, 1.18), (0.12, 0.84)  # of renewals, and what they then bring a month against before
UPSOLD_SHARE, CREDITED_SHARE = 0.22, 0.02  # of contracts
LOST_OFFERS = 0.9  # offers that come to nothing, for each one that is won


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last that there is."""
    year, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError(day)


def contracts(seed: int = SEED) -> Iterator[Sequence[object]]:
    """Deals of accounts with contracts, oldest first."""
    dice = Dice(seed + 2)
    deals: list[tuple[date, tuple[object, ...]]] = []
    found = accounts(dice)
    for account in (next(found) for _ in range(CONTRACT_ACCOUNTS)):
        currency = "USD" if account.region == "North America" else "EUR"
        monthly = max(50, round(dice.around(SIZES[account.size][1] / 30, 0.6) / 10) * 10)
        start = FIRST_CONTRACT + timedelta(math.floor(dice.random() * (LAST_DAY - FIRST_CONTRACT).days))
        kind = "New business"
        while start <= LAST_DAY + timedelta(60):
            months = dice.pick(TERMS)
            end = months_after(start, months) - timedelta(1)
            won = start - timedelta(math.floor(1 + dice.wait(12)))
            deal(deals, dice, account, kind, won, (monthly * months, currency, start, end, monthly))
            if dice.chance(UPSOLD_SHARE):
                more = start + timedelta(math.floor(dice.random() * (end - start).days))
                extra = max(20, round(monthly * (0.1 + 0.3 * dice.random()) / 10) * 10)
                fee = round((end - more).days / 30.4375 * extra)
                deal(deals, dice, account, "Expansion", more - timedelta(3), (fee, currency, more, end, extra))
            elif dice.chance(CREDITED_SHARE):
                since = months_after(start, months // 2)
                note = (-round(monthly / 2) * (months - months // 2), currency, since, end, -round(monthly / 2))
                deal(deals, dice, account, "Expansion", since, note)
            if not dice.chance(RENEWED[account.size]):
                if dice.chance(0.5):
                    deal(deals, dice, account, "Renewal", end - timedelta(5), None)
                break
            way = dice.random()
            factor = RAISED[1] if way < RAISED[0] else LOWERED[1] if way < RAISED[0] + LOWERED[0] else 1
            monthly = max(20, round(monthly * factor / 10) * 10)
            late = math.floor(dice.wait(LATE_DAYS)) if dice.chance(RENEWED_LATE) else 0
            start, kind = end + timedelta(1 + late), "Renewal"
        while dice.chance(LOST_OFFERS / (1 + LOST_OFFERS)):
            lost = FIRST_CONTRACT + timedelta(math.floor(dice.random() * (LAST_DAY - FIRST_CONTRACT).days))
            deal(deals, dice, account, "New business" if dice.chance(0.7) else "Expansion", lost, None)
    header = ("Deal ID", "Account", "Deal type", "Stage", "Created", "Closed", "Amount", "Currency")
    yield *header, "Contract start", "Contract end", "MRR", "Region", "Company size", "Owner"
    deals.sort(key=lambda each: (each[0], str(each[1])))
    for number, (_, cells) in enumerate(deals, 1):
        yield f"D-{number:04}", *cells


def deal(
    deals: list[tuple[date, tuple[object, ...]]],
    dice: Dice,
    account: Account,
    kind: str,
    closed: date,
    contract: tuple[object, ...] | None,
) -> None:
    """Adds a deal that was won with a contract, or lost without; of one that closes after the last day only that it is open."""
    usual = 60 if kind == "New business" else 35
    created = closed - timedelta(math.floor(3 + dice.around(usual * SIZES[account.size][2], 0.6)))
    if created > LAST_DAY:
        return
    is_open = closed > LAST_DAY
    stage = "Negotiation" if is_open else WON if contract else LOST
    amount, currency, *terms = contract or ("", "USD" if account.region == "North America" else "EUR", "", "", "")
    cells = (amount, currency, *(("", "", "") if is_open else terms))
    told = (
        account.name,
        kind,
        stage,
        created,
        "" if is_open else closed,
        *cells,
        account.region,
        account.size,
        account.owner,
    )
    deals.append((created, told))
