"""How many leads a test needs: the smaller the difference hoped for, the more."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import CAMERA, Drawn, Margins, note, sheet
from funnel.charts.canvas.scales import round_ticks
from funnel.charts.canvas.text import safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours, pale
from funnel.charts.cohort_words import many
from funnel.charts.forest_rows import nothing, signed_tick
from funnel.charts.segment_words import counted_rate, reached
from funnel.charts.sentences import wrapped
from funnel.charts.table import BOLD, MOST_TICKS, TICK_ROOM
from funnel.core.types import Plan, Unit
from funnel.words import wording

PLOT, USUAL_WIDTH = 300, 760
SPACE, RIGHT = 8, 16
AROUND, ABOVE, BELOW = 0.05, 0.12, 0.3
FEW_DECADES = 2


def plan_curve(
    plans: Sequence[Plan],
    chosen: Plan,
    *,
    dark: bool = False,
    width_hint: int | None = None,
) -> go.Figure:
    """The leads that each group needs (log scale) by the difference hoped for, in percentage points; the chosen plan is marked.

    Plans that no number of leads is enough for are left out. Points carry [the share hoped for].
    """
    look = colours(dark)
    known = sorted((each for each in plans if each.per_group), key=lambda each: each.hoped)
    every = [*known, *([chosen] if chosen.per_group else [])]
    if chosen.now.value is None or not every:
        words = wording.say("charts.plan_nothing")
        return nothing(words, dark=dark, width_hint=width_hint, revision="plan_curve")
    room = width_hint or USUAL_WIDTH
    x = _across([_points(each) for each in every])
    counts = [each.per_group or 1 for each in every]
    low, high = log10(min(counts)) - BELOW, log10(max(counts)) + ABOVE
    marks = _marks(low, high)
    said = [wording.say("charts.count", n=mark) for mark in marks]
    left = round(max(width(each, SMALL_SIZE) for each in said) + 2 * SPACE)
    pixels = room - left - RIGHT
    ticks = round_ticks(*x, max(2, min(MOST_TICKS, int(pixels / TICK_ROOM))), 0.01)
    heads = _heads(chosen, room)
    rise = max(CAMERA, round(len(heads[0]) * SMALL_SIZE * LINE) + 2 * SPACE)
    foot = 34 + round(len(heads[1]) * SMALL_SIZE * LINE)
    notes = [*_axes(marks, said, ticks, x, pixels, look), *_titles(heads, left, look)]
    if chosen.per_group:
        notes.append(_label(chosen, x, pixels, look))
    line = {"type": "line", "layer": "below", "line": {"color": look.border, "width": 1}}
    shapes = [{**line, "xref": "paper", "x0": 0, "x1": 1, "y0": mark, "y1": mark} for mark in marks]
    shapes += [{**line, "x0": tick, "x1": tick, "yref": "paper", "y0": 0, "y1": 1} for tick in ticks]
    return sheet(
        [_curve(known, look), *([_mark(chosen, look)] if chosen.per_group else [])],
        dark=dark,
        plot=PLOT,
        x=x,
        y=(low, high),
        shapes=shapes,
        notes=notes,
        margins=Margins(left, RIGHT, rise, foot),
        revision="plan_curve",
        yaxis={"type": "log", "range": [low, high]},
        hoverdistance=-1,
    )


def needs(plan: Plan) -> list[str]:
    """ "412 leads each", "about 5 months"; without the time where nobody came lately."""
    needed = many(plan.question, plan.per_group or 0)
    said = [wording.say("charts.plan_each", needed=needed)]
    if plan.total_days is not None:
        said.append(wording.say("charts.plan_about", days=plan.total_days))
    return said


def _points(plan: Plan) -> float:
    """The difference hoped for, in percentage points."""
    return round(100 * (plan.hoped - (plan.now.value or 0.0)), 6)


def _across(points: Sequence[float]) -> tuple[float, float]:
    """The scale: from no difference, which needs endlessly many, to the largest."""
    low, high = min(0.0, *points), max(0.0, *points)
    aside = (high - low or 1.0) * AROUND
    return low - (aside if low < 0 else 0), high + (aside if high > 0 else 0)


def _marks(low: float, high: float) -> list[int]:
    """Round numbers on a log scale: powers of ten; where that would be one or two, also those times 2 and 5."""
    powers = [10**power for power in range(max(0, ceil(low)), floor(high) + 1)]
    if len(powers) > FEW_DECADES:
        return powers
    finer = [times * 10**power for power in range(max(0, floor(low)), ceil(high) + 1) for times in (1, 2, 5)]
    return [each for each in finer if low <= log10(each) <= high]


def _curve(known: Sequence[Plan], look: Colours) -> Drawn:
    """The plans in order; the line breaks between a fall and a rise, since no difference needs endlessly many leads."""
    falls, rises = ([each for each in known if (_points(each) > 0) is up] for up in (False, True))
    gap: list[Plan | None] = [None] if falls and rises else []
    each = [*falls, *gap, *rises]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "meta": "plans",
        "x": [plan and _points(plan) for plan in each],
        "y": [plan and plan.per_group for plan in each],
        "line": {"color": look.progress, "width": 2},
        "marker": {"symbol": "circle", "size": 7, "color": look.progress},
        "customdata": [[plan and plan.hoped] for plan in each],
        "hovertext": [_told(plan) if plan else "" for plan in each],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "connectgaps": False,
    }


def _mark(chosen: Plan, look: Colours) -> Drawn:
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": "chosen",
        "x": [_points(chosen)],
        "y": [chosen.per_group],
        "marker": {"symbol": "circle", "size": 14, "color": look.text, "line": {"color": look.background, "width": 2}},
        "customdata": [[chosen.hoped]],
        "hovertext": [_told(chosen)],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _told(plan: Plan) -> str:
    rates = {"now": plan.now.value, "hoped": plan.hoped}
    said = [wording.say("charts.plan_rates", **rates), " · ".join(needs(plan))]
    return "<br>".join(wrapped(said))


def _label(chosen: Plan, x: tuple[float, float], pixels: float, look: Colours) -> Drawn:
    """What the chosen plan needs, where the curve is not: it falls away from 0, so beyond the point above it, or before it below."""
    said = needs(chosen)
    if width(" · ".join(said), TEXT_SIZE) * BOLD < pixels / 2:
        said = [" · ".join(said)]
    taken = max(width(each, TEXT_SIZE) for each in said) * BOLD + SPACE
    points = _points(chosen)
    place = (points - x[0]) / (x[1] - x[0]) * pixels
    beyond = place + taken <= pixels + RIGHT if points > 0 else place >= taken
    # A note on a log scale stands at the logarithm.
    at: Drawn = {"x": points, "xref": "x", "y": log10(chosen.per_group or 1)}
    rightwards = beyond is (points > 0)
    side = {"xanchor": "left", "xshift": SPACE} if rightwards else {"xanchor": "right", "xshift": -SPACE}
    height = {"yanchor": "bottom", "yshift": 6} if beyond else {"yanchor": "top", "yshift": -6}
    text = "<br>".join(f"<b>{safe_lines(each, TEXT_SIZE, pixels, 1)[0]}</b>" for each in said)
    font = {"size": TEXT_SIZE, "color": look.text}
    align = {"align": side["xanchor"]}
    return note(text, font=font, bgcolor=pale(look.background, 0.75), **at, **side, **height, **align)


def _heads(chosen: Plan, room: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stands over the plot, and under it."""
    now = counted_rate(chosen.now)
    target = reached(chosen.question, chosen.target, chosen.day)
    key = "accounts" if chosen.question.unit is Unit.ACCOUNT else "leads"
    over = wording.say(f"charts.plan_{key}", power=chosen.power)
    under = wording.say("charts.plan_points", now=now, target=target)
    return safe_lines(over, SMALL_SIZE, room - CAMERA, 2), safe_lines(under, SMALL_SIZE, room, 3)


def _titles(heads: tuple[Sequence[str], Sequence[str]], left: int, look: Colours) -> list[Drawn]:
    font = {"size": SMALL_SIZE, "color": look.muted}
    place = {"x": 0, "xanchor": "left", "xshift": -left, "align": "left", "yref": "paper", "font": font}
    return [
        note("<br>".join(heads[0]), y=1, yanchor="bottom", yshift=SPACE, **place),
        note("<br>".join(heads[1]), y=0, yanchor="top", yshift=-24, **place),
    ]


def _axes(
    marks: Sequence[int],
    said: Sequence[str],
    ticks: Sequence[float],
    x: tuple[float, float],
    pixels: float,
    look: Colours,
) -> list[Drawn]:
    font = {"size": SMALL_SIZE, "color": look.muted}
    left = [
        note(word, x=0, xanchor="right", xshift=-SPACE, y=log10(mark), font=font)
        for mark, word in zip(marks, said, strict=True)
    ]
    return [
        *left,
        *(note(signed_tick(tick), x=tick, xref="x", yref="paper", y=0, yshift=-12, font=font) for tick in ticks),
    ]
