"""How a column of dates is written: found in a sample, then in whatever the layouts found so far cannot read."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from funnel.mapping import date_sql, placeholders
from funnel.mapping.cells import HOPELESS_SHARE, Cells, Pattern, patterns, sampled
from funnel.mapping.date_layouts import FOREIGN_DIGITS, ORDERS, WIDE_BLANKS, Layout, layout, year
from funnel.mapping.date_sql import Script
from funnel.sql import Query

ROUNDS = 4
BARE_NUMBERS = ("2000-01-01", "2100-01-01")

_TIME_HEADER = re.compile(
    r"date|time|(?:^|[\W_])(?:at|on|ts|created|closed|modified|updated|when|fecha|data|datum|dt)(?:$|[\W_])"
    r"|stamp|zeit|дата|время|تاریخ|تاريخ|วันที่|เวลา",
    re.IGNORECASE,
)
_OTHER_HEADER = re.compile(
    r"(?:^|[\W_])(?i:ids?|phone|tel|mobile|fax|number|no|nr|num|code|zip|inn|amount|value|price|revenue|budget|sum)(?:$|[\W_])"
    r"|[a-z]I[dD]$|(?i:телефон|номер|код|инн|сумма|бюджет)",
)
_EPOCHS = {10: Layout("epoch s", shown="epoch s"), 13: Layout("epoch ms", shown="epoch ms")}


@dataclass(frozen=True)
class Survey:
    """What a reading makes of the cells.

    Where it is not `safe`, some moment may be a sentinel or absurd, and `first` and `last` are None.
    """

    cells: int
    parsed: int
    safe: bool
    first: datetime | None
    last: datetime | None


def survey(cells: Cells, moment: Query) -> Survey:
    """One pass over the column."""
    earliest, latest = "min(cells.moment)", "max(cells.moment)"
    safe = f"coalesce({earliest} >= CAST(? AS TIMESTAMP) AND {latest} < CAST(? AS TIMESTAMP), true)"
    return Survey(
        *cells.counted(
            f"count(*) AS cells, count(cells.moment) AS parsed, {safe} AS safe,"
            f" CASE WHEN safe THEN {earliest} END AS first_moment, CASE WHEN safe THEN {latest} END AS last_moment",
            {"moment": moment},
            date_sql.SAFE,
        )
    )


def script(cells: Cells, *, serial: bool) -> tuple[Script, Survey] | None:
    """How the cells are written, with what that reads in any order of day and month; None where hardly any is a date.

    With `serial`, bare numbers are days of a spreadsheet.
    """
    sample = sampled(cells)
    layouts, bare = _layouts(sample, cells.column)
    if serial:
        layouts = layouts | {Layout("serial", shown="Excel serial"): sum(one.cells for one in sample)}
    if not layouts or sum(layouts.values()) < HOPELESS_SHARE * sum(one.cells for one in sample):
        return None
    if any(one.castable for one in layouts):
        # The cast drops AM and PM without a word, so a rare one outside the sample must be known before.
        text = f"lower(right({cells.name}, 1))"
        halves = patterns(cells, Query(f"{text} = ?", ("m",)))
        layouts = _layouts(halves, cells.column, among=layouts)[0] | layouts
    found = _written(Script(cells.name, ()), sample, layouts)
    seen = survey(cells, found.moment(ORDERS))
    for _ in range(ROUNDS):
        if not seen.safe and not found.calendars:
            # Cells that differ only in their digits show two of them; the others are asked here.
            found = replace(found, calendars=_calendars(cells, found.moment(ORDERS)))
        if seen.safe and seen.parsed == seen.cells:
            break
        unread = date_sql.understood(found.moment(ORDERS))
        missed = patterns(cells, Query(f"{unread.text} IS NULL", unread.values))
        more, _ = _layouts(missed, cells.column, among=layouts)
        layouts = more | layouts
        wider = _written(found, missed, layouts)
        if wider == found:
            break
        found = wider
        seen = survey(cells, found.moment(ORDERS))
    if bare and not _TIME_HEADER.search(cells.column) and not _all_recent(cells, found):
        return None
    return found, seen


def _layouts(
    some: list[Pattern], header: str, *, among: dict[Layout, int] | None = None
) -> tuple[dict[Layout, int], bool]:
    """The layouts of these patterns with their cells, and whether they are digits alone (a header makes that sure)."""
    epochs = {_epoch(one.first) for one in some}
    if among is None and len(epochs) == 1 and None not in epochs:
        counts = {found: sum(one.cells for one in some) for found in epochs if found is not None}
    else:
        counts = {}
        for one in some:
            if found := layout(one.first.strip(placeholders.BLANKS)):
                counts[found] = counts.get(found, 0) + one.cells
    bare = all(found.kind in ("compact", "epoch s", "epoch ms") for found in (*counts, *(among or ())))
    if bare and _OTHER_HEADER.search(header) and not _TIME_HEADER.search(header):
        return {}, True
    return counts, bare


def _epoch(text: str) -> Layout | None:
    text = text.strip(placeholders.BLANKS)
    digits = re.fullmatch(r"([0-9]{10}|[0-9]{13})(?:\.[0-9]+)?", text)
    return _EPOCHS[len(digits[1])] if digits else None


def _written(script: Script, some: list[Pattern], layouts: dict[Layout, int]) -> Script:
    dates = [one for one in some if layout(one.first.strip(placeholders.BLANKS)) or _epoch(one.first)]
    foreign = frozenset(FOREIGN_DIGITS + WIDE_BLANKS)
    return replace(
        script,
        layouts=tuple(sorted(layouts, key=lambda one: (-layouts[one], one.shown, one.shown_time))),
        blanks=script.blanks or any(one.first != one.first.strip(placeholders.BLANKS) for one in dates),
        foreign=script.foreign or any(foreign.intersection(one.first + one.last) for one in dates),
        calendars=script.calendars or _calendars_shown(dates),
    )


def _calendars_shown(dates: list[Pattern]) -> tuple[str, ...]:
    """The calendars of years that these examples show: 1403/02/31 reads as no date until its calendar is known."""
    years = [year(text.strip(placeholders.BLANKS)) for one in dates for text in (one.first, one.last)]
    return tuple(
        name for name, (low, high) in date_sql.CALENDARS.items() if any(low <= shown <= high for shown in years)
    )


def _calendars(cells: Cells, moment: Query) -> tuple[str, ...]:
    spans = [f"{year:04}-01-01" for low, high in date_sql.CALENDARS.values() for year in (low, high + 1)]
    within = "count(*) FILTER (WHERE cells.moment >= CAST(? AS TIMESTAMP) AND cells.moment < CAST(? AS TIMESTAMP))"
    outputs = ", ".join(f"{within} AS {name.lower()}" for name in date_sql.CALENDARS)
    counts = cells.counted(outputs, {"moment": moment}, spans)
    return tuple(name for name, count in zip(date_sql.CALENDARS, counts, strict=True) if count)


def _all_recent(cells: Cells, script: Script) -> bool:
    text = placeholders.cleaned(cells.name, typed=True)
    within = "cells.moment >= CAST(? AS TIMESTAMP) AND cells.moment < CAST(? AS TIMESTAMP)"
    real, recent = cells.counted(
        f"count(cells.real) AS real, count(*) FILTER (WHERE {within}) AS recent",
        {"moment": script.moment(ORDERS), "real": text},
        BARE_NUMBERS,
    )
    return bool(real == recent)
