"""What the columns of a table hold: the ground on which roles are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from funnel import catalogue
from funnel.core.engine import Engine
from funnel.core.spelling import LONGEST
from funnel.core.sql import Query, identifier
from funnel.core.types import RawTable
from funnel.mapping.cells import date_look, number_sql, placeholders
from funnel.mapping.cells.date_layouts import Layout
from funnel.mapping.cells.dates import DateColumn
from funnel.mapping.cells.numbers import NumberColumn
from funnel.mapping.template import raw_cell

SAMPLE_CELLS = 1_000_000
SAMPLE_ROWS = 20_000
KEPT_VALUES = 200
COLUMNS_AT_ONCE = 150
ESTIMATED = 10_000
"""Estimates of distinct values are wrong by a sixth at times; of fewer lines than this they are not relied on."""

# Of a column of dates or numbers, so many cells make it one; and so many make it one that should be.
MOST_CELLS = 0.5
SOME_CELLS = 0.2


@dataclass(frozen=True)
class Column:
    """A column: its filled cells, about how many distinct ones, and up to 200 of those (all of them where `complete`), each cut behind
    `spelling.LONGEST` signs."""

    name: str
    filled: int
    distinct: int
    values: tuple[str, ...]
    complete: bool

    @cached_property
    def key(self) -> str:
        """The header without case, blanks and punctuation, for comparing."""
        return catalogue.normalised(self.name)

    @cached_property
    def dates(self) -> float:
        """The share of the sampled values that the reader of dates can read."""
        return self._share_of(len(self._layouts))

    @cached_property
    def bare(self) -> bool:
        """Whether most of its dates are digits alone (20240131, 1706700000) or months (Jan 2024): only a header tells then."""
        return sum(1 for layout in self._layouts if layout.bare) > MOST_CELLS * len(self._layouts)

    @cached_property
    def numbers(self) -> float:
        """The share of the sampled values that the reader of numbers can read."""
        return self._share_of(sum(1 for value in self._real if number_sql.is_number(value)))

    @property
    def is_date(self) -> bool:
        """Whether most cells are dates; digits alone and months are none unless the header says a time."""
        return self.filled > 0 and self.dates >= MOST_CELLS and (not self.bare or date_look.is_timed(self.name))

    @property
    def some_dates(self) -> bool:
        """Whether the header says a time, and some cells are dates but most are none: a column to ask about."""
        some = self.filled > 0 and not self.is_date and self.dates >= SOME_CELLS
        return some and date_look.is_timed(self.name)

    @cached_property
    def _real(self) -> tuple[str, ...]:
        """The sampled values that are neither blank nor a placeholder among dates and numbers."""
        values = (value for value in self.values if value.strip(placeholders.BLANKS))
        return tuple(
            value
            for value in values
            if not placeholders.is_placeholder(value, typed=True) and not date_look.is_zero(value)
        )

    @cached_property
    def _layouts(self) -> tuple[Layout, ...]:
        layouts = (date_look.look(value, self.name) for value in self._real)
        return tuple(layout for layout in layouts if layout is not None)

    def _share_of(self, count: int) -> float:
        return count / len(self._real) if self._real else 0.0


@dataclass(frozen=True)
class Seen:
    """What one pass over a long table left: some of its lines in a table `lines`, and what was proven of columns over all lines.

    `parts`: all lines of some ids of these columns are among the lines, of one in so many, chosen by `is_chosen`. `dates` and `numbers`
    are columns as they are read over all lines; of those of `words` all values are known.
    """

    lines: str
    parts: Mapping[str, int]
    dates: Mapping[str, DateColumn]
    numbers: Mapping[str, NumberColumn]
    words: frozenset[str]


def is_chosen(cell: str, part: int) -> str:
    """A condition: whether the id in a cell is one of those that stand for all, one in so many."""
    return f"{cell} IS NOT NULL AND hash({cell}) % {part} = 0"


@dataclass(frozen=True)
class Table:
    """One table, or several with equal headers seen as one, with what its columns hold; `seen` where it is long."""

    view: str
    raws: tuple[RawTable, ...]
    rows: int
    columns: tuple[Column, ...]
    seen: Seen | None = None
    _unique: dict[str, bool] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """The files' names, for a person."""
        return ", ".join(raw.name for raw in self.raws)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Header → column."""
        return {column.name: column for column in self.columns}

    def unique(self, engine: Engine, column: Column) -> bool:
        """Whether no filled cell repeats; counted exactly only where the estimate leaves it open."""
        if not column.filled or (self.rows > ESTIMATED and column.distinct < 0.85 * column.filled):
            return False
        if column.name not in self._unique:
            name = raw_cell(column.name)
            text = f"SELECT COUNT(DISTINCT TRIM({name})) AS distinct_values, COUNT({name}) AS filled FROM {identifier(self.view)} AS raw"
            distinct, filled = engine.row(Query(text))
            # A few repeats (a line pasted twice) do not make a history of a list of leads.
            self._unique[column.name] = distinct >= 0.98 * filled
        return self._unique[column.name]


def profile(engine: Engine, view: str, raws: Sequence[RawTable], further: Sequence[str] = ()) -> Table:
    """A table with what its columns hold: counts over all lines, values from a sample. `further` are columns of the view alone."""
    names = (*raws[0].columns, *further)
    rows = int(engine.row(Query(f"SELECT COUNT(*) AS lines FROM {identifier(view)} AS raw"))[0])
    wanted = lines_wanted(len(names))
    # A sample of whole blocks costs nothing on a long table; a short one is sampled line by line.
    sample = ""
    if rows > 20 * wanted:
        sample = f" TABLESAMPLE system({max(100 * wanted / rows, 0.1):.3f} PERCENT) REPEATABLE (7)"
    elif rows > wanted:
        sample = f" TABLESAMPLE reservoir({wanted} ROWS) REPEATABLE (7)"
    columns: list[Column] = []
    for batch in batches(names):
        cells = [raw_cell(name) for name in batch]
        counts = ", ".join(f"COUNT({cell}) AS c{i}, {about_distinct(cell)} AS d{i}" for i, cell in enumerate(cells))
        row = engine.row(Query(f"SELECT {counts} FROM {identifier(view)} AS raw"))
        counted_cells = {name: (int(row[2 * index]), int(row[2 * index + 1])) for index, name in enumerate(batch)}
        values = sampled_values(engine, f"{identifier(view)} AS raw{sample}", batch)
        missed = {name: cells for name, (cells, _) in counted_cells.items() if cells and not values[name]}
        values |= seldom_values(engine, view, missed)
        columns += [column_of(name, *counted_cells[name], values[name], whole=not sample) for name in batch]
    return Table(view, tuple(raws), rows, tuple(columns))


def batches(names: Sequence[str]) -> list[Sequence[str]]:
    """The columns, so many at once as one statement should ask of."""
    return [names[start : start + COLUMNS_AT_ONCE] for start in range(0, len(names), COLUMNS_AT_ONCE)]


def lines_wanted(width: int) -> int:
    """How many lines of a table of so many columns show what is in its cells."""
    return max(500, min(SAMPLE_ROWS, SAMPLE_CELLS // max(width, 1)))


def about_distinct(cell: str) -> str:
    """An aggregate: about how many distinct cells there are."""
    return f"approx_count_distinct({cell})"


def estimated(engine: Engine, view: str, names: Sequence[str]) -> dict[str, int]:
    """About how many distinct values each column has."""
    counts_by_name: dict[str, int] = {}
    for batch in batches(names):
        counts = ", ".join(f"{about_distinct(f'raw.{identifier(name)}')} AS d{i}" for i, name in enumerate(batch))
        row = engine.row(Query(f"SELECT {counts} FROM {identifier(view)} AS raw"))
        counts_by_name |= dict(zip(batch, map(int, row), strict=True))
    return counts_by_name


def sampled_values(engine: Engine, lines: str, names: Sequence[str]) -> dict[str, list[str]]:
    """For each column up to 201 distinct values of these lines (SQL), in order."""
    # A DISTINCT in each aggregate would take a hash table of 6 MB for each column, however few lines there are.
    value_lists = ", ".join(
        f"list_slice(list_sort(list_distinct(list(sampled.{identifier(name)}))), 1, {KEPT_VALUES + 1}) AS v{i}"
        for i, name in enumerate(names)
    )
    picked = ", ".join(f"raw.{identifier(name)} AS {identifier(name)}" for name in names)
    row = engine.row(Query(f"SELECT {value_lists} FROM (SELECT {picked} FROM {lines}) AS sampled"))
    return {
        name: [value for value in values or [] if value is not None] for name, values in zip(names, row, strict=True)
    }


def column_of(name: str, filled: int, distinct: int, values: Sequence[str], *, whole: bool) -> Column:
    """A column with what was counted of it. `whole`: the values are those of all lines."""
    if whole and len(values) <= KEPT_VALUES:
        # Estimates of a few values are wrong by one or two; here all are at hand.
        distinct = len(values)
    complete = len(values) <= KEPT_VALUES and distinct <= 1.1 * len(values) + 1
    # Enough of each to see that it is longer than all that means anything.
    shortened = tuple(value[: LONGEST + 1] for value in values[:KEPT_VALUES])
    return Column(name, filled, min(distinct, filled), shortened, complete)


def seldom_values(engine: Engine, view: str, filled: Mapping[str, int]) -> dict[str, list[str]]:
    """Up to 201 values of columns that a sample missed, given how many cells of each are filled."""
    few = [name for name, cells in filled.items() if cells <= SAMPLE_ROWS]
    values: dict[str, list[str]] = {}
    for batch in batches(few):
        any_filled = " OR ".join(f"raw.{identifier(name)} IS NOT NULL" for name in batch)
        values |= sampled_values(engine, f"{identifier(view)} AS raw WHERE {any_filled}", batch)
    return values | {name: distinct_values(engine, view, name) for name in filled if name not in values}


def distinct_values(engine: Engine, view: str, name: str) -> list[str]:
    """Up to 201 distinct values of a column, asked from all lines."""
    cell = raw_cell(name)
    text = f"SELECT DISTINCT {cell} AS value FROM {identifier(view)} AS raw WHERE {cell} IS NOT NULL LIMIT {KEPT_VALUES + 1}"
    return sorted(value for (value,) in engine.rows(Query(text)))
