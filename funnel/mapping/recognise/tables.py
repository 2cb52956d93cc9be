"""Raw tables → a `Mapping`: which table tells of leads, in what shape, and what the others add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from funnel.core.engine import Engine
from funnel.core.errors import MappingError
from funnel.core.sql import identifier
from funnel.core.types import RawTable, Shape
from funnel.mapping import joins
from funnel.mapping.cells.numbers import NumberColumn, read_numbers
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.headers import first_headers, squashed
from funnel.mapping.profile import Table
from funnel.mapping.recognise import readings
from funnel.mapping.recognise.candidates import Candidates
from funnel.mapping.recognise.change_fields import fields_of
from funnel.mapping.recognise.facts import Facts
from funnel.mapping.recognise.hypotheses import LEADS_ONLY, Understood, understand
from funnel.mapping.recognise.one_pass import looked_through
from funnel.mapping.recognise.signs import converted_only, label_signs
from funnel.mapping.recognise.typed import Typed
from funnel.mapping.template import fill, raw_cell
from funnel.mapping.types import PARTS, UNUSED, ColumnMapping, FieldUse, Join, MappingOverrides, Source
from funnel.mapping.votes import as_written

NO_HINTS = MappingOverrides()
MOST_PIPELINES = 200


def recognise(
    engine: Engine, tables: Sequence[RawTable], *, as_of: datetime, overrides: MappingOverrides = NO_HINTS
) -> ColumnMapping:
    """What the tables are about, from headers and content; `overrides` say by hand what would be guessed.

    Leaves a view of each table (or of several with equal headers) in the engine. `as_of` is the moment of the upload.
    Raises MappingError with one sentence that names the headers found.
    """
    grouped = joins.stacked(engine, tables, partial(looked_through, as_of=as_of, overrides=overrides))
    _check(overrides, grouped)
    proven_dates = {
        (table.view, name): date for table in grouped if table.seen for name, date in table.seen.dates.items()
    }
    typed = Typed(engine, as_of, overrides.date_order, proven_dates)
    _check_time(overrides, grouped, typed)
    room = _Room(typed, {table.view: Facts(engine, table) for table in grouped})
    main = _main(room, grouped, overrides)
    sources: list[tuple[Source, Table]] = [(main.source, main.table)]
    rest = _same_leads(room, main, [table for table in grouped if table is not main.table], overrides, sources)
    sources = _with_primary(sources)
    sources = [(_dated(source, table, typed, overrides), table) for source, table in sources]
    sources = _without_conversions(sources, overrides)
    primary = sources[0][0]
    fields = fields_of(engine, primary)
    joined, left_out = _joined(engine, sources, rest, fields)
    names = {source.view: ", ".join(source.names) for source, _ in sources}
    unasked = room.all(main.table, readings.unsaid(overrides))
    mapping = ColumnMapping(
        shape=primary.shape,
        sources=tuple(source for source, _ in sources),
        joins=joined,
        fields=fields,
        dates=dict(typed.dates),
        numbers=_amounts(engine, sources, overrides),
        left_out=left_out,
        pipelines=_pipelines(engine, sources, overrides),
        ambiguities=typed.ambiguities(names),
        dialect=main.dialect,
        overrides=overrides,
        signs=label_signs(room.facts, sources, typed),
        why=readings.why(main, overrides),
        half_dated=tuple(
            column.name for source, table in sources for column in table.columns if column.some_dates and column.filled
        ),
    )
    as_if = partial(_as_if, room, mapping)
    others, close = readings.alternatives(engine, main, unasked, as_if, alone=len(grouped) == 1)
    for facts in room.facts.values():
        facts.forget()
    return replace(mapping, alternatives=others, close=close)


def _as_if(room: _Room, mapping: ColumnMapping, reading: Understood) -> ColumnMapping:
    """The mapping with another reading of its table. MappingError where that cannot be carried out."""
    typed = room.typed.aside()
    source = replace(_dated(reading.source, reading.table, typed, mapping.overrides), primary=True)
    other_mapping = replace(
        mapping,
        shape=source.shape,
        sources=(source,),
        fields=fields_of(room.engine, source),
        dates=dict(typed.dates),
        signs=label_signs(room.facts, [(source, reading.table)], typed),
        why=(),
    )
    # It is counted again with each meaning that a person gives a label; what the lines say stays.
    return replace(other_mapping, meanings=as_written(room.engine, other_mapping))


@dataclass(frozen=True)
class _Room:
    """What recognition works with: dates read once, and what was counted of each table."""

    typed: Typed
    facts: Mapping[str, Facts]
    _read: dict[tuple[str, MappingOverrides], list[Understood]] = field(default_factory=dict, init=False)

    def understand(self, table: Table, overrides: MappingOverrides) -> Understood | None:
        """The likeliest reading of a table; None where nothing in it could be a lead."""
        return next(iter(self.all(table, overrides)), None)

    def all(self, table: Table, overrides: MappingOverrides) -> list[Understood]:
        """All readings of a table, the likeliest first; worked out once for the same overrides."""
        key = (table.view, overrides)
        if key not in self._read:
            self._read[key] = understand(self.facts[table.view], self.typed, overrides)
        return self._read[key]

    @property
    def engine(self) -> Engine:
        """The engine that holds the tables."""
        return self.typed.engine


def _check(overrides: MappingOverrides, tables: Sequence[Table]) -> None:
    """Every header that a person names is in one of the tables, and what a person says can go together."""
    if overrides.lead == UNUSED and overrides.shape in (Shape.HISTORY, Shape.CHANGES):
        raise MappingError(f"mapping.line_in_{overrides.shape.value}")
    headers = {squashed(column.name) for table in tables for column in table.columns}
    named = [overrides.part(part) for part in PARTS] + [header for header, _ in overrides.stage_dates]
    for header in named:
        if header is not None and header != UNUSED and squashed(header) not in headers:
            raise MappingError("mapping.unknown_column", column=header, headers=_headers(tables))


def _check_time(overrides: MappingOverrides, tables: Sequence[Table], typed: Typed) -> None:
    """The column that a person names as the time holds dates in at least one of the tables."""
    if overrides.time in (None, UNUSED):
        return
    key = squashed(str(overrides.time))
    named = [(table, column) for table in tables for column in table.columns if squashed(column.name) == key]
    if not any(column.dates or typed.date(table.view, column.name) for table, column in named):
        table, column = named[0]
        raise MappingError("mapping.no_date_in_column", column=column.name, file=table.name)


def _main(room: _Room, tables: Sequence[Table], overrides: MappingOverrides) -> Understood:
    """The table that tells most about leads."""
    hypotheses = [understood for table in tables if (understood := room.understand(table, overrides)) is not None]
    for table in tables if all(each.source.lead_is_line for each in hypotheses) and overrides.lead is None else ():
        empty = Candidates(table, None).empty_lead()
        if empty is not None:
            raise MappingError("mapping.empty_ids", column=empty.name, file=table.name)
    if not hypotheses:
        raise MappingError("mapping.no_lead", headers=_headers(tables))
    # The list of leads that a person names the id in is still not the table that says where they stand.
    best = max(
        hypotheses,
        key=lambda each: (each.worth > LEADS_ONLY, each.worth + _named_here(each.table, overrides), each.table.rows),
    )
    lead = best.case.column("lead")
    if lead is not None and not lead.filled:
        raise MappingError("mapping.empty_ids", column=lead.name, file=best.table.name)
    if best.worth <= LEADS_ONLY:
        raise MappingError("mapping.no_label", headers=_headers([best.table]), file=best.table.name)
    undated = _should_be_dated(best)
    if undated is not None:
        raise MappingError("mapping.no_date_in_column", column=undated, file=best.table.name)
    return best


def _should_be_dated(best: Understood) -> str | None:
    """A column that by its header says when, in a table where no column holds a date; None where there is none.

    In a list of leads an empty column says nothing; in a log each line needs its time.
    """
    table, source = best.table, best.source
    if source.stage_dates or {"time", "created", "closed", "changed"} & set(source.parts):
        return None
    log = best.case.ids is not None and not best.case.ids.unique
    headed = [column for column in Candidates(table, None).headed("time") if not column.dates]
    dated = [*headed, *(column for column in table.columns if column.some_dates)]
    free = [column for column in dated if column.name not in source.parts.values()]
    return next((column.name for column in free if column.filled or log), None)


def _named_here(table: Table, overrides: MappingOverrides) -> float:
    """How much more a table is worth for the headers that a person named in it."""
    headers = {squashed(column.name) for column in table.columns}
    named = {squashed(header) for part in PARTS if (header := overrides.part(part)) not in (None, UNUSED)}
    return 100.0 * len(named & headers)


def _same_leads(
    room: _Room,
    main: Understood,
    others: Sequence[Table],
    overrides: MappingOverrides,
    sources: list[tuple[Source, Table]],
) -> list[Table]:
    """Adds the tables about the same leads to `sources`; the others come back."""
    lead = main.case.column("lead")
    if lead is None:
        return list(others)
    rest = []
    for table in others:
        own = room.understand(table, replace(overrides, shape=None, lead=None))
        own_lead = own.case.column("lead") if own else None
        column = joins.same_leads(room.engine, main.table, lead, table, own_lead)
        reading = (
            room.understand(table, replace(overrides, shape=None, lead=column.name)) if column is not None else None
        )
        if reading is None or column is None or not _adds(room.facts[table.view], main.source, reading):
            rest.append(table)
        else:
            sources.append((reading.source, table))
    return rest


def _adds(facts: Facts, main: Source, reading: Understood) -> bool:
    """Whether a table of the same leads can be read with them: a line for each, or more of the same history."""
    lead = reading.case.column("lead")
    if not reading.source.is_log:
        return lead is not None and facts.ids(lead).unique
    same_label = squashed(reading.source.parts.get("label", "")) == squashed(main.parts.get("label", ""))
    return bool(reading.source.constant) or (reading.source.shape is main.shape and same_label)


def _with_primary(sources: list[tuple[Source, Table]]) -> list[tuple[Source, Table]]:
    """The first source leads; of tables with one line a lead, the longest does."""
    first = 0
    if not sources[0][0].is_log:
        first = max(range(len(sources)), key=lambda index: sources[index][1].rows)
    ordered = [sources[first], *sources[:first], *sources[first + 1 :]]
    wide = any(source.shape is Shape.WIDE for source, _ in ordered)
    placed = []
    for index, (source, table) in enumerate(ordered):
        shape = Shape.WIDE if wide and source.shape is Shape.SNAPSHOT and "label" not in source.parts else source.shape
        dated = source.stage_dates
        if index and dated and wide:
            # Leads that only stand in a further table because they were won: its date is of closing.
            dated = tuple(replace(each, label="Closed won") if each.label == "Won" else each for each in dated)
        placed.append((replace(source, primary=index == 0, shape=shape, stage_dates=dated), table))
    return placed


def _dated(source: Source, table: Table, typed: Typed, overrides: MappingOverrides) -> Source:
    """The source with the parts whose columns can be read as dates. MappingError where a log has no date, or a hint none."""
    parts = dict(source.parts)
    for part in ("time", "end", "until", "created", "closed", "changed"):
        column = parts.get(part)
        if column is None or typed.date(source.view, column) is not None:
            continue
        if part == "time" or (part in PARTS and overrides.part(part) == column):
            raise MappingError("mapping.no_date_in_column", column=column, file=", ".join(source.names))
        del parts[part]
    dated = tuple(each for each in source.stage_dates if typed.date(source.view, each.column) is not None)
    for each in source.stage_dates if overrides.date_order is not None else ():
        # Dates that only the order asked for makes unreadable are not left out in silence.
        if each not in dated and typed.is_dated(source.view, each.column):
            raise MappingError("mapping.no_date_in_column", column=each.column, file=", ".join(source.names))
    early = [parts["created"]] if "created" in parts else []
    late = [parts[part] for part in ("closed", "changed") if part in parts]
    late += [each.column for each in dated if not each.made and each.column not in late]
    late += [parts[part] for part in ("time", "end") if part in parts]
    typed.settle(source.view, early, late, [column.name for column in table.columns if column.is_date])
    return replace(source, parts=parts, stage_dates=dated)


def _without_conversions(
    sources: Sequence[tuple[Source, Table]], overrides: MappingOverrides
) -> list[tuple[Source, Table]]:
    """The sources; where opportunities say what was won, that a lead was converted is no outcome."""
    only = converted_only(sources) if overrides.outcome is None else set()
    return [
        (replace(source, parts={part: name for part, name in source.parts.items() if part != "outcome"}), table)
        if source.view in only
        else (source, table)
        for source, table in sources
    ]


def _joined(
    engine: Engine, sources: Sequence[tuple[Source, Table]], rest: Sequence[Table], fields: Sequence[FieldUse]
) -> tuple[tuple[Join, ...], tuple[str, ...]]:
    primary, table = sources[0]
    joined: list[Join] = []
    left_out: list[str] = []
    keyword = next((squashed(field.name) for field in fields if field.use == "stage"), "")
    keyword = keyword or squashed(primary.parts.get("label", ""))
    lists = rest if "label" in primary.parts else ()
    naming = [joins.label_names(engine, primary, table, other, keyword) for other in lists]
    # Of several lists that share ids with the labels, the one that knows most of them.
    named, _ = max((each for each in naming if each is not None), key=lambda each: each[1], default=(None, 0))
    for other in rest:
        join = named if named is not None and named.view == other.view else joins.attributes(engine, sources, other)
        if join is None:
            left_out.append(other.view)
        else:
            joined.append(join)
    return tuple(joined), tuple(left_out)


def _amounts(
    engine: Engine, sources: Sequence[tuple[Source, Table]], overrides: MappingOverrides
) -> dict[tuple[str, str], NumberColumn]:
    amounts = {}
    for source, table in sources:
        column = source.parts.get("amount")
        if column is None:
            continue
        proven = table.seen.numbers.get(column) if table.seen else None
        number_column = proven or read_numbers(engine, source.view, column)
        if number_column is not None:
            amounts[(source.view, column)] = number_column
        elif overrides.amount is not None:
            raise MappingError("mapping.no_number_in_column", column=column, file=", ".join(source.names))
    return amounts


def _pipelines(engine: Engine, sources: Sequence[tuple[Source, Table]], overrides: MappingOverrides) -> tuple[str, ...]:
    """The pipelines of the primary source, as written. MappingError where the one asked for is not among them."""
    source = sources[0][0]
    column = source.parts.get("pipeline")
    names: list[str] = []
    if column is not None:
        query = fill(
            "SELECT {pipeline} AS pipeline, COUNT(*) AS lines FROM {view} AS raw"
            " GROUP BY 1 ORDER BY lines DESC LIMIT {most}",
            pipeline=cleaned(raw_cell(column)),
            view=identifier(source.view),
            most=str(MOST_PIPELINES),
        )
        names = [name for name, _ in engine.rows(query) if name is not None]
    if overrides.pipeline is not None and not any(squashed(overrides.pipeline) == squashed(name) for name in names):
        raise MappingError("mapping.unknown_pipeline", pipeline=overrides.pipeline, accepted=", ".join(names) or "–")
    return tuple(names)


def _headers(tables: Sequence[Table]) -> str:
    return first_headers([column.name for table in tables for column in table.columns])
