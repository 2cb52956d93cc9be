"""Dates in a column of text, typed once for the whole column.

How the cells are written is found from the patterns of their digits (`date_discovery`); whether 03/04/2024 is in March
or in April is decided once, from all cells of the column, never cell by cell (`date_order`); `date_sql` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from funnel.core.engine import Engine
from funnel.core.sql import Query
from funnel.mapping.cells import date_discovery, date_offsets, date_order, date_sql, placeholders
from funnel.mapping.cells.cells import Cells
from funnel.mapping.cells.date_discovery import Survey
from funnel.mapping.cells.date_layouts import ORDERS
from funnel.mapping.cells.date_order import Choice
from funnel.mapping.cells.date_sql import Script

READABLE_SHARE = 0.5
SHOWN_FORMATS = 4
EPOCH_START = "1970-01-01"


@dataclass(frozen=True)
class DateColumn:
    """A column of dates, and how it is read.

    `expression` gives a TIMESTAMP (local wall time), or NULL where the cell is blank, a placeholder, a sentinel or
    unreadable; `unreadable` is a condition, true exactly for the last of these. Both speak of the column as
    raw."<column>". filled = parsed + placeholders + sentinels + unreadable_cells; blank cells are in none.
    `order` is "dmy", "mdy", "ymd", or None where the text leaves no question (a month in words, an epoch).
    `ambiguous`: every cell fits both day first and month first, and the caller gave no order; then `examples` are up to
    two cells, each read day first and month first, and `decided_by` says what the order was taken from: "future" (the
    other order has dates after `as_of`), "language" (words or digits beside them that are not English) or "separator".
    Otherwise `decided_by` is "cells", "contradiction" (some cells fit only one order and some only the other; the one that
    reads more is taken), "caller" or "layout".
    `first` and `last` are the earliest and the latest of the parsed. `month_only`: no cell names a day ("Jan 2024"), and
    each is read as the first of its month. `zone` gives the text of a cell's zone or offset, NULL where it has none; None where no
    cell of the column has one.
    """

    table: str
    column: str
    format: str
    order: str | None
    expression: Query
    unreadable: Query
    filled: int
    parsed: int
    placeholders: int
    sentinels: int
    ambiguous: bool
    decided_by: str
    examples: tuple[tuple[str, date, date], ...]
    first: datetime
    last: datetime
    month_only: bool = False
    zone: Query | None = None

    @property
    def unreadable_cells(self) -> int:
        """Filled cells that are no date, no placeholder and no sentinel."""
        return self.filled - self.parsed - self.placeholders - self.sentinels


def read_dates(
    engine: Engine,
    table: str,
    column: str,
    *,
    order: str | None = None,
    as_of: datetime | None = None,
    serial: bool = False,
) -> DateColumn | None:
    """How the column is read as dates; None where under half of its filled cells, placeholders aside, can be read.

    `order` ("dmy", "mdy", "ymd") overrules what the cells say, as far as it can apply. `as_of`: where the cells leave
    the order open, dates after it speak against an order. `serial`: bare numbers are a spreadsheet's days since
    1899-12-30.
    """
    if order is not None and order not in ORDERS:
        raise ValueError(f"order is one of {', '.join(ORDERS)}, not {order!r}")
    cells = Cells(engine, table, column)
    written = date_discovery.script(cells, serial=serial)
    if written is None:
        return None
    script, summary = written
    choice = date_order.choose(cells, script, order, as_of)
    moment = script.moment(choice.orders)
    # Where day and month leave no question, the column has been read in this way already.
    summary = summary if moment == script.moment(ORDERS) else date_discovery.survey(cells, moment)
    return column_of(cells, script, choice, summary)


def column_of(
    cells: Cells, script: Script, choice: Choice, summary: Survey, unread: tuple[int, int, int, int] | None = None
) -> DateColumn | None:
    """The column as it is written and as its order was chosen, given what is seen of its cells so; None where too few can be read.
    `unread`: of those that are no moment, how many are blank, placeholders, dates of zeros, and unreadable, where that is known."""
    expression = understood = moment = script.moment(choice.orders)
    sentinels = 0
    if not summary.safe:
        expression, understood = date_sql.kept(moment, _sentinel_days(cells, moment)), date_sql.understood(moment)
        summary, sentinels = _guarded(cells, expression, understood)
    blank, empty, zeros, unreadable = (0, 0, 0, 0)
    if summary.parsed + sentinels < summary.cells:
        blank, empty, zeros, unreadable = unread or _unread(cells, understood)
    filled = summary.cells - blank
    readable = summary.parsed + sentinels + zeros
    if summary.first is None or summary.last is None or readable < READABLE_SHARE * (filled - empty):
        return None
    return DateColumn(
        table=cells.table,
        column=cells.column,
        format=_format(script, choice.order),
        order=choice.order,
        expression=expression,
        unreadable=_unreadable(cells.name, understood, zeros > 0) if unreadable else Query("false"),
        filled=filled,
        parsed=summary.parsed,
        placeholders=empty,
        sentinels=sentinels + zeros,
        ambiguous=choice.ambiguous,
        decided_by=choice.decided_by,
        examples=choice.examples,
        first=summary.first,
        last=summary.last,
        month_only=all(layout.kind == "month" for layout in script.layouts),
        zone=date_offsets.zone(script, choice.orders),
    )


def _guarded(cells: Cells, expression: Query, understood: Query) -> tuple[Survey, int]:
    """What is seen of the cells without sentinels, and how many of those there are."""
    *summary, sentinels = cells.counted(
        "count(*) AS cells, count(cells.kept) AS parsed, true AS safe, min(cells.kept) AS first_moment,"
        " max(cells.kept) AS last_moment, count(cells.understood) - count(cells.kept) AS sentinels",
        {"kept": expression, "understood": understood},
    )
    return Survey(*summary), sentinels


def _sentinel_days(cells: Cells, moment: Query) -> Iterable[str]:
    """The sentinels of this column: 1970-01-01 is a day like others where others stand around it."""
    on_it = date_sql.in_days("cells.moment", [EPOCH_START])
    around = "cells.moment >= TIMESTAMP '1969-01-01' AND cells.moment < TIMESTAMP '1971-01-01'"
    alone, together = cells.counted(
        f"count(*) FILTER (WHERE {on_it.text}) AS alone, count(*) FILTER (WHERE {around}) AS together",
        {"moment": moment},
        on_it.values,
    )
    lonely = together - alone < alone
    return [day for day in date_sql.SENTINELS if lonely or day != EPOCH_START]


def _unread(cells: Cells, understood: Query) -> tuple[int, int, int, int]:
    """Of the cells that are no moment: blank, placeholders, dates of zeros, and unreadable."""
    filled, text = placeholders.filled("cells.cell"), placeholders.cleaned("cells.cell", typed=True)
    zero = date_sql.zero_date("cells.text")
    inner = cells.select(f"{cells.name} AS cell", where=Query(f"{understood.text} IS NULL", understood.values))
    row = cells.engine.row(
        Query(
            "SELECT count(*) FILTER (WHERE NOT cells.filled) AS blank,"
            " count(*) FILTER (WHERE cells.filled AND cells.text IS NULL) AS placeholders,"
            f" count(*) FILTER (WHERE {zero.text}) AS zeros,"
            " count(cells.text) AS others"
            f" FROM (SELECT {filled.text} AS filled, {text.text} AS text FROM (\n{inner.text}\n) AS cells) AS cells",
            (*zero.values, *filled.values, *text.values, *inner.values),
        )
    )
    blank, empty, zeros, others = (int(value) for value in row)
    return blank, empty, zeros, others - zeros


def _unreadable(column_sql: str, understood: Query, zeros: bool) -> Query:
    text = placeholders.cleaned(column_sql, typed=True)
    condition = Query(f"{understood.text} IS NULL AND {text.text} IS NOT NULL", (*understood.values, *text.values))
    if zeros:
        zero = date_sql.zero_date(column_sql)
        condition = Query(f"{condition.text} AND NOT {zero.text}", (*condition.values, *zero.values))
    return Query(f"({condition.text})", condition.values)


def _format(script: Script, order: str | None) -> str:
    """The layouts in words for people, most frequent first; DD and D are one where both occur."""
    alike: dict[str, list[str]] = {}
    for layout in script.layouts:
        name = layout.name(order)
        key = name.replace("DD", "D").replace("MM", "M").replace("hh", "h").replace("Month", "Mon")
        alike.setdefault(key, []).append(name)
    merged = []
    for names in list(alike.values())[:SHOWN_FORMATS]:
        name = next((one for one in names if "Month" in one), names[0])
        for padded in ("DD", "MM", "hh"):
            if any(padded not in one for one in names):
                name = name.replace(padded, padded[0])
        merged.append(name)
    calendars = script.calendars or (("Buddhist",) if script.buddhist else ())
    text = " | ".join(merged)
    return f"{text} ({', '.join(calendars)})" if calendars else text
