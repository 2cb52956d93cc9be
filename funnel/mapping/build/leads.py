"""The working tables of all sources → `leads`: a row for each lead, with what every table says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import Note
from funnel.mapping.build.columns import (
    COLUMNS_AT_ONCE,
    HOUSE,
    JoinedTable,
    LeadColumn,
    Numbers,
    join_tables,
    lead_columns,
    number_columns,
    start_name,
    typed_cell,
)
from funnel.mapping.build.labels import Labels
from funnel.mapping.build.lead_parts import UNTIMED, LeadPart, lines_of
from funnel.mapping.build.rows import attribute_names, attribute_texts, ended_sql, first_table, part_table
from funnel.mapping.template import among, fill, listed, named
from funnel.mapping.types import ColumnMapping, Source


class CountingEngine(Protocol):
    """Where `leads` stand."""

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows as plain Python values."""


@dataclass(frozen=True)
class LeadsBuilt:
    """What to know about the joins, and `Loaded`'s at_start and unknown_at_start."""

    notes: tuple[Note, ...]
    at_start: Mapping[str, str]
    unknown_at_start: tuple[str, ...]


def build_leads(
    engine: Engine, mapping: ColumnMapping, labels: Labels, single: Mapping[str, Query | None], created: str | None
) -> LeadsBuilt:
    """Makes `leads` of the working tables.

    `single` are the views of sources of which each lead has one line, with what `lines_at_once` tells. `created` is the label whose
    first entry says when a lead of a change log was created.
    """
    sources = sorted(mapping.sources, key=lambda source: not source.primary)
    parts = [_one_each(engine, source, labels, single, index) for index, source in enumerate(sources)]
    firsts: dict[str, str] = {}
    for part in parts:
        firsts |= _changed(engine, part)
    columns = lead_columns(sources, firsts)
    joined, notes = join_tables(engine, mapping, parts, columns, firsts)
    numbers = number_columns(engine, parts, columns)
    used = {*HOUSE, *(column.name.casefold() for column in columns)}
    starts = {column.name: start_name(column.name, used) for column in columns if column.first is not None}
    if any(cell.endswith(".amount") for cell in firsts):
        starts["amount"] = start_name("amount", used)
    engine.keep("leads", _leads(parts, columns, joined, numbers, created, firsts, starts))
    at_start, unknown = known_at_start(engine, starts)
    for name in starts.values():
        if name not in at_start.values():
            engine.run(Query(f"ALTER TABLE leads DROP COLUMN {identifier(name)}"))
    return LeadsBuilt(tuple(notes), at_start, unknown)


def known_at_start(engine: CountingEngine, starts: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Of columns of `leads` with the one that holds their values at the start: those that differ for a lead, and the names of those of
    which no lead has a value at the start, though some have one later."""
    names = list(starts)
    counted = _start_counts(
        engine, "leads", [(f"leads.{identifier(n)}", f"leads.{identifier(starts[n])}") for n in names]
    )
    unknown = tuple(name for name, (changed, filled) in zip(names, counted, strict=True) if changed and not filled)
    differs = {name: starts[name] for name, (changed, filled) in zip(names, counted, strict=True) if changed and filled}
    return differs, unknown


def _changed(engine: Engine, part: LeadPart) -> dict[str, str]:
    """The cells of a source that are not for every lead what they were at its start, each with the cell of then."""
    if part.table is None:
        return {}
    table, index = first_table(part.source), part.place
    # Where no cell can differ there is none; to ask whether it is there takes longer than to make one.
    engine.run(Query(f"CREATE TABLE IF NOT EXISTS {identifier(table)} (lead_id VARCHAR)"))
    names = [name for name, _ in engine.columns(table) if name != "lead_id"]
    cells = [(f"p{index}.{name}", f"f{index}.{name}") for name in names]
    joined = (
        f"{part.table} AS p{index} LEFT JOIN {identifier(table)} AS f{index} ON f{index}.lead_id = p{index}.lead_id"
    )
    counted = _start_counts(engine, joined, cells)
    return {latest: first for (latest, first), (changed, _) in zip(cells, counted, strict=True) if changed}


def _start_counts(engine: CountingEngine, source: str, pairs: Sequence[tuple[str, str]]) -> list[tuple[int, int]]:
    """For each (value, value at the start): of how many leads they differ, and how many have one at the start."""
    counted: list[tuple[int, int]] = []
    for start in range(0, len(pairs), COLUMNS_AT_ONCE):
        group = pairs[start : start + COLUMNS_AT_ONCE]
        counts = ", ".join(
            f"COUNT(CASE WHEN {latest} = {first} OR ({latest} IS NULL AND {first} IS NULL) THEN NULL ELSE 1 END) AS changed_{index},"
            f" COUNT({first}) AS filled_{index}"
            for index, (latest, first) in enumerate(group)
        )
        (row,) = engine.rows(Query(f"SELECT {counts} FROM {source}"))
        counted += [(int(row[2 * index]), int(row[2 * index + 1])) for index in range(len(group))]
    return counted


def drop_parts(engine: Engine, mapping: ColumnMapping) -> None:
    """Removes the working tables of the leads."""
    for index, source in enumerate(sorted(mapping.sources, key=lambda source: not source.primary)):
        engine.drop_view(f"said_{index}")
        is_view = source.is_log and "closed" not in source.parts
        (engine.drop_view if is_view else engine.drop_table)(f"lead_part_{index}")
        engine.drop_table(first_table(source))


def _one_each(
    engine: Engine, source: Source, labels: Labels, single: Mapping[str, Query | None], index: int
) -> LeadPart:
    """One line a lead, with closed_at kept only where the lead was closed; further lines of a lead overrule earlier ones."""
    if source.is_log:
        return _of_log(engine, source, labels, index)
    closed = fill("CASE WHEN {ended} THEN part.closed_any END", ended=ended_sql(engine, source, labels))
    if source.view in single:
        return LeadPart(source, index, None, closed, single[source.view])
    # What a line of a working table, beside its raw line, says of its lead.
    texts = {name: Query(f"part.{name}") for name in UNTIMED} | attribute_texts(source)
    latest = named({name: fill("arg_max({text}, part.source_line)", text=text) for name, text in texts.items()})
    lines = lines_of(source, with_raw=bool(attribute_names(source)))
    query = fill(
        "SELECT part.lead_id AS lead_id, MIN(part.created_at) AS created_at, arg_max({closed}, part.source_line) AS closed_at, {latest}"
        " FROM {lines} GROUP BY part.lead_id",
        closed=closed,
        latest=latest,
        lines=lines,
    )
    engine.keep(f"lead_part_{index}", query)
    # What the first line of each lead says: an empty cell is empty.
    changing = ("amount", *attribute_names(source))
    first = named({name: fill("ARG_MIN_NULL({text}, part.source_line)", text=texts[name]) for name in changing})
    query = fill("SELECT part.lead_id AS lead_id, {first} FROM {lines} GROUP BY part.lead_id", first=first, lines=lines)
    engine.keep(first_table(source), query)
    return LeadPart(source, index, f"lead_part_{index}")


def _of_log(engine: Engine, source: Source, labels: Labels, index: int) -> LeadPart:
    """The line a lead that a log's working table holds already; closed_at is kept where an entry of the lead means won or lost."""
    name, table = f"lead_part_{index}", identifier(part_table(source))
    columns = ", ".join(
        f"part.{name} AS {name}" for name in ("lead_id", "created_at", *UNTIMED, *attribute_names(source))
    )
    if "closed" not in source.parts:
        engine.view(name, Query(f"SELECT {columns}, part.closed_any AS closed_at FROM {table} AS part"))
        return LeadPart(source, index, name)
    query = fill(
        "SELECT {columns}, CASE WHEN ended.lead_id IS NOT NULL THEN part.closed_any END AS closed_at FROM {table} AS part"
        " LEFT JOIN (SELECT DISTINCT history.lead_id AS lead_id FROM history WHERE {is_end}) AS ended"
        " ON ended.lead_id = part.lead_id",
        columns=columns,
        table=table,
        is_end=among(Query("history.label"), labels.ends_in(engine, "history")),
    )
    engine.keep(name, query)
    return LeadPart(source, index, name)


def _leads(
    parts: Sequence[LeadPart],
    columns: Sequence[LeadColumn],
    joined: Sequence[JoinedTable],
    numbers: Numbers,
    created: str | None,
    firsts: Mapping[str, str],
    starts: Mapping[str, str],
) -> Query:
    cells: dict[str, Query] = {}
    for name in ("account_id", "amount", "currency", "created_at", "closed_at", "outcome_said"):
        own = [f"p{index}.{name}" for index in range(len(parts))]
        if created is not None and name in ("created_at", "outcome_said"):
            own.append(f"first_entry.{name}")
        cells[name] = Query(f"COALESCE({', '.join(own)})" if len(own) > 1 else own[0])
    cells |= {identifier(each.name): typed_cell(each.name, each.cell, numbers.read) for each in columns}
    cells |= {
        identifier(starts[each.name]): typed_cell(each.name, each.first, numbers.read)
        for each in columns
        if each.first is not None
    }
    if "amount" in starts:
        cells[identifier(starts["amount"])] = _first_amount(firsts, len(parts))
    relations = [part.relation(numbers.plain) for part in parts]
    tables = [Query(f"{each.text} AS p{index}", each.values) for index, each in enumerate(relations)]
    row = "p0"
    if len(parts) > 1:
        row = "ids"
        union = " UNION ".join(f"SELECT part.lead_id AS lead_id FROM {part.ids} AS part" for part in parts)
        on = (f"LEFT JOIN {each.text} ON p{index}.lead_id = ids.lead_id" for index, each in enumerate(tables))
        joins = [Query(text, each.values) for text, each in zip(on, tables, strict=True)]
        tables = [Query(f"({union}) AS ids"), *joins]
    changed = {first.split(".")[0] for first in firsts.values()}
    for part in parts:
        first = f"f{part.place}"
        if first in changed:
            table = identifier(first_table(part.source))
            tables.append(Query(f"LEFT JOIN {table} AS {first} ON {first}.lead_id = {row}.lead_id"))
    if created is not None:
        tables.append(Query(f"LEFT JOIN first_entries AS first_entry ON first_entry.lead_id = {row}.lead_id"))
    tables += [Query(each.text) for each in joined]
    return fill(
        "SELECT {row}.lead_id AS lead_id, {cells} FROM {tables}",
        row=row,
        cells=named(cells),
        tables=listed(tables, " "),
    )


def _first_amount(firsts: Mapping[str, str], parts: int) -> Query:
    """The amount at the start, of the table that says the lead's amount."""
    cells = [f"p{index}.amount" for index in range(parts)]
    whens = " ".join(f"WHEN {cell} IS NOT NULL THEN {firsts.get(cell, cell)}" for cell in cells)
    return Query(f"CASE {whens} END")
