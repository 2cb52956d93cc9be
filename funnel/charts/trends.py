"""Conversion by the same day, over the date of start: a point for each cohort, with its interval."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, percentages, scale, sheet
from funnel.charts.canvas.dated import days_of, periods
from funnel.charts.canvas.scales import percent_ticks
from funnel.charts.canvas.theme import colours
from funnel.charts.cohort_words import cohort_hover, has_rate, newest, rate_by
from funnel.charts.forest_rows import nothing
from funnel.charts.rates_by_start import BESIDE, NARROWEST, Rates, names_scale, upper_end
from funnel.measures.cohorts import Cohorts
from funnel.words import wording

PLOT = 260
USUAL_WIDTH = 760


def by_start(
    cohorts: Cohorts,
    target: int | None,
    day: int,
    *,
    dark: bool = False,
    width_hint: int | None = None,
) -> go.Figure:
    """The rate to one target by `day` of each cohort, oldest at the left; a level line at the rate of all leads, named at the right.

    Points carry [first day of the cohort, target].
    """
    theme = colours(dark)
    pixels = (width_hint or USUAL_WIDTH) - BESIDE
    drawn, older = newest(cohorts.cohorts, int(pixels / NARROWEST))
    if not drawn:
        return nothing(wording.say("charts.nothing"), dark=dark, width_hint=width_hint, revision="by_start")
    starts = [cohort.start for cohort in drawn]
    days = [start for start in starts if start is not None]
    conversions = [cohort.to(target) for cohort in drawn]
    hovers = [cohort_hover(cohorts, cohort, target, day) for cohort in drawn]
    rates = Rates(starts, conversions, hovers, target, day, theme)
    top = upper_end(conversions, day)
    ticks = [tick for tick in percent_ticks(top) if tick <= top]
    counts = [wording.say("charts.count", n=cohort.leads) for cohort in drawn]
    whole = cohorts.whole.to(target)
    all_of_them: list[Drawn] = []
    rate = rate_by(whole, day)
    if has_rate(whole, day):
        line = {"color": theme.text, "width": 1, "dash": "dot"}
        ends = {"x": [-0.5, len(drawn) - 0.5], "y": [rate] * 2}
        all_of_them = [{"type": "scatter", "mode": "lines", "meta": "all", **ends, "yaxis": "y2", "line": line,
                        "hoverinfo": "skip", "showlegend": False}]  # fmt: skip
    label = wording.say("charts.by_start_all", rate=rate)
    return sheet(
        [*all_of_them, *rates.traces()],
        dark=dark,
        plot=PLOT,
        x=names_scale(starts, cohorts.period, pixels, theme, counts, older=older),
        y=percentages((0, top), ticks, showticklabels=rates.has_any),
        yaxis2=scale((0, top), [rate or 0.0], [label], overlaying="y", side="right", tickfont={"color": theme.text}),
        margins=Margins(top=MENU, bottom=70 if older else 46),
        revision="by_start",
        showlegend=True,
        meta=days_of(periods(days, [cohorts.period.last_day(day, cohorts.question.calendar) for day in days])),
    )
