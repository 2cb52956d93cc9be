"""What came in, what was won and lost, and what is open, month by month."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn, Margins, scale, sheet
from funnel.charts.canvas.dated import days_of, periods
from funnel.charts.canvas.scales import MOST_TICKS, round_ticks
from funnel.charts.canvas.theme import colours, pale
from funnel.charts.sentences import wrapped
from funnel.core.types import Period
from funnel.measures.pipeline import Month, Pipeline
from funnel.words import wording

PLOT, LEGEND, AXIS, LEFT = 240, 34, 40, 56
NARROW_TICKS, TICKS = 4, 9
UNFINISHED = 0.45


def draw(pipeline: Pipeline, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """Bars up for leads that came, down for those won and lost; a line for those open at the end of each month. The month that is not
    over is pale."""
    theme = colours(dark)
    months = pipeline.months
    indexes, firsts = list(range(len(months))), [each.first for each in months]

    def bars(name: str, counts: list[int], colour: str) -> Drawn:
        return {
            "type": "bar",
            "name": wording.say(f"charts.pipeline_{name}"),
            "x": indexes,
            "y": counts,
            "marker": {
                "color": [pale(colour, UNFINISHED) if each.first == pipeline.unfinished else colour for each in months],
                "line": {"width": 0},
            },
            "hovertext": [_month(pipeline, each) for each in months],
            "hovertemplate": "%{hovertext}<extra></extra>",
        }

    open_line: Drawn = {
        "type": "scatter",
        "mode": "lines",
        "name": wording.say("charts.pipeline_open"),
        "x": indexes,
        "y": [each.open for each in months],
        "line": {"color": theme.text, "width": 2},
        "hoverinfo": "skip",
    }
    traces = [
        open_line,
        bars("came", [each.came for each in months], theme.still),
        bars("won", [-each.won for each in months], theme.progress),
        bars("lost", [-each.lost for each in months], theme.lost),
    ]
    top = max([1, *(max(each.came, each.open) for each in months)])
    bottom = -max([0, *(each.won + each.lost for each in months)])
    ticks = indexes[:: max(1, -(-len(indexes) // (TICKS if width_hint is None else NARROW_TICKS)))]
    levels = round_ticks(bottom, top, MOST_TICKS, 1.0)
    lasts = [Period.MONTH.last_day(first, pipeline.question.calendar) for first in firsts]
    return sheet(
        traces,
        dark=dark,
        plot=PLOT,
        x=scale((-0.6, len(indexes) - 0.4), ticks, [wording.month(months[index].first) for index in ticks]),
        y=scale((bottom * 1.05, top * 1.05), levels, [wording.number(abs(level)) for level in levels], showgrid=True),
        margins=Margins(left=LEFT, top=LEGEND, bottom=AXIS),
        revision="pipeline",
        barmode="relative",
        bargap=0.2,
        meta=days_of(periods(firsts, lasts)),
        showlegend=True,
    )


def describe(pipeline: Pipeline) -> str:
    """What is open now, and how the last whole month went. Plain text."""
    whole = [each for each in pipeline.months if each.first != pipeline.unfinished]
    if not pipeline.months or not whole:
        return wording.say("charts.pipeline_nothing")
    last = whole[-1]
    values = {"came": last.came, "won": last.won, "lost": last.lost, "open": pipeline.months[-1].open}
    sentences = [wording.say("charts.pipeline_told", month=wording.month(last.first), **values)]
    for key, leads in (("undated", pipeline.undated), ("untimed", pipeline.untimed)):
        if leads:
            sentences.append(wording.say(f"charts.pipeline_{key}", leads=leads))
    return " ".join(sentences)


def _month(pipeline: Pipeline, month: Month) -> str:
    key = "pipeline_so_far" if month.first == pipeline.unfinished else "pipeline_month"
    values = {"came": month.came, "won": month.won, "lost": month.lost, "open": month.open}
    return "<br>".join(wrapped([wording.say(f"charts.{key}", month=wording.month(month.first), **values)]))
