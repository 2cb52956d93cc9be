"""Cohorts, curves and steps to draw, and the cells of a figure."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

from funnel.core.types import ByDay, Conversion, Period, Question, Rule, Stage, StageModel, Unit, Unknown
from funnel.measures.cohorts import Cohort, Cohorts
from funnel.measures.curves import Curve, CurvePoint, Curves
from funnel.measures.statistics.rates import wilson
from funnel.measures.step_trend import StepTrend

NAMES = ("Lead", "Qualification", "Proposal")
NASTY = ("<b>Lead</b>", "مرحلة التأهيل", "<img src=x onerror=alert(1)> & a very long name of a stage that never ends")
JAN, FEB, MAR, APR = (date(2024, month, 1) for month in (1, 2, 3, 4))


def a_question(names: tuple[str, ...] = NAMES, unit: Unit = Unit.LEAD) -> Question:
    return Question(
        StageModel("m", "M", tuple(Stage(str(n), name) for n, name in enumerate(names))), Rule.PASSED, unit=unit
    )


def conversion(
    leads: int,
    converted: int,
    rate: float | None,
    old: int,
    *,
    gone: int = 0,
    untimed: int = 0,
    unknown: Unknown | None = None,
) -> Conversion:
    low, high = (None, None) if rate is None else (rate * 0.8, min(1.0, rate * 1.2))
    by_day = ByDay(
        day=180,
        converted=converted,
        rate=rate,
        se=None if rate is None else 0.01,
        low=low,
        high=high,
        old_enough=old,
        mature=wilson(min(converted, old), old),
        unknown=unknown or (Unknown.AGE if rate is None else None),
    )
    return Conversion(leads, converted, gone, untimed, (by_day,))


def cohort(
    start: date | None, leads: int, counts: tuple[int, ...], rates: tuple[float | None, ...], old: int
) -> Cohort:
    """Counts and rates of each stage, then of the win."""
    *stages, win = (conversion(leads, n, rate, old) for n, rate in zip(counts, rates, strict=True))
    return Cohort(start, leads, counts[-1], 0, 200, tuple(stages), win)


DONE = cohort(JAN, 248, (248, 175, 105, 18), (1.0, 0.71, 0.43, 0.08), 248)
PART = cohort(FEB, 267, (267, 180, 108, 19), (1.0, 0.68, 0.41, 0.07), 133)
YOUNG = cohort(MAR, 250, (250, 125, 43, 0), (None,) * 4, 0)
FEW = cohort(APR, 12, (12, 5, 3, 0), (1.0, 0.4, 0.25, 0.0), 12)
WHOLE = cohort(None, 777, (777, 485, 259, 37), (1.0, 0.69, 0.42, 0.075), 393)
COHORTS = Cohorts(a_question(), Period.MONTH, (180,), (DONE, PART, YOUNG, FEW), WHOLE, 0, "")
NOBODY = Conversion(0, 0, 0, 0, ())


def named(names: tuple[str, ...]) -> Cohorts:
    return replace(COHORTS, question=a_question(names))


def cells(figure: Any) -> dict[tuple[str, int | None], dict[str, Any]]:
    """Each cell by its cohort's first day and its target."""
    found = {}
    for trace in figure.data:
        for place, (start, target) in enumerate(trace.customdata or ()):
            pattern = trace.marker.pattern
            striped = bool(pattern.shape)
            found[start, target] = {
                "text": re.sub("<[^>]+>", "", trace.text[place].replace("<br>", " / ")),
                "fill": pattern.bgcolor[place] if striped else trace.marker.color[place],
                "stripes": pattern.fgcolor[place] if striped else None,
                "ink": trace.textfont.color[place],
                "hover": trace.hovertext[place].replace("<br>", " "),
                "y": trace.y[place],
            }
    return found


def a_curve(
    start: date | None, leads: int, points: tuple[tuple[int, float], ...], until: int, cut: bool = True
) -> Curve:
    drawn = tuple(
        CurvePoint(day, leads - place, rate, rate * 0.7, rate * 1.4, 0.1) for place, (day, rate) in enumerate(points)
    )
    return Curve(start, leads, until, cut, drawn)


OLD = a_curve(JAN, 84, ((30, 0.01), (120, 0.052), (300, 0.08)), 400)
MID = a_curve(FEB, 90, ((40, 0.02), (100, 0.05)), 250)
NEW = a_curve(MAR, 99, ((20, 0.01),), 60, cut=False)
CURVES = Curves(
    a_question(),
    Period.MONTH,
    None,
    (OLD, MID, NEW),
    a_curve(None, 273, ((25, 0.01), (90, 0.03), (180, 0.05), (365, 0.07)), 400),
    a_curve(None, 120, ((25, 0.01), (180, 0.04)), 200),
    180,
    "",
)


STEP_DONE, STEP_PART = conversion(248, 175, 0.6, 248), conversion(267, 90, 0.5, 133)
TREND = StepTrend(
    a_question(),
    Period.MONTH,
    180,
    ((JAN, (STEP_DONE, conversion(175, 70, 0.4, 175))), (FEB, (STEP_DONE, STEP_PART)), (MAR, (STEP_PART, NOBODY))),
    "",
)
