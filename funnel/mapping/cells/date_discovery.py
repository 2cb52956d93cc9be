"""How a column of dates is written: found in a sample, then in whatever the layouts found so far cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from funnel.core.sql import Query
from funnel.mapping.cells import date_grammar, date_parts, date_sql, date_words, placeholders
from funnel.mapping.cells.cells import HOPELESS_SHARE, Cells, Pattern, patterns, sampled
from funnel.mapping.cells.date_layouts import ORDERS, Layout, foreign
from funnel.mapping.cells.date_look import is_timed
from funnel.mapping.cells.date_sql import Script

MOST_SKELETONS = 3
ROUNDS = 4
BARE_NUMBERS = ("2000-01-01", "2100-01-01")


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
    return Survey(*cells.counted(surveyed("count(*)", "cells.moment"), {"moment": moment}, date_sql.SAFE))


def surveyed(cells: str, moment: str, prefix: str = "") -> str:
    """The aggregates of `Survey` over these moments, each named with the prefix; `cells` counts all cells. The two values that they need
    are `date_sql.SAFE`."""
    earliest, latest, safe = f"min({moment})", f"max({moment})", f"{prefix}safe"
    is_safe = f"coalesce({earliest} >= CAST(? AS TIMESTAMP) AND {latest} < CAST(? AS TIMESTAMP), true)"
    return (
        f"{cells} AS {prefix}cells, count({moment}) AS {prefix}parsed, {is_safe} AS {safe},"
        f" CASE WHEN {safe} THEN {earliest} END AS {prefix}first_moment,"
        f" CASE WHEN {safe} THEN {latest} END AS {prefix}last_moment"
    )


def script(cells: Cells, *, serial: bool) -> tuple[Script, Survey] | None:
    """How the cells are written, with what that reads in any order of day and month; None where hardly any is a date.

    With `serial`, bare numbers are days of a spreadsheet; without, only where the header and all of them agree.
    """
    sample = sampled(cells)
    serials = not serial and _are_serials(cells, sample)
    layouts = _layouts(sample, cells.column, serials)
    if serial:
        layouts = layouts | {date_grammar.SERIAL_DAY: sum(pattern.cells for pattern in sample)}
    if not layouts or sum(layouts.values()) < HOPELESS_SHARE * sum(pattern.cells for pattern in sample):
        return None
    if any(layout.castable for layout in layouts):
        # The cast drops AM, PM and an offset without a word, so a rare one outside the sample must be known before.
        halves = patterns(cells, dropped(cells, layouts, sample))
        layouts = _layouts(halves, cells.column, serials, layouts) | layouts
        sample = [*sample, *halves]
    written = _written(Script(cells.name, ()), sample, layouts)
    summary = survey(cells, written.moment(ORDERS))
    for _ in range(ROUNDS):
        if not summary.safe and not written.calendars:
            # Cells that differ only in their digits show two of them; the others are asked here.
            written = replace(written, calendars=_calendars(cells, written.moment(ORDERS)))
        if summary.safe and summary.parsed == summary.cells:
            break
        unread = date_sql.understood(written.moment(ORDERS))
        missed = patterns(cells, Query(f"{unread.text} IS NULL", unread.values))
        layouts = _layouts(missed, cells.column, serials, layouts) | layouts
        wider = _written(written, missed, layouts)
        if wider == written:
            break
        written = wider
        summary = survey(cells, written.moment(ORDERS))
    bare = not serial and all(layout.bare for layout in layouts)
    if bare and not date_words.says_time(cells.column) and not _all_recent(cells, written):
        return None
    dated = _with_short_years(cells, written)
    return (dated, summary if dated == written else survey(cells, dated.moment(ORDERS))) if dated.layouts else None


def dropped(cells: Cells, layouts: Iterable[Layout], sample: list[Pattern]) -> Query:
    """A condition: whether a cell is written otherwise than most of the sample, and may end in what the cast drops."""
    endings = "".join(date_words.half_day_endings())
    last = f"{cells.name}[-1]"
    # Of a list of so many letters the engine would make a table to join.
    half = f"{last} > '9' AND contains(?, {last})"
    if any("zone" in layout.roles for layout in layouts):
        return Query(f"({half})", (endings,))
    usual = [skeleton for skeleton in _skeletons(sample) if skeleton.endswith("_")]
    # Nearly all cells are written as most are, and are passed over by the first look.
    passed = "".join(f" WHEN {cells.name} LIKE ? THEN false" for _ in usual)
    offset = f"strlen({cells.name}) > 12 AND regexp_matches(right({cells.name}, 6), '[-+Zz]|UTC|GMT')"
    return Query(f"CASE{passed} WHEN {half} THEN true ELSE {offset} END", (*usual, endings))


def _skeletons(sample: list[Pattern]) -> tuple[str, ...]:
    """The commonest ways of writing of a sample, for LIKE: what is written so was seen already. A look at an offset costs four of these."""
    texts = (pattern.first for pattern in sample if pattern.first.isascii())
    skeletons = (re.sub(r"\d", "_", text) for text in texts if not re.search(r"[%_\\]", text))
    return tuple(dict.fromkeys(skeletons))[:MOST_SKELETONS]


def _layouts(
    sample: list[Pattern], header: str, serials: bool, among: dict[Layout, int] | None = None
) -> dict[Layout, int]:
    """The layouts of these patterns with their cells; `among` are those found before.

    What may be any number is a date only where the header says so, or where the whole column is so.
    """
    counts: dict[Layout, int] = {}
    for pattern in sample:
        layout = date_grammar.layout(pattern.first) or date_grammar.epoch(pattern.first)
        layout = layout or (date_grammar.serial(pattern.first) if serials else None)
        if layout:
            counts[layout] = counts.get(layout, 0) + pattern.cells
    if not is_timed(header):
        counts = {layout: count for layout, count in counts.items() if layout.kind not in date_grammar.FINE_EPOCHS}
    layouts = {**counts, **(among or {})}
    timed = date_words.says_time(header)
    if date_words.says_other(header) and not timed and all(layout.weak for layout in layouts):
        return {}
    if not timed and not all(layout.bare for layout in layouts):
        return {layout: count for layout, count in counts.items() if layout.kind not in ("epoch s", "epoch ms")}
    return counts


def _are_serials(cells: Cells, sample: list[Pattern]) -> bool:
    """Whether the bare numbers of the column are days of a spreadsheet: its header says a time, and each lies in the span."""
    if not is_timed(cells.column) or not any(date_grammar.serial(pattern.first) for pattern in sample):
        return False
    number = Query(f"TRY_CAST(replace({cells.name}, ',', '.') AS DOUBLE)")
    low, high = date_grammar.SERIAL_DAYS
    (others,) = cells.counted(
        "count(*) FILTER (WHERE cells.number < ? OR cells.number >= ?) AS others", {"number": number}, (low, high)
    )
    return bool(others == 0)


def _written(script: Script, sample: list[Pattern], layouts: dict[Layout, int]) -> Script:
    matches = [date_grammar.find(pattern.first) for pattern in sample]
    bare = any(layout.bare for layout in layouts)
    pairs = zip(sample, matches, strict=True)
    dates = [pattern for pattern, match in pairs if match or (bare and _bare(pattern.first))]
    texts = [text for pattern in dates for text in (pattern.first, pattern.last)]
    return replace(
        script,
        layouts=tuple(sorted(layouts, key=lambda layout: (-layouts[layout], layout.name(None)))),
        blanks=script.blanks or any(text != text.strip(placeholders.BLANKS) for text in texts),
        foreign=script.foreign.union(*map(foreign, texts)),
        calendars=script.calendars or _calendars_shown(texts),
        words=script.words.union(*(match.words for match in matches if match)),
    )


def _bare(text: str) -> Layout | None:
    return date_grammar.epoch(text) or date_grammar.serial(text)


def _calendars_shown(texts: list[str]) -> tuple[str, ...]:
    """The calendars of years that these examples show: 1403/02/31 reads as no date until its calendar is known."""
    layouts = [date_grammar.layout(text) for text in texts]
    pairs = zip(texts, layouts, strict=True)
    years = [date_grammar.numbers(text, layout).get("year", 0) for text, layout in pairs if layout]
    return tuple(
        name for name, (low, high) in date_parts.CALENDARS.items() if any(low <= year <= high for year in years)
    )


def _with_short_years(cells: Cells, script: Script) -> Script:
    """The script with what years of two digits beside Thai months mean: 67 is 2024, but 24 is as well.

    Where some years of the column can only be of one calendar and some only of the other, none of them is read.
    """
    short = [layout for layout in script.layouts if layout.short_year and "name" in layout.roles]
    if not short or not any(role == "name" and date_words.is_thai(word) for role, word in script.words):
        return script
    years = "year(cells.moment) % 100"
    buddhist = f"{years} BETWEEN {date_parts.BUDDHIST_SHORT[0]} AND {date_parts.BUDDHIST_SHORT[-1]}"
    inside, outside = cells.counted(
        f"count(*) FILTER (WHERE {buddhist}) AS inside, count(*) FILTER (WHERE NOT {buddhist}) AS outside",
        {"moment": replace(script, layouts=tuple(short)).moment(ORDERS)},
    )
    if inside and outside:
        return replace(script, layouts=tuple(layout for layout in script.layouts if layout not in short))
    return replace(script, buddhist=bool(inside))


def _calendars(cells: Cells, moment: Query) -> tuple[str, ...]:
    spans = [f"{year:04}-01-01" for low, high in date_parts.CALENDARS.values() for year in (low, high + 1)]
    within = "count(*) FILTER (WHERE cells.moment >= CAST(? AS TIMESTAMP) AND cells.moment < CAST(? AS TIMESTAMP))"
    outputs = ", ".join(f"{within} AS {name.lower()}" for name in date_parts.CALENDARS)
    counts = cells.counted(outputs, {"moment": moment}, spans)
    return tuple(name for name, count in zip(date_parts.CALENDARS, counts, strict=True) if count)


def _all_recent(cells: Cells, script: Script) -> bool:
    text = placeholders.cleaned(cells.name, typed=True)
    within = "cells.moment >= CAST(? AS TIMESTAMP) AND cells.moment < CAST(? AS TIMESTAMP)"
    real, recent = cells.counted(
        f"count(cells.real) AS real, count(*) FILTER (WHERE {within}) AS recent",
        {"moment": script.moment(ORDERS), "real": text},
        BARE_NUMBERS,
    )
    return bool(real == recent)
