"""The rules of `funnel.journeys` in plain Python, one lead at a time: obviously right, and slow. Tests hold the SQL against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

NO_TIME = None


@dataclass(frozen=True)
class Entered:
    """One entry of a lead: the label, and when (None: moment unknown)."""

    label: str
    at: datetime | None


@dataclass(frozen=True)
class Journey:
    """What one lead did under one rule; `reached[i]` says whether stage i counts, `times[i]` since when, and `recorded[i]` whether it
    was recorded there at that time; a window runs from `opened_at`."""

    started_at: datetime | None
    reached: list[bool]
    times: list[datetime | None]
    outcome: str
    ended_at: datetime | None
    ledger: list[str | None]
    recorded: list[bool] = field(default_factory=list)
    opened_at: datetime | None = None


def outcome_of(
    entries: list[Entered], concepts: dict[str, str], place_of: dict[str, int]
) -> tuple[str, datetime | None]:
    """The outcome and its time; of the entries that are no win and no exit, those that the model places count."""
    ends = ("won", "lost", "disqualified", "unresponsive")
    seen = [entry for entry in entries if concepts[entry.label] in ends or entry.label in place_of]
    wins = [entry.at for entry in seen if concepts[entry.label] == "won"]
    exits = [entry.at for entry in seen if concepts[entry.label] in ("lost", "disqualified", "unresponsive")]
    others = [entry.at for entry in seen if concepts[entry.label] not in ("lost", "disqualified", "unresponsive")]
    if wins and not (exits and max(exits) > max(wins)):
        return "won", min(wins)
    if exits and not any(at > max(exits) for at in others):
        return "lost", max(exits)
    return "open", None


def journey(
    entries: list[Entered],
    stages: list[set[str]],
    concepts: dict[str, str],
    rule: str,
    window_days: int | None = None,
    entry: str = "first",
) -> Journey | None:
    """The journey of one lead whose entries are all dated; None where the model can place none of them."""
    place_of = {label: place for place, labels in enumerate(stages) for label in labels}
    placed = [(item.at, place_of[item.label]) for item in entries if item.label in place_of]
    if not placed:
        return None
    count = len(stages)
    start = min(at for at, _ in placed)
    firsts = [min((at for at, place in placed if place == i), default=None) for i in range(count)]
    window = timedelta(days=window_days) if window_days is not None else None

    if rule == "visited":
        times = list(firsts)
    elif rule == "passed":
        times = [min((at for at, place in placed if place >= i), default=None) for i in range(count)]
    elif entry == "any" and window is not None:
        times = _deepest_chain(placed, count, window)
    else:
        times = _chain(placed, count, firsts[0], None)
    opened = times[0] if rule == "in-order" else start
    if window is not None:
        times = [at if at is not None and at <= opened + window else None for at in times]
    reached = [at is not None for at in times]

    outcome, ended_at = outcome_of(entries, concepts, place_of)
    _, standing = max(placed)
    ledger = [
        _part(i, rule, reached, times, firsts, outcome, ended_at, standing, opened, window) if reached[i] else None
        for i in range(count)
    ]
    recorded = [at is not None and (at, i) in placed for i, at in enumerate(times)]
    return Journey(start, reached, times, outcome, ended_at, ledger, recorded, opened)


def _chain(placed, count, opened, limit):
    times, now = [], opened
    for i in range(count):
        if now is not None:
            now = min(
                (at for at, place in placed if place == i and at >= now and (limit is None or at <= limit)),
                default=None,
            )
            if i == 0:
                now = opened
        times.append(now)
    return times


def _deepest_chain(placed, count, window):
    openings = sorted({at for at, place in placed if place == 0})
    chains = [_chain(placed, count, opened, opened + window) for opened in openings]
    if not chains:
        return [None] * count
    return max(chains, key=lambda times: sum(at is not None for at in times))


def _part(i, rule, reached, times, firsts, outcome, ended_at, standing, opened, window):
    count = len(reached)
    later = range(i + 1, count)
    if rule == "passed":
        beyond = i + 1 < count and reached[i + 1]
        advanced = beyond and firsts[i + 1] == times[i + 1]
    elif rule == "visited":
        beyond = any(reached[j] for j in later)
        advanced = i + 1 < count and reached[i + 1]
    else:
        advanced = i + 1 < count and reached[i + 1]
        seen_on = any(
            firsts[j] is not None and firsts[j] >= times[i] and (window is None or firsts[j] <= opened + window)
            for j in later
        )
        beyond = advanced or seen_on or (window is None and standing > i)
    if advanced:
        return "advanced"
    if beyond:
        return "skipped_ahead"
    if outcome == "lost" and (window is None or ended_at <= opened + window):
        return "lost"
    return "moved_back" if outcome == "open" and standing < i else "still_there"


def funnel(journeys: list[Journey], count: int, fewest: int = 20) -> list[dict]:
    """What `steps` must say of these journeys, stage by stage; medians over leads recorded at both stages, of at least `fewest`."""
    parts = ("advanced", "skipped_ahead", "moved_back", "lost", "still_there")
    rows = []
    for i in range(count):
        row = {"leads": sum(each.reached[i] for each in journeys)}
        row |= {part: sum(each.ledger[i] == part for each in journeys) for part in parts}
        waits = [
            (each.times[i] - each.times[i - 1]).total_seconds() / 86_400
            for each in journeys
            if i and each.recorded[i] and each.recorded[i - 1]
        ]
        row["timed"] = len(waits)
        row["median_days"] = median(waits) if len(waits) >= fewest else None
        rows.append(row)
    return rows
