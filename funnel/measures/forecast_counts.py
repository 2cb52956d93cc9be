"""What wins are forecast from, as counts: where leads stood open on each landmark, which came when, and when they were won.

Counts of one landmark hold what was known on it, beside when those leads were won later; who tells from a landmark takes of earlier
ones only what had come by then. See `forecast_calendar` for landmarks and months, and `target_counts` for who counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from funnel.core import period_sql
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Period
from funnel.measures.forecast_calendar import Calendar
from funnel.measures.statistics.resampling import Numbers, Whole
from funnel.measures.target_counts import TargetCounts
from funnel.measures.targets import whole_days

NEVER = -1
"""In the place of the month of a win: not won so far; in that of an age: since when is not known."""


@dataclass(frozen=True)
class Standing:
    """Leads that stood open, alike: on the landmark so many `back`, at the stage of this `place` among those where leads wait, for so many
    whole days of `age`, and won in the month that lies so far `ahead` of the landmark's. Sorted by `back`."""

    back: Whole
    place: Whole
    age: Whole
    ahead: Whole
    leads: Whole


@dataclass(frozen=True)
class OpenWorth:
    """Leads of a currency that stood open, as `Standing` tells: how many of them have no amount, and the sum of the others'. Sorted by
    `back`."""

    back: Whole
    place: Whole
    age: Whole
    unpriced: Whole
    amount: Numbers

    def on(self, back: int) -> OpenWorth:
        """Those of one landmark."""
        some = slice(*np.searchsorted(self.back, (back, back + 1)))
        return OpenWorth(self.back[some], self.place[some], self.age[some], self.unpriced[some], self.amount[some])


@dataclass(frozen=True)
class Came:
    """Leads that came alike: in a `month`, by its number, after its landmark or not (`late`), and won so many months `later`."""

    month: Whole
    late: Whole
    later: Whole
    leads: Whole


def standing(counts: TargetCounts, calendar: Calendar) -> Standing:
    """The leads that stood open on each landmark."""
    last = """SELECT stood.back AS back, stood.position AS position, stood.age AS age, stood.ahead AS ahead, COUNT(*) AS leads
FROM stood
GROUP BY stood.back, stood.position, stood.age, stood.ahead
ORDER BY stood.back"""
    back, position, *rest = counts.columns(compose(_stood(counts, calendar), Query(last)))
    return Standing(back, places(counts, position), *rest)


def open_worth(
    counts: TargetCounts, calendar: Calendar, priced: Sequence[Paragraph], amount: str, currency: Query
) -> OpenWorth:
    """What the leads of a currency were worth that stood open on each landmark, at the amounts of now. `priced` end in `counted`, which has
    the column `amount`; `currency` is a condition on it."""
    last = f"""SELECT stood.back AS back, stood.position AS position, stood.age AS age,
    COUNT(*) - COUNT(counted.{amount}) AS unpriced, COALESCE(SUM(CAST(counted.{amount} AS DOUBLE)), 0) AS amount
FROM stood
INNER JOIN counted ON counted.lead_id = stood.lead_id
WHERE {currency.text}
GROUP BY stood.back, stood.position, stood.age
ORDER BY back, position, age"""
    paragraphs = [*priced, *_stood(counts, calendar)]
    back, position, age, unpriced, amounts = counts.arrays(compose(paragraphs, Query(last, currency.values)))
    back, position, age, unpriced = (each.astype("int64") for each in (back, position, age, unpriced))
    return OpenWorth(back, places(counts, position), age, unpriced, amounts.astype(float))


def places(counts: TargetCounts, position: Whole) -> Whole:
    """The place of each stage among those where leads wait."""
    return np.searchsorted(np.array(counts.positions), position)


def _stood(counts: TargetCounts, calendar: Calendar) -> list[Paragraph]:
    """Paragraphs that end in `stood`: each lead that stood open on a landmark, with its stage, its age there, and how far ahead it won."""
    moments = """SELECT UNNEST(CAST(? AS TIMESTAMP[])) AS moment, UNNEST(CAST(? AS INTEGER[])) AS back,
    UNNEST(CAST(? AS INTEGER[])) AS month"""
    numbers = [calendar.number(day) for day in calendar.landmarks]
    values = (calendar.moments(counts.until), list(range(len(numbers))), numbers)
    # Since when some are at their stage is not known: of them it is known where they are now.
    lasted = f"""SELECT stays.lead_id AS lead_id, stays.position AS position, stays.entered_at AS entered_at,
    {month_of("stays.won_on", calendar)} AS won_month,
    COALESCE(stays.entered_at, CAST(? AS TIMESTAMP)) AS began_at,
    COALESCE(LEAST(stays.left_at, stays.won_at, stays.lost_at), TIMESTAMP 'infinity') AS over_at
FROM {identifier(counts.stays_table)} AS stays"""
    age = whole_days("landmarks.moment", "lasted.entered_at", up=False)
    # By the leads' own clock a win may lie in the month before the moment says so.
    ahead = f"GREATEST({1 - calendar.rest}, lasted.won_month - landmarks.month)"
    stood = f"""SELECT lasted.lead_id AS lead_id, landmarks.back AS back, lasted.position AS position,
    CASE WHEN lasted.entered_at IS NULL THEN {NEVER} ELSE {age} END AS age,
    CASE WHEN lasted.won_month IS NULL THEN {NEVER} ELSE {ahead} END AS ahead
FROM lasted
INNER JOIN landmarks ON landmarks.moment >= lasted.began_at AND landmarks.moment < lasted.over_at"""
    return [
        Paragraph("landmarks", Query(moments, values)),
        Paragraph("lasted", Query(lasted, (counts.until,))),
        Paragraph("stood", Query(stood)),
    ]


def came(counts: TargetCounts, calendar: Calendar) -> Came:
    """The leads that came to the first stage, those that were won at a moment that the file does not tell left out."""
    entered, day = "CAST(entries.entered_at AS DATE)", calendar.as_of
    month = month_of(entered, calendar)
    in_month, today = (
        (period_sql.day_of_month(entered, calendar.of), calendar.of.parts(day)[2])
        if calendar.unit is Period.MONTH
        else (f"ISODOW({entered})", day.isoweekday())
    )
    late = f"CASE WHEN {in_month} > {today} THEN 1 ELSE 0 END" if calendar.rest else "0"
    arrived = f"""SELECT {month} AS month, {late} AS late,
    CASE WHEN entries.won_on IS NULL THEN {NEVER}
        ELSE GREATEST(0, {month_of("entries.won_on", calendar)} - {month}) END AS later
FROM {identifier(counts.entries_table)} AS entries
WHERE entries.position = {counts.positions[0]} AND NOT entries.is_untimed"""
    last = """SELECT arrived.month AS month, arrived.late AS late, arrived.later AS later, COUNT(*) AS leads
FROM arrived
GROUP BY arrived.month, arrived.late, arrived.later"""
    return Came(*counts.columns(compose([Paragraph("arrived", Query(arrived))], Query(last))))


def month_of(day: str, calendar: Calendar) -> str:
    """`Calendar.number` of a day, as SQL."""
    if calendar.unit is Period.MONTH:
        return period_sql.month_number(day, calendar.of)
    # 1 January of the year 1 is a Monday.
    return f"(DATE_DIFF('day', DATE '0001-01-01', {day}) // 7)"
