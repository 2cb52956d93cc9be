"""The working tables of all sources → `leads`: a row for each lead, with what every table says of it."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from funnel.core.engine import Engine
from funnel.core.sql import Query, create_table, identifier
from funnel.core.types import Note, Shape
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
from funnel.mapping.build.lead_parts import SAID, LeadPart, lines_of
from funnel.mapping.build.rows import (
    attribute_columns,
    attribute_names,
    ended_sql,
    first_table,
    part_table,
)
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.template import fill, listed
from funnel.mapping.types import Mapping, Source


class CountingEngine(Protocol):
    """Where `leads` stand."""

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows as plain Python values."""


@dataclass(frozen=True)
class LeadsBuilt:
    """What to know about the joins, and `Loaded`'s at_start and unknown_at_start."""

    notes: tuple[Note, ...]
    at_start: Pairs[str, str]
    unknown_at_start: tuple[str, ...]


def build_leads(
    engine: Engine, mapping: Mapping, found: Labels, single: Pairs[str, Query | None], created: str | None
) -> LeadsBuilt:
    """Makes `leads` of the working tables.

    `single` are the views of sources of which each lead has one line, with what `lines_at_once` tells. `created` is the label whose
    first entry says when a lead of a change log was created.
    """
    sources = sorted(mapping.sources, key=lambda source: not source.primary)
    parts = [_one_each(engine, source, found, single, place) for place, source in enumerate(sources)]
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
    engine.run(_leads(parts, columns, joined, numbers, created, firsts, starts))
    at_start, unknown = known_at_start(engine, starts)
    for name in starts.values():
        if name not in at_start.values():
            engine.run(Query(f"ALTER TABLE leads DROP COLUMN {identifier(name)}"))
    return LeadsBuilt(tuple(notes), at_start, unknown)


def known_at_start(engine: CountingEngine, starts: Pairs[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
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
    table, place = first_table(part.source), part.place
    # Where no cell can differ there is none; to ask whether it is there takes longer than to make one.
    engine.run(Query(f"CREATE TABLE IF NOT EXISTS {identifier(table)} (lead_id VARCHAR)"))
    names = [name for name, _ in engine.columns(table) if name != "lead_id"]
    cells = [(f"p{place}.{name}", f"f{place}.{name}") for name in names]
    joined = (
        f"{part.table} AS p{place} LEFT JOIN {identifier(table)} AS f{place} ON f{place}.lead_id = p{place}.lead_id"
    )
    counted = _start_counts(engine, joined, cells)
    return {latest: first for (latest, first), (changed, _) in zip(cells, counted, strict=True) if changed}


def _start_counts(engine: CountingEngine, source: str, pairs: Sequence[tuple[str, str]]) -> list[tuple[int, int]]:
    """For each (value, value at the start): of how many leads they differ, and how many have one at the start."""
    found: list[tuple[int, int]] = []
    for start in range(0, len(pairs), COLUMNS_AT_ONCE):
        group = pairs[start : start + COLUMNS_AT_ONCE]
        counts = ", ".join(
            f"COUNT(CASE WHEN {latest} = {first} OR ({latest} IS NULL AND {first} IS NULL) THEN NULL ELSE 1 END) AS changed_{place},"
            f" COUNT({first}) AS filled_{place}"
            for place, (latest, first) in enumerate(group)
        )
        (row,) = engine.rows(Query(f"SELECT {counts} FROM {source}"))
        found += [(int(row[2 * place]), int(row[2 * place + 1])) for place in range(len(group))]
    return found


def drop_parts(engine: Engine, mapping: Mapping) -> None:
    """Removes the working tables of the leads."""
    for place, source in enumerate(sorted(mapping.sources, key=lambda source: not source.primary)):
        kind = "VIEW" if source.shape in (Shape.HISTORY, Shape.CHANGES) and "closed" not in source.parts else "TABLE"
        engine.run(Query(f"DROP VIEW IF EXISTS said_{place}"))
        engine.run(Query(f"DROP {kind} IF EXISTS lead_part_{place}"))
        engine.run(Query(f"DROP TABLE IF EXISTS {identifier(first_table(source))}"))


def _one_each(engine: Engine, source: Source, found: Labels, single: Pairs[str, Query | None], place: int) -> LeadPart:
    """One line a lead, with closed_at kept only where the lead was closed; further lines of a lead overrule earlier ones."""
    if source.shape in (Shape.HISTORY, Shape.CHANGES):
        return _of_log(engine, source, found, place)
    closed = fill("CASE WHEN {ended} THEN part.closed_any END", ended=ended_sql(engine, source, found))
    if source.view in single:
        return LeadPart(source, place, None, closed, single[source.view])
    said = _said(source)
    latest = listed(fill(f"arg_max({{text}}, part.source_line) AS {name}", text=text) for name, text in said.items())
    lines = lines_of(source, with_raw=bool(attribute_columns(source)))
    query = fill(
        "SELECT part.lead_id AS lead_id, MIN(part.created_at) AS created_at, arg_max({closed}, part.source_line) AS closed_at, {latest}"
        " FROM {lines} GROUP BY part.lead_id",
        closed=closed,
        latest=latest,
        lines=lines,
    )
    engine.run(create_table(f"lead_part_{place}", query))
    # What the first line of each lead says: an empty cell is empty.
    firsts = {name: text for name, text in said.items() if name == "amount" or name in attribute_names(source)}
    first = listed(
        fill(f"ARG_MIN_NULL({{text}}, part.source_line) AS {name}", text=text) for name, text in firsts.items()
    )
    query = fill("SELECT part.lead_id AS lead_id, {first} FROM {lines} GROUP BY part.lead_id", first=first, lines=lines)
    engine.run(create_table(first_table(source), query))
    return LeadPart(source, place, f"lead_part_{place}")


def _said(source: Source) -> dict[str, Query]:
    """What a line of a working table, beside its raw line, says of its lead: the amount, …, and the attributes as clean text."""
    attributes = zip(attribute_names(source), attribute_columns(source), strict=True)
    return {
        **{name: Query(f"part.{name}") for name in SAID},
        **{name: cleaned(f"raw.{identifier(column)}") for name, column in attributes},
    }


def _of_log(engine: Engine, source: Source, found: Labels, place: int) -> LeadPart:
    """The line a lead that a log's working table holds already."""
    table = identifier(part_table(source))
    names = [*SAID, *attribute_names(source)]
    if "closed" not in source.parts:
        columns = ", ".join(f"part.{name} AS {name}" for name in ["lead_id", "created_at", *names])
        engine.run(
            Query(
                f"CREATE OR REPLACE VIEW lead_part_{place} AS SELECT {columns}, part.closed_any AS closed_at FROM {table} AS part"
            )
        )
        return LeadPart(source, place, f"lead_part_{place}")
    query = fill(
        "SELECT part.lead_id AS lead_id, part.created_at AS created_at,"
        " CASE WHEN ended.lead_id IS NOT NULL THEN part.closed_any END AS closed_at, {names} FROM {table} AS part"
        " LEFT JOIN ({ended}) AS ended ON ended.lead_id = part.lead_id",
        names=", ".join(f"part.{name} AS {name}" for name in names),
        table=table,
        ended=_ended_leads(engine, found),
    )
    engine.run(create_table(f"lead_part_{place}", query))
    return LeadPart(source, place, f"lead_part_{place}")


def _ended_leads(engine: Engine, found: Labels) -> Query:
    """The leads of a log whose last entry means won or lost."""
    rows = engine.rows(Query("SELECT DISTINCT history.label AS label FROM history"))
    ended = [label for (label,) in rows if found.meaning(label) is not None]
    if not ended:
        return Query("SELECT history.lead_id AS lead_id FROM history WHERE FALSE")
    return Query(
        f"SELECT DISTINCT history.lead_id AS lead_id FROM history WHERE history.label IN ({', '.join('?' for _ in ended)})",
        tuple(ended),
    )


def _leads(
    parts: Sequence[LeadPart],
    columns: Sequence[LeadColumn],
    joined: Sequence[JoinedTable],
    numbers: Numbers,
    created: str | None,
    firsts: Pairs[str, str],
    starts: Pairs[str, str],
) -> Query:
    house = []
    for name in ("account_id", "amount", "currency", "created_at", "closed_at", "outcome_said"):
        cells = [f"p{place}.{name}" for place in range(len(parts))]
        if name == "created_at" and created is not None:
            cells.append("first_entry.created_at")
        if name == "outcome_said" and created is not None:
            cells.append("first_entry.outcome_said")
        house.append(f"{'COALESCE(' + ', '.join(cells) + ')' if len(cells) > 1 else cells[0]} AS {name}")
    picked = [(column.name, typed_cell(column.name, column.cell, numbers.read)) for column in columns]
    picked += [
        (starts[column.name], typed_cell(column.name, column.first, numbers.read))
        for column in columns
        if column.first is not None
    ]
    if "amount" in starts:
        picked.append((starts["amount"], _first_amount(firsts, len(parts))))
    values = tuple(value for _, each in picked for value in each.values)
    relations = [part.relation(numbers.plain) for part in parts]
    values += tuple(value for each in relations for value in each.values)
    row = "ids" if len(parts) > 1 else "p0"
    tables = [f"{each.text} AS p{place}" for place, each in enumerate(relations)]
    if len(parts) > 1:
        tables = [
            "all_leads AS ids",
            *(f"LEFT JOIN {each} ON p{place}.lead_id = ids.lead_id" for place, each in enumerate(tables)),
        ]
    changed = {first.split(".")[0] for first in firsts.values()}
    tables += [
        f"LEFT JOIN {identifier(first_table(part.source))} AS f{part.place} ON f{part.place}.lead_id = {row}.lead_id"
        for part in parts
        if f"f{part.place}" in changed
    ]
    text = f"SELECT {row}.lead_id AS lead_id, {', '.join(house)}"
    text += "".join(f", {each.text} AS {identifier(name)}" for name, each in picked)
    text += " FROM " + " ".join(tables)
    if created is not None:
        text += f" LEFT JOIN first_entries AS first_entry ON first_entry.lead_id = {row}.lead_id"
    text += "".join(each.text for each in joined)
    if len(parts) > 1:
        union = " UNION ".join(f"SELECT part.lead_id AS lead_id FROM {part.ids} AS part" for part in parts)
        text = f"WITH all_leads AS ({union}) {text}"
    return create_table("leads", Query(text, values))


def _first_amount(firsts: Pairs[str, str], parts: int) -> Query:
    """The amount at the start, of the table that says the lead's amount."""
    cells = [f"p{place}.amount" for place in range(parts)]
    whens = " ".join(f"WHEN {cell} IS NOT NULL THEN {firsts.get(cell, cell)}" for cell in cells)
    return Query(f"CASE {whens} END")
