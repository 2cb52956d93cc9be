"""Conversion by age of segments: a curve of steps for each, named beside its end."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import CAMERA, Drawn, Margins, note, sheet
from funnel.charts.canvas.scales import age_ticks, percent_ticks, spread
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import DASHES, LINE, Colours, colours
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
from funnel.charts.forest_rows import nothing
from funnel.charts.segment_words import name_of
from funnel.core.types import FEWEST_AT_RISK, Curve, Segment, SegmentCurves
from funnel.words import wording

MOST_CURVES = 6
MOST_BANDS = 3
LEADER = 22
LABEL, NARROW_LABEL = 150, 84
UNDER = 36


def segment_curves(
    curves: SegmentCurves,
    day: int | None,
    *,
    dark: bool = False,
    width_hint: int | None = None,
) -> go.Figure:
    """A curve for each of the segments with most leads, at most MOST_CURVES, each in a hue of its own (the fifth and sixth dashed),
    with its interval where there are few; an upright line marks `day`. Below stands which segments are not drawn, and why.

    Points carry [index of the segment].
    """
    look = colours(dark)
    room = width_hint or USUAL_WIDTH
    shown = drawn_curves(curves)
    few = [name_of(segment) for segment, curve in curves.curves if curve.leads < FEWEST_AT_RISK]
    under = _under(len(curves.curves) - len(shown) - len(few), few, room)
    if not shown:
        words = wording.say("charts.segments_curves_none")
        return nothing(words, dark=dark, width_hint=width_hint, revision="segment_curves")
    narrow, banded = room < NARROW, len(shown) <= MOST_BANDS
    lines = [
        _line(place, index, segment, curve, look, NARROW_LABEL if narrow else LABEL, strong=banded)
        for place, (index, segment, curve) in enumerate(shown)
    ]
    plot = FLAT_PLOT if narrow else PLOT
    until = max(1, *(line.curve.until for line in lines))
    highest = max(line.top for line in lines)
    ticks = percent_ticks(highest)
    top = max(highest * 1.04, ticks[-2] * 1.02, LEAST)
    leader = SPACE if narrow else LEADER
    right = round(max(line.width for line in lines)) + leader + SPACE
    pixels = room - TICK_ROOM - right
    middles = spread([plot * (1 - line.end / top) for line in lines], [line.height + 2 for line in lines], plot)
    notes = [*percentages(ticks, top, look), *days_under(until, pixels, look)]
    shapes = grid(ticks, top, age_ticks(until, pixels, AGE_ROOM), look)
    for line, middle in zip(lines, middles, strict=True):
        place = {
            "x": 1,
            "xanchor": "left",
            "xshift": leader + SPACE - 2,
            "align": "left",
            "y": top * (1 - middle / plot),
        }
        notes.append(note(line.text, font={"size": TEXT, "color": line.ink}, **place))
        shapes += _leader(line, until, middle - plot * (1 - line.end / top), leader)
    if day is not None and day <= until:
        shapes.append(upright(day, look))
        said = wording.say("charts.age_day", day=day)
        notes.append(note(said, x=day, xref="x", yref="paper", y=1, yshift=10, font=quiet(look)))
    if under:
        beside = {"x": 0, "xanchor": "left", "xshift": -TICK_ROOM, "align": "left", "yref": "paper", "y": 0}
        notes.append(note("<br>".join(under), yanchor="top", yshift=-UNDER, font=quiet(look), **beside))
    return sheet(
        [*map(band, lines if banded else ()), *(line.trace(curves.question) for line in lines)],
        dark=dark,
        plot=plot,
        x=(0, until),
        y=(0, top),
        shapes=shapes,
        notes=notes,
        margins=Margins(TICK_ROOM, right, CAMERA, 28 + (round(len(under) * TEXT * LINE) + 14 if under else 0)),
        revision="segment_curves",
        hoverdistance=24,
    )


def drawn_curves(curves: SegmentCurves) -> list[tuple[int, Segment, Curve]]:
    """Those of the most leads, with their places, in the order given; none of fewer leads than a curve needs."""
    known = [(place, *each) for place, each in enumerate(curves.curves) if each[1].leads >= FEWEST_AT_RISK]
    most = sorted(known, key=lambda each: (-each[2].leads, each[0]))[:MOST_CURVES]
    return sorted(most, key=lambda each: each[0])


def _line(place: int, index: int, segment: Segment, curve: Curve, look: Colours, room: float, *, strong: bool) -> Line:
    name = name_of(segment)
    hue = look.series[place % len(look.series)]
    label = safe_lines(name, TEXT, room, 2)
    return Line(curve, name, label, hue, hue, 2.25, index, dash=DASHES[place // len(look.series)], strong=strong)


def _leader(line: Line, until: int, down: float, long: float) -> list[Drawn]:
    """From the end of a curve level to the edge, dotted where the curve ended before it; then to its name, `down` pixels."""
    level: Drawn = {"type": "line", "x0": line.curve.until, "x1": until, "y0": line.end, "y1": line.end}
    pixels: Drawn = {"type": "path", "xref": "paper", "yref": "y", "xsizemode": "pixel", "ysizemode": "pixel", "xanchor": 1,
                     "yanchor": line.end, "path": f"M0,0L{long},{-down}"}  # fmt: skip
    thin = {"layer": "below", "line": {"color": line.colour, "width": 1, "dash": "dot"}, "opacity": 0.6}
    found = [{**pixels, **thin, "line": {"color": line.colour, "width": 1}}]
    return [{**level, **thin}, *found] if line.curve.until < until else found


def _under(left_out: int, few: Sequence[str], room: float) -> list[str]:
    said = [wording.say("charts.segments_curves_left_out", n=left_out)] if left_out else []
    said += [wording.say("charts.segments_curves_few", names=few)] if few else []
    return [line for each in said for line in safe_lines(each, TEXT, room, 3)]
