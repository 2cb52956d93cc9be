"""The loyalty loop and the backward reading in plain Python, one lead at a time: obviously right, and slow."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from statistics import median

from tests.oracles import oracle
from tests.oracles.oracle import Entered

DAY = 86_400


def backward(histories: list[list[Entered]], stages: list[set[str]], concepts, rule: str, window_days: int | None):
    """A dict for each stage, the last one first, with the names of `BackwardStage`."""
    counted = [oracle.journey(entries, stages, concepts, rule, window_days) for entries in histories]
    rows = []
    for place in reversed(range(len(stages))):
        here = [each for each in counted if each and each.reached[place]]
        ways = []
        for entries, each in zip(histories, counted, strict=True):
            if each and each.outcome == "won":
                entered = [entry.at for entry in entries if entry.label in stages[place]]
                if entered:
                    ways.append((each.ended_at - min(entered)).total_seconds() / DAY)
        timely = [days for days in ways if days >= 0]
        rows.append(
            {
                "position": place,
                "recorded": len(ways),
                "timed": len(timely),
                "median_days_before_win": median(timely) if timely else None,
                "leads": len(here),
                "won": sum(each.outcome == "won" for each in here),
                "open": sum(each.outcome == "open" for each in here),
            }
        )
    return rows


def purchases(entries: list[Entered], stages: list[set[str]], concepts, to: int) -> list[datetime]:
    """When a lead bought, from its dated entries."""
    place_of = {label: place for place, labels in enumerate(stages) for label in labels}
    told = [entry for entry in entries if entry.at and (entry.label in place_of or concepts[entry.label] != "ignored")]
    told.sort(key=lambda entry: (entry.at, place_of.get(entry.label, 99)))
    bought, before = [], None
    for entry in told:
        meaning = concepts[entry.label] if place_of.get(entry.label) == to else None
        if meaning is not None and meaning != before:
            bought.append(entry.at)
        before = meaning
    return bought


def loyalty(
    histories: dict[str, list[Entered]],
    account_of: dict[str, str | None],
    counted: set[str],
    stages: list[set[str]],
    concepts,
    to: int,
    past: set[int],
):
    """What `Loyalty` says of these leads: customers, again, repeats, straight, median_days."""
    customers: dict[object, list[str]] = {}
    for lead in histories:
        account = account_of[lead]
        customers.setdefault((account,) if account else lead, []).append(lead)
    past_labels = {label for place in past for label in stages[place]}
    considered = {
        lead: [e.at for e in entries if e.at and e.label in past_labels] for lead, entries in histories.items()
    }
    # A model with a loyalty loop keeps its customers won.
    lost = {lead for lead, entries in histories.items() if oracle.outcome_of(entries, concepts)[0] == "lost"}
    bought = {
        lead: [] if lead in lost else purchases(entries, stages, concepts, to) for lead, entries in histories.items()
    }
    ever = {lead for lead, entries in histories.items() if any(entry.label in stages[to] for entry in entries)}
    found = {"customers": 0, "again": 0, "repeats": 0, "straight": 0}
    waits = []
    for leads in customers.values():
        if not any(lead in ever - lost and lead in counted for lead in leads):
            continue
        found["customers"] += 1
        first = min((at for lead in leads if lead in counted for at in bought[lead]), default=None)
        if first is None:
            continue
        chain = sorted({at for lead in leads for at in bought[lead] if at >= first})
        found["again"] += len(chain) > 1
        for before, now in pairwise(chain):
            found["repeats"] += 1
            waits.append((now - before).total_seconds() / DAY)
            anew = any(before < at <= now for lead in leads for at in considered[lead])
            for lead in leads:
                if now in bought[lead]:
                    own = max((at for at in bought[lead] if at < now), default=datetime.min)
                    anew = anew or any(own < at <= now for at in considered[lead])
            found["straight"] += not anew
    return {**found, "median_days": median(waits) if waits else None}
