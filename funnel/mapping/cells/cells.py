"""The cells of one column of a raw table, and the patterns of their digits: the ground on which a column is typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.mapping.cells import placeholders
from funnel.mapping.cells.date_layouts import FOREIGN_DIGITS, LONGEST
from funnel.mapping.template import raw_cell

SAMPLE_ROWS = 20_000
SAMPLE_LEAST = 500
KEPT_PATTERNS = 2_000
# A sample this far below half is believed; nearer to it, the whole column is read.
HOPELESS_SHARE = 0.3


@dataclass(frozen=True)
class Cells:
    """The cells of one column that are not NULL."""

    engine: Engine
    table: str
    column: str

    @property
    def name(self) -> str:
        """The column in SQL."""
        return raw_cell(self.column)

    def select(
        self, outputs: str, values: Iterable[object] = (), *, where: Query | None = None, after: str = ""
    ) -> Query:
        """A select over these cells."""
        further = f" AND {where.text}" if where else ""
        text = f"SELECT {outputs} FROM {identifier(self.table)} AS raw WHERE {self.name} IS NOT NULL{further}{after}"
        return Query(text, (*values, *(where.values if where else ())))

    def counted(self, outputs: str, moments: dict[str, Query], values: Iterable[object] = ()) -> tuple[Any, ...]:
        """One row of aggregates over named moments of these cells, which `outputs` calls cells.<name>."""
        listed = ", ".join(f"{moment.text} AS {name}" for name, moment in moments.items())
        inner = self.select(listed, [value for moment in moments.values() for value in moment.values])
        return self.engine.row(Query(f"SELECT {outputs} FROM (\n{inner.text}\n) AS cells", (*values, *inner.values)))

    @cached_property
    def patterns(self) -> list[Pattern]:
        """The patterns of all cells."""
        return patterns(self)


@dataclass(frozen=True)
class Pattern:
    """Cells that differ only in their digits: how many, and the first and the last of them as text."""

    first: str
    last: str
    cells: int


def sampled(cells: Cells) -> list[Pattern]:
    """The patterns of some of the cells: all of them in a small table, every so many lines in a large one."""
    (rows,) = cells.engine.row(Query(f"SELECT count(*) AS table_rows FROM {identifier(cells.table)} AS raw"))
    if rows > 2 * SAMPLE_ROWS and any(name == "source_line" for name, _ in cells.engine.columns(cells.table)):
        # An odd step, so that lines that take turns are all met.
        step = rows // SAMPLE_ROWS | 1
        sample = patterns(cells, Query("raw.source_line % ? = 0", (step,)))
        if sum(pattern.cells for pattern in sample) >= SAMPLE_LEAST:
            return sample
    return cells.patterns


def patterns(cells: Cells, where: Query | None = None) -> list[Pattern]:
    """The patterns of the cells, most frequent first, without blank cells and placeholders."""
    text = f"left({cells.name}, {LONGEST})"
    # Each digit to be replaced costs, so those of other scripts are looked for first.
    digits, foreign = "012345678", "012345678" + FOREIGN_DIGITS
    pattern = f"CASE WHEN regexp_matches({text}, ?) THEN translate({text}, ?, ?) ELSE translate({text}, ?, ?) END"
    grouped = cells.select(
        f"{pattern} AS pattern, min({text}) AS first_text, max({text}) AS last_text, count(*) AS cells",
        (f"[{FOREIGN_DIGITS}]", foreign, "9" * len(foreign), digits, "9" * len(digits)),
        where=where,
        after=f" GROUP BY 1 ORDER BY cells DESC, pattern LIMIT {KEPT_PATTERNS}",
    )
    commonest = [Pattern(first, last, count) for _, first, last, count in cells.engine.rows(grouped)]
    return [
        each
        for each in commonest
        if each.first.strip(placeholders.BLANKS) and not placeholders.is_placeholder(each.first, typed=True)
    ]
