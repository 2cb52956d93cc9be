"""Shades of the hue of progress: cells of a heat table, and curves from old to new. Derived for both themes in one place.

Whatever the shade of a cell, its text keeps a contrast of at least 4.5 : 1 on it, and on the stripes over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from funnel.charts.canvas.canvas import Drawn
from funnel.charts.canvas.theme import colours

LIGHT_CELLS, DARK_CELLS = ("#edf3fe", "#6595ec"), ("#1a2436", "#2f64b8")
LIGHT_NEWEST, DARK_NEWEST = "#12459f", "#a9c8ff"
PALER, STRIPES = 0.35, 0.55
OLDEST, FADED = 0.4, 0.4
STRIPE_SIZE, STRIPE_SOLIDITY = 9, 0.2


@dataclass(frozen=True)
class Shade:
    """The fill of a cell, and the colour of its stripes where it is not finished ("" else)."""

    fill: str
    stripes: str = ""


def mix(one: str, other: str, share: float) -> str:
    """The colour that has so much of the other in it."""
    pairs = ((int(one[start : start + 2], 16), int(other[start : start + 2], 16)) for start in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def heat(share: float, *, dark: bool, unfinished: bool = False) -> Shade:
    """The shade of a share of the largest rate drawn; by its square root, so that small rates stay apart from none.

    What is unfinished is paler, and striped: the stripes are as strong on a small rate as on a large one.
    """
    pale, strong = DARK_CELLS if dark else LIGHT_CELLS
    fill = mix(pale, strong, sqrt(min(1.0, max(0.0, share))))
    if not unfinished:
        return Shade(fill)
    background = colours(dark).background
    return Shade(mix(background, fill, PALER), mix(background, strong, STRIPES))


def blank(*, dark: bool, unfinished: bool = False) -> Shade:
    """The shade of a cell that has no rate."""
    theme = colours(dark)
    return Shade(theme.track, mix(theme.background, theme.still, 0.45) if unfinished else "")


def strand(index: int, count: int, *, dark: bool, faded: bool = False) -> str:
    """The colour of one of so many curves: pale for the first, the oldest, strong for the last; `faded`, all nearly gone."""
    theme = colours(dark)
    age = index / (count - 1) if count > 1 else 1.0
    middle = mix(theme.background, theme.progress, OLDEST)
    colour = mix(middle, theme.progress, age * 2) if age < 0.5 else mix(theme.progress, newest(dark), age * 2 - 1)
    return mix(theme.background, colour, FADED) if faded else colour


def newest(dark: bool) -> str:
    """The strongest colour of a curve."""
    return DARK_NEWEST if dark else LIGHT_NEWEST


def bars(shades: Sequence[Shade], *, striped: bool) -> Drawn:
    """The marker of bars in these shades, all striped or none: Plotly takes a list of colours for the stripes' own."""
    marker: Drawn = {"line": {"width": 0}, "cornerradius": 4}
    fills = [shade.fill for shade in shades]
    if not striped:
        return {**marker, "color": fills}
    stripes = {"fgcolor": [shade.stripes for shade in shades], "bgcolor": fills, "fillmode": "replace"}
    return {**marker, "pattern": {"shape": "/", "size": STRIPE_SIZE, "solidity": STRIPE_SOLIDITY, **stripes}}
