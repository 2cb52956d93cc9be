"""Stays, Kaplan–Meier and Aalen–Johansen in plain Python, one lead at a time: obviously right, and slow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from tests.oracles import oracle
from tests.oracles.oracle import Entered

EXITS = ("lost", "disqualified", "unresponsive")
AFTER = ("won", "onboarding", "retention", "expansion", "advocacy")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass
class Stay:
    """One visit to a stage, as it is known at the end of observation."""

    lead: int
    visit: int
    position: int
    entered: datetime
    to: str | None
    left: datetime | None
    span: timedelta
    is_open: bool
    outcome: str
    moved_on: bool = False

    def ticks(self, tick: timedelta) -> int:
        """Begun ticks of a stay that ended, full ones of one that goes on."""
        return -(-self.span // tick) if self.to else self.span // tick


def waiting_places(stages: list[set[str]], concepts) -> list[int]:
    return [place for place, labels in enumerate(stages) if {concepts[label] for label in labels} - set(AFTER)]


def visits(
    entries: list[Entered], stages: list[set[str]], concepts
) -> list[tuple[int, datetime, int | None, datetime | None]]:
    """(position, entered, position after, left) of each visit in turn; a win that no stage takes is `len(stages)`, an exit one more."""
    place_of = {label: place for place, labels in enumerate(stages) for label in labels}
    won, lost = len(stages), len(stages) + 1
    ends = {
        label: won if concept == "won" else lost
        for label, concept in concepts.items()
        if concept == "won" or concept in EXITS
    }
    known = {**ends, **place_of}
    outcome, ended = oracle.outcome_of(entries, concepts)
    entries = oracle.awake(entries, concepts, place_of)
    turns = sorted((each.at, known[each.label], number) for number, each in enumerate(entries) if each.label in known)
    firsts = [next(same) for _, same in groupby(turns, key=lambda turn: turn[1])]
    win = min((place_of[label] for label in place_of if concepts[label] == "won"), default=won)
    found = []
    for number, (at, position, _) in enumerate(firsts):
        if number + 1 < len(firsts):
            found.append((position, at, firsts[number + 1][1], firsts[number + 1][0]))
            continue
        after = None
        if ended is not None and ended >= at:
            if outcome == "lost" and position < won:
                after = lost
            elif outcome == "won" and position < win:
                after = win
        found.append((position, at, after, ended if after is not None else None))
    return found


def stays(histories: list[list[Entered]], stages: list[set[str]], concepts, until: datetime) -> list[Stay]:
    """Every stay at a stage where leads wait that began by `until`."""
    place_of = {label: place for place, labels in enumerate(stages) for label in labels}
    places, win = waiting_places(stages, concepts), None
    for label, place in place_of.items():
        if concepts[label] == "won":
            win = place if win is None else min(win, place)
    found = []
    for lead, entries in enumerate(histories):
        if not any(each.label in place_of for each in entries):
            continue
        outcome, ended = oracle.outcome_of(entries, concepts)
        is_open = outcome == "open" or ended > until
        for number, (position, entered, after, left) in enumerate(visits(entries, stages, concepts)):
            if position not in places or entered > until:
                continue
            if outcome == "won" and entered > ended:
                continue
            if position == win and outcome == "won" and (left is None or ended < left):
                after, left = len(stages), ended
            gone = after is not None and left <= until
            to = ("lost" if after == len(stages) + 1 else "on") if gone else None
            span = (left if gone else until) - entered
            on = to == "on" and (after > position or after == win)
            found.append(Stay(lead, number, position, entered, to, left if gone else None, span, is_open, outcome, on))
    return found


def tick_of(histories: list[list[Entered]], stages: list[set[str]], concepts) -> timedelta:
    """An hour where half of the stays took two days or more."""
    places = waiting_places(stages, concepts)
    place_of = {label for labels in stages for label in labels}
    spans = [
        left - entered
        for entries in histories
        if any(each.label in place_of for each in entries)
        for position, entered, _, left in visits(entries, stages, concepts)
        if position in places and left is not None
    ]
    return HOUR if 2 * sum(span >= timedelta(days=2) for span in spans) >= len(spans) else MINUTE


def kaplan_meier(found: list[tuple[int, bool]]) -> list[tuple[int, float]]:
    """(time, share that is longer) wherever it falls."""
    share, told = 1.0, []
    for time in sorted({time for time, event in found if event}):
        at_risk = sum(each >= time for each, _ in found)
        share *= 1 - sum(each == time and event for each, event in found) / at_risk
        told.append((time, share))
    return told


def quantile(curve: list[tuple[int, float]], part: float) -> int | None:
    return next((time for time, share in curve if share <= 1 - part + 1e-9), None)


def aalen_johansen(found: list[tuple[int, int]]) -> list[tuple[int, float]]:
    """(time, share converted by then) wherever anything happens; 1 is converted, 2 gone, 0 waiting."""
    left, rate, told = 1.0, 0.0, []
    for time in sorted({time for time, fate in found if fate}):
        at_risk = sum(each >= time for each, _ in found)
        one, other = (sum(each == time and fate == wanted for each, fate in found) for wanted in (1, 2))
        rate += left * one / at_risk
        left *= 1 - (one + other) / at_risk
        told.append((time, rate))
    return told


@dataclass
class Step:
    """What became of one lead on the way from a stage to the next; `event`: 1 advanced, 2 ended otherwise or lost, 0 neither so far."""

    fate: str
    ticks: int | None
    from_record: bool
    to_record: bool

    @property
    def event(self) -> int:
        return {"advanced": 1, "waiting": 0}.get(self.fate, 2)


def step_of(
    each: oracle.Journey,
    place: int,
    until: datetime,
    tick: timedelta,
    *,
    rule: str,
    after_win: bool,
    window: int | None,
) -> Step:
    """The step of a lead that came to the stage at `place`; nothing came after `until`."""
    origin, after = each.times[place], each.times[place + 1]
    records = each.recorded[place], each.recorded[place + 1]

    def begun(at: datetime) -> int:
        return -(-max(at - origin, timedelta()) // tick)

    went_on = ("advanced", "skipped_ahead") if rule == "passed" else ("advanced",)
    if each.ledger[place] in went_on:
        # A lead that had been at the next stage before went on at a moment that its first entry there does not tell.
        return Step("advanced", begun(after) if after >= origin else None, *records)
    ended = each.ended_at if each.outcome != "open" and each.ended_at <= until else None
    if each.ledger[place] == "lost":
        closed = None if window is None else each.opened_at + timedelta(days=window)
        lost_at = ended if closed is None or (ended is not None and ended <= closed) else closed
        return Step("lost", begun(lost_at), *records)
    ends = [ended] if ended is not None and (not after_win or each.outcome == "lost") else []
    if window is not None and each.opened_at + timedelta(days=window) < until:
        ends.append(each.opened_at + timedelta(days=window))
    if ends:
        return Step("otherwise", begun(min(ends)), *records)
    return Step("waiting", (until - origin) // tick, *records)


@dataclass
class Followed:
    """How far a curve says anything, and whether its end is the end."""

    curve: list[tuple[int, float]]
    eventual: float
    until: int | None
    rate_until: float
    is_known: bool


def followed(events: list[tuple[int, int]], fewest: int) -> Followed:
    """Known where no more than 5 % are undecided: of all, or by the curve on the last day on which `fewest` were watched."""
    curve = aalen_johansen(events)
    seen = [time for time, _ in events if sum(other >= time for other, _ in events) >= fewest]
    until = max(seen, default=None)
    rate = max((rate for time, rate in curve if until is not None and time <= until), default=0.0)
    undecided = 1.0
    for time in sorted({time for time, event in events if event and until is not None and time <= until}):
        at_risk = sum(other >= time for other, _ in events)
        undecided *= 1 - sum(other == time and event > 0 for other, event in events) / at_risk
    few = sum(event == 0 for _, event in events) <= 0.05 * len(events)
    return Followed(curve, curve[-1][1] if curve else 0.0, until, rate, few or undecided <= 0.05)
