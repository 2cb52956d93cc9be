"""What all answers share: moments as text, and tables for a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from funnel.core import rows as cells_of
from funnel.core.rows import Row
from funnel.measures.bottleneck import TopStage
from funnel.words import wording

AsText = Callable[[dict[str, Any]], str]
UNSEEN = re.compile("[\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def in_lines(value: Any) -> Any:
    """An answer whose texts stand on one line each, without what could steer or turn a terminal: what a file says is only shown."""
    if isinstance(value, str):
        return wording.plain(value)
    if isinstance(value, dict):
        return {key: in_lines(inner) for key, inner in value.items()}
    return [in_lines(inner) for inner in value] if isinstance(value, list) else value


def as_json(answer: dict[str, Any]) -> str:
    """The answer as JSON, whose texts read back as they are; what could steer or turn a terminal is written by its number."""
    return UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(answer, ensure_ascii=False, indent=2))


def moment(when: date | datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def paragraphs(parts: Iterable[Sequence[str]]) -> str:
    """Groups of lines, with an empty line between them."""
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def table(heads: list[str], rows: list[list[str]], left: int = 1) -> list[str]:
    """Columns of one width; the first `left` of them begin at the left, the others end at the right."""
    widths = [max(len(row[index]) for row in [heads, *rows]) for index in range(len(heads))]
    return [
        "  ".join(
            cell.ljust(width) if index < left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [heads, *rows]
    ]


def rows_text(
    name: str, rows: Sequence[Row], left: int = 1, *, rare: Collection[str] = (), **values: object
) -> list[str]:
    """Rows of a result as lines under the heads of `tables.<name>`, filled with the `values`; of the `rare` columns those that some row
    has anything in."""
    heads, cells = cells_of.table(name, rows, rare, None, **values)
    return table(heads, cells, left)


def top_stage(top: TopStage | None, amount: str) -> dict[str, Any] | None:
    """The stage with most of a total, its share, and the `amount` under that name; `stage` is null where none stands out."""
    if top is None:
        return None
    name = top.name if top.stands_out else None
    return {"stage": name, "share": top.share, amount: top.amount, "stands_out": top.stands_out}
