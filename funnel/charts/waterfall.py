"""What changed between two periods, step by step: the rate by who came and how they did, the number of conversions by its factors."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts.cohort_words import many
from funnel.charts.segment_words import counted_rate, name_of, rate_of, reached, stage_of
from funnel.charts.table import Numbers, TableRow
from funnel.charts.waterfall_rows import Fall, signed, waterfall
from funnel.core import insights
from funnel.core.types import Factor, Part, Periods, PeriodSide, Unit
from funnel.words import wording

MOST_PARTS = 6
FINEST_RATE = 0.001
NO_BREAK = "\u00a0"


def periods_waterfall(found: Periods, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """From the rate before, through what each segment's share of the leads did and then what its own rate did, to the rate after.

    Of each kind the MOST_PARTS largest effects stand, the rest as one bar. Without a column that makes parts: the two rates alone.
    Bars carry [index of the part], or [None] for the rest.
    """
    rows = [_rate_row(found, "before")]
    before = found.before.rate.value
    if found.mix is not None and found.rate_part is not None and before is not None:
        rows += [_heading("mix", found.mix, ""), *_mix_rows(found, before)]
        rows.append(_heading("rate", found.rate_part, _interval(found)))
        rows += _rate_rows(found, before + found.mix)
    rows.append(_rate_row(found, "after"))
    return waterfall(
        rows,
        title=reached(found.question, found.target, found.day),
        tick=lambda at: wording.say("charts.periods_tick", n=round(at * 100, 2)),
        finest=FINEST_RATE,
        dark=dark,
        width_hint=width_hint,
        revision="periods_waterfall",
    )


def chain_waterfall(found: Periods, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """From the number of conversions before, through the leads and then each step's rate, to the number after.

    Bars carry [position of the stage], or [None] for the leads.
    """
    at = float(found.before.rate.numerator)
    rows = [_number_row(found, "before")]
    for factor in found.chain:
        rows.append(Fall(_factor_words(found, factor), at, at + factor.effect, key=factor.position))
        at += factor.effect
    rows.append(_number_row(found, "after"))
    return waterfall(
        rows,
        title=reached(found.question, found.target, found.day),
        tick=lambda at: wording.say("charts.count", n=at),
        finest=1,
        dark=dark,
        width_hint=width_hint,
        revision="chain_waterfall",
    )


def factor_name(found: Periods, factor: Factor) -> str:
    """ "leads that started", or the step "Qualified → Proposal"; "→ Proposal" of all leads."""
    if factor.position is None:
        unit = "accounts" if found.question.unit is Unit.ACCOUNT else "leads"
        return wording.say(f"charts.periods_{unit}")
    after = stage_of(found.question, factor.position)
    if factor.origin is None:
        return wording.say("charts.segments_next", stage=after)
    before = stage_of(found.question, factor.origin)
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


def _sides(found: Periods) -> dict[str, PeriodSide]:
    return {"before": found.before, "after": found.after}


def _rate_row(found: Periods, which: str) -> Fall:
    side = _sides(found)[which]
    said = counted_rate(side.rate)
    return Fall(_side_words(which, side, said), side.rate.value, side.rate.value, counted=True)


def _number_row(found: Periods, which: str) -> Fall:
    side = _sides(found)[which]
    whole = many(found.question, side.rate.denominator)
    said = wording.say("charts.periods_converted", part=side.rate.numerator, whole=whole)
    number = float(side.rate.numerator)
    return Fall(_side_words(which, side, said), number, number, counted=True)


def _side_words(which: str, side: PeriodSide, said: str) -> TableRow:
    name = wording.say(f"charts.periods_{which}", dates=dates_of(side))
    return TableRow(name, (Numbers(said),), told=(said,))


def _heading(key: str, total: float, quiet: str) -> Fall:
    words = wording.say(f"charts.periods_{key}")
    said = insights.signed_points(total)
    return Fall(TableRow(words, verdict=(said, *([quiet] if quiet else [])), heading=True))


def _interval(found: Periods) -> str:
    if found.rate_low is None or found.rate_high is None:
        return ""
    # The unit is said once.
    low = signed(found.rate_low * 100)
    high = insights.signed_points(found.rate_high)
    return wording.say("charts.periods_interval", low=low, high=high)


def _mix_rows(found: Periods, at: float) -> list[Fall]:
    """What each part's share of the leads did to the rate."""
    rows = []
    for parts, key in _largest(found.parts, [part.mix for part in found.parts]):
        effect = sum(part.mix for part in parts)
        name = _part_name(parts, key)
        shares = {
            "before": sum(part.before.denominator for part in parts) / max(1, found.before.rate.denominator),
            "after": sum(part.after.denominator for part in parts) / max(1, found.after.rate.denominator),
        }
        points = insights.signed_points(effect)
        told = wording.say("charts.periods_told_mix", name=name, points=points, **shares)
        said = wording.say("charts.periods_shares", **shares)
        words = TableRow(name, (Numbers(said),), (points,), (told,))
        rows.append(Fall(words, at, at + effect, key=key))
        at += effect
    return rows


def _rate_rows(found: Periods, at: float) -> list[Fall]:
    """What each part's own rate did to the rate."""
    rows = []
    for parts, key in _largest(found.parts, [part.rate_part for part in found.parts]):
        effect = sum(part.rate_part for part in parts)
        name = _part_name(parts, key)
        points = insights.signed_points(effect)
        counts: tuple[Numbers, ...] = ()
        if key is None:
            told = wording.say("charts.periods_told_rest", name=name, points=points)
        else:
            rates = {"before": rate_of(parts[0].before), "after": rate_of(parts[0].after)}
            counts = (Numbers(wording.say("charts.periods_change", **rates)),)
            said = {
                "before": insights.rate_said(parts[0].before),
                "after": insights.rate_said(parts[0].after),
            }
            told = wording.say("charts.periods_told_rate", name=name, points=points, **said)
        rows.append(Fall(TableRow(name, counts, (points,), (told,)), at, at + effect, key=key))
        at += effect
    return rows


def _largest(parts: Sequence[Part], effects: Sequence[float]) -> list[tuple[list[Part], int | None]]:
    """The parts of the largest effects, each alone with its place; then all others together, with None."""
    order = sorted(range(len(parts)), key=lambda place: (-abs(effects[place]), place))
    alone: list[tuple[list[Part], int | None]] = [([parts[place]], place) for place in order[:MOST_PARTS]]
    rest = [parts[place] for place in order[MOST_PARTS:]]
    return [*alone, (rest, None)] if rest else alone


def _part_name(parts: Sequence[Part], key: int | None) -> str:
    if key is None:
        return wording.say("charts.periods_rest", n=len(parts))
    segment = parts[0].segment
    return wording.say("charts.periods_no_segment") if segment is None else name_of(segment)


def _factor_words(found: Periods, factor: Factor) -> TableRow:
    name, change = factor_name(found, factor), factor_change(factor)
    effect = signed(factor.effect)
    told = wording.say("charts.periods_told_factor", change=change, effect=effect)
    return TableRow(name, (Numbers(change),), (effect,), (told,))
