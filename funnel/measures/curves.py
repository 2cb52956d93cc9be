"""Conversion by age: a curve for each cohort, one for all leads, and the pace at which leads of every age convert now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from funnel.core.rows import Row, Share, Word
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import FEWEST_AT_RISK, Period, Question
from funnel.journeys import Journeys
from funnel.measures.cohorts import COHORT, cohort_cell
from funnel.measures.population.states import CONVERTED, GONE, KeptTarget
from funnel.measures.statistics.incidence import OUTSET, incidence, interval, rounded
from funnel.measures.targets import check_days, cohort_of, from_start, kept, observed, started_within, tallies

PACE_DAYS = 180


@dataclass(frozen=True)
class CurvePoint:
    """A day on a curve: `at_risk` leads were watched on it; `rate`, `low` and `high` as in `ByDay`; `gone` is the share that had
    left by then."""

    day: int
    at_risk: int
    rate: float
    low: float
    high: float
    gone: float


@dataclass(frozen=True)
class Curve:
    """Conversion by age: a point for each day on which the rate rises, up to where fewer than FEWEST_AT_RISK leads are watched.

    `start` is the first day of its cohort; None: all leads, or the pace. `until` is the last day of the curve; `cut` says that
    some leads were watched longer.
    """

    start: date | None
    leads: int
    until: int
    cut: bool
    points: tuple[CurvePoint, ...]

    def at(self, day: int) -> CurvePoint | None:
        """The last point up to a day; None before the first, and beyond the end of the curve."""
        if day > self.until:
            return None
        return next((point for point in reversed(self.points) if point.day <= day), None)


@dataclass(frozen=True)
class Curves:
    """Conversion by age to one target (a stage's position; None: the win), a curve for each cohort; `whole` is of all leads.

    `pace` is the period estimate: what leads of every age did in the last `pace_days` days, as one curve.
    """

    question: Question
    period: Period
    target: int | None
    curves: tuple[Curve, ...]
    whole: Curve
    pace: Curve
    pace_days: int
    sql: str

    def rows(self) -> list[Row]:
        """A row a point: whose curve it is of (a cohort's, that of all leads, the pace), the day, and the share by then."""
        named = [(cohort_cell(curve.start, self.period, self.question.calendar), curve) for curve in self.curves]
        named.append((Word("all", "pages.cohorts.everyone"), self.whole))
        named.append((Word("pace", "pages.cohorts.pace", days=self.pace_days), self.pace))
        return [
            {
                "start": name,
                "day": point.day,
                "at_risk": point.at_risk,
                "rate": Share(point.rate),
                "low": Share(point.low),
                "high": Share(point.high),
                "gone": Share(point.gone),
            }
            for name, curve in named
            for point in curve.points
        ]


def curves(
    journeys: Journeys,
    question: Question,
    period: Period | str = Period.MONTH,
    target: int | None = None,
    pace_days: int = PACE_DAYS,
) -> Curves:
    """Aalen–Johansen curves to a stage, or (None) to the win, with lost as the competing event.

    The pace is the period estimate (Brenner and Gefeller 1996): of each lead only what happened within the last `pace_days`
    days before `observed_until` counts, and it is watched from the age that it had then; what happened on its first day counts
    no more than what happened on the day the window opened. QuestionError as in `cohorts`.
    """
    check_days(question, (pace_days,))
    table = kept(journeys, question, from_start(journeys, question))
    to = KeptTarget(len(question.model.stages) if target is None else target)
    where, column = started_within(question), cohort_of(question, Period(period))
    observed_leads = observed([to], (), COHORT, table=table, column=column, where=where)
    by_cohort = compose(
        [*observed_leads, *tallies(COHORT), *incidence("tallies", (COHORT, "target"))],
        Query(POINTS.format(group="incidences.cohort")),
    )
    now = compose(
        [*_recent(to, pace_days, table, where), *incidence("tallies", ("target",))],
        Query(POINTS.format(group="CAST(NULL AS DATE)")),
    )
    rows: dict[date | None, list[dict[str, Any]]] = {}
    for row in journeys.engine.named(by_cohort):
        rows.setdefault(row["cohort"], []).append(row)
    whole = curve(None, rows.pop(None, []))
    return Curves(
        question=question,
        period=Period(period),
        target=target,
        curves=tuple(curve(start, rows[start]) for start in sorted(start for start in rows if start is not None)),
        whole=whole,
        pace=curve(None, journeys.engine.named(now)),
        pace_days=pace_days,
        sql=f"{journeys.statement(table)};\n\n{by_cohort.readable()};\n\n{now.readable()}",
    )


def _recent(to: KeptTarget, pace_days: int, table: str, where: Query) -> list[Paragraph]:
    """Paragraphs that end in `tallies`: leads that were neither there nor gone when the window opened, watched from their age at
    that moment."""
    aged = f"""SELECT {to.number} AS target, GREATEST(0, {to.follow_up} - {int(pace_days)}) AS entry, {to.fate} AS fate,
    {to.day} AS day
FROM {identifier(table)} AS followed
WHERE {where.text}"""
    recent = """SELECT aged.*
FROM aged
WHERE aged.day > aged.entry"""
    rows = f"""SELECT recent.target AS target, CASE recent.entry WHEN 0 THEN {OUTSET} ELSE recent.entry END AS day,
    1 AS entered, 0 AS converted, 0 AS gone, 0 AS waiting
FROM recent
UNION ALL
SELECT recent.target AS target, recent.day AS day, 0 AS entered,
    CASE recent.fate WHEN {CONVERTED} THEN 1 ELSE 0 END AS converted, CASE recent.fate WHEN {GONE} THEN 1 ELSE 0 END AS gone,
    CASE WHEN recent.fate IN ({CONVERTED}, {GONE}) THEN 0 ELSE 1 END AS waiting
FROM recent"""
    return [
        Paragraph("aged", Query(aged, where.values)),
        Paragraph("recent", Query(recent)),
        Paragraph("tallies", Query(rows)),
    ]


POINTS = """SELECT {group} AS cohort, incidences.day AS day, incidences.at_risk AS at_risk,
    incidences.converted AS converted, incidences.rate AS rate, incidences.variance AS variance, incidences.gone_rate AS gone_rate
FROM incidences
ORDER BY cohort, day"""


def curve(start: date | None, rows: Sequence[dict[str, Any]]) -> Curve:
    """A point where the rate rises; the curve ends on the last day before too few are watched."""
    watched = []
    for row in rows:
        if row["at_risk"] < FEWEST_AT_RISK:
            break
        watched.append(row)
    points = []
    for row in watched:
        if row["converted"]:
            rate, se = rounded(row["rate"], row["variance"])
            low, high = interval(rate, se, row["at_risk"])
            points.append(CurvePoint(row["day"], row["at_risk"], rate, low, high, max(0.0, row["gone_rate"])))
    return Curve(
        start=start,
        leads=max((row["at_risk"] for row in rows), default=0),
        until=watched[-1]["day"] if watched else 0,
        cut=len(watched) < len(rows),
        points=tuple(points),
    )
