"""The sources that may be read, from the file that FUNNEL_LENS_SOURCES names.

[[source]]
name = "CRM"                     what people call it: `source:CRM`
kind = "postgres"
uri_env = "CRM_URI"              the environment variable that holds its address; the address itself stands in no file
query = "select … from …"        one SELECT; what it answers is read like a file
refresh = "15m"                  how often it is looked at, while somebody has it open
cursor = "changed_at"            a column of it: when a row was last changed. Without one, all is read each time
key = "id"                       a column of it: what no two rows share. Without one, all is read where anything changed

[[source]]
name = "Exports"
kind = "folder"                  its files are read together, and those that come later too
path = "/data/exports"
refresh = "15s"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from funnel.core import settings, toml_text
from funnel.core.decoding import ABSENT, Leaf, Text, Undecodable, decoded, inside, one_of, refusing
from funnel.core.errors import SourceError

PREFIX = "source:"
POSTGRES, FOLDER = "postgres", "folder"
KINDS = (POSTGRES, FOLDER)
MOST_SOURCES = 100
LEAST_SECONDS, MOST_SECONDS = 1, 86_400
_UNITS = {"s": 1, "m": 60, "h": 3600}
_NAME = re.compile(r"[^\W_]([\w .-]{0,58}[\w])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_SPAN = re.compile(r"([1-9][0-9]{0,5})([smh])")


def _seconds(text: str) -> int:
    amount, unit = _SPAN.fullmatch(text).groups()  # type: ignore[union-attr]
    seconds = int(amount) * _UNITS[unit]
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise ValueError(text)
    return seconds


def _matching(pattern: re.Pattern[str], accepted: str, made: Any = None) -> Leaf:
    return Leaf(lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None, accepted, made)


Name = Annotated[str, _matching(_NAME, "a name of up to 60 letters, digits, blanks, dots, - and _")]
Kind = Annotated[str, one_of(KINDS)]
Variable = Annotated[str, _matching(_VARIABLE, "the name of an environment variable, such as CRM_URI")]
Span = Annotated[int, _matching(_SPAN, '"15s", "15m" or "1h", from a second to a day', _seconds)]
Absolute = Annotated[
    Path, Leaf(lambda value: isinstance(value, str) and Path(value).is_absolute(), "a path that begins with /", Path)
]


@dataclass(frozen=True)
class Database:
    """A query of a PostgreSQL. `refresh` counts seconds."""

    name: Name
    kind: Kind
    uri_env: Variable
    query: Text
    refresh: Span = 15 * 60
    cursor: Text | None = None
    key: Text | None = None


@dataclass(frozen=True)
class Folder:
    """A folder whose files are read together. `refresh` counts seconds."""

    name: Name
    kind: Kind
    path: Absolute
    refresh: Span = 15


Source = Database | Folder
_OF_KIND: dict[str, type[Any]] = {POSTGRES: Database, FOLDER: Folder}


@dataclass(frozen=True)
class _Kinded:
    kind: Kind


@dataclass(frozen=True)
class _File:
    source: tuple[Any, ...] = ()


def sources() -> tuple[Source, ...]:
    """All of them, in the order of their file; none where no file is named. SourceError where the file is wrong: it, the key, and what
    is accepted."""
    path = settings.folder(settings.SOURCES)
    if path is None:
        return ()
    try:
        with path.open("rb") as file:
            content = file.read(toml_text.MOST_BYTES + 1)
    except (OSError, ValueError) as fault:
        raise SourceError("live.no_file", file=str(path), variable=settings.SOURCES) from fault
    return parse(content, path.name)


def parse(content: str | bytes, file: str) -> tuple[Source, ...]:
    """The sources of a file of this name. SourceError where it is wrong."""
    try:
        values = toml_text.parsed(content)
    except toml_text.NotToml as fault:
        raise SourceError("live.not_toml", file=file, found=str(fault)) from fault
    with refusing(SourceError, file):
        listed = decoded(_File, values).source
        found: list[Source] = []
        for place, value in enumerate(listed[: MOST_SOURCES + 1]):
            with inside("source", place), _unquoted():
                found.append(_source(value, [each.name for each in found]))
        if len(found) > MOST_SOURCES:
            raise Undecodable(f"at most {MOST_SOURCES}", "source", found=f"more than {MOST_SOURCES}")
    return tuple(found)


@contextmanager
def _unquoted() -> Iterator[None]:
    """No value of this file is said again: where a variable's name is asked for, the likeliest slip is the address itself."""
    try:
        yield
    except Undecodable as wrong:
        if wrong.value is not ABSENT:
            wrong.found = wrong.found or "something else"
        raise


def _source(value: Any, names: Sequence[str]) -> Source:
    kind = decoded(_Kinded, _only_kind(value) if isinstance(value, dict) else value).kind
    source: Source = decoded(_OF_KIND[kind], value)
    if source.name.casefold() in [name.casefold() for name in names]:
        raise Undecodable("a name that no other source has", "name", value=source.name)
    return source


def _only_kind(value: dict[str, Any]) -> dict[str, Any]:
    return {"kind": value["kind"]} if "kind" in value else {}


def is_source(path: object) -> bool:
    """Whether what was given in place of a path names a source."""
    return str(path).startswith(PREFIX)


def named(name: str) -> Source:
    """The source of this name, or of `source:NAME`, whatever its case. SourceError, with the names there are, where there is none."""
    known = sources()
    wanted = name.removeprefix(PREFIX).strip()
    for source in known:
        if source.name.casefold() == wanted.casefold():
            return source
    if not known:
        raise SourceError("live.none_allowed", found=wanted, variable=settings.SOURCES)
    raise SourceError("live.unknown", found=wanted, names=[source.name for source in known])
