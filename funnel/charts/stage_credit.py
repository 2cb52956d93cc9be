"""Credit at each stage: a row a channel, a column a stage; the fuller a cell, the larger the channel's part of the entries there."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import MENU, Drawn, Margins, scale, sheet
from funnel.charts.canvas.scales import thinned
from funnel.charts.canvas.shades import mix
from funnel.charts.canvas.text import safe_lines
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.charts.credit import amount_said, name_of
from funnel.charts.forest_rows import nothing
from funnel.charts.heat_places import NARROW, Heads
from funnel.charts.sentences import hover
from funnel.core.types import FEWEST_FOR_A_RATE
from funnel.measures.credit_rules import CreditRule
from funnel.measures.stage_credit import StageCredit
from funnel.words import wording

USUAL_WIDTH, NAME_SHARE, LEAST_NAME, MOST_NAME = 860, 0.26, 110, 220
NARROWEST, ROW, GAP, SPACE = 62, 46, 4, 10
FULL = 0.6
"""How much of the hue the fullest cell has."""


def draw(
    result: StageCredit, rule: CreditRule = CreditRule.FIRST, *, dark: bool = False, width_hint: int | None = None
) -> go.Figure:
    """What a rule gives to each channel, and what has no touch, of the entries at each stage: how many, and the share where there are
    enough. Where not all stages have room, some are drawn, the first and the last among them. Cells carry [stage, channel]."""
    if not result.channels or not any(result.entries):
        return nothing(wording.say("charts.credit_nothing"), dark=dark, width_hint=width_hint, revision="stage_credit")
    theme = colours(dark)
    room = width_hint or USUAL_WIDTH
    left = round(min(MOST_NAME, max(LEAST_NAME, room * NAME_SHARE)))
    stages = result.question.model.stages
    drawn = thinned(len(stages), max(2, int((room - left) / NARROWEST)))
    names: list[str | None] = [*result.channels, None]
    shown = [_name(name) for name in names]
    lines = [safe_lines(name, TEXT_SIZE, left - SPACE, 2) for name in (*shown, wording.say("charts.stage_credit_all"))]
    # Without a hint the chart may be as narrow as a page is before it is narrow.
    across = ((room if width_hint else NARROW) - left) / len(drawn)
    heads = Heads(tuple(stages[place].name for place in drawn), across)
    under = _under(result, rule, len(stages) - len(drawn), room)
    return sheet(
        [_cells(result, rule, names, drawn, theme)],
        dark=dark,
        plot=ROW * (len(names) + 1),
        x=scale(
            (-0.5, len(drawn) - 0.5),
            range(len(drawn)),
            heads.words,
            side="top",
            tickangle=heads.angle,
            tickfont={"color": theme.text},
        ),
        y=scale(
            (len(names) + 0.5, -0.5),
            range(len(names) + 1),
            ["<br>".join(each) for each in lines],
            tickfont={"size": TEXT_SIZE, "color": theme.text},
        ),
        title={"text": "<br>".join(under)},
        margins=Margins(
            top=round(heads.height + SPACE + MENU), bottom=round(len(under) * SMALL_SIZE * LINE) + 2 * SPACE
        ),
        revision="stage_credit",
    )


def describe(result: StageCredit, rule: CreditRule = CreditRule.FIRST) -> str:
    """Who gets most at each stage, by a rule."""
    if not result.channels or not any(result.entries):
        return wording.say("charts.credit_nothing")
    said = []
    for position, stage in enumerate(result.question.model.stages):
        if not result.entries[position] or result.entries[position] == result.without_touch[position]:
            continue
        most = max(result.channels, key=lambda name: result.of(position, name, rule))
        given = amount_said(result.of(position, most, rule), None)
        said.append(
            wording.say(
                "charts.stage_credit_most",
                stage=stage.name,
                channel=most,
                given=given,
                entries=result.entries[position],
            )
        )
    return wording.say("charts.stage_credit_described", rule=name_of(rule), stages=wording.listed(said))


def _name(channel: str | None) -> str:
    return wording.say("measures.credit_no_touch") if channel is None else channel


def _under(result: StageCredit, rule: CreditRule, left_out: int, room: float) -> list[str]:
    sentences = [wording.say("charts.stage_credit_axis", rule=name_of(rule))]
    sentences += [wording.say("charts.cohort_columns", n=left_out)] if left_out else []
    return [line for each in sentences for line in safe_lines(each, SMALL_SIZE, room, 4)]


def _cells(
    result: StageCredit, rule: CreditRule, names: Sequence[str | None], drawn: Sequence[int], theme: Colours
) -> Drawn:
    values = [[result.of(place, name, rule) for place in drawn] for name in names]
    shares = [
        [
            value / result.entries[place] if result.entries[place] else 0.0
            for value, place in zip(row, drawn, strict=True)
        ]
        for row in values
    ]
    most = max((share for row in shares[:-1] for share in row), default=0.0) or 1.0
    texts = [
        [_text(value, result.entries[place], theme) for value, place in zip(row, drawn, strict=True)] for row in values
    ]
    texts.append([wording.number(result.entries[place]) for place in drawn])
    stages = result.question.model.stages
    return {
        "type": "heatmap",
        "meta": "cells",
        # What has no touch is no channel, and neither are all together.
        "z": [*shares[:-1], *([0.0] * len(drawn) for _ in range(2))],
        "zmin": 0,
        "zmax": most,
        "colorscale": [[0, theme.surface], [1, mix(theme.background, theme.progress, FULL)]],
        "showscale": False,
        "xgap": GAP,
        "ygap": GAP,
        "text": texts,
        "texttemplate": "%{text}",
        "textfont": {"size": SMALL_SIZE, "color": theme.text},
        "customdata": [[[place, name or ""] for place in drawn] for name in (*names, "")],
        "hovertext": [
            [
                hover(
                    _name(name),
                    [
                        wording.say(
                            "charts.stage_credit_gives",
                            rule=name_of(rule),
                            given=amount_said(value, None),
                            entries=result.entries[place],
                            stage=stages[place].name,
                        )
                    ],
                )
                for value, place in zip(row, drawn, strict=True)
            ]
            for name, row in zip(names, values, strict=True)
        ]
        + [[""] * len(drawn)],
    }


def _text(value: float, entries: int, theme: Colours) -> str:
    """How many; the share, of enough to be told."""
    count = amount_said(value, None)
    if entries < FEWEST_FOR_A_RATE:
        return count
    share = wording.say("charts.share", rate=value / entries)
    return f'{count}<br><span style="color:{theme.text}">{share}</span>'
