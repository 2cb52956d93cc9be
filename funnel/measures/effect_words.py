"""What the effect of a change says, in sentences: the verdict first, then what it rests on."""

from __future__ import annotations

from funnel.core import insights
from funnel.core.rows import signed
from funnel.core.types import Contrast, Note, Verdict
from funnel.measures.effect import FEWEST_AFTER, FEWEST_BEFORE, FEWEST_FOR_A_SLOPE, Effect
from funnel.measures.effect_judged import Apart, OwnTrend, PreTrend

BY_DIRECTION = ("both", "level", "level_alone", "apart_level")


def meant(result: Effect) -> Note:
    """The step that is meant."""
    if result.position is None:
        return Note("measures.effect_start")
    stage, following = result.question.model.stages[result.position : result.position + 2]
    return Note("measures.effect_step", {"stage": stage.name, "next": following.name})


def verdict_note(result: Effect) -> Note:
    """The verdict in a sentence, with the counts of both sides."""
    why = result.judged.why
    if why in BY_DIRECTION:
        why = f"{why}_{'higher' if result.verdict is Verdict.HIGHER else 'lower'}"
    elif why == "trend_alone" and result.trend is not None:
        why = f"{why}_{'higher' if result.trend.odds_ratio > 1 else 'lower'}"
    elif why == "sloping" and result.pre_trend is not None:
        why = f"{why}_{'rising' if result.pre_trend.rising else 'falling'}"
    contrast, apart = result.contrast, result.apart
    values = {"after": insights.rate_said(contrast.rate), "before": insights.rate_said(contrast.others)}
    if apart is not None:
        values["others_after"] = insights.rate_said(apart.outside.rate)
        values["others_before"] = insights.rate_said(apart.outside.others)
    return Note(f"measures.effect_{why}", {"day": result.day, **values})


def evidence(result: Effect) -> tuple[Note, ...]:
    """What the verdict rests on, each in a sentence: before and after, the others, the months before, the trend of its own."""
    notes = [_sides(result.contrast, "plain", result)]
    if result.apart is not None:
        notes += [_sides(result.apart.outside, "others", result), *_apart(result.apart)]
    return (*notes, _before(result.pre_trend, apart=result.apart is not None), *_trend(result))


def limits(result: Effect) -> tuple[Note, ...]:
    """Leads that are not counted, and why."""
    within = result.within_days
    notes = [
        Note("measures.effect_young", {"leads": result.young, "within": within}),
        Note("measures.effect_left_out", {"leads": result.left_out, "within": within}),
        Note("measures.effect_untimed", {"leads": result.untimed}),
        Note("measures.effect_undated", {"leads": result.undated}),
    ]
    return tuple(note for note in notes if note.values["leads"])


def _sides(contrast: Contrast, of: str, result: Effect) -> Note:
    """One group before and after."""
    values = {
        "day": result.day,
        "after": insights.rate_said(contrast.rate),
        "before": insights.rate_said(contrast.others),
        "points": insights.points(contrast.difference),
        "low": insights.signed_points(contrast.low),
        "high": insights.signed_points(contrast.high),
        "chance": insights.chance(contrast.p),
        "least": insights.points(contrast.least_detectable),
    }
    told = contrast.verdict.name.lower()
    if contrast.verdict is Verdict.UNCLEAR and contrast.least_detectable is None:
        told = "never"
    return Note(f"measures.effect_{of}_{told}", values)


def _before(slope: PreTrend | None, *, apart: bool) -> Note:
    if slope is None:
        return Note("measures.effect_pre_none", {"least": FEWEST_FOR_A_SLOPE})
    way = "level" if slope.level else "sloping" if apart else "rising" if slope.rising else "falling"
    key = f"measures.effect_pre_apart_{way}" if apart else f"measures.effect_pre_{way}"
    ends = {"odds": slope.odds_per_month, "low": slope.low, "high": slope.high}
    return Note(key, {"months": slope.months, "chance": insights.chance(slope.p), **ends})


def _trend(result: Effect) -> list[Note]:
    trend = result.trend
    if trend is not None:
        return [_step(trend), Note("measures.effect_trend_power", {"detectable": trend.detectable})]
    before, after = result.count(after=False), result.count(after=True)
    if before >= FEWEST_BEFORE and after >= FEWEST_AFTER:
        return [Note("measures.effect_trend_none")]
    least = {"least_before": FEWEST_BEFORE, "least_after": FEWEST_AFTER}
    return [Note("measures.effect_trend_months", {"before": before, "after": after, **least})]


def _step(trend: OwnTrend) -> Note:
    ends = {"odds": trend.odds_ratio, "low": trend.low, "high": trend.high}
    extra = {name: signed(round(getattr(trend, name))) for name in ("extra", "extra_low", "extra_high")}
    return Note("measures.effect_trend", {"chance": insights.chance(trend.p), **ends, **extra})


def _apart(apart: Apart) -> list[Note]:
    if apart.difference is None:
        return []
    key = "effect_apart_alike" if not apart.difference else f"effect_apart{'' if apart.difference > 0 else '_down'}"
    values = {"low": insights.signed_points(apart.low), "high": insights.signed_points(apart.high)}
    return [Note(f"measures.{key}", {"points": insights.points(apart.difference), **values})]
