"""The pipeline between two days in plain Python, a lead at a time: obviously right, and slow."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from tests.oracles.oracle import Entered, outcome_of

Amounts = list[tuple[datetime, Decimal]]
ENDS = ("open_start", "open_end")
PLUS, MINUS = ("new", "reopened", "increased"), ("won", "lost", "decreased")


@dataclass
class Lead:
    """A lead: its entries, what it is worth (in the file, and as lines of its history said it), whose it is, when it was to be closed."""

    entries: list[Entered]
    amount: Decimal | None = None
    currency: str = ""
    account: str | None = None
    amounts: Amounts = field(default_factory=list)
    planned: list[tuple[datetime, date]] = field(default_factory=list)


def standing(lead: Lead, stages: list[set[str]], concepts: dict[str, str], day: date) -> tuple[str, int] | None:
    """The outcome and the stage at the end of a day, of what had happened by then; None where the lead had not started."""
    end = datetime.combine(day, time.max)
    place_of = {label: place for place, labels in enumerate(stages) for label in labels}
    seen = [entry for entry in lead.entries if entry.at <= end]
    placed = [(entry.at, place_of[entry.label]) for entry in seen if entry.label in place_of]
    if not placed:
        return None
    return outcome_of(seen, concepts)[0], max(placed)[1]


def last_said(said: list[tuple[datetime, object]], day: date) -> object:
    """The last of what was said by the end of a day; None where nothing was."""
    known = [value for at, value in said if at <= datetime.combine(day, time.max)]
    return known[-1] if known else None


def worth(lead: Lead, day: date) -> Decimal | None:
    """What a lead is worth on a day."""
    return last_said(lead.amounts, day) if lead.amounts else lead.amount


def together(states: list[tuple[str, int] | None]) -> tuple[str, int] | None:
    """An account: won when a lead is, else open while one is, else lost; it stands where the furthest of its open leads does."""
    begun = [each for each in states if each is not None]
    if not begun:
        return None
    outcomes = {outcome for outcome, _ in begun}
    outcome = "won" if "won" in outcomes else "open" if "open" in outcomes else "lost"
    return outcome, max(stage for one, stage in begun if one == "open" or "open" not in outcomes)


def bridge(
    leads: dict[str, Lead],
    stages: list[set[str]],
    concepts: dict[str, str],
    since: date,
    to: date,
    *,
    by_account: bool = False,
) -> tuple[dict[str, set[str]], dict[tuple[str, str], Decimal]]:
    """The units in each part, and the money of each part and currency."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, lead in leads.items():
        key = lead.account if by_account else name
        if key is not None:
            groups[key].append(name)
    members: dict[str, set[str]] = defaultdict(set)
    money: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for unit, names in groups.items():
        each = {day: {name: standing(leads[name], stages, concepts, day) for name in names} for day in (since, to)}
        was, now = (together(list(each[day].values())) for day in (since, to))
        parts = parts_of(was, now)
        worths: dict[str, dict[date, Decimal]] = defaultdict(lambda: {since: Decimal(0), to: Decimal(0)})
        for day in (since, to):
            for name in names:
                if each[day][name] is not None and (amount := worth(leads[name], day)) is not None:
                    worths[leads[name].currency][day] += amount
        for currency, of_day in worths.items():
            gained = of_day[to] - of_day[since]
            if was is not None and was[0] == "open" and gained:
                change = "increased" if gained > 0 else "decreased"
                members[change].add(unit)
                money[change, currency] += abs(gained)
            for part in parts:
                money[part, currency] += of_day[since if part == "open_start" else to]
        for part in parts:
            members[part].add(unit)
        if not by_account and {"open_start", "open_end"} <= parts:
            before, after = (last_said(leads[unit].planned, day) for day in (since, to))
            if before is not None and after is not None and after > before:
                members["slipped"].add(unit)
                for currency, of_day in worths.items():
                    money["slipped", currency] += of_day[to]
    return members, money


def parts_of(was: tuple[str, int] | None, now: tuple[str, int] | None) -> set[str]:
    """The parts that a unit is in, by how it stood and stands."""
    if now is None:
        return set()
    parts = set()
    if was is None:
        parts.add("new")
    elif was[0] == "open":
        parts.add("open_start")
    elif now[0] != was[0]:
        parts.add("reopened")
    if now[0] == "open":
        parts.add("open_end")
    elif was is None or now[0] != was[0]:
        parts.add(now[0])
    if {"open_start", "open_end"} <= parts:
        parts.add("forward" if now[1] > was[1] else "back" if now[1] < was[1] else "unchanged")
    return parts
