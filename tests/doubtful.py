"""A file that can be read in two ways, made by hand: each line a deal, or the lines of one client the history of one lead."""

from __future__ import annotations

import random
from datetime import date, timedelta

HEADER = "Deal name,Rep,Client Code,State,Phase,Opened"
NAMES = ("Pump", "Valve", "Meter", "Filter", "Gasket", "Boiler", "Sensor")
CLIENTS, DEALS = 34, 60
ENDS = (("Open", "2 Qualified"), ("Won", "5 Closed won"), ("Lost", "6 Closed lost"))
Line = tuple[str, str, str, str, str, date]


def lines() -> list[Line]:
    """Name, rep, client, state, phase and day of each deal. Clients come again, and move on when they do; names come as they come."""
    names = random.Random(11)
    return [
        (
            names.choice(NAMES),
            f"R{deal % 5}",
            f"K-{700 + deal % CLIENTS}",
            *ENDS[deal % 3],
            date(2024, 2, 5) + timedelta(days=2 * deal),
        )
        for deal in range(DEALS)
    ]


def content(header: str = HEADER) -> bytes:
    """The file, under these headers."""
    rows = [",".join((*texts, day.isoformat())) for *texts, day in lines()]
    return "\n".join([header, *rows, ""]).encode()


def as_lines() -> tuple[int, int]:
    """(leads, won) where each line is a lead."""
    return len(lines()), sum(line[3] == "Won" for line in lines())


def as_history() -> tuple[int, int]:
    """(leads, won) where a client is a lead, and the latest of its lines says how it ended."""
    last = {line[2]: line[3] for line in sorted(lines(), key=lambda line: line[5])}
    return len(last), sum(state == "Won" for state in last.values())
