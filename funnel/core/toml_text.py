"""TOML files: their values within bounds, how an error names one, and values written so that they read back as they were."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Any

MOST_BYTES = 1_000_000
MOST_PARTS = 20
"""Names joined by dots in one key: the time that a key takes to read grows with the square of them."""
LONGEST_SHOWN = 100

# Each closes itself where the file ends, so that no text is looked through twice.
_STRING_OR_REMARK = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?'''
    r"""|'''(?:[^']|'(?!''))*+(?:''')?"""
    r"""|"(?:[^"\\\n]|\\.)*+"?|'[^'\n]*+'?|\#[^\n]*+""",
    re.DOTALL,
)
_LONG_KEY = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{MOST_PARTS}}}")


class NotToml(ValueError):
    """Why a content is no TOML that is read, in words that end a sentence."""


def parsed(content: str | bytes) -> dict[str, Any]:
    """The values in a file's content: data only, of bounded size and depth. NotToml where it is none."""
    if len(content) > MOST_BYTES:
        raise NotToml(f"it is larger than {MOST_BYTES:,} bytes")
    try:
        text = (content if isinstance(content, str) else content.decode()).removeprefix("\ufeff")
        if _LONG_KEY.search(_STRING_OR_REMARK.sub("_", text)):
            raise NotToml(f"one of its keys has more than {MOST_PARTS} parts")
        return tomllib.loads(text)
    except UnicodeDecodeError as fault:
        raise NotToml("it is not UTF-8 text") from fault
    except RecursionError as fault:
        raise NotToml("its lists are nested too deep") from fault
    except ValueError as fault:  # TOMLDecodeError, and a number of more digits than Python reads
        raise NotToml(short(str(fault))) from fault


def shown(value: object) -> str:
    """A value as an error names it: as it is written, its end left off where it is long."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of more digits than Python writes
        return "a number far too large"
    except RecursionError:
        return "tables nested too deep"
    return short(text)


def short(text: str) -> str:
    """The text, its end left off where it is long."""
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def text(value: str) -> str:
    """A basic string, in quotes, on one line; control signs are escaped."""
    return '"' + "".join(_escaped(sign) for sign in value) + '"'


def texts(values: Iterable[str]) -> str:
    """A list of texts, on one line."""
    return "[" + ", ".join(text(value) for value in values) + "]"


def _escaped(sign: str) -> str:
    return _ESCAPES.get(sign, sign if sign >= " " and sign != "\x7f" else f"\\u{ord(sign):04x}")


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
