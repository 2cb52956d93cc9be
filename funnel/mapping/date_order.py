"""Whether the day or the month stands first: decided once for a column, from all of its cells."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from funnel.mapping import date_words
from funnel.mapping.cells import Cells
from funnel.mapping.date_layouts import FOREIGN_DIGITS, ORDERS, Layout
from funnel.mapping.date_sql import Script
from funnel.mapping.placeholders import BLANKS
from funnel.sql import Query

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


@dataclass(frozen=True)
class _Counts:
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


def choose(cells: Cells, script: Script, order: str | None, as_of: datetime | None) -> Choice:
    """The order of the column. `order` overrules the cells where it can; `as_of` weighs where they leave it open."""
    numeric = [one for one in script.layouts if one.kind == "numeric"]
    if not numeric:
        year_first = all(one.kind in ("ymd", "compact") for one in script.layouts)
        return Choice("ymd" if year_first else None, "layout")
    year_may_lead = all(one.short_year for one in numeric)
    if order is not None and (order != "ymd" or year_may_lead):
        return Choice(order, "caller")
    counts = _counts(cells, script, as_of)
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


def _counts(cells: Cells, script: Script, as_of: datetime | None) -> _Counts:
    # The engine reads "infinity" as a moment, and has no span up to it.
    days = "epoch(max(cells.{0}) FILTER (isfinite(cells.{0})) - min(cells.{0}) FILTER (isfinite(cells.{0}))) / 86400"
    row = cells.counted(
        "count(*) FILTER (WHERE cells.dmy IS NOT NULL AND cells.mdy IS NULL) AS day_only,"
        " count(*) FILTER (WHERE cells.mdy IS NOT NULL AND cells.dmy IS NULL) AS month_only,"
        " count(*) FILTER (WHERE cells.dmy <> cells.mdy) AS differ,"
        " count(*) FILTER (WHERE cells.dmy > CAST(? AS TIMESTAMP)) AS day_future,"
        " count(*) FILTER (WHERE cells.mdy > CAST(? AS TIMESTAMP)) AS month_future,"
        " count(cells.dmy) AS day_first, count(cells.mdy) AS month_first, count(cells.ymd) AS year_first,"
        + "".join(f" {days.format(order)} AS {order}_span," for order in ORDERS)
        + " year(min(cells.ymd)) AS earliest_year",
        {order: script.moment((order,)) for order in ORDERS},
        (as_of, as_of),
    )
    return _Counts(*(value or 0 for value in row))


def _year_leads(counts: _Counts) -> bool:
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
    most_frequent, _ = Counter(one.separator for one in numeric).most_common(1)[0]
    return "mdy" if most_frequent == "/" else "dmy", "separator"


def _is_not_english(script: Script, numeric: list[Layout]) -> bool:
    """Whether the cells have digits of another script, or words that English has not."""
    literals = {part.text for one in numeric for part in one.parts if part.role in ("literal", "silent")}
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
