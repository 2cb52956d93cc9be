"""Conversion by age: one curve of steps for each cohort, named beside its end."""

from __future__ import annotations

from datetime import date

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Margins, sheet
from funnel.charts.canvas.shades import newest, strand
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import colours
from funnel.charts.cohort_words import cohort_name
from funnel.charts.curve_lines import FLAT_PLOT, NARROW, PLOT, TEXT, USUAL_WIDTH, Line, axes, band, upright
from funnel.charts.forest_rows import nothing
from funnel.measures.curves import Curves
from funnel.words import wording

MOST_LABELS, LABEL = (14, 8), (150, 76)
MANY = 16
"""More curves than this are thinner."""
MOST_CURVES = 60
"""More would be a cloud: the newest are drawn, and the one that is strong."""
MAIN = STRONG, ALL, PACE, NEWEST, OLDEST = range(5)
"""Which names come first; where one curve is strong, no others are written."""


def ages(
    curves: Curves,
    *,
    highlight: date | None = None,
    day: int | None = None,
    pace: bool = True,
    dark: bool = False,
    width_hint: int | None = None,
) -> go.Figure:
    """A curve for each cohort from the start on, pale for the oldest and strong for the newest; all leads; the current pace.

    `highlight` is the first day of the cohort that is drawn strong, with its interval; an upright line marks `day`. Where not
    all curves can be named beside their ends, the newest are. Points carry [first day of the cohort or ""].
    """
    theme = colours(dark)
    room = width_hint or USUAL_WIDTH
    narrow = room < NARROW
    lines = _lines(curves, highlight, pace, dark, LABEL[narrow])
    plot = FLAT_PLOT if narrow else PLOT
    if not lines:
        return nothing(wording.say("charts.nothing"), dark=dark, width_hint=width_hint, revision="ages")
    most = len(MAIN) if any(line.strong for line in lines) else MOST_LABELS[narrow]
    named = sorted(lines, key=lambda line: line.rank)[:most]
    scales, leaders, until = axes(lines, named, plot, room - LABEL[narrow])
    return sheet(
        [
            *(band(line) for line in lines if line.strong),
            *(line.trace(curves.question) for line in lines),
            *leaders,
        ],
        dark=dark,
        plot=plot,
        **scales,
        shapes=[] if day is None or day > until else [upright(day, theme)],
        margins=Margins(top=MENU, bottom=28),
        revision="ages",
        hoverdistance=24,
    )


def _lines(curves: Curves, highlight: date | None, pace: bool, dark: bool, room: float) -> list[Line]:
    """The curves that have anything to show, the highlighted one on top of all."""
    theme = colours(dark)
    chosen = highlight if any(curve.start == highlight for curve in curves.curves) else None
    every = [curve for curve in curves.curves if curve.leads]
    drawn = [curve for index, curve in enumerate(every) if index >= len(every) - MOST_CURVES or curve.start == chosen]
    thin = 1.25 if len(drawn) > MANY else 1.75
    lines = []
    for index, curve in enumerate(drawn):
        strong = chosen is not None and curve.start == chosen
        colour = newest(dark) if strong else strand(index, len(drawn), dark=dark, faded=chosen is not None)
        last = len(drawn) - 1
        rank = STRONG if strong else NEWEST if index == last else OLDEST if index == 0 else OLDEST + last - index
        ink = theme.text if strong or index == last else theme.muted
        name = cohort_name(curve.start, curves.period)
        label = safe_lines(name, TEXT, room, 2)
        key = curve.start.isoformat() if curve.start else ""
        lines.append(Line(curve, name, label, colour, ink, 3 if strong else thin, key, rank, strong=strong))
    everyone = cohort_name(None, curves.period)
    now = wording.say("charts.age_pace", days=curves.pace_days)
    for curve, name, dash, wanted in ((curves.whole, everyone, "solid", True), (curves.pace, now, "dash", pace)):
        if wanted and curve.leads and (drawn or curve.points):
            label = safe_lines(name, TEXT, room, 3)
            rank = ALL if dash == "solid" else PACE
            lines.append(Line(curve, name, label, theme.text, theme.text, 1.5, "", rank, dash))
    return sorted(lines, key=lambda line: line.strong)
