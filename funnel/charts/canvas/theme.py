"""How charts look: the colours, the type and one Plotly template, in light and in dark.

The theme of the pages uses the same colours. Text has a contrast of at least 4.5 : 1 on what it stands on: the page, a
surface, a bar. Progress, waiting and lost differ in hue and in lightness, so they stay apart for colour-blind eyes and
in grey print; order and labels say the same again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import plotly.graph_objects as go

FONT = '"Source Sans", "Noto Sans", "Noto Sans Arabic", "Noto Sans Thai", "Noto Sans Armenian", system-ui, sans-serif'
TEXT_SIZE = 14
SMALL_SIZE = 13
LINE = 1.25
DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up")


@dataclass(frozen=True)
class Colours:
    """One theme. `…_text` is the colour of what is written inside a bar of that colour; `track` is where a bar could
    have reached; `chosen_bar` and `other_bar` are the starts inside and outside of the chosen dates.

    `series` are the hues of the models compared, each with a dash and a marker of its own. They differ in lightness as
    well, stay apart for colour-blind eyes, and none of them comes near `lost`; inside them text is in `progress_text`.
    """

    background: str
    surface: str
    border: str
    text: str
    muted: str
    progress: str
    progress_text: str
    still: str
    still_text: str
    lost: str
    lost_text: str
    track: str
    chosen_bar: str
    other_bar: str
    series: tuple[str, str, str, str]


LIGHT = Colours(
    background="#ffffff",
    surface="#f6f7fa",
    border="#e1e5ec",
    text="#1b2536",
    muted="#5b6577",
    progress="#2c6bdd",
    progress_text="#ffffff",
    still="#8a94a6",
    still_text="#1b2536",
    lost="#dc5f18",
    lost_text="#10151f",
    track="#eceff4",
    chosen_bar="#5f89dd",
    other_bar="#c3cad6",
    series=("#2c6bdd", "#64249a", "#176a55", "#b84093"),
)
DARK = Colours(
    background="#10151f",
    surface="#181f2c",
    border="#2c3646",
    text="#e8ecf3",
    muted="#a3aec0",
    progress="#6a9bf4",
    progress_text="#10151f",
    still="#5a6579",
    still_text="#ffffff",
    lost="#f0924d",
    lost_text="#10151f",
    track="#1b2331",
    chosen_bar="#4d79cc",
    other_bar="#465167",
    series=("#6a9bf4", "#d9b3f7", "#74cbaa", "#e85aa8"),
)


def colours(dark: bool = False) -> Colours:
    """The colours of the light or the dark theme."""
    return DARK if dark else LIGHT


def pale(colour: str, opacity: float) -> str:
    """The colour, seen through: what lies under it shows, and no edge is left."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


@lru_cache
def template(dark: bool = False) -> go.layout.Template:
    """The Plotly template of every chart: no border, our type, a quiet hover box on the page's colours.

    On hover a mark says its own text. Scales, the legend and the title, which stands below, are drawn where a chart asks for them:
    then in quiet letters, scales and legend with the room that their texts need.
    """
    theme = colours(dark)
    quiet = {"size": SMALL_SIZE, "color": theme.muted}
    scale = {
        "visible": False,
        "fixedrange": True,
        "showgrid": False,
        "gridcolor": theme.border,
        "zeroline": False,
        "zerolinecolor": theme.border,
        "automargin": True,
        "ticks": "",
        "tickangle": 0,
        "ticklabelstandoff": 5,
        "ticklabeloverflow": "allow",
        "showline": False,
        "linecolor": theme.border,
        "tickfont": quiet,
        "title": {"font": quiet},
    }
    legend = {
        "orientation": "h",
        "x": 0,
        "xref": "container",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "indentation": -10,
        "font": quiet,
        "itemclick": False,
        "itemdoubleclick": False,
    }
    below = {
        "x": 0,
        "xref": "container",
        "y": 0,
        "yref": "paper",
        "yanchor": "top",
        "pad": {"t": 15},
        "font": quiet,
    }
    hover = {
        "bgcolor": theme.surface,
        "bordercolor": theme.border,
        "font": {"family": FONT, "size": SMALL_SIZE, "color": theme.text},
    }
    return go.layout.Template(
        data={kind: [{"hoverinfo": "text"}] for kind in ("bar", "heatmap", "scatter", "waterfall")},
        layout={
            "paper_bgcolor": theme.background,
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": theme.series,
            "font": {"family": FONT, "size": TEXT_SIZE, "color": theme.text},
            "hoverlabel": {**hover, "align": "left"},
            "annotationdefaults": {"hoverlabel": hover},
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "pad": 0},
            "xaxis": scale,
            "yaxis": scale,
            "legend": legend,
            "title": below,
            "hovermode": "closest",
            "dragmode": False,
            "showlegend": False,
        },
    )


def config() -> dict[str, object]:
    """How Plotly behaves on a page: it draws, and offers nothing by itself."""
    return {
        "displaylogo": False,
        "displayModeBar": False,
        "responsive": True,
        "scrollZoom": False,
        "doubleClick": False,
        "showTips": False,
    }
