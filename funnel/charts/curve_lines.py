"""Curves of conversion by age: a line of steps from the start on, its hover, and the grid that it is read on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from funnel.charts.canvas.canvas import Drawn, note, step_band
from funnel.charts.canvas.scales import age_ticks, thinned
from funnel.charts.canvas.text import width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, Colours, pale
from funnel.charts.cohort_words import many
from funnel.charts.sentences import wrapped
from funnel.core.types import FEWEST_AT_RISK, Curve, CurvePoint, Question
from funnel.words import wording

PLOT, FLAT_PLOT = 380, 300
USUAL_WIDTH, NARROW = 760, 560
MOST_POINTS = 400
LEAST = 0.001
SPACE, TICK_ROOM, AGE_ROOM = 6, 44, 57
TEXT = SMALL_SIZE - 1
BAND = 0.14


@dataclass(frozen=True)
class Line:
    """One curve as it is drawn: its colour, the ink and the lines of its name, and which names go first (`rank`). `key` is what its
    points carry."""

    curve: Curve
    name: str
    label: tuple[str, ...]
    colour: str
    ink: str
    thick: float
    key: str | int
    rank: int = 0
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

    def trace(self, question: Question) -> Drawn:
        points = self.shown()
        days = [point.day for point in points]
        told = [self._told(question, point) for point in points]
        if self.curve.until > days[-1]:
            days.append(self.curve.until)
            points.append(points[-1])
            told.append(told[-1])
        if self.curve.cut:
            ends = wording.say("charts.age_told_cut", n=FEWEST_AT_RISK)
            told[-1] += "<br>" + "<br>".join(wrapped([ends]))
        return {
            "type": "scatter",
            "mode": "lines",
            "name": self.name,
            "x": days,
            "y": [point.rate for point in points],
            "line": {"shape": "hv", "color": self.colour, "width": self.thick, "dash": self.dash},
            "customdata": [[self.key]] * len(days),
            "hovertext": told,
            "hovertemplate": "%{hovertext}<extra></extra>",
        }

    def _told(self, question: Question, point: CurvePoint) -> str:
        watched = many(question, point.at_risk)
        if point.day == 0 and not point.rate:
            said = wording.say("charts.age_told_start", of=self.name, watched=watched)
        else:
            rates = {"day": point.day, "rate": point.rate, "low": point.low, "high": point.high}
            said = wording.say("charts.age_told", of=self.name, watched=watched, **rates)
        return "<br>".join(wrapped([said]))


def band(line: Line) -> Drawn:
    """The interval around a curve."""
    points = [(point.day, point.low, point.high) for point in line.shown() if point.day or point.rate]
    return step_band(points, line.curve.until, pale(line.colour, BAND))


def percentages(ticks: Sequence[float], top: float, look: Colours) -> list[Drawn]:
    """The rates at the left."""
    place = {"x": 0, "xanchor": "right", "xshift": -SPACE, "font": quiet(look)}
    return [note(wording.say("charts.share", rate=tick), y=tick, **place) for tick in ticks if tick <= top]


def days_under(until: int, pixels: float, look: Colours) -> list[Drawn]:
    """The ages under the plot."""
    place = {"xref": "x", "y": 0, "yshift": -14, "font": quiet(look)}
    start = note(wording.say("charts.age_start"), x=0, **{**place, "xanchor": "center"})
    return [
        start,
        *(note(wording.say("charts.age_day", day=day), x=day, **place) for day in age_ticks(until, pixels, AGE_ROOM)),
    ]


def grid(ticks: Sequence[float], top: float, days: Sequence[int], look: Colours) -> list[Drawn]:
    """Level lines at the rates, upright ones at the ages."""
    line = {"type": "line", "layer": "below", "line": {"color": look.border, "width": 1}}
    level = [{**line, "xref": "paper", "x0": 0, "x1": 1, "y0": tick, "y1": tick} for tick in ticks if tick <= top]
    upright = [{**line, "yref": "paper", "x0": day, "x1": day, "y0": 0, "y1": 1} for day in days]
    return [*level, *upright]


def upright(day: int, look: Colours) -> Drawn:
    """The line that marks a day."""
    line = {"color": look.muted, "width": 1, "dash": "dot"}
    return {"type": "line", "yref": "paper", "x0": day, "x1": day, "y0": 0, "y1": 1, "name": "day", "line": line}


def quiet(look: Colours) -> Drawn:
    """The type of what is said by the way."""
    return {"size": TEXT, "color": look.muted}
