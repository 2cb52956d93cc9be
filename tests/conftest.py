"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases"


def case(*parts: str) -> Path:
    """A real public file that is not part of the project; the test is skipped, by name, where it is missing."""
    path = CASES.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the public file {'/'.join(parts)} is not on this machine")
    return path
