"""What all answers share: moments as text, and tables for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from funnel import wording

AsText = Callable[[dict[str, Any]], str]


def moment(when: date | datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def signed(value: float) -> str:
    """A number with its sign: "+12", "−3.5", "0"."""
    return ("+" if value > 0 else "\u2212" if value < 0 else "") + wording.number(abs(value))


def paragraphs(parts: Iterable[Sequence[str]]) -> str:
    """Groups of lines, with an empty line between them."""
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


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
