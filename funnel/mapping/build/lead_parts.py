"""What each source says of the leads, one line a lead: a table where that took some putting together, else read from the raw lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from funnel.core.sql import Query, identifier
from funnel.mapping.build.rows import attribute_columns, part_table
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.template import fill, named, raw_cell
from funnel.mapping.types import Source

UNTIMED = ("outcome_said", "account_id", "amount", "currency")
"""What a working table says of a lead beside its times."""


@dataclass(frozen=True)
class LeadPart:
    """One line a lead of the source at this place: lead_id, created_at, closed_at, outcome_said, account_id, amount, currency, a0 …
    (the attributes, as clean text). `table` holds them; None: each line is a lead, and its attributes stand in the raw line alone.
    `closed` is then the expression of closed_at over the working table as `part`, and `lines` a query that tells its lines anew, with
    the attributes as they are written (r0 …); None: the working table is joined to the raw lines."""

    source: Source
    place: int
    table: str | None
    closed: Query | None = None
    lines: Query | None = None

    @property
    def ids(self) -> str:
        """A table of the ids of its leads, as lead_id."""
        return self.table or identifier(part_table(self.source))

    def relation(self, plain: Collection[str]) -> Query:
        """What to select from: a table, or a query in brackets. `plain` are cells (p0.a3) that are clean as they stand in the raw line."""
        if self.table is not None:
            return Query(self.table)
        cells = {f"a{number}": self._attribute(number, plain) for number in range(len(attribute_columns(self.source)))}
        house = {name: Query(f"part.{name}") for name in ("lead_id", "created_at", *UNTIMED)}
        return fill("({lines})", lines=self._lines({**house, "closed_at": self.closed or Query("NULL"), **cells}))

    def cells(self, cells: Sequence[str]) -> Query:
        """A query of some cells (p0.a3) alone, under their names."""
        names = [cell.split(".")[1] for cell in cells]
        if self.table is not None:
            return Query(f"SELECT {', '.join(f'kept.{name} AS {name}' for name in names)} FROM {self.table} AS kept")
        own = {name: Query(f"part.{name}") for name in UNTIMED}
        return self._lines({name: own.get(name) or self._attribute(int(name.removeprefix("a")), ()) for name in names})

    def _attribute(self, number: int, plain: Collection[str]) -> Query:
        name = attribute_columns(self.source)[number]
        cell = raw_cell(name) if self.lines is None else f"part.r{number}"
        return Query(cell) if f"p{self.place}.a{number}" in plain else cleaned(cell)

    def _lines(self, columns: Mapping[str, Query]) -> Query:
        if self.lines is None:
            lines = Query(lines_of(self.source, with_raw=any("raw." in text.text for text in columns.values())))
        else:
            lines = fill("({lines}) AS part", lines=self.lines)
        return fill("SELECT {columns} FROM {lines}", columns=named(columns), lines=lines)


def lines_of(source: Source, *, with_raw: bool) -> str:
    """The lines of a working table as `part`, each with its line of the file as `raw`."""
    lines = f"{identifier(part_table(source))} AS part"
    return f"{lines} JOIN {identifier(source.view)} AS raw ON raw.source_line = part.source_line" if with_raw else lines
