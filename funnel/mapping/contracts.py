"""Columns of contracts: which they are by their headers, and what stands in them of each lead. The words stand in data/contracts.toml."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from funnel import catalogue
from funnel.core.contracts import ContractColumns, Contracts, Per
from funnel.core.engine import Engine
from funnel.core.errors import QuestionError
from funnel.core.sql import Query, identifier
from funnel.mapping.cells.dates import read_dates
from funnel.mapping.cells.numbers import read_numbers

DATES = ("start", "end", "churn")
_PER = {"month": Per.MONTH, "year": Per.YEAR}
KNOWN_SHARE = 0.5
"""From this share of the filled cells on, known words make a column one of types."""
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")


@lru_cache
def _part_of() -> Mapping[str, str]:
    parts = (*DATES, "term", "month", "year", "type")
    return {catalogue.normalised(text): part for part in parts for text in catalogue.contract_words(part)}


def contract_part(header: str) -> str | None:
    """What a header says of a contract: "start", "end", "churn", "term", "type", or for so long an amount "month", "year"; None."""
    return _part_of().get(catalogue.normalised(header))


def is_contract_date(header: str) -> bool:
    """Whether a header is of a day of a contract, on which no stage is entered, and no lead made or closed."""
    return contract_part(header) in DATES


def contract_columns(headers: Mapping[str, str]) -> ContractColumns:
    """The columns that their headers (header → column of leads) give to a contract; of several of a part the first."""
    found: dict[str, str] = {}
    for header in headers:
        part = contract_part(header)
        if part is not None:
            found.setdefault("recurring" if part in _PER else part, header)
    return ContractColumns(**found)


def contracts(
    engine: Engine,
    columns: ContractColumns,
    column_of: Mapping[str, str],
    kinds: Mapping[str, str],
    as_of: datetime,
    date_order: str | None,
) -> Contracts:
    """What these columns say of each lead: `column_of` is the column of `leads` of each header, `kinds` are their types.

    QuestionError where a column is named for dates or numbers and holds none, or its dates can be read in two ways.
    """

    def filled(header: str) -> str:
        return f"raw.{identifier(column_of[header])}"

    def dates(header: str) -> Query:
        column = column_of[header]
        if kinds[column].startswith(("DATE", "TIMESTAMP")):
            return Query(f"CAST({filled(header)} AS TIMESTAMP)")
        read = read_dates(engine, "leads", column, order=date_order, as_of=as_of)
        if read is None:
            raise QuestionError("errors.contract_dates", column=header)
        if read.ambiguous:
            raise QuestionError("errors.two_dates", column=header, example=read.examples[0][0])
        return read.expression

    def number(header: str) -> Query:
        column = column_of[header]
        if kinds[column].startswith(_NUMBERS):
            return Query(f"CAST({filled(header)} AS DOUBLE)")
        read = read_numbers(engine, "leads", column)
        if read is None:
            raise QuestionError("errors.contract_numbers", column=header)
        return read.expression

    nothing = Query("NULL")
    read = {
        "starts_on": ("DATE", columns.start, dates),
        "ends_on": ("DATE", columns.end, dates),
        "churned_on": ("DATE", columns.churn, dates),
        "term_months": ("DOUBLE", columns.term, number),
        "recurring": ("DOUBLE", columns.recurring, number),
    }
    values: list[object] = []
    inner = ["raw.lead_id AS lead_id"]
    unread = []
    for name, (kind, header, reading) in read.items():
        value = nothing if header is None else reading(header)
        inner.append(f"TRY_CAST({value.text} AS {kind}) AS {name}")
        values += value.values
        if header is not None:
            inner.append(f"NULLIF(TRIM(CAST({filled(header)} AS VARCHAR)), '') IS NOT NULL AS has_{name}")
            unread.append(f"(cells.has_{name} AND cells.{name} IS NULL)")
    listed = ", ".join(f"cells.{name} AS {name}" for name in read)
    text = f"""SELECT cells.lead_id AS lead_id, {listed}, {" OR ".join(unread) or "FALSE"} AS unread
FROM (SELECT {", ".join(inner)} FROM leads AS raw) AS cells"""
    part = None if columns.recurring is None else contract_part(columns.recurring)
    per = None if columns.recurring is None else _PER.get(part or "", Per.TERM)
    return Contracts(columns, per, Query(text, tuple(values)))


def types_of(engine: Engine, column: str) -> dict[str, str]:
    """The values of a column of `leads` that are types of sales, each with what it says: "new", "expansion" or "renewal"."""
    words = {catalogue.normalised(text): kind for kind, texts in catalogue.contract_types().items() for text in texts}
    name = f"leads.{identifier(column)}"
    cells = engine.rows(Query(f"SELECT DISTINCT CAST({name} AS VARCHAR) AS cell FROM leads WHERE {name} IS NOT NULL"))
    return {cell: words[catalogue.normalised(cell)] for (cell,) in cells if catalogue.normalised(cell) in words}


def holds_types(engine: Engine, column: str) -> bool:
    """Whether most of the filled cells of a column of `leads` are types of sales."""
    known = types_of(engine, column)
    name = f"CAST(leads.{identifier(column)} AS VARCHAR)"
    if not known:
        return False
    among = ", ".join("?" for _ in known)
    text = f"SELECT COUNT(*) FILTER (WHERE {name} IN ({among})) >= {KNOWN_SHARE} * COUNT({name}) AS most FROM leads"
    return bool(engine.row(Query(text, tuple(known)))[0])


def sale_types(engine: Engine, column: str) -> Query:
    """lead_id and kind, what a column of `leads` says of each: "new", "expansion", "renewal", or NULL."""
    kind = _kinds(engine, column)
    return Query(f"SELECT raw.lead_id AS lead_id, CAST({kind.text} AS VARCHAR) AS kind FROM leads AS raw", kind.values)


def _kinds(engine: Engine, column: str) -> Query:
    known = types_of(engine, column)
    if not known:
        return Query("NULL")
    cases = " ".join("WHEN ? THEN ?" for _ in known)
    return Query(
        f"CASE CAST(raw.{identifier(column)} AS VARCHAR) {cases} END",
        tuple(text for pair in known.items() for text in pair),
    )
