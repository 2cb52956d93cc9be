"""Logs whose times have offsets: written to a file, opened, and asked."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import funnel
from funnel import DataSet
from funnel.core.sql import Query, identifier
from funnel.core.types import Question

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
STAGES = ("New", "Qualified", "Won")
AS_OF = datetime(2025, 6, 1)


def written(
    folder: Path, rows: Iterable[Sequence[str]], header: Sequence[str] = ("lead_id", "stage", "entered_at")
) -> Path:
    path = folder / "deals.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def opened(folder: Path, rows: Iterable[Sequence[str]], *header: str) -> DataSet:
    return funnel.open(written(folder, rows, *([header] if header else [])), as_of=AS_OF)


def rows_of(data_set: DataSet, text: str) -> list[tuple[object, ...]]:
    return data_set.engine.rows(Query(text))


def asked(data_set: DataSet, **filters: object) -> Question:
    known = [label for label in STAGES if label in data_set.concepts]
    return data_set.question(data_set.labels_model([[label] for label in known]), **filters)  # type: ignore[arg-type]


def stays(data_set: DataSet) -> dict[tuple[str, int], float | None]:
    """(lead, stage) → hours of the visit; None where it goes on."""
    table = identifier(data_set.journeys.stage_visits(asked(data_set).model))
    found = rows_of(data_set, f"SELECT s.lead_id, s.position, epoch(s.left_at - s.entered_at) FROM {table} AS s")
    return {(lead, place): None if seconds is None else seconds / 3600 for lead, place, seconds in found}
