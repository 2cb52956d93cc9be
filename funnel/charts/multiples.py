"""The same funnel for each group of leads, small, on one scale."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel import wording
from funnel.charts.stages import lines_above, small_figure
from funnel.nouns import Breakdown

USUAL_WIDTH = 280


def small_multiples(
    breakdown: Breakdown, *, dark: bool = False, language: str = "en", width_hint: int | None = None
) -> tuple[go.Figure, ...]:
    """One figure for each group of a breakdown, largest first, with equal heights and the same scale.

    `width_hint` is the room in pixels of one figure. Groups of fewer than 20 leads show counts only. Bars can be
    clicked as those of `funnel` can. The legend is that of the funnel of them all.
    """
    room = width_hint or USUAL_WIDTH
    groups = breakdown.groups
    largest = max([1, *(stage.leads for _, steps in groups for stage in steps.stages)])
    lines = max([1, *(lines_above(steps, room, language) for _, steps in groups)])
    return tuple(
        small_figure(
            steps,
            wording.say("charts.no_value", language=language) if value is None else value,
            dark=dark,
            language=language,
            room=room,
            largest=largest,
            name_lines=lines,
        )
        for value, steps in groups
    )
