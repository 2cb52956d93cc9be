"""The months of the Jalali calendar as other programs have them, one after the other, and the one that a day lies in."""

from __future__ import annotations

import csv
from bisect import bisect_right
from datetime import date
from pathlib import Path

_FILE = Path(__file__).parent / "vectors" / "jalali_months.csv"


def _read() -> list[tuple[int, int, date]]:
    with _FILE.open(newline="", encoding="utf-8") as file:
        return [
            (int(row["year"]), month, date.fromisoformat(row[f"month_{month}"]))
            for row in csv.DictReader(file)
            for month in range(1, 13)
        ]


MONTH_STARTS = _read()
"""Year, month and first day, of 1250 to 1501."""
_FIRSTS = [first for *_, first in MONTH_STARTS]


def jalali(day: date) -> tuple[int, int, int]:
    """Year, month and day of the month."""
    year, month, first = MONTH_STARTS[bisect_right(_FIRSTS, day) - 1]
    return year, month, (day - first).days + 1


def first_of(day: date, period: str) -> date:
    """The first day of the Jalali month, quarter or year that a day lies in."""
    year, month, _ = jalali(day)
    wanted = {"month": month, "quarter": month - (month - 1) % 3, "year": 1}[period]
    return next(first for each, of_year, first in MONTH_STARTS if (each, of_year) == (year, wanted))
