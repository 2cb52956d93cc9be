"""The made-up companies of the samples, and the chances by which all is drawn.

Only `Random.random` is drawn from, which Python promises to keep the same from version to version.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from random import Random
from statistics import NormalDist
from typing import TypeVar

SEED = 20230102
LEADS = 12_000
FIRST_DAY = date(2023, 1, 2)
LAST_DAY = date(2025, 6, 30)
SPAN_DAYS = (LAST_DAY - FIRST_DAY).days + 1

WON, LOST = "Closed won", "Closed lost"

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
