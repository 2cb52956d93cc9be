"""Funnels to draw, and what stands on a figure."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

from funnel.charts.canvas.text import width
from funnel.charts.canvas.theme import LINE, TEXT_SIZE
from funnel.core.types import Question, Rule, Stage, StageModel, Unit
from funnel.measures.statistics.rates import wilson
from funnel.measures.steps import StageCount, Steps

NAMES = ("Lead generation", "Qualification", "Proposal", "Won")
LEDGERS = (  # advanced, skipped ahead, moved back, lost, still there
    (3000, 208, 12, 1000, 592),
    (1895, 0, 0, 900, 413),
    (311, 0, 0, 623, 961),
    (0, 0, 0, 4, 307),
)
MEDIANS = (None, 9.0, 24.0, 51.0)


def a_funnel(
    ledgers: tuple[tuple[int, ...], ...] = LEDGERS,
    names: tuple[str, ...] = NAMES,
    *,
    won: int = 307,
    rule: Rule = Rule.PASSED,
    unit: Unit = Unit.LEAD,
    won_stage: int | None = None,
) -> Steps:
    counts = [sum(ledger) for ledger in ledgers]
    model = StageModel(
        "m",
        "M",
        tuple(Stage(str(place), name, ("won",) if place == won_stage else ()) for place, name in enumerate(names)),
    )
    stages = tuple(
        StageCount(
            position=place,
            key=str(place),
            name=name,
            leads=counts[place],
            from_entry=wilson(counts[place], counts[0]),
            from_previous=wilson(counts[place], counts[place - 1]) if place else None,
            median_days_from_previous=MEDIANS[place % 4],
            timed_leads=counts[place],
            skipped_here=0,
            advanced=ledger[0],
            skipped_ahead=ledger[1],
            moved_back=ledger[2],
            lost=ledger[3],
            still_there=ledger[4],
        )
        for place, (name, ledger) in enumerate(zip(names, ledgers, strict=True))
    )
    outcome = {"won": won, "lost": 0, "open": counts[0] - won}
    question = Question(model, rule, unit=unit)
    return Steps(question, counts[0], counts[0], counts[0], 0, **outcome, first_start=None, last_start=None,
                 observed_until=None, stages=stages, sql="")  # fmt: skip


def traces(figure: Any) -> dict[str, Any]:
    return {trace.meta: trace for trace in figure.data}


def axes(figure: Any) -> dict[str, Any]:
    """The axes that are shown, by their names."""
    layout = figure.layout
    named = sorted(name for name in layout if re.fullmatch(r"[xy]axis\d*", name))
    return {name: layout[name] for name in named if layout[name].visible}


def texts(figure: Any) -> list[str]:
    """All that is written on a figure: its notes, the words at its axes, the names in its legend, the labels of its lines."""
    found = [note.text for note in figure.layout.annotations]
    for axis in axes(figure).values():
        found += [
            *((axis.ticktext or ()) if axis.showticklabels is not False else ()),
            *filter(None, [axis.title.text]),
        ]
    found += [figure.layout.title.text] if figure.layout.title.text else []
    found += [shape.label.text for shape in figure.layout.shapes if shape.label.text]
    if figure.layout.showlegend:
        found += [trace.name for trace in figure.data if trace.name and trace.showlegend is not False]
    return found


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def flat(values: Any) -> list[Any]:
    """The values of a list, or of a table row by row."""
    return [each for value in values for each in ([value] if value is None or isinstance(value, str) else value)]


def modelled(steps: Steps, name: str, **of_model: Any) -> Steps:
    """The same counts, seen through a model of this name."""
    model = replace(steps.question.model, key=name, name=name, **of_model)
    return replace(steps, question=replace(steps.question, model=model))


def hovers(figure: Any) -> list[str]:
    """Every sentence that the figure says on hover, on one line each."""
    found = [note.hovertext for note in figure.layout.annotations if note.hovertext]
    for trace in figure.data:
        told = trace.text if trace.hovertext is None else trace.hovertext
        found += [told] if isinstance(told, str) else [one for one in flat(told or ()) if one]
    return [one.replace("<br>", " ") for one in found]


def touching(figure: Any) -> list[tuple[str, str]]:
    """Labels of rows, one above the other at the same axis, that touch; the scale of rows is in pixels."""
    pairs = []
    for name, axis in axes(figure).items():
        if name.startswith("y"):
            each = sorted(zip(axis.tickvals, axis.ticktext, strict=True))
            tall = {text: (text.count("<br>") + 1) * TEXT_SIZE * LINE for _, text in each}
            pairs += [
                (one, other)
                for (y, one), (below, other) in pairwise(each)
                if below - y < (tall[one] + tall[other]) / 2 - 1
            ]
    return pairs


def boxes(figure: Any, room: int) -> list[tuple[float, float, float, float]]:
    """The notes in the plot's pixels, left, top, right, bottom; the plot is as wide as its margins leave it."""
    layout = figure.layout
    plot = room - layout.margin.l - layout.margin.r
    high = layout.height - layout.margin.t - layout.margin.b
    (x0, x1), (y0, y1) = layout.xaxis.range, layout.yaxis.range
    found = []
    for note in layout.annotations:
        if note.bgcolor:
            continue
        size = note.font.size or 14
        lines = [re.sub("<[^>]+>", "", line) for line in note.text.split("<br>")]
        wide, tall = max(width(html.unescape(line), size) for line in lines), len(lines) * size * 1.25
        if note.textangle:
            wide, tall = tall, wide
        x = (note.x if note.xref == "paper" else (note.x - x0) / (x1 - x0)) * plot + (note.xshift or 0)
        y = ((1 - note.y) if note.yref == "paper" else (note.y - y1) / (y0 - y1)) * high - (note.yshift or 0)
        left = {"left": x, "right": x - wide}.get(note.xanchor, x - wide / 2)
        top = {"top": y, "bottom": y - tall}.get(note.yanchor, y - tall / 2)
        found.append((left + layout.margin.l, top, left + wide + layout.margin.l, top + tall))
    return found


def overlaps(found: list[tuple[float, float, float, float]]) -> list[Any]:
    """Pairs that share more than a hair: the widths of texts are estimated a little too large."""
    pairs = [(one, other) for place, one in enumerate(found) for other in found[place + 1 :]]
    return [(a, b) for a, b in pairs if min(a[2], b[2]) - max(a[0], b[0]) > 3 and min(a[3], b[3]) - max(a[1], b[1]) > 3]
