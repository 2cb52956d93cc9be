"""Where along the way segments differ: a row for each segment, a column for each step from one stage to the next."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import CAMERA, Drawn, Margins, note, sheet
from funnel.charts.canvas.shades import mix
from funnel.charts.canvas.text import ELLIPSIS, plain, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.charts.forest_rows import nothing
from funnel.charts.segment_words import against, impact_told, in_order, name_of, stage_of, step_name
from funnel.charts.sentences import HOVER_ROOM, wrapped
from funnel.core import insights
from funnel.core.types import Contrast, SegmentFound, Segments, Verdict
from funnel.words import wording

USUAL_WIDTH = 860
NAME_SHARE, LEAST_NAME, MOST_NAME, NAME_LINES, HEAD_LINES = 0.24, 116, 220, 3, 3
SPACE, GAP, LEAST_ROW, AROUND = 10, 4, 46, 12
LEAST_CELL, MOST_WORD = 72, 104
FILL = 0.16


def segments_steps(found: Segments, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A cell for each segment and step: the difference to all other leads with its sign, and the counts. Rows as in the forest.

    Clear differences are filled, others are not; of too few leads there are counts alone. Where not all steps have room, those
    with most clear differences are drawn. Cells carry [index of the segment, position of the stage before].
    """
    rows = in_order(found.segments)
    steps = max((len(each.steps) for _, each in rows), default=0)
    if not steps:
        key = "step_trend_none" if rows else "segments_nothing"
        words = wording.say(f"charts.{key}")
        return nothing(words, dark=dark, width_hint=width_hint, revision="segments_steps")
    look = colours(dark)
    room = width_hint or USUAL_WIDTH
    left = round(min(MOST_NAME, max(LEAST_NAME, room * NAME_SHARE)))
    shown = _shown([each for _, each in rows], steps, max(1, int((room - left) / _cell(found, steps))))
    pixels = (room - left) / len(shown)
    places = _places(rows, left)
    heads = [_head(found, step, pixels) for step in shown]
    rise = _rise(heads, pixels)
    font = {"size": SMALL_SIZE, "color": look.muted}
    notes = [
        note("<br>".join(head), x=place + 0.5, xref="x", yref="paper", y=1, yanchor="bottom", yshift=4, font=font,
             hovertext="<br>".join(wrapped([step_name(found.question, step)])))
        for place, (step, head) in enumerate(zip(shown, heads, strict=True))
    ]  # fmt: skip
    notes += [_name(place, look) for place in places]
    left_out = steps - len(shown)
    under = _under(found, left_out, room)
    beside = {"x": 0, "xanchor": "left", "xshift": -left, "align": "left", "yref": "paper", "y": 0}
    notes.append(note("<br>".join(under), yanchor="top", yshift=-SPACE, font=font, **beside))
    height = places[-1].middle + places[-1].height / 2
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "layer": "below"}
    shapes = [
        {**line, "y0": place.middle - place.height / 2, "y1": place.middle - place.height / 2,
         "line": {"color": look.border, "width": 1}}
        for place in places
    ]  # fmt: skip
    return sheet(
        [_cells(found, places, shown, look)],
        dark=dark,
        plot=height,
        x=(0, len(shown)),
        y=(height, 0),
        shapes=shapes,
        notes=notes,
        margins=Margins(left, 0, rise, round(len(under) * SMALL_SIZE * LINE) + 2 * SPACE),
        revision="segments_steps",
        barmode="overlay",
    )


def _cell(found: Segments, steps: int) -> float:
    """Pixels that a cell takes at least: its counts, and the longest word over it, as far as that is a word."""
    counts = [_counts(one) for each in found.segments for one in each.steps]
    words = [word for step in range(steps) for word in _next(found, step).split()]
    widest = max(width(each, SMALL_SIZE) for each in counts)
    return max(LEAST_CELL, widest + SPACE, min(MOST_WORD, max(width(each, SMALL_SIZE) for each in words) + 2 * SPACE))


def _rise(heads: Sequence[Sequence[str]], pixels: float) -> int:
    """Pixels above the cells; where the last head reaches into the corner of the button, it stands under it."""
    tall = round(max(map(len, heads)) * SMALL_SIZE * LINE) + SPACE
    aside = (pixels - max(width(html.unescape(line), SMALL_SIZE) for line in heads[-1])) / 2
    return tall + CAMERA if aside < CAMERA else max(CAMERA, tall)


@dataclass(frozen=True)
class _Place:
    """One row: the segment with its place in the result, its name in safe lines, and where it stands in pixels from the top."""

    index: int
    found: SegmentFound
    name: str
    lines: tuple[str, ...]
    middle: float
    height: float


def _places(rows: Sequence[tuple[int, SegmentFound]], left: int) -> list[_Place]:
    places, y = [], 0.0
    for index, each in rows:
        name = name_of(each.segment)
        lines = safe_lines(name, TEXT_SIZE, left - SPACE, NAME_LINES)
        height = max(LEAST_ROW, len(lines) * TEXT_SIZE * LINE + AROUND)
        places.append(_Place(index, each, name, lines, y + height / 2, height))
        y += height
    return places


def _name(place: _Place, look: Colours) -> Drawn:
    cut = any(ELLIPSIS in line for line in place.lines)
    full = {"hovertext": "<br>".join(wrapped([place.name]))} if cut else {}
    at: Drawn = {"x": 0, "xanchor": "right", "xshift": -SPACE, "align": "right", "y": place.middle}
    return note("<br>".join(place.lines), font={"size": TEXT_SIZE, "color": look.text}, **at, **full)


def _shown(rows: Sequence[SegmentFound], steps: int, most: int) -> list[int]:
    """The steps that have room, in their order; those with most clear differences first, then the earlier ones."""
    clear = [sum(each.steps[step].is_clear for each in rows if step < len(each.steps)) for step in range(steps)]
    return sorted(sorted(range(steps), key=lambda step: (-clear[step], step))[:most])


def _head(found: Segments, step: int, pixels: float) -> tuple[str, ...]:
    return safe_lines(_next(found, step), SMALL_SIZE, pixels - SPACE, HEAD_LINES)


def _next(found: Segments, step: int) -> str:
    stage = stage_of(found.question, step + 1)
    return wording.say("charts.segments_next", stage=stage)


def _under(found: Segments, left_out: int, room: float) -> list[str]:
    said = [wording.say("charts.segments_signs", others=against(found))]
    said += [wording.say("charts.cohort_columns", n=left_out)] if left_out else []
    return [line for each in said for line in safe_lines(each, SMALL_SIZE, room, 4)]


def _cells(found: Segments, places: Sequence[_Place], shown: Sequence[int], look: Colours) -> Drawn:
    each = [
        (place, column, step, place.found.steps[step])
        for place in places
        for column, step in enumerate(shown)
        if step < len(place.found.steps)
    ]
    aside = 0.02
    return {
        "type": "bar",
        "meta": "cells",
        "orientation": "h",
        "base": [column + aside for _, column, _, _ in each],
        "x": [1 - 2 * aside] * len(each),
        "y": [place.middle for place, _, _, _ in each],
        "width": [place.height - GAP for place, _, _, _ in each],
        "marker": {"color": [_fill(one, look) for *_, one in each], "line": {"width": 0}, "cornerradius": 4},
        "text": [_text(one) for *_, one in each],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "textfont": {
            "size": SMALL_SIZE,
            "color": [look.text if one.is_clear else look.muted for *_, one in each],
        },
        "customdata": [[place.index, step] for place, _, step, _ in each],
        "hovertext": [_told(found, place, step, one) for place, _, step, one in each],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }


def _fill(contrast: Contrast, look: Colours) -> str:
    """Pale blue for more, pale warm for fewer; the page itself for what cannot be told."""
    if not contrast.is_clear:
        return look.background
    hue = look.progress if contrast.verdict is Verdict.HIGHER else look.lost
    return mix(look.background, hue, FILL)


def _text(contrast: Contrast) -> str:
    if contrast.difference is None:
        return _counts(contrast)
    exact = abs(contrast.difference) * 100
    size = round(exact, 1 if exact >= insights.SMALL_POINTS else 2)
    key = contrast.verdict.name.lower()
    if contrast.verdict is Verdict.UNCLEAR:
        key += "_zero" if not size else "_plus" if contrast.difference > 0 else "_minus"
    sign = wording.say(f"charts.segments_cell_{key}", n=size)
    strong = f"<b>{sign}</b>" if contrast.is_clear else sign
    return f"{strong}<br>{_counts(contrast)}"


def _counts(contrast: Contrast) -> str:
    rate = contrast.rate
    return wording.say("charts.part_of", part=rate.numerator, whole=rate.denominator)


def _told(found: Segments, place: _Place, step: int, contrast: Contrast) -> str:
    title = [
        f"<b>{line}</b>"
        for each in (place.name, step_name(found.question, step))
        for line in safe_lines(plain(each), SMALL_SIZE * 1.1, HOVER_ROOM, 4)
    ]
    said = [insights.verdict_said(contrast, place.name, against(found))]
    if contrast.is_compared:
        to = stage_of(found.question, step + 1)
        said.append(impact_told(contrast, found.question, to))
    return "<br>".join([*title, *wrapped([each for each in said if each])])
