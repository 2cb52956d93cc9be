"""The leads of the samples: people of companies, their way through the stages, and what touched them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from companies import (
    DAYS_BETWEEN_PEOPLE,
    FIRST_DAY,
    LAST_DAY,
    LOST,
    REGIONS,
    SEED,
    SIZES,
    SPAN_DAYS,
    WON,
    Account,
    Dice,
    accounts,
)

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
ONBOARDING, EXPANSION = "Onboarding", "Expansion"
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
WEEKDAYS = (1.00, 1.15, 1.20, 1.10, 0.90, 0.16, 0.12)
MONTHS = (0.95, 1.00, 1.10, 1.05, 1.05, 1.00, 0.80, 0.70, 1.15, 1.15, 1.10, 0.75)

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
