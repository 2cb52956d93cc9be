"""Headers → the parts of a file of touches, and which of the tables of an upload are such files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from funnel.core.engine import Engine
from funnel.core.errors import MappingError
from funnel.core.sql import Query, identifier
from funnel.core.types import RawTable
from funnel.mapping.cells.dates import DateColumn, read_dates
from funnel.mapping.data_file import data_file
from funnel.mapping.headers import squashed
from funnel.mapping.types import MappingOverrides

WHO = ("lead", "contact", "email", "account")
_MADE = {"createddate", "createdat", "createdate"}
"""Headers of times that say when a line was made."""
MOST_CHANNELS = 200
"""Of a column with more values than this nobody would say that they are channels."""


@dataclass(frozen=True)
class Who:
    """A column that says who was touched: `kinds` are those of WHO that its cells may be, the likeliest first."""

    column: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class TouchFile:
    """A table of touches and its parts. `channels`: the columns of which the first that is filled names the channel."""

    raw: RawTable
    who: tuple[Who, ...]
    time: DateColumn
    channels: tuple[str, ...]
    kind: str | None = None
    cost: str | None = None
    responded: str | None = None
    status: str | None = None


def divided(
    engine: Engine, tables: Sequence[RawTable], overrides: MappingOverrides, as_of: datetime
) -> tuple[tuple[RawTable, ...], tuple[TouchFile, ...]]:
    """The tables that tell of leads, and those of touches beside them: those that a person names, else those whose headers say so.

    MappingError where a named one cannot be read as touches, or has their credit already; where no table of leads is left, the tables are
    all of leads, unless a person said otherwise.
    """
    if overrides.touches:
        named = [raw for raw in tables if raw.table in overrides.touches]
        files = tuple(_named(engine, raw, overrides, as_of) for raw in named)
    elif len(tables) > 1:
        spoken = [raw for raw in tables if _speaks_of_touches(engine, raw)]
        files = tuple(file for raw in spoken if (file := _guessed(engine, raw, overrides, as_of)) is not None)
    else:
        files = ()
    of_touches = {file.raw.table for file in files}
    of_leads = tuple(raw for raw in tables if raw.table not in of_touches)
    if not of_leads and overrides.touches:
        raise MappingError("touches.no_leads", file=", ".join(raw.name for raw in tables))
    return (of_leads, files) if of_leads else (tuple(tables), ())


def is_credited(raw: RawTable) -> bool:
    """Whether the lines of a file are credit that was shared out already (Salesforce's CampaignInfluence)."""
    return len(_keys(raw).keys() & _words("credited")) > 1


def _speaks_of_touches(engine: Engine, raw: RawTable) -> bool:
    """Whether headers say that the lines are touches: no header of a list of leads, and a time, the file's name, or the parts of a
    campaign's address that speak of touches; the latter can stand in a list of leads too, where nobody has two lines."""
    keys = _keys(raw).keys()
    if says_leads(raw) or is_credited(raw):
        return False
    called = any(word in raw.name.casefold() for word in data_file("touches")["named"])
    if keys & _words("touch_time") or called:
        return True
    addressed = any(key.startswith("utm") for key in keys) and bool(keys & (_words("time") - _MADE))
    return addressed and any(_repeats(engine, raw, column) for kind in WHO for column in all_of(raw, kind))


def _repeats(engine: Engine, raw: RawTable, column: str) -> bool:
    """Whether a cell of the column stands in several lines."""
    cell = f"raw.{identifier(column)}"
    query = f"SELECT COUNT({cell}) > COUNT(DISTINCT {cell}) AS repeats FROM {identifier(raw.table)} AS raw"
    return bool(engine.row(Query(query))[0])


def _guessed(engine: Engine, raw: RawTable, overrides: MappingOverrides, as_of: datetime) -> TouchFile | None:
    """The parts of a table by its headers; None where it lacks who, when, or a channel."""
    who = tuple(Who(column, (kind,)) for kind in WHO for column in all_of(raw, kind))
    time = first_of(raw, "touch_time", "time")
    channels = channels_of(raw)
    if not who or time is None or not channels:
        return None
    dates = read_dates(engine, raw.table, time, order=overrides.date_order, as_of=as_of)
    return None if dates is None else _file(raw, who, dates, channels)


def _named(engine: Engine, raw: RawTable, overrides: MappingOverrides, as_of: datetime) -> TouchFile:
    """The parts of a table that a person calls touches."""
    if is_credited(raw):
        raise MappingError("touches.credited", file=raw.name)
    who = tuple(Who(column, (kind,)) for kind in WHO for column in all_of(raw, kind))
    if overrides.touch_lead is not None:
        column = _column(raw, overrides.touch_lead)
        kinds = [kind for kind in WHO if squashed(column) in _words(kind)]
        who = (Who(column, tuple(dict.fromkeys([*kinds, *WHO]))),)
    time = first_of(raw, "touch_time", "time") if overrides.touch_time is None else _column(raw, overrides.touch_time)
    channels = channels_of(raw) if overrides.touch_channel is None else (_column(raw, overrides.touch_channel),)
    headers = ", ".join(raw.columns[:30])
    if not who:
        raise MappingError("touches.no_who", file=raw.name, headers=headers)
    if time is None:
        raise MappingError("touches.no_time", file=raw.name, headers=headers)
    if not channels:
        taken = {time, *(each.column for each in who)}
        could = [name for name in raw.columns if name not in taken and 1 < _values(engine, raw, name) <= MOST_CHANNELS]
        if not could:
            raise MappingError("touches.no_channel_at_all", file=raw.name, headers=headers)
        raise MappingError("touches.no_channel", file=raw.name, columns=", ".join(could[:12]))
    dates = read_dates(engine, raw.table, time, order=overrides.date_order, as_of=as_of)
    if dates is None:
        raise MappingError("mapping.no_date_in_column", column=time, file=raw.name)
    return _file(raw, who, dates, channels)


def _file(raw: RawTable, who: tuple[Who, ...], time: DateColumn, channels: tuple[str, ...]) -> TouchFile:
    kind, cost, responded, status = (first_of(raw, part) for part in ("kind", "cost", "responded", "status"))
    return TouchFile(raw, who, time, channels, kind, cost, responded, status)


def says_leads(raw: RawTable) -> bool:
    """Whether a header is one of lists of leads."""
    return bool(_keys(raw).keys() & _words("of_leads"))


def channels_of(raw: RawTable) -> tuple[str, ...]:
    """The columns of which the first that is filled names the channel; none where no header says so."""
    channel = first_of(raw, "channel")
    if channel is not None:
        return (channel,)
    addressed = tuple(column for part in ("medium", "source") if (column := first_of(raw, part)) is not None)
    if addressed:
        return addressed
    other = first_of(raw, "member") if first_of(raw, "responded") else first_of(raw, "kind", "campaign")
    return () if other is None else (other,)


def _column(raw: RawTable, header: str) -> str:
    """The column that a person names by its header."""
    found = _keys(raw).get(squashed(header))
    if found is None:
        raise MappingError("touches.no_column", column=header, file=raw.name, headers=", ".join(raw.columns[:30]))
    return found


def _values(engine: Engine, raw: RawTable, column: str) -> int:
    """How many different values a column has, about."""
    query = f"SELECT approx_count_distinct(raw.{identifier(column)}) AS n FROM {identifier(raw.table)} AS raw"
    return int(engine.row(Query(query))[0])


def _keys(raw: RawTable) -> Mapping[str, str]:
    """The columns by their squashed headers; of two alike the first."""
    return {squashed(column): column for column in reversed(raw.columns)}


def _words(part: str) -> set[str]:
    return {squashed(header) for header in data_file("touches")[part]}


def all_of(raw: RawTable, part: str) -> list[str]:
    """The columns whose headers say this part, the likeliest first."""
    keys = _keys(raw)
    headers = (squashed(header) for header in data_file("touches")[part])
    return [keys[header] for header in dict.fromkeys(headers) if header in keys]


def first_of(raw: RawTable, *parts: str) -> str | None:
    """The likeliest column of the first of these parts that any header says."""
    return next((column for part in parts for column in all_of(raw, part)), None)
