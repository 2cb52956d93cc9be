"""The wins of a target's period by each day: as it comes at the present pace, and what if; the target as a level line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, band, scale, sheet
from funnel.charts.canvas.dated import days_of
from funnel.charts.canvas.scales import MOST_TICKS, round_ticks
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import SMALL_SIZE, colours, pale
from funnel.charts.line_ends import REACH, End, leader, names_scale
from funnel.charts.sentences import wrapped
from funnel.measures.target import WinTarget
from funnel.measures.target_plan import WinsBy
from funnel.words import wording

PLOT, FLAT_PLOT = 320, 260
USUAL_WIDTH, NARROW = 760, 560
LABEL, NARROW_LABEL, LEFT, BELOW = 150, 96, 44, 28
DATE_ROOM = 64
BAND = 0.14
ABOVE = 1.06


def draw(result: WinTarget, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A line of wins so far and expected by each day, with the middle 80 %; what if as another, dashed; where there is no room, names
    are broken. Points carry nothing."""
    theme = colours(dark)
    room = width_hint or USUAL_WIDTH
    narrow = room < NARROW
    label, plot = (NARROW_LABEL, FLAT_PLOT) if narrow else (LABEL, PLOT)
    what_if = result.what_if.path if result.what_if else ()
    lines: list[tuple[str, Sequence[WinsBy], str, str]] = [("now", result.path, theme.series[0], "solid")]
    if what_if:
        lines.append(("what_if", what_if, theme.series[3], "dash"))
    ends = [_end(result, path, _name(name, path), ink, label) for name, path, ink, _ in lines]
    wanted = wording.say("charts.target_wanted", wins=result.wins)
    ends.append(End(result.days, result.wins, _bold(wanted, label), theme.text))
    top = ABOVE * max(1, result.wins, *(each.high or each.expected for each in (*result.path, *what_if)))
    names, name_ys = names_scale(ends, plot, 0, top)
    levels = [tick for tick in round_ticks(0, top, MOST_TICKS, 1.0) if tick <= top]
    ticks = _ticks(result, room - label - LEFT)
    return sheet(
        [
            *(_band(result, path, ink) for _, path, ink, _ in lines if path[-1].low is not None),
            _target(result, theme.muted),
            *(leader(end, name_y, result.days) for end, name_y in zip(ends, name_ys, strict=True)),
            *(_line(result, *each) for each in lines),
        ],
        dark=dark,
        plot=plot,
        x=scale((0, result.days * REACH), [day for day, _ in ticks], [text for _, text in ticks]),
        y=scale((0, top), levels, [wording.say("charts.count", n=level) for level in levels], showgrid=True),
        yaxis2=names,
        margins=Margins(left=LEFT, top=MENU, bottom=BELOW),
        revision="target",
        hoverdistance=24,
        meta=days_of([(result.as_of, 0.0), (result.by, float(result.days))]),
    )


def describe(result: WinTarget) -> str:
    """What is expected at the present pace by the target day, and what if. Plain text."""
    return " ".join(_said(name, path[-1], result.wins) for name, path in _paths(result))


def _paths(result: WinTarget) -> list[tuple[str, Sequence[WinsBy]]]:
    what_if = [("what_if", result.what_if.path)] if result.what_if else []
    return [("now", result.path), *what_if]


def _said(name: str, last: WinsBy, wins: int) -> str:
    key = f"charts.target_{name}_told" + ("" if last.low is None else "_range")
    return wording.say(key, day=last.day, expected=round(last.expected), low=last.low, high=last.high, wins=wins)


def _name(name: str, path: Sequence[WinsBy]) -> str:
    return wording.say(f"charts.target_{name}", expected=round(path[-1].expected))


def _bold(text: str, room: float) -> tuple[str, ...]:
    return tuple(f"<b>{line}</b>" for line in safe_lines(text, SMALL_SIZE, room, 2))


def _end(result: WinTarget, path: Sequence[WinsBy], name: str, ink: str, room: float) -> End:
    return End(result.days, path[-1].expected, _bold(name, room), ink)


def _day(result: WinTarget, each: WinsBy) -> int:
    return (each.day - result.as_of).days


def _line(result: WinTarget, name: str, path: Sequence[WinsBy], ink: str, dash: str) -> Drawn:
    return {
        "type": "scatter",
        "mode": "lines",
        "meta": name,
        "x": [_day(result, each) for each in path],
        "y": [each.expected for each in path],
        "line": {"color": ink, "width": 2.25, "dash": dash},
        "hovertext": ["<br>".join(wrapped([_said(name, each, result.wins)])) for each in path],
    }


def _band(result: WinTarget, path: Sequence[WinsBy], ink: str) -> Drawn:
    outline = [
        *((_day(result, each), float(each.high or 0)) for each in path),
        *((_day(result, each), float(each.low or 0)) for each in path[::-1]),
    ]
    return band(outline, pale(ink, BAND))


def _target(result: WinTarget, ink: str) -> Drawn:
    return {
        "type": "scatter",
        "mode": "lines",
        "meta": "target",
        "x": [0, result.days],
        "y": [result.wins, result.wins],
        "line": {"color": ink, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
    }


def _ticks(result: WinTarget, pixels: float) -> list[tuple[int, str]]:
    """Today, the target day, and between them ends of months, or of weeks where no month ends, as far as there is room."""
    first, *between, last = result.path
    months = [each for each in between if (each.day + timedelta(days=1)).day == 1]
    apart = DATE_ROOM / max(1.0, pixels) * result.days
    kept = [first]
    for each in months or between:
        if (each.day - kept[-1].day).days >= apart and (last.day - each.day).days >= apart:
            kept.append(each)
    return [(_day(result, each), wording.day(each.day, year=False)) for each in (*kept, last)]
