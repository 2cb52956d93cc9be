"""Leads by hand for tests: an engine that holds `leads` and `history` without any file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from weakref import WeakKeyDictionary

from funnel.core.engine import Engine
from funnel.core.sql import Query
from funnel.core.types import LabelFacts, StageModel
from funnel.journeys import FileFacts, Journeys, Tables
from funnel.mapping import written_orders
from funnel.mapping.build.sorted_entries import sort_entries
from funnel.measures.recorded import labels_model
from tests.oracles.oracle import Entered

DAY = datetime(2025, 3, 1)
TABLES: WeakKeyDictionary[Engine, Tables] = WeakKeyDictionary()
"""Where the entries of an engine stand."""


def lead_of(*pairs: tuple[float | None, str]) -> list[Entered]:
    """The entries of a lead: how many days after `DAY`, without which it has no time, and at which label."""
    return [Entered(label, None if day is None else DAY + timedelta(days=day)) for day, label in pairs]


def engine_with(histories: dict[str, list[Entered]], columns: dict[str, dict[str, object]] | None = None) -> Engine:
    """An engine with these leads; `columns` gives further columns of a lead (house columns by name, or attributes)."""
    columns = columns or {}
    engine = Engine()
    rows = [
        {
            "lead_id": lead,
            "account_id": None,
            "amount": None,
            "currency": None,
            "created_at": None,
            "closed_at": None,
            "outcome_said": None,
            "Region": None,
            **columns.get(lead, {}),
        }
        for lead in histories
    ]
    line = count()
    history = [
        {"lead_id": lead, "label": entry.label, "entered_at": entry.at and entry.at.isoformat(), "sequence": next(line)}
        for lead, entries in histories.items()
        for entry in entries
    ]
    kinds = {
        "leads": "lead_id VARCHAR, account_id VARCHAR, amount DOUBLE, currency VARCHAR, created_at TIMESTAMP,"
        ' closed_at TIMESTAMP, outcome_said VARCHAR, "Region" VARCHAR',
        "history": "lead_id VARCHAR, label VARCHAR, entered_at TIMESTAMP, sequence BIGINT",
    }
    for table, lines in (("leads", rows), ("history", history)):
        engine.run(Query(f"CREATE OR REPLACE TABLE {table} ({kinds[table]})"))
        _insert(engine, table, lines)
    TABLES[engine] = Tables(form=sort_entries(engine))
    return engine


def _insert(engine: Engine, table: str, lines: Iterable[dict[str, object]]) -> None:
    lines = list(lines)
    if not lines:
        return
    path = Path(engine.folder) / f"{table}.jsonl"
    path.write_text("\n".join(json.dumps(line, default=str) for line in lines), encoding="utf-8")
    kinds = dict(engine.columns(table))
    shape = ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items())
    engine.run(
        Query(
            f"INSERT INTO {table} SELECT * FROM read_json(?, format='newline_delimited', columns={{{shape}}})",
            (str(path),),
        )
    )


def journeys_of(engine: Engine, concepts: dict[str, str], **kwargs: object) -> Journeys:
    return Journeys(engine, concepts, **{"start_from_created": False, "tables": TABLES.get(engine, Tables()), **kwargs})


def file_of(recorded: StageModel, facts: LabelFacts | None = None) -> FileFacts:
    """What is known of a file whose own labels stand in the order of a model; nothing of its columns."""
    return FileFacts(None, lambda: recorded, lambda: facts, "labels")


def facts_of(
    concepts: dict[str, str],
    usual: Sequence[str] = (),
    positions: dict[str, float] | None = None,
    *,
    by_time: bool = True,
) -> LabelFacts:
    """What is known of labels by hand: `usual` are the concepts in the usual order."""
    written = written_orders(concepts, positions or {})
    return LabelFacts(concepts, {concept: place for place, concept in enumerate(usual)}, written, by_time)


def model_of(stages: list[set[str]]) -> StageModel:
    return labels_model("labels", "by hand", [(sorted(labels)[0], tuple(sorted(labels))) for labels in stages])
