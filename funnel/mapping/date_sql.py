"""SQL that reads dates out of text, once it is known how they are written. Nothing here looks at a table.

Every expression gives the wall time as written: an offset is dropped, never converted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from funnel.mapping.date_layouts import FOREIGN_DIGITS, NAME, WESTERN_DIGITS, WIDE_BLANKS, Layout, months
from funnel.mapping.placeholders import BLANKS
from funnel.sql import Query, marks

# What no lead file means by a date: the empty value of some system, written out.
SENTINELS = (
    "0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "2050-01-01", "2079-06-06",
    "2099-12-31", "2999-12-31", "3000-01-01", "4712-12-31", "9999-01-01", "9999-12-31",
)  # fmt: skip
ZERO_DATE = r"\s*0+[-/. ]0+[-/. ]0+(?:\D.*)?"
PLAUSIBLE = ("1800-01-01", "2200-01-01")
# Between these no sentinel lies, so nothing needs to be left out.
SAFE = ("1971-01-01", "2050-01-01")
# First and last year that can only be meant in this calendar.
CALENDARS = {"Jalali": (1300, 1499), "Buddhist": (2500, 2600)}
BUDDHIST_OFFSET = 543
# Two digits: 69 is 1969, 68 is 2068, as strptime has it.
SHORT_YEAR_PIVOT = "69"

_CLOCK = r"(?:(?:[Tt]|,?\s+(?:at\s+)?)(\d{1,2}:.*))?"
_YEAR_FIRST = rf"^(\d{{4}})[-/.\s](\d{{1,2}})[-/.\s](\d{{1,2}}){_CLOCK}$"
_YEAR_LAST = rf"^(\d{{1,2}})[-/.\s](\d{{1,2}})[-/.\s](\d{{4}}|\d{{2}}){_CLOCK}$"
_NAME_SECOND = rf"(?i)^(\d{{1,2}})\.?[-\s/.]*(?:de\s+)?({NAME})\.?,?[-\s/.]*(?:del?\s+)?(\d{{4}}|\d{{2}}){_CLOCK}$"
_NAME_FIRST = rf"^({NAME})\.?[-\s/]\s*(\d{{1,2}}),?[-\s/]\s*(\d{{4}}){_CLOCK}$"
_ZONE = r"(:\d{2}(?:[.,]\d+)?(?:\s?[AaPp][Mm])?)\s*(?:[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})$"
_ISO_MERIDIEM = ["%Y-%m-%d %I:%M %p", "%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M:%S.%f %p"]


@dataclass(frozen=True)
class Script:
    """How the dates of one column are written: its layouts, most frequent first, and what must be put right first.

    `blanks`: some cells have blanks around the text. `foreign`: some have digits or blanks of another script.
    `calendars`: those in CALENDARS that some of its years belong to.
    """

    column_sql: str
    layouts: tuple[Layout, ...]
    blanks: bool = False
    foreign: bool = False
    calendars: tuple[str, ...] = ()

    def text(self) -> Query:
        """The cell's text, put right."""
        text = Query(self.column_sql)
        if self.foreign:
            wide = FOREIGN_DIGITS + WIDE_BLANKS
            text = _call("translate", text, wide, WESTERN_DIGITS + " " * len(WIDE_BLANKS))
        return _call("trim", text, BLANKS) if self.blanks else text

    def moment(self, orders: tuple[str, ...]) -> Query:
        """The TIMESTAMP as it is written, NULL where no layout reads it; day and month stand in one of these orders."""
        kinds = {layout.kind for layout in self.layouts}
        by_parts = [layout for layout in self.layouts if self._by_parts(layout)]
        others = [layout for layout in self.layouts if layout not in by_parts]
        # A cast would take a year of two digits for one of antiquity, and drop AM and PM.
        may_cast = not any(layout.short_year or "%p" in layout.time for layout in self.layouts)
        cast = [layout for layout in others if layout.castable and may_cast]
        formatted = [layout for layout in others if layout.date and layout not in cast]
        readings = []
        if cast:
            readings.append(_cast(self.text()))
        if formatted:
            readings.append(_formatted(self.text(), formatted, orders))
        if by_parts:
            readings += self._parts(by_parts, orders)
        if "compact" in kinds:
            readings.append(_compact(self.text()))
        readings += [_counted(self.text(), kind) for kind in ("epoch s", "epoch ms", "serial") if kind in kinds]
        if len(readings) == 1:
            return readings[0]
        return Query(f"coalesce({', '.join(one.text for one in readings)})", _values(readings))

    def _by_parts(self, layout: Layout) -> bool:
        if layout.kind == "named" and layout.native_name:
            return True
        return bool(self.calendars) and layout.kind in ("ymd", "numeric", "named")

    def _parts(self, layouts: Iterable[Layout], orders: tuple[str, ...]) -> list[Query]:
        kinds = {layout.kind for layout in layouts}
        meridiem = any("%p" in layout.time for layout in layouts)
        wanted: list[tuple[str, tuple[str, ...]]] = []
        if "ymd" in kinds:
            wanted.append((_YEAR_FIRST, ("year", "month", "day")))
        if "numeric" in kinds:
            places = {"d": "day", "m": "month", "y": "year"}
            # Years of another calendar have four digits, and those never lead in this layout.
            possible = dict.fromkeys("dmy" if order == "ymd" else order for order in orders)
            wanted += [(_YEAR_LAST, tuple(places[letter] for letter in order)) for order in possible]
        if "named" in kinds:
            wanted += [(_NAME_SECOND, ("day", "month", "year")), (_NAME_FIRST, ("month", "day", "year"))]
        return [_by_calendar(self.text(), pattern, names, meridiem) for pattern, names in wanted]


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


def _formatted(text: Query, layouts: list[Layout], orders: tuple[str, ...]) -> Query:
    if any(layout.zone for layout in layouts):
        text = _call("regexp_replace", text, _ZONE, r"\1")
    if any(layout.comma for layout in layouts):
        text = _call("regexp_replace", text, r"(:\d{2}),(\d+)", r"\1.\2")
    if any(layout.fraction > 6 for layout in layouts):
        text = _call("regexp_replace", text, r"(:\d{2}\.\d{6})\d+", r"\1")
    # A year of two digits first: the format of four digits would read "24" as the year 24.
    ordered = sorted(layouts, key=lambda layout: not layout.short_year)
    formats = dict.fromkeys(layout.format(order) for order in orders for layout in ordered)
    if len(orders) > 1:
        formats = dict.fromkeys(sorted(formats, key=lambda form: "%y" not in form))
    return _call("try_strptime", text, list(formats))


def _compact(text: Query) -> Query:
    text = _call("regexp_replace", text, r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3")
    clock = r"^(\d{4})(\d{2})(\d{2})[Tt_ ]?(\d{2})(\d{2})(\d{2})[Zz]?$"
    return _cast(_call("regexp_replace", text, clock, r"\1-\2-\3 \4:\5:\6"))


def _counted(text: Query, kind: str) -> Query:
    if kind == "serial":
        milliseconds = f"CAST(round(TRY_CAST({text.text} AS DOUBLE) * 86400000) AS BIGINT)"
        within = f"TRY_CAST({text.text} AS DOUBLE) BETWEEN 1 AND 2958465"
        moment = f"CASE WHEN {within} THEN TIMESTAMP '1899-12-30' + to_milliseconds({milliseconds}) END"
        return Query(moment, (*text.values, *text.values))
    digits, unit = (10, 1_000_000) if kind == "epoch s" else (13, 1_000)
    moment = f"make_timestamp(CAST(TRY_CAST({text.text} AS DECIMAL(28, 6)) * {unit} AS BIGINT))"
    whole = f"regexp_full_match({text.text}, ?)"
    return Query(f"CASE WHEN {whole} THEN {moment} END", (*text.values, rf"\d{{{digits}}}(\.\d+)?", *text.values))


def _by_calendar(text: Query, pattern: str, names: tuple[str, ...], meridiem: bool) -> Query:
    """Year, month and day taken apart, brought into the Gregorian calendar, and read with the time that follows."""
    extracted = f"regexp_extract({text.text}, ?, [{marks(names)}, 'clock'])"
    month, month_values = "part.month", tuple[object, ...]()
    if pattern in (_NAME_SECOND, _NAME_FIRST):
        known = months()
        month = "map(?, ?)[rtrim(lower(part.month), '.')]"
        month_values = (list(known), list(known.values()))
    year = "TRY_CAST(part.year AS INTEGER)"
    century = "CASE WHEN length(part.year) > 2 THEN 0 WHEN part.year < ? THEN 2000 ELSE 1900 END"
    numbers = (
        f"struct_pack(year := {year} + {century}, month := TRY_CAST({month} AS INTEGER),"
        " day := TRY_CAST(part.day AS INTEGER), clock := part.clock)"
    )
    iso = f"({_GREGORIAN}) || CASE WHEN day.clock = '' THEN '' ELSE ' ' || day.clock END"
    moment = f"TRY_CAST({iso} AS TIMESTAMP)"
    values: tuple[object, ...] = ()
    if meridiem:
        moment = f"coalesce(try_strptime({iso}, ?), {moment})"
        values = (_ISO_MERIDIEM,)
    return Query(
        f"list_transform(list_transform([{extracted}], lambda part: {numbers}), lambda day: {moment})[1]",
        (*text.values, pattern, *names, SHORT_YEAR_PIVOT, *month_values, *values),
    )


_JALALI_YEARS, _BUDDHIST_YEARS = CALENDARS["Jalali"], CALENDARS["Buddhist"]
# Persian leap years follow a cycle of 33 years (right for 1178 to 1633); their day 492,268 is 1970-01-01.
_JALALI_DAY = (
    "DATE '1970-01-01' + CAST(365 * (day.year - 1) + (8 * day.year + 21) // 33"
    " + 30 * (day.month - 1) + least(day.month - 1, 6) + day.day - 1 - 492268 AS INTEGER)"
)
_JALALI_LENGTH = (
    "CASE WHEN day.month <= 6 THEN 31 WHEN day.month < 12 OR (8 * day.year + 29) % 33 < 8 THEN 30 ELSE 29 END"
)
_GREGORIAN = (
    f"CASE WHEN day.year BETWEEN {_JALALI_YEARS[0]} AND {_JALALI_YEARS[1]} THEN"
    f" CASE WHEN day.month BETWEEN 1 AND 12 AND day.day BETWEEN 1 AND {_JALALI_LENGTH}"
    f" THEN CAST({_JALALI_DAY} AS VARCHAR) END"
    f" WHEN day.year BETWEEN {_BUDDHIST_YEARS[0]} AND {_BUDDHIST_YEARS[1]}"
    f" THEN (day.year - {BUDDHIST_OFFSET}) || '-' || day.month || '-' || day.day"
    " ELSE day.year || '-' || day.month || '-' || day.day END"
)
