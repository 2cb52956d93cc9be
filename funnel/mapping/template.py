"""Queries put together from parts that carry bound values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from funnel.core.sql import Query, identifier, marks

_FIELD = re.compile(r"\{(\w+)\}")
NULL = Query("NULL")


def raw_cell(column: str) -> str:
    """A column of a raw line."""
    return f"raw.{identifier(column)}"


def bound(value: object) -> Query:
    """A value."""
    return Query("?", (value,))


def fill(template: str, **parts: Query | str) -> Query:
    """The template with each `{name}` replaced by its part; values stand in the order in which the parts are used."""
    values: list[object] = []

    def put(field: re.Match[str]) -> str:
        part = parts[field.group(1)]
        if isinstance(part, str):
            return part
        values.extend(part.values)
        return part.text

    text = _FIELD.sub(put, template)
    return Query(text, tuple(values))


def listed(parts: Iterable[Query], between: str = ", ") -> Query:
    """The parts one after another."""
    queries = list(parts)
    return Query(between.join(part.text for part in queries), tuple(value for part in queries for value in part.values))


def named(columns: Mapping[str, Query]) -> Query:
    """The columns of a select by their names, which need no quotes."""
    return listed(Query(f"{each.text} AS {name}", each.values) for name, each in columns.items())


def chosen(column: str, cases: Iterable[tuple[object, object]], otherwise: Query = NULL) -> Query:
    """CASE over a column: the value beside each that it can hold, else `otherwise`."""
    pairs = list(cases)
    if not pairs:
        return otherwise
    text = " ".join("WHEN ? THEN ?" for _ in pairs)
    values = tuple(value for pair in pairs for value in pair)
    return Query(f"CASE {column} {text} ELSE {otherwise.text} END", (*values, *otherwise.values))


def among(text: Query, values: Iterable[object]) -> Query:
    """True where the text is one of the values; false where there are none."""
    accepted = tuple(values)
    if not accepted:
        return Query("FALSE")
    return Query(f"COALESCE({text.text} IN ({marks(accepted)}), FALSE)", (*text.values, *accepted))


def all_of(conditions: Iterable[Query]) -> Query:
    """True where every condition is; true where there is none."""
    bracketed = [Query(f"({condition.text})", condition.values) for condition in conditions]
    return listed(bracketed, " AND ") if bracketed else Query("TRUE")


def any_of(conditions: Iterable[Query]) -> Query:
    """True where a condition is; false where there is none."""
    bracketed = [Query(f"({condition.text})", condition.values) for condition in conditions]
    return listed(bracketed, " OR ") if bracketed else Query("FALSE")
