"""Columns read as dates or numbers, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.mapping.cells.dates import DateColumn, read_dates
from funnel.mapping.template import any_of, fill
from funnel.mapping.types import Ambiguity


class Typed:
    """The dates of the tables, as they are asked for; a column is read once for each order. `known` are those read already."""

    def __init__(
        self,
        engine: Engine,
        as_of: datetime,
        order: str | None,
        known: Mapping[tuple[str, str], DateColumn] | None = None,
    ) -> None:
        self.engine = engine
        self.as_of = as_of
        self.order = order
        self.known = known or {}
        self.found: dict[tuple[str, str], DateColumn] = {}
        self._none: set[tuple[str, str]] = set()

    def aside(self) -> Typed:
        """The same dates, to be read on without a trace in these."""
        other = Typed(self.engine, self.as_of, self.order, self.known)
        other.found, other._none = dict(self.found), set(self._none)
        return other

    def date(self, view: str, column: str) -> DateColumn | None:
        """The column as dates; None where fewer than half of its filled cells are dates."""
        key = (view, column)
        if key in self._none:
            return None
        if key not in self.found:
            read = self.known.get(key) or read_dates(self.engine, view, column, order=self.order, as_of=self.as_of)
            if read is None:
                self._none.add(key)
                return None
            self.found[key] = read
        return self.found[key]

    def is_dated(self, view: str, column: str) -> bool:
        """Whether the column holds dates in whichever order."""
        return read_dates(self.engine, view, column, as_of=self.as_of) is not None

    def settle(self, view: str, early: Sequence[str], late: Sequence[str]) -> None:
        """Decide the order of columns of one table that read both ways, by the order in which the dates must lie.

        `early` are columns whose dates come before those of `late` (created before won). Columns of one file are written by
        one hand: a column whose order is certain lends it to the others; else the order is taken under which fewer dates are
        after `as_of` and fewer late dates come before early ones. Where that leaves it open, the column stays ambiguous.
        """
        columns = [self.found[(view, name)] for name in (*early, *late) if (view, name) in self.found]
        unsure = [column for column in columns if column.ambiguous]
        if self.order or not unsure:
            return
        by_order = {
            order: {column.column: self._read(view, column.column, order) for column in unsure}
            for order in ("dmy", "mdy")
        }
        if any(read is None for reads in by_order.values() for read in reads.values()):
            return
        faults = {order: self._faults(view, early, late, by_order[order]) for order in by_order}
        better = None
        if faults["dmy"] != faults["mdy"]:
            better = min(faults, key=lambda order: faults[order])
        else:
            certain = {column.order for column in columns if not column.ambiguous and column.order in ("dmy", "mdy")}
            better = certain.pop() if len(certain) == 1 else None
        if better is None:
            return
        for name, read in by_order[better].items():
            if read is not None:
                self.found[(view, name)] = read

    def ambiguities(self, names: dict[str, str]) -> tuple[Ambiguity, ...]:
        """The columns that still read both ways, each with the first cell that tells the readings apart."""
        return tuple(
            Ambiguity(names.get(view, view), name, text, f"{day_first:%Y-%m-%d}", f"{month_first:%Y-%m-%d}")
            for (view, name), column in self.found.items()
            if column.ambiguous and column.examples
            for text, day_first, month_first in column.examples[:1]
        )

    def _read(self, view: str, column: str, order: str) -> DateColumn | None:
        return read_dates(self.engine, view, column, order=order, as_of=self.as_of)

    def _faults(self, view: str, early: Sequence[str], late: Sequence[str], reads: dict[str, DateColumn | None]) -> int:
        def moment(name: str) -> Query | None:
            column = reads.get(name) or self.found.get((view, name))
            return column.expression if column else None

        wrong: list[Query] = [
            fill("{moment} > CAST(? AS TIMESTAMP)", moment=read.expression)
            for read in reads.values()
            if read is not None
        ]
        wrong = [Query(each.text, (*each.values, self.as_of)) for each in wrong]
        for first in early:
            for second in late:
                before, after = moment(first), moment(second)
                if before is not None and after is not None:
                    wrong.append(fill("{after} < {before}", after=after, before=before))
        return sum(self._count(view, condition) for condition in wrong)

    def _count(self, view: str, condition: Query) -> int:
        return count_where(self.engine, view, [condition])


def count_where(engine: Engine, view: str, conditions: Iterable[Query]) -> int:
    """How many lines of a raw table meet any of the conditions."""
    query = fill(
        "SELECT COUNT(*) FILTER (WHERE {condition}) AS lines FROM {view} AS raw",
        condition=any_of(conditions),
        view=identifier(view),
    )
    return int(engine.row(query)[0])
