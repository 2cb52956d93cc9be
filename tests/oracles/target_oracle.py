"""What a target needs, in plain Python, a lead and a day at a time: obviously right, and slow.

A lead is (entries, account): entries are (stage, moment) in the order of time, stage `WON` and `LOST` its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil, floor

WON, LOST = "won", "lost"
Lead = Sequence[tuple[int | str, datetime]]
Row = tuple[int, str, int]
"""From the end of which day a lead was watched (−1: the outset), what came of it, and on which day."""
DAY = timedelta(days=1)
RECENT, LANDMARKS, PACE = 730, 365, 90


def end_of(lead: Lead) -> tuple[str, datetime | None]:
    last, moment = lead[-1]
    return (str(last), moment) if last in (WON, LOST) else ("open", None)


def entered(lead: Lead, stage: int, stages: int) -> datetime | None:
    """When it first came to a stage or to a later one; the win lies after the last."""
    place = {WON: stages}
    times = [moment for at, moment in lead if at != LOST and place.get(at, at) >= stage]
    return min(times) if times else None


def curve(rows: Sequence[Row], until: int) -> tuple[list[float], list[int]]:
    """Aalen–Johansen, day by day: the share won by each day, and how many were watched on it."""
    rates, watched, rate, survival = [], [], 0.0, 1.0
    for day in range(until + 1):
        here = [row for row in rows if row[0] < day <= row[2]]
        won = sum(row[1] == WON and row[2] == day for row in here)
        lost = sum(row[1] == LOST and row[2] == day for row in here)
        if here:
            rate += survival * won / len(here)
            survival *= 1 - (won + lost) / len(here)
        rates.append(rate)
        watched.append(len(here))
    return rates, watched


def known(lead: Lead, origin: datetime, until: datetime) -> tuple[str, int]:
    """What has come of a lead by a moment, and on which day since another."""
    fate, moment = end_of(lead)
    if moment is not None and moment <= until:
        return fate, max(0, ceil((moment - origin) / DAY))
    return "open", floor((until - origin) / DAY)


def incidence(leads: Sequence[Lead], stage: int, stages: int, until: datetime) -> list[float]:
    """The share of those who enter a stage that has won by each day, up to the last on which ten were watched."""
    rows = []
    for lead in leads:
        origin = entered(lead, stage, stages)
        if origin is None or origin > until:
            continue
        entry = max(0, floor((until - origin) / DAY) - RECENT)
        fate, day = known(lead, origin, until)
        if entry == 0 or day > entry:
            rows.append((entry or -1, fate, day))
    rates, watched = curve(rows, max((row[2] for row in rows), default=0))
    last = max((day for day, count in enumerate(watched) if count >= 10), default=0)
    return rates[: last + 1]


def one_a_day(rates: Sequence[float], days: int) -> float:
    """What one entry a day from today on wins by then."""
    return sum(rates[min(days - day, len(rates) - 1)] for day in range(days))


def pace(leads: Sequence[Lead], stage: int, stages: int, until: datetime, history: int) -> float:
    span = min(PACE, history)
    came = [entered(lead, stage, stages) for lead in leads]
    return sum(moment is not None and 0 <= floor((until - moment) / DAY) < span for moment in came) / span


def standing(lead: Lead, moment: datetime) -> tuple[int, timedelta] | None:
    """At which stage a lead stood open, and for how long it had."""
    before = [(at, since) for at, since in lead if since <= moment]
    if not before or before[-1][0] in (WON, LOST):
        return None
    stage, since = before[-1]
    for at, earlier in reversed(before):
        if at != stage:
            break
        since = earlier
    return int(stage), moment - since


def cuts(ages: Sequence[timedelta]) -> list[timedelta]:
    """The quarters, linear between two neighbours."""
    ordered = sorted(ages)
    found = []
    for quarter in (1, 2, 3):
        place = quarter / 4 * (len(ordered) - 1)
        low = floor(place)
        high = min(low + 1, len(ordered) - 1)
        found.append(ordered[low] + (ordered[high] - ordered[low]) * (place - low))
    return found


def open_wins(leads: Sequence[Lead], stages: int, end: datetime, back: int, step: int, days: int) -> float:
    """The wins by so many days of those open `back` steps before the end, by what was known then."""
    recent = LANDMARKS // step
    limits = {}
    for stage in range(stages):
        seen = [standing(lead, end - k * step * DAY) for lead in leads for k in range(1, recent + 1)]
        ages = [each[1] for each in seen if each is not None and each[0] == stage]
        limits[stage] = cuts(ages) if ages else []

    def cell(lead: Lead, moment: datetime) -> tuple[int, int] | None:
        found = standing(lead, moment)
        return None if found is None else (found[0], sum(found[1] > limit for limit in limits[found[0]]))

    until = end - back * step * DAY
    rows = []
    for k in range(back + 1, back + recent + 1):
        moment = end - k * step * DAY
        for lead in leads:
            at = cell(lead, moment)
            if at is not None:
                fate, day = known(lead, moment, until)
                rows.append((at, (-1, fate, day)))

    def rate(among: list[Row]) -> float:
        return curve(among, days)[0][-1]

    base, total = rate([row for _, row in rows]), 0.0
    for lead in leads:
        at = cell(lead, until)
        if at is None:
            continue
        here = [row for (stage, _), row in rows if stage == at[0]]
        alike = [row for place, row in rows if place == at]
        stage_rate = (len(here) * rate(here) + 5 * base) / (len(here) + 5)
        total += (len(alike) * rate(alike) + 30 * stage_rate) / (len(alike) + 30)
    return total
