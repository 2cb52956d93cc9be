"""A large file with a line for each lead: the few columns that tell what its lines are, read aside once.

What is asked of all lines before `leads` can be made (labels, outcomes, days, faults, numbers) would each be a pass over the whole file.
Its lines' numbers would have one thread alone read it; rows that were written in their order have them by their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import RawTable, Shape
from funnel.mapping.build.label_order import numbering_columns
from funnel.mapping.build.rows import attribute_marks, faults_of
from funnel.mapping.source_cells import SourceCells, header_cells
from funnel.mapping.template import fill, listed
from funnel.mapping.types import Aside, Mapping, Source

ROWS = (Shape.WIDE, Shape.SNAPSHOT)


def read_aside(engine: Engine, tables: Sequence[RawTable], mapping: Mapping) -> Mapping:
    """The mapping, each source that alone is a large file with a line for each lead with what was read aside of it."""
    in_place = {raw.table: raw for raw in tables if raw.line_of_place is not None}
    if not in_place or all(source.shape not in ROWS for source in mapping.sources):
        return mapping
    files: dict[str, list[str]] = {}
    for view, table in engine.rows(Query("SELECT stacks.view, stacks.raw_table FROM stacks")):
        files.setdefault(view, []).append(table)
    sources = []
    for source in mapping.sources:
        (file, *others) = files[source.view]
        aside = None
        if source.shape in ROWS and file in in_place and not others:
            aside = _read(engine, in_place[file], mapping, source)
        sources.append(replace(source, aside=aside))
    return replace(mapping, sources=tuple(sources))


def _read(engine: Engine, raw: RawTable, mapping: Mapping, source: Source) -> Aside | None:
    """What is read aside of a source; None where its rows were not numbered as they were written."""
    columns, table = _columns(mapping, source), _table(source)
    marks = attribute_marks(engine, source, faults_of(SourceCells(engine, mapping, source)))
    names = {column: _free(f"mark_{place}", source) for place, column in enumerate(marks)}
    cells = [Query(f"raw.{identifier(column)}") for column in columns]
    cells += [fill(f"{{mark}} AS {identifier(names[column])}", mark=mark) for column, mark in marks.items()]
    engine.keep(table, fill("SELECT {cells} FROM {rows} AS raw", cells=listed(cells), rows=identifier(raw.unnumbered)))
    # What a transaction has not kept yet has no rows numbered from 0, though from some number on.
    rows, first, last = engine.row(
        Query(
            "SELECT COUNT(*) AS a, COALESCE(MIN(kept.rowid), 0) AS b, COALESCE(MAX(kept.rowid), -1) AS c"
            f" FROM {identifier(table)} AS kept"
        )
    )
    if not rows == last - first + 1 == raw.rows_read - raw.rows_rejected:
        engine.drop_table(table)
        return None
    line = (raw.line_of_place or "").format(place=f"(kept.rowid - {first})")
    view = f"cells_of_{source.view}"
    engine.view(view, Query(f"SELECT kept.*, {line} AS source_line FROM {identifier(table)} AS kept"))
    return Aside(view, columns, names, raw.unnumbered)


def drop_aside(engine: Engine, mapping: Mapping) -> None:
    """Removes what was read aside."""
    for source in mapping.sources:
        if source.aside is not None:
            engine.drop_view(source.aside.cells)
            engine.drop_table(_table(source))


def _table(source: Source) -> str:
    return f"aside_of_{source.view}"


def _columns(mapping: Mapping, source: Source) -> tuple[str, ...]:
    """The columns that tell what a line is: those with a part, with dates or numbers, and by which sums and headers are known."""
    typed = [column for view, column in (*mapping.dates, *mapping.numbers) if view == source.view]
    dated = [each.column for each in source.stage_dates]
    known = [
        source.columns[0],
        *header_cells(source),
        *source.parts.values(),
        *dated,
        *typed,
        *numbering_columns(source),
    ]
    return tuple(dict.fromkeys(known))


def _free(name: str, source: Source) -> str:
    """The name, or what tells it apart from the columns of the source."""
    taken = {column.casefold() for column in source.columns}
    while name in taken:
        name += "_"
    return name
