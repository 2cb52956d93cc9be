"""A journey that comes back to itself: stages on a ring, and inside it the loop of those who buy again at once."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import plotly.graph_objects as go

from funnel.charts.beside import name_note
from funnel.charts.canvas.canvas import Drawn, Margins, note, sheet
from funnel.charts.canvas.text import plain, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.charts.sentences import stage_hover
from funnel.core.types import FEWEST_FOR_A_RATE
from funnel.measures.loyalty import Loyalty
from funnel.measures.steps import Steps
from funnel.words import wording

USUAL_WIDTH, WIDEST = 460, 540
FLATTEST, ROUNDEST = 92, 124
INNER, BESIDE = 0.5, 1.2
LEAST_NODE, LEAST_CENTRE = 46, 72
NAME_SHARE, MOST_NAME, NAME_LINES = 0.34, 150, 2
AIR = 4
RING, THINNEST, THICKEST = 6, 3, 20
LINE_HEIGHT = SMALL_SIZE * LINE
SAMPLES = 40
TIP = 13

Point = tuple[float, float]


def loop(loyalty: Loyalty, steps: Steps, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """The stages on a ring with their counts, and inside it the loyalty loop from the last stage back to the purchase.

    The loop is as thick as there are repeat purchases that came straight back, for each customer; those that went
    through the stages before again close the ring. Where the file cannot tell them apart, all are on the loop; where
    nobody bought again it is dashed. The words under the ring say it all. ValueError: a model without a loop.
    """
    theme = colours(dark)
    wide = width_hint or USUAL_WIDTH
    ring = _Ring.of(steps, wide)
    straight = loyalty.repeats if loyalty.straight is None else loyalty.straight.numerator
    around = loyalty.repeats - straight
    back = ring.inner_loop(_thick(straight, loyalty), theme, straight > 0)
    notes = [stop.note() for stop in ring.stops]
    if around:
        arc, count = ring.closing(around, _thick(around, loyalty), theme)
        back, notes = back + arc, [*notes, count]
    under = [line for sentence in loop_sentences(loyalty) for line in safe_lines(sentence, SMALL_SIZE, wide, 3)]
    plot = ring.bottom + len(under) * LINE_HEIGHT + 18
    words = note("<br>".join(under), x=0.5, y=ring.bottom + 10, yanchor="top", font={"size": SMALL_SIZE})
    return sheet(
        [ring.nodes(steps, theme)],
        dark=dark,
        plot=round(plot),
        x=(0, wide),
        y=(round(plot), 0),
        shapes=[*ring.forward(theme), *back],
        notes=[*notes, _centre(loyalty, straight, ring, theme), words],
        margins=Margins(),
        revision="loop",
    )


def loop_sentences(loyalty: Loyalty) -> list[str]:
    """Who bought again, how many of their purchases came straight back, and after how long. Plain text."""
    if not loyalty.customers:
        return [wording.say("charts.no_customers")]
    if not loyalty.repeats:
        return [wording.say("charts.nobody_again", whole=loyalty.customers)]
    again = loyalty.again
    key = "again_few" if again.denominator < FEWEST_FOR_A_RATE else "again"
    values = {"n": again.numerator, "whole": again.denominator, "rate": again.value}
    sentences = [wording.say(f"charts.{key}", **values)]
    model = loyalty.question.model
    past = model.loop.past if model.loop else ()
    names = wording.listed([plain(stage.name) for stage in model.stages if stage.key in past])
    if loyalty.straight is None:
        sentences.append(wording.say("charts.straight_unknown", stages=names))
    else:
        counts = {"part": loyalty.straight.numerator, "whole": loyalty.straight.denominator}
        sentences.append(wording.say("charts.straight", stages=names, **counts))
    if loyalty.median_days is not None:
        sentences.append(wording.say("charts.between_purchases", days=loyalty.median_days))
    return sentences


@dataclass(frozen=True)
class _Stop:
    """A stage on the ring: the middle of its circle, and its name above or below it."""

    middle: Point
    radius: float
    name: str
    lines: tuple[str, ...]
    above: bool

    def covers(self, point: Point) -> bool:
        """Whether the circle, the name or the air around them lies over the point."""
        across, down = point[0] - self.middle[0], point[1] - self.middle[1]
        far = self.radius + AIR
        half = max(width(html.unescape(line), SMALL_SIZE) for line in self.lines) / 2 + AIR
        along = -down if self.above else down
        return math.hypot(across, down) < far or (abs(across) < half and 0 < along < self.radius + self.name_height)

    @property
    def name_height(self) -> float:
        return len(self.lines) * LINE_HEIGHT + AIR

    def note(self) -> Drawn:
        y = self.middle[1] + (-1 if self.above else 1) * (self.radius + 1)
        anchor: Drawn = {"x": self.middle[0], "xref": "x", "y": y, "yanchor": "bottom" if self.above else "top"}
        return name_note(self.name, self.lines, **anchor, font={"size": SMALL_SIZE})


@dataclass(frozen=True)
class _Ring:
    """An ellipse in pixels with the stages on it, clockwise from the left; `target` is where the loop comes back to."""

    centre: Point
    radii: Point
    stops: tuple[_Stop, ...]
    target: int

    @classmethod
    def of(cls, steps: Steps, wide: int) -> _Ring:
        model = steps.question.model
        if model.loop is None:
            raise ValueError(f"the model {model.key!r} has no loop")
        target = next(position for position, stage in enumerate(model.stages) if stage.key == model.loop.to)
        counts = [wording.say("charts.count", n=stage.leads) for stage in steps.stages]
        radius = max([LEAST_NODE, *(width(text, SMALL_SIZE) + 16 for text in counts)]) / 2
        drawn = min(wide, WIDEST)
        room = min(MOST_NAME, drawn * NAME_SHARE)
        across = drawn / 2 - max(2 * radius, room) / 2 - 2
        up = min(ROUNDEST, max(FLATTEST, across))
        top = radius + NAME_LINES * LINE_HEIGHT + AIR
        ring = cls((wide / 2, top + up), (across, up), (), target)
        stops = []
        for stage in steps.stages:
            angle = ring.angle(stage.position, len(steps.stages))
            lines = safe_lines(plain(stage.name), SMALL_SIZE, room, NAME_LINES)
            stops.append(_Stop(ring.at(angle), radius, stage.name, lines, math.sin(angle) > 0.3))
        return replace(ring, stops=tuple(stops))

    @property
    def bottom(self) -> float:
        return max(stop.middle[1] + stop.radius + (0 if stop.above else stop.name_height) for stop in self.stops)

    def angle(self, position: float, count: int | None = None) -> float:
        """In radians, against the clock from the right; the stages run with the clock."""
        return math.pi - 2 * math.pi * position / (count or len(self.stops))

    def at(self, angle: float, reach: float = 1) -> Point:
        return (
            self.centre[0] + reach * self.radii[0] * math.cos(angle),
            self.centre[1] - reach * self.radii[1] * math.sin(angle),
        )

    def forward(self, theme: Colours) -> list[Drawn]:
        arcs = [self._along(position, position + 1) for position in range(len(self.stops) - 1)]
        return [shape for arc in arcs for shape in self._arrow(arc, RING, theme.still)]

    def closing(self, around: int, thick: float, theme: Colours) -> tuple[list[Drawn], Drawn]:
        """From the last stage back to the first one, and the number beside it."""
        last = len(self.stops) - 1
        x, y = self.at(self.angle(last + 0.5), BESIDE)
        count = wording.say("charts.count", n=around)
        bold = note(f"<b>{count}</b>", x=x, xref="x", y=y, font={"size": SMALL_SIZE})
        return self._arrow(self._along(last, last + 1), thick, theme.chosen_bar), bold

    def inner_loop(self, thick: float, theme: Colours, used: bool) -> list[Drawn]:
        start, end = self.angle(len(self.stops) - 1), self.angle(self.target)
        while end >= start - 1e-9:
            end -= 2 * math.pi
        path = []
        for number in range(SAMPLES + 1):
            t = number / SAMPLES
            # Inwards from the last stage, around, and out again to where the loop comes back.
            path.append(self.at(start + (end - start) * t, INNER + (1 - INNER) * (2 * t - 1) ** 2))
        return self._arrow(path, thick, theme.progress if used else theme.muted, "solid" if used else "dash")

    def nodes(self, steps: Steps, theme: Colours) -> Drawn:
        return {
            "type": "scatter",
            "mode": "markers+text",
            "x": [stop.middle[0] for stop in self.stops],
            "y": [stop.middle[1] for stop in self.stops],
            "marker": {"size": [2 * stop.radius for stop in self.stops], "color": theme.progress, "opacity": 1,
                       "line": {"width": 0}},
            "text": [wording.say("charts.count", n=stage.leads) for stage in steps.stages],
            "textfont": {"size": SMALL_SIZE, "color": theme.progress_text},
            "textposition": "middle center",
            "cliponaxis": False,
            "hovertext": [stage_hover(steps, stage) for stage in steps.stages],
        }  # fmt: skip

    def _along(self, start: int, end: int) -> list[Point]:
        return [self.at(self.angle(start + (end - start) * number / SAMPLES)) for number in range(SAMPLES + 1)]

    def _arrow(self, path: Sequence[Point], thick: float, colour: str, dash: str = "solid") -> list[Drawn]:
        """A path between stages with a tip before the last; what would run under circles and names is left out."""
        clear = [point for point in path if not any(stop.covers(point) for stop in self.stops)]
        if len(clear) < 2:
            return []
        tip = clear[-1]
        body = [point for point in clear if math.dist(point, tip) >= TIP]
        base = body[-1] if body else clear[0]
        length = math.dist(tip, base) or 1
        along = ((tip[0] - base[0]) / length, (tip[1] - base[1]) / length)
        half = thick / 2 + 5
        corners = [(base[0] + side * half * along[1], base[1] - side * half * along[0]) for side in (1, -1)]
        shape = {"layer": "below", "type": "path"}
        line = {"color": colour, "width": thick, "dash": dash}
        head = {"path": _path([tip, *corners]) + "Z", "fillcolor": colour, "line": {"width": 0}}
        return (
            [{**shape, "path": _path(body), "line": line}, {**shape, **head}] if len(body) > 1 else [{**shape, **head}]
        )


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _thick(repeats: int, loyalty: Loyalty) -> float:
    return THINNEST + (THICKEST - THINNEST) * min(1, repeats / max(1, loyalty.customers))


def _centre(loyalty: Loyalty, straight: int, ring: _Ring, theme: Colours) -> Drawn:
    """Inside the loop: how many are on it."""
    key = "not_yet_again" if not loyalty.repeats else "came_back" if loyalty.straight is None else "came_straight"
    room = max(LEAST_CENTRE, 2 * ring.radii[0] * INNER * 0.72)
    lines = safe_lines(wording.say(f"charts.{key}"), SMALL_SIZE, room, 3)
    count = wording.say("charts.count", n=straight)
    bold = [f'<b><span style="font-size:{TEXT_SIZE + 6}px">{count}</span></b>'] if loyalty.repeats else []
    quiet = "<br>".join([*bold, *(f'<span style="color:{theme.muted}">{line}</span>' for line in lines)])
    return note(quiet, x=0.5, y=ring.centre[1], font={"size": SMALL_SIZE})
