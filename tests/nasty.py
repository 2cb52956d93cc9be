"""A log with everything at once: offsets, ties, losses that reopen, wins moved back, ends without a time, accounts, changing amounts."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from funnel.mapping import MappingOverrides

CONCEPTS = {
    "New": "lead",
    "Qualified": "qualified",
    "Demo": "demo",
    "Offer": "proposal",
    "Closed Won": "won",
    "Closed Lost": "lost",
    "Parked": "unplaced",
}
WAY = ("New", "Qualified", "Demo", "Offer", "Closed Won")
AS_OF = datetime(2025, 6, 1)
CLOCKS = (timezone(timedelta(hours=1)), timezone(timedelta(hours=-5)))


@dataclass(frozen=True)
class Line:
    """One line of the log; `at` None: the file does not tell when."""

    deal: str
    account: str
    region: str
    amount: int
    stage: str
    at: datetime | None

    def written(self) -> str:
        at = "" if self.at is None else self.at.isoformat()
        return f"{self.deal},{self.account},{self.region},{self.amount},{self.stage},{at}"


def log(seed: int, leads: int = 90) -> list[Line]:
    """The lines of some leads, those of each in the order of time; no two lines of a lead are alike."""
    draw = random.Random(seed)
    return [line for number in range(leads) for line in _lead(draw, number)]


def _lead(draw: random.Random, number: int) -> list[Line]:
    now = datetime(2024, 1, 1, 9, tzinfo=CLOCKS[0]) + timedelta(days=draw.randrange(200), hours=draw.randrange(8))
    amount = draw.randrange(1, 40) * 100
    line = Line(f"D{number:03}", f"Firm {number // draw.choice((1, 2, 3)):03}", draw.choice("NSSW"), amount, "", None)
    place, lines = draw.choice((0, 0, 0, 1)), []
    for _ in range(draw.randrange(2, 9)):
        lines.append(_at(line, draw, WAY[place], now))
        chance = draw.random()
        # Half a day or none between two entries makes ties; a win that goes back is a deal moved back.
        now += timedelta(days=draw.choice((0, 0, 1, 3, 7, 20)), hours=draw.choice((0, 0, 12)))
        line = replace(line, amount=line.amount + draw.choice((0, 50)) if now != lines[-1].at else line.amount)
        if chance < 0.2:
            lines.append(_at(line, draw, "Closed Lost", None if chance < 0.04 else now))
            if chance < 0.12:
                break
            now += timedelta(days=draw.choice((1, 4)))
        elif chance < 0.25:
            lines.append(_at(line, draw, "Parked", now))
        elif chance < 0.35:
            place = max(0, place - 1)
        elif place < len(WAY) - 1:
            place = min(len(WAY) - 1, place + draw.choice((1, 1, 2)))
        else:
            break
    return list(dict.fromkeys(lines))


def _at(line: Line, draw: random.Random, stage: str, at: datetime | None) -> Line:
    return replace(line, stage=stage, at=at and at.astimezone(draw.choice(CLOCKS)))


def overrides(concepts: dict[str, str] = CONCEPTS) -> MappingOverrides:
    """What each column and label is, said by hand."""
    said = {"lead": "deal", "account": "company", "amount": "amount", "label": "stage", "time": "changed"}
    return MappingOverrides(**said, concepts=tuple(concepts.items()))


def write(path: Path, lines: Iterable[Line]) -> Path:
    """The lines as a CSV file."""
    rows = ["deal,company,region,amount,stage,changed", *(line.written() for line in lines)]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
