"""A file of data/ that readers of cells and labels take their words from."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data"


@cache
def data_file(name: str) -> dict[str, Any]:
    """The tables of data/<name>.toml."""
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
