"""Plain data of JSON, which can come from anybody, as the types of this program: each value of the kind that its field says, or refused.

decoded(RawTable, {"name": "deals.csv", …})   the noun
parsed(b'{"a": 1}')                           bytes → plain data whose every text can be shown and whose every number is one
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import lru_cache
from types import UnionType
from typing import Any, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from funnel.core.types import Note
from funnel.words import wording

Noun = TypeVar("Noun")
MOST_WHOLE = 2**53
"""The largest count that every reader of JSON has exactly."""
MOST_BYTES = 16_000_000
MOST_VALUES = 1_000_000
"""What is read as JSON: nobody else is answered while it is, so it may take no more than a moment."""
YEARS = range(1700, 2262)
"""The years that every table here can count in, to the nanosecond."""
_PLAIN = (str, int, float, bool, type(None))


class Undecodable(ValueError):
    """Plain data that are not what they should be."""


def is_bounded(content: bytes) -> bool:
    """Whether JSON is short enough to be read. It has no more values than commas and brackets."""
    return len(content) <= MOST_BYTES and sum(content.count(mark) for mark in (b",", b"[", b"{")) <= MOST_VALUES


def parsed(content: bytes) -> Any:
    """JSON as plain data. Undecodable where it is none, or too much, or holds half a sign, or a number that is none."""
    if not is_bounded(content):
        raise Undecodable("too much JSON")
    try:
        # The name of a file that was no text was once written as it came; it is shown as far as it is text.
        text = content.decode(errors="replace")
        if "\\u" in text:
            # Half a sign can be written as an escape, and no page can show it.
            json.dumps(json.loads(text), ensure_ascii=False).encode()
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as wrong:
        raise Undecodable("no JSON") from wrong


def decoded(kind: type[Noun], value: Any) -> Noun:
    """Plain data as a noun of this program, with all that is in it: a dataclass from an object, a tuple from a list, a moment from ISO
    text, a count from a whole number of 0 or more, a note only where its sentence can be said.

    A field that is left out takes its default. Undecodable where anything is of another type, missing or unknown.
    """
    noun: Noun = _decoded(kind, value)
    return noun


def _decoded(kind: Any, value: Any) -> Any:
    if kind in _SIMPLE:
        return _SIMPLE[kind](value)
    if is_dataclass(kind):
        return _noun(kind, value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(_text(value))
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        if value is None:
            return None if type(None) in inner else _refuse(value)
        return _decoded(next(each for each in inner if each is not type(None)), value)
    if origin is tuple:
        return _tuple(inner, value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {_decoded(inner[0], key): _decoded(inner[1], each) for key, each in _of(dict, value).items()}
    raise TypeError(f"no plain data are {kind}")


def _noun(kind: Any, value: Any) -> Any:
    given = _of(dict, value)
    types, known = _types(kind), {each.name: each for each in fields(kind)}
    required = [name for name, each in known.items() if each.default is MISSING and each.default_factory is MISSING]
    if not given.keys() <= known.keys() or any(name not in given for name in required):
        _refuse(value)
    return kind(**{name: _decoded(types[name], each) for name, each in given.items()})


def _tuple(inner: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    # In the program itself a noun's plain data hold tuples; JSON knows lists only.
    listed = value if isinstance(value, tuple) else _of(list, value)
    if inner[-1] is Ellipsis:
        return tuple(_decoded(inner[0], each) for each in listed)
    if len(listed) != len(inner):
        _refuse(value)
    return tuple(_decoded(kind, each) for kind, each in zip(inner, listed, strict=True))


def _note(value: Any) -> Note:
    """A note that can be said: its sentence is known, and has a value of the right kind for each of its fields."""
    given = _of(dict, value)
    if given.keys() != {"key", "values"}:
        _refuse(value)
    key, values = _text(given["key"]), dict(_of(dict, given["values"]))
    try:
        said = wording.fields(key)
    except KeyError:
        _refuse(key)
    for each in values.values():
        for plain in each if isinstance(each, list | tuple) else (each,):
            if not isinstance(plain, _PLAIN):
                _refuse(plain)
    for name, kind in said:
        if name not in values:
            _refuse(value)
        values[name] = _FILLING[kind](values[name])
    return Note(key, values)


def _number(value: Any) -> int | float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > MOST_WHOLE):
        _refuse(value)
    number: int | float | None = value
    return number


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        _refuse(value)
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_WHOLE:
        _refuse(value)
    return int(value)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    # What is told by another clock cannot be set beside the moments of a file.
    return moment if moment.tzinfo is None else _refuse(value)


def _maybe_moment(value: Any) -> datetime | None:
    return None if value is None else _moment(value)


def _text(value: Any) -> str:
    text: str = _of(str, value)
    return text


def _truth(value: Any) -> bool:
    truth: bool = _of(bool, value)
    return truth


def _scalar(value: Any) -> Any:
    return value if isinstance(value, _PLAIN) else _refuse(value)


def _several(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else _refuse(value)


def _of(kind: type, value: Any) -> Any:
    return value if isinstance(value, kind) else _refuse(value)


def _refuse(found: object) -> NoReturn:
    raise Undecodable(f"{type(found).__name__} where it cannot be")


def _finite(digits: str) -> float:
    return _float(float(digits))


@lru_cache
def _types(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


_SIMPLE: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    bool: _truth,
    int: _whole,
    float: _float,
    datetime: _moment,
    Note: _note,
}
_FILLING: dict[wording.Kind, Callable[[Any], Any]] = {
    wording.Kind.TEXT: _scalar,
    wording.Kind.NUMBER: _number,
    wording.Kind.MOMENT: _maybe_moment,
    wording.Kind.LIST: _several,
}
