"""The bundled sample: 12,000 B2B leads of about 1,500 accounts, as a CRM would export them on 30 June 2025.

`python data/samples/generate.py [FOLDER]` writes the same leads three times, beside this file or into FOLDER, and other deals once:

* leads-history.csv.gz: one row per stage entry, with the lead's attributes on every row
* leads-wide.csv.gz: one row per lead, `Date entered "…"` holding the latest entry at each stage
* leads-snapshot.csv.gz: one row per lead, with the last stage it was at and how it stands
* contracts.csv.gz: one row per deal of accounts that buy subscriptions, renew them, extend them or leave

and beside them

* touches.csv.gz: one row per touch of a lead, with its channel, campaign and cost

Every company, person and sale is made up (`companies.py`, `people.py`, `contracts.py`), and always the same.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from companies import LOST
from contracts import contracts
from people import EXITS, LABELS, Lead, leads, touches

ATTRIBUTES = ("Channel", "Region", "Owner", "Company size", "Industry", "Amount", "Currency")
# Each n-th lead from the m-th on has an empty cell, as real files have: four amounts read "-", 24 channels are missing.
NO_AMOUNT, NO_CHANNEL = (3_000, 1_234), (500, 77)


def attributes(number: int, lead: Lead) -> tuple[str, ...]:
    """The cells under ATTRIBUTES, with the gaps of a real file."""
    channel = "" if number % NO_CHANNEL[0] == NO_CHANNEL[1] else lead.channel
    amount = "-" if number % NO_AMOUNT[0] == NO_AMOUNT[1] else str(lead.amount)
    return channel, lead.account.region, lead.owner, lead.account.size, lead.account.industry, amount, "EUR"


def history(numbered: Sequence[tuple[int, Lead]]) -> Iterator[Sequence[object]]:
    yield "Lead ID", "Account", "Stage", "Entered at", *ATTRIBUTES
    for number, lead in numbered:
        for label, moment in lead.entries:
            yield f"L-{number:05}", lead.account.name, label, moment, *attributes(number, lead)


def wide(numbered: Sequence[tuple[int, Lead]]) -> Iterator[Sequence[object]]:
    yield "Lead ID", "Account", "Create Date", *(f'Date entered "{name}"' for name in LABELS), "Close Date", *ATTRIBUTES
    for number, lead in numbered:
        latest = dict(lead.entries)
        moments = (latest.get(label) for label in LABELS)
        cells = (lead.entries[0][1], *moments, lead.closed_at)
        yield f"L-{number:05}", lead.account.name, *cells, *attributes(number, lead)


def snapshot(numbered: Sequence[tuple[int, Lead]]) -> Iterator[Sequence[object]]:
    header = ("Lead ID", "Account", "Stage", "Status", "Created", "Last stage change", "Closed", "Lost reason")
    yield *header, *ATTRIBUTES
    for number, lead in numbered:
        label, moment = [entry for entry in lead.entries if entry[0] not in EXITS][-1]
        dates = (lead.entries[0][1], moment, lead.closed_at)
        reason = lead.entries[-1][0] if lead.status == LOST else ""
        cells = (lead.account.name, label, lead.status, *dates, reason)
        yield f"L-{number:05}", *cells, *attributes(number, lead)


def write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """A gzipped CSV whose bytes depend on the rows alone: no time and no name in its header."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


def main(folder: Path) -> None:
    numbered = list(enumerate(leads(), 1))
    write(folder / "leads-history.csv.gz", history(numbered))
    write(folder / "leads-wide.csv.gz", wide(numbered))
    write(folder / "leads-snapshot.csv.gz", snapshot(numbered))
    write(folder / "contracts.csv.gz", contracts())
    write(folder / "touches.csv.gz", touches(numbered))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
