"""Where the records stand in a JSON value, and the cells of each: what the answers of a CRM's interface look like.

an array; an object with an array in it, perhaps some levels down ("results", "data", "_embedded.leads")
an object of objects, each under its id
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

NESTING = 5
HISTORY = "propertiesWithHistory"
_LEVELS = 3
_OWN = ("properties", "fields", "attributes")
"""Beside its id, an object of such a name holds a record's own fields."""
_ADDRESS = {"type", "url"}
_USUAL = ("data", "result", "results", "records", "items", "value", "values", "rows")
_NEXT = frozenset(
    ("next", "nextpage", "nextpagetoken", "nextrecordsurl", "odatanextlink", "hasmore", "moreitemsincollection")
)
_TOTAL = frozenset(("total", "totalsize", "totalcount", "totalitems", "totalrecords", "odatacount"))

Path = tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """The records of a JSON value, the names of other arrays of objects in it, and whether it says that there are more records."""

    records: list[Any]
    others: tuple[str, ...] = ()
    more: bool = False


def answer(value: Any) -> Answer | None:
    """The records of a JSON value; None where it is neither array nor object. An object with no records in it is one itself.

    Of several arrays at the upmost level with any, one of a usual name counts, else the longest.
    """
    if isinstance(value, list):
        return Answer(value)
    if not isinstance(value, dict):
        return None
    level = [value]
    for _ in range(_LEVELS):
        arrays = [(name, inner) for outer in level for name, inner in outer.items() if _are_objects(inner)]
        if arrays:
            _, chosen = max(arrays, key=lambda each: (each[0] in _USUAL, len(each[1])))
            others = tuple(other for other, inner in arrays if inner is not chosen)
            return Answer(chosen, others, _says_more(value, len(chosen)))
        by_id = next((outer for outer in level if _is_by_id(outer)), None)
        if by_id is not None:
            records = [_with_id(key, record) for key, record in by_id.items()]
            return Answer(records, (), _says_more(value, len(records), by_id))
        level = [inner for outer in level for inner in outer.values() if isinstance(inner, dict)]
    return Answer([value])


def cells(record: dict[str, Any]) -> dict[Path, str | None]:
    """{path: text} of a record with its inner objects unfolded; arrays, and what is deeper than NESTING, stay JSON."""
    return dict(_cells(record, (), 0))


def changes(record: dict[str, Any]) -> Iterator[dict[Path, str | None] | str]:
    """The cells of each change in a record's history: id, property, value, timestamp; one that is no object, as it is written."""
    history = record.get(HISTORY)
    own = next((key for key in record if key.casefold() == "id"), None)
    for name, versions in history.items() if isinstance(history, dict) else ():
        for version in versions if isinstance(versions, list) else [versions]:
            if not isinstance(version, dict):
                yield text(version) or "null"
                continue
            line = {"id": record[own] if own else None, "property": name}
            line |= {key: version.get(key) for key in ("value", "timestamp")}
            yield {(key,): text(value) for key, value in line.items()}


def names(paths: Sequence[Path]) -> list[str]:
    """What the columns of these paths are called: with dots; where records have an id, their own fields by their names alone.

    A field whose name alone is another's keeps the name with dots.
    """
    ids = any(len(path) == 1 and path[0].casefold() == "id" for path in paths)
    alone = [path[1:] if ids and path[0] in _OWN and len(path) > 1 else path for path in paths]
    dotted = [".".join(path) for path in alone]
    taken = Counter(name.casefold() for name in dotted)
    return [
        ".".join(path) if path != short and taken[name.casefold()] > 1 else name
        for path, short, name in zip(paths, alone, dotted, strict=True)
    ]


def text(value: Any) -> str | None:
    """A value as a cell; numbers are texts already."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return sound(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def sound(text: str) -> str:
    """The text without halves of characters, which JSON can name and nothing can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _cells(value: dict[str, Any], before: Path, depth: int) -> Iterator[tuple[Path, str | None]]:
    for key, inner in value.items():
        path = (*before, sound(key))
        if isinstance(inner, dict) and (key == HISTORY or (key == "attributes" and inner.keys() <= _ADDRESS)):
            continue
        if isinstance(inner, dict) and inner and depth < NESTING:
            yield from _cells(inner, path, depth + 1)
        else:
            yield path, text(inner)


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _is_by_id(value: dict[str, Any]) -> bool:
    """Whether an object holds records under their ids: all alike, or under keys that all have digits."""
    records = list(value.values())
    if not records or not all(isinstance(record, dict) and _has_plain_values(record) for record in records):
        return False
    if all(any(sign.isdigit() for sign in key) for key in value):
        return True
    first = records[0].keys()
    return len(records) > 1 and all(2 * len(first & each.keys()) >= len(first | each.keys()) for each in records)


def _has_plain_values(value: dict[str, Any]) -> bool:
    return any(not isinstance(inner, dict | list) for inner in value.values())


def _with_id(key: str, record: dict[str, Any]) -> dict[str, Any]:
    own = next((name for name in record if name.casefold() == "id"), None)
    if own is None:
        return {"id": key, **record}
    return record if str(record[own]) == key else {"key": key, **record}


def _says_more(value: dict[str, Any], held: int, records: dict[str, Any] | None = None) -> bool:
    """Whether what stands around the `held` records tells of a next page, or of a larger number of them."""
    level = [value]
    for _ in range(_LEVELS):
        level = [outer for outer in level if outer is not records]
        for key, inner in (pair for outer in level for pair in outer.items()):
            name = "".join(sign for sign in key if sign.isalpha()).casefold()
            if name in _NEXT and inner not in (None, False, "", "false", {}, []):
                return True
            if name in _TOTAL and isinstance(inner, str) and inner.isdecimal() and int(inner[:18]) > held:
                return True
        level = [inner for outer in level for inner in outer.values() if isinstance(inner, dict)]
    return False
