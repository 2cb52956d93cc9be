"""SQL that reads dates out of text, once it is known how they are written. Nothing here looks at a table.

Every expression gives the wall time as written: an offset is dropped, never converted (`date_offsets` reads it beside the time).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from funnel.core.sql import Query, marks
from funnel.mapping.cells import date_parts
from funnel.mapping.cells.date_layouts import EPOCHS, Layout, translation
from funnel.mapping.cells.placeholders import BLANKS

# What no lead file means by a date: the empty value of some system, written out.
SENTINELS = (
    "0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "2050-01-01", "2079-06-06",
    "2099-12-31", "2999-12-31", "3000-01-01", "4712-12-31", "9999-01-01", "9999-12-31",
)  # fmt: skip
ZERO_DATE = r"\s*0+[-/. ]0+[-/. ]0+(?:\D.*)?"
PLAUSIBLE = ("1800-01-01", "2200-01-01")
# Between these no sentinel lies, so nothing needs to be left out.
SAFE = ("1971-01-01", "2050-01-01")


@dataclass(frozen=True)
class Script:
    """How the dates of one column are written: its layouts, most frequent first, and what must be put right first.

    `blanks`: some cells have blanks around the text. `foreign`: characters that stand for others (digits and blanks of
    another script). `calendars`: those of `date_parts.CALENDARS` that some of its years belong to. `words`: the names of
    months, weekdays and the like that its layouts leave open, each with its role. `buddhist`: years of two digits are so.
    """

    column_sql: str
    layouts: tuple[Layout, ...]
    blanks: bool = False
    foreign: frozenset[str] = frozenset()
    calendars: tuple[str, ...] = ()
    words: frozenset[tuple[str, str]] = frozenset()
    buddhist: bool = False

    def text(self) -> Query:
        """The cell's text, put right."""
        text = Query(self.column_sql)
        if self.foreign:
            text = _call("translate", text, *translation(self.foreign))
        return _call("trim", text, BLANKS) if self.blanks else text

    def moment(self, orders: tuple[str, ...]) -> Query:
        """The TIMESTAMP as it is written, NULL where no layout reads it; day and month stand in one of these orders."""
        kinds = {layout.kind for layout in self.layouts}
        by_parts = [layout for layout in self.layouts if layout.parts and (not layout.plain or self.calendars)]
        others = [layout for layout in self.layouts if layout.parts and layout not in by_parts]
        # A cast would take a year of two digits for one of antiquity, and drop AM and PM.
        may_cast = not any(layout.short_year or "meridiem" in layout.roles for layout in self.layouts)
        cast = [layout for layout in others if layout.castable and may_cast]
        formatted = [layout for layout in others if layout not in cast]
        readings = []
        if cast:
            readings.append(_cast(self.text()))
        if formatted:
            readings.append(_formatted(self.text(), formatted, orders, self.words))
        readings += date_parts.moments(self.text(), by_parts, orders, self.words, buddhist=self.buddhist)
        if "compact" in kinds:
            readings.append(_compact(self.text()))
        readings += [_counted(self.text(), kind) for kind in (*EPOCHS, "serial") if kind in kinds]
        if len(readings) == 1:
            return readings[0]
        return Query(f"coalesce({', '.join(one.text for one in readings)})", _values(readings))


def kept(moment: Query, sentinels: Iterable[str]) -> Query:
    """The moment, NULL where its day is one of these sentinels or its year is beyond belief."""
    days = tuple(sentinels)
    believable = "found >= CAST(? AS TIMESTAMP) AND found < CAST(? AS TIMESTAMP)"
    return _only_where(moment, f"{believable} AND CAST(found AS DATE) NOT IN ({_dates(days)})", (*PLAUSIBLE, *days))


def understood(moment: Query) -> Query:
    """The moment, NULL where its year is beyond belief; a sentinel stays."""
    believable = "found >= CAST(? AS TIMESTAMP) AND found < CAST(? AS TIMESTAMP)"
    return _only_where(
        moment, f"{believable} OR CAST(found AS DATE) IN ({_dates(SENTINELS)})", (*PLAUSIBLE, *SENTINELS)
    )


def in_days(moment_sql: str, days: Iterable[str]) -> Query:
    """An SQL condition: whether the moment lies on one of these days."""
    listed = tuple(days)
    return Query(f"CAST({moment_sql} AS DATE) IN ({_dates(listed)})", listed)


def zero_date(column_sql: str) -> Query:
    """An SQL condition: whether the text is a date of nothing but zeros."""
    return Query(f"regexp_full_match({column_sql}, ?)", (ZERO_DATE,))


def _only_where(moment: Query, condition: str, values: tuple[object, ...]) -> Query:
    # A list of one, filtered, so that the moment is written once however long its expression is.
    return Query(f"list_filter([{moment.text}], lambda found: {condition})[1]", (*moment.values, *values))


def _dates(days: tuple[str, ...]) -> str:
    return ", ".join("CAST(? AS DATE)" for _ in days)


def _call(function: str, argument: Query, *others: object) -> Query:
    return Query(f"{function}({argument.text}, {marks(others)})", (*argument.values, *others))


def _values(queries: Iterable[Query]) -> tuple[object, ...]:
    return tuple(value for query in queries for value in query.values)


def _cast(text: Query) -> Query:
    return Query(f"TRY_CAST({text.text} AS TIMESTAMP)", text.values)


def _formatted(text: Query, layouts: list[Layout], orders: tuple[str, ...], words: frozenset[tuple[str, str]]) -> Query:
    if any("zone" in layout.roles for layout in layouts):
        clock = r"(:\d{2}(?:[.,]\d+)?(?:\s?[AaPp][Mm])?)"
        text = _call("regexp_replace", text, rf"{clock}{date_parts.zone(words)}$", r"\1")
    if any(layout.fraction > 6 for layout in layouts):
        text = _call("regexp_replace", text, r"(:\d{2}[.,]\d{6})\d+", r"\1")
    # A year of two digits first: the format of four digits would read "24" as the year 24.
    ordered = sorted(layouts, key=lambda layout: not layout.short_year)
    formats = dict.fromkeys(layout.format(order) for order in orders for layout in ordered)
    if len(orders) > 1:
        formats = dict.fromkeys(sorted(formats, key=lambda form: "%y" not in form))
    return _call("try_strptime", text, list(formats))


def _compact(text: Query) -> Query:
    text = _call("regexp_replace", text, r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3")
    clock = r"^(\d{4})(\d{2})(\d{2})[Tt_ ]?(\d{2})(\d{2})"
    text = _call("regexp_replace", text, rf"{clock}[Zz]?$", r"\1-\2-\3 \4:\5")
    return _cast(_call("regexp_replace", text, rf"{clock}(\d{{2}})[Zz]?$", r"\1-\2-\3 \4:\5:\6"))


def epoch_like(kind: str) -> str:
    """The regular expression of a number that counts from 1970 in this kind of unit."""
    return rf"\d{{{EPOCHS[kind]}}}(\.\d+)?"


def _counted(text: Query, kind: str) -> Query:
    if kind == "serial":
        text = _call("replace", text, ",", ".")
        milliseconds = f"CAST(round(TRY_CAST({text.text} AS DOUBLE) * 86400000) AS BIGINT)"
        within = f"TRY_CAST({text.text} AS DOUBLE) BETWEEN 1 AND 2958465"
        moment = f"CASE WHEN {within} THEN TIMESTAMP '1899-12-30' + to_milliseconds({milliseconds}) END"
        return Query(moment, (*text.values, *text.values))
    # How many millionths of a second the unit is. Of billionths, which no clock of a CRM counts, the first sixteen digits are those.
    unit = 10 ** max(16 - EPOCHS[kind], 0)
    number = f"left({text.text}, 16)" if kind == "epoch ns" else text.text
    moment = f"make_timestamp(CAST(TRY_CAST({number} AS DECIMAL(28, 6)) * {unit} AS BIGINT))"
    whole = f"regexp_full_match({text.text}, ?)"
    return Query(f"CASE WHEN {whole} THEN {moment} END", (*text.values, epoch_like(kind), *text.values))
