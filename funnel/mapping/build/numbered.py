"""Whether a file numbers its entries, so that those of one moment have an order too."""

from __future__ import annotations

from funnel.catalogue import normalised
from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.mapping.grammar import words_of
from funnel.mapping.types import ColumnMapping


def numbered(engine: Engine, mapping: ColumnMapping) -> bool:
    """True where a log's lines bear a whole number that rises from line to line of each lead.

    A log without such a column says nothing of entries of one moment: exports sort them in any way.
    """
    source = mapping.primary
    logs = [each for each in mapping.sources if each.is_log]
    column = next((name for name in source.columns if normalised(name) in words_of("entry_numbers")), None)
    if column is None or logs != [source] or "lead" not in source.parts:
        return False
    number = f"TRY_CAST(raw.{identifier(column)} AS BIGINT)"
    text = f"""SELECT COUNT(*) = COUNT(stepped.number) AND COALESCE(MIN(stepped.rise), 1) > 0 AS rises
FROM (
    SELECT {number} AS number,
        {number} - LAG({number}) OVER (PARTITION BY raw.{identifier(source.parts["lead"])} ORDER BY raw.source_line) AS rise
    FROM {identifier(source.view)} AS raw
) AS stepped"""
    return bool(engine.row(Query(text))[0])
