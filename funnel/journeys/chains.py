"""The chains of all leads that several entries may open, kept a part of the leads at a time, so that they take bounded memory."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from funnel.core.engine import Engine
from funnel.core.history import known_as
from funnel.core.sql import Paragraph, Query, identifier
from funnel.journeys.observed import Tables
from funnel.journeys.order import resolved_from_any, several_openings

AT_ONCE = 2_000_000
"""As many entries are walked at once, about: the chains of each stage are in memory together."""
KEYS = 2**64


def keep_from_any(
    engine: Engine,
    name: str,
    placement: Mapping[str, int],
    stages: int,
    window_days: int,
    staged: Sequence[Paragraph],
    tables: Tables,
) -> None:
    """Keeps the rows of `resolved_from_any` for the leads of `staged` as a table of this name; without a word where that fails."""
    several = several_openings(stages, staged, tables)
    entries = _rows(engine, known_as(tables.form.entries, "entries")) if tables.form.is_sorted else 0
    if entries <= AT_ONCE:
        engine.keep(name, resolved_from_any(placement, stages, window_days, several, tables))
        return
    opening = f"{name}_several"
    try:
        engine.keep(opening, several)
        share = _rows(engine, identifier(opening)) / _rows(engine, known_as(tables.leads, "leads"))
        parts = max(1, math.ceil(entries * share / AT_ONCE))
        selected = Query(f"SELECT several_leads.* FROM {identifier(opening)} AS several_leads")
        for part in range(parts):
            among = f"placed.{tables.form.lead} BETWEEN {KEYS * part // parts} AND {KEYS * (part + 1) // parts - 1}"
            rows = resolved_from_any(placement, stages, window_days, selected, tables, among)
            (engine.add if part else engine.keep)(name, rows)
    except BaseException:
        engine.drop_table(name)
        raise
    finally:
        engine.drop_table(opening)


def _rows(engine: Engine, table: str) -> int:
    (rows,) = engine.row(Query(f"SELECT COUNT(*) AS table_rows FROM {table}"))
    return int(rows)
