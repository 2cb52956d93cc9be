"""Real public files that are no part of the project; tests over them are skipped, by name, where they are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "cases"


def case(*parts: str) -> Path:
    """The path of a public file, or a skipped test."""
    path = FOLDER.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the public file {'/'.join(parts)} is not on this machine")
    return path
