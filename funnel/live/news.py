"""What a data set has that an earlier one of the same source has not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from funnel.core.engine import Engine
from funnel.core.sql import Query

if TYPE_CHECKING:
    import numpy as np

MOST_COMPARED = 3_000_000
"""Entries up to which leads and moves are counted: while they are compared, all are held in memory as numbers."""


@dataclass(frozen=True)
class News:
    """`leads` are new, `gone` are there no more, `moves` are entries at labels of leads that were there before; all None where there are
    too many to compare. `labels` were never seen before, `columns` are there no more. `nothing`: both hold the same."""

    leads: int | None
    gone: int | None
    moves: int | None
    labels: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    nothing: bool = False


@dataclass(frozen=True)
class Side:
    """One of the two that are compared."""

    engine: Engine
    entries: int
    labels: Iterable[str]
    columns: Iterable[str]
    tables: Sequence[str] = ()
    counts: Sequence[tuple[int, ...]] = ()
    """What it holds beside leads and history, and where the lines of its files went."""


def news(old: Side, new: Side) -> News:
    """What came since."""
    labels = tuple(sorted(set(new.labels) - set(old.labels)))
    columns = tuple(column for column in old.columns if column not in set(new.columns))
    alike = (list(old.columns), old.tables, old.counts) == (list(new.columns), new.tables, new.counts)
    nothing = alike and _whole(old) == _whole(new)
    if nothing:
        return News(0, 0, 0, nothing=True)
    if max(old.entries, new.entries) > MOST_COMPARED:
        return News(None, None, None, labels, columns)
    import numpy as np

    were, now = _leads(old), _leads(new)
    lead, entry = _entries(new)
    fresh = ~np.isin(entry, _entries(old)[1])
    moved = int(np.isin(lead[fresh], were).sum())
    return News(
        len(np.setdiff1d(now, were, assume_unique=True)),
        len(np.setdiff1d(were, now, assume_unique=True)),
        moved,
        labels,
        columns,
    )


def _whole(side: Side) -> list[tuple[object, ...]]:
    """Numbers that stand for all leads with all that is known of them, for all entries, and for what else there is."""
    sums = "count(*) AS n, bit_xor(hash(given)) AS mixed, sum(hash(given)) AS added"
    return [
        side.engine.row(Query(f"SELECT {sums} FROM {table} AS given")) for table in ("leads", "history", *side.tables)
    ]


def _leads(side: Side) -> np.ndarray:
    """A number for each lead, the same for the same id in every data set."""
    return _numbers(side.engine, Query("SELECT hash(leads.lead_id) AS lead FROM leads"))[0]


def _entries(side: Side) -> tuple[np.ndarray, np.ndarray]:
    """A number for the lead of each entry, and one for the entry."""
    entry = "hash(entries.lead_id, entries.label, entries.entered_at)"
    query = Query(f"SELECT hash(entries.lead_id) AS lead, {entry} AS entry FROM history AS entries")
    lead, of_entry = _numbers(side.engine, query)
    return lead, of_entry


def _numbers(engine: Engine, query: Query) -> list[np.ndarray]:
    return [column.to_numpy() for column in engine.arrow(query).columns]
