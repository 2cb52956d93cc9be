"""The legend: a swatch and a word for each colour. Plotly's own would move the plot where it is narrow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from funnel.charts.canvas.canvas import Drawn, note
from funnel.charts.canvas.text import width
from funnel.charts.canvas.theme import SMALL_SIZE, Colours

SWATCH, GAP, SPACE, LINE_HEIGHT = 11, 6, 14, 20
HEIGHT, RISE = 40, 20


@dataclass(frozen=True)
class Entry:
    """One colour and what it means; `hatch` is the colour of its stripes, where it has any. `word` is safe to show."""

    word: str
    fill: str
    hatch: str | None = None


@dataclass(frozen=True)
class Legend:
    """What draws a legend, and how many pixels high it is."""

    shapes: list[Drawn]
    notes: list[Drawn]
    height: int


def legend(
    entries: Sequence[Entry],
    theme: Colours,
    *,
    left: float = 0,
    room: float = math.inf,
    rise: float = RISE,
    under: bool = False,
) -> Legend:
    """The legend, broken into lines that fit in `room` pixels, `left` pixels beside the plot's left edge.

    Its last line stands `rise` pixels above the plot; or, `under` it, its first line as many below.
    """
    lines = _lines(entries, room)
    shapes, notes = [], []
    for number, line in enumerate(lines):
        low = -rise - SWATCH - number * LINE_HEIGHT if under else rise + (len(lines) - 1 - number) * LINE_HEIGHT
        edge = 0 if under else 1
        for offset, entry in line:
            shapes += _swatch(entry, left + offset, low, edge)
            anchor = {"xanchor": "left", "xshift": left + offset + SWATCH + GAP, "yshift": low + SWATCH / 2}
            font = {"size": SMALL_SIZE, "color": theme.muted}
            notes.append(note(entry.word, x=0, yref="paper", y=edge, font=font, **anchor))
    return Legend(shapes, notes, HEIGHT + (len(lines) - 1) * LINE_HEIGHT)


def _lines(entries: Sequence[Entry], room: float) -> list[list[tuple[float, Entry]]]:
    """The entries with their places, line by line; as evenly as may be, so that none is left alone on the last one."""
    broken = _broken(entries, room, len(entries))
    even = _broken(entries, room, math.ceil(len(entries) / max(1, len(broken))))
    return even if len(even) == len(broken) else broken


def _broken(entries: Sequence[Entry], room: float, most: int) -> list[list[tuple[float, Entry]]]:
    lines: list[list[tuple[float, Entry]]] = [[]]
    x = 0.0
    for entry in entries:
        taken = SWATCH + GAP + width(entry.word, SMALL_SIZE)
        if lines[-1] and (x + taken > room or len(lines[-1]) == most):
            lines.append([])
            x = 0.0
        lines[-1].append((x, entry))
        x += taken + SPACE
    return lines


def _swatch(entry: Entry, x: float, low: float, edge: int) -> list[Drawn]:
    pixels = {"xref": "paper", "yref": "paper", "xsizemode": "pixel", "ysizemode": "pixel", "xanchor": 0}
    anchor = {**pixels, "yanchor": edge}
    corners = {"x0": x, "x1": x + SWATCH, "y0": low, "y1": low + SWATCH}
    drawn: list[Drawn] = [{"type": "rect", **corners, **anchor, "fillcolor": entry.fill, "line": {"width": 0}}]
    if entry.hatch:
        drawn.append({"type": "path", "path": _hatch(x, low), **anchor, "line": {"color": entry.hatch, "width": 2}})
    return drawn


def _hatch(x: float, low: float) -> str:
    half, high = low + SWATCH / 2, low + SWATCH
    middle, right = x + SWATCH / 2, x + SWATCH
    return f"M{x},{half}L{middle},{high}M{x},{low}L{right},{high}M{middle},{low}L{right},{half}"
