"""Wins by month as bars, and what is expected of the months to come as a line in its ranges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, band, scale, sheet
from funnel.charts.canvas.dated import days_of, periods
from funnel.charts.canvas.legend import Entry, legend
from funnel.charts.canvas.scales import MOST_TICKS, round_ticks
from funnel.charts.canvas.theme import colours, pale
from funnel.charts.sentences import wrapped
from funnel.core.types import Period
from funnel.measures.forecast import Forecast
from funnel.measures.forecast_months import Month
from funnel.words import wording

PLOT, AXIS, LEFT = 260, 30, 44
USUAL_WIDTH, RISE = 760, 8
NARROW_TICKS, TICKS = 5, 10
UNFINISHED, STILL, BAND80, BAND95 = 0.45, 0.16, 0.24, 0.12
ABOVE, HALF = 1.06, 0.42
NARROW_BEFORE = 6


def draw(result: Forecast, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """Bars of what was won, pale where the month is not over, and on that one what is still expected; dots of what is expected, in bands
    of the middle 80 and 95 %, where they are known. On a phone half of the months before."""
    theme = colours(dark)
    history = result.history if width_hint is None else result.history[-NARROW_BEFORE:]
    past = len(history)
    first = past - (1 if result.unfinished else 0)
    places = list(range(first, first + len(result.months)))
    won: Drawn = {
        "type": "bar",
        "x": list(range(past)),
        "y": [wins for _, wins in history],
        "marker": {
            "color": [
                pale(theme.progress, UNFINISHED) if day == result.unfinished else theme.progress for day, _ in history
            ],
            "line": {"width": 0},
        },
        "hovertext": [_lines(_past(result, place)) for place in range(len(result.history) - past, len(result.history))],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    expected: Drawn = {
        "type": "scatter",
        "mode": "lines+markers",
        "meta": "expected",
        "x": places,
        "y": [_in_all(month) for month in result.months],
        "line": {"color": theme.text, "width": 2},
        "marker": {"size": 7, "color": theme.text},
        "hovertext": [_lines(_told(result, month)) for month in result.months],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    known = [(place, month) for place, month in zip(places, result.months, strict=True) if month.range is not None]
    bands = [
        _band(known, "low95", "high95", pale(theme.progress, BAND95)),
        _band(known, "low80", "high80", pale(theme.progress, BAND80)),
    ]
    still = [_still(result, first, pale(theme.progress, STILL))] if result.unfinished else []
    top = ABOVE * max([1, *(wins for _, wins in history), *(_high(month) for month in result.months)])
    count = places[-1] + 1 if places else past
    starts = [*(day for day, _ in history), *(month.first for month in result.months[past - first :])]
    step = max(1, -(-count // (TICKS if width_hint is None else NARROW_TICKS)))
    ticks = list(range(0, count, step))
    levels = [tick for tick in round_ticks(0, top, MOST_TICKS, 1.0) if tick <= top]
    fills = [("won", theme.progress), ("expected", theme.text)]
    if known:
        # The bands lie over each other.
        fills += [("range80", pale(theme.progress, BAND80 + BAND95)), ("range95", pale(theme.progress, BAND95))]
    entries = [Entry(wording.say(f"charts.forecast_{name}"), fill) for name, fill in fills]
    words = legend(entries, theme, left=-LEFT, room=(width_hint or USUAL_WIDTH) - MENU, rise=RISE)
    return sheet(
        [won, *still, *(bands if known else []), expected],
        dark=dark,
        plot=PLOT,
        x=scale((-0.6, count - 0.4), ticks, [_short(result, starts, place) for place in ticks]),
        y=scale((0, top), levels, [wording.number(level) for level in levels], showgrid=True),
        margins=Margins(left=LEFT, top=words.height, bottom=AXIS),
        shapes=words.shapes,
        notes=words.notes,
        revision="forecast",
        barmode="stack",
        meta=days_of(
            periods(starts, [result.unit.last_day(each, result.question.calendar) for each in starts]),
            above=words.height,
        ),
        bargap=0.2,
    )


def describe(result: Forecast) -> str:
    """What is expected of the first month and of all of them. Plain text."""
    if not result.months:
        return wording.say("charts.forecast_nothing")
    all_wins = sum(_in_all(month) for month in result.months)
    told = [_told(result, result.months[0]) + "."]
    if len(result.months) > 1:
        last = _name(result, result.months[-1].first)
        told.append(wording.say("charts.forecast_all", month=last, expected=round(all_wins)))
    return " ".join(told)


def _in_all(month: Month) -> float:
    return month.won + month.expected


def _high(month: Month) -> float:
    return month.won + (month.expected if month.range is None else month.range.high95)


def _band(known: Sequence[tuple[int, Month]], low: str, high: str, fill: str) -> Drawn:
    """The outline of a range around the middles of months, half a month further at its ends."""
    upper = [(place, month.won + getattr(month.range, high)) for place, month in known]
    lower = [(place, month.won + getattr(month.range, low)) for place, month in known]
    outline = [point for side in (_stretched(upper), _stretched(lower)[::-1]) for point in side]
    return band(outline, fill)


def _stretched(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    if not points:
        return []
    return [(points[0][0] - HALF, points[0][1]), *points, (points[-1][0] + HALF, points[-1][1])]


def _still(result: Forecast, place: int, fill: str) -> Drawn:
    """On top of the month that is not over, what is still expected of it."""
    month = result.months[0]
    return {
        "type": "bar",
        "meta": "still",
        "x": [place],
        "y": [month.expected],
        "marker": {"color": fill, "line": {"width": 0}},
        "hoverinfo": "skip",
    }


def _past(result: Forecast, place: int) -> str:
    day, wins = result.history[place]
    key = "forecast_so_far" if day == result.unfinished else "forecast_past"
    return wording.say(f"charts.{key}", month=_name(result, day), won=wins)


def _told(result: Forecast, month: Month) -> str:
    values = {"month": _name(result, month.first), "won": month.won, "open": round(month.from_open)}
    kind = "rest" if month.first == result.unfinished else "month"
    if month.range is None:
        return wording.say(f"charts.forecast_{kind}", expected=round(month.expected), **values)
    ends = {
        name: month.won + getattr(month.range, field)
        for name, field in (("low", "low80"), ("high", "high80"), ("low95", "low95"), ("high95", "high95"))
    }
    return wording.say(f"charts.forecast_{kind}_range", expected=round(month.expected), **values, **ends)


def _name(result: Forecast, first: date) -> str:
    name = result.unit.name_of(first, result.question.calendar)
    return wording.say(name.key, **name.values)


def _short(result: Forecast, starts: Sequence[date], place: int) -> str:
    first = starts[place]
    return wording.month(first) if result.unit is Period.MONTH else wording.day(first, year=False)


def _lines(text: str) -> str:
    return "<br>".join(wrapped([text]))
