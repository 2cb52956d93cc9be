"""A journey that comes back to itself: stages on a ring, and inside it the loop of those who buy again at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from funnel import wording
from funnel.charts.beside import name_note
from funnel.charts.look import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.charts.sentences import FEWEST_FOR_A_RATE, stage_hover
from funnel.charts.sheet import Drawn, Margins, note, sheet
from funnel.charts.text import plain, safe_lines, width
from funnel.nouns import Loyalty, Steps

USUAL_WIDTH, WIDEST = 460, 620
FLATTEST, ROUNDEST = 92, 124
INNER = 0.6
LEAST_NODE = 46
NAME_SHARE, MOST_NAME = 0.34, 150
RING, THINNEST, THICKEST = 6, 3, 20
LINE_HEIGHT = SMALL_SIZE * LINE
SAMPLES = 40
TIP = 13

Point = tuple[float, float]


def loop(
    loyalty: Loyalty, steps: Steps, *, dark: bool = False, language: str = "en", width_hint: int | None = None
) -> go.Figure:
    """The stages on a ring with their counts, and inside it the loyalty loop from the last stage back to the purchase.

    The loop is as thick as there are repeat purchases that came straight back, for each customer; those that went
    through the stages before again close the ring. Where the file cannot tell them apart, all are on the loop; where
    nobody bought again it is dashed. The words under the ring say it all. ValueError: a model without a loop.
    """
    look = colours(dark)
    wide = width_hint or USUAL_WIDTH
    ring = _Ring.of(steps, wide, language)
    straight = loyalty.repeats if loyalty.straight is None else loyalty.straight.numerator
    around = loyalty.repeats - straight
    back = [*ring.inner_loop(_thick(straight, loyalty), look, straight > 0)]
    if around:
        back += ring.closing(_thick(around, loyalty), look)
    lines = [safe_lines(said, SMALL_SIZE, wide, 3) for said in loop_sentences(loyalty, language)]
    under = [line for said in lines for line in said]
    plot = ring.bottom + len(under) * LINE_HEIGHT + 12
    words = note("<br>".join(under), x=0.5, y=ring.bottom + 4, yanchor="top", font={"size": SMALL_SIZE})
    return sheet(
        [ring.nodes(steps, look, language)],
        dark=dark,
        plot=round(plot),
        x=(0, wide),
        y=(round(plot), 0),
        shapes=[*ring.forward(look), *back],
        notes=[*ring.names(steps, look), _centre(loyalty, straight, ring, look, language), words],
        margins=Margins(),
        revision="loop",
    )


def loop_sentences(loyalty: Loyalty, language: str) -> list[str]:
    """Who bought again, how many of their purchases came straight back, and after how long. Plain text."""
    if not loyalty.customers:
        return [wording.say("charts.no_customers", language=language)]
    if not loyalty.repeats:
        return [wording.say("charts.nobody_again", language=language, whole=loyalty.customers)]
    again = loyalty.again
    key = "again_few" if again.denominator < FEWEST_FOR_A_RATE else "again"
    values = {"n": again.numerator, "whole": again.denominator, "rate": again.value}
    said = [wording.say(f"charts.{key}", language=language, **values)]
    model = loyalty.question.model
    past = model.loop.past if model.loop else ()
    names = wording.listed([plain(stage.name) for stage in model.stages if stage.key in past], language=language)
    if loyalty.straight is None:
        said.append(wording.say("charts.straight_unknown", language=language, stages=names))
    else:
        counts = {"part": loyalty.straight.numerator, "whole": loyalty.straight.denominator}
        said.append(wording.say("charts.straight", language=language, stages=names, **counts))
    if loyalty.median_days is not None:
        said.append(wording.say("charts.between_purchases", language=language, days=loyalty.median_days))
    return said


@dataclass(frozen=True)
class _Ring:
    """An ellipse in pixels with the stages on it, clockwise from the left; `target` is where the loop comes back to."""

    centre: Point
    radii: Point
    count: int
    target: int
    node: float
    name_room: float
    top: float

    @classmethod
    def of(cls, steps: Steps, wide: int, language: str) -> _Ring:
        model = steps.question.model
        if model.loop is None:
            raise ValueError(f"the model {model.key!r} has no loop")
        target = next(place for place, stage in enumerate(model.stages) if stage.key == model.loop.to)
        said = [wording.say("charts.count", language=language, n=stage.leads) for stage in steps.stages]
        node = max([LEAST_NODE, *(width(text, SMALL_SIZE) + 16 for text in said)])
        drawn = min(wide, WIDEST)
        room = min(MOST_NAME, drawn * NAME_SHARE)
        across = drawn / 2 - max(node, room) / 2 - 2
        up = min(ROUNDEST, max(FLATTEST, across))
        top = node / 2 + 2 * LINE_HEIGHT + 8
        return cls((wide / 2, top + up), (across, up), len(steps.stages), target, node, room, top)

    @property
    def bottom(self) -> float:
        return self.top + 2 * self.radii[1] + self.node / 2 + 2 * LINE_HEIGHT + 10

    def angle(self, place: int) -> float:
        """In radians, against the clock from the right; the stages run with the clock."""
        return math.pi - 2 * math.pi * place / self.count

    def at(self, angle: float, reach: float = 1) -> Point:
        return (
            self.centre[0] + reach * self.radii[0] * math.cos(angle),
            self.centre[1] - reach * self.radii[1] * math.sin(angle),
        )

    def forward(self, look: Colours) -> list[Drawn]:
        shapes = []
        for place in range(self.count - 1):
            path = self._along(self.angle(place), self.angle(place + 1))
            shapes += self._arrow(path, RING, look.still, "solid")
        return shapes

    def closing(self, thick: float, look: Colours) -> list[Drawn]:
        """From the last stage back to the first one."""
        path = self._along(self.angle(self.count - 1), self.angle(self.count))
        return self._arrow(path, thick, look.chosen_bar, "solid")

    def inner_loop(self, thick: float, look: Colours, used: bool) -> list[Drawn]:
        start, end = self.angle(self.count - 1), self.angle(self.target)
        while end >= start - 1e-9:
            end -= 2 * math.pi
        path = []
        for number in range(SAMPLES + 1):
            t = number / SAMPLES
            # Inwards from the last stage, around, and out again to where the loop comes back.
            out = max(_smooth(1 - t / 0.3), _smooth((t - 0.7) / 0.3))
            path.append(self.at(start + (end - start) * t, INNER + (1 - INNER) * out))
        return self._arrow(path, thick, look.progress if used else look.muted, "solid" if used else "dash")

    def nodes(self, steps: Steps, look: Colours, language: str) -> Drawn:
        points = [self.at(self.angle(stage.position)) for stage in steps.stages]
        return {
            "type": "scatter",
            "mode": "markers+text",
            "x": [x for x, _ in points],
            "y": [y for _, y in points],
            "marker": {"size": self.node, "color": look.progress, "opacity": 1, "line": {"width": 0}},
            "text": [wording.say("charts.count", language=language, n=stage.leads) for stage in steps.stages],
            "textfont": {"size": SMALL_SIZE, "color": look.progress_text},
            "textposition": "middle center",
            "cliponaxis": False,
            "hovertext": [stage_hover(steps, stage, language) for stage in steps.stages],
            "hovertemplate": "%{hovertext}<extra></extra>",
        }

    def names(self, steps: Steps, look: Colours) -> list[Drawn]:
        """Above the upper stages and below the others, on the page's colour where the ring runs behind."""
        notes = []
        for stage in steps.stages:
            angle = self.angle(stage.position)
            x, y = self.at(angle)
            above = math.sin(angle) > 0.3
            lines = safe_lines(plain(stage.name), SMALL_SIZE, self.name_room, 2)
            place = {"x": x, "xref": "x", "y": y + (-1 if above else 1) * (self.node / 2 + 2)}
            place |= {"yanchor": "bottom" if above else "top", "bgcolor": look.background, "borderpad": 1}
            notes.append(name_note(stage.name, lines, font={"size": SMALL_SIZE}, **place))
        return notes

    def _along(self, start: float, end: float) -> list[Point]:
        end = end if end < start else end - 2 * math.pi
        return [self.at(start + (end - start) * number / SAMPLES) for number in range(SAMPLES + 1)]

    def _arrow(self, path: Sequence[Point], thick: float, colour: str, dash: str) -> list[Drawn]:
        """A path between two stages with a tip before the second; what lies under the stages is left out."""
        gap = self.node / 2 + 3
        clear = [point for point in path if min(math.dist(point, path[0]), math.dist(point, path[-1])) > gap]
        body = [point for point in clear if math.dist(point, path[-1]) > gap + TIP]
        if len(body) < 2:
            return []
        tip, base = clear[-1], body[-1]
        length = math.dist(tip, base) or 1
        along = ((tip[0] - base[0]) / length, (tip[1] - base[1]) / length)
        half = thick / 2 + 5
        corners = [(base[0] + side * half * along[1], base[1] - side * half * along[0]) for side in (1, -1)]
        look = {"layer": "below", "type": "path"}
        line = {"color": colour, "width": thick, "dash": dash}
        return [
            {**look, "path": "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in body), "line": line},
            {**look, "path": "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in [tip, *corners]) + "Z", "fillcolor": colour,
             "line": {"width": 0}},
        ]  # fmt: skip


def _thick(repeats: int, loyalty: Loyalty) -> float:
    return THINNEST + (THICKEST - THINNEST) * min(1, repeats / max(1, loyalty.customers))


def _smooth(u: float) -> float:
    u = min(1.0, max(0.0, u))
    return u * u * (3 - 2 * u)


def _centre(loyalty: Loyalty, straight: int, ring: _Ring, look: Colours, language: str) -> Drawn:
    """Inside the loop: how many are on it."""
    key = "not_yet_again" if not loyalty.repeats else "came_back" if loyalty.straight is None else "came_straight"
    room = 2 * ring.radii[0] * INNER * 0.72
    lines = safe_lines(wording.say(f"charts.{key}", language=language), SMALL_SIZE, room, 3)
    count = wording.say("charts.count", language=language, n=straight)
    bold = [f'<b><span style="font-size:{TEXT_SIZE + 6}px">{count}</span></b>'] if loyalty.repeats else []
    quiet = "<br>".join([*bold, *(f'<span style="color:{look.muted}">{line}</span>' for line in lines)])
    return note(quiet, x=0.5, y=ring.centre[1], font={"size": SMALL_SIZE})
