"""The funnel as bars: one row a stage, from one left edge, each bar split into what became of the leads there."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from funnel import wording
from funnel.charts import sentences
from funnel.charts.bars import LEGEND_HEIGHT, SPACE, Drawn, Rows, bars, figure, note
from funnel.charts.look import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.charts.text import ELLIPSIS, pieces, plain, safe, safe_lines, width
from funnel.nouns import StageCount, Steps

NARROW = 560
MANY_STAGES = 12
NAME_ROOM, LEAST_NAME_ROOM, MOST_NAME_ROOM = 140, 96, 240
NAME_SHARE = 0.22
MOST_WORD_ROOM = 172
TITLE_HEIGHT = 34
BUTTON = 30


def funnel(steps: Steps, *, dark: bool = False, language: str = "en", width_hint: int | None = None) -> go.Figure:
    """The funnel of one question, to be shown with `config()`.

    Each bar carries `customdata` [position, part], so that a click finds the leads behind it; `part` is one that
    `leads_at` knows. `width_hint` is the room in pixels, where it is known: under 560, names stand above their bars;
    without a hint the figure fits any width from 360 on. A funnel of no leads shows its stages with zeros.
    """
    look = colours(dark)
    stages = steps.stages
    largest = _largest(steps)
    if width_hint is not None and width_hint < NARROW:
        rows = Rows(_head(lines_above(steps, width_hint, language)) + 2, 28, 30)
        notes = [*_head_notes(steps, look, language, rows, width_hint), *_step_notes(steps, look, language, rows)]
        traces = bars(steps, look, language, rows)
        return figure(steps, rows, traces, notes, dark=dark, largest=largest, top=LEGEND_HEIGHT, legend_from=0)
    if width_hint is None:
        # A little more room rather than a word broken before its last letters.
        room = max(NAME_ROOM, min(MOST_WORD_ROOM, _widest_word(stages)))
    else:
        room = min(MOST_NAME_ROOM, max(LEAST_NAME_ROOM, int(width_hint * NAME_SHARE)))
    rows = Rows(0, 46, 36) if len(stages) <= MANY_STAGES else Rows(0, 34, 30)
    names = [safe_lines(plain(stage.name), TEXT_SIZE, room, int(rows.height / TEXT_SIZE / LINE)) for stage in stages]
    left, right = _widest(names) + SPACE, _numbers_room(steps, language)
    notes = _step_notes(steps, look, language, rows)
    for stage, name in zip(stages, names, strict=True):
        place = {"y": rows.middle(stage.position), "xanchor": "right", "align": "right"}
        notes.append(_name_note(stage, name, x=0, xshift=-SPACE, **place))
        notes.append(note(_number_lines(stage, look, language), x=1, xshift=right, **place))
    traces = bars(steps, look, language, rows)
    return figure(
        steps,
        rows,
        traces,
        notes,
        dark=dark,
        largest=largest,
        top=LEGEND_HEIGHT,
        legend_from=-left,
        margins=(left, right),
    )


def small_figure(
    steps: Steps, title: str, *, dark: bool, language: str, room: int, largest: int, name_lines: int
) -> go.Figure:
    """The funnel of one group: its title, names above thin bars, on a scale whose end is `largest` leads."""
    look = colours(dark)
    rows = Rows(_head(name_lines), 18, 14)
    (head,) = safe_lines(plain(title), TEXT_SIZE + 1, (room - BUTTON) * 0.94, 1)
    place = {"x": 0, "xanchor": "left", "y": 0, "yanchor": "top", "yshift": TITLE_HEIGHT - 2}
    full = {"hovertext": safe(title)} if ELLIPSIS in head else {}
    heading = note(f"<b>{head}</b>", font={"size": TEXT_SIZE + 1}, **place, **full)
    notes = [heading, *_head_notes(steps, look, language, rows, room)]
    traces = bars(steps, look, language, rows, inside=False)
    return figure(steps, rows, traces, notes, dark=dark, largest=largest, top=TITLE_HEIGHT)


def _widest_word(stages: Sequence[StageCount]) -> int:
    words = [word for stage in stages for word in pieces(plain(stage.name))]
    return math.ceil(max((width(word.strip(), TEXT_SIZE) for word in words), default=0))


def lines_above(steps: Steps, room: int, language: str) -> int:
    """How many lines the longest stage name takes (at most two) where names stand above their bars."""
    return max([1, *(len(_lines_beside(stage, room, language, 2)) for stage in steps.stages)])


def _largest(steps: Steps) -> int:
    return max([1, *(stage.leads for stage in steps.stages)])


def _head(lines: int) -> int:
    return round(lines * SMALL_SIZE * LINE) + 6


def _step_notes(steps: Steps, look: Colours, language: str, rows: Rows) -> list[Drawn]:
    """Under each bar but the last: how many went on, and how long it took them."""
    notes = []
    rise = 4 if rows.head else 0
    for stage in steps.stages[1:]:
        text = sentences.step(steps, stage, language)
        if text is not None:
            y = rows.middle(stage.position - 1) + rows.bar / 2 + rows.foot / 2 - rise / 2
            notes.append(note(text, x=0, y=y, xanchor="left", xshift=1, font={"size": SMALL_SIZE, "color": look.muted}))
    return notes


def _head_notes(steps: Steps, look: Colours, language: str, rows: Rows, room: int) -> list[Drawn]:
    """Above each bar: its stage's name at the left, its numbers at the right."""
    notes = []
    most = max(1, int(rows.head / SMALL_SIZE / LINE))
    for stage in steps.stages:
        y = rows.middle(stage.position) - rows.bar / 2 - 3
        place = {"y": y, "yanchor": "bottom", "font": {"size": SMALL_SIZE}}
        lines = _lines_beside(stage, room, language, most)
        notes.append(_name_note(stage, lines, x=0, xanchor="left", align="left", **place))
        count, share = _numbers(stage, language)
        muted = f' <span style="color:{look.muted}">{share}</span>' if share else ""
        notes.append(note(f"<b>{count}</b>{muted}", x=1, xanchor="right", align="right", **place))
    return notes


def _name_note(stage: StageCount, lines: tuple[str, ...], **place: Any) -> Drawn:
    """The stage's name; where it had to be cut, the whole of it on hover."""
    if not any(ELLIPSIS in line for line in lines):
        return note("<br>".join(lines), **place)
    whole = safe_lines(plain(stage.name), SMALL_SIZE, sentences.HOVER_ROOM, sentences.HOVER_LINES)
    return note("<br>".join(lines), hovertext="<br>".join(whole), **place)


def _lines_beside(stage: StageCount, room: int, language: str, most: int) -> tuple[str, ...]:
    """The stage's name in the room that its numbers leave."""
    numbers = width(" ".join(_numbers(stage, language)), SMALL_SIZE)
    return safe_lines(plain(stage.name), SMALL_SIZE, room - numbers - SPACE, most)


def _numbers(stage: StageCount, language: str) -> tuple[str, str]:
    """The count, and the share of the first stage; no share of too few leads."""
    count = wording.say("charts.count", language=language, n=stage.leads)
    return count, sentences.share(stage.from_entry, language) or ""


def _of_first(stage: StageCount, language: str) -> str:
    if sentences.share(stage.from_entry, language) is None:
        return ""
    return wording.say("charts.of_first", language=language, rate=stage.from_entry.value)


def _number_lines(stage: StageCount, look: Colours, language: str) -> str:
    count, _ = _numbers(stage, language)
    bold = f'<b><span style="font-size:{TEXT_SIZE + 1}px">{count}</span></b>'
    said = _of_first(stage, language)
    return f'{bold}<br><span style="font-size:{SMALL_SIZE}px;color:{look.muted}">{said}</span>' if said else bold


def _numbers_room(steps: Steps, language: str) -> int:
    """Pixels for the numbers at the right."""
    counts = [width(_numbers(stage, language)[0], TEXT_SIZE + 2) for stage in steps.stages]
    shares = [width(_of_first(stage, language), SMALL_SIZE) for stage in steps.stages]
    return round(max([0.0, *counts, *shares])) + SPACE


def _widest(names: list[tuple[str, ...]]) -> int:
    return round(max([0.0, *(width(html.unescape(line), TEXT_SIZE) for name in names for line in name)]))
