"""A `Mapping` carried out: `leads` and `history` in the engine, every line accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from funnel.core.engine import Engine
from funnel.core.errors import MappingError
from funnel.core.history import TEXT, Form, known_as
from funnel.core.sql import Query, create_table, identifier
from funnel.core.types import FileCount, Note, RawTable, Shape
from funnel.mapping import votes
from funnel.mapping.build import quality
from funnel.mapping.build.aside import drop_aside, read_aside
from funnel.mapping.build.doubts import doubts
from funnel.mapping.build.entries import SERIES, enter_log, read_first, read_log, take_staged
from funnel.mapping.build.label_order import with_positions
from funnel.mapping.build.labels import LOST_LABEL, counted, counts, created_label, labels_of, unknown_said
from funnel.mapping.build.leads import build_leads, drop_parts
from funnel.mapping.build.lines import FAULTS, TABLE, Fault, file_count, used_per_file
from funnel.mapping.build.rows import enter_rows, lines_at_once, one_line_each, part_table, read_rows
from funnel.mapping.build.sorted_entries import KEYED, LEAD_IDS, enter_sorted, entered, show, sort_entries
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.clock import LOCAL_TIMES, clock_of, keep_local_times
from funnel.mapping.source_cells import SourceCells, time_columns
from funnel.mapping.template import fill
from funnel.mapping.types import Join, Loaded, Mapping
from funnel.words import wording

LOGS = (Shape.HISTORY, Shape.CHANGES)


def carry_out(engine: Engine, tables: Sequence[RawTable], mapping: Mapping, *, as_of: datetime) -> Loaded:
    """`leads` and `history` made anew from the raw tables, and what became of every line.

    `rejects` gets the lines and cells that could not be read (those of an earlier mapping are taken out). Nothing after
    `as_of` is observed. Raises MappingError where no lead remains; AssertionError where lines do not add up.
    """
    FAULTS.reset(engine)
    mapping = read_aside(engine, tables, mapping)
    found = labels_of(engine, mapping)
    engine.drop_view("history")
    clock = clock_of(engine, mapping, time_columns(mapping), as_of)
    cells = {source.view: SourceCells(engine, mapping, source, clock) for source in mapping.sources}
    engine.run(Query(f"DROP TABLE IF EXISTS {LOCAL_TIMES}"))
    if clock is not None:
        keep_local_times(engine, [each for source in cells.values() for each in source.times()])
    straight = None
    if len(mapping.sources) == 1 and mapping.shape in LOGS:
        straight = enter_sorted(engine, tables, mapping, mapping.primary, cells[mapping.primary.view], found)
    found.decide(
        votes.as_written(engine, mapping)
        if straight is None
        else votes.meanings(engine, mapping, partial(entered, straight, found))
    )
    if straight is None:
        engine.run(
            Query(
                "CREATE OR REPLACE TABLE history (lead_id VARCHAR, label VARCHAR, entered_at TIMESTAMP, sequence BIGINT)"
            )
        )
    single: dict[str, Query | None] = {}
    ordered = sorted(mapping.sources, key=lambda source: (source.shape not in LOGS, not source.primary))
    for source in ordered:
        if straight is not None:
            read_log(engine, mapping, source, cells[source.view], found, KEYED, LEAD_IDS)
            read_first(engine, mapping, source, cells[source.view], found, KEYED)
        elif source.shape in LOGS:
            entries_of = enter_log(engine, mapping, source, cells[source.view], found)
            told_by = SERIES if source.series else entries_of
            read_log(engine, mapping, source, cells[source.view], found, told_by)
            read_first(engine, mapping, source, cells[source.view], found, told_by)
            take_staged(engine, entries_of)
        else:
            read_rows(engine, mapping, source, cells[source.view], found)
            if one_line_each(engine, source):
                single[source.view] = lines_at_once(engine, mapping, source, cells[source.view], found)
            enter_rows(engine, mapping, source, found, single=source.view in single)
    created = _first_entries(engine, mapping)
    built = build_leads(engine, mapping, found, single, created)
    if straight is not None:
        show(engine, straight)
    form = straight or sort_entries(engine)
    leads, entries = engine.row(
        Query(f"SELECT (SELECT COUNT(*) FROM leads) AS a, (SELECT COUNT(*) FROM {form.entries}) AS b")
    )
    if not leads:
        raise MappingError("mapping.no_leads", file=", ".join(mapping.primary.names))
    formats = {column.column: column.format for column in mapping.dates.values()}
    formats |= {column.column: column.format for column in mapping.numbers.values()}
    for source in mapping.sources:
        FAULTS.reject(engine, source, formats)
    bad_cells = _reject_cells(engine, mapping)
    labels = with_positions(engine, mapping, found, counted(engine.rows(counts(form)), found))
    unknown_said(found, labels)
    files = _files(engine, tables, mapping, straight)
    observed = _observed(engine, mapping, cells, as_of, form)
    loaded = Loaded(
        files=files,
        leads=int(leads),
        entries=int(entries),
        labels=labels,
        warnings=(),
        understood=Note(f"mapping.understood_{mapping.shape.value}", {"leads": int(leads), "entries": int(entries)}),
        pipelines=_pipelines(engine, mapping),
        formats=formats,
        columns={part: column for part, (_, column) in mapping.parts.items()},
        headers=found.headers,
        observed_until=observed,
        cannot=quality.cannot(engine, mapping, form),
        at_start=built.at_start,
        unknown_at_start=built.unknown_at_start,
        local_times=clock is not None,
        form=form,
    )
    notes = quality.warnings(engine, mapping, found, loaded, as_of, bad_cells)
    left_out = [_left_out(engine, mapping, view, tables) for view in mapping.left_out]
    loaded = replace(loaded, warnings=(*notes, *built.notes, *left_out))
    doubted = doubts(engine, mapping, found, loaded)
    _drop(engine, mapping)
    return replace(loaded, doubts=doubted)


def _first_entries(engine: Engine, mapping: Mapping) -> str | None:
    """Leaves what a change log's own rows say of each lead (created_at, outcome_said); the label of creation, or None.

    A lead is lost by a reason that was given, unless it moved on to another stage after that.
    """
    source = mapping.primary
    if not mapping.fields:
        return None
    created = created_label(source.parts["lead"])
    ends = [use.use for use in mapping.fields if use.use in ("lost", "status")]
    lost = LOST_LABEL if ends else None
    query = Query(
        "SELECT history.lead_id AS lead_id, MIN(history.entered_at) FILTER (WHERE history.label = ?) AS created_at,"
        " CASE WHEN MAX(history.entered_at) FILTER (WHERE history.label = ?)"
        " >= COALESCE(MAX(history.entered_at) FILTER (WHERE history.label NOT IN (?, ?)), TIMESTAMP '0001-01-01')"
        " THEN 'lost' END AS outcome_said FROM history GROUP BY history.lead_id",
        (created, lost, lost or "", created),
    )
    engine.run(create_table("first_entries", query))
    return created


def _reject_cells(engine: Engine, mapping: Mapping) -> int:
    """Puts the unreadable cells of used lines among the rejects; how many there are."""
    count = 0
    for source in mapping.sources:
        logged = {source.parts.get("time")} if source.shape in LOGS else set()
        for (view, column), read in mapping.dates.items():
            if (
                view == source.view
                and column not in logged
                and read.filled > read.parsed + read.placeholders + read.sentinels
            ):
                reason = wording.say("mapping.reject_bad_date", form=read.format)
                count += FAULTS.reject_cells(engine, source, column, read.unreadable, reason)
        for (view, column), number in mapping.numbers.items():
            if view == source.view and number.filled > number.parsed + number.placeholders:
                reason = wording.say("mapping.reject_bad_number", form=number.format)
                count += FAULTS.reject_cells(engine, source, column, number.unreadable, reason)
    return count


def _files(
    engine: Engine, tables: Sequence[RawTable], mapping: Mapping, straight: Form | None
) -> tuple[FileCount, ...]:
    """Where the lines of each file went, in the order of the upload; those of a log that was entered `straight` are its entries."""
    counts: dict[str, FileCount] = {}
    by_view = {source.view: source for source in mapping.sources}
    joins = {join.view: join for join in mapping.joins}
    for view, place, raw in _raw_of(engine, tables, [*by_view, *joins, *mapping.left_out]):
        if view in mapping.left_out:
            faults = {Fault.LEFT_OUT: raw.rows_read - raw.rows_rejected} if raw.rows_read > raw.rows_rejected else {}
            used = 0
        elif view in joins:
            faults = _without_key(engine, raw, joins[view])
            used = raw.rows_read - raw.rows_rejected - sum(faults.values())
        else:
            faults = FAULTS.per_file(engine, view).get(place, {})
            used = used_per_file(engine, by_view[view], straight).get(place, 0)
        counts[raw.table] = file_count(raw, used, faults)
    return tuple(counts[raw.table] for raw in tables)


def _raw_of(engine: Engine, tables: Sequence[RawTable], views: Sequence[str]) -> list[tuple[str, int, RawTable]]:
    """(view, place in it, raw table) of every file."""
    stacks: dict[str, list[str]] = {view: [] for view in views}
    for view, table in engine.rows(
        Query("SELECT stacks.view, stacks.raw_table FROM stacks ORDER BY stacks.view, stacks.place")
    ):
        stacks.setdefault(view, []).append(table)
    raws = {raw.table: raw for raw in tables}
    return [(view, place, raws[table]) for view, names in stacks.items() for place, table in enumerate(names)]


def _without_key(engine: Engine, raw: RawTable, join: Join) -> dict[Fault, int]:
    """The lines of a joined table that no lead can be joined to, since their key is empty."""
    own = next(column for column in raw.columns if column.casefold() == join.key.casefold())
    query = fill(
        "SELECT COUNT(*) FILTER (WHERE {key} IS NULL) AS lines FROM {table} AS raw",
        key=cleaned(f"raw.{identifier(own)}"),
        table=identifier(raw.table),
    )
    lines = int(engine.row(query)[0])
    return {Fault.NO_KEY: lines} if lines else {}


def _left_out(engine: Engine, mapping: Mapping, view: str, tables: Sequence[RawTable]) -> Note:
    raws = [raw for name, _, raw in _raw_of(engine, tables, [view]) if name == view]
    return Note(
        "mapping.left_out",
        {
            "file": ", ".join(raw.name for raw in raws),
            "others": ", ".join(mapping.primary.names[:3]),
            "lines": sum(raw.rows_read for raw in raws),
        },
    )


def _pipelines(engine: Engine, mapping: Mapping) -> tuple[tuple[str, int], ...]:
    """The pipelines of the file, each with its leads, also those that were not asked for."""
    source = mapping.primary
    column = source.parts.get("pipeline")
    if column is None or len(mapping.pipelines) < 2:
        return ()
    query = fill(
        "SELECT {pipeline} AS pipeline, COUNT(DISTINCT {lead}) AS leads FROM {view} AS raw"
        " GROUP BY 1 ORDER BY leads DESC, pipeline",
        pipeline=cleaned(f"raw.{identifier(column)}"),
        lead="raw.source_line" if source.lead_is_line else f"raw.{identifier(source.parts['lead'])}",
        view=identifier(source.asked),
    )
    return tuple((name, int(leads)) for name, leads in engine.rows(query) if name is not None)


def latest_event(as_of: datetime, form: Form = TEXT) -> Query:
    """The latest event of any lead that is not after `as_of`, NULL where there is none; planned dates are no events."""
    return Query(
        "SELECT MAX(moments.moment) AS latest FROM ("
        f"SELECT MAX(entries.entered_at) AS moment FROM {known_as(form.history, 'entries')}"
        " WHERE entries.entered_at <= CAST(? AS TIMESTAMP)"
        " UNION ALL SELECT MAX(leads.created_at) AS moment FROM leads WHERE leads.created_at <= CAST(? AS TIMESTAMP)"
        " UNION ALL SELECT MAX(leads.closed_at) AS moment FROM leads WHERE leads.closed_at <= CAST(? AS TIMESTAMP)"
        ") AS moments",
        (as_of.isoformat(sep=" "),) * 3,
    )


def _observed(
    engine: Engine, mapping: Mapping, cells: dict[str, SourceCells], as_of: datetime, form: Form
) -> datetime | None:
    """The latest event that is not after the upload; where states were written down again and again, the last time that they were."""
    found = [engine.row(latest_event(as_of, form))[0]]
    for source in mapping.sources:
        moment = cells[source.view].moment("time") if source.series else None
        if moment is not None:
            query = fill(
                "SELECT MAX({moment}) AS latest FROM {view} AS raw", moment=moment, view=identifier(source.view)
            )
            latest = engine.row(query)[0]
            found.append(latest if latest is not None and latest <= as_of else None)
    known = [latest for latest in found if isinstance(latest, datetime)]
    return max(known, default=None)


def _drop(engine: Engine, mapping: Mapping) -> None:
    """Removes what was only needed on the way."""
    drop_parts(engine, mapping)
    drop_aside(engine, mapping)
    engine.drop_view(KEYED)
    names = [part_table(source) for source in mapping.sources] + [
        TABLE,
        "first_entries",
        "logged_leads",
        "label_spellings",
        LEAD_IDS,
        SERIES,
    ]
    names += [f"joined_{place}" for place in range(len(mapping.joins))]
    for name in names:
        engine.run(Query(f"DROP TABLE IF EXISTS {identifier(name)}"))
