"""Plain data of JSON or TOML, which can come from anybody, as the types of this program: each value of the kind that its field says, or
refused with its place, what was found there, and what is accepted.

decoded(RawTable, {"name": "deals.csv", …})   the table
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache, partial
from itertools import count, repeat
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from funnel.core import toml_text
from funnel.core.errors import FunnelError
from funnel.core.types import Note
from funnel.words import wording

Noun = TypeVar("Noun")
Read = Callable[[Any], Any]
MOST_WHOLE = 2**53
"""The largest count that every reader of JSON has exactly."""
ABSENT: Any = object()
"""What stands where nothing does."""


class Undecodable(ValueError):
    """Plain data that are not what they should be: `value` is wrong, or what `found` says of it; `accepted` says what can stand there,
    and `place` leads there, by keys and positions."""

    def __init__(self, accepted: str, *place: str | int, found: str = "", value: object = ABSENT) -> None:
        super().__init__(accepted)
        self.accepted, self.place, self.found, self.value = accepted, place, found, value


@dataclass(frozen=True)
class Leaf:
    """How a value is read that stands for itself: whether it is one, what is accepted in words, and what is made of it (ValueError where
    it cannot be)."""

    holds: Callable[[Any], bool]
    accepted: str
    made: Read | None = None

    def read(self, value: Any) -> Any:
        """What is made of a value. Undecodable where it is none."""
        try:
            if self.holds(value):
                return value if self.made is None else self.made(value)
        except Undecodable:
            raise
        except ValueError as wrong:
            raise Undecodable(self.accepted, value=value) from wrong
        raise Undecodable(self.accepted, value=value)


def whole(least: float, most: float, accepted: str) -> Leaf:
    """A whole number from `least` to `most`, both included."""
    return Leaf(lambda value: type(value) is int and least <= value <= most, accepted)


def one_of(accepted: Sequence[str], read: Read = str) -> Leaf:
    """One of these texts, whatever blanks stand around it."""
    return Leaf(
        lambda value: isinstance(value, str) and value.strip() in accepted,
        ", ".join(accepted),
        lambda value: read(value.strip()),
    )


@contextmanager
def refusing(error: type[FunnelError], file: str, joint: str = ", ") -> Iterator[None]:
    """What is undecodable inside the `with` becomes an error whose sentence names the file, the place (its keys with `joint` between
    them), what was found there and what is accepted."""
    try:
        yield
    except Undecodable as wrong:
        steps = (f" no. {step + 1}" if isinstance(step, int) else joint + toml_text.short(step) for step in wrong.place)
        value = wrong.found or ("nothing" if wrong.value is ABSENT else toml_text.shown(wrong.value))
        key = "".join(steps).removeprefix(joint)
        raise error("errors.file_key", file=file, key=key, found=value, accepted=wrong.accepted) from wrong


@contextmanager
def inside(*keys: str | int) -> Iterator[None]:
    """What is undecodable inside the `with` stands at this place of what is read."""
    try:
        yield
    except Undecodable as wrong:
        wrong.place = (*keys, *wrong.place)
        raise


def decoded(kind: type[Noun], value: Any) -> Noun:
    """Plain data as a value of this type, with all that is in it: a dataclass from an object, a tuple from a list, a moment or a day from
    ISO text, a count from a whole number of 0 or more, a note only where its sentence can be said, what is annotated with a Leaf by that.

    A field that is left out takes its default. Undecodable where anything is of another type, missing or unknown.
    """
    read: Callable[[Any], Noun] = _reader(cast(Any, kind))
    return read(value)


@lru_cache
def _reader(kind: Any) -> Read:
    origin, inner = get_origin(kind), get_args(kind)
    if kind in _LEAVES or origin is Annotated:
        leaf: Leaf = inner[1] if inner else _LEAVES[kind]
        return leaf.read
    if is_dataclass(kind):
        types = get_type_hints(kind, include_extras=True)
        needed = {each.name: each.default is MISSING and each.default_factory is MISSING for each in fields(kind)}
        return partial(_noun, kind, {name: (_reader(types[name]), needed[name]) for name in needed})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return one_of([each.value for each in kind], kind).read
    if origin in (Union, UnionType):
        read = _reader(inner[0])
        return lambda value: None if value is None and type(None) in inner else read(value)
    if origin is tuple:
        listed = Leaf(_is_list, "a list of texts" if inner[0] is str else "a list")
        return partial(_tuple, listed, [_reader(each) for each in inner if each is not Ellipsis], inner[-1] is Ellipsis)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return partial(_mapping, *map(_reader, inner))
    raise TypeError(f"no plain data are {kind}")


def _noun(kind: Any, readers: Mapping[str, tuple[Read, bool]], value: Any) -> Any:
    given = _TABLE.read(value)
    for key in given:
        if key not in readers:
            raise Undecodable(", ".join(readers), key, found="an unknown key")
    names = [name for name, (_, needed) in readers.items() if needed or name in given]
    return kind(
        **dict(zip(names, _each((name, readers[name][0], given.get(name, ABSENT)) for name in names), strict=True))
    )


def _tuple(kind: Leaf, reads: Sequence[Read], endless: bool, value: Any) -> tuple[Any, ...]:
    listed = kind.read(value)
    if not endless and len(listed) != len(reads):
        raise Undecodable(f"a list of {len(reads)}", value=value)
    return tuple(_each(zip(count(), repeat(reads[0]) if endless else reads, listed, strict=False)))


def _mapping(key: Read, read: Read, value: Any) -> dict[str, Any]:
    given = _TABLE.read(value)
    try:
        keys = [*_each((name, key, name) for name in given)]
    except Undecodable as wrong:
        raise Undecodable(wrong.accepted, *wrong.place, found="an unknown key") from wrong
    return dict(zip(keys, _each((name, read, each) for name, each in given.items()), strict=True))


def _each(items: Iterable[tuple[str | int, Read, Any]]) -> Iterator[Any]:
    """What is read of each value; one that is undecodable stands at its step."""
    for step, read, value in items:
        try:
            yield read(value)
        except Undecodable as wrong:
            wrong.place = (step, *wrong.place)
            raise


def _is_number(value: Any, most: float) -> bool:
    return type(value) in (int, float) and abs(value) <= most


def _is_list(value: Any) -> bool:
    # In the program itself a noun's plain data hold tuples; JSON knows lists only.
    return isinstance(value, list | tuple)


def _is_filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def are_filled(value: Any) -> bool:
    """Whether a value is a list of texts, none blank."""
    return _is_list(value) and all(map(_is_filled, value))


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | None)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError("what is told by another clock cannot be set beside the moments of a file")
    return moment


def _note(value: Any) -> Note:
    """A note that can be said: its sentence is known, and has a value of the right kind for each of its fields."""
    note = decoded(_Note, value)
    try:
        note_fields = wording.fields(note.key)
    except KeyError as unknown:
        raise ValueError(note.key) from unknown
    if not all(_is_scalar(each) or (_is_list(each) and all(map(_is_scalar, each))) for each in note.values.values()):
        raise ValueError(note.key)
    filled = {name: _reader(_FILLING[kind])(note.values.get(name, ABSENT)) for name, kind in note_fields}
    return Note(note.key, {**note.values, **filled})


@dataclass(frozen=True)
class _Note:
    key: str
    values: Mapping[str, Any]


_TABLE = Leaf(lambda value: isinstance(value, dict), "a table")
_LEAVES: dict[Any, Leaf] = {
    Any: Leaf(lambda value: True, "anything"),
    str: Leaf(lambda value: isinstance(value, str), "a text in quotes"),
    bool: Leaf(lambda value: isinstance(value, bool), "true, false"),
    int: whole(0, MOST_WHOLE, "a whole number"),
    float: Leaf(lambda value: _is_number(value, sys.float_info.max), "a number", float),
    datetime: Leaf(lambda value: isinstance(value, str), "a moment", _moment),
    date: Leaf(lambda value: isinstance(value, str), "a day", date.fromisoformat),
    Note: Leaf(_TABLE.holds, "a note", _note),
}
Text = Annotated[str, Leaf(_is_filled, "a text in quotes", str.strip)]
"""A text that is not blank, trimmed."""
Texts = Annotated[tuple[str, ...], Leaf(are_filled, "a list of texts", tuple)]
"""A list of texts, none blank."""
Names = Annotated[
    dict[str, str],
    Leaf(
        lambda value: isinstance(value, str) or (isinstance(value, dict) and bool(value)),
        "a text, or a text by language",
        lambda value: decoded(dict[str, Text], {wording.SOURCE_LANGUAGE: value} if isinstance(value, str) else value),
    ),
]
"""A text by language; one text alone is taken for English."""
_FILLING: dict[wording.Kind, Any] = {
    wording.Kind.TEXT: Annotated[Any, Leaf(_is_scalar, "a text or a number")],
    wording.Kind.NUMBER: Annotated[Any, Leaf(lambda value: _is_number(value, MOST_WHOLE), "a number")] | None,
    wording.Kind.MOMENT: datetime | None,
    wording.Kind.LIST: Annotated[Any, Leaf(_is_list, "a list")],
}
