"""JSON that can come from anybody, as plain data whose every text can be shown and whose every number is one, read in a moment or not at
all."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

MOST_BYTES = 16_000_000
MOST_VALUES = 1_000_000
"""What is read as JSON: nobody else is answered while it is, so it may take no more than a moment."""
YEARS = range(1700, 2262)
"""The years that every table here can count in, to the nanosecond."""


def is_bounded(content: bytes) -> bool:
    """Whether JSON is short enough to be read. It has no more values than commas and brackets."""
    return len(content) <= MOST_BYTES and sum(content.count(mark) for mark in (b",", b"[", b"{")) <= MOST_VALUES


def parsed(content: bytes) -> Any:
    """JSON as plain data. ValueError where it is none, or too much, or holds half a sign, or a number that is none."""
    if not is_bounded(content):
        raise ValueError("too much JSON")
    try:
        # The name of a file that was no text was once written as it came; it is shown as far as it is text.
        text = content.decode(errors="replace")
        if "\\u" in text:
            # Half a sign can be written as an escape, and no page can show it.
            json.dumps(json.loads(text), ensure_ascii=False).encode()
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as deep:
        raise ValueError("no JSON") from deep


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse(digits)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is no number")
