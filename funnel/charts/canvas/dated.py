"""Notes to days on charts over time: a dotted line at the day, the number of the note above it, and under the chart what happened.

A chart over time says in its layout where its days lie (`days_of`); everything else is done here, the same for all of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn, note
from funnel.charts.canvas.text import plain, safe, width
from funnel.charts.canvas.theme import SMALL_SIZE, colours
from funnel.core.types import DatedNote
from funnel.words import wording

USUAL_WIDTH = 700
MOST_ROWS, ROW, GAP = 3, 17, 6
"""Rows of numbers over one another, pixels from one to the next, and between two of a row."""
MOST_LISTED = 12
"""Notes that are told under a chart; of more, the first."""
Place = tuple[date, float]


def days_of(places: Iterable[Place], *, above: float = 0) -> Drawn:
    """What a layout says of its days under `meta`: where on the scale of x each of these lies, the earliest first; between two of them it
    is even. `above`: pixels over the plot that are taken by something else."""
    return {"days": [[day.isoformat(), x] for day, x in places], "above": above}


def days_alone(first: date, last: date) -> Drawn:
    """The same of a figure whose scale is of days and that has no room for words: both days are on it."""
    return {"days": [[day.isoformat(), day.toordinal()] for day in (first, last)], "above": None}


def periods(starts: Sequence[date], last_days: Sequence[date]) -> list[Place]:
    """Where the days lie on a scale of periods by their indexes: each from half before its index to half behind it."""
    return [
        place
        for index, (first, last) in enumerate(zip(starts, last_days, strict=True))
        for place in ((first, index - 0.5), (date.fromordinal(last.toordinal() + 1), index + 0.5))
    ]


def mark(
    figure: go.Figure, notes: Sequence[DatedNote], *, dark: bool, pixels: int | None = None
) -> list[tuple[int, DatedNote]]:
    """Draw the notes on a figure that is so many pixels wide: a line at the day and over it the note's number, its place among all notes;
    those that lie on its days, each with its number. A figure not over time stays as it is.

    The numbers stand in rows above the plot, which the figure becomes higher by; `listed` says under it what they mean.
    """
    told = figure.layout.meta
    if not notes or not told or "days" not in told:
        return []
    places = [(date.fromisoformat(day), x) for day, x in told["days"]]
    found = [(number, each, x) for number, each in enumerate(notes, 1) if (x := _at(places, each.day)) is not None]
    marked = [(number, each) for number, each, _ in found]
    if not found:
        return []
    theme = colours(dark)
    if told["above"] is None:
        lines = [_line(each.day.isoformat(), theme.muted) for _, each in marked]
        figure.layout.shapes = [*figure.layout.shapes, *lines]
        return marked
    margin, (low, high) = figure.layout.margin, figure.layout.xaxis.range
    plot = (pixels or USUAL_WIDTH) - margin.l - margin.r
    rows: list[list[tuple[float, float]]] = []
    marks = [_Mark(number, each, x, (x - low) / (high - low) * plot) for number, each, x in found]
    for each_mark in marks:
        each_mark.take_row(rows)
    figure.layout.height += len(rows) * ROW
    margin.t += len(rows) * ROW
    texts = [each_mark.text(told["above"], theme.muted) for each_mark in marks]
    figure.layout.shapes = [*figure.layout.shapes, *(_line(each_mark.x, theme.muted) for each_mark in marks)]
    figure.layout.annotations = [*figure.layout.annotations, *texts]
    return marked


def listed(marked: Sequence[tuple[int, DatedNote]]) -> list[str]:
    """What stands under a figure: a sentence for each note on it, with its number; how many more there are. Plain text."""
    told = [_said(number, each) for number, each in marked[:MOST_LISTED]]
    more = len(marked) - len(told)
    return [*told, *([wording.say("charts.dated_notes_more", more=more)] if more else [])]


def _line(x: float | str, ink: str) -> Drawn:
    line = {"color": ink, "width": 1.5, "dash": "dot"}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line}


class _Mark:
    """One note, at `x` of the scale and so many pixels from the plot's left edge."""

    def __init__(self, number: int, noted: DatedNote, x: float, pixel: float) -> None:
        self.number, self.noted, self.x, self.pixel = number, noted, x, pixel
        self.row: int | None = None
        self.words = wording.number(number)

    def take_row(self, rows: list[list[tuple[float, float]]]) -> None:
        """The lowest row in which the number touches no other; none where all are full."""
        half = width(self.words, SMALL_SIZE) / 2 + GAP / 2
        start, end = self.pixel - half, self.pixel + half
        for number in range(MOST_ROWS):
            if number == len(rows):
                rows.append([])
            if all(end <= other or until <= start for other, until in rows[number]):
                rows[number].append((start, end))
                self.row = number
                return

    def text(self, above: float, ink: str) -> Drawn:
        rise = above + 2 + (self.row or 0) * ROW
        font = {"size": SMALL_SIZE, "color": ink}
        # Without room for a number there is still something to point at.
        words = "•" if self.row is None else self.words
        place = {"x": self.x, "xref": "x", "yref": "paper", "y": 1, "yanchor": "bottom", "xanchor": "center"}
        return note(words, **place, yshift=rise, font=font, hovertext=safe(_said(self.number, self.noted)))


def _said(number: int, noted: DatedNote) -> str:
    """A note in a sentence, with its number and the leads that it concerns."""
    key = "charts.dated_note_where" if noted.condition else "charts.dated_note"
    return wording.say(key, number=number, day=noted.day, text=plain(noted.text), condition=plain(noted.condition))


def _at(places: Sequence[Place], day: date) -> float | None:
    """Where a day lies; None before the first and behind the last."""
    if not places or not places[0][0] <= day <= places[-1][0]:
        return None
    after = bisect_right([each for each, _ in places], day)
    if after == len(places):
        return places[-1][1]
    (first, low), (last, high) = places[after - 1], places[after]
    share = (day - first).days / (last - first).days
    return low + share * (high - low)
