"""Small tables of what channels cost: a line is a channel, a month (or a day) and an amount. They become the table `touch_costs`: channel,
day (of a month its first) and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import FileCount, RawTable
from funnel.mapping.build.labels import loosely
from funnel.mapping.cells.dates import DateColumn, read_dates
from funnel.mapping.cells.numbers import NumberColumn, read_numbers
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.template import bound, fill, listed, raw_cell
from funnel.mapping.touches.lines import NONE_CHANNEL
from funnel.mapping.touches.roles import WHO, all_of, channels_of, first_of, says_leads
from funnel.mapping.types import MappingOverrides
from funnel.words import wording

TABLE = "touch_costs"


@dataclass(frozen=True)
class CostFile:
    """A table of costs and its parts. `channels`: the columns of which the first that is filled names the channel."""

    raw: RawTable
    time: DateColumn
    channels: tuple[str, ...]
    cost: NumberColumn


def costing(
    engine: Engine, tables: Sequence[RawTable], overrides: MappingOverrides, as_of: datetime
) -> tuple[CostFile, ...]:
    """Those of several tables whose headers say a channel, a time and a cost, and nobody that was touched."""
    if len(tables) < 2:
        return ()
    read = (_read(engine, raw, overrides, as_of) for raw in tables)
    return tuple(file for file in read if file is not None)


def _read(engine: Engine, raw: RawTable, overrides: MappingOverrides, as_of: datetime) -> CostFile | None:
    time, cost, channels = first_of(raw, "cost_time", "time"), first_of(raw, "cost"), channels_of(raw)
    if time is None or cost is None or not channels or says_leads(raw) or any(all_of(raw, kind) for kind in WHO):
        return None
    dates = read_dates(engine, raw.table, time, order=overrides.date_order, as_of=as_of)
    number = read_numbers(engine, raw.table, cost)
    if dates is None or number is None or len(number.currencies) > 1 or first_of(raw, "cost_currency") is not None:
        # Amounts of several currencies are never added.
        return None
    return CostFile(raw, dates, channels, number)


def build_costs(
    engine: Engine, files: Sequence[CostFile], known: Mapping[str, str | None]
) -> tuple[dict[str, FileCount], tuple[str, ...], int]:
    """Makes `touch_costs`. `known` gives the channel of each spelling (`loosely`), None where its touches do not count. Answers what
    became of the lines, by raw table, the channels that cost something and have no touch, and how often a channel has several costs on one
    day, which are added up. Lines whose time or cost cannot be read, or whose
    cost is below 0, stand among the rejects."""
    engine.run(Query(f"CREATE OR REPLACE TABLE {TABLE} (channel VARCHAR, day DATE, cost DOUBLE)"))
    counts: dict[str, FileCount] = {}
    elsewhere: list[str] = []
    for file in files:
        lines = f"{TABLE}_lines"
        texts = [cleaned(raw_cell(column)) for column in file.channels]
        engine.keep(
            lines,
            fill(
                "SELECT raw.source_line AS line, COALESCE({texts}, {none}) AS written,"
                " CAST(CAST({moment} AS TIMESTAMP) AS DATE) AS day, CASE WHEN {cost} >= 0 THEN CAST({cost} AS DOUBLE) END AS cost,"
                " COALESCE({cost} < 0, FALSE) AS below FROM {raw} AS raw",
                texts=listed(texts),
                none=bound(NONE_CHANNEL),
                moment=file.time.expression,
                cost=file.cost.expression,
                raw=identifier(file.raw.table),
            ),
        )
        written = [text for (text,) in engine.rows(Query(f"SELECT DISTINCT lines.written FROM {lines} AS lines"))]
        channels = {text: known.get(loosely(text), text) for text in written}
        elsewhere += [text for text in written if loosely(text) not in known]
        pairs = [(text, channel) for text, channel in channels.items() if channel is not None]
        names = Query(
            "SELECT unnest(?::VARCHAR[]) AS written, unnest(?::VARCHAR[]) AS channel",
            ([text for text, _ in pairs], [channel for _, channel in pairs]),
        )
        engine.add(
            TABLE,
            Query(
                f"SELECT named.channel AS channel, lines.day AS day, lines.cost AS cost FROM {lines} AS lines"
                f" INNER JOIN ({names.text}) AS named ON named.written = lines.written"
                " WHERE lines.day IS NOT NULL AND lines.cost IS NOT NULL",
                names.values,
            ),
        )
        counts[file.raw.table] = _count(engine, file, lines, sorted(set(written) - {text for text, _ in pairs}))
        engine.drop_table(lines)
    several = f"SELECT costs.channel FROM {TABLE} AS costs GROUP BY costs.channel, costs.day HAVING COUNT(*) > 1"
    (twice,) = engine.row(Query(f"SELECT COUNT(*) AS n FROM ({several}) AS told"))
    return counts, tuple(sorted(set(elsewhere))), int(twice)


def _count(engine: Engine, file: CostFile, lines: str, left_out: Sequence[str]) -> FileCount:
    """Where the lines of a table went; what cannot be read stands among the rejects."""
    raw = file.raw
    for column, wrong, reason in (
        (file.time.column, "lines.day IS NULL", wording.say("mapping.reject_bad_time", form=file.time.format)),
        (
            file.cost.column,
            "lines.cost IS NULL AND NOT lines.below",
            wording.say("mapping.reject_bad_number", form=file.cost.format),
        ),
        (file.cost.column, "lines.below", wording.say("mapping.reject_negative_cost")),
    ):
        unread = fill(
            "SELECT {name}, raw.source_line, {column}, {cell}, {reason}, TRUE FROM {table} AS raw"
            " WHERE raw.source_line IN (SELECT lines.line FROM {lines} AS lines WHERE {wrong})",
            name=bound(raw.name),
            column=bound(column),
            cell=raw_cell(column),
            reason=bound(reason),
            table=identifier(raw.table),
            lines=lines,
            wrong=wrong,
        )
        engine.add("rejects", unread)
    rejected, ignored = engine.row(
        Query(
            f"""SELECT COUNT(*) FILTER (WHERE lines.day IS NULL OR lines.cost IS NULL) AS rejected,
    COUNT(*) FILTER (WHERE lines.day IS NOT NULL AND lines.cost IS NOT NULL AND list_contains(?::VARCHAR[], lines.written)) AS ignored
FROM {lines} AS lines""",
            (list(left_out),),
        )
    )
    used = raw.rows_read - raw.rows_rejected - int(rejected) - int(ignored)
    because = {wording.say("touches.apart_ignored"): int(ignored)} if ignored else {}
    return FileCount(
        raw.name,
        raw.encoding,
        raw.delimiter,
        raw.rows_read,
        used,
        raw.rows_rejected + int(rejected),
        int(ignored),
        because,
    )
