"""What all answers share: moments as text, and tables for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

AsText = Callable[[dict[str, Any]], str]


def moment(when: date | datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def table(heads: list[str], rows: list[list[str]], left: int = 1) -> list[str]:
    """Columns of one width; the first `left` of them begin at the left, the others end at the right."""
    widths = [max(len(row[place]) for row in [heads, *rows]) for place in range(len(heads))]
    return [
        "  ".join(
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [heads, *rows]
    ]
