"""JSON lines, or one JSON array of objects → a raw table, every value as it is written.

Nested objects become columns named with dots ("contact.name"); lists stay JSON text. Numbers are never computed with,
so an id of 19 digits keeps them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from funnel.errors import ReadingError
from funnel.nouns import RawTable
from funnel.reading import limits, store
from funnel.reading.encoding import Text
from funnel.reading.header import header
from funnel.reading.work import Work

NESTING = 5
_TOO_DEEP = object()


def looks_like_json(text: Text) -> bool:
    """Whether the text is JSON objects, one a line, or an array of objects; a header may begin with a bracket too."""
    with text.path.open("rb") as stream:
        head = stream.read(limits.SAMPLE).decode("utf-8-sig", "ignore").lstrip()
    if not head.startswith(("{", "[")):
        return False
    first = head.split("\n", 1)[0]
    opened = head[0] + head[1:].lstrip()[:1]
    return isinstance(_parsed(first), dict | list) or opened in ('{"', "{}", "[{")


def read_json(work: Work, text: Text) -> RawTable:
    """The table of a JSON text; its columns in the order in which they are first met.

    A line that is no JSON object is rejected and kept. ReadingError where no object is in it.
    """
    rejects = store.Rejects(work, text.name)
    rows = store.Rows(work, text.name)
    places: dict[str, int] = {}
    for line, found, written in _objects(work, text):
        if not isinstance(found, dict):
            if found is _TOO_DEEP:
                rejects.add(line, written, "reading.reason_json_deep", levels=limits.JSON_DEPTH)
            else:
                rejects.add(line, written, "reading.reason_json")
            continue
        flat = _flat(found)
        for key in flat:
            places.setdefault(key, len(places))
        if len(places) > limits.COLUMNS:
            raise ReadingError("reading.too_many_columns", file=text.name, columns=len(places), limit=limits.COLUMNS)
        cells: list[str | None] = [None] * len(places)
        for key, value in flat.items():
            cells[places[key]] = value
        rows.add(line, cells, sum(map(len, filter(None, cells))))
    if not rows.count:
        key = "reading.nothing_fits" if rejects.count else "reading.header_only"
        raise ReadingError(key, file=text.name, lines=rejects.count, columns=len(places))
    if not places:
        raise ReadingError("reading.one_column", file=text.name)
    columns = header(list(places), len(places), text.name)
    table = work.fresh_table()
    rows.into_table(store.stored_name(table), len(places))
    names, notes = store.publish(work, table, text.name, columns, "stored.source_line")
    rejects.flush()
    return RawTable(
        table=table,
        name=text.name,
        format="jsonl",
        columns=names,
        rows_read=rows.count + rejects.count,
        rows_rejected=rejects.count,
        encoding=text.encoding,
        header_line=None,
        notes=(*text.notes, *notes),
    )


def _objects(work: Work, text: Text) -> Iterator[tuple[int, Any, str]]:
    """(line, value, as written where it is no object) of each value; the place in the array from 1 where it is one array."""
    if text.survey.newlines == 0:
        _check_size(text)
    with text.path.open(encoding="utf-8-sig", newline="\n") as lines:
        first, second = (*islice((line for line in lines if line.strip()), 2), "", "")[:2]
    if not second or not isinstance(_parsed(first), dict):
        whole = _array(text)
        if whole is not None:
            for place, value in enumerate(whole, 1):
                work.tell("reading.progress_load", text.name, place / len(whole))
                yield place, value, "" if isinstance(value, dict) else _text(value) or "null"
            return
    done, size = 0, max(text.survey.size, 1)
    with text.path.open(encoding="utf-8-sig", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            done += len(line)
            work.tell("reading.progress_load", text.name, min(done / size, 1.0))
            if line.strip():
                yield number, _parsed(line), line.rstrip("\r\n")


def _array(text: Text) -> list[Any] | None:
    """The array that a text is, or that stands alone in the object it is; None where it is no one JSON value."""
    _check_size(text)
    whole = text.path.read_text(encoding="utf-8-sig")
    if sum(map(whole.count, ",[{")) > limits.JSON_VALUES:
        raise ReadingError("reading.many_json_values", file=text.name, limit=limits.JSON_VALUES)
    value = _parsed(whole)
    if value is _TOO_DEEP:
        raise ReadingError("reading.deep_json", file=text.name, limit=limits.JSON_DEPTH)
    if isinstance(value, dict):
        lists = [inner for inner in value.values() if isinstance(inner, list) and inner and isinstance(inner[0], dict)]
        return lists[0] if len(lists) == 1 else [value]
    return value if isinstance(value, list) else None


def _check_size(text: Text) -> None:
    if text.survey.size > limits.JSON_ARRAY:
        raise ReadingError("reading.large_json", file=text.name, limit=limits.JSON_ARRAY // limits.MEGABYTE)


def _parsed(text: str) -> Any:
    """The JSON value with its numbers and constants as written; None where it is none, _TOO_DEEP where it is nested too deep."""
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except ValueError:
        return None
    except RecursionError:
        return _TOO_DEEP
    return _TOO_DEEP if text.count("[") + text.count("{") > limits.JSON_DEPTH and _is_deep(value) else value


def _is_deep(value: Any) -> bool:
    """Whether lists and objects stand in one another at more levels than are read."""
    level = [value]
    for _ in range(limits.JSON_DEPTH + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def _flat(value: dict[str, Any], before: str = "", depth: int = 0) -> dict[str, str | None]:
    """The object with its inner objects unfolded, as text."""
    flat: dict[str, str | None] = {}
    for key, inner in value.items():
        name = _sound(before + key)
        if isinstance(inner, dict) and inner and depth < NESTING:
            flat |= _flat(inner, name + ".", depth + 1)
        else:
            flat[name] = _text(inner)
    return flat


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _sound(text)


def _sound(text: str) -> str:
    """The text without halves of characters, which JSON can name and nothing can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
