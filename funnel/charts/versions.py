"""The versions of a model side by side: a row a step, and for each version that has it a point on the share of its leads."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn
from funnel.charts.canvas.shades import strand
from funnel.charts.canvas.text import plain, safe
from funnel.charts.rows import Row, row_chart
from funnel.charts.segment_words import counted_rate, rate_of
from funnel.charts.sentences import hover
from funnel.core.types import Seam
from funnel.measures.steps import StageCount, Steps
from funnel.measures.versions import Line, Versions, last_day
from funnel.words import wording

REVISION = "versions"
ENDS, TICKS = (-0.03, 1.03), (0.0, 0.25, 0.5, 0.75, 1.0)


def draw(found: Versions, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A row a step in the order of the versions; a version that does not have it has neither point nor numbers there. The palest points
    are of the oldest version."""
    traces: list[Drawn] = []
    for number, funnel in enumerate(found.funnels):
        told = [
            (row, stage, stage.from_entry.value)
            for row, stage in _at(found, number)
            if stage.from_entry.value is not None
        ]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": safe(called(funnel)),
                "x": [share for *_, share in told],
                "y": [row for row, *_ in told],
                "marker": {"size": 11, "color": strand(number, len(found.funnels), dark=dark)},
                "hovertext": [hover(plain(stage.name), [_said(funnel, stage)]) for _, stage, _ in told],
                "hoverinfo": "text",
            }
        )
    return row_chart(
        [_row(found, line) for line in found.lines],
        traces,
        ENDS,
        [(at, wording.say("charts.share", rate=at)) for at in TICKS],
        dark=dark,
        width_hint=width_hint,
        revision=REVISION,
        title=wording.say("charts.versions_axis"),
    )


def describe(found: Versions) -> str:
    """How many leads each version has and how many of them came to its last step, which steps not all have, and that no rate is compared.
    Plain text."""
    sentences = [
        wording.say(
            "charts.versions_told",
            version=called(funnel),
            counted=wording.say(f"pages.counted.{funnel.question.unit}", n=funnel.leads),
            stage=plain(funnel.stages[-1].name),
            rate=rate_of(funnel.stages[-1].from_entry),
        )
        for funnel in found.funnels
    ]
    alone = [_name(found, line) for line in found.lines if None in line]
    if alone:
        sentences.append(wording.say("charts.versions_alone", stages=alone))
    sentences.append(wording.say("charts.versions_apart"))
    if found.undated:
        sentences.append(wording.say("measures.version_undated", n=found.undated))
    return " ".join(sentences)


def called(funnel: Steps) -> str:
    """The days of the version whose funnel this is."""
    return named(funnel.question.model.seams[0])


def named(seam: Seam) -> str:
    """The days of a version: since 1 April 2025."""
    key = "between" if seam.since and seam.until else "to" if seam.until else "from"
    return wording.say(f"charts.version_{key}", since=seam.since, last=last_day(seam))


def _at(found: Versions, number: int) -> list[tuple[int, StageCount]]:
    """The rows of the steps that a version has, each with its numbers there."""
    positions = [(row, line[number]) for row, line in enumerate(found.lines)]
    return [(row, found.funnels[number].stages[place]) for row, place in positions if place is not None]


def _row(found: Versions, line: Line) -> Row:
    there = [
        (funnel, funnel.stages[place]) for funnel, place in zip(found.funnels, line, strict=True) if place is not None
    ]
    numbers = tuple(
        wording.say("charts.versions_line", version=safe(called(funnel)), rate=counted_rate(stage.from_entry))
        for funnel, stage in there
    )
    return Row(_name(found, line), (("", *numbers),), [_said(funnel, stage) for funnel, stage in there])


def _name(found: Versions, line: Line) -> str:
    """The name of a step; where versions call it otherwise, all of them."""
    names = [
        plain(funnel.stages[place].name) for funnel, place in zip(found.funnels, line, strict=True) if place is not None
    ]
    return " / ".join(dict.fromkeys(names))


def _said(funnel: Steps, stage: StageCount) -> str:
    return wording.say("charts.versions_line", version=called(funnel), rate=counted_rate(stage.from_entry))
