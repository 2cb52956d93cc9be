"""The browser made ready for the first funnel while the page waits for a file: the drawing program, and the frontend's own pieces."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from funnel import charts
from pages.ui import components

PIECES = ("PageLink", "Slider", "ButtonGroup", "Selectbox", "NumberInput", "Metric", "DownloadButton", "DataFrame")
"""What the frontend fetches only where a page has it, and each page of data has."""
_SCRIPTS = Path("static/js")


def show() -> None:
    """A piece of the page that nobody sees."""
    components.serve("chart")
    components.mount("warm", key="warm", data={"program": charts.PROGRAM_ADDRESS, "frontend": frontend()})


@lru_cache
def frontend() -> list[str]:
    """The addresses of PIECES, as far as the installed frontend has them under these names."""
    folder = Path(st.__file__).parent / "static" / _SCRIPTS
    return [f"/{_SCRIPTS.as_posix()}/{path.name}" for name in PIECES for path in sorted(folder.glob(f"{name}.*.js"))]
