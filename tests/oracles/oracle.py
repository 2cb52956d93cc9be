"""The rules of `funnel.journeys` in plain Python, one lead at a time: obviously right, and slow. Tests hold the SQL against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

EXITS = ("lost", "disqualified", "unresponsive")


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
    entries: list[Entered], concepts: dict[str, str], reopened_by: str = "meaning", keeps_win: bool = False
) -> tuple[str, datetime | None]:
    """The outcome and its time, entry by entry in the order of time; at one moment an exit is no answer to a win, nor a stage to an
    exit or a win."""
    after_win = ("onboarding", "retention", "expansion", "advocacy")

    def at_once(entry: Entered) -> tuple[datetime, int]:
        concept = concepts[entry.label]
        return entry.at, 2 if concept == "won" else 1 if concept in EXITS else 0

    state, ended_at, first_win = "open", None, None
    for entry in sorted(entries, key=at_once):
        concept = concepts[entry.label]
        means = concept not in ("ignored", "unplaced", *EXITS)
        if concept == "won":
            first_win = first_win or entry.at
            state, ended_at = "won", first_win
        elif concept in EXITS:
            state, ended_at = "lost", entry.at
        elif (state == "won" and means and concept not in after_win and not keeps_win) or (
            state == "lost" and ((reopened_by != "never" and means) or (reopened_by == "any" and concept == "unplaced"))
        ):
            state, ended_at = "open", None
    return state, ended_at


def awake(entries: list[Entered], concepts: dict[str, str], place_of: dict[str, int]) -> list[Entered]:
    """The entries in the order of time, then of the model, without those that follow an exit and do not open the lead again. A loss at
    the moment of the last win of a won lead is none."""
    last_win = max((entry.at for entry in entries if concepts[entry.label] == "won"), default=None)
    won = outcome_of(entries, concepts)[0] == "won"

    def in_time(entry: Entered) -> tuple[datetime, int]:
        concept = concepts[entry.label]
        end = 1_001 if concept in EXITS else 1_000 if concept == "won" else -1
        return entry.at, place_of.get(entry.label, end)

    kept, is_lost = [], False
    for entry in sorted(entries, key=in_time):
        concept = concepts[entry.label]
        if concept in EXITS:
            if won and entry.at == last_win:
                continue
            is_lost = True
        elif concept not in ("ignored", "unplaced"):
            is_lost = False
        elif is_lost:
            continue
        kept.append(entry)
    return kept


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
    elif rule == "strict":
        times = _deepest_run(placed, count, window)
    elif entry == "any" and window is not None:
        times = _deepest_chain(placed, count, window)
    else:
        times = _chain(placed, count, firsts[0], None)
    opened = times[0] if rule in ("in-order", "strict") else start
    if window is not None:
        times = [at if at is not None and at <= opened + window else None for at in times]
    reached = [at is not None for at in times]

    outcome, ended_at = outcome_of(entries, concepts)
    limit = opened + window if window is not None and opened is not None else None
    seen = [item for item in entries if limit is None or item.at <= limit]
    ledger = [
        _part(i, rule, reached, times, firsts, seen, place_of, concepts) if reached[i] else None for i in range(count)
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


def _deepest_run(placed, count, window):
    """The visits that follow each other from stage to stage, with nothing between; the deepest such run, the earliest of equals."""
    ordered, best = [], [None] * count
    for at, place in sorted(placed):
        if not ordered or ordered[-1][1] != place:
            ordered.append((at, place))
    for begin, (opened, first) in enumerate(ordered):
        if first:
            continue
        run = []
        for at, place in ordered[begin:]:
            if place != len(run) or (window is not None and at > opened + window):
                break
            run.append(at)
        if len(run) > sum(at is not None for at in best):
            best = run + [None] * (count - len(run))
    return best


def _part(i, rule, reached, times, firsts, seen, place_of, concepts):
    """What came after the counted arrival at stage i, of the entries up to the end of the window."""
    count = len(reached)
    after = {place_of[item.label] for item in seen if item.label in place_of and item.at >= times[i]}
    if rule == "passed":
        beyond = i + 1 < count and reached[i + 1]
        advanced = beyond and firsts[i + 1] == times[i + 1]
    else:
        advanced = i + 1 < count and reached[i + 1] and i + 1 in after
        beyond = any(place > i for place in after)
    if advanced:
        return "advanced"
    if beyond:
        return "skipped_ahead"
    outcome, _ = outcome_of(seen, concepts)
    if outcome == "lost":
        return "lost"
    _, standing = max((item.at, place_of[item.label]) for item in seen if item.label in place_of)
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
