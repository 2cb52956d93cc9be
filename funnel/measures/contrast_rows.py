"""A segment, its column, and its share against another, as cells of a row."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.core import insights
from funnel.core.rows import Gain, Row, Word, chance, points, share
from funnel.core.types import Contrast, OneOf, Rate, Segment, Stage

ONLY_SHOWN = ("group", "step", "others_leads", "others_converted")
"""Fields that tables have beside those of `--json`."""


def contrast_row(contrast: Contrast) -> Row:
    """A rate against the others': None where the counts do not carry it, or the ages differ. `impact` is how many more converted than
    would have at the others' rate. `accounts` and `design_effect` tell what is by account; None: leads count each by itself."""
    rate = contrast.rate
    return {
        **rate_row(rate, few=rate.few),
        "others_leads": contrast.others.denominator,
        "others_converted": contrast.others.numerator,
        "difference": points(contrast.difference),
        "difference_low": points(contrast.low),
        "difference_high": points(contrast.high),
        "p": chance(contrast.p),
        "p_adjusted": chance(contrast.p_adjusted),
        "verdict": Word(contrast.verdict.value, f"telling.word_{contrast.verdict.name.lower()}"),
        "detectable": points(contrast.detectable),
        "detectable_fall": points(contrast.detectable_fall),
        "impact": Gain(contrast.impact) if contrast.is_compared and contrast.impact is not None else None,
        "accounts": rate.accounts,
        "design_effect": contrast.design_effect,
    }


def rate_row(rate: Rate, *, few: bool = False) -> Row:
    """How many leads, how many of them converted, their share and its 95 % interval; `few`: of so few no share is told."""
    low, value, high = (None if few else share(each) for each in (rate.low, rate.value, rate.high))
    return {"leads": rate.denominator, "converted": rate.numerator, "rate": value, "low": low, "high": high}


def segment_row(segment: Segment, *, by_hand: bool = False) -> Row:
    """What a segment is called, and its `value`: the one that makes it, None for empty; else, and of a group made `by_hand`, what it is
    called."""
    value = insights.segment_name(segment, columns=True) if by_hand else _value(segment)
    return {"group": insights.segment_name(segment), "value": value}


def _value(segment: Segment) -> str | None:
    if len(segment.where) == 1 and not segment.name:
        (condition,) = segment.where
        if isinstance(condition, OneOf) and len(condition.values) == 1:
            (value,) = condition.values
            return None if value is None else insights.value_written(value)
    return insights.segment_name(segment)


def step_row(stages: Sequence[Stage], position: int) -> Row:
    """The step from a stage to the next: their keys, and what people read."""
    origin, target = stages[position : position + 2]
    step = Word(f"{origin.key} → {target.key}", "pages.cohorts.step", stage=origin.name, after=target.name)
    return {"step": step, "from": origin.key, "to": target.key}


def column_cell(column: str) -> str:
    """A column of the leads: a header of the file, or one of ours."""
    key = insights.CORE_COLUMNS.get(column)
    return Word(column, key) if key else column
