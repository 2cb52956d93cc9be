"""Notes to days on charts over time: a dotted line at the day, and what happened there in a few words above the plot.

A chart over time says in its layout where its days lie (`days_of`); everything else is done here, the same for all of them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date

import plotly.graph_objects as go

from funnel.charts.canvas.canvas import Drawn, note
from funnel.charts.canvas.text import plain, safe, safe_lines, width
from funnel.charts.canvas.theme import SMALL_SIZE, colours
from funnel.core.types import DatedNote
from funnel.words import wording

USUAL_WIDTH = 700
LONGEST, MOST_ROWS, ROW, GAP = 150, 4, 17, 12
"""Pixels of the longest text, rows of texts over one another, pixels from one to the next, and between two of a row."""
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


def mark(figure: go.Figure, notes: Sequence[DatedNote], *, dark: bool, pixels: int | None = None) -> int:
    """Draw the notes on a figure that is so many pixels wide; how many lie on its days. A figure not over time stays as it is.

    The texts stand in rows above the plot, which the figure becomes higher by; what finds no room there is said on hover alone.
    """
    told = figure.layout.meta
    if not notes or not told or "days" not in told:
        return 0
    places = [(date.fromisoformat(day), x) for day, x in told["days"]]
    found = [(each, x) for each in notes if (x := _at(places, each.day)) is not None]
    if not found:
        return 0
    theme = colours(dark)
    if told["above"] is None:
        figure.layout.shapes = [*figure.layout.shapes, *(_line(each.day.isoformat(), theme.muted) for each, _ in found)]
        return len(found)
    margin, (low, high) = figure.layout.margin, figure.layout.xaxis.range
    plot = (pixels or USUAL_WIDTH) - margin.l - margin.r
    rows: list[list[tuple[float, float]]] = []
    marks = [_Mark(each, x, (x - low) / (high - low) * plot) for each, x in found]
    for each in marks:
        each.take_row(rows, plot)
    figure.layout.height += len(rows) * ROW
    margin.t += len(rows) * ROW
    texts = [each.text(told["above"], theme.muted) for each in marks]
    figure.layout.shapes = [*figure.layout.shapes, *(_line(each.x, theme.muted) for each in marks)]
    figure.layout.annotations = [*figure.layout.annotations, *texts]
    return len(found)


def _line(x: float | str, ink: str) -> Drawn:
    line = {"color": ink, "width": 1.5, "dash": "dot"}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line}


class _Mark:
    """One note, at `x` of the scale and so many pixels from the plot's left edge."""

    def __init__(self, noted: DatedNote, x: float, pixel: float) -> None:
        self.noted, self.x, self.pixel = noted, x, pixel
        self.row: int | None = None
        [self.words] = safe_lines(plain(noted.text), SMALL_SIZE, LONGEST, 1)
        self.wide = min(LONGEST, width(plain(noted.text), SMALL_SIZE))

    def take_row(self, rows: list[list[tuple[float, float]]], plot: float) -> None:
        """The lowest row in which the text touches no other; none where all are full. Near the right edge it ends at its line."""
        self.leftwards = self.pixel + self.wide > plot
        start = self.pixel - self.wide if self.leftwards else self.pixel
        end = start + self.wide + GAP
        for number in range(MOST_ROWS):
            if number == len(rows):
                rows.append([])
            if all(end <= other or until <= start for other, until in rows[number]):
                rows[number].append((start, end))
                self.row = number
                return

    def text(self, above: float, ink: str) -> Drawn:
        told = wording.say("charts.dated_note", day=self.noted.day, text=safe(self.noted.text))
        side = "right" if self.leftwards else "left"
        rise = above + 2 + (self.row or 0) * ROW
        font = {"size": SMALL_SIZE, "color": ink}
        # Without room for words there is still something to point at.
        words = "•" if self.row is None else self.words
        place = {"x": self.x, "xref": "x", "yref": "paper", "y": 1, "yanchor": "bottom", "xanchor": side}
        return note(words, **place, yshift=rise, font=font, hovertext=told)


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
