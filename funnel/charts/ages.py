"""Conversion by age: one curve of steps for each cohort, named where it ends."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import plotly.graph_objects as go

from funnel import wording
from funnel.charts.cohort_words import cohort_name, many
from funnel.charts.look import LINE, SMALL_SIZE, Colours, colours, pale
from funnel.charts.scales import Box, age_ticks, percent_ticks, place_labels, thinned
from funnel.charts.sentences import wrapped
from funnel.charts.shades import newest, strand
from funnel.charts.sheet import CAMERA, Drawn, Margins, note, sheet, step_band
from funnel.charts.text import safe_lines, width
from funnel.nouns import FEWEST_AT_RISK, Curve, CurvePoint, Curves

PLOT, FLAT_PLOT = 380, 300
USUAL_WIDTH, NARROW = 760, 560
MOST_POINTS = 400
LEAST = 0.001
SPACE, TICK_ROOM, AGE_ROOM = 6, 44, 57
TEXT = SMALL_SIZE - 1
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
    language: str = "en",
    width_hint: int | None = None,
) -> go.Figure:
    """A curve for each cohort from the start on, pale for the oldest and strong for the newest; all leads; the current pace.

    `highlight` is the first day of the cohort that is drawn strong, with its interval; an upright line marks `day`. Each curve
    has its name at its end where there is room: the newest first. Points carry [first day of the cohort or ""].
    """
    look = colours(dark)
    room = width_hint or USUAL_WIDTH
    lines = _lines(curves, highlight, pace, dark, language, 76 if room < NARROW else 150)
    plot = FLAT_PLOT if room < NARROW else PLOT
    if not lines:
        said = note(wording.say("charts.nothing", language=language), x=0.5, y=0.5, font=_quiet(look))
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
    notes = [*_percentages(ticks, top, look, language), *_days(until, pixels, look, language)]
    for place, line in enumerate(lines):
        box = placed[place]
        if box:
            y = top * (1 - box.middle / plot)
            font = {"size": TEXT, "color": line.ink}
            # A little of the page under the name, where it stands over other curves.
            notes.append(note(line.text, x=line.curve.until, xref="x", y=y, xanchor="left", xshift=SPACE - 2, align="left",
                              font=font, bgcolor=pale(look.background, 0.75), borderpad=0))  # fmt: skip
    band = [_band(line) for line in lines if line.strong]
    marked = [] if day is None or day > until else [_upright(day, look)]
    return sheet(
        [*band, *(line.trace(curves, language) for line in lines)],
        dark=dark,
        plot=plot,
        x=(0, until),
        y=(0, top),
        shapes=[*_grid(ticks, top, age_ticks(until, pixels, AGE_ROOM), look), *marked],
        notes=notes,
        margins=Margins(TICK_ROOM, right, CAMERA, 28),
        revision="ages",
        hoverdistance=24,
    )


@dataclass(frozen=True)
class _Line:
    """One curve as it is drawn: its colour, the ink and the lines of its name, and which names go first (`rank`)."""

    curve: Curve
    name: str
    label: tuple[str, ...]
    colour: str
    ink: str
    thick: float
    rank: int
    dash: str = "solid"
    strong: bool = False

    @property
    def text(self) -> str:
        return "<br>".join(f"<b>{line}</b>" if self.strong else line for line in self.label)

    @property
    def width(self) -> float:
        return max(width(line, TEXT) for line in self.label) * 1.06 + 2

    @property
    def height(self) -> float:
        return len(self.label) * TEXT * LINE + 1

    @property
    def end(self) -> float:
        return self.curve.points[-1].rate if self.curve.points else 0.0

    def at(self, day: int) -> float:
        place = bisect_right(self.curve.points, day, key=lambda point: point.day)
        return self.curve.points[place - 1].rate if place else 0.0

    @property
    def top(self) -> float:
        """The highest rate; of a strong line, the upper end of its interval, as far as that does not dwarf the rates."""
        highest = max((point.rate for point in self.curve.points), default=0.0)
        if not self.strong:
            return highest
        return max(highest, min(2 * highest, max((point.high for point in self.curve.points), default=0.0)))

    def shown(self) -> list[CurvePoint]:
        """From day 0 on, at most so many points as a screen has pixels for."""
        points = self.curve.points
        if not points or points[0].day > 0:
            points = (CurvePoint(0, self.curve.leads, 0.0, 0.0, 0.0, 0.0), *points)
        return [points[place] for place in thinned(len(points), MOST_POINTS)]

    def trace(self, curves: Curves, language: str) -> Drawn:
        points = self.shown()
        days = [point.day for point in points]
        told = [self._told(curves, point, language) for point in points]
        if self.curve.until > days[-1]:
            days.append(self.curve.until)
            points.append(points[-1])
            told.append(told[-1])
        if self.curve.cut:
            ends = wording.say("charts.age_told_cut", language=language, n=FEWEST_AT_RISK)
            told[-1] += "<br>" + "<br>".join(wrapped([ends]))
        return {
            "type": "scatter",
            "mode": "lines",
            "name": self.name,
            "x": days,
            "y": [point.rate for point in points],
            "line": {"shape": "hv", "color": self.colour, "width": self.thick, "dash": self.dash},
            "customdata": [[self.curve.start.isoformat() if self.curve.start else ""]] * len(days),
            "hovertext": told,
            "hovertemplate": "%{hovertext}<extra></extra>",
        }

    def _told(self, curves: Curves, point: CurvePoint, language: str) -> str:
        watched = many(curves.question, point.at_risk, language)
        if point.day == 0 and not point.rate:
            said = wording.say("charts.age_told_start", language=language, of=self.name, watched=watched)
        else:
            rates = {"day": point.day, "rate": point.rate, "low": point.low, "high": point.high}
            said = wording.say("charts.age_told", language=language, of=self.name, watched=watched, **rates)
        return "<br>".join(wrapped([said]))


def _lines(curves: Curves, highlight: date | None, pace: bool, dark: bool, language: str, room: float) -> list[_Line]:
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
        name = cohort_name(curve.start, curves.period, language)
        label = safe_lines(name, TEXT, room, 2)
        found.append(_Line(curve, name, label, colour, ink, 3 if strong else thin, rank, strong=strong))
    everyone = cohort_name(None, curves.period, language)
    now = wording.say("charts.age_pace", language=language, days=curves.pace_days)
    for curve, name, dash, shown in ((curves.whole, everyone, "solid", True), (curves.pace, now, "dash", pace)):
        if shown and curve.leads and (drawn or curve.points):
            label = safe_lines(name, TEXT, room, 3)
            found.append(_Line(curve, name, label, look.text, look.text, 1.5, ALL if dash == "solid" else PACE, dash))
    return sorted(found, key=lambda line: line.strong)


def _crossed(lines: Sequence[_Line], place: int, box: Box, days: float, plot: float, top: float) -> list[float]:
    """Where, in pixels from the top of the plot, other curves run behind a label: at its start, its middle and its end."""
    found = []
    for line in (*lines[:place], *lines[place + 1 :]):
        ends = sorted({round((box.left + box.width * part) * days) for part in (0.05, 0.5, 0.95)})
        rates = {line.at(day) for day in ends if day <= line.curve.until}
        found += [plot * (1 - rate / top) for rate in rates]
    return found


def _band(line: _Line) -> Drawn:
    points = [(point.day, point.low, point.high) for point in line.shown() if point.day or point.rate]
    return step_band(points, line.curve.until, pale(line.colour, 0.14))


def _percentages(ticks: Sequence[float], top: float, look: Colours, language: str) -> list[Drawn]:
    place = {"x": 0, "xanchor": "right", "xshift": -SPACE, "font": _quiet(look)}
    return [
        note(wording.say("charts.share", language=language, rate=tick), y=tick, **place)
        for tick in ticks
        if tick <= top
    ]


def _days(until: int, pixels: float, look: Colours, language: str) -> list[Drawn]:
    place = {"xref": "x", "y": 0, "yshift": -14, "font": _quiet(look)}
    start = note(wording.say("charts.age_start", language=language), x=0, **{**place, "xanchor": "center"})
    return [
        start,
        *(
            note(wording.say("charts.age_day", language=language, day=day), x=day, **place)
            for day in age_ticks(until, pixels, AGE_ROOM)
        ),
    ]


def _grid(ticks: Sequence[float], top: float, days: Sequence[int], look: Colours) -> list[Drawn]:
    line = {"type": "line", "layer": "below", "line": {"color": look.border, "width": 1}}
    level = [{**line, "xref": "paper", "x0": 0, "x1": 1, "y0": tick, "y1": tick} for tick in ticks if tick <= top]
    upright = [{**line, "yref": "paper", "x0": day, "x1": day, "y0": 0, "y1": 1} for day in days]
    return [*level, *upright]


def _upright(day: int, look: Colours) -> Drawn:
    line = {"color": look.muted, "width": 1, "dash": "dot"}
    return {"type": "line", "yref": "paper", "x0": day, "x1": day, "y0": 0, "y1": 1, "name": "day", "line": line}


def _quiet(look: Colours) -> Drawn:
    return {"size": TEXT, "color": look.muted}
