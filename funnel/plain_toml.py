"""TOML that is written plainly, as the files in data/ are, read in a fifth of the time that the standard library takes."""

from __future__ import annotations

import json
import re
from typing import Any

_SIGNS = r'[^"\\\x00-\x08\x0a-\x1f\x7f]*+'
_TEXT = rf'"{_SIGNS}(?:\\(?:[btnfr"\\]|u(?![dD][89a-fA-F])[0-9a-fA-F]{{4}}){_SIGNS})*+"'
_KEY = rf'(?:[A-Za-z0-9_-]++|"{_SIGNS}")'
_NAME = r"[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++){0,8}+"
_PAIR = rf"{_KEY}[ \t]*+=[ \t]*+{_TEXT}"
_END = r"[ \t]*+(?:\#[^\x00-\x08\x0a-\x1f\x7f]*+)?+(?:\n|\Z)"
_STATEMENT = re.compile(
    rf"""[ \t]*+(?:
        (?P<key>{_KEY})[ \t]*+=[ \t]*+(?:
            (?P<text>{_TEXT})
            |(?P<list>\[(?:[ \t\n]*+{_TEXT}[ \t\n]*+,)*+(?:[ \t\n]*+{_TEXT})?+[ \t\n]*+\])
            |(?P<pairs>\{{[ \t]*+{_PAIR}(?:[ \t]*+,[ \t]*+{_PAIR})*+[ \t]*+\}})
            |(?P<flag>true|false)
            |(?P<number>0|[1-9][0-9]{{0,17}}+)(?![\w.:+-])
        )
        |\[(?P<table>{_NAME})\]
        |\[\[(?P<item>{_NAME})\]\]
    )?+{_END}""",
    re.VERBOSE,
)
_TEXTS = re.compile(_TEXT)
_PAIRS = re.compile(rf"({_KEY})[ \t]*+=[ \t]*+({_TEXT})")


def values(text: str) -> dict[str, Any] | None:
    """What `tomllib.loads` answers; None where the text has anything but texts, lists and pairs of texts, whole numbers and flags,
    in tables that each stand once. Such a text may be TOML all the same, or none."""
    everything: dict[str, Any] = {}
    # What a heading has begun, by its identity: only that may be gone on with.
    begun = {id(everything)}
    table, at = everything, 0
    while at < len(text):
        found = _STATEMENT.match(text, at)
        if found is None:
            return None
        at = found.end()
        kind = found.lastgroup
        if kind is None:
            continue
        if kind in ("table", "item"):
            inner = _begun(everything, found[kind].split("."), begun, several=kind == "item")
            if inner is None:
                return None
            table = inner
            continue
        key = found["key"].strip('"')
        if key in table:
            return None
        value = _value(kind, found[kind])
        if value is None:
            return None
        table[key] = value
    return everything


def _begun(everything: dict[str, Any], path: list[str], begun: set[int], *, several: bool) -> dict[str, Any] | None:
    """The table that a heading begins; None where it is not new there."""
    table = everything
    for name in path[:-1]:
        if name not in table:
            table[name] = {}
            begun.add(id(table[name]))
        inner = table[name]
        if id(inner) not in begun:
            return None
        table = inner[-1] if isinstance(inner, list) else inner
    new: dict[str, Any] = {}
    begun.add(id(new))
    if not several:
        return None if path[-1] in table else table.setdefault(path[-1], new)
    items = table.get(path[-1])
    if items is None:
        items = table[path[-1]] = []
        begun.add(id(items))
    if id(items) not in begun or not isinstance(items, list):
        return None
    items.append(new)
    return new


def _value(kind: str, written: str) -> Any:
    """A value as it is written; None where it is one of pairs of which two have one name."""
    if kind == "text":
        return _text(written)
    if kind == "list":
        return [_text(each) for each in _TEXTS.findall(written)]
    if kind == "pairs":
        pairs = _PAIRS.findall(written)
        told = {key.strip('"'): _text(value) for key, value in pairs}
        return told if len(told) == len(pairs) else None
    return written == "true" if kind == "flag" else int(written)


def _text(quoted: str) -> str:
    # The escapes that are read here mean the same in JSON.
    text: str = json.loads(quoted, strict=False) if "\\" in quoted else quoted[1:-1]
    return text
