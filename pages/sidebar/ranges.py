"""The quick date ranges, counted back from the last day the file observed."""

from __future__ import annotations

from datetime import date, timedelta

QUICK = ("days_90", "quarter", "months_12", "all")
Range = tuple[date, date]


def quick_ranges(first: date, last: date, observed: date) -> dict[str, Range]:
    """Name → (first day, last day), both included and clipped to the days there are; ranges without a day are left out.

    `quarter` is the calendar quarter of the last observed day, `months_12` the 365 days up to it.
    """
    wished = {
        "days_90": observed - timedelta(days=89),
        "quarter": date(observed.year, (observed.month - 1) // 3 * 3 + 1, 1),
        "months_12": observed - timedelta(days=364),
        "all": first,
    }
    return {name: (max(start, first), last) for name, start in wished.items() if start <= last}


def clipped(chosen: Range, first: date, last: date) -> Range:
    """A range inside the days there are. An address may say others, even backwards: then all days."""
    start, end = max(chosen[0], first), min(chosen[1], last)
    return (start, end) if start <= end else (first, last)


def named(chosen: Range, ranges: dict[str, Range]) -> str | None:
    """The quick range that these days are, if any; the widest where several are equal."""
    return next((name for name in reversed(QUICK) if ranges.get(name) == chosen), None)
