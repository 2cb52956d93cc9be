"""What the scoreboard counts, in plain Python, one lead at a time; all entries are dated."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oracle import Entered, outcome_of

EXITS = ("lost", "disqualified", "unresponsive")
MONTH = timedelta(days=30)


@dataclass
class Told:
    """Sums over leads: moves, losses and open time by stage, the landmark group, and the 30-day pairs."""

    leads: int = 0
    placed: int = 0
    won: int = 0
    full_path: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    lost: Counter[int] = field(default_factory=Counter)
    open_time: Counter[int] = field(default_factory=Counter)
    landmark: Counter[tuple[str, int, bool]] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)


def tell(
    histories: list[list[Entered]],
    stages: list[set[str]],
    concepts: dict[str, str],
    observed: datetime,
    age: timedelta,
    horizon: timedelta,
) -> Told:
    """The sums over all leads that the model's labels (which are the reference, too) can place.

    Entries of one moment stand in model order; of labels, in the reference's order: by stage, then by name.
    """
    order = [label for labels in stages for label in sorted(labels)]
    place_of = {label: place for place, labels in enumerate(stages) for label in labels}
    win = next((place_of[label] for label, concept in concepts.items() if concept == "won" and label in place_of), None)
    with_win = {**{label: len(stages) for label, concept in concepts.items() if concept == "won"}, **place_of}
    told = Told()
    for entries in histories:
        placed = sorted((e.at, with_win[e.label], n, e.label) for n, e in enumerate(entries) if e.label in with_win)
        if not any(e.label in place_of for e in entries):
            continue
        outcome, ended = outcome_of(entries, concepts, place_of)
        start = min(e.at for e in entries if e.label in place_of)
        told.leads += 1
        told.won += outcome == "won"
        needed = range(len(stages) if win is None else win)
        told.full_path += outcome == "won" and set(needed) <= {place for _, place, _, _ in placed}
        for (at, place, _, _), after in zip(placed, [*placed[1:], None], strict=True):
            if after is not None:
                told.moves["forward"] += after[1] > place
                told.moves["backward"] += after[1] < place
                told.moves["skips"] += after[1] - place >= 2
            until = after[0] if after else (ended or observed)
            if ended:
                until = min(until, ended)
            told.open_time[place] += max(timedelta(0), until - at) // timedelta(microseconds=1)
        if outcome == "lost" and placed[-1][1] < len(stages):
            told.lost[placed[-1][1]] += 1
        if start + age + horizon <= observed and (ended is None or ended > start + age):
            early = [each for each in placed if each[0] <= start + age]
            won = outcome == "won" and ended <= start + age + horizon
            told.landmark[_last_label(entries, order, start + age), early[-1][1], won] += 1
        month = 0
        while start + (month + 1) * MONTH <= observed and (ended is None or ended > start + month * MONTH):
            states = [_last_label(entries, order, start + m * MONTH) for m in (month, month + 1)]
            if ended is not None and ended <= start + (month + 1) * MONTH:
                states[1] = outcome
            told.pairs[states[0], states[1]] += 1
            month += 1
    return told


def _last_label(entries, order, moment):
    return max((e.at, order.index(e.label), e.label) for e in entries if e.label in order and e.at <= moment)[2]
