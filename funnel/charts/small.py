"""Small funnels beside each other: each with its heading, names above thin bars, rows that line up, one scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from funnel.charts.bars import BOTTOM, Rows, bars, drawn_parts, entries, figure
from funnel.charts.beside import above, head, lines_above, medians_between, rows_of
from funnel.charts.canvas.canvas import MENU, Drawn, Margins, note
from funnel.charts.canvas.legend import RISE, Legend, legend
from funnel.charts.canvas.text import ELLIPSIS, plain, safe_lines
from funnel.charts.canvas.theme import LINE, SMALL_SIZE, TEXT_SIZE, Colours, colours
from funnel.charts.sentences import HOVER_LINES, HOVER_ROOM
from funnel.core.types import Unit
from funnel.measures.steps import Steps

BAR, LOW_BAR = 18, 14
FOOT, LOW_FOOT, MEDIAN_FOOT = 14, 8, 28
FEW_STAGES = 8
"""Of more stages the bars are lower, and nearer to each other."""
LEGEND_GAP = 12


@dataclass(frozen=True)
class Column:
    """One funnel of several: what stands over it, and the hue of those that went on (None: that of progress).

    `upward` draws the last stage at the top.
    """

    steps: Steps
    title: str
    under_title: str = ""
    hue: str | None = None
    upward: bool = False


@dataclass(frozen=True)
class Small:
    """How the columns of one set are drawn, so that they can be read across: `room` is the pixels of one of them.

    `medians` writes the days between stages; `shares` makes a bar as long as its share of the first stage; the legend
    stands under the first column. A name takes at most `name_lines` lines, a title at most `title_lines`.
    """

    dark: bool
    room: int
    medians: bool = False
    shares: bool = False
    with_legend: bool = False
    name_lines: int = 2
    title_lines: int = 1

    def figures(self, columns: Sequence[Column]) -> tuple[go.Figure, ...]:
        """One figure a column: rows of equal height, titles that take the same room, the same scale for all that count the same:
        leads, or accounts."""
        words = [row for column in columns for row in rows_of(column.steps)]
        above_bars = head(lines_above(words, self.room, self.name_lines))
        titles = [self._title(column) for column in columns]
        lines = max([1, *map(len, titles)]) + any(column.under_title for column in columns)
        top = round(lines * (TEXT_SIZE + 2) * LINE) + 14
        largest: dict[Unit, float] = {}
        for column in columns:
            unit = column.steps.question.unit
            least = 1e-9 if self.shares else 1
            largest[unit] = max(largest.get(unit, least), self._longest(column.steps))
        parts = drawn_parts(*(column.steps for column in columns))
        low = any(len(column.steps.stages) > FEW_STAGES for column in columns)
        bar, foot = (LOW_BAR, LOW_FOOT) if low else (BAR, FOOT)
        drawn = []
        for number, (column, title) in enumerate(zip(columns, titles, strict=True)):
            stages = column.steps.stages
            rows = Rows(above_bars, bar, MEDIAN_FOOT if self.medians else foot, len(stages) if column.upward else 0)
            words_of_colours = self._legend(parts, column) if self.with_legend and number == 0 else None
            scale = largest[column.steps.question.unit]
            drawn.append(self._figure(column, title, rows, scale, top, words_of_colours))
        return tuple(drawn)

    def _figure(
        self, column: Column, title: Sequence[str], rows: Rows, largest: float, top: int, words: Legend | None
    ) -> go.Figure:
        theme = colours(self.dark)
        steps = column.steps
        traces = bars(
            steps,
            theme,
            rows,
            hue=column.hue,
            inside=False,
            whole=_first(steps) if self.shares else None,
        )
        notes = [
            *_heading(column, title, theme, top),
            *above(rows_of(steps), theme, rows, self.room),
            *(medians_between(steps, theme, rows) if self.medians else ()),
        ]
        bottom = LEGEND_GAP + words.height - RISE - BOTTOM if words else 0
        return figure(
            len(steps.stages),
            rows,
            traces,
            [*notes, *(words.notes if words else ())],
            dark=self.dark,
            largest=largest,
            margins=Margins(top=top, bottom=bottom),
            shapes=words.shapes if words else (),
        )

    def _title(self, column: Column) -> tuple[str, ...]:
        # Bold letters are wider; one line leaves room for the button that saves the picture.
        room = (self.room - (MENU if self.title_lines == 1 else 0)) * 0.92
        return safe_lines(plain(column.title), TEXT_SIZE + 1, room, self.title_lines)

    def _longest(self, steps: Steps) -> float:
        leads = max([0, *(stage.leads for stage in steps.stages)])
        return leads / max(1, _first(steps)) if self.shares else leads

    def _legend(self, parts: Sequence[str], column: Column) -> Legend:
        theme = colours(self.dark)
        return legend(entries(parts, theme, column.hue), theme, room=self.room, rise=LEGEND_GAP, under=True)


def _heading(column: Column, title: Sequence[str], theme: Colours, top: int) -> list[Drawn]:
    """The title in the column's hue, and under it a quieter line."""
    anchor = {"x": 0, "xanchor": "left", "align": "left", "y": 0, "yanchor": "top"}
    cut = any(ELLIPSIS in line for line in title)
    whole = "<br>".join(safe_lines(plain(column.title), SMALL_SIZE, HOVER_ROOM, HOVER_LINES))
    font = {"size": TEXT_SIZE + 1, "color": column.hue or theme.text}
    full = {"hovertext": whole} if cut else {}
    bold = "<br>".join(f"<b>{line}</b>" for line in title)
    notes = [note(bold, font=font, yshift=top - 2, **anchor, **full)]
    if column.under_title:
        down = math.ceil(len(title) * (TEXT_SIZE + 2) * LINE)
        quiet = {"size": SMALL_SIZE, "color": theme.muted}
        notes.append(note(column.under_title, font=quiet, yshift=top - 2 - down, **anchor))
    return notes


def _first(steps: Steps) -> int:
    return steps.stages[0].leads if steps.stages else 0
