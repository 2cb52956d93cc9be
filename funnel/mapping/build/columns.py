"""The columns of `leads` that come from the files as they are: their names, joined tables, and which hold numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Pairs
from dataclasses import dataclass

from funnel.core.engine import Engine
from funnel.core.sql import Query, create_table, identifier
from funnel.core.types import Note
from funnel.mapping.build import number_marks
from funnel.mapping.build.lead_parts import LeadPart
from funnel.mapping.build.number_marks import names_ids
from funnel.mapping.build.rows import attribute_columns, first_table, mark_name, part_table
from funnel.mapping.cells.numbers import NumberColumn, read_numbers
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.joins import LOOSE
from funnel.mapping.template import fill, listed
from funnel.mapping.types import Join, Mapping, Source

HOUSE = ("lead_id", "account_id", "amount", "currency", "created_at", "closed_at", "outcome_said")
_TAKEN = {
    *HOUSE,
    "started_at",
    "started_local",
    "ended_at",
    "outcome",
    "last_stage",
    "latest_at",
    "last_won_at",
    "first_won_at",
    "last_lost_at",
    "seen_won",
    "seen_lost",
    "seen_other",
    "reopened_at",
    "back_at",
    "undated_won",
    "undated_lost",
    "undated_reopening",
    "undated_back",
    "label",
    "entered_at",
    "sequence",
    "recorded_outcome",
    "deepest",
    "observed_until",
    "has_ended",
    "is_open",
    "value_of_group",
    "group_number",
    "segment_number",
    "latest_amount",
    "window_outcome",
    "window_stage",
    "lead_key",
    "lead_place",
}
"""Names that the tables and paragraphs about leads give their own columns; attributes stand beside these."""
_NUMBERED = re.compile(
    r"(?:(?:first|passed|ordered|strict)(?:_fate)?|seen|reached|recorded|window_last|fate|time|last|earliest|latest|undated)_\d+"
)
COLUMNS_AT_ONCE = 100


@dataclass(frozen=True)
class LeadColumn:
    """A column of `leads`: its name, and where its text comes from (an alias and a column in the working tables); `first`: where that
    at the start does, None where it is the same for every lead."""

    name: str
    cell: str
    view: str
    header: str
    first: str | None = None


def lead_columns(sources: Sequence[Source], firsts: Pairs[str, str]) -> list[LeadColumn]:
    """The attributes of all sources under names that no two share, as DuckDB compares names; `firsts` are the cells at the start of
    those that changed."""
    found: list[LeadColumn] = []
    used: set[str] = set(_TAKEN)
    for place, source in enumerate(sources):
        for number, header in enumerate(attribute_columns(source)):
            name = free_name(header, used, source.names[0])
            cell = f"p{place}.a{number}"
            found.append(LeadColumn(name, cell, source.view, header, firsts.get(cell)))
    return found


def start_name(name: str, used: set[str]) -> str:
    """What the column is called that holds the values at the start of another; it is taken then."""
    base = found = f"{name} (at the start)"
    count = 2
    while found.casefold() in used:
        found, count = f"{base} {count}", count + 1
    used.add(found.casefold())
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
class JoinedTable:
    text: str
    columns: tuple[LeadColumn, ...]


def join_tables(
    engine: Engine, mapping: Mapping, parts: Sequence[LeadPart], columns: list[LeadColumn], firsts: Pairs[str, str]
) -> tuple[list[JoinedTable], list[Note]]:
    """The joined tables of attributes, each as a working table with one line a key; adds their columns to `columns`. Where the leads'
    own column changed, what it was at the start is joined too."""
    found: list[JoinedTable] = []
    notes: list[Note] = []
    used = set(_TAKEN) | {column.name.casefold() for column in columns}
    sources = [part.source for part in parts]
    for place, join in enumerate(each for each in mapping.joins if each.kind == "attributes"):
        ours = _our_cell(join, sources, columns)
        if ours is None:
            continue
        _keep_joined(engine, join, place)
        key = _matched(ours, join.loose)
        text = f" LEFT JOIN joined_{place} AS j{place} ON j{place}.joining = {key}"
        first = firsts.get(ours)
        if first is not None:
            text += f" LEFT JOIN joined_{place} AS s{place} ON s{place}.joining = {_matched(first, join.loose)}"
        added = [
            LeadColumn(
                free_name(header, used, join.name),
                f"j{place}.a{number}",
                join.view,
                header,
                None if first is None else f"s{place}.a{number}",
            )
            for number, header in enumerate(join.columns)
        ]
        found.append(JoinedTable(text, tuple(added)))
        columns += added
        notes += _join_notes(engine, join, parts, place, ours)
    return found, notes


def _our_cell(join: Join, sources: Sequence[Source], columns: Sequence[LeadColumn]) -> str | None:
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
        "SELECT {joining} AS joining, MIN({key}) AS written{cells} FROM {view} AS raw WHERE {key} IS NOT NULL GROUP BY 1",
        joining=fill(LOOSE.replace("{text}", "{key}"), key=key) if join.loose else key,
        key=key,
        cells=fill(", {cells}", cells=listed(cells)) if cells else Query(""),
        view=identifier(join.view),
    )
    engine.run(create_table(f"joined_{place}", query))


def _matched(cell: str, loose: bool) -> str:
    return LOOSE.replace("{text}", cell) if loose else cell


def _join_notes(engine: Engine, join: Join, parts: Sequence[LeadPart], place: int, ours: str) -> list[Note]:
    """How many leads' values are spelled otherwise in the joined table, and how many are not there at all."""
    number = int(ours.split(".")[0].removeprefix("p"))
    query = fill(
        f"SELECT COUNT(*) FILTER (WHERE j{place}.joining IS NULL) AS missing,"
        f" COUNT(*) FILTER (WHERE j{place}.joining IS NOT NULL AND j{place}.written <> {ours}) AS otherwise,"
        f" MIN({ours}) FILTER (WHERE j{place}.joining IS NULL) AS missing_one,"
        f" MIN({ours}) FILTER (WHERE j{place}.joining IS NOT NULL AND j{place}.written <> {ours}) AS written,"
        f" MIN(j{place}.written) FILTER (WHERE j{place}.joining IS NOT NULL AND j{place}.written <> {ours}) AS there"
        f" FROM ({{ours}}) AS p{number} LEFT JOIN joined_{place} AS j{place} ON j{place}.joining = {_matched(ours, join.loose)}"
        f" WHERE {ours} IS NOT NULL",
        ours=parts[number].cells([ours]),
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


@dataclass(frozen=True)
class Numbers:
    """The columns that hold nothing but numbers: name → how to read them, or the type of a plain cast. `plain` are the cells of those
    whose every number stands in its raw line without anything else."""

    read: Pairs[str, NumberColumn | str]
    plain: Collection[str]


def number_columns(engine: Engine, parts: Sequence[LeadPart], columns: Sequence[LeadColumn]) -> Numbers:
    """Which columns hold nothing but numbers."""
    found: dict[str, NumberColumn | str] = {}
    plain: set[str] = set()
    by_table: dict[str, list[LeadColumn]] = {}
    for column in columns:
        if not names_ids(column.header):
            by_table.setdefault(column.cell.split(".")[0], []).append(column)
    for alias, group in by_table.items():
        part = parts[int(alias[1:])] if alias[0] == "p" else None
        if part is not None and part.table is None:
            plain |= _add_marked(engine, part, group, found)
            continue
        table = f"joined_{alias[1:]}" if part is None else _all_said(engine, part, group)
        for start in range(0, len(group), COLUMNS_AT_ONCE):
            _add_numbers(engine, table, alias, group[start : start + COLUMNS_AT_ONCE], found)
    return Numbers(found, plain)


def _all_said(engine: Engine, part: LeadPart, group: Sequence[LeadColumn]) -> str:
    """The name of a table of the texts of some columns: the latest, and where they changed those at the start."""
    changed = [column for column in group if column.first is not None]
    if not changed:
        return f"lead_part_{part.place}"
    latest = ", ".join(column.cell for column in group)
    first = ", ".join(f"{column.first}" for column in changed)
    name = f"said_{part.place}"
    engine.run(
        Query(
            f"CREATE OR REPLACE VIEW {name} AS SELECT {latest} FROM lead_part_{part.place} AS p{part.place}"
            f" UNION ALL BY NAME SELECT {first} FROM {identifier(first_table(part.source))} AS f{part.place}"
        )
    )
    return name


def _add_marked(
    engine: Engine, part: LeadPart, group: Sequence[LeadColumn], found: dict[str, NumberColumn | str]
) -> set[str]:
    """Adds the columns of a source whose cells were marked as they were read; the cells of those that are plain numbers. What was
    marked as odd is looked at once more, and closely."""
    table = part_table(part.source)
    marked = {name for name, _ in engine.columns(table)}
    asked = [column for column in group if mark_name(column.cell) in marked]
    if not asked:
        return set()
    names = [mark_name(column.cell) for column in asked]
    marks = ", ".join(f"BIT_OR(part.{name}) AS {name}" for name in names)
    row = engine.row(Query(f"SELECT {marks} FROM {identifier(table)} AS part"))
    kinds = {column: number_marks.plain_type(mark) for column, mark in zip(asked, row, strict=True)}
    plain = {column: kind for column, kind in kinds.items() if kind is not None}
    found |= {column.name: kind for column, kind in plain.items()}
    odd = [column for column, mark in zip(asked, row, strict=True) if mark is not None and mark & number_marks.ODD]
    if odd:
        kept = f"odd_{part.place}"
        engine.run(create_table(kept, part.cells([column.cell for column in odd])))
        _add_numbers(engine, kept, f"p{part.place}", odd, found)
        engine.drop_table(kept)
    return {column.cell for column in plain}


def _add_numbers(
    engine: Engine, table: str, alias: str, group: Sequence[LeadColumn], found: dict[str, NumberColumn | str]
) -> None:
    counts = ", ".join(
        f"COUNT({each.cell}) AS f{i}, BIT_OR({number_marks.mark(each.cell)}) AS m{i}" for i, each in enumerate(group)
    )
    row = engine.row(Query(f"SELECT {counts} FROM {table} AS {alias}"))
    for column, filled, marks in zip(group, row[::2], row[1::2], strict=True):
        kind = number_marks.plain_type(marks)
        if kind is not None:
            found[column.name] = kind
        elif number_marks.may_be_written(marks):
            read = read_numbers(engine, table, column.cell.split(".")[1])
            if read is not None and read.parsed == filled:
                found[column.name] = read


def typed_cell(name: str, cell: str, numbers: Pairs[str, NumberColumn | str]) -> Query:
    """The value of a column of `leads`, read from a cell of the working tables."""
    if name not in numbers:
        return Query(cell)
    read = numbers[name]
    if isinstance(read, str):
        return Query(f"TRY_CAST({cell} AS {read})")
    alias, column = cell.split(".")
    return Query(read.expression.text.replace(f"raw.{identifier(column)}", f"{alias}.{column}"), read.expression.values)
