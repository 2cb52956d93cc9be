"""The same funnel for each group of leads, small, on one scale."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts import sentences
from funnel.charts.small import Column, Small
from funnel.measures.steps import Breakdown, Steps
from funnel.words import wording

USUAL_WIDTH = 280


def small_multiples(
    breakdown: Breakdown, *, dark: bool = False, width_hint: int | None = None
) -> tuple[go.Figure, ...]:
    """One figure for each group of a breakdown, largest first, with equal heights and the same scale.

    `width_hint` is the room in pixels of one figure. Groups of fewer than 20 leads show counts only. Bars can be
    clicked as those of `funnel` can. The legend is that of the funnel of them all.
    """
    no_value = wording.say("charts.no_value")
    columns = [Column(steps, no_value if value is None else value) for value, steps in breakdown.groups]
    return Small(dark, width_hint or USUAL_WIDTH).figures(columns)


def group_funnels(
    groups: Sequence[tuple[str, Steps]], *, dark: bool = False, width_hint: int | None = None
) -> tuple[go.Figure, ...]:
    """One figure for each named group, a bar as long as its share of the group's own first stage, all on one scale.

    Under each name stands how many came to the first stage. `width_hint` is the room in pixels of one figure. The legend of all
    stands under the first.
    """
    columns = [
        Column(steps, name, sentences.counted(steps, steps.stages[0].leads if steps.stages else 0))
        for name, steps in groups
    ]
    return Small(dark, width_hint or USUAL_WIDTH, shares=True, with_legend=True, title_lines=2).figures(columns)
