"""A watched step, cohort by cohort: the share that went on in time, the usual range of a cohort by itself, and where it rang."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, band, percentages, sheet
from funnel.charts.canvas.dated import days_of, periods
from funnel.charts.canvas.scales import percent_ticks
from funnel.charts.canvas.theme import Colours, colours, pale
from funnel.charts.cohort_words import cohort_name
from funnel.charts.forest_rows import nothing
from funnel.charts.rates_by_start import names_scale
from funnel.charts.sentences import wrapped
from funnel.measures.watch_found import StepWatch, told
from funnel.measures.watch_judge import Cohort, Window
from funnel.words import wording

PLOT = 200
USUAL_WIDTH = 760
BESIDE = 60
NARROWEST = 9
BAND = 0.14
BELOW = 26


def draw(step: StepWatch, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A point a cohort, hollow where it is too young; a band where a look at it alone would be as usual; what rang is marked. The newest
    cohorts that fit; points carry nothing."""
    theme = colours(dark)
    pixels = (width_hint or USUAL_WIDTH) - BESIDE
    every = [*step.of.cohorts, *step.of.young]
    if not step.of.cohorts:
        return nothing(wording.say("charts.watch_none"), dark=dark, width_hint=width_hint, revision="watch")
    most = max(1, int(pixels / NARROWEST))
    shown, older = every[-most:], max(0, len(every) - most)
    usual = {look.at: look.windows[0] for look in step.past}
    ranges = [usual.get(each.first) for each in shown]
    rates = [each.converted / each.entered for each in shown]
    highest = max([*rates, *(each.high / max(1, each.entered) for each in ranges if each is not None)])
    top = min(1.0, max(0.02, highest)) * 1.08
    starts = [each.first for each in shown]
    return sheet(
        [*_band(ranges, theme), *_points(step, shown, ranges, theme)],
        dark=dark,
        plot=PLOT,
        x=names_scale(starts, step.of.period, pixels, theme, older=older),
        y=percentages((0, top), [tick for tick in percent_ticks(top, 4) if tick <= top]),
        margins=Margins(top=MENU, bottom=BELOW + (20 if older else 0)),
        revision="watch",
        showlegend=True,
        meta=days_of(periods(starts, [step.of.period.last_day(start, step.of.calendar) for start in starts])),
    )


def describe(step: StepWatch) -> str:
    """How many cohorts are judged, how many are too young, and what the one that counts says. Plain text."""
    window = step.window
    if window is None:
        return wording.say("charts.watch_none")
    note = told(step, window)
    return wording.say(
        "charts.watch_described",
        cohorts=len(step.of.cohorts),
        young=len(step.of.young),
        days=step.of.day,
        said=wording.say(note.key, **note.values),
    )


def _band(ranges: list[Window | None], theme: Colours) -> list[Drawn]:
    known = [
        (x, each.low / each.entered, each.high / each.entered) for x, each in enumerate(ranges) if each is not None
    ]
    if not known:
        return []
    upper = [point for x, _, high in known for point in ((x - 0.5, high), (x + 0.5, high))]
    lower = [point for x, low, _ in known for point in ((x - 0.5, low), (x + 0.5, low))]
    drawn = band([*upper, *reversed(lower)], pale(theme.progress, BAND))
    return [{**drawn, "name": wording.say("charts.watch_usual"), "showlegend": True}]


def _points(step: StepWatch, shown: list[Cohort], ranges: list[Window | None], theme: Colours) -> list[Drawn]:
    young = {each.first for each in step.of.young}
    rang = {look.at for look in step.past if look.ringing is not None}
    parts = {
        "watch_share": [x for x, each in enumerate(shown) if each.first not in young | rang],
        "watch_rang": [x for x, each in enumerate(shown) if each.first in rang],
        "watch_young": [x for x, each in enumerate(shown) if each.first in young],
    }
    marks: dict[str, Drawn] = {
        "watch_share": {"color": theme.progress, "size": 7},
        "watch_rang": {"color": theme.lost, "size": 10, "symbol": "diamond"},
        "watch_young": {"color": theme.background, "size": 7, "line": {"color": theme.muted, "width": 1.5}},
    }
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "meta": name,
            "name": wording.say(f"charts.{name}", days=step.of.day),
            "x": places,
            "y": [shown[x].converted / shown[x].entered for x in places],
            "marker": marks[name],
            "cliponaxis": False,
            "hovertext": [_hover(step, shown[x], ranges[x], shown[x].first in young) for x in places],
        }
        for name, places in parts.items()
        if places
    ]


def _hover(step: StepWatch, cohort: Cohort, usual: Window | None, young: bool) -> str:
    values = {
        "cohort": cohort_name(cohort.first, step.of.period),
        "converted": cohort.converted,
        "entered": cohort.entered,
        "days": step.of.day,
    }
    if young:
        return "<br>".join(wrapped([wording.say("charts.watch_hover_young", **values)]))
    if usual is None:
        return "<br>".join(wrapped([wording.say("charts.watch_hover", **values)]))
    return "<br>".join(wrapped([wording.say("charts.watch_hover_usual", **values, low=usual.low, high=usual.high)]))
