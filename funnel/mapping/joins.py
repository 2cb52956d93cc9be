"""How the tables of one upload belong together: stacked, about the same leads, or adding columns to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import RawTable, Shape
from funnel.mapping.headers import squashed, words
from funnel.mapping.order_headers import numbering_kind
from funnel.mapping.profile import Column, Table, profile
from funnel.mapping.template import fill, raw_cell
from funnel.mapping.types import Join, Source

FILE_STEP = 1_000_000_000_000
"""`source_line` of a stacked view is the file's place times this, plus the line: it tells both and keeps the order."""

NAMED_DAY = "snapshot_date"
"""The column that a table gets where the name of each of its files bears a day."""
_DAYS = (
    (re.compile(r"(?<!\d)(20\d\d)[-_. ]?(\d\d)[-_. ]?(\d\d)(?!\d)"), ("year", "month", "day")),
    (re.compile(r"(?<!\d)(\d{1,2})[-_. ](\d{1,2})[-_. ](20\d\d)(?!\d)"), ("day", "month", "year")),
    (re.compile(r"(?<!\d)(20\d\d)[-_. ](\d\d)(?!\d)"), ("year", "month")),
)
MOST_KEYS = 200_000
SAME_LEADS = 0.5
SAME_VALUES = 0.9
SAME_HEADER = 0.3
_NAME_WORDS = {"name", "label", "title", "stage", "status", "название", "nome", "nombre"}
_ID_WORDS = {"id", "key", "code", "uuid"}
LOOSE = "regexp_replace(lower(trim({text})), '[\\s\\-_./:,;''\"()]+', '', 'g')"


@dataclass(frozen=True)
class _Overlap:
    """Distinct values of two columns: in each, in both, and in both without regard to case, blanks and punctuation."""

    left: int
    right: int
    both: int
    both_loosely: int
    right_loosely: int


Profile = Callable[[Engine, str, Sequence[RawTable], Sequence[str]], Table]


def stacked(engine: Engine, raws: Sequence[RawTable], profiled: Profile = profile) -> tuple[Table, ...]:
    """The tables, those with equal headers as one, each as a view with the columns of the files and `source_line`; `profiled` tells what
    the columns of a view hold."""
    groups: dict[frozenset[tuple[str, int]], list[RawTable]] = {}
    for raw in raws:
        groups.setdefault(frozenset(_by_key(raw)), []).append(raw)
    tables = []
    engine.run(Query("CREATE OR REPLACE TABLE stacks (view VARCHAR, place INTEGER, raw_table VARCHAR)"))
    for index, group in enumerate(groups.values()):
        view = f"source_{index}"
        for row, raw in enumerate(group):
            engine.run(Query("INSERT INTO stacks VALUES (?, ?, ?)", (view, row, raw.table)))
        days = _days(group)
        engine.run(Query(f"CREATE OR REPLACE VIEW {identifier(view)} AS {_union(group, days)}"))
        tables.append(profiled(engine, view, group, [NAMED_DAY] if days else []))
    return tuple(tables)


def stacks(engine: Engine, tables: Sequence[RawTable]) -> dict[str, list[RawTable]]:
    """The raw tables of each view that `stacked` made, by their indices in it."""
    by_name = {raw.table: raw for raw in tables}
    raws: dict[str, list[RawTable]] = {}
    for view, table in engine.rows(Query("SELECT stacks.view, stacks.raw_table FROM stacks ORDER BY stacks.place")):
        raws.setdefault(view, []).append(by_name[table])
    return raws


def _days(group: Sequence[RawTable]) -> list[str]:
    """The day in each file's name ("pipeline_2026-03-02.csv") as ISO text, where several files have names with different days."""
    days = [_day(raw.name) for raw in group]
    taken = {squashed(column) for raw in group for column in raw.columns}
    texts = [day.isoformat() for day in days if day is not None]
    return texts if len(set(texts)) == len(group) > 1 and squashed(NAMED_DAY) not in taken else []


def _day(name: str) -> date | None:
    """The day that a file's name says; of a month its first."""
    stem = name.rsplit("/", 1)[-1]
    for pattern, parts in _DAYS:
        for match in pattern.finditer(stem):
            numbers = {part: int(text) for part, text in zip(parts, match.groups(), strict=True)}
            try:
                return date(numbers["year"], numbers["month"], numbers.get("day", 1))
            except ValueError:
                continue
    return None


def _union(group: Sequence[RawTable], days: Sequence[str]) -> str:
    first = _by_key(group[0])
    selects = []
    for index, raw in enumerate(group):
        own = _by_key(raw)
        cells = [f"part.{identifier(own[key])} AS {identifier(name)}" for key, name in first.items()]
        if days:
            # Digits and hyphens only: a day written by this program.
            cells.append(f"'{days[index]}' AS {identifier(NAMED_DAY)}")
        line = "part.source_line" if index == 0 else f"part.source_line + {index * FILE_STEP}"
        selects.append(f"SELECT {', '.join([*cells, f'{line} AS source_line'])} FROM {identifier(raw.table)} AS part")
    return " UNION ALL ".join(selects)


def _by_key(raw: RawTable) -> dict[tuple[str, int], str]:
    """The columns by their squashed headers; the second of one that squashes alike ("Lead ID", "lead_id") is its second."""
    columns: dict[tuple[str, int], str] = {}
    for column in raw.columns:
        key, count = squashed(column), 1
        while (key, count) in columns:
            count += 1
        columns[key, count] = column
    return columns


def same_leads(engine: Engine, main: Table, lead: Column, other: Table, own: Column | None) -> Column | None:
    """The column of the other table that holds the main table's leads; None where there is none.

    A column of the same header, or the other's own id, counts if at least half of the ids of the smaller table are known to
    the larger. Two plain counters (1, 2, 3 …) under different headers prove nothing.
    """
    named = [column for column in other.columns if squashed(column.name) == squashed(lead.name)]
    written = {value.strip() for value in lead.values}
    # Texts that are also ids of the main table are the same ids, whatever their column is called.
    alike = [column for column in other.columns if column.numbers < 0.2 and written & {*map(str.strip, column.values)}]
    preferred = [*named, *([own] if own is not None and own not in named else [])]
    further = [column for column in alike if column not in preferred and column.distinct >= 0.8 * column.filled]
    for column in [*preferred, *further]:
        if column not in named and column.numbers > 0.5 and not _of_one_kind(lead, main, column, other):
            continue
        overlap = _overlap(engine, main, lead, other, column)
        if overlap.both and overlap.both >= SAME_LEADS * min(overlap.left, overlap.right):
            return column
    return None


def _of_one_kind(lead: Column, main: Table, column: Column, other: Table) -> bool:
    """Whether `id` in deals.csv can be the `deal_id` of another file."""
    kind, own_kind = set(words(lead.name)) - _ID_WORDS, set(words(column.name)) - _ID_WORDS
    return bool(kind & _singular(other) or own_kind & _singular(main))


def _singular(table: Table) -> set[str]:
    names = set(words(table.raws[0].name.rsplit(".", 1)[0]))
    return names | {word.removesuffix("s") for word in names} | {word.removesuffix("ies") + "y" for word in names}


def label_names(engine: Engine, source: Source, table: Table, lookup: Table, keyword: str) -> tuple[Join, int] | None:
    """A join that turns the ids in the label column into names, where the other table is a list of them; and how many ids it knows.

    `keyword` is the header that ids go by: the label column's own, or that of the stage field of a change log.
    """
    if lookup.rows > 10_000 or len(lookup.columns) > 12:
        return None
    label = table.by_name[source.parts["label"]]
    wanted = keyword.replace(" ", "")
    keys = [column for column in lookup.columns if squashed(column.name) == wanted]
    plain_names = ("id", "key", "code", "internalname", "value")
    plain = [column for column in lookup.columns if squashed(column.name) in plain_names]
    # `new_stage_id` of a history is the `stage_id` of a list of stages, but not the `id` of any list.
    rest = [column for column in lookup.columns if column not in (*keys, *plain)]
    keys += [column for column in rest if wanted.endswith(squashed(column.name))]
    if not keys and not any(len(word) > 3 and squashed(word) in keyword for word in _singular(lookup)):
        plain = []
    for key in [*keys, *(column for column in plain if column not in keys)]:
        others = [column for column in lookup.columns if column is not key]
        texts = [column for column in others if column.numbers < 0.5]
        names = [column for column in texts if set(words(column.name)) & _NAME_WORDS]
        names = names or (texts if len(others) == 1 else [])
        # The labels of a snapshot are joined as any other attribute; those of a log only to be put in order.
        ordered = source.shape is not Shape.SNAPSHOT and any(numbering_kind(column.name) for column in others)
        if (names or ordered) and lookup.unique(engine, key):
            matched = _overlap(engine, table, label, lookup, key).both
            if matched:
                value = names[0].name if names else None
                return Join(lookup.view, lookup.name, "lookup", key.name, source.view, label.name, value=value), matched
    return None


def attributes(engine: Engine, sources: Sequence[tuple[Source, Table]], other: Table) -> Join | None:
    """A join that adds the columns of the other table to leads by a key of its own; None where nothing fits."""
    for source, table in sources:
        used = {source.parts.get(part) for part in ("lead", "time", "created", "closed", "amount", "field")}
        used |= {source.parts.get(part) for part in ("label", "old")} if source.shape is not Shape.SNAPSHOT else set()
        for key in other.columns:
            for column in table.columns:
                if column.name in used or not _may_join(column, key, other) or not _key(engine, other, key):
                    continue
                overlap = _overlap(engine, table, column, other, key)
                same_header = squashed(column.name) == squashed(key.name)
                needed = SAME_HEADER if same_header or _refers(column, key, other) else SAME_VALUES
                if overlap.left and overlap.both_loosely >= needed * overlap.left:
                    added = tuple(each.name for each in other.columns if each is not key)
                    loose = overlap.both_loosely > overlap.both and overlap.right_loosely == overlap.right
                    return Join(
                        other.view, other.name, "attributes", key.name, source.view, column.name, None, added, loose
                    )
    return None


def _may_join(column: Column, key: Column, other: Table) -> bool:
    if not column.filled or not key.filled or column.is_date or key.is_date:
        return False
    if squashed(column.name) == squashed(key.name) or _refers(column, key, other):
        return True
    texts = column.numbers < 0.2 and key.numbers < 0.2 and min(column.distinct, key.distinct) >= 3
    return texts and bool(set(column.values) & set(key.values))


def _refers(column: Column, key: Column, other: Table) -> bool:
    """Whether `user_id` refers to `id` of users.csv, or `owner` to `name` of owners.csv."""
    parts = words(column.name)
    refers = bool(parts) and parts[0] in _singular(other)
    return (
        refers and squashed(key.name) in ("id", "name", "key", "code") and (len(parts) == 1 or parts[-1] in _ID_WORDS)
    )


def _key(engine: Engine, other: Table, key: Column) -> bool:
    return other.rows <= MOST_KEYS * 10 and other.unique(engine, key)


def _overlap(engine: Engine, table: Table, column: Column, other: Table, key: Column) -> _Overlap:
    query = fill(
        "WITH ours AS (SELECT DISTINCT trim({a}) AS value FROM {left_view} AS raw WHERE {a} IS NOT NULL),"
        " theirs AS (SELECT DISTINCT trim({b}) AS value FROM {right_view} AS raw WHERE {b} IS NOT NULL),"
        " loose AS (SELECT DISTINCT {theirs_loose} AS value FROM theirs)"
        " SELECT (SELECT COUNT(*) FROM ours) AS a, (SELECT COUNT(*) FROM theirs) AS b,"
        " (SELECT COUNT(*) FROM ours WHERE ours.value IN (SELECT theirs.value FROM theirs)) AS c,"
        " (SELECT COUNT(*) FROM ours WHERE {ours_loose} IN (SELECT loose.value FROM loose)) AS d,"
        " (SELECT COUNT(*) FROM loose) AS e",
        a=raw_cell(column.name),
        b=raw_cell(key.name),
        left_view=identifier(table.view),
        right_view=identifier(other.view),
        ours_loose=LOOSE.replace("{text}", "ours.value"),
        theirs_loose=LOOSE.replace("{text}", "theirs.value"),
    )
    return _Overlap(*(int(number) for number in engine.row(query)))
