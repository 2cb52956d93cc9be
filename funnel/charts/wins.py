"""The funnel read from the win backwards: who of the won was at each stage, when, and how many leads one win takes."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts import sentences
from funnel.charts.canvas.text import plain
from funnel.charts.canvas.theme import colours
from funnel.charts.rows import Row, row_chart
from funnel.core.types import Unit
from funnel.measures.backward import Backward, BackwardStage
from funnel.words import wording

BAR = 22


def backward(backward: Backward, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """From the win to the first stage: bars of the won leads that were recorded at each, of all won.

    With each bar: the median time before the win, and how many leads the stage needs for one win, with its interval.
    Below 20 won leads there are counts only.
    """
    rows = [_row(backward, stage) for stage in backward.stages]
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [stage.recorded.numerator for stage in backward.stages],
        "y": list(range(len(rows))),
        "width": BAR,
        "marker": {"color": colours(dark).progress},
        "hovertext": [row.hover() for row in rows],
    }
    ends = 0, max(1, backward.won)
    return row_chart(rows, [bars], ends, [], dark=dark, width_hint=width_hint, revision="backward")


def _row(backward: Backward, stage: BackwardStage) -> Row:
    rate = stage.recorded
    count = wording.say("charts.part_of", part=rate.numerator, whole=rate.denominator)
    strong = wording.dotted([count, *filter(None, [sentences.share(rate)])])
    # At the stage of the win itself, nothing lies between.
    before, first = stage.median_days_before_win, stage is backward.stages[0]
    days = [] if before is None or (first and not before) else [wording.say("charts.before_win", days=before)]
    return Row(plain(stage.name), ((strong, *days, needed(backward, stage)),), _lines(backward, stage))


def needed(backward: Backward, stage: BackwardStage) -> str:
    """ "7.4 leads for one win (6.1–9.2)"; that there is no win yet, where there is none."""
    if stage.needed is None:
        return wording.say("charts.no_win_yet")
    low, high = _rounded(stage.low), _rounded(stage.high)
    unit = "accounts" if backward.question.unit is Unit.ACCOUNT else "leads"
    # Where every lead is won there is no interval to speak of.
    between = "_between" if low is not None and low != high else ""
    values = {"n": _rounded(stage.needed), "low": low, "high": high}
    return wording.say(f"charts.{unit}_for_a_win{between}", **values)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _lines(backward: Backward, stage: BackwardStage) -> list[str]:
    rate = sentences.rate_with_interval(stage.recorded)
    counts = {"part": stage.recorded.numerator, "whole": stage.recorded.denominator}
    lines = [wording.say("charts.recorded_of_won", rate=rate, **counts)]
    if stage.median_days_before_win is not None:
        days = {"days": stage.median_days_before_win, "timed": stage.timed}
        lines.append(wording.say("charts.hover_before_win", **days))
    here = {"here": stage.leads, "won": stage.won, "open": stage.open}
    lines.append(wording.say("charts.hover_needed", needed=needed(backward, stage), **here))
    if stage.at_best is not None and stage.open:
        lines.append(wording.say("charts.hover_at_best", n=_rounded(stage.at_best)))
    return lines
