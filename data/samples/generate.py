"""The bundled sample: 12,000 B2B leads of about 1,500 accounts, as a CRM would export them on 30 June 2025.

`python data/samples/generate.py [FOLDER]` writes the same leads three times, beside this file or into FOLDER, and other deals once:

* leads-history.csv.gz: one row per stage entry, with the lead's attributes on every row
* leads-wide.csv.gz: one row per lead, `Date entered "…"` holding the latest entry at each stage
* leads-snapshot.csv.gz: one row per lead, with the last stage it was at and how it stands
* contracts.csv.gz: one row per deal of accounts that buy subscriptions, renew them, extend them or leave

and beside them

* touches.csv.gz: one row per touch of a lead, with its channel, campaign and cost

Every company, person and sale is made up. The seed is fixed, and only `Random.random` is drawn from, which Python
promises to keep the same from version to version.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from statistics import NormalDist
from typing import TypeVar

SEED = 20230102
LEADS = 12_000
FIRST_DAY = date(2023, 1, 2)
LAST_DAY = date(2025, 6, 30)
SPAN_DAYS = (LAST_DAY - FIRST_DAY).days + 1

# label, usual days there, chance of going on from there, how often those that do not go on take which exit
PIPELINE = (
    ("New", 6, 0.80, {"No response": 6, "Disqualified": 4}),
    ("Contacted", 13, 0.68, {"No response": 7, "Disqualified": 3}),
    ("Marketing qualified", 19, 0.70, {"Disqualified": 5, "No response": 4, "Closed lost": 1}),
    ("Discovery call", 25, 0.69, {"Disqualified": 4, "Closed lost": 4, "No response": 2}),
    ("Demo done", 30, 0.69, {"Closed lost": 8, "No response": 2}),
    ("Proposal sent", 39, 0.70, {"Closed lost": 9, "No response": 1}),
    ("Negotiation", 46, 0.73, {"Closed lost": 1}),
)
WON, ONBOARDING, EXPANSION = "Closed won", "Onboarding", "Expansion"
LOST = "Closed lost"
EXITS = (LOST, "Disqualified", "No response")
OPEN = "Open"
LABELS = (*(step[0] for step in PIPELINE), WON, ONBOARDING, EXPANSION, *EXITS)

SKIP_SHARE = 0.13  # of steps forward
BACK_SHARE = 0.08  # of moves from the third stage on
REOPENED_SHARE = 0.035  # of exits
ONBOARDED_SHARE = 0.85  # of wins
EXPANDED_SHARE, EXPANDED_DAYS = 0.35, 150  # of wins, and again of those; usual days until then
PACE_SPREAD, STAY_SPREAD = 0.62, 0.75  # how much leads, and stays of one lead, differ: deviations of the logarithm

# channel: parts of the leads on the first day, on the last day, odds of going on against the usual
CHANNELS = {
    "Organic search": (27, 19, 1.05),
    "Paid search": (10, 30, 0.74),
    "Event": (14, 10, 1.10),
    "Referral": (12, 9, 1.40),
    "Outbound": (17, 15, 0.85),
    "Partner": (9, 8, 1.25),
    "Webinar": (11, 9, 1.00),
}
# region: parts of the accounts, odds of going on against the usual, owners
REGIONS = {
    "EMEA": (42, 1.05, ("Anna Lindqvist", "Tomasz Nowak", "Claire Dubois", "Matteo Ricci", "Hannah Becker")),
    "North America": (35, 1.05, ("Daniel Brooks", "Maria Sanchez", "Kevin O'Neill", "Priya Raman", "Grace Whitfield")),
    "APAC": (15, 0.90, ("Kenji Watanabe", "Mei Ling Tan")),
    "LATAM": (8, 0.82, ("Lucas Ferreira", "Valentina Rojas")),
}
# company size in people: parts of the accounts, usual amount in EUR, days at a stage against the usual
SIZES = {
    "Under 50": (22, 7_500, 0.80),
    "50 to 249": (34, 15_000, 0.92),
    "250 to 999": (26, 29_000, 1.05),
    "1000 to 4999": (13, 58_000, 1.25),
    "5000 and more": (5, 110_000, 1.45),
}
# industry: parts of the accounts, what such companies are called
INDUSTRIES = {
    "Manufacturing": (20, ("Works", "Tooling", "Components", "Foundry")),
    "Software": (18, ("Systems", "Software", "Labs", "Data")),
    "Logistics": (13, ("Logistics", "Freight", "Cargo", "Shipping")),
    "Retail": (12, ("Stores", "Trading", "Markets", "Outfitters")),
    "Financial services": (11, ("Capital", "Insurance", "Leasing", "Finance")),
    "Healthcare": (10, ("Health", "Clinics", "Diagnostics", "Care")),
    "Energy": (7, ("Energy", "Power", "Grid", "Renewables")),
    "Education": (5, ("Academy", "Institute", "Learning", "College")),
    "Public sector": (4, ("County", "Council", "Transit", "Utilities")),
}
FIRST_WORDS = (  # noqa: SIM905, a line of words reads better than 60 quoted ones
    "Alder Amber Arden Aspen Atlas Beacon Birch Blue Bright Cedar Cobalt Copper Coral Crest Delta Eastgate Elm Ember "
    "Falcon Fern Fjord Garnet Granite Harbor Hawthorn Hazel Helio Heron Indigo Iron Ivory Juniper Keystone Lark Linden "
    "Maple Meridian Mistral Nordic North Oak Onyx Opal Orchard Osprey Pine Polar Quartz Raven Ridge River Rowan Sable "
    "Silver Sierra Solar Summit Tidal Vega Willow"
).split()
LAST_WORDS = ("", "", "", " Group", " Holding", " International")
PEOPLE = {2: 2, 3: 2, 4: 2, 5: 3, 6: 13, 7: 18, 8: 22, 9: 18, 10: 13, 11: 3, 12: 2, 14: 1, 16: 1}
DAYS_BETWEEN_PEOPLE = 110  # mean, from an account's first day to each of its people
QUIET_DAYS = 70  # before the end of the file, in which no account is new: its people would all come at once

WEEKDAYS = (1.00, 1.15, 1.20, 1.10, 0.90, 0.16, 0.12)
MONTHS = (0.95, 1.00, 1.10, 1.05, 1.05, 1.00, 0.80, 0.70, 1.15, 1.15, 1.10, 0.75)

ATTRIBUTES = ("Channel", "Region", "Owner", "Company size", "Industry", "Amount", "Currency")
# channel of touches: parts of them before a lead came, on its way, and late (from a proposal on); usual cost in EUR
TOUCHED_BY = {
    "Organic search": (24, 8, 3, 0),
    "Paid search": (26, 6, 2, 9),
    "Webinar": (10, 14, 6, 12),
    "Event": (9, 8, 22, 160),
    "Referral": (8, 3, 4, 0),
    "Partner": (6, 5, 9, 40),
    "Email": (8, 38, 26, 1),
    "Call": (3, 14, 24, 15),
    "Direct": (6, 4, 4, 0),
}
TOUCHES_BEFORE, TOUCHES_A_STAGE = 1.1, 0.7  # usual number
DAYS_BEFORE = 24  # usual, from a touch to the day on which a lead comes
CHANNEL_IS_FIRST = 0.6  # of the leads with a touch before, so many came by the channel that the CRM knows
FORM_SHARE = 0.35  # of leads: their own form stands among the touches
TWICE_SHARE, STRANGERS = 0.004, 420  # touches that are written down twice; visitors who are no leads
LATE = ("Proposal sent", "Negotiation", WON)

# Each n-th lead from the m-th on has an empty cell, as real files have: four amounts read "-", 24 channels are missing.
NO_AMOUNT, NO_CHANNEL = (3_000, 1_234), (500, 77)

# accounts with contracts: how many, the chance that a contract is renewed by its end, by the size of the company
CONTRACT_ACCOUNTS = 320
RENEWED = {"Under 50": 0.72, "50 to 249": 0.82, "250 to 999": 0.88, "1000 to 4999": 0.92, "5000 and more": 0.94}
FIRST_CONTRACT = date(2021, 7, 1)
TERMS = {12: 74, 24: 17, 36: 9}  # months of a contract
RENEWED_LATE, LATE_DAYS = 0.15, 22  # of renewals, and how late: mean
RAISED, LOWERED = (0.34, 1.18), (0.12, 0.84)  # of renewals, and what they then bring a month against before
UPSOLD_SHARE, CREDITED_SHARE = 0.22, 0.02  # of contracts
LOST_OFFERS = 0.9  # offers that come to nothing, for each one that is won

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Account:
    """A company; `first_day` counts from the first day of the file and may lie before it."""

    name: str
    region: str
    owner: str
    size: str
    industry: str
    people: int
    first_day: float


@dataclass
class Lead:
    """A person of an account, with the stage entries up to the end of the file in order of time."""

    account: Account
    owner: str
    channel: str
    amount: int
    entries: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def status(self) -> str:
        label, _ = self.entries[-1]
        return WON if label in (WON, ONBOARDING, EXPANSION) else LOST if label in EXITS else OPEN

    @property
    def closed_at(self) -> datetime | None:
        """The entry at which the lead was won or last lost; None while it is open."""
        if self.status == OPEN:
            return None
        return max(moment for label, moment in self.entries if label == WON or label in EXITS)


class Dice:
    """Chances, all made of `Random.random`."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed).random

    def chance(self, share: float) -> bool:
        return self.random() < share

    def pick(self, parts: Mapping[Thing, float]) -> Thing:
        rest = self.random() * sum(parts.values())
        for thing, part in parts.items():
            rest -= part
            if rest < 0:
                return thing
        return list(parts)[-1]

    def one_of(self, things: Sequence[Thing]) -> Thing:
        return things[int(self.random() * len(things))]

    def around(self, median: float, spread: float) -> float:
        return median * math.exp(spread * NormalDist().inv_cdf(0.000_5 + 0.999 * self.random()))

    def wait(self, mean: float) -> float:
        return -mean * math.log(1 - self.random())

    def clock(self, from_hour: int, hours: float) -> time:
        seconds = int(from_hour * 3600 + self.random() * hours * 3600)
        return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def accounts(dice: Dice) -> Iterator[Account]:
    """Accounts whose people add up to all the leads, each with a name of its own."""
    names: set[str] = set()
    missing = LEADS
    while missing:
        industry = dice.pick({name: parts for name, (parts, _) in INDUSTRIES.items()})
        name = f"{dice.one_of(FIRST_WORDS)} {dice.one_of(INDUSTRIES[industry][1])}{dice.one_of(LAST_WORDS)}"
        if name in names:
            continue
        names.add(name)
        region = dice.pick({name: parts for name, (parts, _, _) in REGIONS.items()})
        size = dice.pick({name: parts for name, (parts, _, _) in SIZES.items()})
        people = min(missing, dice.pick(PEOPLE))
        missing -= people
        # From before the file on, so that it does not begin with accounts that are all new.
        first_day = dice.random() * (SPAN_DAYS - QUIET_DAYS + DAYS_BETWEEN_PEOPLE) - DAYS_BETWEEN_PEOPLE
        yield Account(name, region, dice.one_of(REGIONS[region][2]), size, industry, people, first_day)


def start(dice: Dice, account: Account) -> datetime:
    """When a person of the account appears: rarely on a weekend, seldom in summer, a little more often each year."""
    while True:
        days = math.floor(account.first_day + dice.wait(DAYS_BETWEEN_PEOPLE))
        if not 0 <= days < SPAN_DAYS:
            continue
        day = FIRST_DAY + timedelta(days)
        busy = WEEKDAYS[day.weekday()] * MONTHS[day.month - 1] * (0.75 + 0.25 * days / SPAN_DAYS)
        if dice.chance(busy / 1.4):
            return datetime.combine(day, dice.clock(7, 12))


def move(dice: Dice, after: datetime, days: float) -> datetime:
    """A moment about `days` later, in the business hours of a weekday, and later in any case."""
    moment = datetime.combine((after + timedelta(days)).date(), dice.clock(8, 10.5))
    while moment.weekday() > 4 or moment <= after:
        moment += timedelta(1)
    return moment


def entries(dice: Dice, lead: Lead, moment: datetime) -> Iterator[tuple[str, datetime]]:
    """All the stage entries of a lead, to its end; the file may end before."""
    odds = CHANNELS[lead.channel][2] * REGIONS[lead.account.region][1]
    pace = dice.around(SIZES[lead.account.size][2], PACE_SPREAD)
    place, reopened = 0, False
    yield PIPELINE[0][0], moment
    while place < len(PIPELINE):
        _, usual_days, usual_chance, exits = PIPELINE[place]
        stay = dice.around(usual_days * pace, STAY_SPREAD)
        if place >= 2 and dice.chance(BACK_SHARE):
            place -= 1
        elif dice.chance(usual_chance * odds / (1 - usual_chance + usual_chance * odds)):
            place += 2 if place < len(PIPELINE) - 1 and dice.chance(SKIP_SHARE) else 1
        else:
            moment = move(dice, moment, 1.3 * stay)
            yield dice.pick(exits), moment
            if reopened or not dice.chance(REOPENED_SHARE):
                return
            reopened = True
            place = max(1, place)
            stay = 30 + dice.wait(60)
        moment = move(dice, moment, stay)
        yield (*LABELS[: len(PIPELINE)], WON)[place], moment
    if dice.chance(ONBOARDED_SHARE):
        yield ONBOARDING, move(dice, moment, dice.around(12, 0.5))


def expansions(dice: Dice, moment: datetime) -> Iterator[tuple[str, datetime]]:
    """The later purchases of a lead that was won."""
    while dice.chance(EXPANDED_SHARE):
        moment = move(dice, moment, dice.around(EXPANDED_DAYS, 0.4))
        yield EXPANSION, moment


def leads(seed: int = SEED) -> list[Lead]:
    """All the leads, oldest first."""
    dice = Dice(seed)
    found = []
    for account in accounts(dice):
        for _ in range(account.people):
            moment = start(dice, account)
            age = (moment.date() - FIRST_DAY).days / SPAN_DAYS
            channel = dice.pick({name: a + (b - a) * age for name, (a, b, _) in CHANNELS.items()})
            owner = account.owner if dice.chance(0.88) else dice.one_of(REGIONS[account.region][2])
            amount = dice.around(SIZES[account.size][1], 0.7) * (9 if dice.chance(0.005) else 1)
            lead = Lead(account, owner, channel, round(amount / 50) * 50)
            lead.entries = [entry for entry in entries(dice, lead, moment) if entry[1].date() <= LAST_DAY]
            found.append(lead)
    found.sort(key=lambda lead: lead.entries[0][1])
    # Of a stream of chances of their own, so that they change nothing of what was before.
    later = Dice(seed + 1)
    for lead in found:
        if lead.status == WON:
            more = list(expansions(later, lead.entries[-1][1]))
            lead.entries += [entry for entry in more if entry[1].date() <= LAST_DAY]
    return found


def attributes(number: int, lead: Lead) -> tuple[str, ...]:
    """The cells under ATTRIBUTES, with the gaps of a real file."""
    channel = "" if number % NO_CHANNEL[0] == NO_CHANNEL[1] else lead.channel
    amount = "-" if number % NO_AMOUNT[0] == NO_AMOUNT[1] else str(lead.amount)
    return channel, lead.account.region, lead.owner, lead.account.size, lead.account.industry, amount, "EUR"


def history(numbered: Sequence[tuple[int, Lead]]) -> Iterator[Sequence[object]]:
    yield "Lead ID", "Account", "Stage", "Entered at", *ATTRIBUTES
    for number, lead in numbered:
        for label, moment in lead.entries:
            yield f"L-{number:05}", lead.account.name, label, moment, *attributes(number, lead)


def wide(numbered: Sequence[tuple[int, Lead]]) -> Iterator[Sequence[object]]:
    yield "Lead ID", "Account", "Create Date", *(f'Date entered "{name}"' for name in LABELS), "Close Date", *ATTRIBUTES
    for number, lead in numbered:
        latest = dict(lead.entries)
        moments = (latest.get(label) for label in LABELS)
        cells = (lead.entries[0][1], *moments, lead.closed_at)
        yield f"L-{number:05}", lead.account.name, *cells, *attributes(number, lead)


def snapshot(numbered: Sequence[tuple[int, Lead]]) -> Iterator[Sequence[object]]:
    header = ("Lead ID", "Account", "Stage", "Status", "Created", "Last stage change", "Closed", "Lost reason")
    yield *header, *ATTRIBUTES
    for number, lead in numbered:
        label, moment = [entry for entry in lead.entries if entry[0] not in EXITS][-1]
        dates = (lead.entries[0][1], moment, lead.closed_at)
        reason = lead.entries[-1][0] if lead.status == LOST else ""
        cells = (lead.account.name, label, lead.status, *dates, reason)
        yield f"L-{number:05}", *cells, *attributes(number, lead)


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


def touches_of(dice: Dice, lead: Lead) -> list[tuple[datetime, str]]:
    """The touches of a lead in order of time: before it came, and on its way to its last stage but not after it was lost."""
    start, end = lead.entries[0][1], lead.entries[-1][1]
    parts = {phase: {name: each[phase] for name, each in TOUCHED_BY.items()} for phase in range(3)}
    found = []
    for number in range(int(dice.wait(TOUCHES_BEFORE) + 0.5)):
        known = not number and lead.channel in TOUCHED_BY and dice.chance(CHANNEL_IS_FIRST)
        channel = lead.channel if known else dice.pick(parts[0])
        day = start - timedelta(dice.wait(DAYS_BEFORE))
        found.append((datetime.combine(day.date(), dice.clock(7, 14)), channel))
    if dice.chance(FORM_SHARE):
        found.append((start, lead.channel if lead.channel in TOUCHED_BY else "Direct"))
    for label, moment in lead.entries:
        phase = 2 if label in LATE else 1
        if label in EXITS or label in (ONBOARDING, EXPANSION):
            continue
        for _ in range(int(dice.wait(TOUCHES_A_STAGE * (1.6 if phase == 2 else 1)) + 0.4)):
            day = moment + timedelta(dice.wait(9))
            found.append((datetime.combine(day.date(), dice.clock(8, 11)), dice.pick(parts[phase])))
    # A win is followed by a welcome, which brought nothing about.
    last = datetime.combine(LAST_DAY, time.max)
    until = last if lead.status == WON else min(last, end + timedelta(1))
    return sorted(touch for touch in found if touch[0] <= until)


def touches(numbered: Sequence[tuple[int, Lead]]) -> Iterator[Sequence[object]]:
    # Of a stream of chances of their own, so that the leads stay as they are.
    dice = Dice(SEED + 2)
    yield "Lead ID", "Touched at", "Channel", "Campaign", "Cost"
    for number, lead in numbered:
        for moment, channel in touches_of(dice, lead):
            usual = TOUCHED_BY[channel][3]
            cost = f"{dice.around(usual, 0.4):.2f}" if usual else ""
            campaign = f"{channel} {moment.year}-Q{(moment.month + 2) // 3}"
            # Not everybody writes a channel alike.
            written = channel.lower() if channel == "Email" and dice.chance(0.1) else channel
            line = (f"L-{number:05}", moment, written, campaign, cost)
            yield line
            if dice.chance(TWICE_SHARE):
                yield (line[0], moment + timedelta(seconds=2), *line[2:])
    for number in range(STRANGERS):
        day = FIRST_DAY + timedelta(int(dice.random() * SPAN_DAYS))
        channel = dice.pick({name: each[0] for name, each in TOUCHED_BY.items()})
        yield f"V-{number:04}", datetime.combine(day, dice.clock(7, 14)), channel, "", ""


def write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """A gzipped CSV whose bytes depend on the rows alone: no time and no name in its header."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


def main(folder: Path) -> None:
    numbered = list(enumerate(leads(), 1))
    write(folder / "leads-history.csv.gz", history(numbered))
    write(folder / "leads-wide.csv.gz", wide(numbered))
    write(folder / "leads-snapshot.csv.gz", snapshot(numbered))
    write(folder / "contracts.csv.gz", contracts())
    write(folder / "touches.csv.gz", touches(numbered))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
