"""Values as they are written in a TOML file, so that they read back as they were."""

from __future__ import annotations

from collections.abc import Iterable


def text(value: str) -> str:
    """A basic string, in quotes, on one line; control signs are escaped."""
    return '"' + "".join(_escaped(sign) for sign in value) + '"'


def texts(values: Iterable[str]) -> str:
    """A list of texts, on one line."""
    return "[" + ", ".join(text(value) for value in values) + "]"


def _escaped(sign: str) -> str:
    return _ESCAPES.get(sign, sign if sign >= " " and sign != "\x7f" else f"\\u{ord(sign):04x}")


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
