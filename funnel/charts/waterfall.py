"""What changed between two periods, step by step: the rate by who came and how they did, the number of conversions by its factors."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts.cohort_words import many
from funnel.charts.rows import Row
from funnel.charts.segment_words import counted_rate, name_of, rate_of, reached, stage_of
from funnel.charts.waterfall_rows import Fall, signed, waterfall
from funnel.core import insights
from funnel.core.types import Unit
from funnel.measures.periods import Factor, Part, Periods, PeriodSide
from funnel.words import wording

MOST_PARTS = 6
FINEST_RATE = 0.001
NO_BREAK = "\u00a0"


def periods_waterfall(periods: Periods, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """From the rate before, through what each segment's share of the leads did and then what its own rate did, to the rate after.

    Of each kind the MOST_PARTS largest effects stand, the rest as one bar. Without a column that makes parts: the two rates alone.
    Bars carry [index of the part], or [None] for the rest.
    """
    rows = [_rate_row(periods, "before")]
    if periods.mix is not None and periods.rate_part is not None and periods.before.rate.value is not None:
        rows += [_heading("mix", periods.mix, ""), *_mix_rows(periods)]
        rows += [_heading("rate", periods.rate_part, _interval(periods)), *_rate_rows(periods)]
    rows.append(_rate_row(periods, "after"))
    return waterfall(
        rows,
        title=reached(periods.question, periods.target, periods.day),
        tick=lambda at: wording.say("charts.periods_tick", n=round(at * 100, 2)),
        finest=FINEST_RATE,
        dark=dark,
        width_hint=width_hint,
        revision="periods_waterfall",
    )


def chain_waterfall(periods: Periods, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """From the number of conversions before, through the leads and then each step's rate, to the number after.

    Bars carry [position of the stage], or [None] for the leads.
    """
    steps = [Fall(_factor_words(periods, each), effect=each.effect, key=each.position) for each in periods.chain]
    return waterfall(
        [_number_row(periods, "before"), *steps, _number_row(periods, "after")],
        title=reached(periods.question, periods.target, periods.day),
        tick=lambda at: wording.say("charts.count", n=at),
        finest=1,
        dark=dark,
        width_hint=width_hint,
        revision="chain_waterfall",
    )


def factor_name(periods: Periods, factor: Factor) -> str:
    """ "leads that started", or the step "Qualified → Proposal"; "→ Proposal" of all leads."""
    if factor.position is None:
        unit = "accounts" if periods.question.unit is Unit.ACCOUNT else "leads"
        return wording.say(f"charts.periods_{unit}")
    after = stage_of(periods.question, factor.position)
    if factor.origin is None:
        return wording.say("charts.segments_next", stage=after)
    before = stage_of(periods.question, factor.origin)
    return wording.say("charts.step_from_to", before=before, after=after)


def factor_change(factor: Factor) -> str:
    """ "1,000 → 1,200", or "40% → 36%"."""
    sides = factor.before, factor.after
    if factor.position is None:
        before, after = (wording.say("charts.count", n=each) for each in sides)
    else:
        before, after = (wording.say("charts.share", rate=each) for each in sides)
    return wording.say("charts.periods_change", before=before, after=after)


def dates_of(side: PeriodSide) -> str:
    """ "1 Jan 2024 – 31 Mar 2024", which no line breaks inside a date."""
    first, last = (wording.day(each).replace(" ", NO_BREAK) for each in (side.first, side.last))
    return wording.say("charts.periods_dates", first=first, last=last)


def _sides(periods: Periods) -> dict[str, PeriodSide]:
    return {"before": periods.before, "after": periods.after}


def _rate_row(periods: Periods, which: str) -> Fall:
    side = _sides(periods)[which]
    text = counted_rate(side.rate)
    return Fall(_side_words(which, side, text), counted=side.rate.value)


def _number_row(periods: Periods, which: str) -> Fall:
    side = _sides(periods)[which]
    whole = many(periods.question, side.rate.denominator)
    text = wording.say("charts.periods_converted", part=side.rate.numerator, whole=whole)
    return Fall(_side_words(which, side, text), counted=float(side.rate.numerator))


def _side_words(which: str, side: PeriodSide, text: str) -> Row:
    name = wording.say(f"charts.periods_{which}", dates=dates_of(side))
    return Row(name, ((text,), ()), told=(text,))


def _heading(key: str, total: float, quiet: str) -> Fall:
    words = wording.say(f"charts.periods_{key}")
    points = insights.signed_points(total)
    return Fall(Row(words, ((), (points, *([quiet] if quiet else []))), heading=True))


def _interval(periods: Periods) -> str:
    if periods.rate_low is None or periods.rate_high is None:
        return ""
    # The unit is said once.
    low = signed(periods.rate_low * 100)
    high = insights.signed_points(periods.rate_high)
    return wording.say("charts.periods_interval", low=low, high=high)


def _mix_rows(periods: Periods) -> list[Fall]:
    """What each part's share of the leads did to the rate."""
    rows = []
    for parts, key in _largest(periods.parts, [part.mix for part in periods.parts]):
        effect = sum(part.mix for part in parts)
        name = _part_name(parts, key)
        shares = {
            "before": sum(part.before.denominator for part in parts) / max(1, periods.before.rate.denominator),
            "after": sum(part.after.denominator for part in parts) / max(1, periods.after.rate.denominator),
        }
        points = insights.signed_points(effect)
        sentence = wording.say("charts.periods_told_mix", name=name, points=points, **shares)
        change = wording.say("charts.periods_shares", **shares)
        rows.append(Fall(Row(name, ((change,), (points,)), (sentence,)), effect=effect, key=key))
    return rows


def _rate_rows(periods: Periods) -> list[Fall]:
    """What each part's own rate did to the rate."""
    rows = []
    for parts, key in _largest(periods.parts, [part.rate_part for part in periods.parts]):
        effect = sum(part.rate_part for part in parts)
        name = _part_name(parts, key)
        points = insights.signed_points(effect)
        counts: tuple[str, ...] = ()
        if key is None:
            sentence = wording.say("charts.periods_told_rest", name=name, points=points)
        else:
            rates = {"before": rate_of(parts[0].before), "after": rate_of(parts[0].after)}
            counts = (wording.say("charts.periods_change", **rates),)
            full_rates = {
                "before": insights.rate_said(parts[0].before),
                "after": insights.rate_said(parts[0].after),
            }
            sentence = wording.say("charts.periods_told_rate", name=name, points=points, **full_rates)
        rows.append(Fall(Row(name, (counts, (points,)), (sentence,)), effect=effect, key=key))
    return rows


def _largest(parts: Sequence[Part], effects: Sequence[float]) -> list[tuple[list[Part], int | None]]:
    """The parts of the largest effects, each alone with its index; then all others together, with None."""
    order = sorted(range(len(parts)), key=lambda index: (-abs(effects[index]), index))
    alone: list[tuple[list[Part], int | None]] = [([parts[index]], index) for index in order[:MOST_PARTS]]
    rest = [parts[index] for index in order[MOST_PARTS:]]
    return [*alone, (rest, None)] if rest else alone


def _part_name(parts: Sequence[Part], key: int | None) -> str:
    if key is None:
        return wording.say("charts.periods_rest", n=len(parts))
    segment = parts[0].segment
    return wording.say("charts.periods_no_segment") if segment is None else name_of(segment)


def _factor_words(periods: Periods, factor: Factor) -> Row:
    name, change = factor_name(periods, factor), factor_change(factor)
    effect = signed(factor.effect)
    sentence = wording.say("charts.periods_told_factor", change=change, effect=effect)
    return Row(name, ((change,), (effect,)), (sentence,))
