"""The attacks of attacks.toml, and how a file that brings them is made."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

FIRST_DAY = date(2025, 1, 1)
LONGEST_HEADER = 300


@dataclass(frozen=True)
class Attack:
    """A text that wants to be more than text. `read_as`: "itself", "empty" (stands for nothing), or "without NULs"."""

    name: str
    text: str
    read_as: str

    @property
    def header(self) -> str:
        """As a header: on one line, with single blanks, without the signs that no one sees, cut off where nobody reads on."""
        line = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", self.text.replace("\ufeff", "")).strip()
        return line[:LONGEST_HEADER].strip()


def _read() -> tuple[Attack, ...]:
    listed = tomllib.loads((Path(__file__).parent / "attacks.toml").read_text(encoding="utf-8"))["attacks"]
    return tuple(
        Attack(each["name"], (each["text"] * each.get("repeat", 1)).strip(" "), each.get("read_as", "itself"))
        for each in listed
    )


ATTACKS = _read()
ITSELF = tuple(attack.text for attack in ATTACKS if attack.read_as == "itself")
"""What comes back from a file as it stood there."""


def table(rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file, UTF-8."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def ring(texts: Sequence[str]) -> bytes:
    """A history in which each text is a lead, its account and its channel, and enters the label of its name, then the next text's."""
    rows: list[Sequence[object]] = [("lead_id", "stage", "changed_at", "account", "amount", "channel")]
    for place, text in enumerate(texts):
        day = FIRST_DAY + timedelta(days=place)
        for label, entered in ((text, day), (texts[(place + 1) % len(texts)], day + timedelta(days=5))):
            rows.append((text, label, entered.isoformat(), text, 100 + place, text))
    return table(rows)


def headed(attacks: Sequence[Attack], leads: int = 12) -> bytes:
    """A history whose columns are called like the attacks; of each, every second cell says "yes", the others the next attack."""
    rows: list[Sequence[object]] = [("Deal", "Stage", "Changed at", *(attack.text for attack in attacks))]
    texts = [attack.text for attack in attacks]
    for lead in range(leads):
        for label, day in (("New", lead), ("Won", lead + 3)):
            cells = ("yes" if lead % 2 else texts[(place + 1) % len(texts)] for place in range(len(texts)))
            rows.append((f"L{lead}", label, (FIRST_DAY + timedelta(days=day)).isoformat(), *cells))
    return table(rows)
