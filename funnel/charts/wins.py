"""The funnel read from the win backwards: who of the won was at each stage, when, and how many leads one win takes."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts import sentences
from funnel.charts.bars import Rows, figure
from funnel.charts.beside import Row, above, head, lines_above, on_the_way
from funnel.charts.canvas.canvas import CAMERA, Drawn, Margins
from funnel.charts.canvas.text import plain, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, Colours, colours
from funnel.charts.sentences import wrapped
from funnel.core.types import Backward, BackwardStage, Unit
from funnel.words import wording

USUAL_WIDTH = 360
BAR = 22


def backward(backward: Backward, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """From the win to the first stage: bars of the won leads that were recorded at each, of all won.

    Under each bar: the median time before the win, and how many leads the stage needs for one win, with its interval.
    Below 20 won leads there are counts only.
    """
    look = colours(dark)
    room = width_hint or USUAL_WIDTH
    stages = backward.stages
    words = [_row(stage, place) for place, stage in enumerate(stages)]
    under = _fitted([_under(backward, stage) for stage in stages], room)
    foot = max([1, *map(len, under)]) * SMALL_SIZE * LINE + 20
    rows = Rows(head(lines_above(words, room)), BAR, round(foot))
    notes = above(words, look, rows, room)
    for place, lines in enumerate(under):
        said = on_the_way("<br>".join(lines), rows.middle(place) + BAR / 2 + 3, look)
        notes.append({**said, "yanchor": "top", "align": "left"})
    return figure(
        len(stages),
        rows,
        [_bars(backward, rows, look)],
        notes,
        dark=dark,
        largest=max(1, backward.won),
        margins=Margins(top=CAMERA),
        last_foot=True,
    )


def _row(stage: BackwardStage, place: int) -> Row:
    rate = stage.recorded
    count = wording.say("charts.part_of", part=rate.numerator, whole=rate.denominator)
    return Row(place, stage.name, count, sentences.share(rate) or "")


def _under(backward: Backward, stage: BackwardStage) -> list[str]:
    said = [needed(backward, stage)]
    # At the stage of the win itself, nothing lies between.
    if stage.median_days_before_win is not None and (stage.median_days_before_win or stage is not backward.stages[0]):
        said.insert(0, wording.say("charts.before_win", days=stage.median_days_before_win))
    return said


def _fitted(under: Sequence[Sequence[str]], room: int) -> list[list[str]]:
    """Safe lines: what is said of a stage on one line, if that fits at every stage; else each saying on its own."""
    joined = [" · ".join(said) for said in under]
    if all(width(said, SMALL_SIZE) <= room for said in joined):
        return [list(safe_lines(said, SMALL_SIZE, room, 1)) for said in joined]
    return [[line for each in said for line in safe_lines(each, SMALL_SIZE, room, 2)] for said in under]


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


def _bars(backward: Backward, rows: Rows, look: Colours) -> Drawn:
    return {
        "type": "bar",
        "orientation": "h",
        "x": [stage.recorded.numerator for stage in backward.stages],
        "y": [rows.middle(place) for place in range(len(backward.stages))],
        "width": [rows.bar] * len(backward.stages),
        "marker": {"color": look.progress, "line": {"width": 0}},
        "hovertext": [_told(backward, stage) for stage in backward.stages],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _told(backward: Backward, stage: BackwardStage) -> str:
    rate = sentences.rate_with_interval(stage.recorded)
    counts = {"part": stage.recorded.numerator, "whole": stage.recorded.denominator}
    said = [wording.say("charts.recorded_of_won", rate=rate, **counts)]
    if stage.median_days_before_win is not None:
        days = {"days": stage.median_days_before_win, "timed": stage.timed}
        said.append(wording.say("charts.hover_before_win", **days))
    here = {"here": stage.leads, "won": stage.won, "open": stage.open}
    said.append(wording.say("charts.hover_needed", needed=needed(backward, stage), **here))
    if stage.at_best is not None and stage.open:
        said.append(wording.say("charts.hover_at_best", n=_rounded(stage.at_best)))
    title = [f"<b>{line}</b>" for line in wrapped([plain(stage.name)])]
    return "<br>".join([*title, *wrapped(said)])
