"""A log of fines in a file, and what is right of each of them."""

from __future__ import annotations

from datetime import date, datetime

AS_OF = datetime(2025, 1, 1)
LEADS = 240
SUMS = (90, 240.5, 31750)
"""The fine of each lead when it is made; every third is raised by half later."""


def fine(number: int) -> float:
    return SUMS[number % 3 if number % 7 else 0]


def is_raised(number: int) -> bool:
    return number % 3 == 0


def is_paid(number: int) -> bool:
    return not is_raised(number) and number % 2 == 0


def channel(number: int) -> str:
    return "Bank" if number % 8 else "Card"


def due(number: int) -> date:
    return date(2024, 6, 1 + number % 28)


def fines() -> str:
    """A log whose amount grows when a fine is raised, and whose channel stands only on the last line of what is paid."""
    lines = ["case;step;moment;amount;office;pay by;channel;urgent"]
    for number in range(LEADS):
        day = f"2024-0{1 + number % 3}-{1 + number % 27:02d}"
        office = "North" if number % 4 else "South"
        told = f"{due(number):%d.%m.%Y};;{'yes' if number % 5 == 0 else 'no'}"
        lines.append(f"C{number};Fine made;{day} 08:00;{fine(number)};{office};{told}")
        if is_raised(number):
            lines.append(
                f"C{number};Fine raised;2024-05-{1 + number % 27:02d} 09:00;{fine(number) * 1.5};{office};{told}"
            )
        if is_paid(number):
            lines.append(f"C{number};Closed won;2024-06-{1 + number % 27:02d} 09:00;;Cash desk;;{channel(number)};")
    return "\n".join(lines) + "\n"


EVERY = range(LEADS)
