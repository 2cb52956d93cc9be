"""The lines of a file of touches → when, who, by which channel, what it cost, or why it is no touch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import Apart
from funnel.mapping.cells.date_offsets import minutes_of
from funnel.mapping.cells.numbers import NumberColumn, as_id, read_numbers
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.clock import Clock, clock_of, zones
from funnel.mapping.data_file import data_file
from funnel.mapping.joins import FILE_STEP
from funnel.mapping.source_cells import time_columns
from funnel.mapping.template import NULL, among, bound, fill, listed, named, raw_cell
from funnel.mapping.touches.roles import TouchFile
from funnel.mapping.types import ColumnMapping
from funnel.words import wording

NONE_CHANNEL = "(none)"
"""The channel of a touch of which the file names none."""


def said_table(place: int) -> str:
    """The working table of the lines of a file of touches, by its place among them."""
    return f"touches_said_{place}"


def read_lines(engine: Engine, file: TouchFile, place: int, moment: Query, as_of: datetime) -> bool:
    """Makes `said_table`: touch (the place of the file and its line), moment, written (the channel as it is written), cost, who_0, who_1 …,
    apart (why the line is no touch, as far as that can be told before leads are looked for) and twin (the same for lines of which the
    other is no second touch: of a file with whole days those that are alike in every cell). Answers whether its moments have times of day.
    """
    raw = identifier(file.raw.table)
    dates = file.time
    has_clock = bool(
        engine.row(
            fill(
                "SELECT COUNT(*) FILTER (WHERE CAST({moment} AS TIMESTAMP) <> date_trunc('day', CAST({moment} AS TIMESTAMP))) AS timed"
                " FROM {raw} AS raw",
                moment=dates.expression,
                raw=raw,
            )
        )[0]
    )
    number = None if file.cost is None else read_numbers(engine, file.raw.table, file.cost)
    texts = [cleaned(raw_cell(column)) for column in file.channels]
    cells = {
        "touch": Query(f"{place * FILE_STEP} + raw.source_line"),
        "moment": fill("CAST({moment} AS TIMESTAMP)", moment=moment),
        "written": fill("COALESCE({texts}, {none})", texts=listed(texts), none=bound(NONE_CHANNEL)),
        "cost": Query("CAST(NULL AS DOUBLE)")
        if number is None
        else fill("CASE WHEN {cost} >= 0 THEN {cost} END", cost=number.expression),
        **{f"who_{index}": as_id(engine, file.raw.table, who.column) for index, who in enumerate(file.who)},
        "apart": _apart(file, moment, as_of),
        "twin": Query("0") if has_clock else _alike(file),
    }
    engine.keep(said_table(place), fill("SELECT {cells} FROM {raw} AS raw", cells=named(cells), raw=raw))
    if file.cost is not None and number is not None:
        engine.add("rejects", _below_nothing(file, file.cost, number))
    return has_clock


def _below_nothing(file: TouchFile, column: str, number: NumberColumn) -> Query:
    """The cells of costs below 0 as rejects: the touch counts, and costs nothing that is known."""
    return fill(
        "SELECT {name}, raw.source_line, {column}, {cell}, {reason}, FALSE FROM {table} AS raw WHERE {cost} < 0",
        name=bound(file.raw.name),
        column=bound(column),
        cell=raw_cell(column),
        reason=bound(wording.say("mapping.reject_negative_cost")),
        table=identifier(file.raw.table),
        cost=number.expression,
    )


def moments(
    engine: Engine, mapping: ColumnMapping, files: Sequence[TouchFile], as_of: datetime
) -> tuple[list[Query], bool]:
    """The moment of a line of each file, told by the clock of the leads, and whether it could not be since only one side names a zone."""
    columns = time_columns(mapping)
    clock = clock_of(engine, mapping, columns, as_of)
    zoned = [mapping.dates[key] for key in columns if key in mapping.dates and mapping.dates[key].zone is not None]
    of_leads = {minutes for column in zoned for minutes in minutes_of(zones(engine, column)).values()}
    told: list[Query] = []
    unclear = False
    for file in files:
        dates = file.time
        ahead = {} if dates.zone is None else minutes_of(zones(engine, dates))
        usual = (
            clock.usual
            if clock
            else min(of_leads)
            if of_leads
            else min(ahead.values())
            if len(set(ahead.values())) > 1
            else None
        )
        unclear = unclear or bool(ahead) != bool(of_leads)
        if usual is None or (not ahead and clock is None):
            told.append(dates.expression)
            continue
        changes = clock.changes if clock else ()
        told.append(Clock(usual, {(dates.table, dates.column): ahead}, changes).moment(dates.expression, dates))
    return told, unclear


def _apart(file: TouchFile, moment: Query, as_of: datetime) -> Query:
    """Why a line is no touch, NULL where nothing but its lead may be wrong."""
    words = data_file("touches")
    empty = fill("{text} IS NULL", text=cleaned(raw_cell(file.time.column), typed=True))
    cases: list[tuple[Query, Apart]] = [
        (empty, Apart.NO_TIME),
        (file.time.unreadable, Apart.BAD_TIME),
        (fill("{moment} IS NULL", moment=moment), Apart.NO_TIME),
    ]
    if file.responded is not None:
        # A member of a campaign that did not respond has no date of a response either.
        cases.insert(0, (fill("NOT {yes}", yes=among(_small(file.responded), words["yes"])), Apart.SENT))
    elif file.status is not None:
        cases.append((among(_small(file.status), words["sent"]), Apart.SENT))
    if file.kind is not None:
        cases.append((among(_small(file.kind), words["sent"]), Apart.SENT))
    if file.status is not None and file.responded is None:
        cases.append((among(_small(file.status), words["planned"]), Apart.PLANNED))
    cases.append(
        (
            fill("CAST({moment} AS TIMESTAMP) > CAST({as_of} AS TIMESTAMP)", moment=moment, as_of=bound(as_of)),
            Apart.FUTURE,
        )
    )
    whens = [fill("WHEN {met} THEN {apart}", met=met, apart=bound(apart.value)) for met, apart in cases]
    return fill("CAST(CASE {whens} ELSE {rest} END AS VARCHAR)", whens=listed(whens, " "), rest=NULL)


def _small(column: str) -> Query:
    return fill("lower({text})", text=cleaned(raw_cell(column)))


def _alike(file: TouchFile) -> Query:
    return Query(f"HASH({', '.join(raw_cell(column) for column in file.raw.columns)})")
