"""How many leads started when: the little histogram above the slider of dates."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import sheet
from funnel.charts.canvas.dated import days_alone
from funnel.charts.canvas.theme import colours
from funnel.core.types import Unit
from funnel.measures.kpis import Starts
from funnel.words import wording

HEIGHT = 56
HALF_A_DAY = timedelta(hours=12)
MILLISECONDS_A_DAY = 86_400_000
FILLED = 0.86


def starts(
    starts: Starts,
    start_from: date | None,
    start_to: date | None,
    *,
    dark: bool = False,
    unit: Unit = Unit.LEAD,
) -> go.Figure:
    """Bars of starts per period, without axes, as wide as the slider under them; those the chosen dates touch are blue.

    The left edge is the first start's day and the right edge the last one's, as on the slider; None leaves that side of
    the choice open. Undated leads are not drawn.
    """
    theme = colours(dark)
    counted = "charts.accounts" if unit is Unit.ACCOUNT else "charts.leads"
    middles, widths, fills, hovers = [], [], [], []
    for first_day, leads in starts.counts:
        end = starts.period.last_day(first_day, starts.calendar) + timedelta(days=1)
        length = (end - first_day).days
        # A day is a point on the slider: a period reaches half a day before its first and half a day after its last.
        middles.append(datetime.combine(first_day, time()) + timedelta(days=length / 2) - HALF_A_DAY)
        widths.append(length * MILLISECONDS_A_DAY * FILLED)
        chosen = (start_to is None or first_day <= start_to) and (start_from is None or end > start_from)
        fills.append(theme.chosen_bar if chosen else theme.other_bar)
        count = wording.say(counted, n=leads)
        hovers.append(wording.say(f"charts.starts_{starts.period}", day=first_day, count=count))
    bars = {
        "type": "bar",
        "x": middles,
        "y": [leads for _, leads in starts.counts],
        "width": widths,
        "marker": {"color": fills},
        "hovertext": hovers,
    }
    return sheet(
        [bars],
        dark=dark,
        plot=HEIGHT,
        x={"type": "date", "range": _range(starts)},
        y=(0, max([1, *(leads for _, leads in starts.counts)]) * 1.04),
        revision="starts",
        paper_bgcolor="rgba(0,0,0,0)",
        barcornerradius=1,
        hovermode="x",
        meta=days_alone(starts.first.date(), starts.last.date()) if starts.first and starts.last else None,
    )


def _range(starts: Starts) -> list[datetime] | None:
    if starts.first is None or starts.last is None:
        return None
    first, last = (datetime.combine(day.date(), time()) for day in (starts.first, starts.last))
    return [first - HALF_A_DAY, last + HALF_A_DAY]
