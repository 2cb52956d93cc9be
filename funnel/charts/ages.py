"""Conversion by age: one curve of steps for each cohort, named where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import CAMERA, Margins, note, sheet
from funnel.charts.canvas.scales import Box, age_ticks, percent_ticks, place_labels
from funnel.charts.canvas.shades import newest, strand
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import colours, pale
from funnel.charts.cohort_words import cohort_name
from funnel.charts.curve_lines import (
    AGE_ROOM,
    FLAT_PLOT,
    LEAST,
    NARROW,
    PLOT,
    SPACE,
    TEXT,
    TICK_ROOM,
    USUAL_WIDTH,
    Line,
    band,
    days_under,
    grid,
    percentages,
    quiet,
    upright,
)
from funnel.core.types import Curves
from funnel.words import wording

MOST_LABELS = (14, 8)
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

    `highlight` is the first day of the cohort that is drawn strong, with its interval; an upright line marks `day`. Each curve
    has its name at its end where there is room: the newest first. Points carry [first day of the cohort or ""].
    """
    look = colours(dark)
    room = width_hint or USUAL_WIDTH
    lines = _lines(curves, highlight, pace, dark, 76 if room < NARROW else 150)
    plot = FLAT_PLOT if room < NARROW else PLOT
    if not lines:
        said = note(wording.say("charts.nothing"), x=0.5, y=0.5, font=quiet(look))
        return sheet([], dark=dark, plot=plot, x=(0, 1), y=(0, 1), notes=[said], revision="ages")
    right = round(max(line.width for line in lines)) + SPACE
    until = max(1, *(line.curve.until for line in lines))
    ticks = percent_ticks(max(line.top for line in lines))
    top = max(max(line.top for line in lines) * 1.04, ticks[-2] * 1.02, LEAST)
    pixels = room - TICK_ROOM - right
    wanted = [
        Box(line.curve.until / until * pixels + SPACE, plot * (1 - line.end / top), line.width, line.height)
        for line in lines
    ]
    order = sorted(range(len(lines)), key=lambda place: (lines[place].rank, place))
    most = len(MAIN) if any(line.strong for line in lines) else MOST_LABELS[room < NARROW]
    crossed = [_crossed(lines, place, wanted[place], until / pixels, plot, top) for place in order]
    placed = dict(zip(order, place_labels([wanted[place] for place in order], plot, crossed, most), strict=True))
    notes = [*percentages(ticks, top, look), *days_under(until, pixels, look)]
    for place, line in enumerate(lines):
        box = placed[place]
        if box:
            y = top * (1 - box.middle / plot)
            font = {"size": TEXT, "color": line.ink}
            # A little of the page under the name, where it stands over other curves.
            notes.append(note(line.text, x=line.curve.until, xref="x", y=y, xanchor="left", xshift=SPACE - 2, align="left",
                              font=font, bgcolor=pale(look.background, 0.75), borderpad=0))  # fmt: skip
    bands = [band(line) for line in lines if line.strong]
    marked = [] if day is None or day > until else [upright(day, look)]
    return sheet(
        [*bands, *(line.trace(curves.question) for line in lines)],
        dark=dark,
        plot=plot,
        x=(0, until),
        y=(0, top),
        shapes=[*grid(ticks, top, age_ticks(until, pixels, AGE_ROOM), look), *marked],
        notes=notes,
        margins=Margins(TICK_ROOM, right, CAMERA, 28),
        revision="ages",
        hoverdistance=24,
    )


def _lines(curves: Curves, highlight: date | None, pace: bool, dark: bool, room: float) -> list[Line]:
    """The curves that have anything to show, the highlighted one on top of all."""
    look = colours(dark)
    chosen = highlight if any(curve.start == highlight for curve in curves.curves) else None
    every = [curve for curve in curves.curves if curve.leads]
    drawn = [curve for place, curve in enumerate(every) if place >= len(every) - MOST_CURVES or curve.start == chosen]
    thin = 1.25 if len(drawn) > MANY else 1.75
    found = []
    for place, curve in enumerate(drawn):
        strong = chosen is not None and curve.start == chosen
        colour = newest(dark) if strong else strand(place, len(drawn), dark=dark, faded=chosen is not None)
        last = len(drawn) - 1
        rank = STRONG if strong else NEWEST if place == last else OLDEST if place == 0 else OLDEST + last - place
        ink = look.text if strong or place == last else look.muted
        name = cohort_name(curve.start, curves.period)
        label = safe_lines(name, TEXT, room, 2)
        key = curve.start.isoformat() if curve.start else ""
        found.append(Line(curve, name, label, colour, ink, 3 if strong else thin, key, rank, strong=strong))
    everyone = cohort_name(None, curves.period)
    now = wording.say("charts.age_pace", days=curves.pace_days)
    for curve, name, dash, shown in ((curves.whole, everyone, "solid", True), (curves.pace, now, "dash", pace)):
        if shown and curve.leads and (drawn or curve.points):
            label = safe_lines(name, TEXT, room, 3)
            rank = ALL if dash == "solid" else PACE
            found.append(Line(curve, name, label, look.text, look.text, 1.5, "", rank, dash))
    return sorted(found, key=lambda line: line.strong)


def _crossed(lines: Sequence[Line], place: int, box: Box, days: float, plot: float, top: float) -> list[float]:
    """Where, in pixels from the top of the plot, other curves run behind a label: at its start, its middle and its end."""
    found = []
    for line in (*lines[:place], *lines[place + 1 :]):
        ends = sorted({round((box.left + box.width * part) * days) for part in (0.05, 0.5, 0.95)})
        rates = {line.at(day) for day in ends if day <= line.curve.until}
        found += [plot * (1 - rate / top) for rate in rates]
    return found
