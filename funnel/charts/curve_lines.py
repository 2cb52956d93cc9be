"""Curves of conversion by age: a line of steps from the start on, its hover, and the grid that it is read on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from funnel.charts.canvas.canvas import Drawn, percentages, scale, step_band
from funnel.charts.canvas.scales import age_ticks, percent_ticks, thinned
from funnel.charts.canvas.theme import SMALL_SIZE, Colours, pale
from funnel.charts.cohort_words import many
from funnel.charts.line_ends import REACH, End, leader, names_scale
from funnel.charts.sentences import wrapped
from funnel.core.types import FEWEST_AT_RISK, Question
from funnel.measures.curves import Curve, CurvePoint
from funnel.words import wording

PLOT, FLAT_PLOT = 380, 300
USUAL_WIDTH, NARROW = 760, 560
MOST_POINTS = 400
LEAST = 0.001
TICK_ROOM, AGE_ROOM = 44, 57
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
    def named(self) -> tuple[str, ...]:
        return tuple(f"<b>{line}</b>" if self.strong else line for line in self.label)

    @property
    def end(self) -> float:
        return self.curve.points[-1].rate if self.curve.points else 0.0

    @property
    def top(self) -> float:
        """The highest rate; of a strong line, the upper end of its interval, as far as that does not dwarf the rates."""
        highest = max((point.rate for point in self.curve.points), default=0.0)
        if not self.strong:
            return highest
        return max(highest, min(2 * highest, max((point.high for point in self.curve.points), default=0.0)))

    def points(self) -> list[CurvePoint]:
        """From day 0 on, at most so many points as a screen has pixels for."""
        points = self.curve.points
        if not points or points[0].day > 0:
            points = (CurvePoint(0, self.curve.leads, 0.0, 0.0, 0.0, 0.0), *points)
        return [points[index] for index in thinned(len(points), MOST_POINTS)]

    def trace(self, question: Question) -> Drawn:
        points = self.points()
        days = [point.day for point in points]
        hovers = [self._hover(question, point) for point in points]
        if self.curve.until > days[-1]:
            days.append(self.curve.until)
            points.append(points[-1])
            hovers.append(hovers[-1])
        if self.curve.cut:
            ends = wording.say("charts.age_told_cut", n=FEWEST_AT_RISK)
            hovers[-1] += "<br>" + "<br>".join(wrapped([ends]))
        return {
            "type": "scatter",
            "mode": "lines",
            "name": self.name,
            "x": days,
            "y": [point.rate for point in points],
            "line": {"shape": "hv", "color": self.colour, "width": self.thick, "dash": self.dash},
            "customdata": [[self.key]] * len(days),
            "hovertext": hovers,
        }

    def _hover(self, question: Question, point: CurvePoint) -> str:
        watched = many(question, point.at_risk)
        if point.day == 0 and not point.rate:
            sentence = wording.say("charts.age_told_start", of=self.name, watched=watched)
        else:
            rates = {"day": point.day, "rate": point.rate, "low": point.low, "high": point.high}
            sentence = wording.say("charts.age_told", of=self.name, watched=watched, **rates)
        return "<br>".join(wrapped([sentence]))


def band(line: Line) -> Drawn:
    """The interval around a curve."""
    points = [(point.day, point.low, point.high) for point in line.points() if point.day or point.rate]
    return step_band(points, line.curve.until, pale(line.colour, BAND))


def upright(day: int, theme: Colours) -> Drawn:
    """The line that marks a day."""
    line = {"color": theme.muted, "width": 1, "dash": "dot"}
    return {"type": "line", "yref": "paper", "x0": day, "x1": day, "y0": 0, "y1": 1, "name": "day", "line": line}


def axes(
    lines: Sequence[Line], named: Sequence[Line], plot: int, room: float, **x: Any
) -> tuple[Drawn, list[Drawn], float]:
    """The scales of ages, of rates and of the names at the right, as `sheet` takes them; what leads to the names; the last age.

    `named` are the lines that have their name there, `room` the pixels beside the names; the scale of ages has `x` too.
    """
    until = max(1, *(line.curve.until for line in lines))
    highest = max(line.top for line in lines)
    ticks = percent_ticks(highest)
    top = max(highest * 1.04, ticks[-2] * 1.02, LEAST)
    days = age_ticks(until, room - TICK_ROOM, AGE_ROOM)
    texts = [wording.say("charts.age_start"), *(wording.say("charts.age_day", day=each) for each in days)]
    ends = [End(line.curve.until, line.end, line.named, line.ink) for line in named]
    names, name_ys = names_scale(ends, plot, 0, top)
    scales = {
        "x": scale((0, until * REACH), (0, *days), texts, showgrid=True, **x),
        "y": percentages((0, top), [tick for tick in ticks if tick <= top]),
        "yaxis2": names,
    }
    return scales, [leader(end, name_y, until) for end, name_y in zip(ends, name_ys, strict=True)], until
