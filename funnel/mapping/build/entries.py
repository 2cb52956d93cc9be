"""Lines of a log → `history`: each line an entry, or a stated reason why it is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import IGNORED, Shape
from funnel.mapping.build.labels import END_LABELS, Labels, created_label
from funnel.mapping.build.lines import TABLE, Fault, add_faults
from funnel.mapping.build.rows import attribute_names, attribute_texts, first_table, house_columns, part_table
from funnel.mapping.outcomes import outcome_values
from funnel.mapping.source_cells import SourceCells
from funnel.mapping.stages import pretty
from funnel.mapping.step_states import AHEAD
from funnel.mapping.template import NULL, among, any_of, bound, chosen, fill, listed, named
from funnel.mapping.types import Source

STAGED = "staged"
UNDATED = "ends_set_aside"
SERIES = "series_lines"
"""All lines of states written down again and again, also those that are no entries, since they tell what has not changed."""


def enter_log(cells: SourceCells, labels: Labels) -> str:
    """The name of a table with the entries of a history or a change log; its other lines are added to the line faults.

    The only log of a data set makes `history` itself; of several, each is staged, to be added with `take_staged`.
    """
    engine, source = cells.engine, cells.source
    label, moment, joined = entry_cells(cells, labels)
    staged = cells.fill(
        "SELECT {lead} AS lead_id, {label} AS label, {moment} AS entered_at, raw.source_line AS sequence"
        " FROM {view} AS raw{joined}",
        label=label,
        moment=moment,
        joined=joined,
    )
    alone = [each for each in cells.mapping.sources if each.is_log] == [source]
    table = "history" if alone else STAGED
    engine.keep(table, staged)
    counts = "COUNT(*) AS a, COUNT(kept.lead_id) AS b, COUNT(kept.label) AS c, COUNT(kept.entered_at) AS d"
    whole, ids, labelled, dated = engine.row(Query(f"SELECT {counts} FROM {table} AS kept"))
    if not whole == ids == labelled == dated:
        with _undated_ends(cells, labels, table):
            _faults(cells, table)
            engine.run(Query(f"DELETE FROM {table} WHERE lead_id IS NULL OR label IS NULL OR entered_at IS NULL"))
    if source.series:
        engine.keep(SERIES, Query(f"SELECT kept.* FROM {table} AS kept"))
        _only_changes(engine, source, table)
    if "target" in source.parts:
        engine.add(table, _last_targets(cells, labels))
    return table


def _is_changes(cells: SourceCells) -> bool:
    """Whether the lines of a log name the field that changed."""
    return bool(cells.mapping.fields) and cells.source.shape is Shape.CHANGES


def entry_cells(cells: SourceCells, labels: Labels) -> tuple[Query, Query, Query]:
    """(label, moment, join) of the entry that a raw line of a log makes; it makes none where its lead, label or moment is NULL."""
    label, joined = _changed_label(cells, labels) if _is_changes(cells) else _label(cells.source, labels)
    if cells.same is not None:
        label = fill("CASE WHEN {same} THEN NULL ELSE {label} END", same=cells.same, label=label)
    ahead = cells.step_is(AHEAD)
    if ahead is not None:
        label = fill("CASE WHEN {ahead} THEN NULL ELSE {label} END", ahead=ahead, label=label)
    moment = cells.moment("time") or NULL
    later = cells.moment("end")
    if later is not None:
        moment = fill("COALESCE({start}, {end})", start=moment, end=later)
    if cells.one_pipeline:
        label = fill("CASE WHEN {other} THEN NULL ELSE {label} END", other=cells.other_pipeline, label=label)
    return label, moment, joined


@contextmanager
def _undated_ends(cells: SourceCells, labels: Labels, table: str) -> Iterator[None]:
    """Sets the wins and losses without a time aside while the lines of a staged log that make no entry are told and removed: nobody knows
    when they were, and yet they were, so they are entries without a time."""
    engine = cells.engine
    ends = cells.fill(
        "SELECT kept.* FROM {table} AS kept INNER JOIN {view} AS raw ON raw.source_line = kept.sequence"
        " WHERE kept.lead_id IS NOT NULL AND kept.entered_at IS NULL AND {is_end} AND {time} IS NULL",
        table=table,
        is_end=among(Query("kept.label"), labels.ends_in(engine, table)),
        time=cells.text("time", typed=True),
    )
    engine.keep(UNDATED, ends)
    engine.run(Query(f"DELETE FROM {table} WHERE sequence IN (SELECT aside.sequence FROM {UNDATED} AS aside)"))
    yield
    engine.add(table, Query(f"SELECT aside.* FROM {UNDATED} AS aside"))
    engine.drop_table(UNDATED)


def _only_changes(engine: Engine, source: Source, table: str) -> None:
    """Of states written down again and again, only the lines on which a lead's label changes are entries; the others are ignored."""
    query = (
        "SELECT steps.sequence AS sequence FROM (SELECT kept.sequence AS sequence, kept.label AS label, LAG(kept.label) OVER"
        f" (PARTITION BY kept.lead_id ORDER BY kept.entered_at, kept.sequence) AS before FROM {table} AS kept) AS steps"
        " WHERE steps.label = steps.before"
    )
    unchanged = (source.view, Fault.UNCHANGED.value)
    engine.add(TABLE, Query(f"SELECT ? AS view, again.sequence AS line, ? AS fault FROM ({query}) AS again", unchanged))
    lines = f"SELECT faults.source_line FROM {TABLE} AS faults WHERE faults.view = ? AND faults.fault = ?"
    engine.run(Query(f"DELETE FROM {table} WHERE sequence IN ({lines})", unchanged))


def take_staged(engine: Engine, table: str) -> None:
    """Adds the entries of a staged log to `history`."""
    if table == STAGED:
        engine.add("history", Query(f"SELECT staged.* FROM {STAGED}"))
        engine.drop_table(STAGED)


def _label(source: Source, labels: Labels) -> tuple[Query, Query]:
    if source.constant:
        # The name of each file, which holds the leads of one stage.
        names = [pretty(name.rsplit("/", 1)[-1].split(".", 1)[0]) for name in source.constant]
        return chosen(SourceCells.file_index, enumerate(names)), Query("")
    return labels.spelling(source)


def _changed_label(cells: SourceCells, labels: Labels) -> tuple[Query, Query]:
    """The label that a line of a change log means, by its field; NULL where the field is no stage."""
    label, joined = labels.spelling(cells.source)
    value = cells.text("label")
    uses: dict[str, list[str]] = {}
    for use in cells.mapping.fields:
        uses.setdefault(use.use, []).append(use.name)
    parts = [fill("WHEN {is_stage} THEN {label}", is_stage=cells.field_among(uses.get("stage", [])), label=label)]
    if uses.get("created"):
        created = created_label(cells.source.parts["lead"])
        labels.made[created] = IGNORED
        is_created = cells.field_among(uses["created"])
        parts.append(fill("WHEN {is_created} THEN {created}", is_created=is_created, created=bound(created)))
    for end in ("lost", "won"):
        if uses.get(end):
            labels.made[END_LABELS[end]] = end
            when = "WHEN {is_end} AND {value} IS NOT NULL THEN {made}"
            parts.append(fill(when, is_end=cells.field_among(uses[end]), value=value, made=bound(END_LABELS[end])))
    if uses.get("status"):
        ended = _status(cells, labels, value, uses["status"])
        parts.append(fill("WHEN {is_status} THEN {ended}", is_status=cells.field_among(uses["status"]), ended=ended))
    return fill("CASE {whens} END", whens=listed(parts, " ")), joined


def _status(cells: SourceCells, labels: Labels, value: Query, fields: list[str]) -> Query:
    """Won or lost, where a status field says so."""
    query = cells.fill(
        "SELECT DISTINCT {value} AS value FROM {view} AS raw WHERE {is_status} LIMIT 100",
        value=value,
        is_status=cells.field_among(fields),
    )
    texts = [text for (text,) in cells.engine.rows(query) if text is not None]
    pairs = []
    for text, outcome in (outcome_values("status", texts) or {}).items():
        if outcome in END_LABELS:
            labels.made[END_LABELS[outcome]] = outcome
            pairs.append((text, END_LABELS[outcome]))
    if not pairs:
        return NULL
    cases = chosen("said.value", pairs)
    return fill("(SELECT {cases} FROM (SELECT {value} AS value) AS said)", cases=cases, value=value)


def _faults(cells: SourceCells, table: str) -> None:
    """Why each line that made no entry made none, in the order in which a reader would ask."""
    fields = cells.mapping.fields if _is_changes(cells) else ()
    label = NULL if cells.source.constant else cells.text("label")
    cases: list[tuple[Query, Fault]] = [(cells.totals(), Fault.TOTALS), (cells.header_again(), Fault.HEADER)]
    if cells.one_pipeline:
        cases.append((cells.other_pipeline, Fault.PIPELINE))
    if fields:
        stages = [use.name for use in fields if use.use in ("stage", "created")]
        emptied = [use.name for use in fields if use.use in ("lost", "won")]
        others = fill("NOT {known}", known=cells.field_among([*stages, *emptied]))
        empty = fill("{ends} AND {value} IS NULL", ends=cells.field_among(emptied), value=label)
        cases.append((any_of([others, empty]), Fault.FIELD))
    cases.append((cells.fill("{lead} IS NULL"), Fault.NO_LEAD))
    if cells.same is not None:
        cases.append((cells.same, Fault.SAME))
    ahead = cells.step_is(AHEAD)
    if ahead is not None:
        cases.append((ahead, Fault.AHEAD))
    if not cells.source.constant:
        creating = [use.name for use in fields if use.use == "created"]
        no_label = fill("{label} IS NULL", label=label)
        if creating:
            no_label = fill("{none} AND NOT {is_made}", none=no_label, is_made=cells.field_among(creating))
        cases.append((no_label, Fault.NO_LABEL))
    cases.append((fill("{text} IS NULL", text=cells.text("time", typed=True)), Fault.NO_TIME))
    add_faults(cells, cases, Fault.BAD_TIME, table)


def _last_targets(cells: SourceCells, labels: Labels) -> Query:
    """Of stays (from, from when, to, until when) each line's entry is *from*; a lead's last line also leads *to* somewhere."""
    target, joined = labels.spelling(cells.source, "target")
    return cells.fill(
        "SELECT last.lead_id, last.label, last.entered_at, last.sequence FROM ("
        "SELECT {lead} AS lead_id, {target} AS label, {until} AS entered_at, raw.source_line AS sequence,"
        " ROW_NUMBER() OVER (PARTITION BY {lead} ORDER BY {since} DESC NULLS LAST, raw.source_line DESC) AS place"
        " FROM {view} AS raw{joined}) AS last"
        " WHERE last.place = 1 AND last.lead_id IS NOT NULL AND last.label IS NOT NULL AND last.entered_at IS NOT NULL",
        target=target,
        until=cells.moment("until") or NULL,
        since=cells.moment("time") or NULL,
        joined=joined,
    )


def read_log(cells: SourceCells, labels: Labels, entries: str, ids: str | None = None) -> None:
    """Leaves one line for each lead of a log in the source's working table: what its last entry says.

    Where a cell of that line is empty, the last one that is not counts, since many logs write a value only once. `entries` is the table
    of the source's own entries, `ids` one of the lead_id of each of its leads, where there is one. When a lead was created is the
    earliest that any of its lines says.
    """
    engine, table = cells.engine, part_table(cells.source)
    texts = _texts(cells, labels)
    # The last line of a lead, by time and then by place in the file, as one number: seconds, then 29 bits of the line. A line without
    # a time comes before all others.
    key = "COALESCE(CAST(epoch(entries.entered_at) AS BIGINT), -17000000000) * 536870912 + entries.sequence % 536870912"
    columns = named(texts)
    needed = [name for name, text in texts.items() if "raw." in text.text]
    if not needed:
        distinct = f"(SELECT DISTINCT entries.lead_id AS lead_id FROM {identifier(entries)} AS entries)"
        only_ids = distinct if ids is None else identifier(ids)
        query = "SELECT entered.lead_id AS lead_id, {columns} FROM {ids} AS entered"
        engine.keep(table, fill(query, columns=columns, ids=only_ids))
        return
    last_lines = cells.fill(
        "SELECT {lead} AS lead_id, {columns} FROM (SELECT entries.lead_id AS lead_id,"
        " arg_max(entries.sequence, {key}) AS line FROM {entries} AS entries GROUP BY entries.lead_id) AS last_line"
        " JOIN {view} AS raw ON raw.source_line = last_line.line",
        columns=columns,
        key=key,
        entries=identifier(entries),
    )
    engine.keep(table, last_lines)
    gaps = _gaps(engine, table, needed)
    if not gaps:
        return
    picked = {name: "MIN(said.{0})" if name == "created_at" else "arg_max(said.{0}, said.place)" for name in gaps}
    filled = cells.fill(
        "UPDATE {table} AS part SET {sets} FROM (SELECT said.lead_id AS lead_id, {picked} FROM (SELECT {lead} AS lead_id,"
        " {key} AS place, {columns} FROM {entries} AS entries JOIN {view} AS raw ON raw.source_line = entries.sequence) AS said"
        " GROUP BY said.lead_id) AS other WHERE other.lead_id = part.lead_id",
        table=identifier(table),
        sets=", ".join(f"{name} = other.{name}" for name in gaps),
        picked=", ".join(f"{pick.format(name)} AS {name}" for name, pick in picked.items()),
        key=key,
        columns=named({name: texts[name] for name in gaps}),
        entries=identifier(entries),
    )
    engine.run(filled)


def read_first(cells: SourceCells, labels: Labels, entries: str) -> None:
    """Leaves what a log's lines of each lead's first moment say of it in `first_table(source)`: lead_id, amount, a0 … as in the
    working table. Of several lines of that moment the first in the file that is not empty counts; what only later lines say is NULL.
    Where each lead has one line there is no such table.
    """
    texts = _texts(cells, labels)
    changing = [name for name in ("amount", *attribute_names(cells.source)) if "raw." in texts[name].text]
    several = f"SELECT COUNT(*) > COUNT(DISTINCT entries.lead_id) AS several FROM {identifier(entries)} AS entries"
    if not changing or not cells.engine.row(Query(several))[0]:
        return
    query = fill(
        "SELECT {lead} AS lead_id, {columns} FROM (SELECT entries.lead_id AS lead_id, entries.sequence AS line"
        " FROM {entries} AS entries JOIN (SELECT each.lead_id AS lead_id, MIN(each.entered_at) AS moment FROM {entries} AS each"
        " GROUP BY each.lead_id) AS began ON began.lead_id = entries.lead_id AND began.moment IS NOT DISTINCT FROM entries.entered_at)"
        " AS first_lines JOIN {view} AS raw ON raw.source_line = first_lines.line GROUP BY 1",
        lead=cells.lead,
        columns=named({name: fill("arg_min({text}, first_lines.line)", text=texts[name]) for name in changing}),
        entries=identifier(entries),
        view=cells.view,
    )
    cells.engine.keep(first_table(cells.source), query)


def _texts(cells: SourceCells, labels: Labels) -> dict[str, Query]:
    """What a raw line says of its lead: the columns of a working table, each with its expression."""
    dates = {name: cells.moment(part) or NULL for name, part in (("created_at", "created"), ("closed_any", "closed"))}
    return {
        **{name: fill("CAST({moment} AS TIMESTAMP)", moment=moment) for name, moment in dates.items()},
        **house_columns(cells, labels),
        **attribute_texts(cells.source),
    }


def _gaps(engine: Engine, table: str, names: list[str]) -> list[str]:
    """The columns that the last lines of some leads leave empty, and created_at, which is the earliest that is said."""
    counts = ", ".join(f"COUNT(part.{name}) AS {name}" for name in names)
    leads, *filled = engine.row(Query(f"SELECT COUNT(*) AS leads, {counts} FROM {identifier(table)} AS part"))
    return [name for name, count in zip(names, filled, strict=True) if count < leads or name == "created_at"]
