"""A large file with a line for each lead: the few columns that tell what its lines are, read aside once.

What is asked of all lines before `leads` can be made (labels, outcomes, days, faults, numbers) would each be a pass over the whole file.
Its lines' numbers would have one thread alone read it; rows that were written in their order have them by their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import RawTable
from funnel.mapping.build.label_order import numbering_columns
from funnel.mapping.build.rows import attribute_marks
from funnel.mapping.build.sorted_entries import first_row
from funnel.mapping.joins import stacks
from funnel.mapping.source_cells import SourceCells, header_cells
from funnel.mapping.template import fill, named, raw_cell
from funnel.mapping.types import Aside, ColumnMapping, Source


def read_aside(engine: Engine, tables: Sequence[RawTable], mapping: ColumnMapping) -> ColumnMapping:
    """The mapping, each source that alone is a large file with a line for each lead with what was read aside of it."""
    if all(raw.line_of_place is None for raw in tables) or all(source.is_log for source in mapping.sources):
        return mapping
    files = stacks(engine, tables)
    sources = []
    for source in mapping.sources:
        raw, *others = files[source.view]
        large = not source.is_log and not others and raw.line_of_place is not None
        sources.append(replace(source, aside=_read(engine, raw, mapping, source) if large else None))
    return replace(mapping, sources=tuple(sources))


def _read(engine: Engine, raw: RawTable, mapping: ColumnMapping, source: Source) -> Aside | None:
    """What is read aside of a source; None where its rows were not numbered as they were written."""
    columns, table = _columns(mapping, source), _table(source)
    marks = attribute_marks(SourceCells(engine, mapping, source))
    names = {column: _free(f"mark_{index}", source) for index, column in enumerate(marks)}
    cells = {identifier(column): Query(raw_cell(column)) for column in columns}
    cells |= {identifier(names[column]): mark for column, mark in marks.items()}
    engine.keep(table, fill("SELECT {cells} FROM {rows} AS raw", cells=named(cells), rows=identifier(raw.unnumbered)))
    first = first_row(engine, table, raw.rows_read - raw.rows_rejected)
    if first is None:
        engine.drop_table(table)
        return None
    line = (raw.line_of_place or "").format(place=f"(kept.rowid - {first})")
    view = f"cells_of_{source.view}"
    engine.view(view, Query(f"SELECT kept.*, {line} AS source_line FROM {identifier(table)} AS kept"))
    return Aside(view, columns, names, raw.unnumbered)


def drop_aside(engine: Engine, mapping: ColumnMapping) -> None:
    """Removes what was read aside."""
    for source in mapping.sources:
        if source.aside is not None:
            engine.drop_view(source.aside.cells)
            engine.drop_table(_table(source))


def _table(source: Source) -> str:
    return f"aside_of_{source.view}"


def _columns(mapping: ColumnMapping, source: Source) -> tuple[str, ...]:
    """The columns that tell what a line is: those with a part, with dates or numbers, and by which sums and headers are known."""
    typed = [column for view, column in (*mapping.dates, *mapping.numbers) if view == source.view]
    dated = [each.column for each in (*source.stage_dates, *source.stage_flags)]
    columns = [
        source.columns[0],
        *header_cells(source),
        *source.parts.values(),
        *dated,
        *typed,
        *numbering_columns(source),
    ]
    return tuple(dict.fromkeys(columns))


def _free(name: str, source: Source) -> str:
    """The name, or what tells it apart from the columns of the source."""
    taken = {column.casefold() for column in source.columns}
    while name in taken:
        name += "_"
    return name
