"""The funnel as bars: one row a stage, from one left edge, each bar split into what became of the leads there."""

from __future__ import annotations

from collections.abc import Iterable

import plotly.graph_objects as go

from funnel.charts import sentences
from funnel.charts.bars import SPACE, Rows, bars, drawn_parts, entries, figure
from funnel.charts.beside import above, between, head, lines_above, name_note, name_room, numbers, rows_of, widest
from funnel.charts.canvas.canvas import MENU, Drawn, Margins, note
from funnel.charts.canvas.legend import legend
from funnel.charts.canvas.text import plain, safe_lines, width
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.core import insights
from funnel.measures.stage_changes import StageChange, StageChanges
from funnel.measures.steps import StageCount, Steps
from funnel.words import wording

NARROW = 560
WIDE, LOW, LOWEST, COMPACT = Rows(0, 42, 32), Rows(0, 34, 22), Rows(0, 26, 18), Rows(0, 30, 20)
FEW_STAGES, MANY_STAGES, LAST = 7, 12, 4
"""Of more stages the rows are lower, of many the lowest; pixels under the last row, whose numbers are higher than its bar."""


def funnel(
    steps: Steps,
    *,
    dark: bool = False,
    width_hint: int | None = None,
    compact: bool = False,
    drop_off: int | None = None,
    changes: StageChanges | None = None,
) -> go.Figure:
    """The funnel of one question, to be shown with `config()`; `compact` rows are half as high. After the stage at the position `drop_off`
    stands that most were lost there. With `changes` each stage says what changed in how many came there, in points, where it has room.

    Each bar carries `customdata` [position, part], so that a click finds the leads behind it; `part` is one that
    `leads_at` knows. `width_hint` is the room in pixels, where it is known: under 560, names stand above their bars;
    without a hint the figure fits any width from 360 on. A funnel of no leads shows its stages with zeros.
    """
    theme = colours(dark)
    stages = steps.stages
    legend_entries = entries(drawn_parts(steps), theme)
    largest = max([1, *(stage.leads for stage in stages)])
    if width_hint is not None and width_hint < NARROW:
        words = rows_of(steps)
        rows = Rows(head(lines_above(words, width_hint)) + 2, 28, 30)
        words_of_colours = legend(legend_entries, theme, room=width_hint - MENU)
        notes = [*above(words, theme, rows, width_hint), *between(steps, theme, rows, drop_off, width_hint)]
        margins = Margins(top=words_of_colours.height)
    else:
        room = name_room([stage.name for stage in stages], width_hint)
        rows = _compact(len(stages)) if compact else beside(len(stages), changed=changes is not None)
        names = [
            safe_lines(plain(stage.name), TEXT_SIZE, room, int(rows.height / TEXT_SIZE / LINE)) for stage in stages
        ]
        changed = {} if changes is None else {each.position: _change_said(each) for each in changes.stages}
        left, right = widest(names) + SPACE, _numbers_room(steps, changed.values())
        words_of_colours = legend(legend_entries, theme, left=-left, room=(width_hint or NARROW) - MENU)
        notes = between(steps, theme, rows, drop_off)
        for stage, name in zip(stages, names, strict=True):
            anchor: Drawn = {"y": rows.middle(stage.position), "xanchor": "right", "align": "right"}
            notes.append(name_note(stage.name, name, x=0, xshift=-SPACE, **anchor))
            notes.append(
                note(_number_lines(stage, theme, changed.get(stage.position, "")), x=1, xshift=right, **anchor)
            )
        margins = Margins(left, right, words_of_colours.height, LAST)
    return figure(
        len(stages),
        rows,
        bars(steps, theme, rows),
        [*notes, *words_of_colours.notes],
        dark=dark,
        largest=largest,
        margins=margins,
        shapes=words_of_colours.shapes,
    )


def beside(stages: int, *, changed: bool = False) -> Rows:
    """The rows of so many stages whose names stand beside their bars: the more, the lower, so that a page shows them at once; those that
    say what `changed` have a line more."""
    if stages <= FEW_STAGES:
        return WIDE
    return LOW if stages <= MANY_STAGES or changed else LOWEST


def _compact(stages: int) -> Rows:
    return COMPACT if stages <= MANY_STAGES else LOWEST


def _of_first(stage: StageCount) -> str:
    if sentences.share(stage.from_entry) is None:
        return ""
    return wording.say("charts.of_first", rate=stage.from_entry.value)


def _change_said(change: StageChange) -> str:
    """By how much more or fewer leads came there than before; that it cannot be told from none, or not yet."""
    if change.too_early or change.contrast.difference is None:
        return wording.say("charts.change_early")
    key = "change" if change.contrast.is_clear else "change_unclear"
    return wording.say(f"charts.{key}", points=insights.signed_points(change.contrast.difference))


def _number_lines(stage: StageCount, theme: Colours, changed: str = "") -> str:
    count, _ = numbers(stage)
    bold = f'<b><span style="font-size:{TEXT_SIZE + 1}px">{count}</span></b>'
    lines = [line for line in (_of_first(stage), changed) if line]
    return "<br>".join(
        [bold, *(f'<span style="font-size:{SMALL_SIZE}px;color:{theme.muted}">{line}</span>' for line in lines)]
    )


def _numbers_room(steps: Steps, changed: Iterable[str] = ()) -> int:
    """Pixels for the numbers at the right."""
    counts = [width(numbers(stage)[0], TEXT_SIZE + 2) for stage in steps.stages]
    shares = [width(_of_first(stage), SMALL_SIZE) for stage in steps.stages]
    changes = [width(each, SMALL_SIZE) for each in changed]
    return round(max([0.0, *counts, *shares, *changes])) + SPACE
