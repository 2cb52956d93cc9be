"""A `Mapping` carried out: `leads` and `history` in the engine, every line accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from funnel.core.engine import Engine
from funnel.core.errors import MappingError
from funnel.core.history import TEXT, Form, known_as
from funnel.core.sql import Query, identifier
from funnel.core.types import LOST_CONCEPTS, FileCount, Note, RawTable
from funnel.mapping import votes
from funnel.mapping.build import quality
from funnel.mapping.build.accounts import join_accounts
from funnel.mapping.build.aside import drop_aside, read_aside
from funnel.mapping.build.doubts import doubts
from funnel.mapping.build.entries import SERIES, enter_log, read_first, read_log, take_staged
from funnel.mapping.build.label_order import with_positions
from funnel.mapping.build.labels import END_LABELS, SPELLINGS, check_ends, counted, counts, created_label, labels_of
from funnel.mapping.build.leads import build_leads, drop_parts
from funnel.mapping.build.lines import (
    TABLE,
    Fault,
    faults_per_file,
    file_count,
    reject_cells,
    reject_lines,
    reset_faults,
    used_per_file,
)
from funnel.mapping.build.rows import enter_rows, lines_at_once, one_line_each, part_table, read_rows
from funnel.mapping.build.sorted_entries import KEYED, LEAD_IDS, enter_sorted, entered, show, sort_entries
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.clock import LOCAL_TIMES, clock_of, keep_local_times
from funnel.mapping.headers import first_headers
from funnel.mapping.joins import stacks
from funnel.mapping.source_cells import SourceCells, time_columns
from funnel.mapping.template import fill, raw_cell
from funnel.mapping.types import ColumnMapping, Join, Loaded
from funnel.words import wording


def carry_out(engine: Engine, tables: Sequence[RawTable], mapping: ColumnMapping, *, as_of: datetime) -> Loaded:
    """`leads` and `history` made anew from the raw tables, and what became of every line.

    `rejects` gets the lines and cells that could not be read (those of an earlier mapping are taken out). Nothing after
    `as_of` is observed. Raises MappingError where no lead remains; AssertionError where lines do not add up.
    """
    reset_faults(engine)
    mapping = read_aside(engine, tables, mapping)
    labels = labels_of(engine, mapping)
    engine.drop_view("history")
    clock = clock_of(engine, mapping, time_columns(mapping), as_of)
    cells = {source.view: SourceCells(engine, mapping, source, clock) for source in mapping.sources}
    engine.drop_table(LOCAL_TIMES)
    if clock is not None:
        keep_local_times(engine, [each for source in cells.values() for each in source.times()])
    straight = None
    if len(mapping.sources) == 1 and mapping.primary.is_log:
        straight = enter_sorted(tables, cells[mapping.primary.view], labels)
    if straight is None:
        labels.decide(votes.as_written(engine, mapping))
        columns = "lead_id VARCHAR, label VARCHAR, entered_at TIMESTAMP, sequence BIGINT"
        engine.run(Query(f"CREATE OR REPLACE TABLE history ({columns})"))
    else:
        labels.decide(votes.meanings(engine, mapping, partial(entered, straight, labels)))
    single: dict[str, Query | None] = {}
    ordered = sorted(mapping.sources, key=lambda source: (not source.is_log, not source.primary))
    for source in ordered:
        own = cells[source.view]
        if straight is not None:
            read_log(own, labels, KEYED, LEAD_IDS)
            read_first(own, labels, KEYED)
        elif source.is_log:
            entries_of = enter_log(own, labels)
            lines = SERIES if source.series else entries_of
            read_log(own, labels, lines)
            read_first(own, labels, lines)
            take_staged(engine, entries_of)
        else:
            read_rows(own, labels)
            if one_line_each(engine, source):
                single[source.view] = lines_at_once(own, labels)
            enter_rows(engine, mapping, source, labels, single=source.view in single)
    created = _first_entries(engine, mapping)
    built = build_leads(engine, mapping, labels, single, created)
    joined = join_accounts(engine, mapping)
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
        reject_lines(engine, source, formats)
    bad_cells = _reject_cells(engine, mapping)
    present = with_positions(engine, mapping, labels, counted(engine.rows(counts(form)), labels))
    check_ends(labels, present)
    source = mapping.primary
    if "label" not in source.parts and all(label.concept in LOST_CONCEPTS for label in present):
        # All that is known of any lead is that it was lost.
        raise MappingError("mapping.no_label", file=", ".join(source.names), headers=first_headers(source.columns))
    files = _files(engine, tables, mapping, straight)
    observed = _observed(engine, mapping, cells, as_of, form)
    loaded = Loaded(
        files=files,
        leads=int(leads),
        entries=int(entries),
        labels=present,
        warnings=(),
        understood=Note(f"mapping.understood_{mapping.shape.value}", {"leads": int(leads), "entries": int(entries)}),
        pipelines=_pipelines(engine, mapping),
        formats=formats,
        columns={part: column for part, (_, column) in mapping.parts.items()},
        headers=labels.headers,
        observed_until=observed,
        cannot=quality.cannot(engine, mapping, form),
        at_start=built.at_start,
        unknown_at_start=built.unknown_at_start,
        local_times=clock is not None,
        form=form,
    )
    notes = quality.warnings(engine, mapping, labels, loaded, as_of, bad_cells)
    raws = stacks(engine, tables)
    left_out = [_left_out(mapping, raws[view]) for view in mapping.left_out]
    loaded = replace(loaded, warnings=(*notes, *joined, *built.notes, *left_out))
    loaded = replace(loaded, doubts=doubts(engine, mapping, labels, loaded))
    _drop(engine, mapping)
    return loaded


def _first_entries(engine: Engine, mapping: ColumnMapping) -> str | None:
    """Leaves what a change log's own rows say of each lead (created_at, outcome_said); the label of creation, or None.

    A lead is lost by a reason that was given, unless it moved on to another stage after that.
    """
    source = mapping.primary
    if not mapping.fields:
        return None
    created = created_label(source.parts["lead"])
    ends = [use.use for use in mapping.fields if use.use in ("lost", "status")]
    lost = END_LABELS["lost"] if ends else None
    query = Query(
        "SELECT history.lead_id AS lead_id, MIN(history.entered_at) FILTER (WHERE history.label = ?) AS created_at,"
        " CASE WHEN MAX(history.entered_at) FILTER (WHERE history.label = ?)"
        " >= COALESCE(MAX(history.entered_at) FILTER (WHERE history.label NOT IN (?, ?)), TIMESTAMP '0001-01-01')"
        " THEN 'lost' END AS outcome_said FROM history GROUP BY history.lead_id",
        (created, lost, lost or "", created),
    )
    engine.keep("first_entries", query)
    return created


def _reject_cells(engine: Engine, mapping: ColumnMapping) -> int:
    """Puts the unreadable cells of used lines among the rejects; how many there are."""
    count = 0
    for source in mapping.sources:
        logged = {source.parts.get("time")} if source.is_log else set()
        for (view, column), date_column in mapping.dates.items():
            if view == source.view and column not in logged and date_column.unreadable_cells:
                reason = wording.say("mapping.reject_bad_date", form=date_column.format)
                count += reject_cells(engine, source, column, date_column.unreadable, reason)
        for (view, column), number_column in mapping.numbers.items():
            if view == source.view and number_column.filled > number_column.parsed + number_column.placeholders:
                reason = wording.say("mapping.reject_bad_number", form=number_column.format)
                count += reject_cells(engine, source, column, number_column.unreadable, reason)
    return count


def _files(
    engine: Engine, tables: Sequence[RawTable], mapping: ColumnMapping, straight: Form | None
) -> tuple[FileCount, ...]:
    """Where the lines of each file went, in the order of the upload; those of a log that was entered `straight` are its entries."""
    counts: dict[str, FileCount] = {}
    by_view = {source.view: source for source in mapping.sources}
    joins = {join.view: join for join in mapping.joins}
    placed = [(view, index, raw) for view, raws in stacks(engine, tables).items() for index, raw in enumerate(raws)]
    for view, index, raw in placed:
        if view in mapping.left_out:
            faults = {Fault.LEFT_OUT: raw.rows_read - raw.rows_rejected} if raw.rows_read > raw.rows_rejected else {}
            used = 0
        elif view in joins:
            faults = _without_key(engine, raw, joins[view])
            used = raw.rows_read - raw.rows_rejected - sum(faults.values())
        else:
            faults = faults_per_file(engine, view).get(index, {})
            used = used_per_file(engine, by_view[view], straight).get(index, 0)
        counts[raw.table] = file_count(raw, used, faults)
    return tuple(counts[raw.table] for raw in tables)


def _without_key(engine: Engine, raw: RawTable, join: Join) -> dict[Fault, int]:
    """The lines of a joined table that no lead can be joined to, since their key is empty."""
    own = next(column for column in raw.columns if column.casefold() == join.key.casefold())
    query = "SELECT COUNT(*) FILTER (WHERE {key} IS NULL) AS lines FROM {table} AS raw"
    key = cleaned(raw_cell(own))
    lines = int(engine.row(fill(query, key=key, table=identifier(raw.table)))[0])
    return {Fault.NO_KEY: lines} if lines else {}


def _left_out(mapping: ColumnMapping, raws: Sequence[RawTable]) -> Note:
    files, others = ", ".join(raw.name for raw in raws), ", ".join(mapping.primary.names[:3])
    return Note("mapping.left_out", {"file": files, "others": others, "lines": sum(raw.rows_read for raw in raws)})


def _pipelines(engine: Engine, mapping: ColumnMapping) -> tuple[tuple[str, int], ...]:
    """The pipelines of the file, each with its leads, also those that were not asked for."""
    source = mapping.primary
    column = source.parts.get("pipeline")
    if column is None or len(mapping.pipelines) < 2:
        return ()
    query = fill(
        "SELECT {pipeline} AS pipeline, COUNT(DISTINCT {lead}) AS leads FROM {view} AS raw"
        " GROUP BY 1 ORDER BY leads DESC, pipeline",
        pipeline=cleaned(raw_cell(column)),
        lead="raw.source_line" if source.lead_is_line else raw_cell(source.parts["lead"]),
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
    engine: Engine, mapping: ColumnMapping, cells: dict[str, SourceCells], as_of: datetime, form: Form
) -> datetime | None:
    """The latest event that is not after the upload; where states were written down again and again, the last time that they were."""
    latest_of = [engine.row(latest_event(as_of, form))[0]]
    for source in mapping.sources:
        moment = cells[source.view].moment("time") if source.series else None
        if moment is not None:
            query = "SELECT MAX({moment}) AS latest FROM {view} AS raw"
            latest = engine.row(fill(query, moment=moment, view=identifier(source.view)))[0]
            latest_of.append(latest if latest is not None and latest <= as_of else None)
    moments = [latest for latest in latest_of if isinstance(latest, datetime)]
    return max(moments, default=None)


def _drop(engine: Engine, mapping: ColumnMapping) -> None:
    """Removes what was only needed on the way."""
    drop_parts(engine, mapping)
    drop_aside(engine, mapping)
    engine.drop_view(KEYED)
    parts = [part_table(source) for source in mapping.sources]
    joined = [f"joined_{index}" for index in range(len(mapping.joins))]
    for name in (*parts, *joined, TABLE, "first_entries", "logged_leads", SPELLINGS, LEAD_IDS, SERIES):
        engine.drop_table(name)
