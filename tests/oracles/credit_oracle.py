"""Credit for wins in plain Python, a win at a time and in fractions, from the definitions alone: obviously right, and slow."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import combinations, permutations

Path = list[str]


@dataclass(frozen=True)
class Touch:
    """Who was touched, when, by which channel; the order of the list is that of the file."""

    lead: str
    at: datetime
    channel: str


@dataclass(frozen=True)
class Win:
    """A win (or entry) of a lead on a day, and on which days it entered the stages that W looks at."""

    lead: str
    day: date
    marks: tuple[date | None, date | None] = (None, None)
    cents: int = 0


def paths_before(
    wins: list[Win], touches: list[Touch], accounts: dict[str, str | None], *, lookback: int | None, earlier: list[Win]
) -> list[list[Touch]]:
    """The touches that count for each win: of its account (of itself, where it has none), by its day, within the look-back, after the last
    day before its own on which the account won."""
    unit = {lead: f"account {account}" if account else f"lead {lead}" for lead, account in accounts.items()}
    found = []
    for win in wins:
        days = [each.day for each in earlier if unit[each.lead] == unit[win.lead] and each.day < win.day]
        of_unit = [touch for touch in touches if unit[touch.lead] == unit[win.lead]]
        kept = [
            touch
            for touch in of_unit
            if touch.at.date() <= win.day
            and (lookback is None or touch.at.date() >= win.day - timedelta(days=lookback))
            and (not days or touch.at.date() > max(days))
        ]
        found.append(sorted(kept, key=lambda touch: touch.at))  # sorting keeps the order of the file
    return found


def weights(rule: str, path: list[Touch], win: Win, direct: set[str]) -> list[Fraction]:
    """The weight of each touch of a path that is not empty, by a rational rule."""
    size = len(path)
    zero = [Fraction(0)] * size
    if rule == "first":
        return [Fraction(1), *zero[1:]]
    if rule == "last":
        return [*zero[1:], Fraction(1)]
    if rule == "last-but-direct":
        others = [place for place in range(size) if path[place].channel not in direct]
        return [Fraction(place == (others[-1] if others else size - 1)) for place in range(size)]
    if rule == "linear":
        return [Fraction(1, size)] * size
    if rule == "shared":
        seen = list(dict.fromkeys(touch.channel for touch in path))
        firsts = {channel: [touch.channel for touch in path].index(channel) for channel in seen}
        return [Fraction(firsts[path[place].channel] == place, len(seen)) for place in range(size)]
    if rule == "position":
        if size <= 2:
            return [Fraction(1, size)] * size
        return [Fraction(2, 5), *[Fraction(1, 5) / (size - 2)] * (size - 2), Fraction(2, 5)]
    if rule in ("w", "full"):
        marks = [0]
        for day in win.marks:
            by_then = [place for place in range(size) if day is not None and path[place].at.date() <= day]
            marks += by_then[-1:]
        marks += [size - 1] if rule == "full" else []
        each = Fraction(30, 100) if rule == "w" else Fraction(225, 1000)
        return shaped(size, marks, each)
    raise AssertionError(rule)


def shaped(size: int, marks: list[int], each: Fraction) -> list[Fraction]:
    """So much for each mark, 10 % shared by the touches without one; divided by the sum."""
    given = [each * marks.count(place) for place in range(size)]
    others = [place for place in range(size) if place not in marks]
    for place in others:
        given[place] = Fraction(10, 100) / len(others)
    return [weight / sum(given) for weight in given]


def decayed(path: list[Touch], half_life: float) -> list[float]:
    raw = [2 ** ((touch.at - path[-1].at).total_seconds() / 86400 / half_life) for touch in path]
    return [weight / sum(raw) for weight in raw]


def credit(
    rule: str, wins: list[Win], paths: list[list[Touch]], direct: set[str], half_life: float = 30.0
) -> tuple[dict[str, Fraction | float], dict[str, Fraction | float], int]:
    """Channel → wins, channel → cents, and how many wins have no touch."""
    events: dict[str, Fraction | float] = defaultdict(Fraction)
    cents: dict[str, Fraction | float] = defaultdict(Fraction)
    for win, path in zip(wins, paths, strict=True):
        given = (decayed(path, half_life) if rule == "decay" else weights(rule, path, win, direct)) if path else []
        for touch, weight in zip(path, given, strict=True):
            events[touch.channel] += weight
            cents[touch.channel] += weight * win.cents
    return dict(events), dict(cents), sum(not path for path in paths)


def removal(paths: list[tuple[Path, int, int]]) -> tuple[Fraction, dict[str, Fraction]]:
    """The chance to convert and the removal effect of each channel, of (path, converted, not): each chain solved anew, by elimination."""
    channels = sorted({channel for path, *_ in paths for channel in path})
    base = _chance(paths, channels, None)
    effects = {c: 1 - _chance(paths, channels, c) / base if base else Fraction(0) for c in channels}
    return base, effects


def _chance(paths: list[tuple[Path, int, int]], channels: list[str], removed: str | None) -> Fraction:
    moves: dict[tuple[str, str], int] = defaultdict(int)
    for path, converted, lost in paths:
        for one, other in zip(["start", *path], path, strict=False):
            moves[one, other] += converted + lost
        moves[path[-1], "won"] += converted
        moves[path[-1], "gone"] += lost
    states = ["start", *channels]
    total = {state: sum(count for (one, _), count in moves.items() if one == state) for state in states}
    rows = []
    for state in states:
        row = {other: Fraction(-moves[state, other], total[state] or 1) for other in states}
        if removed is not None:
            row[removed] = Fraction(0)
        row[state] += 1
        rows.append([*(row[other] for other in states), Fraction(moves[state, "won"], total[state] or 1)])
    return _solved(rows)[0]


def _solved(rows: list[list[Fraction]]) -> list[Fraction]:
    size = len(rows)
    for place in range(size):
        pivot = next(number for number in range(place, size) if rows[number][place])
        rows[place], rows[pivot] = rows[pivot], rows[place]
        rows[place] = [cell / rows[place][place] for cell in rows[place]]
        for other in range(size):
            if other != place:
                times = rows[other][place]
                rows[other] = [cell - times * own for cell, own in zip(rows[other], rows[place], strict=True)]
    return [row[-1] for row in rows]


def shapley(sets: dict[frozenset[str], tuple[int, int]]) -> dict[str, Fraction]:
    """The value of each channel in the rate game, of (converted, paths) by set: the mean over all orders."""
    players = sorted({channel for channels in sets for channel in channels})

    def worth(coalition: frozenset[str]) -> Fraction:
        inside = [counts for channels, counts in sets.items() if channels <= coalition]
        converted, paths = sum(one for one, _ in inside), sum(all_ for _, all_ in inside)
        return Fraction(converted, paths) if paths else Fraction(0)

    values = dict.fromkeys(players, Fraction(0))
    orders = list(permutations(players))
    for order in orders:
        for place, player in enumerate(order):
            before = frozenset(order[:place])
            values[player] += (worth(before | {player}) - worth(before)) / len(orders)
    return values


def coalitions(players: list[str]) -> list[frozenset[str]]:
    return [frozenset(some) for size in range(len(players) + 1) for some in combinations(players, size)]
