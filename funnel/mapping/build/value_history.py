"""What the lines of a history say of their leads over time: amounts, and the days on which leads were to be closed."""

from __future__ import annotations

from datetime import datetime

from funnel.core.engine import Engine
from funnel.core.history import ValueHistory
from funnel.core.sql import Query
from funnel.core.types import Shape
from funnel.mapping.cells.dates import read_dates
from funnel.mapping.clock import clock_of
from funnel.mapping.dated_headers import date_strength, is_of_end, is_planned
from funnel.mapping.source_cells import SourceCells, time_columns
from funnel.mapping.types import ColumnMapping, Source


def value_history(engine: Engine, mapping: ColumnMapping, as_of: datetime) -> ValueHistory:
    """The amounts and planned close dates of a history whose lines hold them; of files that have one line a lead, or a line for each
    change of a field, neither. A close date in a line of an open lead is a plan, whatever its header says."""
    source = mapping.primary
    if source.shape is not Shape.HISTORY:
        return ValueHistory()
    cells = SourceCells(engine, mapping, source, clock_of(engine, mapping, time_columns(mapping), as_of))
    moment = cells.moment("time")
    if moment is None:
        return ValueHistory()
    number = mapping.numbers.get((source.view, source.parts.get("amount", "")))
    planned = _planned(engine, mapping, source)
    return ValueHistory(
        amounts=None if number is None else _values(cells, moment, number.expression, "DOUBLE"),
        planned=None if planned is None else _values(cells, moment, planned, "DATE"),
    )


def planned_columns(source: Source) -> list[str]:
    """The columns of a history that by their headers hold planned close dates, those that say "planned" first."""
    headed = [name for name in source.columns if is_of_end(name)]
    plans = [name for name in headed if is_planned(name)]
    return [*plans, *(name for name in headed if name not in plans and date_strength(name, "closed"))]


def _planned(engine: Engine, mapping: ColumnMapping, source: Source) -> Query | None:
    """The days of the first such column that holds dates."""
    for name in planned_columns(source):
        known = mapping.dates.get((source.view, name))
        column = known or read_dates(engine, source.view, name, order=mapping.overrides.date_order)
        if column is not None and not column.ambiguous:
            return column.expression
    return None


def _values(cells: SourceCells, moment: Query, value: Query, kind: str) -> Query:
    return cells.fill(
        "SELECT said.lead_id AS lead_id, said.moment AS moment, said.sequence AS sequence, said.value AS value FROM"
        f" (SELECT {{lead}} AS lead_id, CAST({{moment}} AS TIMESTAMP) AS moment, raw.source_line AS sequence,"
        f" CAST({{value}} AS {kind}) AS value"
        " FROM {view} AS raw) AS said WHERE said.lead_id IS NOT NULL AND said.moment IS NOT NULL AND said.value IS NOT NULL",
        moment=moment,
        value=value,
    )
