"""SQL that reads, beside a date, how far its clock is from UTC. Nothing here looks at a table."""

from __future__ import annotations

from collections.abc import Iterable

from funnel.mapping import date_parts
from funnel.mapping.date_layouts import Layout
from funnel.mapping.date_sql import Script, epoch_like
from funnel.sql import Query

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
_CASTABLE = r":\d{2}(?:\.\d+)?\s?([Zz]|UTC|GMT|[-+]\d{2}(?::?\d{2})?)$"
FARTHEST_MINUTES = 18 * 60


def offset(script: Script, orders: tuple[str, ...]) -> Query | None:
    """The minutes that a cell's clock is ahead of UTC, NULL where it does not say; None where no layout of the column does."""
    zoned = [layout for layout in script.layouts if "zone" in layout.roles]
    readings = [_minutes(_found(script, pattern), script) for pattern in _patterns(script, zoned, orders)]
    kinds = {layout.kind for layout in script.layouts}
    if any(layout.title.casefold().endswith("z") for layout in script.layouts if layout.kind == "compact"):
        readings.append(_zero(script, r"\d{8}.*[Zz]"))
    readings += [_zero(script, epoch_like(kind)) for kind in sorted(kinds) if kind.startswith("epoch")]
    if not readings:
        return None
    values = tuple(value for reading in readings for value in reading.values)
    return Query(f"coalesce({', '.join(reading.text for reading in readings)}, NULL)", values)


def _patterns(script: Script, zoned: Iterable[Layout], orders: tuple[str, ...]) -> list[str]:
    """Regular expressions whose one group is the zone."""
    found: dict[str, None] = {}
    for layout in zoned:
        if layout.castable:
            found[_CASTABLE] = None
            continue
        for order in orders:
            found[date_parts.zone_pattern(layout.ordered(order), script.words)] = None
    return list(found)


def _found(script: Script, pattern: str) -> Query:
    text = script.text()
    return Query(f"regexp_extract({text.text}, ?, 1)", (*text.values, pattern))


def _minutes(zone: Query, script: Script) -> Query:
    """The minutes that a zone's text says: an offset in digits before a name; NULL for a name that is not known."""
    names = {name.upper() for role, name in script.words if role == "zone"} | {"Z", "UTC", "GMT"}
    known = {name: hours for name, hours in ZONES.items() if name in names}
    known |= {name: hours for name, (other, hours) in BESIDE.items() if name in names and other in names}
    digits = "regexp_extract(zone, '([-+])([0-9]{1,2}):?([0-9]{2})?', ['sign', 'hours', 'minutes'])"
    # POSIX has the sign of "Etc/GMT+2" the other way round, and a region's clock hangs on the day.
    numeric = (
        f"list_transform([{digits}], lambda part: CASE WHEN part.hours <> '' AND NOT contains(split_part(zone, '[', 1), '/')"
        " THEN CASE part.sign WHEN '-' THEN -1 ELSE 1 END"
        " * (CAST(part.hours AS INTEGER) * 60 + coalesce(TRY_CAST(part.minutes AS INTEGER), 0)) END)[1]"
    )
    named = (
        "map(CAST(? AS VARCHAR[]), CAST(? AS INTEGER[]))[upper(regexp_replace(trim(zone), '\\s*[(\\[].*$', ''))]"
        if known
        else "NULL"
    )
    minutes = f"coalesce({numeric}, {named})"
    within = f"list_filter([{minutes}], lambda found: abs(found) <= {FARTHEST_MINUTES})[1]"
    values = (list(known), [round(hours * 60) for hours in known.values()]) if known else ()
    return Query(f"list_transform([{zone.text}], lambda zone: {within})[1]", (*zone.values, *values))


def _zero(script: Script, pattern: str) -> Query:
    text = script.text()
    return Query(f"CASE WHEN regexp_full_match({text.text}, ?) THEN 0 END", (*text.values, pattern))
