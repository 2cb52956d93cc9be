"""What a customer brings beside the first purchase, by the days since it: the mean cumulative function, with the plain sum beside."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Margins, scale, sheet, step_band
from funnel.charts.canvas.scales import age_ticks, round_ticks, thinned
from funnel.charts.canvas.theme import colours, pale
from funnel.charts.curve_lines import AGE_ROOM, BAND, FLAT_PLOT, MOST_POINTS, NARROW, PLOT, TICK_ROOM, USUAL_WIDTH
from funnel.charts.forest_rows import nothing
from funnel.charts.sentences import wrapped
from funnel.core.types import FEWEST_AT_RISK
from funnel.measures.expansion import Expansion
from funnel.measures.expansion_value import NINETY_FIVE, PURCHASES, Repeats
from funnel.words import wording

MOST_TICKS = 6


def draw(
    found: Expansion, currency: str = PURCHASES, *, dark: bool = False, width_hint: int | None = None
) -> go.Figure:
    """The mean in a currency (or in purchases) as a curve of steps with its interval, up to where fewer than FEWEST_AT_RISK are followed;
    small dots for the plain sum ÷ customers on the days asked for."""
    theme = colours(dark)
    room = width_hint or USUAL_WIDTH
    repeats = of(found, currency)
    steps = [] if repeats is None else [each for each in repeats.steps if each.at_risk >= FEWEST_AT_RISK]
    if repeats is None or not steps:
        words = wording.say("charts.expansion_value_none", n=FEWEST_AT_RISK)
        return nothing(words, dark=dark, width_hint=width_hint, revision="expansion_value")
    until = max(steps[-1].day, 1)
    points = [(0, 0.0, 0.0, 0.0, repeats.accounts)]
    for index in thinned(len(steps), MOST_POINTS):
        each = steps[index]
        wide = NINETY_FIVE * each.se
        points.append((each.day, each.mean, each.mean - wide, each.mean + wide, each.at_risk))
    low = min(0.0, *(mean for _, mean, *_ in points))
    points = [(day, mean, max(least, low), most, at_risk) for day, mean, least, most, at_risk in points]
    top = max(most for _, _, _, most, _ in points) or 1.0
    ticks = [tick for tick in round_ticks(low, top, MOST_TICKS, 0.01) if low <= tick <= top]
    days = age_ticks(until, room - TICK_ROOM, AGE_ROOM)
    texts = [wording.say("charts.expansion_start"), *(wording.say("charts.age_day", day=each) for each in days)]
    plain = [each for each in repeats.by_day if each.day <= until]
    traces = [
        step_band([(day, least, most) for day, _, least, most, _ in points], until, pale(theme.progress, BAND)),
        {
            "type": "scatter",
            "mode": "lines",
            "x": [day for day, *_ in points],
            "y": [mean for _, mean, *_ in points],
            "line": {"shape": "hv", "color": theme.progress, "width": 3},
            "hovertext": [_hover(currency, *point) for point in points],
        },
        {
            "type": "scatter",
            "mode": "markers",
            "meta": "plain",
            "x": [each.day for each in plain],
            "y": [each.plain for each in plain],
            "marker": {"color": theme.muted, "size": 9, "symbol": "diamond-open"},
            "hovertext": [
                wording.say("charts.expansion_plain", day=each.day, mean=said(each.plain, currency)) for each in plain
            ],
        },
    ]
    return sheet(
        traces,
        dark=dark,
        plot=FLAT_PLOT if room < NARROW else PLOT,
        x=scale(
            (0, until * 1.02), (0, *days), texts, showgrid=True, title={"text": wording.say("charts.expansion_axis")}
        ),
        y=scale((low, top * 1.05), ticks, [said(tick, currency) for tick in ticks], showgrid=True),
        margins=Margins(left=0, top=MENU, bottom=48),
        revision="expansion_value",
        hoverdistance=24,
    )


def describe(found: Expansion, currency: str = PURCHASES) -> str:
    """What a customer brings within the longest of the days asked for that is known, beside the plain sum. Plain text."""
    repeats = of(found, currency)
    told = [] if repeats is None else [each for each in repeats.by_day if each.mean is not None]
    if repeats is None or not told:
        return wording.say("charts.expansion_value_none", n=FEWEST_AT_RISK)
    last = told[-1]
    values = {
        "day": last.day,
        "n": repeats.accounts,
        "at_risk": last.at_risk,
        "per_100": last.per_100,
        "plain": last.plain_per_100,
        **{
            name: said(amount, currency)
            for name, amount in (("mean", last.mean), ("low", last.low), ("high", last.high))
        },
    }
    if last.per_100 is None:
        return wording.say("charts.expansion_value_unlanded", **values)
    return wording.say(f"charts.expansion_value_{'purchases' if currency == PURCHASES else 'money'}", **values)


def of(found: Expansion, currency: str) -> Repeats | None:
    """The repeats in a currency, or the purchases; None where nobody landed in it."""
    return next((each for each in (found.purchases, *found.values) if each.currency == currency), None)


def said(amount: float | None, currency: str) -> str:
    """An amount as people read it: money, or a number of purchases."""
    return wording.number(amount) if currency == PURCHASES else wording.money(amount, currency)


def _hover(currency: str, day: int, mean: float, low: float, high: float, at_risk: int) -> str:
    values = {name: said(amount, currency) for name, amount in (("mean", mean), ("low", low), ("high", high))}
    return "<br>".join(wrapped([wording.say("charts.expansion_value_at", day=day, n=at_risk, **values)]))
