"""A query as text with bound values. The only place where anything is quoted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


def identifier(name: str) -> str:
    """A column or table name, quoted so that any text is only ever a name."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Query:
    """SQL text with a `?` for each bound value, in order."""

    text: str
    values: tuple[object, ...] = ()

    def readable(self) -> str:
        """The text with its values listed below it, for *Show SQL*. It is shown, never run."""
        if not self.values:
            return self.text
        listed = "\n".join(f"-- ?{number} = {value!r}" for number, value in enumerate(self.values, 1))
        return f"{self.text}\n\n{listed}"


@dataclass(frozen=True)
class Paragraph:
    """One named step of a query (a common table expression). `settled`: what reads it takes its columns as they are. Else the engine may
    put their text wherever they are read, and work them out each time; a `settled` step that is read once is still kept nowhere."""

    name: str
    body: Query
    settled: bool = False


def compose(paragraphs: Sequence[Paragraph], last: Query) -> Query:
    """The paragraphs in order, then the last select, as one query."""
    if not paragraphs:
        return last
    texts = [
        f"{step.name} AS {'MATERIALIZED ' if step.settled else ''}(\n{_indented(step.body.text)}\n)"
        for step in paragraphs
    ]
    values = [value for step in paragraphs for value in step.body.values]
    return Query("WITH " + ",\n".join(texts) + "\n" + last.text, (*values, *last.values))


def create_table(name: str, query: Query, *, passing: bool = False) -> Query:
    """The statement that keeps a query's rows as a table, replacing an older one of the same name.

    A `passing` one is known to its connection alone, and written to disk only where memory is full.
    """
    kind = "TEMPORARY TABLE" if passing else "TABLE"
    return Query(f"CREATE OR REPLACE {kind} {identifier(name)} AS\n{query.text}", query.values)


def create_view(name: str, query: Query) -> Query:
    """The statement that keeps a query under a name, replacing an older one of the same name; it can have no bound values."""
    if query.values:
        raise ValueError(f"a view has no bound values: {query.readable()}")
    return Query(f"CREATE OR REPLACE VIEW {identifier(name)} AS\n{query.text}")


def marks(values: Iterable[object]) -> str:
    """As many `?` as there are values, with commas."""
    return ", ".join("?" for _ in values)


def days(count: int) -> str:
    """A duration in whole days; only an integer is ever written into the text."""
    if not isinstance(count, int) or isinstance(count, bool):
        raise TypeError(f"days takes a whole number, not {count!r}")
    return f"INTERVAL '{count}' DAY"


def least(expressions: Sequence[str]) -> str:
    """The smallest of some expressions, NULLs left out."""
    return expressions[0] if len(expressions) == 1 else f"LEAST({', '.join(expressions)})"


def greatest(expressions: Sequence[str]) -> str:
    """The greatest of some expressions, NULLs left out."""
    return expressions[0] if len(expressions) == 1 else f"GREATEST({', '.join(expressions)})"


def _indented(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())
