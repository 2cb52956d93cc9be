"""Conversion by age of segments: a curve of steps for each, named beside its end."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, sheet
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import DASHES, LINE, SMALL_SIZE, Colours, colours
from funnel.charts.curve_lines import FLAT_PLOT, NARROW, PLOT, USUAL_WIDTH, Line, axes, band, upright
from funnel.charts.forest_rows import nothing
from funnel.charts.segment_words import name_of
from funnel.core.types import FEWEST_AT_RISK, Segment
from funnel.measures.curves import Curve
from funnel.measures.segment_curves import SegmentCurves
from funnel.words import wording

MOST_CURVES = 6
MOST_BANDS = 3
LABEL, NARROW_LABEL = 150, 84


def segment_curves(
    curves: SegmentCurves,
    day: int | None,
    clear: Sequence[Segment] = (),
    *,
    dark: bool = False,
    width_hint: int | None = None,
) -> go.Figure:
    """At most MOST_CURVES curves, of the segments that are `clear` of the others first, then of those with most leads, each in a hue of
    its own (the fifth and sixth dashed), with its interval where there are few; an upright line marks `day`. Below stands which
    segments are not drawn, and why.

    Points carry [index of the segment].
    """
    theme = colours(dark)
    room = width_hint or USUAL_WIDTH
    drawn = drawn_curves(curves, clear)
    few = [name_of(segment) for segment, curve in curves.curves if curve.leads < FEWEST_AT_RISK]
    if not drawn:
        words = wording.say("charts.segments_curves_none")
        return nothing(words, dark=dark, width_hint=width_hint, revision="segment_curves")
    narrow, banded = room < NARROW, len(drawn) <= MOST_BANDS
    label = NARROW_LABEL if narrow else LABEL
    lines = [
        _line(order, index, segment, curve, theme, label, strong=banded)
        for order, (index, segment, curve) in enumerate(drawn)
    ]
    plot = FLAT_PLOT if narrow else PLOT
    under = _under(len(curves.curves) - len(drawn) - len(few), few, room)
    scales, leaders, until = axes(lines, lines, plot, room - label, title={"text": "<br>".join(under)})
    return sheet(
        [
            *map(band, lines if banded else ()),
            *leaders,
            *(line.trace(curves.question) for line in lines),
        ],
        dark=dark,
        plot=plot,
        **scales,
        shapes=[] if day is None or day > until else [_marked(day, theme)],
        margins=Margins(top=MENU, bottom=28 + (round(len(under) * SMALL_SIZE * LINE) + 18 if under else 0)),
        revision="segment_curves",
        hoverdistance=24,
    )


def drawn_curves(curves: SegmentCurves, clear: Sequence[Segment] = ()) -> list[tuple[int, Segment, Curve]]:
    """Those that are `clear`, then those of the most leads, with their indexes, in the order given; none of fewer leads than a curve
    needs."""
    followed = [(index, *each) for index, each in enumerate(curves.curves) if each[1].leads >= FEWEST_AT_RISK]
    most = sorted(followed, key=lambda each: (each[1] not in clear, -each[2].leads, each[0]))[:MOST_CURVES]
    return sorted(most, key=lambda each: each[0])


def _line(order: int, index: int, segment: Segment, curve: Curve, theme: Colours, room: float, *, strong: bool) -> Line:
    name = name_of(segment)
    hue = theme.series[order % len(theme.series)]
    label = safe_lines(name, SMALL_SIZE, room, 2)
    return Line(curve, name, label, hue, hue, 2.25, index, dash=DASHES[order // len(theme.series)], strong=strong)


def _marked(day: int, theme: Colours) -> Drawn:
    """An upright line at the day, which is named over it."""
    anchor = {"textposition": "end", "textangle": 0, "xanchor": "center", "yanchor": "bottom"}
    font = {"size": SMALL_SIZE, "color": theme.muted}
    return {**upright(day, theme), "label": {"text": wording.say("charts.age_day", day=day), "font": font, **anchor}}


def _under(left_out: int, few: Sequence[str], room: float) -> list[str]:
    sentences = [wording.say("charts.segments_curves_left_out", n=left_out)] if left_out else []
    sentences += [wording.say("charts.segments_curves_few", names=few)] if few else []
    return [line for each in sentences for line in safe_lines(each, SMALL_SIZE, room, 3)]
