"""A log with what makes lines bad, and whether two data sets tell the same of it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from funnel import measures
from funnel.core.sql import Query, identifier

ROOT = Path(__file__).resolve().parents[2]
AS_OF = datetime(2025, 1, 1)
STAGES = ("New", "Qualified", "Demo \\", 'Proposal "sent"', "مرحلة\u200cدوم", "Won", "Lost", "qualified", "${x}")
ASKED = (
    {},
    {"rule": "visited"},
    {"rule": "in-order"},
    {"window_days": 7},
    {"rule": "in-order", "window_days": 7, "entry": "any"},
    {"unit": "account"},
    {"where": {"Region": "Süd"}},
)


def lines(leads: int, seed: int = 5) -> pa.Table:
    """Lines of a log with what makes lines bad: ids and labels that are empty or placeholders, and no time; no two lines of a lead
    have one time, so that its last line is the same for everybody."""
    chance = random.Random(seed)
    rows = []
    for lead in range(leads):
        moments = chance.sample(range(20_000), chance.randrange(1, 8))
        account = chance.choice((None, f"Account {lead % 40} \\", "N/A"))
        for minutes in moments:
            rows.append(
                {
                    "Lead ID": chance.choice((f"lead '{lead}'",) * 30 + (" ", None)),
                    "Stage": chance.choice(STAGES * 6 + ("-", None)),
                    "Entered at": None
                    if chance.random() < 0.02
                    else datetime(2024, 1, 1) + timedelta(minutes=minutes, microseconds=lead % 3),
                    "Account": chance.choice((account, None)),
                    "Amount": chance.choice((None, lead / 4)),
                    "Region": chance.choice(("Nord", "Süd", " Süd ", None)),
                    "Seats": chance.choice((None, lead % 7)),
                }
            )
    chance.shuffle(rows)
    return pa.Table.from_pylist(rows)


def rows_of(data_set, table: str) -> list[str]:
    """All that was read into a table; what is made of the leads of a file is not made of a folder, whose files are read where they lie."""
    made = [name for name, _ in data_set.engine.columns(table) if name in data_set.columns.made]
    columns = f"every.* EXCLUDE ({', '.join(map(identifier, made))})" if made else "every.*"
    return sorted(map(repr, data_set.engine.rows(Query(f"SELECT {columns} FROM {table} AS every"))))


def like(built, other) -> None:
    """Both tell the same, of labels, leads and every question."""
    assert built.labels == other.labels
    assert built.concepts == other.concepts
    assert built.columns.attributes == other.columns.of_file
    assert (built.leads, built.entries, built.observed_until) == (other.leads, other.entries, other.observed_until)
    assert built.as_recorded() == other.as_recorded()
    columns = [each for each in other.engine.columns("leads") if each[0] not in other.columns.made]
    assert built.engine.columns("leads") == columns
    assert rows_of(built, "leads") == rows_of(other, "leads")
    for model in ("as-recorded", "standard", "reverse"):
        for keywords in ASKED:
            assert (
                built.ask(measures.steps, built.question(model, **keywords)).stages
                == other.ask(measures.steps, other.question(model, **keywords)).stages
            ), (model, keywords)
