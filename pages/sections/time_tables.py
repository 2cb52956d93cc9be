"""Times as tables for people: headers in words, days as numbers, no share of too few."""

from __future__ import annotations

from math import floor

import pandas as pd

from funnel.core.types import FEWEST_STAYS, Aging, Histogram, StageTime, StepTime, Times, TimesBy, Velocity
from funnel.words import wording
from pages.ui import tables


def stages(found: Times) -> pd.DataFrame:
    """A row a stage: stays, those that ended, those still there, quartiles in days, the median of those that left only."""
    return _headed([{"stage": wording.plain(stage.name), **_stay(stage)} for stage in found.stages])


def groups(found: TimesBy) -> pd.DataFrame:
    """A row a value and stage, with the columns of `stages`."""
    return _headed(
        [
            {
                "value": wording.say("pages.filter.empty") if value is None else wording.plain(value),
                "stage": wording.plain(stage.name),
                **_stay(stage),
            }
            for value, times in found.groups
            for stage in times.stages
        ]
    )


def steps(found: Times) -> pd.DataFrame:
    """A row a step: who came, advanced, was lost, is on the way; percent advanced by each day; quartiles in days."""
    rows = [_step(step) for step in found.steps]
    # What no step has is no column: ways round the next stage, and steps that are not followed to the end.
    rare = [name for name in ("otherwise", "at_least", "at_least_day") if not any(row[name] for row in rows)]
    return _headed([{name: value for name, value in row.items() if name not in rare} for row in rows])


def histogram(found: Histogram) -> pd.DataFrame:
    """A row a bin: from and to days, stays that ended, those still there."""
    return _headed(
        [
            {"from_days": each.low, "to_days": each.high, "ended": each.left, "still_there": each.still}
            for each in found.bins
        ]
    )


def aging(found: Aging) -> pd.DataFrame:
    """A row a stage: open leads, their median days so far, and those past the limits of their stage."""
    return _headed(
        [
            {
                "stage": wording.plain(stage.name),
                "open": stage.open,
                "open_days": _rounded(stage.median_days),
                "moved_on": stage.moved_on,
                "limit_days": _rounded(stage.limit),
                "stalled": stage.stalled,
                "long_limit_days": _rounded(stage.long_limit),
                "long_stalled": stage.long_stalled,
            }
            for stage in found.stages
        ]
    )


def ages(found: Aging) -> pd.DataFrame:
    """Of a file without a history: a row a stage with open leads and their median days so far."""
    return aging(found).iloc[:, :3]


def stalled(frame: pd.DataFrame, owner: str | None = None) -> pd.DataFrame:
    """A page of stalled leads: lead, account, owner, amount, stage, days, how unusual; then the file's other columns.

    `owner` is the column of the file that holds it. Columns without any value are left out.
    """
    kept = frame.drop(columns=[name for name in frame.columns if frame[name].isna().all()])
    wanted = ("lead_id", "account_id", owner, "amount", "currency", "stage", "days", "share", "entered_at")
    first = [name for name in wanted if name is not None and name in kept.columns]
    ordered = kept[[*first, *(name for name in kept.columns if name not in first)]].copy()
    ordered["days"] = ordered["days"].round(1)
    # Only longer than all is 100.
    ordered["share"] = ordered["share"].map(lambda share: floor(1000 * share) / 10)
    names = {name: wording.say(f"pages.times.column.{name.removesuffix('_id')}") for name in first if name != owner}
    return ordered.rename(columns=names)


def velocity(found: Velocity) -> pd.DataFrame:
    """A row a currency: the parts of the velocity, a day and a month."""
    return _headed(
        [
            {
                "currency": wording.plain(pace.currency),
                "open": pace.open,
                "decided": pace.win_rate.denominator,
                "won": pace.win_rate.numerator,
                "win_rate": tables.percent(pace.win_rate.value) if not pace.win_rate.few else None,
                "mean_amount": _rounded(pace.value),
                "cycle_days": _rounded(pace.cycle_days),
                "per_day": _rounded(pace.per_day),
                "per_month": _rounded(pace.per_month),
            }
            for pace in found.paces
        ]
    )


def _stay(stage: StageTime) -> dict[str, object]:
    return {
        "stays": stage.stays,
        "ended": stage.left,
        "still_there": stage.still,
        "quarter_days": _rounded(stage.times.quarter.days),
        "median_days": _rounded(stage.times.median.days),
        "three_quarters_days": _rounded(stage.times.three_quarters.days),
        "median_low": _rounded(stage.times.median.low),
        "median_high": _rounded(stage.times.median.high),
        "left_only_days": _rounded(stage.left_median),
    }


def _step(step: StepTime) -> dict[str, object]:
    enough = step.entered >= FEWEST_STAYS
    return {
        "step": wording.say("charts.times_step", before=wording.plain(step.name), after=wording.plain(step.next_name)),
        "came": step.entered,
        "advanced": step.advanced,
        "lost": step.lost,
        "otherwise": step.otherwise,
        "waiting": step.waiting,
        **{f"by_{each.day}": tables.percent(each.rate) if enough else None for each in step.by_day},
        "eventual": tables.percent(step.eventual) if enough else None,
        "at_least": tables.percent(step.rate_until) if enough and step.eventual is None else None,
        "at_least_day": floor(step.until) if enough and step.eventual is None and step.until is not None else None,
        "step_median_days": _rounded(step.times.median.days),
        "moved_only_days": _rounded(step.advanced_median),
        "timed": step.timed,
    }


def _headed(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    return frame.rename(columns={name: wording.say(f"pages.times.column.{name}") for name in frame.columns})


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1 if abs(value) >= 1 else 3)
