"""The pipeline between two days as a waterfall: from the open leads of the one day to those of the other, in leads or in one currency."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn
from funnel.charts.canvas.scales import round_ticks
from funnel.charts.canvas.theme import Colours, colours
from funnel.charts.rows import MOST_TICKS, Row, row_chart
from funnel.measures.bridge import ADDED, TAKEN, Bridge, BridgePart, Part
from funnel.words import wording

BAR = 18
PLACES = 9
"""Of a row, places across it that can be pointed at: also where its bar is thin, or there is none."""
SUM = (Part.OPEN_START, Part.NEW, Part.REOPENED, Part.WON, Part.LOST, Part.INCREASED, Part.DECREASED, Part.OPEN_END)
STAYED = (Part.FORWARD, Part.BACK, Part.UNCHANGED, Part.SLIPPED)


def draw(
    bridge: Bridge, currency: str | None = None, *, dark: bool = False, width_hint: int | None = None
) -> go.Figure:
    """A row a part, each beginning where the one before ended, from 0; below, what those open on both days did, each from 0.

    `currency` None: in leads, without the parts that are changes of value; else in money of that currency. All of a row carries [part].
    """
    theme = colours(dark)
    parts = drawn_parts(bridge, currency)
    summed = [each for each in parts if each.part in SUM]
    stayed = [each for each in parts if each.part in STAYED]
    heading = Row(wording.say(f"charts.bridge_stayed_{bridge.question.unit}"), heading=True)
    rows = [_row(bridge, each, currency) for each in summed]
    rows += [heading, *(_row(bridge, each, currency) for each in stayed)] if stayed else []
    spans = _spans(summed, currency)
    spans += [(0.0, _size(each, currency)) for each in stayed]
    indexes = [*range(len(summed)), *range(len(summed) + 1, len(rows))]
    top = max([1.0, *(max(span) for span in spans)])
    low = min([0.0, *(min(span) for span in spans)])
    ticks = [at for at in round_ticks(low, top, MOST_TICKS, 1.0 if currency is None else 0.01) if low <= at <= top]
    return row_chart(
        rows,
        [
            _bars([*summed, *stayed], indexes, spans, theme),
            _places(rows, [*summed, *stayed], indexes, (low, top)),
        ],
        (low, top * 1.02),
        [(at, _said(at, currency)) for at in ticks],
        title=wording.say(f"charts.bridge_axis_{bridge.question.unit}") if currency is None else currency,
        dark=dark,
        width_hint=width_hint,
        revision="bridge",
    )


def describe(bridge: Bridge, currency: str | None = None) -> str:
    """The two days, and what the pipeline was and is. Plain text."""
    sides = {
        "was": _said(_size(_part(bridge, Part.OPEN_START), currency), currency),
        "now": _said(_size(_part(bridge, Part.OPEN_END), currency), currency),
    }
    counts = {part.value: bridge.leads(part) for part in (*ADDED, *TAKEN, *STAYED)}
    return wording.say(
        f"charts.bridge_told_{bridge.question.unit}", since=bridge.since, to=bridge.to, **sides, **counts
    )


def drawn_parts(bridge: Bridge, currency: str | None) -> tuple[BridgePart, ...]:
    """The parts that are drawn, in leads or in a currency."""
    valued = (Part.INCREASED, Part.DECREASED)
    return tuple(each for each in bridge.parts if currency is not None or each.part not in valued)


def _part(bridge: Bridge, part: Part) -> BridgePart:
    return next(each for each in bridge.parts if each.part is part)


def _size(part: BridgePart, currency: str | None) -> float:
    return float(part.leads) if currency is None else part.worth(currency)


def _said(size: float, currency: str | None) -> str:
    return wording.number(size) if currency is None else wording.money(size, currency)


def _spans(summed: Sequence[BridgePart], currency: str | None) -> list[tuple[float, float]]:
    """From where to where each bar of the sum leads."""
    spans, at = [], 0.0
    for each in summed:
        size = _size(each, currency)
        if each.part in (Part.OPEN_START, Part.OPEN_END):
            spans.append((0.0, size))
            at = size
        else:
            after = at + (size if each.part in ADDED else -size)
            spans.append((at, after))
            at = after
    return spans


def _row(bridge: Bridge, part: BridgePart, currency: str | None) -> Row:
    amount = _size(part, currency)
    sign = "none" if not amount else "plus" if part.part in ADDED else "minus" if part.part in TAKEN else "none"
    size = wording.say(f"charts.bridge_{sign}", size=_said(amount, currency))
    leads = wording.say(f"charts.bridge_leads_{bridge.question.unit}", leads=part.leads)
    money = [wording.money(each.amount, each.currency) for each in part.value if each.amount][:2]
    beside = (leads,) if currency is not None else tuple(money)
    name = wording.say(f"measures.bridge_part_{part.part}")
    if part.part is Part.OPEN_START:
        name = wording.say("charts.bridge_open", day=bridge.since)
    elif part.part is Part.OPEN_END:
        name = wording.say("charts.bridge_open", day=bridge.to)
    explained = wording.say(f"charts.bridge_means_{part.part}")
    return Row(name, ((size, *beside),), (", ".join((size, *beside)), explained))


def _colour(part: Part, theme: Colours) -> str:
    if part in (Part.OPEN_START, Part.OPEN_END):
        return theme.muted
    if part in (Part.WON, Part.FORWARD):
        return theme.progress
    if part in (Part.LOST, Part.BACK, Part.DECREASED, Part.SLIPPED):
        return theme.lost
    return theme.chosen_bar if part in ADDED else theme.still


def _bars(
    parts: Sequence[BridgePart],
    indexes: Sequence[int],
    spans: Sequence[tuple[float, float]],
    theme: Colours,
) -> Drawn:
    return {
        "type": "bar",
        "orientation": "h",
        "meta": "parts",
        "base": [start for start, _ in spans],
        "x": [end - start for start, end in spans],
        "y": list(indexes),
        "width": BAR,
        "marker": {"color": [_colour(each.part, theme) for each in parts], "line": {"width": 0}},
        "customdata": [[each.part.value] for each in parts],
        "hoverinfo": "skip",
    }


def _places(
    rows: Sequence[Row], parts: Sequence[BridgePart], indexes: Sequence[int], ends: tuple[float, float]
) -> Drawn:
    """What is pointed at and clicked on. They stand one under the other, so the nearest is of the nearest row."""
    low, high = ends
    across = [low + (high - low) * place / (PLACES - 1) for place in range(PLACES)]
    return {
        "type": "scatter",
        "mode": "markers",
        "meta": "places",
        "x": across * len(parts),
        "y": [index for index in indexes for _ in across],
        "marker": {"opacity": 0},
        "customdata": [[each.part.value] for each in parts for _ in across],
        "hovertext": [rows[index].hover() for index in indexes for _ in across],
    }
