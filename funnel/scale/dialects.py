"""A query of the house in another engine's dialect, its values in place as that dialect's own literals.

The house writes DuckDB's SQL with a `?` for each value. Other engines get the same paragraphs by way of sqlglot, which also writes
the values: never is a text pasted into SQL, so that a label that ends in a backslash is a label everywhere.

sqlglot is needed only where another engine is (requirements-spark.txt), so that it is imported when first used.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from funnel.core.sql import Query

HOUSE = "duckdb"
CLICKHOUSE = "clickhouse"


def translated(query: Query, dialect: str) -> str:
    """The query's text in a dialect of sqlglot ("spark", "clickhouse"), each `?` replaced by its value.

    Values are texts, numbers, truth values, None and naive datetimes; TypeError for others, ValueError where there are not as many
    values as `?`.
    """
    return _written(_parsed(query, dialect), dialect)


def in_steps(query: Query, dialect: str, ending: str = "") -> tuple[list[tuple[str, str]], str]:
    """The query as (name, text) of each paragraph that is used more than once, in order, and the text of the rest, which reads them by
    their names: for an engine that would work such a paragraph out each time. `ending` is put behind each of these names."""
    from collections import Counter

    from sqlglot import exp

    tree = _parsed(query, dialect)
    named = list(tree.find_all(exp.Table))
    uses = Counter(str(table.name) for table in named)
    several = {paragraph.alias for paragraph in tree.ctes if uses[paragraph.alias] > 1}
    for table in named:
        if table.name in several:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", exp.to_identifier(f"{table.name}{ending}"))
    steps: list[tuple[str, str]] = []
    inside: list[Any] = []
    for paragraph in list(tree.ctes):
        if paragraph.alias in several:
            steps.append((f"{paragraph.alias}{ending}", _written(_beneath(inside, paragraph.this), dialect)))
        else:
            inside.append(paragraph)
    for paragraph in list(tree.ctes):
        paragraph.pop()
    if not tree.ctes:
        tree.set("with_", None)
    return steps, _written(_beneath(inside, tree), dialect)


def _beneath(paragraphs: list[Any], last: Any) -> Any:
    """A query with these paragraphs before it."""
    whole = last.copy()
    for paragraph in paragraphs:
        whole = whole.with_(paragraph.alias, as_=paragraph.this.copy(), copy=False)
    return whole


def _written(tree: Any, dialect: str) -> str:
    import sqlglot

    return str(tree.sql(dialect=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE))


def _parsed(query: Query, dialect: str) -> Any:
    """The query as sqlglot's tree with its values in place."""
    import sqlglot

    text, names = _numbered(query.text)
    if len(names) != len(query.values):
        raise ValueError(f"{len(names)} marks and {len(query.values)} values: {query.readable()}")
    tree = sqlglot.parse_one(text, read=HOUSE)
    for paragraph in tree.find_all(sqlglot.exp.CTE):
        # Whether it is settled is said to the house's own engine; others have no word for it.
        paragraph.set("materialized", None)
    for mark, value in zip(_in_order(tree, names), query.values, strict=True):
        mark.replace(_literal(value))
    if dialect == CLICKHOUSE:
        _as_clickhouse(tree)
    return tree


def quoted(name: str, dialect: str) -> str:
    """A table's or a column's name as the dialect quotes it, so that any text is only ever a name."""
    from sqlglot import exp

    return str(exp.to_identifier(name, quoted=True).sql(dialect=dialect))


def _numbered(text: str) -> tuple[str, list[str]]:
    """The text with each `?` that is a mark, not part of a text or a name, named by its place; and these names in order."""
    from sqlglot.dialects.duckdb import DuckDB
    from sqlglot.tokenizer_core import TokenType

    pieces: list[str] = []
    names: list[str] = []
    done = 0
    for token in DuckDB().tokenize(text):
        if token.token_type is TokenType.PLACEHOLDER:
            names.append(f"value_{len(names)}")
            pieces += [text[done : token.start], f"${names[-1]}"]
            done = token.end + 1
    return "".join([*pieces, text[done:]]), names


def _literal(value: object) -> Any:
    from sqlglot import exp

    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise TypeError(f"a time without a zone is meant, not {value!r}")
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), "timestampntz")
    if isinstance(value, str) and "\0" in value:
        # Spark takes \0 and the digits after it for one sign in octal.
        parts = [exp.Literal.string(part) for part in value.split("\0")]
        nul = exp.Chr(expressions=[exp.Literal.number(0)])
        joined = [piece for part in parts for piece in (nul.copy(), part)][1:]
        return exp.Concat(expressions=joined, safe=False, coalesce=False)
    if value is None or isinstance(value, str | bool | int | float):
        return exp.convert(value)
    raise TypeError(f"no value for a query: {value!r}")


def _in_order(tree: Any, names: list[str]) -> list[Any]:
    """The marks of a parsed query in the order of their names."""
    from sqlglot import exp

    marks = {str(mark.this): mark for mark in tree.find_all(exp.Placeholder)}
    return [marks[name] for name in names]


def _as_clickhouse(tree: Any) -> None:
    """Puts ClickHouse's own words where sqlglot keeps those of others, or ones that mean less."""
    from sqlglot import exp

    kinds = {"TIMESTAMPNTZ": "Nullable(DateTime64(6, 'UTC'))", "DATE": "Nullable(Date32)"}
    tried = {
        "TIMESTAMPNTZ": ("toDateTime64OrNull", exp.Literal.number(6), exp.Literal.string("UTC")),
        "DOUBLE": ("toFloat64OrNull",),
        "BIGINT": ("toInt64OrNull",),
    }
    for cast in list(tree.find_all(exp.TryCast)):
        name, *further = tried[cast.to.this.value]
        cast.replace(exp.Anonymous(this=name, expressions=[cast.this, *further]))
    for kind in list(tree.find_all(exp.DataType)):
        if kind.this.value in kinds:
            kind.replace(exp.DataType.build(kinds[kind.this.value], dialect=CLICKHOUSE))
    for lower in list(tree.find_all(exp.Lower)):
        lower.replace(exp.Anonymous(this="lowerUTF8", expressions=[lower.this]))
    for each in list(tree.find_all(exp.RegexpReplace)):
        each.replace(
            exp.Anonymous(this="replaceRegexpAll", expressions=[each.this, each.expression, each.args["replacement"]])
        )
