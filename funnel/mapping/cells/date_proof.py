"""A column of dates of a long table: how some of its lines are written, proven by what is counted over all of them in one pass.

What is proven is read as `dates.read_dates` would read it from all lines: every cell is a date as assumed, blank or a placeholder,
none is a sentinel, and none ends in what the engine's cast drops. Where anything else is counted, nothing is proven.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from funnel.core.sql import Query
from funnel.mapping.cells import date_discovery, date_order, date_sql, placeholders
from funnel.mapping.cells.cells import Cells, sampled
from funnel.mapping.cells.date_discovery import Survey
from funnel.mapping.cells.date_layouts import ORDERS
from funnel.mapping.cells.date_order import Counts
from funnel.mapping.cells.date_sql import Script
from funnel.mapping.cells.dates import DateColumn, column_of

ALL = "any_order"
_SURVEYED = ("cells", "parsed", "safe", "first_moment", "last_moment")


@dataclass(frozen=True)
class AssumedDates:
    """How some lines of a column are written. `order` is what a person said, `as_of` the moment after which nothing is expected.

    `outputs` are further columns beside the raw line, `aggregates` are over those; `proven` judges what they come to.
    """

    cells: Cells
    script: Script
    dropped: Query | None
    order: str | None
    as_of: datetime | None

    @cached_property
    def orders(self) -> tuple[str, ...]:
        """The orders of day and month in which the cells must be read to choose one."""
        if not any(layout.kind == "numeric" for layout in self.script.layouts):
            return ()
        return ORDERS if self.order in (None, "ymd") else (str(self.order),)

    def outputs(self, prefix: str) -> list[Query]:
        """SQL over `raw`, each named with the prefix: the moment in any order and in each, and whether the cast may drop something."""
        moments = {ALL: ORDERS, **{order: (order,) for order in self.orders}}
        texts = {name: self.script.moment(orders) for name, orders in moments.items()}
        if self.dropped is not None:
            texts["dropped"] = self.dropped
        return [Query(f"{text.text} AS {prefix}{name}", text.values) for name, text in texts.items()]

    def aggregates(self, cell: str, prefix: str) -> list[Query]:
        """SQL over `cells` that holds the outputs, and the column itself as `cell`."""
        unread = f"{cell} IS NOT NULL AND cells.{prefix}{ALL} IS NULL"
        has_text, text = placeholders.filled(cell), placeholders.cleaned(cell, typed=True)
        blank = f"count(CASE WHEN {unread} THEN CASE WHEN NOT {has_text.text} THEN 1 END END) AS {prefix}blank"
        empty = (
            f"count(CASE WHEN {unread} THEN CASE WHEN {has_text.text} AND {text.text} IS NULL THEN 1 END END)"
            f" AS {prefix}placeholders"
        )
        queries = [
            Query(blank, has_text.values),
            Query(empty, (*has_text.values, *text.values)),
            Query(
                f"count(*) FILTER (WHERE cells.{prefix}dropped) AS {prefix}endings"
                if self.dropped
                else f"0 AS {prefix}endings"
            ),
        ]
        queries += [
            Query(date_discovery.surveyed(f"count({cell})", f"cells.{prefix}{name}", f"{prefix}{name}_"), date_sql.SAFE)
            for name in (ALL, *self.orders)
        ]
        if self.orders == ORDERS:
            moments = [f"cells.{prefix}{order}" for order in ORDERS]
            queries.append(Query(date_order.counted(moments, prefix), (self.as_of, self.as_of)))
        return queries

    def proven(self, sample: AssumedDates | None, view: str, values: Mapping[str, Any]) -> DateColumn | None:
        """The column of the whole table `view`, given what the aggregates came to, by their names without the prefix; None where they
        prove nothing. `sample` is what lines from all over the table are like."""
        if sample is None or not self._reads_as(sample) or values["endings"]:
            return None
        summaries = {name: Survey(*(values[f"{name}_{each}"] for each in _SURVEYED)) for name in (ALL, *self.orders)}
        counts = Counts.of(values[each.name] for each in fields(Counts)) if self.orders == ORDERS else None
        cells, blank, empty = replace(self.cells, table=view), values["blank"], values["placeholders"]
        choice = date_order.choose(cells, sample.script, self.order, self.as_of, counts)
        summary = summaries.get(choice.order or ALL) or summaries[ALL]
        if summary is summaries[ALL] and sample.script.moment(choice.orders) != sample.script.moment(ORDERS):
            return None
        whole = summary.parsed + blank + empty == summary.cells and summaries[ALL].parsed == summary.parsed
        if not (whole and summaries[ALL].safe and summary.safe):
            return None
        return column_of(cells, sample.script, choice, summary, (blank, empty, 0, 0))

    def _reads_as(self, other: AssumedDates) -> bool:
        """Whether the other lines are read by the very same SQL."""
        return self.orders == other.orders and all(
            self.script.moment(orders) == other.script.moment(orders)
            for orders in (ORDERS, *((order,) for order in self.orders))
        )


def assumed(cells: Cells, order: str | None, as_of: datetime | None) -> AssumedDates | None:
    """What lines of a table let assume of a column; None where they hold no dates, or such as counting cannot prove: digits alone,
    months, years of two digits, other calendars."""
    written = date_discovery.script(cells, serial=False)
    if written is None:
        return None
    script, summary = written
    if not summary.safe or script.calendars or any(layout.bare or layout.short_year for layout in script.layouts):
        return None
    castable = any(layout.castable for layout in script.layouts)
    dropped = date_discovery.dropped(cells, script.layouts, sampled(cells)) if castable else None
    return AssumedDates(cells, script, dropped, order, as_of)
