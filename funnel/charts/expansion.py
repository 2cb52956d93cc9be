"""Who buys a second time, by the days since the first win: a curve of steps for each quarter of first wins, and one for all."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Margins, sheet
from funnel.charts.canvas.shades import newest, strand
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import colours
from funnel.charts.cohort_words import cohort_name
from funnel.charts.curve_lines import FLAT_PLOT, NARROW, PLOT, TEXT, USUAL_WIDTH, Line, axes, band
from funnel.charts.forest_rows import nothing
from funnel.core.types import FEWEST_FOR_A_RATE, Period, Unit
from funnel.measures.expansion import Expansion
from funnel.words import wording

LABEL, NARROW_LABEL = 120, 76
ALL, NEWEST, OLDEST = range(3)


def draw(found: Expansion, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """All customers strong, with the interval; behind them a pale curve for each quarter with enough customers for a rate. Points carry
    [first day of the quarter, or ""]."""
    theme = colours(dark)
    room = width_hint or USUAL_WIDTH
    narrow = room < NARROW
    label = NARROW_LABEL if narrow else LABEL
    of_accounts = replace(found.question, unit=Unit.ACCOUNT)
    whole = wording.say("charts.expansion_all")
    if not found.curve.leads:
        return nothing(wording.say("charts.nothing"), dark=dark, width_hint=width_hint, revision="expansion")
    quarters = [each for each in found.curves if each.leads >= FEWEST_FOR_A_RATE and each.points]
    lines = []
    for index, each in enumerate(quarters):
        name = cohort_name(each.start, Period.QUARTER)
        rank = NEWEST if index == len(quarters) - 1 else OLDEST if not index else OLDEST + 1
        colour = strand(index, len(quarters), dark=dark, faded=True)
        key = each.start.isoformat() if each.start else ""
        lines.append(Line(each, name, safe_lines(name, TEXT, label, 2), colour, theme.muted, 1.25, key, rank))
    strong = newest(dark)
    lines.append(
        Line(found.curve, whole, safe_lines(whole, TEXT, label, 3), strong, theme.text, 3, "", ALL, strong=True)
    )
    named = [line for line in lines if line.rank <= OLDEST]
    plot = FLAT_PLOT if narrow else PLOT
    title = {"text": wording.say("charts.expansion_axis")}
    scales, leaders, _ = axes(lines, named, plot, room - label, title=title)
    scales["x"]["ticktext"][0] = wording.say("charts.expansion_start")
    return sheet(
        [band(lines[-1]), *(line.trace(of_accounts) for line in lines), *leaders],
        dark=dark,
        plot=plot,
        **scales,
        margins=Margins(top=MENU, bottom=48),
        revision="expansion",
        hoverdistance=24,
    )


def describe(found: Expansion) -> str:
    """How many customers there are, how many bought again by the days asked for, and how many were followed so long. Plain text."""
    told = [each for each in found.whole.by_day if each.rate is not None]
    parts = [wording.say("charts.expansion_by", day=each.day, rate=each.rate, n=each.old_enough) for each in told]
    return wording.say("charts.expansion_told", n=found.whole.accounts, again=found.whole.again.numerator, parts=parts)
