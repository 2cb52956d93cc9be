"""A long table looked through: what its first lines let assume is proven, and lines that show more are taken aside.

Recognition asks some twenty things of a table, and each would be a pass over all of its lines. What the first lines make of the table
says which things those will be: the columns that may be ids, dates, labels and amounts. One pass then counts the cells of every
column and proves how dates, labels and amounts are written; another takes aside all lines of some ids, and some lines from all over.
What is not proven by them, or was not foreseen, is asked of all lines, as it is of a short table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import RawTable
from funnel.mapping.cells import date_proof, numbers
from funnel.mapping.cells.cells import Cells
from funnel.mapping.cells.date_proof import AssumedDates
from funnel.mapping.cells.dates import DateColumn
from funnel.mapping.cells.numbers import NumberColumn
from funnel.mapping.headers import dialect_of
from funnel.mapping.profile import (
    KEPT_VALUES,
    Column,
    Seen,
    Table,
    about_distinct,
    batches,
    column_of,
    distinct_values,
    estimated,
    is_chosen,
    lines_wanted,
    profile,
    sampled_values,
    seldom_values,
)
from funnel.mapping.recognise.candidates import Candidates
from funnel.mapping.recognise.facts import Facts
from funnel.mapping.recognise.hypotheses import MOST_LABELS
from funnel.mapping.recognise.picks import Picks
from funnel.mapping.recognise.typed import Typed
from funnel.mapping.stages import stage_dates
from funnel.mapping.template import listed, raw_cell
from funnel.mapping.types import MappingOverrides

LONG = 200_000
"""A shorter table is asked all things of all of its lines: that costs less than to look at it first."""
FIRST_LINES, FIRST_CELLS = 20_000, 200_000
MOST_IDS = 4
"""So many columns get all lines of some of their ids; what else may be an id is asked by itself."""
FEWEST_LINES, MOST_LINES, MOST_CELLS = 10_000, 50_000, 500_000
"""All lines of some ids of a column are about so many; between the two, of so many cells."""
FEW_VALUES = 50
"""Of a column with no more values among the first lines, and no others all over, no estimate is made from all lines."""


@dataclass(frozen=True)
class _Assumed:
    """What the first lines let assume: for each column that may be an id one in how many ids to gather, how dates are written, all
    values of columns of labels, the columns of amounts, and the values of columns of few."""

    parts: Mapping[str, int]
    dates: Mapping[str, AssumedDates]
    words: Mapping[str, tuple[str, ...]]
    amounts: tuple[str, ...]
    few: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class _Long:
    """A long table: its view, and what is read of it in a pass: the same rows, perhaps without their lines' numbers."""

    view: str
    source: str
    names: Sequence[str]
    rows: int

    @property
    def lines(self) -> str:
        """The name of the table of the lines that were taken aside."""
        return f"lines_of_{self.view}"

    @property
    def from_all_over(self) -> str:
        """A condition: whether a line is one of some from all over the table."""
        cells = ", ".join(raw_cell(name) for name in self.names)
        return f"hash({cells}) % {max(1, self.rows // lines_wanted(len(self.names)))} = 0"


def looked_through(
    engine: Engine,
    view: str,
    raws: Sequence[RawTable],
    further: Sequence[str],
    *,
    as_of: datetime,
    overrides: MappingOverrides,
) -> Table:
    """The table with what its columns hold. Of a long one some lines are left aside in the table `seen.lines`, to be dropped."""
    rows = sum(raw.rows_read - raw.rows_rejected for raw in raws)
    if rows <= LONG:
        return profile(engine, view, raws, further)
    names = (*raws[0].columns, *further)
    first = f"first_of_{view}"
    wanted = max(1, min(FIRST_LINES, FIRST_CELLS // len(names)))
    engine.keep(first, Query(f"SELECT raw.* FROM {identifier(view)} AS raw LIMIT {wanted}"))
    assumed = _assumed(engine, profile(engine, first, raws, further), rows, as_of, overrides)
    engine.drop_table(first)
    # All threads read a file that is its own table where its lines' numbers are not asked for.
    in_place = len(raws) == 1 and raws[0].line_of_place is not None and not further
    table = _Long(view, raws[0].unnumbered if in_place else view, names, rows)
    counts = _passed_through(engine, table, assumed)
    _take_aside(engine, table, assumed)
    columns = _columns(engine, table, assumed, counts)
    return Table(view, tuple(raws), counts["lines"], columns, _proven(engine, table, assumed, counts))


def _assumed(engine: Engine, first: Table, rows: int, as_of: datetime, overrides: MappingOverrides) -> _Assumed:
    """What the first lines of a table of so many rows let assume."""
    candidates = Candidates(first, dialect_of(first))
    picks = Picks(Facts(engine, first), Typed(engine, as_of, overrides.date_order), candidates, overrides)

    def likely(part: str, *others: Column) -> list[Column]:
        """The columns that may well play a part: as said, else by header and content."""
        if part in picks.by_hand:
            column = picks.by_hand[part]
            return [] if column is None else [column]
        return [*candidates.of(part), *others]

    ids = likely("lead", *candidates.leads(), *candidates.leads_by_content())
    dated = [each for part in ("time", "created", "closed") for each in likely(part)[:1]]
    labels = likely("label", *candidates.labels)[:MOST_LABELS]
    label = labels[0] if labels else None
    dated += [first.by_name[each.column] for each in stage_dates(candidates.happened(), label, set())]
    old, new = candidates.sides
    words = [*labels, *old[:1], *new[:1], *candidates.outcomes[:1], *likely("field")[:1], *likely("pipeline")[:1]]
    dates = {
        each.name: assumed
        for each in dict.fromkeys(dated)
        if (assumed := date_proof.assumed(Cells(engine, first.view, each.name), overrides.date_order, as_of))
        is not None
    }
    lines = min(MOST_LINES, max(FEWEST_LINES, MOST_CELLS // len(first.columns)))
    return _Assumed(
        parts={each.name: max(1, rows // lines) for each in list(dict.fromkeys(ids))[:MOST_IDS] if each.filled},
        dates=dates,
        words={each.name: each.values for each in dict.fromkeys(words) if 0 < len(each.values) <= FEW_VALUES},
        amounts=tuple(each.name for each in likely("amount")[:1]),
        # Of lines in the order of time the first are of a few days.
        few={
            each.name: each.values
            for each in first.columns
            if each.complete and 0 < len(each.values) <= FEW_VALUES and not each.dates
        },
    )


def _passed_through(engine: Engine, table: _Long, assumed: _Assumed) -> Mapping[str, Any]:
    """The pass that counts and proves: what was counted, by the name of each count."""
    outputs = [Query(f"raw.{identifier(name)} AS c{index}") for index, name in enumerate(table.names)]
    aggregates = [Query("COUNT(*) AS lines")]
    for index, name in enumerate(table.names):
        cell = f"cells.c{index}"
        aggregates.append(Query(f"COUNT({cell}) AS filled_{index}"))
        if name in assumed.words:
            # Of a longer list after IN the engine would make a table to join, and a DISTINCT would slow all other aggregates.
            others = f"COUNT(*) FILTER (WHERE NOT list_contains(?, {cell})) AS others_{index}"
            aggregates.append(Query(others, (list(assumed.words[name]),)))
        elif name not in assumed.few:
            aggregates.append(Query(f"{about_distinct(cell)} AS distinct_{index}"))
        if name in assumed.dates:
            outputs += assumed.dates[name].outputs(f"dates_{index}_")
            aggregates += assumed.dates[name].aggregates(cell, f"dates_{index}_")
        if name in assumed.amounts:
            aggregates.append(numbers.plain_counts(cell, f"amount_{index}_"))
    inner, every = listed(outputs), listed(aggregates)
    text = f"SELECT {every.text} FROM (SELECT {inner.text} FROM {identifier(table.source)} AS raw) AS cells"
    [counts] = engine.named(Query(text, (*every.values, *inner.values)))
    return counts


def _take_aside(engine: Engine, table: _Long, assumed: _Assumed) -> None:
    """The pass that copies lines into a table: all of some ids, and some from all over."""
    of_ids = [f"({is_chosen(f'raw.{identifier(name)}', part)})" for name, part in assumed.parts.items()]
    chosen = " OR ".join([table.from_all_over, *of_ids])
    query = Query(f"SELECT raw.* FROM {identifier(table.source)} AS raw WHERE {chosen}")
    engine.keep(table.lines, query)
    if table.source != table.view:
        # The lines lie in their order, and that is all that is asked of their numbers.
        numbered = Query(f"SELECT kept.*, kept.rowid AS source_line FROM {identifier(table.lines)} AS kept")
        engine.keep(table.lines, numbered)


def _proven(engine: Engine, table: _Long, assumed: _Assumed, counts: Mapping[str, Any]) -> Seen:
    """The columns of dates and amounts that the pass proved."""
    lines, view = table.lines, table.view
    dates: dict[str, DateColumn] = {}
    amounts: dict[str, NumberColumn] = {}
    for index, name in enumerate(table.names):
        if name in assumed.dates:
            each = assumed.dates[name]
            sample = date_proof.assumed(Cells(engine, lines, name), each.order, each.as_of)
            date = each.proven(sample, view, _under(f"dates_{index}_", counts))
            if date is not None:
                dates[name] = date
        if name in assumed.amounts:
            number = numbers.proven(numbers.read_numbers(engine, lines, name), view, _under(f"amount_{index}_", counts))
            if number is not None:
                amounts[name] = number
    return Seen(lines, assumed.parts, dates, amounts, frozenset(assumed.words))


def _under(prefix: str, counts: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix(prefix): count for name, count in counts.items() if name.startswith(prefix)}


def _columns(engine: Engine, table: _Long, assumed: _Assumed, counts: Mapping[str, Any]) -> tuple[Column, ...]:
    """What the columns hold: counts of all lines, values of some from all over, and all values of columns of labels."""
    view, names = table.view, table.names
    filled = {name: counts[f"filled_{index}"] for index, name in enumerate(names)}
    values: dict[str, list[str]] = {}
    for batch in batches(names):
        values |= sampled_values(engine, f"{identifier(table.lines)} AS raw WHERE {table.from_all_over}", batch)
    missed = {name: cells for name, cells in filled.items() if cells and not values[name] and name not in assumed.words}
    values |= seldom_values(engine, view, missed)
    for index, name in enumerate(names):
        if name in assumed.words:
            first = assumed.words[name]
            others = counts[f"others_{index}"]
            values[name] = distinct_values(engine, view, name) if others else sorted(first)
    distinct = {name: counts.get(f"distinct_{index}", 0) for index, name in enumerate(names)}
    distinct |= {name: len(few) for name, few in assumed.few.items() if set(values[name]) <= set(few)}
    distinct |= {name: len(values[name]) for name in assumed.words if len(values[name]) <= KEPT_VALUES}
    distinct |= estimated(engine, view, [name for name in names if filled[name] and not distinct[name]])
    return tuple(
        column_of(name, filled[name], distinct[name], values[name], whole=name in assumed.words) for name in names
    )
