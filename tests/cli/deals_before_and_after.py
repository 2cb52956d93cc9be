"""Deals of two spans of time, in a file: in each channel more are won after, in all fewer."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

LABELS = ("--labels", "New,Demo done,Closed won")
BEFORE, AFTER = date(2023, 2, 10), date(2023, 5, 10)

# Channel: (leads, of them came to a demo, of those were won), before and after. In each channel more are won after, in all fewer.
COUNTS = {
    "Web": ((120, 70, 48), (30, 20, 15)),
    "Fair": ((40, 12, 4), (120, 48, 18)),
    "": ((0, 0, 0), (25, 10, 5)),
}


def rows(channel: str, counts: tuple[int, int, int], start: date) -> list[str]:
    """Demo on day 3, won on day 15."""
    leads, demos, wins = counts
    told = []
    for number in range(leads):
        lead = f"{start.month}-{channel}-{number}"
        days = [
            ("New", 0),
            *([("Demo done", 3)] if number < demos else []),
            *([("Closed won", 15)] if number < wins else []),
        ]
        told += [f"{lead},{label},{start + timedelta(days=day)},{channel}" for label, day in days]
    return told


def written(folder: Path) -> str:
    """The path of a file of all these leads, and of some that are too young."""
    told = ["Deal ID,Stage,Entered at,Channel"]
    for channel, (before, after) in COUNTS.items():
        told += rows(channel, before, BEFORE) + rows(channel, after, AFTER)
    # Too young on 9 July, when the file ends: 60 days after the later leads started.
    told += [f"young{number},New,2023-06-{20 + number},Web" for number in range(5)]
    told.append("last,New,2023-07-09,Web")
    path = folder / "deals.csv"
    path.write_text("\n".join(told) + "\n", encoding="utf-8")
    return str(path)
