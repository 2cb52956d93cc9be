"""Lines of a log → `history`: each line an entry, or a stated reason why it is none."""

from __future__ import annotations

from funnel.core.engine import Engine
from funnel.core.sql import Query, create_table, identifier
from funnel.core.types import IGNORED, WON_CONCEPT, Shape
from funnel.mapping.build.ends import undated_ends
from funnel.mapping.build.labels import LOST_LABEL, WON_LABEL, Labels, created_label
from funnel.mapping.build.lines import FAULTS, TABLE, Fault
from funnel.mapping.build.rows import attribute_columns, attribute_names, first_table, house_columns, part_table
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.outcomes import outcome_values
from funnel.mapping.source_cells import SourceCells
from funnel.mapping.stages import pretty
from funnel.mapping.template import NULL, any_of, chosen, fill, listed
from funnel.mapping.types import Mapping, Source

STAGED = "staged"
SERIES = "series_lines"
"""All lines of states written down again and again, also those that are no entries, since they tell what has not changed."""


def enter_log(engine: Engine, mapping: Mapping, source: Source, cells: SourceCells, found: Labels) -> str:
    """The name of a table with the entries of a history or a change log; its other lines are added to the line faults.

    The only log of a data set makes `history` itself; of several, each is staged, to be added with `take_staged`.
    """
    label, moment, joined = entry_cells(mapping, source, cells, found)
    staged = fill(
        "SELECT {id} AS lead_id, {label} AS label, {moment} AS entered_at, raw.source_line AS sequence"
        " FROM {view} AS raw{joined}",
        id=cells.lead,
        label=label,
        moment=moment,
        view=identifier(source.view),
        joined=joined,
    )
    alone = len([each for each in mapping.sources if each.shape in (Shape.HISTORY, Shape.CHANGES)]) == 1
    table = "history" if alone else STAGED
    engine.run(Query(f"CREATE OR REPLACE TABLE {table} AS {staged.text}", staged.values))
    whole, ids, labelled, dated = engine.row(
        Query(
            f"SELECT COUNT(*) AS a, COUNT(kept.lead_id) AS b, COUNT(kept.label) AS c, COUNT(kept.entered_at) AS d FROM {table} AS kept"
        )
    )
    if not whole == ids == labelled == dated:
        with undated_ends(engine, source, cells, found, table):
            _faults(engine, mapping, source, cells, table)
            engine.run(Query(f"DELETE FROM {table} WHERE lead_id IS NULL OR label IS NULL OR entered_at IS NULL"))
    if source.series:
        engine.run(Query(f"CREATE OR REPLACE TABLE {SERIES} AS SELECT kept.* FROM {table} AS kept"))
        _only_changes(engine, source, table)
    if "target" in source.parts:
        _last_targets(engine, source, cells, found, table)
    return table


def _is_changes(mapping: Mapping, source: Source) -> bool:
    """Whether the lines of a log name the field that changed."""
    return bool(mapping.fields) and source.shape is Shape.CHANGES


def entry_cells(mapping: Mapping, source: Source, cells: SourceCells, found: Labels) -> tuple[Query, Query, Query]:
    """(label, moment, join) of the entry that a raw line of a log makes; it makes none where its lead, label or moment is NULL."""
    label, joined = (
        _changed_label(mapping, source, cells, found) if _is_changes(mapping, source) else _label(source, found)
    )
    if cells.same is not None:
        label = fill("CASE WHEN {same} THEN NULL ELSE {label} END", same=cells.same, label=label)
    moment = cells.moment("time") or NULL
    later = cells.moment("end")
    if later is not None:
        moment = fill("COALESCE({start}, {end})", start=moment, end=later)
    if cells.one_pipeline:
        label = fill("CASE WHEN {other} THEN NULL ELSE {label} END", other=cells.other_pipeline, label=label)
    return label, moment, joined


def _only_changes(engine: Engine, source: Source, table: str) -> None:
    """Of states written down again and again, only the lines on which a lead's label changes are entries; the others are ignored."""
    again = Query(
        "SELECT steps.sequence AS sequence FROM (SELECT kept.sequence AS sequence, kept.label AS label, LAG(kept.label) OVER"
        f" (PARTITION BY kept.lead_id ORDER BY kept.entered_at, kept.sequence) AS before FROM {table} AS kept) AS steps"
        " WHERE steps.label = steps.before"
    )
    engine.run(
        fill(
            "INSERT INTO {faults} SELECT {view}, again.sequence, {fault} FROM ({again}) AS again",
            faults=TABLE,
            view=Query("?", (source.view,)),
            fault=Query("?", (Fault.UNCHANGED.value,)),
            again=again,
        )
    )
    engine.run(
        Query(
            f"DELETE FROM {table} WHERE sequence IN (SELECT faults.source_line FROM {TABLE} AS faults"
            " WHERE faults.view = ? AND faults.fault = ?)",
            (source.view, Fault.UNCHANGED.value),
        )
    )


def take_staged(engine: Engine, table: str) -> None:
    """Adds the entries of a staged log to `history`."""
    if table == STAGED:
        engine.run(
            Query(
                f"INSERT INTO history SELECT staged.lead_id, staged.label, staged.entered_at, staged.sequence FROM {STAGED}"
            )
        )
        engine.run(Query(f"DROP TABLE {STAGED}"))


def _label(source: Source, found: Labels) -> tuple[Query, Query]:
    if source.constant:
        names = [(str(place), label) for place, label in enumerate(constant_labels(source))]
        return chosen(f"CAST({SourceCells.file_place} AS VARCHAR)", names), Query("")
    return found.spelling(source)


def constant_labels(source: Source) -> tuple[str, ...]:
    """The label of each file where a file holds the leads of one stage."""
    return tuple(pretty(name.rsplit("/", 1)[-1].split(".", 1)[0]) for name in source.constant)


def _changed_label(mapping: Mapping, source: Source, cells: SourceCells, found: Labels) -> tuple[Query, Query]:
    """The label that a line of a change log means, by its field; NULL where the field is no stage."""
    label, joined = found.spelling(source)
    value = cleaned(f"raw.{identifier(source.parts['label'])}")
    uses: dict[str, list[str]] = {}
    for use in mapping.fields:
        uses.setdefault(use.use, []).append(use.name)
    parts = [fill("WHEN {is_stage} THEN {label}", is_stage=cells.field_among(uses.get("stage", [])), label=label)]
    if uses.get("created"):
        said = created_label(source.parts["lead"])
        found.made[said] = IGNORED
        is_created = cells.field_among(uses["created"])
        parts.append(fill("WHEN {is_created} THEN {said}", is_created=is_created, said=Query("?", (said,))))
    for end, label_made, concept in (("lost", LOST_LABEL, "lost"), ("won", WON_LABEL, WON_CONCEPT)):
        if uses.get(end):
            found.made[label_made] = concept
            when = fill(
                "WHEN {is_end} AND {value} IS NOT NULL THEN ?", is_end=cells.field_among(uses[end]), value=value
            )
            parts.append(Query(when.text, (*when.values, label_made)))
    if uses.get("status"):
        ended = _status(cells, source, found, value, uses["status"])
        parts.append(fill("WHEN {is_status} THEN {ended}", is_status=cells.field_among(uses["status"]), ended=ended))
    text = "CASE " + " ".join(part.text for part in parts) + " END"
    return Query(text, tuple(each for part in parts for each in part.values)), joined


def _status(cells: SourceCells, source: Source, found: Labels, value: Query, fields: list[str]) -> Query:
    """Won or lost, where a status field says so."""
    query = fill(
        "SELECT DISTINCT {value} AS value FROM {view} AS raw WHERE {is_status} LIMIT 100",
        value=value,
        view=identifier(source.view),
        is_status=cells.field_among(fields),
    )
    texts = [text for (text,) in cells.engine.rows(query) if text is not None]
    said = outcome_values("status", texts) or {}
    ends = {"won": (WON_LABEL, WON_CONCEPT), "lost": (LOST_LABEL, "lost")}
    pairs = []
    for text, outcome in said.items():
        if outcome in ends:
            label, concept = ends[outcome]
            found.made[label] = concept
            pairs.append((text, label))
    if not pairs:
        return NULL
    cases = chosen("said.value", pairs)
    return fill("(SELECT {cases} FROM (SELECT {value} AS value) AS said)", cases=cases, value=value)


def _faults(engine: Engine, mapping: Mapping, source: Source, cells: SourceCells, table: str) -> None:
    """Why each line that made no entry made none, in the order in which a reader would ask."""
    label = Query("NULL") if source.constant else cleaned(f"raw.{identifier(source.parts['label'])}")
    cases: list[tuple[Query, Fault]] = [(cells.totals(), Fault.TOTALS), (cells.header_again(), Fault.HEADER)]
    if cells.one_pipeline:
        cases.append((cells.other_pipeline, Fault.PIPELINE))
    if _is_changes(mapping, source):
        stages = [use.name for use in mapping.fields if use.use in ("stage", "created")]
        emptied = [use.name for use in mapping.fields if use.use in ("lost", "won")]
        cases.append(
            (
                any_of(
                    [
                        fill("NOT {known}", known=cells.field_among([*stages, *emptied])),
                        fill("{ends} AND {value} IS NULL", ends=cells.field_among(emptied), value=label),
                    ]
                ),
                Fault.FIELD,
            )
        )
    cases.append((fill("{id} IS NULL", id=cells.lead), Fault.NO_LEAD))
    if cells.same is not None:
        cases.append((cells.same, Fault.SAME))
    if not source.constant:
        changes = mapping.fields if _is_changes(mapping, source) else ()
        made = [use.name for use in changes if use.use == "created"]
        no_label = fill("{label} IS NULL", label=label)
        if made:
            no_label = fill("{none} AND NOT {is_made}", none=no_label, is_made=cells.field_among(made))
        cases.append((no_label, Fault.NO_LABEL))
    cases.append((fill("{text} IS NULL", text=cells.text("time", typed=True)), Fault.NO_TIME))
    FAULTS.add(engine, source, cells, cases, otherwise=Fault.BAD_TIME, among=table)


def _last_targets(engine: Engine, source: Source, cells: SourceCells, found: Labels, table: str) -> None:
    """Of stays (from, from when, to, until when) each line's entry is *from*; a lead's last line also leads *to* somewhere."""
    target, joined = found.spelling(source, "target")
    query = fill(
        "INSERT INTO {table} SELECT last.lead_id, last.label, last.entered_at, last.sequence FROM ("
        "SELECT {id} AS lead_id, {target} AS label, {until} AS entered_at, raw.source_line AS sequence,"
        " ROW_NUMBER() OVER (PARTITION BY {id} ORDER BY {since} DESC NULLS LAST, raw.source_line DESC) AS place"
        " FROM {view} AS raw{joined}) AS last"
        " WHERE last.place = 1 AND last.lead_id IS NOT NULL AND last.label IS NOT NULL AND last.entered_at IS NOT NULL",
        table=table,
        id=cells.lead,
        target=target,
        until=cells.moment("until") or NULL,
        since=cells.moment("time") or NULL,
        view=identifier(source.view),
        joined=joined,
    )
    engine.run(query)


def read_log(
    engine: Engine,
    mapping: Mapping,
    source: Source,
    cells: SourceCells,
    found: Labels,
    entries: str,
    ids: str | None = None,
) -> None:
    """Leaves one line for each lead of a log in the source's working table: what its last entry says.

    Where a cell of that line is empty, the last one that is not counts, since many logs write a value only once. `entries` is the table
    of the source's own entries, `ids` one of the lead_id of each of its leads, where there is one. When a lead was created is the
    earliest that any of its lines says.
    """
    said = _said(mapping, source, cells, found)
    table = identifier(part_table(source))
    # The last line of a lead, by time and then by place in the file, as one number: seconds, then 29 bits of the line. A line without
    # a time comes before all others.
    key = "COALESCE(CAST(epoch(entries.entered_at) AS BIGINT), -17000000000) * 536870912 + entries.sequence % 536870912"
    columns = listed(fill("{text} AS {name}", text=text, name=name) for name, text in said.items())
    needed = [name for name, text in said.items() if "raw." in text.text]
    if not needed:
        distinct = f"(SELECT DISTINCT entries.lead_id AS lead_id FROM {identifier(entries)} AS entries)"
        only_ids = distinct if ids is None else identifier(ids)
        query = fill(
            "SELECT entered.lead_id AS lead_id, {columns} FROM {ids} AS entered", columns=columns, ids=only_ids
        )
        engine.run(Query(f"CREATE OR REPLACE TABLE {table} AS {query.text}", query.values))
        return
    query = fill(
        "SELECT {lead} AS lead_id, {columns} FROM (SELECT entries.lead_id AS lead_id,"
        " arg_max(entries.sequence, {key}) AS line FROM {entries} AS entries GROUP BY entries.lead_id) AS last_line"
        " JOIN {view} AS raw ON raw.source_line = last_line.line",
        lead=cells.lead,
        columns=columns,
        key=key,
        entries=identifier(entries),
        view=identifier(source.view),
    )
    engine.run(Query(f"CREATE OR REPLACE TABLE {table} AS {query.text}", query.values))
    gaps = _gaps(engine, table, needed)
    if not gaps:
        return
    chosen_values = {
        name: "MIN(said.{0})" if name == "created_at" else "arg_max(said.{0}, said.place)" for name in gaps
    }
    filled = fill(
        "UPDATE {table} AS part SET {sets} FROM (SELECT said.lead_id AS lead_id, {picked} FROM (SELECT {lead} AS lead_id,"
        " {key} AS place, {columns} FROM {entries} AS entries JOIN {view} AS raw ON raw.source_line = entries.sequence) AS said"
        " GROUP BY said.lead_id) AS other WHERE other.lead_id = part.lead_id",
        lead=cells.lead,
        table=table,
        sets=", ".join(f"{name} = other.{name}" for name in gaps),
        picked=", ".join(f"{pick.format(name)} AS {name}" for name, pick in chosen_values.items()),
        key=key,
        columns=listed(fill("{text} AS {name}", text=said[name], name=name) for name in gaps),
        entries=identifier(entries),
        view=identifier(source.view),
    )
    engine.run(filled)


def read_first(
    engine: Engine, mapping: Mapping, source: Source, cells: SourceCells, found: Labels, entries: str
) -> None:
    """Leaves what a log's lines of each lead's first moment say of it in `first_table(source)`: lead_id, amount, a0 … as in the
    working table. Of several lines of that moment the first in the file that is not empty counts; what only later lines say is NULL.
    Where each lead has one line there is no such table.
    """
    said = {
        name: text
        for name, text in _said(mapping, source, cells, found).items()
        if "raw." in text.text and (name == "amount" or name in attribute_names(source))
    }
    several = "SELECT COUNT(*) > COUNT(DISTINCT entries.lead_id) AS several FROM {entries} AS entries"
    if not said or not engine.row(fill(several, entries=identifier(entries)))[0]:
        return
    query = fill(
        "SELECT {lead} AS lead_id, {columns} FROM (SELECT entries.lead_id AS lead_id, entries.sequence AS line"
        " FROM {entries} AS entries JOIN (SELECT each.lead_id AS lead_id, MIN(each.entered_at) AS moment FROM {entries} AS each"
        " GROUP BY each.lead_id) AS began ON began.lead_id = entries.lead_id AND began.moment IS NOT DISTINCT FROM entries.entered_at)"
        " AS first_lines JOIN {view} AS raw ON raw.source_line = first_lines.line GROUP BY 1",
        lead=cells.lead,
        columns=listed(
            fill("arg_min({text}, first_lines.line) AS {name}", text=text, name=name) for name, text in said.items()
        ),
        entries=identifier(entries),
        view=identifier(source.view),
    )
    engine.run(create_table(first_table(source), query))


def _said(mapping: Mapping, source: Source, cells: SourceCells, found: Labels) -> dict[str, Query]:
    """What a raw line says of its lead: the columns of a working table, each with its expression."""
    dates = {name: cells.moment(part) or NULL for name, part in (("created_at", "created"), ("closed_any", "closed"))}
    return {
        **{name: fill("CAST({moment} AS TIMESTAMP)", moment=moment) for name, moment in dates.items()},
        **house_columns(mapping, source, cells, found),
        **{f"a{place}": cleaned(f"raw.{identifier(column)}") for place, column in enumerate(attribute_columns(source))},
    }


def _gaps(engine: Engine, table: str, names: list[str]) -> list[str]:
    """The columns that the last lines of some leads leave empty, and created_at, which is the earliest that is said."""
    if not names:
        return []
    counts = ", ".join(f"COUNT(part.{name}) AS {name}" for name in names)
    leads, *filled = engine.row(Query(f"SELECT COUNT(*) AS leads, {counts} FROM {table} AS part"))
    return [name for name, count in zip(names, filled, strict=True) if count < leads or name == "created_at"]
