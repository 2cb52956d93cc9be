"""A figure as the browser takes it, and the program there that draws it: the file that Plotly brings along, in its own version."""

from __future__ import annotations

from pathlib import Path

import plotly
import plotly.graph_objects as go
import plotly.io

PROGRAM = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PROGRAM_ADDRESS = f"/plotly-{plotly.__version__}.min.js"
"""Where the app serves it: another version has another address, so what a browser keeps of it is never stale."""


def spec(figure: go.Figure) -> str:
    """The figure as JSON, with the keys `data` and `layout`; what it is made of is not checked again."""
    text: str = plotly.io.to_json(figure, validate=False)
    return text
