"""Wins and losses of a log whose time is empty: nobody knows when they were, and yet they were, so they are entries without a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from funnel.core.engine import Engine
from funnel.core.sql import Query, create_table, identifier
from funnel.mapping.build.labels import Labels
from funnel.mapping.source_cells import SourceCells
from funnel.mapping.template import among, fill
from funnel.mapping.types import Source

ASIDE = "ends_set_aside"


@contextmanager
def undated_ends(engine: Engine, source: Source, cells: SourceCells, found: Labels, table: str) -> Iterator[None]:
    """Sets the ends without a time aside while the lines of a staged log that make no entry are told and removed."""
    rows = engine.rows(
        Query(
            f"SELECT DISTINCT kept.label AS label FROM {table} AS kept WHERE kept.label IS NOT NULL AND kept.entered_at IS NULL"
        )
    )
    ends = [label for (label,) in rows if found.meaning(label) is not None]
    engine.run(
        create_table(
            ASIDE,
            fill(
                "SELECT kept.lead_id AS lead_id, kept.label AS label, kept.entered_at AS entered_at, kept.sequence AS sequence"
                " FROM {table} AS kept INNER JOIN {view} AS raw ON raw.source_line = kept.sequence"
                " WHERE kept.lead_id IS NOT NULL AND kept.entered_at IS NULL AND {is_end} AND {time} IS NULL",
                table=table,
                view=identifier(source.view),
                is_end=among(Query("kept.label"), ends),
                time=cells.text("time", typed=True),
            ),
        )
    )
    engine.run(Query(f"DELETE FROM {table} WHERE sequence IN (SELECT aside.sequence FROM {ASIDE} AS aside)"))
    yield
    engine.run(Query(f"INSERT INTO {table} SELECT aside.* FROM {ASIDE} AS aside"))
    engine.run(Query(f"DROP TABLE {ASIDE}"))
