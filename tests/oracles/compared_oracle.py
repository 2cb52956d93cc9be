"""What the scoreboard counts, in plain Python, one lead at a time; all entries are dated."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.oracles import times_oracle
from tests.oracles.oracle import Entered, outcome_of

MONTH = timedelta(days=30)


@dataclass
class Told:
    """Sums over leads: moves, the landmark group, and the 30-day pairs."""

    leads: int = 0
    placed: int = 0
    won: int = 0
    full_path: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    landmark: Counter[tuple[str, int | None, bool]] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)


def tell(
    histories: list[list[Entered]],
    stages: list[set[str]],
    labels: list[str],
    concepts: dict[str, str],
    observed: datetime,
    age: timedelta,
    horizon: timedelta,
) -> Told:
    """The sums over all leads that were at one of the `labels` (the reference); `stages` take some or all of these.

    Entries of one moment stand in model order; of labels, in the order given.
    """
    place_of = {label: place for place, taken in enumerate(stages) for label in sorted(taken)}
    win = next((place_of[label] for label, concept in concepts.items() if concept == "won" and label in place_of), None)
    with_win = {**{label: len(stages) for label, concept in concepts.items() if concept == "won"}, **place_of}
    told = Told()
    for entries in histories:
        if any(e.label in labels for e in entries):
            told.leads += 1
            _reference(told, entries, labels, place_of, concepts, observed, age, horizon)
        if any(e.label in place_of for e in entries):
            told.placed += 1
            _walk(told, entries, place_of, with_win, stages if win is None else stages[:win], concepts, observed)
    return told


def _walk(told, entries, place_of, with_win, before_win, concepts, observed):
    placed = sorted((e.at, with_win[e.label], n) for n, e in enumerate(entries) if e.label in with_win)
    outcome, _ = outcome_of(entries, concepts)
    told.won += outcome == "won"
    told.full_path += outcome == "won" and set(range(len(before_win))) <= {place for _, place, _ in placed}
    for (_, place, _), after in zip(placed, [*placed[1:], None], strict=True):
        if after is not None:
            told.moves["forward"] += after[1] > place
            told.moves["backward"] += after[1] < place
            told.moves["skips"] += after[1] - place >= 2


def open_and_lost(histories, stages, concepts, observed) -> tuple[list[float], list[int]]:
    """Days that leads stood open at each stage where leads wait, and how many were lost from there, each where it stood last."""
    days, last = [0.0] * len(stages), {}
    for stay in times_oracle.stays(histories, stages, concepts, observed):
        days[stay.position] += stay.span / timedelta(days=1)
        if stay.to == "lost" and stay.outcome == "lost":
            last[stay.lead] = stay.position
    return days, [list(last.values()).count(place) for place in range(len(stages))]


def _reference(told, entries, labels, place_of, concepts, observed, age, horizon):
    outcome, ended = outcome_of(entries, concepts)
    start = min(e.at for e in entries if e.label in labels)
    if start + age + horizon <= observed and (ended is None or ended > start + age):
        won = outcome == "won" and ended <= start + age + horizon
        early = [(e.at, place_of[e.label]) for e in entries if e.label in place_of and e.at <= start + age]
        told.landmark[_last_label(entries, labels, start + age), max(early)[1] if early else None, won] += 1
    month = 0
    while start + (month + 1) * MONTH <= observed and (ended is None or ended > start + month * MONTH):
        states = [_last_label(entries, labels, start + m * MONTH) for m in (month, month + 1)]
        if ended is not None and ended <= start + (month + 1) * MONTH:
            states[1] = outcome
        told.pairs[states[0], states[1]] += 1
        month += 1


def _last_label(entries, labels, moment):
    return max((e.at, labels.index(e.label), e.label) for e in entries if e.label in labels and e.at <= moment)[2]
