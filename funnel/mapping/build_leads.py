"""The working tables of all sources → `leads`: a row for each lead, with what every table says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import dataclass

from funnel.engine import Engine
from funnel.mapping.build_labels import Labels
from funnel.mapping.build_rows import attribute_columns, ended_sql, house_columns, part_table
from funnel.mapping.joins import LOOSE
from funnel.mapping.nouns import Join, Mapping, Source
from funnel.mapping.numbers import NumberColumn, read_numbers
from funnel.mapping.placeholders import cleaned
from funnel.mapping.roles import words
from funnel.mapping.source_cells import SourceCells
from funnel.mapping.template import NULL, fill, listed
from funnel.nouns import Attribute, Note, Shape
from funnel.sql import Query, create_table, identifier

HOUSE = ("lead_id", "account_id", "amount", "currency", "created_at", "closed_at", "outcome_said")
_TAKEN = {
    *HOUSE,
    "started_at",
    "ended_at",
    "outcome",
    "last_stage",
    "label",
    "entered_at",
    "sequence",
    "recorded_outcome",
}
_NUMBERED = re.compile(r"(?:seen|first|ordered|reached)_\d+")
FEW_VALUES = 1000
COLUMNS_AT_ONCE = 100
_ID_WORDS = {"id", "ids", "zip", "postcode", "phone", "code", "plz", "inn", "number", "no", "nr", "телефон", "инн"}


@dataclass(frozen=True)
class _Column:
    """A column of `leads`: its name, and where its text comes from (an alias and a column in the working tables)."""

    name: str
    cell: str
    view: str
    header: str


def read_log(engine: Engine, mapping: Mapping, source: Source, cells: SourceCells, found: Labels, entries: str) -> None:
    """Leaves one line for each lead of a log in the source's working table: what its last entry says.

    `entries` is the table of the source's own entries. When a lead was created is the earliest that any of its lines says.
    """
    columns = attribute_columns(source)
    table = identifier(part_table(source))
    # The last line of a lead, by time and then by place in the file, as one number: seconds, then 29 bits of the line.
    key = "CAST(epoch(entries.entered_at) AS BIGINT) * 536870912 + entries.sequence % 536870912"
    last = fill(
        "SELECT entries.lead_id AS lead_id, arg_max(entries.sequence, {key}) AS line FROM {entries} AS entries GROUP BY entries.lead_id",
        key=key,
        entries=identifier(entries),
    )
    query = fill(
        "SELECT last_line.lead_id AS lead_id, {columns} FROM ({last}) AS last_line JOIN {view} AS raw ON raw.source_line = last_line.line",
        columns=listed(
            [
                fill("CAST({moment} AS TIMESTAMP) AS created_at", moment=cells.moment("created") or NULL),
                fill("CAST({moment} AS TIMESTAMP) AS closed_any", moment=cells.moment("closed") or NULL),
                *house_columns(mapping, source, cells, found),
                *(
                    fill("{text} AS a{place}", text=cleaned(f"raw.{identifier(column)}"), place=str(place))
                    for place, column in enumerate(columns)
                ),
            ]
        ),
        last=last,
        view=identifier(source.view),
    )
    engine.run(Query(f"CREATE OR REPLACE TABLE {table} AS {query.text}", query.values))
    created = cells.moment("created")
    if created is not None:
        earliest = fill(
            "UPDATE {table} AS part SET created_at = first_said.created_at FROM (SELECT {id} AS lead_id, MIN({created}) AS created_at"
            " FROM {view} AS raw GROUP BY 1) AS first_said WHERE first_said.lead_id = part.lead_id"
            " AND first_said.created_at IS DISTINCT FROM part.created_at",
            table=table,
            id=cells.lead,
            created=created,
            view=identifier(source.view),
        )
        engine.run(earliest)


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
    columns = _columns(sources)
    joined, notes = _joined(engine, mapping, sources, columns)
    numbers = _number_columns(engine, parts, sources, columns)
    engine.run(_leads(mapping, parts, columns, joined, numbers, created, found))
    return _attributes(engine), notes


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


def _columns(sources: Sequence[Source]) -> list[_Column]:
    """The attributes of all sources under names that no two share, as DuckDB compares names."""
    found: list[_Column] = []
    used: set[str] = set(_TAKEN)
    for place, source in enumerate(sources):
        for number, header in enumerate(attribute_columns(source)):
            name = free_name(header, used, source.names[0])
            found.append(_Column(name, f"p{place}.a{number}", source.view, header))
    return found


def free_name(header: str, used: set[str], file: str) -> str:
    """The header, or with what tells it apart from a name that is taken; it is taken then."""
    name = header
    if name.casefold() in _TAKEN or _NUMBERED.fullmatch(name.casefold()):
        name = f"{header} (file)"
    if name.casefold() in used:
        name = f"{header} ({file.rsplit('.', 1)[0]})"
    count = 2
    base = name
    while name.casefold() in used:
        name, count = f"{base} {count}", count + 1
    used.add(name.casefold())
    return name


@dataclass(frozen=True)
class _Joined:
    text: str
    columns: tuple[_Column, ...]


def _joined(
    engine: Engine, mapping: Mapping, sources: Sequence[Source], columns: list[_Column]
) -> tuple[list[_Joined], list[Note]]:
    """The joined tables of attributes, each as a working table with one line a key; adds their columns to `columns`."""
    found: list[_Joined] = []
    notes: list[Note] = []
    used = set(_TAKEN) | {column.name.casefold() for column in columns}
    for place, join in enumerate(each for each in mapping.joins if each.kind == "attributes"):
        ours = _our_cell(join, sources, columns)
        if ours is None:
            continue
        _keep_joined(engine, join, place)
        key = _matched(ours, join.loose)
        added = [
            _Column(free_name(header, used, join.name), f"j{place}.a{number}", join.view, header)
            for number, header in enumerate(join.columns)
        ]
        found.append(_Joined(f" LEFT JOIN joined_{place} AS j{place} ON j{place}.joining = {key}", tuple(added)))
        columns += added
        notes += _join_notes(engine, join, sources, place, ours)
    return found, notes


def _our_cell(join: Join, sources: Sequence[Source], columns: Sequence[_Column]) -> str | None:
    """The leads' column that a join compares, as a cell of the working tables."""
    for place, source in enumerate(sources):
        if source.view == join.source and source.parts.get("account") == join.column:
            return f"p{place}.account_id"
    return next((each.cell for each in columns if each.view == join.source and each.header == join.column), None)


def _keep_joined(engine: Engine, join: Join, place: int) -> None:
    key = cleaned(f"raw.{identifier(join.key)}")
    cells = [
        fill(
            "arg_min({text}, raw.source_line) AS a{number}", text=cleaned(f"raw.{identifier(name)}"), number=str(number)
        )
        for number, name in enumerate(join.columns)
    ]
    query = fill(
        "SELECT {joining} AS joining, MIN({key}) AS written{cells} FROM {view} AS raw WHERE {key} IS NOT NULL GROUP BY joining",
        joining=fill(LOOSE.replace("{text}", "{key}"), key=key) if join.loose else key,
        key=key,
        cells=fill(", {cells}", cells=listed(cells)) if cells else Query(""),
        view=identifier(join.view),
    )
    engine.run(create_table(f"joined_{place}", query))


def _matched(cell: str, loose: bool) -> str:
    return LOOSE.replace("{text}", cell) if loose else cell


def _join_notes(engine: Engine, join: Join, sources: Sequence[Source], place: int, ours: str) -> list[Note]:
    """How many leads' values are spelled otherwise in the joined table, and how many are not there at all."""
    number = ours.split(".")[0].removeprefix("p")
    query = Query(
        f"SELECT COUNT(*) FILTER (WHERE j{place}.joining IS NULL) AS missing,"
        f" COUNT(*) FILTER (WHERE j{place}.joining IS NOT NULL AND j{place}.written <> {ours}) AS otherwise,"
        f" MIN({ours}) FILTER (WHERE j{place}.joining IS NULL) AS missing_one,"
        f" MIN({ours}) FILTER (WHERE j{place}.joining IS NOT NULL AND j{place}.written <> {ours}) AS written,"
        f" MIN(j{place}.written) FILTER (WHERE j{place}.joining IS NOT NULL AND j{place}.written <> {ours}) AS there"
        f" FROM lead_part_{number} AS p{number} LEFT JOIN joined_{place} AS j{place} ON j{place}.joining = {_matched(ours, join.loose)}"
        f" WHERE {ours} IS NOT NULL"
    )
    missing, otherwise, missing_one, written, there = engine.row(query)
    notes = []
    if otherwise:
        notes.append(
            Note(
                "mapping.joined_spellings",
                {"n": otherwise, "column": join.column, "file": join.name, "here": written, "there": there},
            )
        )
    if missing:
        notes.append(
            Note(
                "mapping.join_unmatched",
                {"n": missing, "column": join.column, "file": join.name, "example": missing_one},
            )
        )
    return notes


def _number_columns(
    engine: Engine, parts: Sequence[str], sources: Sequence[Source], columns: Sequence[_Column]
) -> dict[str, NumberColumn | None]:
    """The columns that hold nothing but numbers: name → how to read them (None: a plain cast)."""
    found: dict[str, NumberColumn | None] = {}
    by_table: dict[str, list[_Column]] = {}
    for column in columns:
        if not set(words(column.header)) & _ID_WORDS:
            by_table.setdefault(column.cell.split(".")[0], []).append(column)
    for alias, group in by_table.items():
        table = f"lead_part_{alias[1:]}" if alias[0] == "p" else f"joined_{alias[1:]}"
        for start in range(0, len(group), COLUMNS_AT_ONCE):
            _add_numbers(engine, table, alias, group[start : start + COLUMNS_AT_ONCE], found)
    return found


def _add_numbers(
    engine: Engine, table: str, alias: str, group: Sequence[_Column], found: dict[str, NumberColumn | None]
) -> None:
    counts = ", ".join(
        f"COUNT({each.cell}) AS f{i}, COUNT(TRY_CAST({each.cell} AS DOUBLE)) AS n{i},"
        f" COUNT(*) FILTER (WHERE regexp_matches({each.cell}, '^-?0[0-9]|[a-zA-Z_]')) AS z{i},"
        f" COUNT(*) FILTER (WHERE regexp_matches({each.cell}, '^\\s*[^\\w\\s]{{0,3}}\\s*-?[0-9]')) AS s{i}"
        for i, each in enumerate(group)
    )
    row = engine.row(Query(f"SELECT {counts} FROM {table} AS {alias}"))
    for place, column in enumerate(group):
        filled, numbers, strange, starts = row[4 * place : 4 * place + 4]
        if not filled:
            continue
        if numbers == filled and not strange:
            found[column.name] = None
        elif starts == filled and numbers != filled:
            read = read_numbers(engine, table, column.cell.split(".")[1])
            if read is not None and read.parsed == filled:
                found[column.name] = read


def _leads(
    mapping: Mapping,
    parts: Sequence[str],
    columns: Sequence[_Column],
    joined: Sequence[_Joined],
    numbers: Pairs[str, NumberColumn | None],
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
    picked = [_typed(column, numbers) for column in columns]
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


def _typed(column: _Column, numbers: Pairs[str, NumberColumn | None]) -> Query:
    if column.name not in numbers:
        return Query(column.cell)
    read = numbers[column.name]
    if read is None:
        return Query(f"TRY_CAST({column.cell} AS DOUBLE)")
    alias, cell = column.cell.split(".")
    return Query(read.expression.text.replace(f"raw.{identifier(cell)}", f"{alias}.{cell}"), read.expression.values)


def _attributes(engine: Engine) -> tuple[Attribute, ...]:
    """The columns of leads that can filter or break down: not those of one value, nor of names and ids of each lead."""
    kinds = [(name, kind) for name, kind in engine.columns("leads") if name not in HOUSE]
    leads = int(engine.row(Query("SELECT COUNT(*) AS leads FROM leads"))[0])
    found = []
    for start in range(0, len(kinds), COLUMNS_AT_ONCE):
        group = kinds[start : start + COLUMNS_AT_ONCE]
        about = _distinct(engine, "approx_count_distinct({})", [name for name, _ in group])
        few = [name for name, _ in group if about[name] <= FEW_VALUES]
        values = about | _distinct(engine, "COUNT(DISTINCT {})", few)
        for name, kind in group:
            number = kind == "DOUBLE"
            if values[name] >= 2 and (number or not (values[name] > FEW_VALUES and values[name] > leads / 2)):
                found.append(Attribute(name, "number" if number else "text", min(values[name], leads)))
    return tuple(found)


def _distinct(engine: Engine, count: str, names: Sequence[str]) -> dict[str, int]:
    """Column of leads → distinct values, counted in this way."""
    if not names:
        return {}
    counts = ", ".join(f"{count.format('leads.' + identifier(name))} AS d{place}" for place, name in enumerate(names))
    return dict(zip(names, engine.row(Query(f"SELECT {counts} FROM leads")), strict=True))
