"""The history that all contenders get: a seeded CSV of lead, stage and time, in order of time as a log grows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

SEED = 7
ROWS_AT_ONCE = 1_000_000
STAGES = ("New", "Contacted", "Qualified", "Demo done", "Proposal sent", "Negotiation", "Closed won")
LABELS = (*STAGES, "Closed lost")
COLUMNS = pa.schema({"Lead ID": pa.string(), "Stage": pa.string(), "Entered at": pa.timestamp("s")})
WON, LOST = len(STAGES) - 1, len(STAGES)
ENTRIES_PER_LEAD = 5
SPAN_DAYS = 900
FIRST_SECOND = np.datetime64("2023-01-01T00:00:00", "s").astype(np.int64)
MOST_MOVES = 24

# Which labels each model puts together, in its order; only the stages that take a label. The peers know no catalogue, so it stands
# here, and bench/run.py compares it with the catalogue.
MODELS = {
    "standard": (
        ("New", "Contacted"),
        ("Qualified",),
        ("Demo done", "Proposal sent"),
        ("Negotiation",),
        ("Closed won",),
    ),
    "aida": (("New", "Contacted"), ("Qualified",), ("Demo done", "Proposal sent", "Negotiation"), ("Closed won",)),
    "tofu-mofu-bofu": (
        ("New", "Contacted"),
        ("Qualified", "Demo done"),
        ("Proposal sent", "Negotiation", "Closed won"),
    ),
    "awareness-to-loyalty": (
        ("New",),
        ("Contacted",),
        ("Qualified", "Demo done"),
        ("Proposal sent", "Negotiation"),
        ("Closed won",),
    ),
}
EACH_LABEL = tuple((label,) for label in STAGES)

# Of the moves of a lead that is neither won nor lost: lost, back by one, ahead by two; the rest go ahead by one.
LOST_SHARE, BACK_SHARE, SKIP_SHARE = 0.175, 0.08, 0.06
REOPENED_SHARE = 0.05
SAME_MOMENT_SHARE = 0.03


def write_history(path: Path, entries: int, span_days: int = SPAN_DAYS) -> int:
    """Write exactly `entries` entries, about a fifth as many leads, and return how many leads there are; they start within `span_days`.

    With skips, moves back, lost leads that come back, and moves in the very second of the one before. The latest
    entries of all are cut, as the end of a file cuts them.
    """
    lead, label, second = _walk(np.random.default_rng(SEED), entries // ENTRIES_PER_LEAD, span_days)
    if len(lead) < entries:
        raise ValueError(f"the walk made {len(lead)} entries, fewer than the {entries} asked for")
    order = np.argsort(second, kind="stable")[:entries]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    options = pa.csv.WriteOptions(quoting_style="none", quoting_header="none")
    with pa.csv.CSVWriter(unfinished, COLUMNS, write_options=options) as file:
        for begin in range(0, entries, ROWS_AT_ONCE):
            rows = order[begin : begin + ROWS_AT_ONCE]
            ids = pa.array(lead[rows] + 1_000_000).cast(pa.string())
            moments = pa.array(second[rows] + FIRST_SECOND).cast(pa.timestamp("s"))
            columns = [
                pa.compute.binary_join_element_wise("LEAD", ids, "-"),
                pa.array(LABELS).take(label[rows]),
                moments,
            ]
            file.write_table(pa.table(columns, schema=COLUMNS))
    unfinished.rename(path)
    return len(np.unique(lead[order]))


def _walk(random: np.random.Generator, leads: int, span_days: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lead, label and second of every entry: all leads take their next move together, until none is left."""
    lead = np.arange(leads)
    place = np.zeros(leads, dtype=np.int8)
    second = random.integers(0, span_days * 86_400, leads)
    reopened = np.zeros(leads, dtype=bool)
    made = []
    for _ in range(MOST_MOVES):
        made.append((lead.astype(np.int32), place, second.astype(np.int32)))
        luck = random.random(len(lead))
        again = (place == LOST) & ~reopened & (luck < REOPENED_SHARE)
        going = ((place < WON) | again).nonzero()[0]
        lead, place, second, luck = lead[going], place[going], second[going], random.random(len(going))
        again, reopened = again[going], (reopened | again)[going]
        limits = np.cumsum([LOST_SHARE, BACK_SHARE, SKIP_SHARE])
        moved = np.select(
            [again, luck < limits[0], (luck < limits[1]) & (place > 0), luck < limits[2]],
            [1, LOST, place - 1, np.minimum(place + 2, WON)],
            np.minimum(place + 1, WON),
        )
        delay = random.exponential(25 * 86_400, len(lead)).astype(np.int64)
        delay[random.random(len(lead)) < SAME_MOMENT_SHARE] = 0
        place, second = moved.astype(np.int8), second + delay
    columns = zip(*made, strict=True)
    lead, place, second = (np.concatenate(column) for column in columns)
    return lead, place, second
