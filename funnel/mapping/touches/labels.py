"""Touches that stand in the history of the leads itself: the entries at labels that a person calls touches, each label a channel."""

from __future__ import annotations

from collections.abc import Collection

from funnel.core.engine import Engine
from funnel.core.history import Form
from funnel.core.sql import Query
from funnel.core.types import Apart
from funnel.mapping.joins import FILE_STEP
from funnel.mapping.touches.leads import CODES, MATCHED
from funnel.mapping.touches.lines import said_table


def read_entries(engine: Engine, form: Form, labels: Collection[str], place: int) -> bool:
    """Makes `said_table` of the entries at these labels, as `read_lines` does of the lines of a file, and adds to MATCHED the leads whose
    they are; CODES is there already. Entries that came twice in one line are told from each other by their order. Answers whether their
    moments have times of day."""
    label, source = form.labelled("entries")
    among = form.among("entries", labels)
    order = f"entries.sequence, entries.{form.lead}, entries.entered_at"
    said = f"""SELECT {place * FILE_STEP} + ROW_NUMBER() OVER (ORDER BY {order}) AS touch, entries.entered_at AS moment,
    {label} AS written, CAST(NULL AS DOUBLE) AS cost, codes.lead_id AS who_0, codes.lead_code AS lead_code,
    CASE WHEN entries.entered_at IS NULL THEN '{Apart.NO_TIME}' END AS apart, entries.sequence AS twin
{source}
INNER JOIN {CODES} AS codes ON codes.lead_code = entries.{form.lead}
WHERE {among.text}"""
    table = said_table(place)
    engine.keep(table, Query(said, among.values))
    touched = f"SELECT said.touch AS touch, said.lead_code AS lead_code FROM {table} AS said WHERE said.apart IS NULL"
    engine.add(MATCHED, Query(touched))
    has_time = f"SELECT BOOL_OR(said.moment <> date_trunc('day', said.moment)) AS timed FROM {table} AS said"
    return bool(engine.row(Query(has_time))[0])
