"""Moves between stages in plain Python, one lead at a time: obviously right, and slow."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import pairwise
from statistics import median

from tests.oracles import oracle
from tests.oracles.oracle import Entered

DAY = 86_400
EXITS = ("lost", "disqualified", "unresponsive")


def walk(
    entries: list[Entered], stages: list[set[str]], concepts, until: datetime | None = None
) -> list[tuple[int | str, datetime]]:
    """Where a lead (its entries all dated) was and since when, each change once: stages, "won" where no stage takes the win, "lost"."""
    place_of = {label: place for place, labels in enumerate(stages) for label in labels}
    at_end = {"won": len(stages), "lost": len(stages) + 1}
    told = []
    for entry in oracle.awake(entries, concepts, place_of):
        meaning = concepts[entry.label]
        end = "won" if meaning == "won" else "lost" if meaning in EXITS else None
        place = place_of.get(entry.label, end)
        if place is not None:
            told.append((entry.at, at_end.get(place, place), place))
    stood: list[tuple[int | str, datetime]] = []
    for at, _, place in sorted(told, key=lambda each: each[:2]):
        if until is not None and at > until:
            break
        if not stood or stood[-1][0] != place:
            stood.append((place, at))
    return stood


def moves(histories: list[list[Entered]], stages: list[set[str]], concepts, until: datetime | None = None):
    """What `MovesFound` says of dated leads without an outcome of their own: counts by (from, to), leads, days; and all that follows."""
    place_of = {label: place for place, labels in enumerate(stages) for label in labels}
    takers = [place_of[label] for label, concept in concepts.items() if concept == "won" and label in place_of]
    win = min(takers, default=None)
    shared = win is not None and len({concepts[label] for label in stages[win]}) > 1
    counts: Counter = Counter()
    by_lead: dict[tuple, set[int]] = {}
    days: dict[tuple, list[float]] = {}
    paths: Counter = Counter()
    back, won, lasted = set(), set(), {}
    came = [Counter() for _ in stages]
    lost, returned = set(), set()
    leads = 0
    for lead, entries in enumerate(histories):
        if not any(entry.label in place_of for entry in entries):
            continue
        stood = walk(entries, stages, concepts, until)
        if not stood:
            continue
        leads += 1
        outcome, ended = oracle.outcome_of(entries, concepts)
        over = ended is not None and (until is None or ended <= until)
        if over and outcome == "won":
            won.add(lead)
            if shared and stood[-1][0] == win:
                stood.append(("won", ended if ended >= stood[-1][1] else None))
        start = min(entry.at for entry in entries if entry.label in place_of)
        if over and ended >= start:
            lasted[lead] = (ended - start).total_seconds() / DAY
        ends = ["start", *(place for place, _ in stood)]
        times = [None, *(at for _, at in stood)]
        if isinstance(ends[-1], int):
            ends.append("still there")
            times.append(None)
        for (origin, left), (target, reached) in pairwise(zip(ends, times, strict=True)):
            counts[origin, target] += 1
            by_lead.setdefault((origin, target), set()).add(lead)
            if left is not None and reached is not None:
                days.setdefault((origin, target), []).append((reached - left).total_seconds() / DAY)
            if origin != "start" and _is_back(origin, target):
                back.add(lead)
            if isinstance(target, int):
                came[target][lead] += 1
            if target == "lost":
                lost.add(lead)
            if origin == "lost":
                returned.add(lead)
        path = tuple(ends[1:])
        if not shared and win is not None and path[-2:] == (win, "still there"):
            path = path[:-1]
        paths[path] += 1
    others = set(range(len(histories))) - back
    return {
        "leads": leads,
        "counts": dict(counts),
        "by_lead": {key: len(who) for key, who in by_lead.items()},
        "days": {key: median(found) for key, found in days.items()},
        "back": (len(back), leads),
        "won_back": (len(back & won), len(back)),
        "won_others": (len(won - back), leads - len(back)),
        "median_back": _median(lasted, back & won),
        "median_others": _median(lasted, others & won),
        "again": [(sum(n > 1 for n in each.values()), len(each)) for each in came],
        "returned": (len(returned), len(lost)),
        "paths": dict(paths),
    }


def _is_back(origin, target) -> bool:
    return isinstance(target, int) and (origin == "won" or (isinstance(origin, int) and target < origin))


def _median(lasted: dict[int, float], who: set[int]) -> float | None:
    found = [lasted[lead] for lead in who if lead in lasted]
    return median(found) if found else None
