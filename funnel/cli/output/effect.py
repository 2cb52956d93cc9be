"""The effect of a change, as plain data for `--json`, and as text for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from funnel.cli.output.contrasts import by_account, said, stage_key
from funnel.cli.output.text import paragraphs, rows_text
from funnel.core import insights
from funnel.core.rows import data
from funnel.core.types import Contrast, Note, Rate
from funnel.measures.effect import Effect
from funnel.measures.effect_judged import OwnTrend, PreTrend
from funnel.measures.effect_words import evidence, limits, meant, verdict_note
from funnel.words import wording


def effect(result: Effect, warnings: Sequence[Note] = ()) -> dict[str, Any]:
    """Both sides, their difference with its interval, the months before, the step against their line, and the verdict with the reason for
    it (`why`); `others` are those whom the change did not concern, null where it concerned all. `difference` is [middle, low, high]."""
    apart = result.apart
    return {
        "on": result.day.isoformat(),
        "step": stage_key(result.question, result.position),
        "day": result.within_days,
        "gap": result.gap,
        "only": [insights.condition_said(each) for each in result.only],
        **_sides(result.contrast),
        "p": result.contrast.p,
        "design_effect": result.contrast.design_effect,
        "pre_trend": _pre_trend(result.pre_trend),
        "trend": _trend(result.trend),
        "others": None if apart is None else _sides(apart.outside),
        "difference_in_differences": None if apart is None else [apart.difference, apart.low, apart.high],
        "verdict": result.verdict.value,
        "why": result.judged.why,
        "months": data(result.rows()),
        "undated": result.undated,
        "sentences": said([verdict_note(result), *evidence(result)]),
        "warnings": said([*limits(result), *warnings]),
    }


def effect_text(result: Effect, warnings: Sequence[Note] = ()) -> str:
    """The verdict, what it rests on, and a line for each month."""
    verdict, what = verdict_note(result), meant(result)
    title = wording.say(
        "command.effect_line",
        what=wording.plain(wording.say(what.key, **what.values)),
        within=result.within_days,
        day=result.day,
        model=result.question.model.key,
    )
    rare = ("young", "left_out", "untimed")
    rows = rows_text("effect" if result.apart is None else "effect_apart", result.rows(), left=3, rare=rare)
    notes = [*by_account(result.contrast.rate, result.contrast.others), *said(limits(result)), *said(warnings)]
    return paragraphs([[wording.say(verdict.key, **verdict.values)], [title], said(evidence(result)), rows, notes])


def _sides(contrast: Contrast) -> dict[str, Any]:
    return {
        "before": _side(contrast.others),
        "after": _side(contrast.rate),
        "difference": [contrast.difference, contrast.low, contrast.high],
    }


def _side(rate: Rate) -> dict[str, Any]:
    return {
        "k": rate.numerator,
        "n": rate.denominator,
        "rate": rate.value,
        "low": rate.low,
        "high": rate.high,
        "accounts": rate.accounts,
    }


def _pre_trend(slope: PreTrend | None) -> dict[str, Any] | None:
    if slope is None:
        return None
    return {
        "odds_per_month": slope.odds_per_month,
        "low": slope.low,
        "high": slope.high,
        "p": slope.p,
        "months": slope.months,
    }


def _trend(trend: OwnTrend | None) -> dict[str, Any] | None:
    if trend is None:
        return None
    return {
        "odds_ratio": trend.odds_ratio,
        "low": trend.low,
        "high": trend.high,
        "p": trend.p,
        "extra": trend.extra,
        "extra_low": trend.extra_low,
        "extra_high": trend.extra_high,
        "detectable": trend.detectable,
        "dispersion": trend.phi,
    }
