"""Conversion by the same day, over the date of start: a point for each cohort, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import CAMERA, Drawn, Margins, note, sheet
from funnel.charts.canvas.scales import percent_ticks
from funnel.charts.canvas.shades import mix
from funnel.charts.canvas.text import width
from funnel.charts.canvas.theme import SMALL_SIZE, Colours, colours
from funnel.charts.cohort_words import cohort_hover, cohort_name, has_rate, is_finished, newest, rate_by
from funnel.core.types import Cohort, Cohorts, Period
from funnel.words import wording

PLOT = 260
USUAL_WIDTH = 760
NARROWEST = 4
"""Pixels across that a cohort takes at least; more than fit are not drawn, the oldest first."""
TICK_ROOM, SPACE = 44, 6
TEXT = SMALL_SIZE - 1
FINISHED, UNFINISHED, UNKNOWN = "finished", "unfinished", "unknown"
GLYPHS = {FINISHED: "●", UNFINISHED: "○", UNKNOWN: "|"}
DENSE = 40
"""More points than this are smaller."""
NAMES, COUNTS, UNDER = -16, -33, -56
WIDEST_INTERVAL = 2.5
"""Intervals are drawn up to so many times the highest rate, so that one of few leads does not flatten all others."""


def by_start(
    cohorts: Cohorts,
    target: int | None,
    day: int,
    *,
    dark: bool = False,
    width_hint: int | None = None,
) -> go.Figure:
    """The rate to one target by `day` of each cohort, oldest at the left; a level line at the rate of all leads.

    Finished cohorts are full points, unfinished ones hollow and pale; those without a rate are a small mark on the base line.
    Points carry [first day of the cohort, target].
    """
    look = colours(dark)
    room = width_hint or USUAL_WIDTH
    whole = cohorts.whole.to(target)
    told = wording.say("charts.by_start_all", rate=rate_by(whole, day))
    right = right_room([cohort.start for cohort in cohorts.cohorts], cohorts.period)
    if has_rate(whole, day):
        right = max(right, round(width(told, TEXT) + 2 * SPACE))
    pixels = room - TICK_ROOM - right
    drawn, older = newest(cohorts.cohorts, int(pixels / NARROWEST))
    if not drawn:
        said = note(wording.say("charts.nothing"), x=0.5, y=0.5, font=quiet(look))
        return sheet([], dark=dark, plot=PLOT, x=(0, 1), y=(0, 1), notes=[said], revision="by_start")
    rated = [cohort.to(target).on(day) for cohort in drawn if has_rate(cohort.to(target), day)]
    highest = max((each.rate or 0 for each in rated), default=0.0)
    top = max(min(max((each.high or 0 for each in rated), default=0), WIDEST_INTERVAL * highest), 0.01) * 1.04
    ticks = [tick for tick in percent_ticks(top) if tick <= top]
    groups = _groups(drawn, target, day)
    traces = [_line(drawn, target, day, look)]
    traces += [_points(cohorts, drawn, places, target, day, kind, look) for kind, places in groups.items() if places]
    notes = [key([kind for kind, places in groups.items() if places], look, y=top, yshift=SPACE + 2)]
    notes += _percentages(ticks, look) if rated else []
    notes += names_below(cohorts, drawn, pixels, look)
    shapes = [level(tick, look) for tick in ticks]
    if has_rate(whole, day):
        rate = rate_by(whole, day)
        shapes.append({**level(rate, look), "line": {"color": look.text, "width": 1, "dash": "dot"}})
        notes.append(note(told, x=1, xanchor="left", xshift=SPACE, y=rate, font={"size": TEXT, "color": look.text}))
    if older:
        left_out = wording.say("charts.cohort_older", n=older)
        notes.append(note(left_out, x=0, xanchor="left", xshift=-TICK_ROOM, y=0, yshift=UNDER, font=quiet(look)))
    return sheet(
        traces,
        dark=dark,
        plot=PLOT,
        x=(-0.5, len(drawn) - 0.5),
        y=(0, top),
        shapes=shapes,
        notes=notes,
        margins=Margins(TICK_ROOM, right, CAMERA, 68 if older else 46),
        revision="by_start",
    )


def _groups(drawn: Sequence[Cohort], target: int | None, day: int) -> dict[str, list[int]]:
    """The places of the cohorts, by how they are drawn."""
    found: dict[str, list[int]] = {UNKNOWN: [], UNFINISHED: [], FINISHED: []}
    for place, cohort in enumerate(drawn):
        conversion = cohort.to(target)
        known = FINISHED if is_finished(conversion, day) else UNFINISHED
        found[known if has_rate(conversion, day) else UNKNOWN].append(place)
    return found


def _line(drawn: Sequence[Cohort], target: int | None, day: int, look: Colours) -> Drawn:
    """A faint line through the rates of finished cohorts; it breaks where there is none, since what is unfinished is no trend."""
    each = [cohort.to(target) for cohort in drawn]
    rates = [rate_by(one, day) if has_rate(one, day) and is_finished(one, day) else None for one in each]
    return {
        "type": "scatter",
        "mode": "lines",
        "meta": "line",
        "x": list(range(len(drawn))),
        "y": rates,
        "line": {"color": mix(look.background, look.progress, 0.4), "width": 1},
        "hoverinfo": "skip",
    }


def _points(
    cohorts: Cohorts,
    drawn: Sequence[Cohort],
    places: Sequence[int],
    target: int | None,
    day: int,
    kind: str,
    look: Colours,
) -> Drawn:
    trace: Drawn = {
        "type": "scatter",
        "mode": "markers",
        "meta": kind,
        "x": list(places),
        "y": [0.0] * len(places),
        "marker": marker(kind, look, small=len(drawn) > DENSE),
        "cliponaxis": False,
        "customdata": [[_iso(drawn[place]), target] for place in places],
        "hovertext": [cohort_hover(cohorts, drawn[place], target, day) for place in places],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
    }
    if kind == UNKNOWN:
        return trace
    known = [drawn[place].to(target).on(day) for place in places]
    trace["y"] = [each.rate for each in known]
    trace["error_y"] = {
        "type": "data",
        "symmetric": False,
        "array": [(each.high or 0) - (each.rate or 0) for each in known],
        "arrayminus": [(each.rate or 0) - (each.low or 0) for each in known],
        "color": mix(look.background, look.progress, 0.55 if kind == FINISHED else 0.3),
        "thickness": 1.5,
        "width": 0,
    }
    return trace


def marker(kind: str, look: Colours, *, small: bool = False) -> Drawn:
    """A full point for a finished rate, a hollow pale one for an unfinished rate, a grey mark where there is none."""
    size = 6 if small else 8
    if kind == FINISHED:
        return {
            "symbol": "circle",
            "size": size,
            "color": look.progress,
            "line": {"color": look.background, "width": 1},
        }
    if kind == UNFINISHED:
        line = {"color": mix(look.background, look.progress, 0.6), "width": 1.5}
        return {"symbol": "circle", "size": size, "color": look.background, "line": line}
    return {"symbol": "line-ns", "size": 8, "color": look.still, "line": {"color": look.still, "width": 2}}


def key(kinds: Sequence[str], look: Colours, **place: Any) -> Drawn:
    """What the points mean, of the kinds that are drawn."""
    said = []
    for kind in (FINISHED, UNFINISHED, UNKNOWN):
        colour = look.still if kind == UNKNOWN else look.progress
        if kind in kinds:
            word = wording.say(f"charts.point_{kind}")
            said.append(f'<span style="color:{colour}"><b>{GLYPHS[kind]}</b></span> {word}')
    where = {"x": 0, "xanchor": "left", "xshift": -TICK_ROOM, "yanchor": "bottom", "align": "left", **place}
    return note("   ".join(said), font=quiet(look), **where)


def shown_names(names: Sequence[str], pixels: float) -> list[int]:
    """The places of the names that fit under their points without touching: every n-th, counted from the last.

    The first of them stays within the figure.
    """
    taken = max((width(name, TEXT) for name in names), default=0) + 2 * SPACE
    every = next((n for n in range(1, len(names)) if n * pixels / len(names) >= taken), max(1, len(names)))
    found = [place for place in range(len(names)) if (len(names) - 1 - place) % every == 0]
    return [place for place in found if TICK_ROOM + (place + 0.5) * pixels / len(names) >= taken / 2]


def right_room(starts: Sequence[date | None], period: Period) -> int:
    """Pixels at the right for half of the last name."""
    names = [cohort_name(start, period) for start in starts[-1:]]
    return round(max([28.0, *(width(name, TEXT) / 2 + SPACE for name in names)]))


def names_below(cohorts: Cohorts, drawn: Sequence[Cohort], pixels: float, look: Colours, y: float = 0) -> list[Drawn]:
    """Under the points: the cohorts' names, as many as fit, and under each its leads."""
    names = [cohort_name(cohort.start, cohorts.period) for cohort in drawn]
    notes = []
    for place in shown_names(names, pixels):
        where: Drawn = {"x": place, "xref": "x", "y": y}
        count = wording.say("charts.count", n=drawn[place].leads)
        notes.append(note(names[place], yshift=NAMES, font={"size": TEXT, "color": look.text}, **where))
        notes.append(note(count, yshift=COUNTS, font=quiet(look), **where))
    return notes


def level(y: float | None, look: Colours) -> Drawn:
    """A line across the plot."""
    line = {"color": look.border, "width": 1}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "layer": "below", "line": line}


def quiet(look: Colours) -> Drawn:
    """The type of what is said by the way."""
    return {"size": TEXT, "color": look.muted}


def _percentages(ticks: Sequence[float], look: Colours) -> list[Drawn]:
    place = {"x": 0, "xanchor": "right", "xshift": -SPACE, "font": quiet(look)}
    return [note(wording.say("charts.share", rate=tick), y=tick, **place) for tick in ticks]


def _iso(cohort: Cohort) -> str:
    return cohort.start.isoformat() if cohort.start else ""
