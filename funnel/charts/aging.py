"""Open leads against the history of their stage: usual, stalled, long stalled. The warmer, the older."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn
from funnel.charts.canvas.shades import mix
from funnel.charts.canvas.text import plain
from funnel.charts.canvas.theme import SMALL_SIZE, Colours, colours
from funnel.charts.rows import Row, row_chart
from funnel.charts.sentences import of_all
from funnel.core.types import FEWEST_FOR_A_RATE
from funnel.measures.aging import Aging, StageAges
from funnel.words import wording

BAR = 22
PARTS = ("usual", "stalled", "long", "unknown")


def aging(aging: Aging, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A bar for each stage where leads are open, split by how long they have stayed for that stage; under them the stages without any.

    Where too few have moved on to compare with, the bar is hatched and whole. `customdata` is [position, part].
    """
    theme = colours(dark)
    stages = [stage for stage in aging.stages if stage.open] or list(aging.stages)
    empty = [stage.name for stage in aging.stages if stage not in stages]
    rows = [_row(stage) for stage in stages]
    split = [parts(stage) for stage in stages]
    drawn = [part for part in PARTS if part != "unknown" or any(each["unknown"] for each in split)]
    bars: list[Drawn] = [
        {
            "type": "bar",
            "orientation": "h",
            "meta": part,
            "name": wording.say(f"charts.aging_{part}"),
            "x": [each[part] for each in split],
            "y": list(range(len(rows))),
            "width": BAR,
            "marker": _marker(part, theme),
            "text": [wording.say("charts.count", n=each[part]) if each[part] else "" for each in split],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "textfont": {"size": SMALL_SIZE - 1, "color": _ink(part, theme)},
            "customdata": [[stage.position, part] for stage in stages],
            "hovertext": [row.hover() for row in rows],
        }
        for part in drawn
    ]
    return row_chart(
        rows,
        bars,
        (0, max([1, *(stage.open for stage in stages)])),
        [],
        dark=dark,
        width_hint=width_hint,
        revision="aging",
        under=wording.say("charts.aging_none_at", stages=empty) if empty else "",
        barmode="stack",
        legend={"traceorder": "normal"},
        uniformtext={"minsize": SMALL_SIZE - 1, "mode": "hide"},
    )


def describe_aging(aging: Aging) -> str:
    """How many open leads are stalled, and where most of them are. Plain text."""
    with_limit = [stage for stage in aging.stages if stage.limit is not None]
    if not aging.open:
        return wording.say("charts.aging_nobody")
    if not with_limit:
        return wording.say("charts.aging_no_history", open=aging.open)
    rate = of_all(aging.stalled, aging.judged)
    counts = {"stalled": aging.stalled, "open": aging.judged, "long": aging.long_stalled}
    sentence = wording.say("charts.aging_told", rate=rate, **counts)
    most = max(with_limit, key=lambda stage: stage.stalled or 0)
    if not most.stalled:
        return sentence
    values = {"stage": plain(most.name), "stalled": most.stalled, "open": most.open, "days": most.limit}
    return f"{sentence} {wording.say('charts.aging_most', **values)}"


def parts(stage: StageAges) -> dict[str, int]:
    """The open leads at a stage by the names in PARTS; they sum to all of them."""
    if stage.stalled is None or stage.long_stalled is None:
        return {"usual": 0, "stalled": 0, "long": 0, "unknown": stage.open}
    return {
        "usual": stage.open - stage.untimed - stage.stalled,
        "stalled": stage.stalled - stage.long_stalled,
        "long": stage.long_stalled,
        "unknown": stage.untimed,
    }


def _marker(part: str, theme: Colours) -> Drawn:
    line = {"color": theme.background, "width": 1}
    if part == "unknown":
        hatch = {
            "shape": "/",
            "size": 6,
            "solidity": 0.3,
            "fillmode": "replace",
            "fgcolor": theme.still,
            "bgcolor": theme.track,
        }
        return {"color": theme.still, "line": line, "pattern": hatch}
    fills = {"usual": theme.still, "stalled": mix(theme.background, theme.lost, 0.5), "long": theme.lost}
    return {"color": fills[part], "line": line}


def _ink(part: str, theme: Colours) -> str:
    return {"stalled": theme.text, "long": theme.lost_text}.get(part, theme.still_text)


def _numbers(stage: StageAges) -> tuple[str, str]:
    """The stalled of the open, with their share; and the limit that they are past."""
    if stage.stalled is None or stage.limit is None:
        count = wording.say("charts.aging_open", n=stage.open)
        return count, wording.say("charts.aging_no_limit") if stage.open else ""
    rate = f" ({wording.percent(stage.stalled / stage.open)})" if stage.open >= FEWEST_FOR_A_RATE else ""
    count = wording.say("charts.aging_stalled_of", part=stage.stalled, whole=stage.open, rate=rate)
    return count, wording.say("charts.aging_limit", days=stage.limit)


def _row(stage: StageAges) -> Row:
    sentences = [wording.say("charts.aging_hover_open", open=stage.open, days=stage.median_days)]
    if stage.limit is None or stage.stalled is None:
        sentences.append(wording.say("charts.aging_hover_few", moved=stage.moved_on))
    else:
        values = {"limit": stage.limit, "long_limit": stage.long_limit, "moved": stage.moved_on}
        sentences.append(wording.say("charts.aging_hover_limits", **values))
        values = {"stalled": stage.stalled, "long": stage.long_stalled}
        sentences.append(wording.say("charts.aging_hover_stalled", **values))
    count, limit = _numbers(stage)
    return Row(plain(stage.name), ((count, *([limit] if limit else [])),), sentences)
