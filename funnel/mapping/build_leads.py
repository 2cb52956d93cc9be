"""The working tables of all sources → `leads`: a row for each lead, with what every table says of it."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence

from funnel.engine import Engine
from funnel.mapping.build_columns import (
    COLUMNS_AT_ONCE,
    HOUSE,
    JoinedTable,
    LeadColumn,
    join_tables,
    lead_columns,
    number_columns,
    typed_cell,
)
from funnel.mapping.build_labels import Labels
from funnel.mapping.build_rows import attribute_columns, ended_sql, part_table
from funnel.mapping.nouns import Mapping, Source
from funnel.mapping.numbers import NumberColumn
from funnel.mapping.template import fill
from funnel.nouns import Attribute, Note, Shape
from funnel.sql import Query, create_table, identifier

FEW_VALUES = 1000
EXACT_AT_ONCE = 15
"""Each column that is counted exactly takes 6 MB meanwhile, however few leads there are."""


def build_leads(
    engine: Engine, mapping: Mapping, found: Labels, created: str | None
) -> tuple[tuple[Attribute, ...], list[Note]]:
    """Makes `leads` of the working tables; the columns that can filter, and what to know about the joins.

    `created` is the label whose first entry says when a lead of a change log was created.
    """
    sources = sorted(mapping.sources, key=lambda source: not source.primary)
    parts = []
    for place, source in enumerate(sources):
        _one_each(engine, source, found, place)
        parts.append(f"lead_part_{place}")
    columns = lead_columns(sources)
    joined, notes = join_tables(engine, mapping, sources, columns)
    numbers = number_columns(engine, parts, sources, columns)
    engine.run(_leads(mapping, parts, columns, joined, numbers, created, found))
    return attributes(engine), notes


def drop_parts(engine: Engine, mapping: Mapping) -> None:
    """Removes the working tables of the leads."""
    for place, source in enumerate(sorted(mapping.sources, key=lambda source: not source.primary)):
        kind = "VIEW" if source.shape in (Shape.HISTORY, Shape.CHANGES) and "closed" not in source.parts else "TABLE"
        engine.run(Query(f"DROP {kind} IF EXISTS lead_part_{place}"))


def _one_each(engine: Engine, source: Source, found: Labels, place: int) -> None:
    """One line a lead, with closed_at kept only where the lead was closed; further lines of a lead overrule earlier ones."""
    table = identifier(part_table(source))
    log = source.shape in (Shape.HISTORY, Shape.CHANGES)
    names = [
        "outcome_said",
        "account_id",
        "amount",
        "currency",
        *(f"a{i}" for i in range(len(attribute_columns(source)))),
    ]
    if log and "closed" not in source.parts:
        columns = ", ".join(f"part.{name} AS {name}" for name in ["lead_id", "created_at", *names])
        engine.run(
            Query(
                f"CREATE OR REPLACE VIEW lead_part_{place} AS SELECT {columns}, part.closed_any AS closed_at FROM {table} AS part"
            )
        )
        return
    if log:
        closed = "CASE WHEN ended.lead_id IS NOT NULL THEN part.closed_any END AS closed_at"
        ended = _ended_leads(engine, found)
        query = fill(
            "SELECT part.lead_id AS lead_id, part.created_at AS created_at, {closed}, {names} FROM {table} AS part"
            " LEFT JOIN ({ended}) AS ended ON ended.lead_id = part.lead_id",
            closed=closed,
            names=", ".join(f"part.{name} AS {name}" for name in names),
            table=table,
            ended=ended,
        )
        engine.run(create_table(f"lead_part_{place}", query))
        return
    closed_query = fill("CASE WHEN {ended} THEN part.closed_any END", ended=ended_sql(engine, source, found))
    lines, leads = engine.row(Query(f"SELECT COUNT(*) AS a, COUNT(DISTINCT part.lead_id) AS b FROM {table} AS part"))
    if lines == leads:
        query = fill(
            "SELECT part.lead_id AS lead_id, part.created_at AS created_at, {closed} AS closed_at, {names} FROM {table} AS part",
            closed=closed_query,
            names=", ".join(f"part.{name} AS {name}" for name in names),
            table=table,
        )
    else:
        query = fill(
            "SELECT part.lead_id AS lead_id, MIN(part.created_at) AS created_at, arg_max({closed}, part.source_line) AS closed_at, {names}"
            " FROM {table} AS part GROUP BY part.lead_id",
            closed=closed_query,
            names=", ".join(f"arg_max(part.{name}, part.source_line) AS {name}" for name in names),
            table=table,
        )
    engine.run(create_table(f"lead_part_{place}", query))


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
    mapping: Mapping,
    parts: Sequence[str],
    columns: Sequence[LeadColumn],
    joined: Sequence[JoinedTable],
    numbers: Pairs[str, NumberColumn | str],
    created: str | None,
    found: Labels,
) -> Query:
    house = []
    for name in ("account_id", "amount", "currency", "created_at", "closed_at", "outcome_said"):
        cells = [f"p{place}.{name}" for place in range(len(parts))]
        if name == "created_at" and created is not None:
            cells.append("first_entry.created_at")
        if name == "outcome_said" and created is not None:
            cells.append("first_entry.outcome_said")
        house.append(f"{'COALESCE(' + ', '.join(cells) + ')' if len(cells) > 1 else cells[0]} AS {name}")
    picked = [typed_cell(column, numbers) for column in columns]
    values = tuple(value for each in picked for value in each.values)
    ids = "all_leads" if len(parts) > 1 else parts[0]
    tables = [f"{ids} AS ids"]
    tables += [f"LEFT JOIN {part} AS p{place} ON p{place}.lead_id = ids.lead_id" for place, part in enumerate(parts)]
    if len(parts) == 1:
        tables = [f"{parts[0]} AS p0"]
    text = f"SELECT {'ids' if len(parts) > 1 else 'p0'}.lead_id AS lead_id, {', '.join(house)}"
    text += "".join(f", {each.text} AS {identifier(column.name)}" for column, each in zip(columns, picked, strict=True))
    text += " FROM " + " ".join(tables)
    if created is not None:
        text += f" LEFT JOIN first_entries AS first_entry ON first_entry.lead_id = {'ids' if len(parts) > 1 else 'p0'}.lead_id"
    text += "".join(each.text for each in joined)
    if len(parts) > 1:
        union = " UNION ".join(f"SELECT {part}.lead_id AS lead_id FROM {part}" for part in parts)
        text = f"WITH all_leads AS ({union}) {text}"
    return create_table("leads", Query(text, values))


def attributes(engine: Engine) -> tuple[Attribute, ...]:
    """The columns of leads that can filter or break down: not those of one value, nor of names and ids of each lead."""
    kinds = [(name, kind) for name, kind in engine.columns("leads") if name not in HOUSE]
    leads = int(engine.row(Query("SELECT COUNT(*) AS leads FROM leads"))[0])
    found = []
    for start in range(0, len(kinds), COLUMNS_AT_ONCE):
        group = kinds[start : start + COLUMNS_AT_ONCE]
        about = _distinct(engine, "approx_count_distinct({})", [name for name, _ in group])
        few = [name for name, _ in group if about[name] <= FEW_VALUES]
        values = dict(about)
        for place in range(0, len(few), EXACT_AT_ONCE):
            values |= _distinct(engine, "COUNT(DISTINCT {})", few[place : place + EXACT_AT_ONCE])
        for name, kind in group:
            number = kind in ("BIGINT", "DOUBLE")
            if values[name] >= 2 and (number or not (values[name] > FEW_VALUES and values[name] > leads / 2)):
                found.append(Attribute(name, "number" if number else "text", min(values[name], leads)))
    return tuple(found)


def _distinct(engine: Engine, count: str, names: Sequence[str]) -> dict[str, int]:
    """Column of leads → distinct values, counted in this way."""
    if not names:
        return {}
    counts = ", ".join(f"{count.format('leads.' + identifier(name))} AS d{place}" for place, name in enumerate(names))
    return dict(zip(names, engine.row(Query(f"SELECT {counts} FROM leads")), strict=True))
