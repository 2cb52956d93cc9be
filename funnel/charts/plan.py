"""How many leads a test needs: the smaller the difference hoped for, the more."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, note, scale, sheet
from funnel.charts.canvas.scales import round_ticks
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, Colours, colours
from funnel.charts.cohort_words import many
from funnel.charts.forest_rows import nothing, signed_tick
from funnel.charts.rows import MOST_TICKS
from funnel.charts.segment_words import counted_rate, reached
from funnel.charts.sentences import wrapped
from funnel.core.types import Unit
from funnel.measures.plans import Plan
from funnel.words import wording

PLOT, USUAL_WIDTH, LABEL = 300, 760, 135
AROUND, ABOVE, BELOW, WORDS = 0.05, 0.12, 0.3, 0.22
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
    theme = colours(dark)
    feasible = sorted((each for each in plans if each.per_group), key=lambda each: each.hoped)
    every = [*feasible, *([chosen] if chosen.per_group else [])]
    if chosen.now.value is None or not every:
        text = wording.say("charts.plan_nothing")
        return nothing(text, dark=dark, width_hint=width_hint, revision="plan_curve")
    room = (width_hint or USUAL_WIDTH) - 2 * MENU
    x = _across([_points(each) for each in every])
    logs = [log10(each.per_group or 1) for each in every]
    # What the chosen plan needs is written above or below it.
    at, words = log10(chosen.per_group) if chosen.per_group else max(logs), WORDS * (max(logs) - min(logs))
    y = min(min(logs) - BELOW, at - words), max(max(logs) + ABOVE, at + words)
    ticks, marks = round_ticks(*x, MOST_TICKS, 0.01), _marks(*y)
    over, under = (safe_lines(text, SMALL_SIZE, room, 3) for text in _titles(chosen))
    font = {"size": SMALL_SIZE, "color": theme.muted}
    anchor = {"x": 0, "xanchor": "left", "align": "left", "yref": "paper", "y": 1, "yanchor": "bottom"}
    return sheet(
        [_curve(feasible, theme), *([_mark(chosen, x, room, theme)] if chosen.per_group else [])],
        dark=dark,
        plot=PLOT,
        x=scale(x, ticks, [signed_tick(each) for each in ticks], showgrid=True, title={"text": "<br>".join(under)}),
        y=scale(y, marks, [wording.say("charts.count", n=mark) for mark in marks], showgrid=True, type="log"),
        notes=[note("<br>".join(over), font=font, **anchor)],
        margins=Margins(
            top=max(MENU, round((len(over) + 1) * SMALL_SIZE * LINE)),
            bottom=round((len(under) + 2.5) * SMALL_SIZE * LINE),
        ),
        revision="plan_curve",
        hoverdistance=-1,
    )


def needs(plan: Plan) -> list[str]:
    """ "412 leads each", "about 5 months"; without the time where nobody came lately."""
    needed = many(plan.question, plan.per_group or 0)
    texts = [wording.say("charts.plan_each", needed=needed)]
    if plan.total_days is not None:
        texts.append(wording.say("charts.plan_about", days=plan.total_days))
    return texts


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


def _curve(feasible: Sequence[Plan], theme: Colours) -> Drawn:
    """The plans in order; the line breaks between a fall and a rise, since no difference needs endlessly many leads."""
    falls, rises = ([each for each in feasible if (_points(each) > 0) is up] for up in (False, True))
    gap: list[Plan | None] = [None] if falls and rises else []
    each = [*falls, *gap, *rises]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "meta": "plans",
        "x": [plan and _points(plan) for plan in each],
        "y": [plan and plan.per_group for plan in each],
        "line": {"color": theme.progress, "width": 2},
        "marker": {"symbol": "circle", "size": 7, "color": theme.progress},
        "customdata": [[plan and plan.hoped] for plan in each],
        "hovertext": [_hover(plan) if plan else "" for plan in each],
        "connectgaps": False,
    }


def _mark(chosen: Plan, x: tuple[float, float], pixels: float, theme: Colours) -> Drawn:
    """The chosen plan and what it needs, said where the curve is not: it falls away from 0, so beyond the point above it, or, where
    the picture ends there, before it and below."""
    points = _points(chosen)
    left = (x[1] - points if points > 0 else points - x[0]) / (x[1] - x[0]) * pixels
    beyond = left > LABEL
    side = "right" if beyond is (points > 0) else "left"
    edge = {"color": theme.background, "width": 2}
    return {
        "type": "scatter",
        "mode": "markers+text",
        "meta": "chosen",
        "x": [points],
        "y": [chosen.per_group],
        "text": ["<br>".join(f"<b>{each}</b>" for each in needs(chosen))],
        "textposition": f"{'top' if beyond else 'bottom'} {side}",
        "cliponaxis": False,
        "marker": {"symbol": "circle", "size": 14, "color": theme.text, "line": edge},
        "customdata": [[chosen.hoped]],
        "hovertext": [_hover(chosen)],
    }


def _hover(plan: Plan) -> str:
    rates = {"now": plan.now.value, "hoped": plan.hoped}
    lines = [wording.say("charts.plan_rates", **rates), wording.dotted(needs(plan))]
    return "<br>".join(wrapped(lines))


def _titles(chosen: Plan) -> tuple[str, str]:
    """What stands over the plot, and under it."""
    now = counted_rate(chosen.now)
    target = reached(chosen.question, chosen.target, chosen.day)
    key = "accounts" if chosen.question.unit is Unit.ACCOUNT else "leads"
    over = wording.say(f"charts.plan_{key}", power=chosen.power)
    return over, wording.say("charts.plan_points", now=now, target=target)
