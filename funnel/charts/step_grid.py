"""Where along the way segments differ: a row for each segment, a column for each step from one stage to the next."""

from __future__ import annotations

import html
from collections.abc import Sequence
from math import ceil

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, note, scale, sheet
from funnel.charts.canvas.shades import mix
from funnel.charts.canvas.text import plain, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.charts.forest_rows import nothing
from funnel.charts.segment_words import against, impact_sentence, in_order, name_of, stage_of, step_name
from funnel.charts.sentences import HOVER_ROOM, wrapped
from funnel.core import insights
from funnel.core.types import Contrast, Verdict
from funnel.measures.segments import SegmentFound, Segments
from funnel.words import wording

USUAL_WIDTH = 860
NARROWEST = 600
NAME_SHARE, LEAST_NAME, MOST_NAME, NAME_LINES, HEAD_LINES = 0.24, 80, 220, 3, 3
SPACE, GAP, LEAST_ROW, AROUND = 10, 4, 46, 12
LOOSE = 1.06
"""Letters as a browser draws them may be a little wider than they are reckoned."""
ROOMY = 160
LEAST_CELL, MOST_WORD = 72, 124
MOST_ROWS = 24
"""Rows, with those of heads between them, up to which steps that have no room go on under the others."""
FILL = 0.16
FILLED = {Verdict.HIGHER: 1, Verdict.LOWER: -1}


def segments_steps(segments: Segments, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A cell for each segment and step: the difference to all other leads with its sign, and the counts. Rows as in the forest.

    Clear differences are filled, others are not; of too few leads there are counts alone. Steps that have no room beside the others go
    on under them; where that would be too high, those with most clear differences are drawn. Cells carry [index of the segment,
    position of the stage before].
    """
    rows = in_order(segments.segments)
    steps = max((len(each.steps) for _, each in rows), default=0)
    if not steps:
        key = "step_trend_none" if rows else "segments_nothing"
        words = wording.say(f"charts.{key}")
        return nothing(words, dark=dark, width_hint=width_hint, revision="segments_steps")
    theme = colours(dark)
    room = width_hint or USUAL_WIDTH
    most = round(min(MOST_NAME, max(LEAST_NAME, room * NAME_SHARE)))
    names = [safe_lines(name_of(each.segment), TEXT_SIZE, most - SPACE, NAME_LINES) for _, each in rows]
    longest = max(width(html.unescape(line), TEXT_SIZE * LOOSE) for lines in names for line in lines)
    left = min(most, max(LEAST_NAME, round(longest) + 2 * SPACE))
    bands = _bands([each for _, each in rows], steps, max(1, int((room - left) / _cell(segments, steps))))
    across = max(map(len, bands))
    pixels = (room - left) / across
    # Without a hint the grid may be narrower than usual, and heads are not to touch then either.
    above = ((room if width_hint else NARROWEST) - left) / across
    heads = [
        [safe_lines(_next(segments, step), SMALL_SIZE, above - SPACE, HEAD_LINES) for step in each] for each in bands
    ]
    head_lines = max(len(lines) for each in heads for lines in each)
    row = max(
        LEAST_ROW, max(map(len, names)) * TEXT_SIZE * LINE + AROUND, len(bands) > 1 and head_lines * SMALL_SIZE * LINE
    )
    tall = max(map(len, heads[0])) * SMALL_SIZE * LINE + SPACE
    under = _under(segments, steps - sum(map(len, bands)), room)
    # Between two bands stands a row of heads.
    tops = [band * (len(rows) + 1) for band in range(len(bands))]
    places = [top + index for top in tops for index in range(len(rows))]
    down = places[-1] + 1
    return sheet(
        [_cells(segments, rows, bands, theme)],
        dark=dark,
        plot=row * down,
        x=scale((-0.5, across - 0.5), range(len(bands[0])), list(map("<br>".join, heads[0])), side="top"),
        y=scale(
            (down - 0.5, -0.5),
            places,
            list(map("<br>".join, names * len(bands))),
            tickfont={"size": TEXT_SIZE, "color": theme.text},
            minor={
                "tickvals": [place - 0.5 for place in places if place not in tops or not place],
                "showgrid": True,
                "gridcolor": theme.border,
            },
        ),
        notes=[
            note(
                "<br>".join(lines),
                x=column,
                xref="x",
                y=top - 0.5,
                yanchor="bottom",
                font={"size": SMALL_SIZE, "color": theme.muted},
            )
            for top, each in zip(tops[1:], heads[1:], strict=True)
            for column, lines in enumerate(each)
        ],
        title={"text": "<br>".join(under)},
        # The last head may reach under the button, which is then above it.
        margins=Margins(
            top=round(tall + MENU if pixels < ROOMY else max(MENU, tall)),
            bottom=round(len(under) * SMALL_SIZE * LINE) + 2 * SPACE,
        ),
        revision="segments_steps",
    )


def _cell(segments: Segments, steps: int) -> float:
    """Pixels that a cell takes at least: its counts, and the longest word over it, as far as that is a word."""
    counts = [_counts(one) for each in segments.segments for one in each.steps]
    words = [word for step in range(steps) for word in _next(segments, step).split()]
    widest = max(width(each, SMALL_SIZE) for each in counts)
    return max(LEAST_CELL, widest + SPACE, min(MOST_WORD, max(width(each, SMALL_SIZE) for each in words) + 2 * SPACE))


def _bands(rows: Sequence[SegmentFound], steps: int, most: int) -> list[list[int]]:
    """The steps that are drawn, in their order, so many beside one another at most: where that is not too high, all of them, in bands
    under one another; else those with most clear differences first, then the earlier ones."""
    bands = ceil(steps / most)
    if bands * (len(rows) + 1) - 1 <= MOST_ROWS:
        each = ceil(steps / bands)
        return [list(range(begin, min(begin + each, steps))) for begin in range(0, steps, each)]
    clear = [sum(each.steps[step].is_clear for each in rows if step < len(each.steps)) for step in range(steps)]
    return [sorted(sorted(range(steps), key=lambda step: (-clear[step], step))[:most])]


def _next(segments: Segments, step: int) -> str:
    stage = stage_of(segments.question, step + 1)
    return wording.say("charts.segments_next", stage=stage)


def _under(segments: Segments, left_out: int, room: float) -> list[str]:
    sentences = [wording.say("charts.segments_signs", others=against(segments))]
    sentences += [wording.say("charts.cohort_columns", n=left_out)] if left_out else []
    return [line for each in sentences for line in safe_lines(each, SMALL_SIZE, room, 4)]


def _cells(
    segments: Segments, rows: Sequence[tuple[int, SegmentFound]], bands: Sequence[Sequence[int]], theme: Colours
) -> Drawn:
    """Pale blue for more, pale warm for fewer; the page itself for what cannot be told."""
    across = max(map(len, bands))
    found: list[list[tuple[int, SegmentFound, int, Contrast] | None]] = []
    for band, drawn in enumerate(bands):
        # Under the heads of a band stands nothing.
        found += [[None] * across] if band else []
        for index, each in rows:
            cells = [(index, each, step, each.steps[step]) if step < len(each.steps) else None for step in drawn]
            found.append([*cells, *[None] * (across - len(drawn))])
    return {
        "type": "heatmap",
        "meta": "cells",
        "z": [[cell and FILLED.get(cell[3].verdict, 0) for cell in row] for row in found],
        "zmin": -1,
        "zmax": 1,
        "colorscale": [
            [0, mix(theme.background, theme.lost, FILL)],
            [0.5, theme.background],
            [1, mix(theme.background, theme.progress, FILL)],
        ],
        "showscale": False,
        "xgap": GAP,
        "ygap": GAP,
        "text": [[_text(cell[3], theme) if cell else "" for cell in row] for row in found],
        "texttemplate": "%{text}",
        "textfont": {"size": SMALL_SIZE, "color": theme.text},
        "customdata": [[[cell[0], cell[2]] if cell else None for cell in row] for row in found],
        "hovertext": [[_hover(segments, *cell[1:]) if cell else "" for cell in row] for row in found],
        "hoverongaps": False,
    }


def _text(contrast: Contrast, theme: Colours) -> str:
    quiet = f'<span style="color:{theme.muted}">{{}}</span>'
    if contrast.difference is None:
        return quiet.format(_counts(contrast))
    exact = abs(contrast.difference) * 100
    size = round(exact, 1 if exact >= insights.SMALL_POINTS else 2)
    key = contrast.verdict.name.lower()
    if contrast.verdict is Verdict.UNCLEAR:
        key += "_zero" if not size else "_plus" if contrast.difference > 0 else "_minus"
    sign = wording.say(f"charts.segments_cell_{key}", n=size)
    if contrast.is_clear:
        return f"<b>{sign}</b><br>{_counts(contrast)}"
    return quiet.format(f"{sign}<br>{_counts(contrast)}")


def _counts(contrast: Contrast) -> str:
    rate = contrast.rate
    return wording.say("charts.part_of", part=rate.numerator, whole=rate.denominator)


def _hover(segments: Segments, each: SegmentFound, step: int, contrast: Contrast) -> str:
    name = name_of(each.segment)
    title = [
        f"<b>{line}</b>"
        for part in (name, step_name(segments.question, step))
        for line in safe_lines(plain(part), SMALL_SIZE * 1.1, HOVER_ROOM, 4)
    ]
    sentences = [insights.verdict_said(contrast, name, against(segments))]
    if contrast.is_compared:
        to = stage_of(segments.question, step + 1)
        sentences.append(impact_sentence(contrast, segments.question, to))
    return "<br>".join([*title, *wrapped([*filter(None, sentences)])])
