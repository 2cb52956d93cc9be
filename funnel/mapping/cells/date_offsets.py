"""How far the clock of a date is from UTC: SQL that takes the zone out of a text, and what such a zone says."""

from __future__ import annotations

import re
from collections.abc import Iterable

from funnel.core.sql import Query
from funnel.mapping.cells import date_parts
from funnel.mapping.cells.date_layouts import Layout
from funnel.mapping.cells.date_sql import Script, epoch_like

# The hours of a name that nothing else is called by.
ZONES = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "MET": 1, "MEZ": 1, "CEST": 2, "MEST": 2, "MESZ": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "JST": 9, "KST": 9, "HKT": 8, "AWST": 8, "ACST": 9.5, "ACDT": 10.5, "AEST": 10,
    "AEDT": 11, "NZST": 12, "NZDT": 13, "NDT": -2.5, "ADT": -3, "EDT": -4, "EST": -5, "CDT": -5, "MDT": -6, "PDT": -7,
    "PST": -8, "AKDT": -8, "AKST": -9, "HST": -10, "IDT": 3,
}  # fmt: skip
# A name that several zones share means the one whose other half of the year stands in the same column.
BESIDE = {
    "AST": ("ADT", -4), "BST": ("GMT", 1), "CST": ("CDT", -6), "IST": ("IDT", 2), "MST": ("MDT", -7), "NST": ("NDT", -3.5),
}  # fmt: skip
FARTHEST_MINUTES = 18 * 60
_CASTABLE = r":\d{2}(?:\.\d+)?\s?([Zz]|UTC|GMT|[-+]\d{2}(?::?\d{2})?)$"
_OFFSET = re.compile(r"([-+])(\d{1,2}):?(\d{2})?")
_REMARK = re.compile(r"\s*[(\[].*$")


def zone(script: Script, orders: tuple[str, ...]) -> Query | None:
    """The text of a cell's zone, NULL or empty where it has none; None where no layout of the column has one.

    What counts from 1970 is of UTC.
    """
    text = script.text()
    zoned = [layout for layout in script.layouts if "zone" in layout.roles]
    readings = [
        Query(f"nullif(regexp_extract({text.text}, ?, 1), '')", (*text.values, pattern))
        for pattern in _patterns(script, zoned, orders)
    ]
    of_utc = [
        epoch_like(kind) for kind in sorted({layout.kind for layout in script.layouts}) if kind.startswith("epoch")
    ]
    if any(layout.title.casefold().endswith("z") for layout in script.layouts if layout.kind == "compact"):
        of_utc.append(r"\d{8}.*[Zz]")
    readings += [
        Query(f"CASE WHEN regexp_full_match({text.text}, ?) THEN 'Z' END", (*text.values, pattern))
        for pattern in of_utc
    ]
    if len(readings) < 2:
        return readings[0] if readings else None
    values = tuple(value for reading in readings for value in reading.values)
    return Query(f"coalesce({', '.join(reading.text for reading in readings)})", values)


def minutes_of(zones: Iterable[str]) -> dict[str, int]:
    """Zone → the minutes that it is ahead of UTC, for those of a column that say so: an offset in digits before a name."""
    names = {text: _REMARK.sub("", text).strip().upper() for text in zones}
    hours_of = ZONES | {name: hours for name, (other, hours) in BESIDE.items() if other in names.values()}
    minutes = {}
    for text, name in names.items():
        if "/" in name:
            # A region's clock hangs on the day, and POSIX has the sign of "Etc/GMT+2" the other way round.
            continue
        if offset := _OFFSET.search(name):
            ahead = (int(offset[2]) * 60 + int(offset[3] or 0)) * (-1 if offset[1] == "-" else 1)
            if abs(ahead) <= FARTHEST_MINUTES:
                minutes[text] = ahead
        elif name in hours_of:
            minutes[text] = round(hours_of[name] * 60)
    return minutes


def _patterns(script: Script, zoned: Iterable[Layout], orders: tuple[str, ...]) -> list[str]:
    """Regular expressions whose one group is the zone."""
    patterns: dict[str, None] = {}
    for layout in zoned:
        if layout.castable:
            patterns[_CASTABLE] = None
            continue
        for order in orders:
            patterns[date_parts.zone_pattern(layout.ordered(order), script.words)] = None
    return list(patterns)
