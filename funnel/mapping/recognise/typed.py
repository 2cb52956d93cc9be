"""Columns read as dates or numbers, each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.mapping.cells.dates import DateColumn, read_dates
from funnel.mapping.template import bound, fill, named
from funnel.mapping.types import Ambiguity


class Typed:
    """The dates of the tables, as they are asked for; a column is read once for each order. `proven` are those read already."""

    def __init__(
        self,
        engine: Engine,
        as_of: datetime,
        order: str | None,
        proven: Mapping[tuple[str, str], DateColumn] | None = None,
    ) -> None:
        self.engine = engine
        self.as_of = as_of
        self.order = order
        self.proven = proven or {}
        self.dates: dict[tuple[str, str], DateColumn] = {}
        self._none: set[tuple[str, str]] = set()

    def aside(self) -> Typed:
        """The same dates, to be read on without a trace in these."""
        other = Typed(self.engine, self.as_of, self.order, self.proven)
        other.dates, other._none = dict(self.dates), set(self._none)
        return other

    def date(self, view: str, column: str) -> DateColumn | None:
        """The column as dates; None where fewer than half of its filled cells are dates."""
        key = (view, column)
        if key in self._none:
            return None
        if key not in self.dates:
            date_column = self.proven.get(key) or self._read(view, column, self.order)
            if date_column is None:
                self._none.add(key)
                return None
            self.dates[key] = date_column
        return self.dates[key]

    def is_dated(self, view: str, column: str) -> bool:
        """Whether the column holds dates in whichever order."""
        return self._read(view, column, None) is not None

    def settle(self, view: str, early: Sequence[str], late: Sequence[str], others: Sequence[str] = ()) -> None:
        """Decide the order of columns of one table that read both ways, by the order in which the dates must lie.

        `early` are columns whose dates come before those of `late` (created before won). Columns of one file are written by
        one hand: a column whose order is certain lends it to the others; else the order is taken under which fewer dates are
        after `as_of` and fewer late dates come before early ones. Where that leaves it open, `others`, the table's columns of
        dates that are of nothing that happened to a lead, lend theirs. Where all that leaves it open, the column stays ambiguous.
        """
        columns = [self.dates[(view, name)] for name in (*early, *late) if (view, name) in self.dates]
        unsure = [column for column in columns if column.ambiguous]
        if self.order or not unsure:
            return
        by_order = {
            order: {column.column: self._read(view, column.column, order) for column in unsure}
            for order in ("dmy", "mdy")
        }
        if any(date_column is None for reads in by_order.values() for date_column in reads.values()):
            return
        faults = {order: self._faults(view, early, late, by_order[order]) for order in by_order}
        better = None
        if faults["dmy"] != faults["mdy"]:
            better = min(faults, key=lambda order: faults[order])
        else:
            certain = {column.order for column in columns if not column.ambiguous and column.order in ("dmy", "mdy")}
            certain = certain or self._orders(view, [name for name in others if (view, name) not in self.dates], unsure)
            better = certain.pop() if len(certain) == 1 else None
        if better is None:
            return
        for name, date_column in by_order[better].items():
            if date_column is not None:
                self.dates[(view, name)] = date_column

    def ambiguities(self, names: dict[str, str]) -> tuple[Ambiguity, ...]:
        """The columns that still read both ways, each with the first cell that tells the readings apart."""
        return tuple(
            Ambiguity(names.get(view, view), name, text, f"{day_first:%Y-%m-%d}", f"{month_first:%Y-%m-%d}")
            for (view, name), column in self.dates.items()
            if column.ambiguous and column.examples
            for text, day_first, month_first in column.examples[:1]
        )

    def _read(self, view: str, column: str, order: str | None) -> DateColumn | None:
        return read_dates(self.engine, view, column, order=order, as_of=self.as_of)

    def _orders(self, view: str, names: Sequence[str], unsure: Sequence[DateColumn]) -> set[str]:
        """The orders of day and month of which the cells of these columns leave no doubt, written with the signs of the unsure ones."""
        signs = {_signs(column) for column in unsure}
        reads = [column for name in names if (column := self._read(view, name, None)) is not None]
        return {
            column.order
            for column in reads
            if column.order in ("dmy", "mdy") and column.decided_by == "cells" and signs == {_signs(column)}
        }

    def _faults(self, view: str, early: Sequence[str], late: Sequence[str], reads: dict[str, DateColumn | None]) -> int:
        def moment(name: str) -> Query | None:
            column = reads.get(name) or self.dates.get((view, name))
            return column.expression if column else None

        wrong = [
            fill("{moment} > CAST({as_of} AS TIMESTAMP)", moment=date_column.expression, as_of=bound(self.as_of))
            for date_column in reads.values()
            if date_column is not None
        ]
        for first in early:
            for second in late:
                before, after = moment(first), moment(second)
                if before is not None and after is not None:
                    wrong.append(fill("{after} < {before}", after=after, before=before))
        counts = {f"faults_{index}": fill("COUNT(*) FILTER (WHERE {met})", met=met) for index, met in enumerate(wrong)}
        query = fill("SELECT {counts} FROM {view} AS raw", counts=named(counts), view=identifier(view))
        return sum(map(int, self.engine.row(query)))


def _signs(column: DateColumn) -> frozenset[str]:
    """What stands between the numbers of a column's days, in each of its forms."""
    days = [form.split(" ")[0] for form in column.format.split(" | ")]
    return frozenset("".join(sign for sign in day if not sign.isalnum()) for day in days)
