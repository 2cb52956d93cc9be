"""Raw tables → a `Mapping`: which table tells of leads, in what shape, and what the others add."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from collections.abc import Sequence
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
from funnel.mapping.headers import squashed
from funnel.mapping.profile import Table
from funnel.mapping.recognise import readings
from funnel.mapping.recognise.candidates import Candidates
from funnel.mapping.recognise.change_fields import fields_of
from funnel.mapping.recognise.facts import Facts
from funnel.mapping.recognise.hypotheses import LEADS_ONLY, Understood, understand
from funnel.mapping.recognise.one_pass import looked_through
from funnel.mapping.recognise.signs import converted_only, label_signs
from funnel.mapping.recognise.typed import Typed
from funnel.mapping.template import fill
from funnel.mapping.types import PARTS, UNUSED, FieldUse, Hints, Join, Mapping, Source
from funnel.mapping.votes import as_written

NO_HINTS = Hints()
LISTED_HEADERS = 30
MOST_PIPELINES = 200
_EARLY = ("created",)
_LATE = ("closed", "changed")


def recognise(engine: Engine, tables: Sequence[RawTable], *, as_of: datetime, hints: Hints = NO_HINTS) -> Mapping:
    """What the tables are about, from headers and content; `hints` say by hand what would be guessed.

    Leaves a view of each table (or of several with equal headers) in the engine. `as_of` is the moment of the upload.
    Raises MappingError with one sentence that names the headers found.
    """
    grouped = joins.stacked(engine, tables, partial(looked_through, as_of=as_of, hints=hints))
    _check(hints, grouped)
    known = {(table.view, name): read for table in grouped if table.seen for name, read in table.seen.dates.items()}
    typed = Typed(engine, as_of, hints.date_order, known)
    _check_time(hints, grouped, typed)
    room = _Room(typed, {table.view: Facts(engine, table) for table in grouped})
    main = _main(room, grouped, hints)
    sources: list[tuple[Source, Table]] = [(main.source, main.table)]
    rest = _same_leads(room, main, [table for table in grouped if table is not main.table], hints, sources)
    sources = _with_primary(sources)
    sources = [(_dated(source, typed, hints), table) for source, table in sources]
    sources = _without_conversions(sources, hints)
    primary = next(source for source, _ in sources if source.primary)
    fields = fields_of(engine, primary)
    joined, left_out = _joined(engine, sources, rest, fields)
    names = {source.view: ", ".join(source.names) for source, _ in sources}
    unasked = room.all(main.table, readings.unsaid(hints))
    mapping = Mapping(
        shape=primary.shape,
        sources=tuple(source for source, _ in sources),
        joins=joined,
        fields=fields,
        dates=dict(typed.found),
        numbers=_amounts(engine, sources, hints),
        left_out=left_out,
        pipelines=_pipelines(engine, sources, hints),
        ambiguities=typed.ambiguities(names),
        dialect=main.dialect,
        hints=hints,
        signs=label_signs(room.facts, sources, typed),
        why=readings.why(main, hints),
        half_dated=tuple(
            column.name for source, table in sources for column in table.columns if column.some_dates and column.filled
        ),
    )
    as_if = partial(_as_if, room, mapping)
    others, close = readings.alternatives(engine, main, unasked, as_if, alone=len(grouped) == 1)
    for facts in room.facts.values():
        facts.forget()
    return replace(mapping, alternatives=others, close=close)


def _as_if(room: _Room, mapping: Mapping, reading: Understood) -> Mapping:
    """The mapping with another reading of its table. MappingError where that cannot be carried out."""
    typed = room.typed.aside()
    source = replace(_dated(reading.source, typed, mapping.hints), primary=True)
    read = replace(
        mapping,
        shape=source.shape,
        sources=(source,),
        fields=fields_of(room.engine, source),
        dates=dict(typed.found),
        signs=label_signs(room.facts, [(source, reading.table)], typed),
        why=(),
    )
    # It is counted again with each meaning that a person gives a label; what the lines say stays.
    return replace(read, meanings=as_written(room.engine, read))


@dataclass(frozen=True)
class _Room:
    """What recognition works with: dates read once, and what was counted of each table."""

    typed: Typed
    facts: Pairs[str, Facts]
    _read: dict[tuple[str, Hints], list[Understood]] = field(default_factory=dict, init=False)

    def understand(self, table: Table, hints: Hints) -> Understood | None:
        """The likeliest reading of a table; None where nothing in it could be a lead."""
        return next(iter(self.all(table, hints)), None)

    def all(self, table: Table, hints: Hints) -> list[Understood]:
        """All readings of a table, the likeliest first; worked out once for the same hints."""
        key = (table.view, hints)
        if key not in self._read:
            self._read[key] = understand(self.facts[table.view], self.typed, hints)
        return self._read[key]

    @property
    def engine(self) -> Engine:
        """The engine that holds the tables."""
        return self.typed.engine


def _check(hints: Hints, tables: Sequence[Table]) -> None:
    """Every header that a person names is in one of the tables, and what a person says can go together."""
    if hints.lead == UNUSED and hints.shape in (Shape.HISTORY, Shape.CHANGES):
        raise MappingError(f"mapping.line_in_{hints.shape.value}")
    headers = {squashed(column.name) for table in tables for column in table.columns}
    said = [hints.part(part) for part in PARTS] + [header for header, _ in hints.stage_dates]
    for header in said:
        if header is not None and header != UNUSED and squashed(header) not in headers:
            raise MappingError("mapping.unknown_column", column=header, headers=_headers(tables))


def _check_time(hints: Hints, tables: Sequence[Table], typed: Typed) -> None:
    """The column that a person names as the time holds dates in at least one of the tables."""
    if hints.time in (None, UNUSED):
        return
    key = squashed(str(hints.time))
    named = [(table, column) for table in tables for column in table.columns if squashed(column.name) == key]
    if not any(column.dates or typed.date(table.view, column.name) for table, column in named):
        table, column = named[0]
        raise MappingError("mapping.no_date_in_column", column=column.name, file=table.name)


def _main(room: _Room, tables: Sequence[Table], hints: Hints) -> Understood:
    """The table that tells most about leads."""
    found = [understood for table in tables if (understood := room.understand(table, hints)) is not None]
    for table in tables if all(each.source.lead_is_line for each in found) and hints.lead is None else ():
        empty = Candidates(table, None).empty_lead()
        if empty is not None:
            raise MappingError("mapping.empty_ids", column=empty.name, file=table.name)
    if not found:
        raise MappingError("mapping.no_lead", headers=_headers(tables))
    # The list of leads that a person names the id in is still not the table that says where they stand.
    best = max(
        found, key=lambda each: (each.worth > LEADS_ONLY, each.worth + _said_here(each.table, hints), each.table.rows)
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
    said = {source.parts.get(part) for part in source.parts}
    found = [
        column for column in Candidates(table, None).headed("time") if column.name not in said and not column.dates
    ]
    found += [
        column for column in table.columns if column.some_dates and column not in found and column.name not in said
    ]
    return next((column.name for column in found if column.filled or log), None)


def _said_here(table: Table, hints: Hints) -> float:
    """How much more a table is worth for the headers that a person named in it."""
    headers = {squashed(column.name) for column in table.columns}
    said = {squashed(header) for part in PARTS if (header := hints.part(part)) not in (None, UNUSED)}
    return 100.0 * len(said & headers)


def _same_leads(
    room: _Room, main: Understood, others: Sequence[Table], hints: Hints, sources: list[tuple[Source, Table]]
) -> list[Table]:
    """Adds the tables about the same leads to `sources`; the others come back."""
    lead = main.case.column("lead")
    if lead is None:
        return list(others)
    rest = []
    for table in others:
        own = room.understand(table, replace(hints, shape=None, lead=None))
        own_lead = own.case.column("lead") if own else None
        column = joins.same_leads(room.engine, main.table, lead, table, own_lead)
        found = room.understand(table, replace(hints, shape=None, lead=column.name)) if column is not None else None
        if found is None or column is None or not _adds(room.facts[table.view], main.source, found):
            rest.append(table)
        else:
            sources.append((found.source, table))
    return rest


def _adds(facts: Facts, main: Source, found: Understood) -> bool:
    """Whether a table of the same leads can be read with them: a line for each, or more of the same history."""
    lead = found.case.column("lead")
    if found.source.shape in (Shape.WIDE, Shape.SNAPSHOT):
        return lead is not None and facts.ids(lead).unique
    same_label = squashed(found.source.parts.get("label", "")) == squashed(main.parts.get("label", ""))
    return bool(found.source.constant) or (found.source.shape is main.shape and same_label)


def _with_primary(sources: list[tuple[Source, Table]]) -> list[tuple[Source, Table]]:
    """The first source leads; of tables with one line a lead, the longest does."""
    first = 0
    if sources[0][0].shape in (Shape.WIDE, Shape.SNAPSHOT):
        first = max(range(len(sources)), key=lambda place: sources[place][1].rows)
    ordered = [sources[first], *sources[:first], *sources[first + 1 :]]
    wide = any(source.shape is Shape.WIDE for source, _ in ordered)
    placed = []
    for place, (source, table) in enumerate(ordered):
        shape = Shape.WIDE if wide and source.shape is Shape.SNAPSHOT and "label" not in source.parts else source.shape
        dated = source.stage_dates
        if place and dated and wide:
            # Leads that only stand in a further table because they were won: its date is of closing.
            dated = tuple(replace(each, label="Closed won") if each.label == "Won" else each for each in dated)
        placed.append((replace(source, primary=place == 0, shape=shape, stage_dates=dated), table))
    return placed


def _dated(source: Source, typed: Typed, hints: Hints) -> Source:
    """The source with the parts whose columns can be read as dates. MappingError where a log has no date, or a hint none."""
    parts = dict(source.parts)
    for part in ("time", "end", "until", "created", "closed", "changed"):
        column = parts.get(part)
        if column is None or typed.date(source.view, column) is not None:
            continue
        if part == "time" or (part in PARTS and hints.part(part) == column):
            raise MappingError("mapping.no_date_in_column", column=column, file=", ".join(source.names))
        del parts[part]
    dated = tuple(each for each in source.stage_dates if typed.date(source.view, each.column) is not None)
    for each in source.stage_dates if hints.date_order is not None else ():
        # Dates that only the order asked for makes unreadable are not left out in silence.
        if each not in dated and typed.is_dated(source.view, each.column):
            raise MappingError("mapping.no_date_in_column", column=each.column, file=", ".join(source.names))
    early = [parts[part] for part in _EARLY if part in parts]
    late = [parts[part] for part in _LATE if part in parts]
    late += [each.column for each in dated if not each.made and each.column not in late]
    late += [parts[part] for part in ("time", "end") if part in parts]
    typed.settle(source.view, early, late)
    return replace(source, parts=parts, stage_dates=dated)


def _without_conversions(sources: Sequence[tuple[Source, Table]], hints: Hints) -> list[tuple[Source, Table]]:
    """The sources; where opportunities say what was won, that a lead was converted is no outcome."""
    only = converted_only(sources) if hints.outcome is None else set()
    return [
        (replace(source, parts={part: name for part, name in source.parts.items() if part != "outcome"}), table)
        if source.view in only
        else (source, table)
        for source, table in sources
    ]


def _joined(
    engine: Engine, sources: Sequence[tuple[Source, Table]], rest: Sequence[Table], fields: Sequence[FieldUse]
) -> tuple[tuple[Join, ...], tuple[str, ...]]:
    primary = next(source for source, _ in sources if source.primary)
    table = next(table for source, table in sources if source.primary)
    found: list[Join] = []
    left_out: list[str] = []
    keyword = next((squashed(field.name) for field in fields if field.use == "stage"), "")
    keyword = keyword or squashed(primary.parts.get("label", ""))
    naming = (
        [joins.label_names(engine, primary, table, other, keyword) for other in rest]
        if "label" in primary.parts
        else []
    )
    # Of several lists that share ids with the labels, the one that knows most of them.
    named, _ = max((each for each in naming if each is not None), key=lambda each: each[1], default=(None, 0))
    for other in rest:
        join = named if named is not None and named.view == other.view else joins.attributes(engine, sources, other)
        if join is None:
            left_out.append(other.view)
        else:
            found.append(join)
    return tuple(found), tuple(left_out)


def _amounts(
    engine: Engine, sources: Sequence[tuple[Source, Table]], hints: Hints
) -> dict[tuple[str, str], NumberColumn]:
    found = {}
    for source, table in sources:
        column = source.parts.get("amount")
        if column is None:
            continue
        known = table.seen.numbers.get(column) if table.seen else None
        read = known or read_numbers(engine, source.view, column)
        if read is not None:
            found[(source.view, column)] = read
        elif hints.amount is not None:
            raise MappingError("mapping.no_number_in_column", column=column, file=", ".join(source.names))
    return found


def _pipelines(engine: Engine, sources: Sequence[tuple[Source, Table]], hints: Hints) -> tuple[str, ...]:
    """The pipelines of the primary source, as written. MappingError where the one asked for is not among them."""
    source = next(source for source, _ in sources if source.primary)
    column = source.parts.get("pipeline")
    names: list[str] = []
    if column is not None:
        query = fill(
            "SELECT {pipeline} AS pipeline, COUNT(*) AS lines FROM {view} AS raw"
            " GROUP BY 1 ORDER BY lines DESC LIMIT {most}",
            pipeline=cleaned(f"raw.{identifier(column)}"),
            view=identifier(source.view),
            most=str(MOST_PIPELINES),
        )
        names = [name for name, _ in engine.rows(query) if name is not None]
    if hints.pipeline is not None and not any(squashed(hints.pipeline) == squashed(name) for name in names):
        raise MappingError("mapping.unknown_pipeline", pipeline=hints.pipeline, accepted=", ".join(names) or "–")
    return tuple(names)


def _headers(tables: Sequence[Table]) -> str:
    names = [column.name for table in tables for column in table.columns]
    more = len(names) - LISTED_HEADERS
    return ", ".join(names[:LISTED_HEADERS]) + (f" … (+{more})" if more > 0 else "")
