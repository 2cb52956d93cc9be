"""Segments, periods and plans as tables for people: headers in words, numbers as numbers, so that they sort and export."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from funnel import Steps
from funnel.core import insights
from funnel.core.types import Contrast, Periods, Plan, Rate, Scan, SegmentCurves, Segments
from funnel.words import wording
from pages.ui import tables


def differences(found: Segments) -> pd.DataFrame:
    """A row a segment, the one that costs most leads first, those of too few last: rate, interval, difference, verdict."""
    ranked = sorted(found.segments, key=lambda each: (each.overall.difference is None, each.overall.impact or 0.0))
    return tables.headed(
        pd.DataFrame(
            [
                {"group": insights.segment_name(each.segment), "leads": each.leads, **contrast(each.overall)}
                for each in ranked
            ]
        )
    )


def so_far(found: Segments) -> pd.DataFrame:
    """A row a segment: its leads whatever their age, how many of them converted, and the percentage."""
    rows = [
        {
            "group": insights.segment_name(each.segment),
            "leads": each.overall.rate.denominator,
            "converted": each.overall.rate.numerator,
            "rate": None if each.overall.rate.few else tables.percent(each.overall.rate.value),
        }
        for each in found.segments
    ]
    return tables.headed(pd.DataFrame(rows))


def of_two(found: Segments) -> pd.DataFrame:
    """The first of two groups against the second: overall, then a row a step."""
    first, second = found.segments
    stages = [wording.plain(stage.name) for stage in found.question.model.stages]
    rows = [(wording.say("pages.segments.overall"), first.overall)]
    rows += [(wording.say("pages.cohorts.step", stage=stages[place], after=stages[place + 1]), step)
             for place, step in enumerate(first.steps)]  # fmt: skip
    groups = {"group": insights.segment_name(first.segment), "against": insights.segment_name(second.segment)}
    return tables.headed(pd.DataFrame([{"step": name, **groups, **contrast(each)} for name, each in rows]))


def steps(found: Segments) -> pd.DataFrame:
    """A row a segment and step."""
    stages = [wording.plain(stage.name) for stage in found.question.model.stages]
    rows = [
        {
            "group": insights.segment_name(each.segment),
            "step": wording.say("pages.cohorts.step", stage=stages[place], after=stages[place + 1]),
            **contrast(step),
        }
        for each in found.segments
        for place, step in enumerate(each.steps)
    ]
    return tables.headed(pd.DataFrame(rows))


def scan(found: Scan) -> pd.DataFrame:
    """A row a segment of any column, in the order of the scan."""
    rows = [
        {
            "column_name": insights.column_name(each.column),
            "group": insights.segment_name(each.segment),
            **contrast(each.contrast),
            "within": _points(each.within),
            "beside": beside(each.beside),
            "holds": wording.say(f"pages.column.{'yes' if each.holds else 'no'}"),
        }
        for each in found.findings
    ]
    return tables.headed(pd.DataFrame(rows))


def beside(column: str | None) -> str:
    """The column that a finding was held against, in words; "" is the quarter of the start."""
    if column is None:
        return wording.ABSENT
    return insights.column_name(column) if column else wording.say("pages.column.start_quarter")


def contrast(each: Contrast) -> dict[str, object]:
    """The cells of a contrast; percentages and points are empty where there are too few leads."""
    few = each.rate.few
    return {
        "compared": each.rate.denominator,
        "converted": each.rate.numerator,
        "rate": None if few else tables.percent(each.rate.value),
        "low": None if few else tables.percent(each.rate.low),
        "high": None if few else tables.percent(each.rate.high),
        "others_leads": each.others.denominator,
        "others_converted": each.others.numerator,
        "difference": _points(each.difference),
        "difference_low": _points(each.low),
        "difference_high": _points(each.high),
        "gained": None if each.impact is None or each.difference is None else round(each.impact, 1),
        "verdict": insights.verdict_word(each.verdict),
        "chance": None if each.p_adjusted is None else round(100 * each.p_adjusted, 2),
        "detectable": _points(each.detectable),
    }


def curves(found: SegmentCurves) -> pd.DataFrame:
    """A row a segment and day on which its curve rises."""
    rows = [
        {
            "group": insights.segment_name(segment),
            "day": point.day,
            "at_risk": point.at_risk,
            "by_day": tables.percent(point.rate),
            "low": tables.percent(point.low),
            "high": tables.percent(point.high),
        }
        for segment, curve in found.curves
        for point in curve.points
    ]
    return tables.headed(pd.DataFrame(rows))


def funnels(named: Sequence[tuple[str, Steps]]) -> pd.DataFrame:
    """A row a group and stage."""
    rows = [
        {
            "group": group,
            "stage": wording.plain(stage.name),
            "leads": stage.leads,
            "of_first": tables.percent(stage.from_entry.value),
            "median_days": stage.median_days_from_previous,
        }
        for group, steps in named
        for stage in steps.stages
    ]
    return tables.headed(pd.DataFrame(rows))


def parts(found: Periods) -> pd.DataFrame:
    """A row a kind of leads: how many, how they did, and their part in the change; then all together."""
    rows = [
        {
            "group": wording.say("pages.periods.all_other")
            if part.segment is None
            else insights.segment_name(part.segment),
            **_sides(part.before, part.after),
            "mix": _points(part.mix, 3),
            "rate_part": _points(part.rate_part, 3),
        }
        for part in found.parts
    ]
    rows.append(
        {
            "group": wording.say("pages.cohorts.everyone"),
            **_sides(found.before.rate, found.after.rate),
            "mix": _points(found.mix, 3),
            "rate_part": _points(found.rate_part, 3),
        }
    )
    return tables.headed(pd.DataFrame(rows))


def chain(found: Periods) -> pd.DataFrame:
    """A row a factor of the number that converted: before, after, and its part in the change."""
    stages = [*(wording.plain(stage.name) for stage in found.question.model.stages), wording.say("pages.cohorts.win")]
    rows = [
        {
            "step": wording.say("pages.column.leads") if factor.position is None else stages[factor.position],
            "before_leads": None if factor.position is not None else factor.before,
            "after_leads": None if factor.position is not None else factor.after,
            "before_rate": None if factor.position is None else tables.percent(factor.before),
            "after_rate": None if factor.position is None else tables.percent(factor.after),
            "effect": round(factor.effect, 2),
        }
        for factor in found.chain
    ]
    return tables.headed(pd.DataFrame(rows))


def plans(found: Sequence[Plan]) -> pd.DataFrame:
    """A row a hoped-for rate: leads in each group, and the days until the test can be read."""
    rows = [
        {
            "now": tables.percent(plan.now.value),
            "hoped": tables.percent(plan.hoped),
            "per_group": plan.per_group,
            "start_days": None if plan.start_days is None else round(plan.start_days),
            "total_days": None if plan.total_days is None else round(plan.total_days),
        }
        for plan in found
    ]
    return tables.headed(pd.DataFrame(rows))


def _sides(before: Rate, after: Rate) -> dict[str, object]:
    """The counts of two sides; their percentages where there are enough leads."""
    return {
        f"{side}_{name}": value
        for side, rate in (("before", before), ("after", after))
        for name, value in (
            ("leads", rate.denominator),
            ("converted", rate.numerator),
            ("rate", None if rate.few else tables.percent(rate.value)),
        )
    }


def _points(share: float | None, decimals: int = 2) -> float | None:
    return None if share is None else round(100 * share, decimals)
