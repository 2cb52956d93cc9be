"""Touches that go before a step as a picture: how many times as often leads move on in touched days, with how sure that is."""

from __future__ import annotations

from math import log2

import plotly.graph_objects as go

from funnel.charts.canvas.text import plain
from funnel.charts.canvas.theme import Colours, colours
from funnel.charts.forest_rows import nothing
from funnel.charts.rows import Row, row_chart
from funnel.measures.goes_before import Before, ChannelStep, GoesBefore
from funnel.words import wording

REVISION = "goes_before"
MOST_ROWS = 16
REACH = 2.0
TIMES = (0.25, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4)
"""The scale ends at a quarter and at four times as often at most; what lies beyond is drawn to its end."""
CLEAR = (Before.MORE, Before.MORE_FASTER, Before.LESS)


def draw(found: GoesBefore, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A row a channel and step that could be told, the surest first, MOST_ROWS at most: its ratio with the 95 % interval on a scale of
    doublings. A full point is clear, a hollow one cannot be told from none."""
    theme = colours(dark)
    told = _told(found)
    if not told:
        return nothing(wording.say("charts.before_nothing"), dark=dark, width_hint=width_hint, revision=REVISION)
    reach = min(REACH, max(0.5, *(abs(log2(end)) for each in told for end in (each.low or 1, each.high or 1))))
    marks = [log2(times) for times in TIMES if abs(log2(times)) <= reach]
    return row_chart(
        [_row(found, each) for each in told],
        _marks(told, reach, theme),
        (-reach * 1.05, reach * 1.05),
        [(at, wording.say("charts.before_times", times=2**at)) for at in marks],
        dark=dark,
        width_hint=width_hint,
        revision=REVISION,
        title=wording.say("charts.before_axis", within=found.within),
        heads=("", wording.say("charts.before_head")),
        start=0.0,
    )


def describe(found: GoesBefore) -> str:
    """Which channels go before which steps, what of that would explain itself, and that none of it is a cause. Plain text."""
    clear = [each for each in found.steps if each.verdict in CLEAR]
    if not clear:
        return wording.say("charts.before_unclear" if _told(found) else "charts.before_nothing")
    first = clear[0]
    sentences = [sentence(found, first)]
    if len(clear) > 1:
        sentences.append(wording.say("charts.before_more", others=len(clear) - 1))
    return " ".join(sentences)


def sentence(found: GoesBefore, each: ChannelStep) -> str:
    """What the counts say of a channel and a step, how sure that is, and what would explain it. Plain text."""
    if each.ratio is None or each.low is None or each.high is None or each.e_value is None:
        return wording.say(
            "charts.before_few", step=_step(found, each), events=each.touched_events, others=each.other_events
        )
    told = wording.say(
        "charts.before_told",
        step=_step(found, each),
        within=found.within,
        times=each.ratio,
        low=each.low,
        high=each.high,
        events=each.touched_events,
        days=each.touched_days,
        others=each.other_events,
        other_days=each.other_days,
    )
    if each.verdict not in CLEAR:
        return f"{told} {wording.say('charts.before_chance')}"
    explained = wording.say("charts.before_explained", times=each.e_value)
    faster = wording.say("charts.before_faster") if each.verdict is Before.MORE_FASTER else ""
    return " ".join(part for part in (told, faster, explained) if part)


def _told(found: GoesBefore) -> list[ChannelStep]:
    return [each for each in found.steps if each.ratio is not None][:MOST_ROWS]


def _step(found: GoesBefore, each: ChannelStep) -> str:
    stages = found.question.model.stages
    return wording.say(
        "charts.before_step",
        channel=plain(each.channel),
        before=plain(stages[each.position].name),
        after=plain(stages[each.position + 1].name),
    )


def _row(found: GoesBefore, each: ChannelStep) -> Row:
    counts = (
        wording.say("charts.before_counts", events=each.touched_events, days=each.touched_days),
        wording.say("charts.before_other_counts", events=each.other_events, days=each.other_days),
    )
    words = wording.say(
        f"measures.before_{'more' if each.verdict is Before.MORE_FASTER else each.verdict.name.lower()}"
    )
    faster = (wording.say("charts.before_were_faster"),) if each.verdict is Before.MORE_FASTER else ()
    return Row(
        _step(found, each),
        (counts, (words, *faster)),
        (sentence(found, each),),
        muted=each.verdict not in CLEAR,
    )


def _colour(each: ChannelStep, theme: Colours, unclear: str) -> str:
    """More often, or less often; `unclear` is what cannot be told from none."""
    if each.verdict not in CLEAR:
        return unclear
    return theme.lost if each.verdict is Before.LESS else theme.progress


def _marks(told: list[ChannelStep], reach: float, theme: Colours) -> list[dict[str, object]]:
    """The intervals as lines, the ratios as points."""

    def inside(value: float | None) -> float:
        return max(-reach, min(reach, log2(value or 1)))

    lines: list[dict[str, object]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [inside(each.low), inside(each.high)],
            "y": [index, index],
            "line": {"color": _colour(each, theme, theme.still), "width": 3},
            "opacity": 0.55,
            "hoverinfo": "skip",
        }
        for index, each in enumerate(told)
    ]
    points: dict[str, object] = {
        "type": "scatter",
        "mode": "markers",
        "x": [inside(each.ratio) for each in told],
        "y": list(range(len(told))),
        "marker": {
            "size": 9,
            "color": [_colour(each, theme, theme.background) for each in told],
            "line": {"width": 2, "color": [_colour(each, theme, theme.muted) for each in told]},
        },
        "hoverinfo": "skip",
    }
    return [*lines, points]
