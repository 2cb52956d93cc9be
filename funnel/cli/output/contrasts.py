"""A rate against another as plain data, and as cells of a table; and what converting means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from funnel.core import insights
from funnel.core.types import Contrast, Note, OneOf, Question, Rate, Segment
from funnel.words import wording


def compared(contrast: Contrast) -> dict[str, Any]:
    """A rate against the others': null where the counts do not carry it, or the ages differ. `accounts` and `design_effect` tell what is
    by account; null: leads count each by itself."""
    rate = contrast.rate
    return {
        "leads": rate.denominator,
        "converted": rate.numerator,
        **({"rate": None, "low": None, "high": None} if rate.few else interval(rate)),
        "difference": contrast.difference,
        "difference_low": contrast.low,
        "difference_high": contrast.high,
        "p": contrast.p,
        "p_adjusted": contrast.p_adjusted,
        "verdict": contrast.verdict.value,
        "detectable": contrast.detectable,
        "detectable_fall": contrast.detectable_fall,
        "impact": contrast.impact if contrast.is_compared else None,
        "accounts": rate.accounts,
        "design_effect": contrast.design_effect,
    }


def interval(rate: Rate) -> dict[str, float | None]:
    """A rate and its 95 % interval; null of nobody."""
    return {"rate": rate.value, "low": rate.low, "high": rate.high}


def value_of(segment: Segment) -> str | None:
    """The value that makes a group, null for empty; else what the group is called."""
    if len(segment.where) == 1 and not segment.name:
        (condition,) = segment.where
        if isinstance(condition, OneOf) and len(condition.values) == 1:
            (value,) = condition.values
            return None if value is None else insights.value_written(value)
    return insights.segment_name(segment)


def stage_key(question: Question, target: int | None) -> str | None:
    """The key of the stage that conversion leads to; null: the win."""
    return None if target is None else question.model.stages[target].key


def reached_said(question: Question, target: int | None, day: int | None) -> str:
    """What converting means: "won by day 90", "came to Proposal so far"."""
    key = ("won" if target is None else "reached") + ("_so_far" if day is None else "_by")
    stage = None if target is None else question.model.stages[target].name
    return wording.say(f"command.{key}", stage=stage, day=day)


def said(notes: Iterable[Note]) -> list[str]:
    """Notes as sentences."""
    return [wording.say(note.key, **note.values) for note in notes]


def by_account(*rates: Rate) -> list[str]:
    """That the intervals and tests of some rates are by account, once, where any is; of the first that is so."""
    found = [insights.by_account(rate) for rate in rates if rate.accounts is not None]
    return [wording.say("command.by_account", by_account=found[0])] if found else []


def share(rate: Rate) -> str:
    """The percentage; of fewer than 20 leads the counts alone, a dash of none."""
    if not rate.denominator:
        return wording.ABSENT
    return insights.rate_said(rate) if rate.few else wording.percent(rate.value)


def likely(rate: Rate) -> str:
    """The range in which the rate lies most likely; a dash of fewer than 20 leads."""
    if rate.few:
        return wording.ABSENT
    return wording.say("command.compared_from_to", low=rate.low, high=rate.high)


def contrast_cells(contrast: Contrast) -> list[str]:
    """The cells of a contrast: leads, converted, share, likely range, difference, verdict."""
    rate = contrast.rate
    return [
        wording.number(rate.denominator),
        wording.number(rate.numerator),
        wording.ABSENT if rate.few else wording.percent(rate.value),
        likely(rate),
        insights.signed_points(contrast.difference) if contrast.difference is not None else wording.ABSENT,
        insights.verdict_word(contrast.verdict),
    ]


def compared_heads(*names: str) -> list[str]:
    """Heads of such columns."""
    return [wording.say(f"command.compared_{name}") for name in names]
