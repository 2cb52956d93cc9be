"""Leads for a watch, week by week: so many come on Mondays, so many of them go on after three days, and of those half are won."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

MONDAY = datetime(2024, 1, 1, 9)
EACH_WEEK = 40
DAYS_TO_DEMO, DAYS_TO_WIN = 3, 5
QUIET = (20, 22, 18, 21, 19)
"""How many of forty go on, week after week: what scatters less than chance."""
STAGES = ("New", "Demo done", "Closed won")


def weeks(count: int, fallen: int = 0, to: int = 0) -> list[int]:
    """How many go on in each week; in the last `fallen` ones only so many."""
    usual = [QUIET[week % len(QUIET)] for week in range(count)]
    return [*usual[: count - fallen], *[to] * fallen]


def lines(gone_on: Sequence[int], demo: Sequence[str] | str = "Demo done", each: int = EACH_WEEK) -> list[str]:
    """The rows of a history: lead, stage, moment, amount; `demo` is what each week calls the second stage."""
    names = [demo] * len(gone_on) if isinstance(demo, str) else demo
    rows = []
    for week, (some, name) in enumerate(zip(gone_on, names, strict=True)):
        for lead in range(each):
            came = MONDAY + timedelta(days=7 * week, minutes=lead)
            number = f"w{week}-{lead}"
            rows.append(f"{number},New,{came.isoformat(' ')},{100 + lead}")
            if lead < some:
                rows.append(
                    f"{number},{name},{(came + timedelta(days=DAYS_TO_DEMO, hours=-1)).isoformat(' ')},{100 + lead}"
                )
            if lead < some // 2:
                won = came + timedelta(days=DAYS_TO_DEMO + DAYS_TO_WIN)
                rows.append(f"{number},Closed won,{won.isoformat(' ')},{100 + lead}")
            elif lead >= some:
                rows.append(f"{number},Closed lost,{(came + timedelta(days=20)).isoformat(' ')},{100 + lead}")
    return rows


def csv(gone_on: Sequence[int], demo: Sequence[str] | str = "Demo done", each: int = EACH_WEEK) -> str:
    """The same as a file."""
    return "\n".join(["Deal ID,Stage,Entered at,Amount", *lines(gone_on, demo, each)]) + "\n"
