"""Whether the day or the month stands first: decided once for a column, from all of its cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from funnel.core.sql import Query
from funnel.mapping.cells import date_words
from funnel.mapping.cells.cells import Cells
from funnel.mapping.cells.date_layouts import FOREIGN_DIGITS, ORDERS, Layout
from funnel.mapping.cells.date_sql import Script
from funnel.mapping.cells.placeholders import BLANKS

EXAMPLES = 2
# With two-digit years, 24-01-31 also reads as a day of 2031: the year leads where that order reads clearly more cells,
# or the same cells within a clearly shorter and recent span. (Days that are all the first of a month look like 2001.)
CLEARLY_MORE = 1.1
CLEARLY_SHORTER = 3
RECENT_YEAR = 2010


@dataclass(frozen=True)
class Choice:
    """An order of day and month, what it was taken from, and two examples where the cells leave it open."""

    order: str | None
    decided_by: str
    ambiguous: bool = False
    examples: tuple[tuple[str, date, date], ...] = ()

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders in which the cells are read: this one, or any where the text leaves no question."""
        return (self.order,) if self.order else ORDERS


@dataclass(frozen=True)
class Counts:
    """How many cells read so in each order, and the days from the earliest to the latest of them."""

    day_only: int
    month_only: int
    differ: int
    day_future: int
    month_future: int
    day_first: int
    month_first: int
    year_first: int
    day_span: float
    month_span: float
    year_span: float
    earliest_year: int

    @staticmethod
    def of(row: Iterable[Any]) -> Counts:
        """From the row that `counted` gives."""
        return Counts(*(value or 0 for value in row))


def choose(
    cells: Cells, script: Script, order: str | None, as_of: datetime | None, counts: Counts | None = None
) -> Choice:
    """The order of the column. `order` overrules the cells where it can; `as_of` weighs where they leave it open. `counts` are those of
    the cells, where they are known already."""
    numeric = [layout for layout in script.layouts if layout.kind == "numeric"]
    if not numeric:
        year_first = all(layout.kind in ("ymd", "compact") for layout in script.layouts)
        return Choice("ymd" if year_first else None, "layout")
    year_may_lead = all(layout.short_year for layout in numeric)
    if order is not None and (order != "ymd" or year_may_lead):
        return Choice(order, "caller")
    if counts is None:
        moments = {one: script.moment((one,)) for one in ORDERS}
        counts = Counts.of(cells.counted(counted([f"cells.{one}" for one in ORDERS]), moments, (as_of, as_of)))
    if year_may_lead and _year_leads(counts):
        return Choice("ymd", "cells")
    if counts.day_only and counts.month_only:
        if counts.day_only == counts.month_only:
            return Choice(_by_habit(script, numeric)[0], "contradiction")
        return Choice("dmy" if counts.day_only > counts.month_only else "mdy", "contradiction")
    if counts.day_only or counts.month_only:
        return Choice("dmy" if counts.day_only else "mdy", "cells")
    habit, taken_from = _by_habit(script, numeric)
    if not counts.differ:
        return Choice(habit, "cells")
    examples = _examples(cells, script)
    if (counts.day_future == 0) != (counts.month_future == 0):
        return Choice("mdy" if counts.day_future else "dmy", "future", True, examples)
    return Choice(habit, taken_from, True, examples)


def counted(moments: Sequence[str], prefix: str = "") -> str:
    """The aggregates of `Counts` over the moments in each of ORDERS, each named with the prefix; the two values that they need are both
    the moment after which nothing is expected."""
    dmy, mdy, ymd = moments
    # The engine reads "infinity" as a moment, and has no span up to it.
    days = "epoch(max({0}) FILTER (isfinite({0})) - min({0}) FILTER (isfinite({0}))) / 86400"
    outputs = {
        "day_only": f"count(*) FILTER (WHERE {dmy} IS NOT NULL AND {mdy} IS NULL)",
        "month_only": f"count(*) FILTER (WHERE {mdy} IS NOT NULL AND {dmy} IS NULL)",
        "differ": f"count(*) FILTER (WHERE {dmy} <> {mdy})",
        "day_future": f"count(*) FILTER (WHERE {dmy} > CAST(? AS TIMESTAMP))",
        "month_future": f"count(*) FILTER (WHERE {mdy} > CAST(? AS TIMESTAMP))",
        "day_first": f"count({dmy})",
        "month_first": f"count({mdy})",
        "year_first": f"count({ymd})",
        "day_span": days.format(dmy),
        "month_span": days.format(mdy),
        "year_span": days.format(ymd),
        "earliest_year": f"year(min({ymd}))",
    }
    return ", ".join(f"{aggregate} AS {prefix}{name}" for name, aggregate in outputs.items())


def _year_leads(counts: Counts) -> bool:
    others = {counts.day_first: counts.day_span, counts.month_first: counts.month_span}
    most = max(others)
    if counts.year_first > CLEARLY_MORE * most:
        return True
    shorter = 0 < CLEARLY_SHORTER * counts.year_span < others[most]
    return counts.year_first >= most and counts.earliest_year >= RECENT_YEAR and shorter


def _by_habit(script: Script, numeric: list[Layout]) -> tuple[str, str]:
    """What most people mean, and what says so: their language, else what stands between the numbers.

    1.2.2024 and 1-2-2024 are in February, 1/2/2024 in January; but hardly anybody who does not write English has the month
    first.
    """
    if script.calendars or _is_not_english(script, numeric):
        return "dmy", "language"
    most_frequent, _ = Counter(layout.separator for layout in numeric).most_common(1)[0]
    return "mdy" if most_frequent == "/" else "dmy", "separator"


def _is_not_english(script: Script, numeric: list[Layout]) -> bool:
    """Whether the cells have digits of another script, or words that English has not."""
    literals = {part.text for layout in numeric for part in layout.parts if part.role in ("literal", "silent")}
    words = {word for role, word in script.words if role in ("weekday", "meridiem")}
    return bool(script.foreign & frozenset(FOREIGN_DIGITS)) or any(
        not date_words.is_english(text) for text in literals | words if text.strip(".")[:1].isalpha()
    )


def _examples(cells: Cells, script: Script) -> tuple[tuple[str, date, date], ...]:
    day_first, month_first = script.moment(("dmy",)), script.moment(("mdy",))
    both = cells.select(
        f"trim({cells.name}, ?) AS cell, {day_first.text} AS dmy, {month_first.text} AS mdy",
        (BLANKS, *day_first.values, *month_first.values),
    )
    rows = cells.engine.rows(
        Query(
            "SELECT cells.cell AS cell, any_value(cells.dmy) AS dmy, any_value(cells.mdy) AS mdy"
            f" FROM (\n{both.text}\n) AS cells WHERE cells.dmy <> cells.mdy"
            f" GROUP BY cells.cell ORDER BY cells.cell LIMIT {EXAMPLES}",
            both.values,
        )
    )
    return tuple((cell, day.date(), month.date()) for cell, day, month in rows)
