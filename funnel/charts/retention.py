"""What contracts bring a month, from the beginning of twelve months to their end, as a waterfall in one currency."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts.canvas.scales import round_ticks
from funnel.charts.canvas.theme import colours
from funnel.charts.rows import MOST_TICKS, Row, row_chart
from funnel.measures.retention import Contracted
from funnel.words import wording

BAR = 18
PARTS = ("start", "new", "expansion", "contraction", "churn", "end")
SIGNS = {"new": 1, "expansion": 1, "contraction": -1, "churn": -1}


def sums(found: Contracted, currency: str) -> dict[str, float]:
    """The parts of the bridge over all months: what was there at first, what came and went, what is there at last."""
    months = [each for each in found.months if each.currency == currency]
    return {
        "start": months[0].start,
        **{part: sum(getattr(each, part) for each in months) for part in SIGNS},
        "end": months[-1].end,
    }


def currencies(found: Contracted) -> tuple[str, ...]:
    """The currencies that there is a bridge in, those with a ratio first."""
    return tuple(
        dict.fromkeys([*(each.currency for each in found.retention), *(each.currency for each in found.months)])
    )


def draw(found: Contracted, currency: str, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A row a part, each beginning where the one before ended, from 0. All of a row carries [part]."""
    theme = colours(dark)
    sizes = sums(found, currency)
    spans, at = [], 0.0
    for part in PARTS:
        after = sizes[part] if part in ("start", "end") else at + SIGNS[part] * sizes[part]
        spans.append((0.0, after) if part in ("start", "end") else (at, after))
        at = after
    top = max([1.0, *(max(span) for span in spans)])
    rows = [_row(found, part, sizes[part], currency) for part in PARTS]
    ticks = [tick for tick in round_ticks(0, top, MOST_TICKS, 0.01) if tick <= top]
    shades = {"new": theme.chosen_bar, "expansion": theme.progress, "contraction": theme.lost, "churn": theme.lost}
    bars = {
        "type": "bar",
        "orientation": "h",
        "meta": "parts",
        "base": [start for start, _ in spans],
        "x": [end - start for start, end in spans],
        "y": list(range(len(PARTS))),
        "width": BAR,
        "marker": {"color": [shades.get(part, theme.muted) for part in PARTS], "line": {"width": 0}},
        "customdata": [[part] for part in PARTS],
        "hovertext": [row.hover() for row in rows],
    }
    return row_chart(
        rows,
        [bars],
        (0, top * 1.02),
        [(tick, wording.money(tick, currency)) for tick in ticks],
        title=wording.say("charts.retention_axis"),
        dark=dark,
        width_hint=width_hint,
        revision="retention",
    )


def describe(found: Contracted, currency: str) -> str:
    """From what to what the contracts went, and by which parts. Plain text."""
    sizes = {part: wording.money(amount, currency) for part, amount in sums(found, currency).items()}
    return wording.say("charts.retention_told", since=found.since, to=found.to, **sizes)


def _row(found: Contracted, part: str, amount: float, currency: str) -> Row:
    name = wording.say(f"charts.retention_{part}", since=found.since, to=found.to)
    sign = "none" if not amount or part not in SIGNS else "plus" if SIGNS[part] > 0 else "minus"
    size = wording.say(f"charts.bridge_{sign}", size=wording.money(amount, currency))
    columns: Sequence[str] = (size,)
    return Row(name, (tuple(columns),), (size, wording.say(f"charts.retention_means_{part}")))
