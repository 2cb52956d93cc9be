"""Rows of durations on one scale: a box from the first quartile to the third, the median in it, and what was counted beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn, note
from funnel.charts.canvas.theme import SMALL_SIZE, Colours, colours, pale
from funnel.charts.rows import Row, is_narrow, row_chart
from funnel.measures.time_in_stage import Quantiles
from funnel.words import wording

BOX, BOX_OPACITY, AROUND = 20, 0.45, 0.07
HOUR, MONTH, YEAR = 1 / 24, 30.4375, 365.25
STEPS_OF_SCALE = (
    (HOUR, (HOUR / 60, HOUR / 12, HOUR / 4)),
    (1, (HOUR, 2 * HOUR, 6 * HOUR)),
    (3, (0.5, 1)),
    (60, (1, 2, 5, 10, 20)),
    (2 * YEAR, (MONTH, 2 * MONTH, 3 * MONTH, 6 * MONTH)),
    (float("inf"), (YEAR, 2 * YEAR, 5 * YEAR, 20 * YEAR, 100 * YEAR)),
)
"""Up to how many days a scale has which steps, so that all its marks read well in one unit."""
MOST_TICKS, MOST_NARROW_TICKS = 6, 4


@dataclass(frozen=True)
class Span:
    """One row: its words, its durations, and the median of those that are through only."""

    words: Row
    times: Quantiles
    through_median: float | None


def waits(
    spans: Sequence[Span], legend: Sequence[str], *, dark: bool, width_hint: int | None, revision: str
) -> go.Figure:
    """The rows from the top; `legend` says what the box, the line in it and the hollow mark are.

    A box whose third quartile is not reached is open: it goes on to the edge, and ends in an arrow.
    """
    theme = colours(dark)
    most = _longest(spans)
    narrow = is_narrow(width_hint)
    marks = scale_marks(most, narrow=narrow) if spans else []
    quiet = {"size": SMALL_SIZE, "color": theme.muted}
    nothing = [] if spans else [note(wording.say("charts.times_nothing"), x=0.5, yref="paper", y=0.5, font=quiet)]
    return row_chart(
        [span.words for span in spans],
        _traces(spans, legend, most, theme),
        (-AROUND * most if narrow else 0, (1 + AROUND / 2) * most),
        [(days, wording.say("charts.times_tick", days=days)) for days in marks],
        dark=dark,
        width_hint=width_hint,
        revision=revision,
        notes=nothing,
    )


def scale_marks(most: float, *, narrow: bool) -> list[float]:
    """Where a scale of days that ends at `most` is marked, from 0: few marks, which read well in one unit."""
    steps = next(steps for up_to, steps in STEPS_OF_SCALE if most < up_to)
    few = MOST_NARROW_TICKS if narrow else MOST_TICKS
    step = next((step for step in steps if most / step <= few), steps[-1])
    return [number * step for number in range(int(most / step) + 1)]


def _longest(spans: Sequence[Span]) -> float:
    """Where the scale ends: a little beyond the last quartile, or beyond what was watched where that is not reached."""
    ends = [0.0]
    for span in spans:
        times = span.times
        quartiles = [part.days for part in (times.quarter, times.median, times.three_quarters) if part.days is not None]
        ends += [*quartiles, span.through_median or 0.0]
        if quartiles and times.three_quarters.days is None:
            ends.append(max(quartiles) * 1.5)
    return max(ends) * 1.06 or 1.0


def _traces(spans: Sequence[Span], legend: Sequence[str], most: float, theme: Colours) -> list[Drawn]:
    """The boxes with an arrow where they are open, the medians, and the medians of those that are through."""
    each = {index: span.times for index, span in enumerate(spans) if span.times.quarter.days is not None}
    starts = {index: times.quarter.days or 0.0 for index, times in each.items()}
    ends = {index: times.three_quarters.days for index, times in each.items()}
    medians = {index: times.median.days for index, times in each.items() if times.median.days is not None}
    through = {index: span.through_median for index, span in enumerate(spans) if span.through_median is not None}
    arrow = {"symbol": "triangle-right", "size": BOX / 2, "color": theme.progress}
    line = {"symbol": "line-ns", "size": BOX, "line": {"color": theme.text, "width": 3}}
    hollow = {"symbol": "circle", "size": 9, "color": theme.background, "line": {"color": theme.muted, "width": 2}}
    return [
        {
            **_hovers(spans, starts),
            "type": "bar",
            "orientation": "h",
            "meta": "box",
            "name": legend[0],
            "base": list(starts.values()),
            "x": [(ends[index] or most) - start for index, start in starts.items()],
            "width": BOX,
            "marker": {"color": pale(theme.progress, BOX_OPACITY)},
        },
        _marks(spans, {index: most for index, end in ends.items() if end is None}, arrow, meta="open"),
        _marks(spans, medians, line, meta="median", name=legend[1]),
        _marks(spans, through, hollow, meta="through", name=legend[2]),
    ]


def _marks(spans: Sequence[Span], at: Mapping[int, float | None], marker: Drawn, **more: str) -> Drawn:
    """A mark in each of these rows, at so many days."""
    drawn = {"type": "scatter", "mode": "markers", "x": list(at.values()), "marker": marker, "cliponaxis": False}
    return {**drawn, **_hovers(spans, at), **more}


def _hovers(spans: Sequence[Span], indexes: Iterable[int]) -> Drawn:
    rows = list(indexes)
    hovers = [spans[index].words.hover() for index in rows]
    return {"y": rows, "hovertext": hovers}
