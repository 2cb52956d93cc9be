"""Cohorts as tables for people: headers in words, numbers as numbers; a rate that is not known yet is an empty cell."""

from __future__ import annotations

import pandas as pd

from funnel import charts
from funnel.core.types import FEWEST_FOR_A_RATE, ByDay, CohortAmounts, Cohorts, Conversion, Curves, StepTrend
from funnel.words import wording
from pages.sections.cohort_choice import Choice
from pages.ui import tables


def dropoff(found: Cohorts, choice: Choice) -> pd.DataFrame:
    """A row a cohort and stage, the win last: reached so far, percent by the day, its interval, old enough, the plain ratio."""
    stages = [*enumerate(stage.name for stage in found.question.model.stages)]
    targets = [*stages, (None, wording.say("pages.cohorts.win"))]
    rows = []
    for cohort in [*found.cohorts, found.whole]:
        for place, name in targets:
            conversion = cohort.to(place)
            told = conversion.on(choice.day)
            rows.append(
                {
                    "cohort": charts.cohort_name(cohort.start, found.period),
                    "leads": cohort.leads,
                    "stage": wording.plain(name),
                    "reached": conversion.converted,
                    **_rate(conversion, told),
                    "old_enough": told.old_enough,
                    "plain": tables.share(conversion.converted, conversion.leads),
                    "gone": conversion.gone,
                    "waiting": conversion.waiting,
                }
            )
    return tables.headed(pd.DataFrame(rows))


def by_start(found: Cohorts, choice: Choice) -> pd.DataFrame:
    """A row a cohort: converted so far, percent by the day with its interval, old enough, and of those the plain share."""
    rows = []
    for cohort in [*found.cohorts, found.whole]:
        conversion = cohort.to(choice.target)
        told = conversion.on(choice.day)
        bounds = conversion.bounds if conversion.leads >= FEWEST_FOR_A_RATE else None
        least, most = bounds or (None, None)
        rows.append(
            {
                "cohort": charts.cohort_name(cohort.start, found.period),
                "leads": cohort.leads,
                "reached": conversion.converted,
                **_rate(conversion, told),
                "old_enough": told.old_enough,
                "mature": tables.share(told.mature.numerator, told.mature.denominator),
                "at_least": tables.percent(least),
                "at_most": tables.percent(most),
            }
        )
    return tables.headed(pd.DataFrame(rows))


def ages(curves: Curves) -> pd.DataFrame:
    """A row a point: cohort, day, leads still watched, percent, its interval."""
    named = [(charts.cohort_name(curve.start, curves.period), curve) for curve in curves.curves]
    named += [
        (wording.say("pages.cohorts.everyone"), curves.whole),
        (wording.say("pages.cohorts.pace", days=curves.pace_days), curves.pace),
    ]
    rows = [
        {"cohort": name, "day": point.day, "at_risk": point.at_risk, **_percents(point.rate, point.low, point.high)}
        for name, curve in named
        for point in curve.points
    ]
    columns = ["cohort", "day", "at_risk", "by_day", "low", "high"]
    return tables.headed(pd.DataFrame(rows, columns=columns))


def steps(trend: StepTrend) -> pd.DataFrame:
    """A row a cohort and step: leads at the stage, those at the next so far, percent within the days, old enough."""
    stages = [wording.plain(stage.name) for stage in trend.question.model.stages]
    rows = []
    for start, conversions in trend.cohorts:
        for name, after, conversion in zip(stages, stages[1:], conversions, strict=False):
            told = conversion.on(trend.day) if conversion.by_day else None
            rows.append(
                {
                    "cohort": charts.cohort_name(start, trend.period),
                    "step": wording.say("pages.cohorts.step", stage=name, after=after),
                    "leads": conversion.leads,
                    "reached": conversion.converted,
                    **_rate(conversion, told),
                    "old_enough": told.old_enough if told else 0,
                }
            )
    return tables.headed(pd.DataFrame(rows))


def amounts(found: CohortAmounts) -> pd.DataFrame:
    """A row a cohort, currency and stage: leads with an amount, and the sum of those that reached the stage."""
    rows = [
        {
            "cohort": charts.cohort_name(start, found.period),
            "currency": wording.plain(currency),
            "leads": leads,
            "stage": wording.plain(stage.name),
            "amount": amount,
        }
        for start, currency, leads, sums in found.rows
        for stage, amount in zip(found.question.model.stages, sums, strict=True)
    ]
    return tables.headed(pd.DataFrame(rows))


def _rate(conversion: Conversion, told: ByDay | None) -> dict[str, float | None]:
    """The rate by a day and its interval; all None of too few leads."""
    if told is None or conversion.leads < FEWEST_FOR_A_RATE:
        return _percents(None, None, None)
    return _percents(told.rate, told.low, told.high)


def _percents(rate: float | None, low: float | None, high: float | None) -> dict[str, float | None]:
    return {"by_day": tables.percent(rate), "low": tables.percent(low), "high": tables.percent(high)}
