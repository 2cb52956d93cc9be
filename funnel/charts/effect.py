"""The effect of a change: each month's rate with its interval before and after the day, and where the trend before goes on to."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, percentages, sheet
from funnel.charts.canvas.dated import days_of, periods
from funnel.charts.canvas.scales import percent_ticks
from funnel.charts.canvas.shades import mix
from funnel.charts.canvas.theme import Colours, colours
from funnel.charts.cohort_words import cohort_name
from funnel.charts.forest_rows import nothing
from funnel.charts.rates_by_start import BESIDE, DENSE, NARROWEST, WIDEST_INTERVAL, names_scale
from funnel.charts.sentences import wrapped
from funnel.core import insights
from funnel.core.types import Period
from funnel.measures.effect import Effect
from funnel.measures.effect_months import CohortMonth
from funnel.measures.effect_words import verdict_note
from funnel.words import wording

PLOT, USUAL_WIDTH = 280, 760
NARROW, LEGEND_ROW = 560, 20
APART = "\u2003"


def draw(result: Effect, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A point a month: full where all of its leads are old enough, hollow where not; a line at the day; the line of the months before,
    dashed where it goes on (without one the rate before, level); the leads outside as a thin line. Points carry [first day]."""
    theme = colours(dark)
    pixels = (width_hint or USUAL_WIDTH) - BESIDE
    months = _around(result.months, int(pixels / NARROWEST))
    drawn = [each for each in months if each.rate.denominator]
    if not drawn:
        return nothing(wording.say("charts.effect_nothing"), dark=dark, width_hint=width_hint, revision="effect")
    top = _top(drawn)
    ticks = [tick for tick in percent_ticks(top) if tick <= top]
    counts = [wording.say("charts.count", n=each.rate.denominator) for each in months]
    starts = [each.first for each in months]
    change = sum(not each.after for each in months) - 0.5
    at_day = {"color": theme.text, "width": 1}
    line = {"type": "line", "xref": "x", "yref": "paper", "x0": change, "x1": change, "y0": 0, "y1": 1, "line": at_day}
    traces = [
        *(_trend(result, months, theme, after=after) for after in (False, True)),
        *([_outside(months, theme)] if result.apart is not None else []),
        *(trace for unfinished in (False, True) if (trace := _points(result, months, theme, unfinished=unfinished))),
    ]
    # On a phone the legend takes more rows than one, and the numbers of notes stand under it.
    legend_rows = 0 if width_hint is None or width_hint >= NARROW else 1 if result.apart is None else 3
    return sheet(
        traces,
        dark=dark,
        plot=PLOT,
        x=names_scale(starts, Period.MONTH, pixels, theme, counts, older=len(result.months) - len(months)),
        y=percentages((0, top), ticks),
        shapes=[line],
        margins=Margins(top=MENU + legend_rows * LEGEND_ROW, bottom=70 if len(months) < len(result.months) else 46),
        revision="effect",
        showlegend=True,
        meta=days_of(periods(starts, [each.last for each in months])),
    )


def describe(result: Effect) -> str:
    """How many months stand on either side, and the verdict. Plain text."""
    note = verdict_note(result)
    return wording.say(
        "charts.effect_describe",
        before=result.count(after=False),
        day=result.day,
        after=result.count(after=True),
        verdict=wording.say(note.key, **note.values),
    )


def _around(months: Sequence[CohortMonth], room: int) -> list[CohortMonth]:
    """As many months as there is room for, around the day."""
    before = sum(not each.after for each in months)
    first = max(0, min(before - room // 2, len(months) - room))
    return list(months[first : first + room])


def _top(drawn: Sequence[CohortMonth]) -> float:
    """The rate at the upper edge, with a little air: intervals of few leads do not flatten the others."""
    rates = [rate for each in drawn for rate in (each.rate, each.outside) if rate is not None and rate.denominator]
    highest = max([rate.value or 0.0 for rate in rates] + [each.expected or 0.0 for each in drawn])
    ends = max(rate.high or 0.0 for rate in rates)
    return min(1.0, max(min(ends, WIDEST_INTERVAL * highest), 0.01) * 1.04) if highest else 0.05


def _trend(result: Effect, months: Sequence[CohortMonth], theme: Colours, *, after: bool) -> Drawn:
    """The line of the months before, on one side of the day; the two meet there."""
    known = result.trend is not None
    level = result.contrast.others.value
    shares = [each.expected if known else level for each in months]
    joint = sum(not each.after for each in months)
    places = range(joint - 1 if after else 0, len(months) if after else joint)
    kept = [place for place in places if 0 <= place < len(months)]
    kind = "trend" if known else "level"
    return {
        "type": "scatter",
        "mode": "lines",
        "meta": f"{kind}_on" if after else kind,
        "name": wording.say(f"charts.effect_{kind}_on"),
        "x": kept,
        "y": [shares[place] for place in kept],
        "line": {"color": theme.text, "width": 1.5, "dash": "dash" if after else "solid"},
        "hoverinfo": "skip",
        "showlegend": after,
        "legendrank": 1001,
    }


def _outside(months: Sequence[CohortMonth], theme: Colours) -> Drawn:
    told = [(place, each) for place, each in enumerate(months) if each.outside is not None and each.outside.denominator]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "meta": "outside",
        "name": f"{wording.say('charts.effect_outside')}{APART}",
        "x": [place for place, _ in told],
        "y": [each.outside.value for _, each in told if each.outside],
        "line": {"color": theme.muted, "width": 1},
        "marker": {"size": 4, "color": theme.muted},
        "hovertext": ["<br>".join(wrapped([_outside_said(each)])) for _, each in told],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _outside_said(month: CohortMonth) -> str:
    rate = "" if month.outside is None else insights.rate_said(month.outside)
    return wording.say("charts.effect_outside_hover", month=_name(month), rate=rate)


def _points(result: Effect, months: Sequence[CohortMonth], theme: Colours, *, unfinished: bool) -> Drawn | None:
    told = [
        (place, each) for place, each in enumerate(months) if each.rate.denominator and each.unfinished is unfinished
    ]
    if not told:
        return None
    rates = [each.rate for _, each in told]
    pale = mix(theme.background, theme.progress, 0.6)
    size = 6 if len(months) > DENSE else 8
    full = {"size": size, "color": theme.progress, "line": {"color": theme.background, "width": 1}}
    hollow = {"size": size, "color": theme.background, "line": {"color": pale, "width": 1.5}}
    kind = "unfinished" if unfinished else "rate"
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": kind,
        # What stands behind it in the legend may be a line, which begins where this ends.
        "name": f"{wording.say(f'charts.effect_{kind}')}{APART}",
        "x": [place for place, _ in told],
        "y": [rate.value for rate in rates],
        "marker": hollow if unfinished else full,
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [(rate.high or 0.0) - (rate.value or 0.0) for rate in rates],
            "arrayminus": [(rate.value or 0.0) - (rate.low or 0.0) for rate in rates],
            "color": mix(theme.background, theme.progress, 0.3 if unfinished else 0.55),
            "thickness": 1.5,
            "width": 0,
        },
        "cliponaxis": False,
        "customdata": [[each.first.isoformat()] for _, each in told],
        "hovertext": ["<br>".join(wrapped([_hover(result, each)])) for _, each in told],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _hover(result: Effect, month: CohortMonth) -> str:
    values = {"month": _name(month), "rate": insights.rate_said(month.rate), "expected": month.expected}
    if month.unfinished:
        return wording.say("charts.effect_hover_young", young=month.young, **values)
    return wording.say("charts.effect_hover" if result.trend is None else "charts.effect_hover_expected", **values)


def _name(month: CohortMonth) -> str:
    """The month; where the day splits it, its days."""
    calendar = wording.calendar()
    of_month = calendar.number(month.first)
    if (month.first, month.last) == (calendar.first(of_month), calendar.last(of_month)):
        return cohort_name(month.first, Period.MONTH)
    return wording.say("pages.periods.range", first=month.first, last=month.last)
