"""The columns of `leads` that come from the files as they are: their names, joined tables, and which hold numbers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import Note
from funnel.mapping.build import number_marks
from funnel.mapping.build.lead_parts import LeadPart
from funnel.mapping.build.number_marks import names_ids
from funnel.mapping.build.rows import attribute_columns, first_table, mark_name, part_table
from funnel.mapping.cells.numbers import NumberColumn, read_numbers
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.joins import LOOSE
from funnel.mapping.template import fill, named, raw_cell
from funnel.mapping.types import ColumnMapping, Join, Source

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


def lead_columns(sources: Sequence[Source], firsts: Mapping[str, str]) -> list[LeadColumn]:
    """The attributes of all sources under names that no two share, as DuckDB compares names; `firsts` are the cells at the start of
    those that changed."""
    columns: list[LeadColumn] = []
    used: set[str] = set(_TAKEN)
    for index, source in enumerate(sources):
        for number, header in enumerate(attribute_columns(source)):
            name = free_name(header, used, source.names[0])
            cell = f"p{index}.a{number}"
            columns.append(LeadColumn(name, cell, source.view, header, firsts.get(cell)))
    return columns


def start_name(name: str, used: set[str]) -> str:
    """What the column is called that holds the values at the start of another; it is taken then."""
    return _taken(f"{name} (at the start)", used)


def _taken(name: str, used: set[str]) -> str:
    """The name, or with the first number that tells it apart; it is taken then."""
    numbered = (f"{name} {count}" for count in itertools.count(2))
    free = next(each for each in itertools.chain([name], numbered) if each.casefold() not in used)
    used.add(free.casefold())
    return free


def free_name(header: str, used: set[str], file: str) -> str:
    """The header, or with what tells it apart from a name that is taken; it is taken then."""
    name = header
    if name.casefold() in _TAKEN or _NUMBERED.fullmatch(name.casefold()):
        name = f"{header} (file)"
    if name.casefold() in used:
        name = f"{header} ({file.rsplit('.', 1)[0]})"
    return _taken(name, used)


@dataclass(frozen=True)
class JoinedTable:
    text: str
    columns: tuple[LeadColumn, ...]


def join_tables(
    engine: Engine,
    mapping: ColumnMapping,
    parts: Sequence[LeadPart],
    columns: list[LeadColumn],
    firsts: Mapping[str, str],
) -> tuple[list[JoinedTable], list[Note]]:
    """The joined tables of attributes, each as a working table with one line a key; adds their columns to `columns`. Where the leads'
    own column changed, what it was at the start is joined too."""
    tables: list[JoinedTable] = []
    notes: list[Note] = []
    used = set(_TAKEN) | {column.name.casefold() for column in columns}
    sources = [part.source for part in parts]
    for index, join in enumerate(each for each in mapping.joins if each.kind == "attributes"):
        ours = _our_cell(join, sources, columns)
        if ours is None:
            continue
        _keep_joined(engine, join, index)
        key = _matched(ours, join.loose)
        text = f" LEFT JOIN joined_{index} AS j{index} ON j{index}.joining = {key}"
        first = firsts.get(ours)
        if first is not None:
            text += f" LEFT JOIN joined_{index} AS s{index} ON s{index}.joining = {_matched(first, join.loose)}"
        added = [
            LeadColumn(
                free_name(header, used, join.name),
                f"j{index}.a{number}",
                join.view,
                header,
                None if first is None else f"s{index}.a{number}",
            )
            for number, header in enumerate(join.columns)
        ]
        tables.append(JoinedTable(text, tuple(added)))
        columns += added
        notes += _join_notes(engine, join, parts, index, ours)
    return tables, notes


def _our_cell(join: Join, sources: Sequence[Source], columns: Sequence[LeadColumn]) -> str | None:
    """The leads' column that a join compares, as a cell of the working tables."""
    for index, source in enumerate(sources):
        if source.view == join.source and source.parts.get("account") == join.column:
            return f"p{index}.account_id"
    return next((each.cell for each in columns if each.view == join.source and each.header == join.column), None)


def _keep_joined(engine: Engine, join: Join, index: int) -> None:
    key = cleaned(raw_cell(join.key))
    columns = {
        "joining": fill(LOOSE.replace("{text}", "{key}"), key=key) if join.loose else key,
        "written": fill("MIN({key})", key=key),
    }
    for number, name in enumerate(join.columns):
        columns[f"a{number}"] = fill("arg_min({text}, raw.source_line)", text=cleaned(raw_cell(name)))
    query = fill(
        "SELECT {columns} FROM {view} AS raw WHERE {key} IS NOT NULL GROUP BY 1",
        columns=named(columns),
        view=identifier(join.view),
        key=key,
    )
    engine.keep(f"joined_{index}", query)


def _matched(cell: str, loose: bool) -> str:
    return LOOSE.replace("{text}", cell) if loose else cell


def _join_notes(engine: Engine, join: Join, parts: Sequence[LeadPart], index: int, ours: str) -> list[Note]:
    """How many leads' values are spelled otherwise in the joined table, and how many are not there at all."""
    number = int(ours.split(".")[0].removeprefix("p"))
    query = fill(
        f"SELECT COUNT(*) FILTER (WHERE j{index}.joining IS NULL) AS missing,"
        f" COUNT(*) FILTER (WHERE j{index}.joining IS NOT NULL AND j{index}.written <> {ours}) AS otherwise,"
        f" MIN({ours}) FILTER (WHERE j{index}.joining IS NULL) AS missing_one,"
        f" MIN({ours}) FILTER (WHERE j{index}.joining IS NOT NULL AND j{index}.written <> {ours}) AS written,"
        f" MIN(j{index}.written) FILTER (WHERE j{index}.joining IS NOT NULL AND j{index}.written <> {ours}) AS there"
        f" FROM ({{ours}}) AS p{number} LEFT JOIN joined_{index} AS j{index} ON j{index}.joining = {_matched(ours, join.loose)}"
        f" WHERE {ours} IS NOT NULL",
        ours=parts[number].cells([ours]),
    )
    missing, otherwise, missing_one, written, there = engine.row(query)
    about, notes = {"column": join.column, "file": join.name}, []
    if otherwise:
        notes.append(Note("mapping.joined_spellings", {"n": otherwise, **about, "here": written, "there": there}))
    if missing:
        notes.append(Note("mapping.join_unmatched", {"n": missing, **about, "example": missing_one}))
    return notes


@dataclass(frozen=True)
class Numbers:
    """The columns that hold nothing but numbers: name → how to read them, or the type of a plain cast. `plain` are the cells of those
    whose every number stands in its raw line without anything else."""

    read: Mapping[str, NumberColumn | str]
    plain: Collection[str]


def number_columns(engine: Engine, parts: Sequence[LeadPart], columns: Sequence[LeadColumn]) -> Numbers:
    """Which columns hold nothing but numbers."""
    numbers: dict[str, NumberColumn | str] = {}
    plain: set[str] = set()
    by_table: dict[str, list[LeadColumn]] = {}
    for column in columns:
        if not names_ids(column.header):
            by_table.setdefault(column.cell.split(".")[0], []).append(column)
    for alias, group in by_table.items():
        part = parts[int(alias[1:])] if alias[0] == "p" else None
        if part is not None and part.table is None:
            plain |= _add_marked(engine, part, group, numbers)
            continue
        table = f"joined_{alias[1:]}" if part is None else _every_text(engine, part, group)
        for start in range(0, len(group), COLUMNS_AT_ONCE):
            _add_numbers(engine, table, alias, group[start : start + COLUMNS_AT_ONCE], numbers)
    return Numbers(numbers, plain)


def _every_text(engine: Engine, part: LeadPart, group: Sequence[LeadColumn]) -> str:
    """The name of a table of the texts of some columns: the latest, and where they changed those at the start."""
    changed = [column for column in group if column.first is not None]
    if not changed:
        return f"lead_part_{part.place}"
    latest = ", ".join(column.cell for column in group)
    first = ", ".join(f"{column.first}" for column in changed)
    name = f"said_{part.place}"
    texts = (
        f"SELECT {latest} FROM lead_part_{part.place} AS p{part.place}"
        f" UNION ALL BY NAME SELECT {first} FROM {identifier(first_table(part.source))} AS f{part.place}"
    )
    engine.view(name, Query(texts))
    return name


def _add_marked(
    engine: Engine, part: LeadPart, group: Sequence[LeadColumn], numbers: dict[str, NumberColumn | str]
) -> set[str]:
    """Adds the columns of a source whose cells were marked as they were read; the cells of those that are plain numbers. What was
    marked as odd is looked at once more, and closely."""
    table = part_table(part.source)
    marked = {name for name, _ in engine.columns(table)}
    columns = [column for column in group if mark_name(column.cell) in marked]
    if not columns:
        return set()
    names = [mark_name(column.cell) for column in columns]
    marks = ", ".join(f"BIT_OR(part.{name}) AS {name}" for name in names)
    row = engine.row(Query(f"SELECT {marks} FROM {identifier(table)} AS part"))
    kinds = {column: number_marks.plain_type(mark) for column, mark in zip(columns, row, strict=True)}
    plain = {column: kind for column, kind in kinds.items() if kind is not None}
    numbers |= {column.name: kind for column, kind in plain.items()}
    odd = [column for column, mark in zip(columns, row, strict=True) if mark is not None and mark & number_marks.ODD]
    if odd:
        odd_table = f"odd_{part.place}"
        engine.keep(odd_table, part.cells([column.cell for column in odd]))
        _add_numbers(engine, odd_table, f"p{part.place}", odd, numbers)
        engine.drop_table(odd_table)
    return {column.cell for column in plain}


def _add_numbers(
    engine: Engine, table: str, alias: str, group: Sequence[LeadColumn], numbers: dict[str, NumberColumn | str]
) -> None:
    counts = ", ".join(
        f"COUNT({each.cell}) AS f{i}, BIT_OR({number_marks.mark(each.cell)}) AS m{i}" for i, each in enumerate(group)
    )
    row = engine.row(Query(f"SELECT {counts} FROM {table} AS {alias}"))
    for column, filled, marks in zip(group, row[::2], row[1::2], strict=True):
        kind = number_marks.plain_type(marks)
        if kind is not None:
            numbers[column.name] = kind
        elif number_marks.may_be_written(marks):
            number_column = read_numbers(engine, table, column.cell.split(".")[1])
            if number_column is not None and number_column.parsed == filled:
                numbers[column.name] = number_column


def typed_cell(name: str, cell: str, numbers: Mapping[str, NumberColumn | str]) -> Query:
    """The value of a column of `leads`, read from a cell of the working tables."""
    if name not in numbers:
        return Query(cell)
    number_column = numbers[name]
    if isinstance(number_column, str):
        return Query(f"TRY_CAST({cell} AS {number_column})")
    alias, column = cell.split(".")
    expression = number_column.expression
    return Query(expression.text.replace(raw_cell(column), f"{alias}.{column}"), expression.values)
