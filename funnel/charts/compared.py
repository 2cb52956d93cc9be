"""Funnels beside each other: several models on the same leads, or one process before and after a change."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts import sentences
from funnel.charts.canvas.text import plain, safe_lines
from funnel.charts.canvas.theme import SMALL_SIZE, colours
from funnel.charts.small import Column, Small
from funnel.measures.changed import Change
from funnel.measures.steps import Steps
from funnel.words import wording

USUAL_WIDTH, NARROW = 300, 260


def columns(steps: Sequence[Steps], *, dark: bool = False, width_hint: int | None = None) -> tuple[go.Figure, ...]:
    """One figure for each funnel, on one scale, with rows that line up; each in the hue of its place in `series`.

    A model that is read backwards stands with its last stage at the top. Bars can be clicked as those of `funnel` can.
    `width_hint` is the room in pixels of one figure. Below 20 leads there are counts only. The legend of all stands
    under the first.
    """
    series = colours(dark).series
    columns = []
    for index, each in enumerate(steps):
        upward = each.question.model.reading == "backward"
        counted = sentences.counted(each, each.stages[0].leads if each.stages else 0)
        quiet = wording.say("charts.win_on_top", counted=counted) if upward else counted
        columns.append(Column(each, each.question.model.name, quiet, series[index % len(series)], upward))
    room = width_hint or USUAL_WIDTH
    small = Small(dark, room, medians=True, with_legend=True, name_lines=_name_lines(room), title_lines=2)
    return small.figures(columns)


def change(change: Change, *, dark: bool = False, width_hint: int | None = None) -> tuple[go.Figure, go.Figure]:
    """The funnel before and the funnel after, each bar as long as its share of the first stage: the groups differ in size.

    Counts stand beside; where the model changed, too, its name stands over each. Bars can be clicked as those of
    `funnel` can. `width_hint` is the room in pixels of one figure.
    """
    series = colours(dark).series
    room = width_hint or USUAL_WIDTH
    other_model = change.before.question.model.name != change.after.question.model.name
    columns = []
    for key, each, hue in (("before", change.before, series[1]), ("after", change.after, series[0])):
        counted = sentences.counted(each, each.stages[0].leads if each.stages else 0)
        if other_model:
            name = plain(each.question.model.name)
            counted = wording.say("charts.of_model", model=name, counted=counted)
        (quiet,) = safe_lines(counted, SMALL_SIZE, room, 1)
        columns.append(Column(each, wording.say(f"charts.{key}"), quiet, hue))
    before, after = Small(
        dark, room, medians=True, shares=True, with_legend=True, name_lines=_name_lines(room)
    ).figures(columns)
    return before, after


def _name_lines(room: int) -> int:
    return 3 if room < NARROW else 2
