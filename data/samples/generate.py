"""The bundled sample: 12,000 B2B leads of about 1,500 accounts, as a CRM would export them on 30 June 2025.

`python data/samples/generate.py [FOLDER]` writes the same leads three times, beside this file or into FOLDER:

* leads-history.csv.gz: one row per stage entry, with the lead's attributes on every row
* leads-wide.csv.gz: one row per lead, `Date entered "…"` holding the latest entry at each stage
* leads-snapshot.csv.gz: one row per lead, its stage as the file ends

Every company, person and sale is made up. The seed is fixed and only `Random.random` is drawn from (the one method that
Python promises to keep), so the bytes before compression are the same on every machine.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import NormalDist

SEED = 20230102
LEADS = 12_000
FIRST_DAY = date(2023, 1, 2)
LAST_DAY = date(2025, 6, 30)
SPAN_DAYS = (LAST_DAY - FIRST_DAY).days + 1

# label, usual days there, chance that a lead there goes on, the exits of those that do not
PIPELINE = (
    ("New", 6, 0.80, {"No response": 6, "Disqualified": 4}),
    ("Contacted", 14, 0.65, {"No response": 7, "Disqualified": 3}),
    ("Marketing qualified", 20, 0.69, {"Disqualified": 5, "No response": 4, "Closed lost": 1}),
    ("Discovery call", 27, 0.67, {"Disqualified": 4, "Closed lost": 4, "No response": 2}),
    ("Demo done", 33, 0.66, {"Closed lost": 8, "No response": 2}),
    ("Proposal sent", 42, 0.68, {"Closed lost": 9, "No response": 1}),
    ("Negotiation", 50, 0.72, {"Closed lost": 1}),
)
LABELS = tuple(step[0] for step in PIPELINE)
WON = "Closed won"
ONBOARDING = "Onboarding"
EXITS = ("Closed lost", "Disqualified", "No response")

SKIP_SHARE = 0.14  # of moves forward, where there is a stage to skip
BACK_SHARE = 0.06  # of moves, where there is a stage to go back to
REOPENED_SHARE = 0.045  # of exits
ONBOARDED_SHARE = 0.85  # of wins

# channel: (share of leads in the first month, in the last month, odds against the usual of going on)
CHANNELS = {
    "Organic search": (0.27, 0.19, 1.05),
    "Paid search": (0.10, 0.30, 0.74),
    "Event": (0.14, 0.10, 1.10),
    "Referral": (0.12, 0.09, 1.60),
    "Outbound": (0.17, 0.15, 0.82),
    "Partner": (0.09, 0.08, 1.35),
    "Webinar": (0.11, 0.09, 1.00),
}
REGIONS = {"EMEA": 42, "North America": 35, "APAC": 15, "LATAM": 8}
REGION_ODDS = {"EMEA": 1.05, "North America": 1.05, "APAC": 0.90, "LATAM": 0.82}
OWNERS = {
    "EMEA": ("Anna Lindqvist", "Tomasz Nowak", "Claire Dubois", "Matteo Ricci", "Hannah Becker"),
    "North America": ("Daniel Brooks", "Maria Sanchez", "Kevin O'Neill", "Priya Raman", "Grace Whitfield"),
    "APAC": ("Kenji Watanabe", "Mei Ling Tan"),
    "LATAM": ("Lucas Ferreira", "Valentina Rojas"),
}
SIZES = {"1–49": 22, "50–249": 34, "250–999": 26, "1,000–4,999": 13, "5,000+": 5}
SIZE_AMOUNT = {"1–49": 7_500, "50–249": 15_000, "250–999": 29_000, "1,000–4,999": 58_000, "5,000+": 110_000}
SIZE_PACE = {"1–49": 0.80, "50–249": 0.92, "250–999": 1.05, "1,000–4,999": 1.25, "5,000+": 1.45}
INDUSTRIES = {
    "Manufacturing": 20, "Software": 18, "Logistics": 13, "Retail": 12, "Financial services": 11,
    "Healthcare": 10, "Energy": 7, "Education": 5, "Public sector": 4,
}  # fmt: skip
PEOPLE = {2: 2, 3: 2, 4: 2, 5: 3, 6: 13, 7: 18, 8: 22, 9: 18, 10: 13, 11: 3, 12: 2, 14: 1, 16: 1}

FIRST_WORDS = (
    "Alder Amber Arden Aspen Atlas Beacon Birch Blue Bright Cedar Cobalt Copper Coral Crest Delta Eastgate Elm Ember "
    "Falcon Fern Fjord Garnet Granite Harbor Hawthorn Hazel Helio Heron Indigo Iron Ivory Juniper Keystone Lark Linden "
    "Maple Meridian Mistral Nordic North Oak Onyx Opal Orchard Osprey Pine Polar Quartz Raven Ridge River Rowan Sable "
    "Silver Sierra Solar Summit Tidal Vega Willow"
).split()
SECOND_WORDS = {
    "Manufacturing": ("Works", "Tooling", "Components", "Foundry"),
    "Software": ("Systems", "Software", "Labs", "Data"),
    "Logistics": ("Logistics", "Freight", "Cargo", "Shipping"),
    "Retail": ("Stores", "Trading", "Markets", "Outfitters"),
    "Financial services": ("Capital", "Insurance", "Leasing", "Finance"),
    "Healthcare": ("Health", "Clinics", "Diagnostics", "Care"),
    "Energy": ("Energy", "Power", "Grid", "Renewables"),
    "Education": ("Academy", "Institute", "Learning", "College"),
    "Public sector": ("County", "Council", "Transit", "Utilities"),
}
SUFFIXES = ("", " Group", " Partners", " International", " Holding")

WEEKDAYS = (1.00, 1.15, 1.20, 1.10, 0.90, 0.16, 0.12)
MONTHS = (0.95, 1.00, 1.10, 1.05, 1.05, 1.00, 0.80, 0.70, 1.15, 1.15, 1.10, 0.75)

ATTRIBUTES = ("Channel", "Region", "Owner", "Company size", "Industry", "Amount", "Currency")
NO_AMOUNT_EVERY, NO_AMOUNT_FROM = 3_000, 1_234  # four leads bear "-" for an amount
NO_CHANNEL_EVERY, NO_CHANNEL_FROM = 500, 77  # twenty-four bear no channel


@dataclass(frozen=True)
class Account:
    """A company that may buy, and the day around which its people begin to appear (it may lie before the file)."""

    name: str
    region: str
    owner: str
    size: str
    industry: str
    people: int
    first_day: float


@dataclass
class Lead:
    """A person of an account with every stage entry up to the end of the file, in order of time."""

    account: Account
    owner: str
    channel: str
    amount: int
    entries: list[tuple[str, datetime]] = field(default_factory=list)


class Draw:
    """Random choices made from `Random.random` alone."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed).random

    def chance(self, share: float) -> bool:
        return self.random() < share

    def pick[T](self, weights: dict[T, float]) -> T: ...

    def around(self, median: float, spread: float) -> float:
        """A log-normal value; `spread` is the standard deviation of its logarithm."""
        return median * math.exp(spread * NormalDist().inv_cdf(1e-9 + (1 - 2e-9) * self.random()))

    def wait(self, mean: float) -> float:
        return -mean * math.log(1 - self.random())
