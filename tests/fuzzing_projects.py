"""Forged projects: whole by their digest, with something in them that no Funnel Lens has written; the same for the same seed.

base     what is forged: a project of tables, and one of a built folder, each with models, a draft, notes and views
values   a value of the JSON exchanged, left out, added, or put elsewhere
members  rows of other types and amounts, members damaged, left out or exchanged
"""

from __future__ import annotations

import copy
import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import funnel
from funnel import MappingOverrides, Stage, StageModel
from funnel.core.types import DatedNote, NoteKind, SavedView, SavedWork, Unit
from funnel.core.types.watch import OpenValueRule, StepRule, WatchRules
from funnel.scale import batch_build
from tests import fuzzing

Content = dict[str, bytes]
TOLD, MANIFEST = "project.json", "built/funnel-lens.json"
AS_OF = datetime(2025, 6, 1, 12, 30, 15)
LINES = "deal,stage,at,region,value\n" + "".join(
    f"d{lead},{stage},2025-0{1 + lead % 4}-{10 + 3 * place:02},{'East' if lead % 3 else 'West'},{lead}00\n"
    for lead in range(8)
    for place, stage in enumerate(("New", "Demo", "Offer", "Closed won" if lead % 2 else "Closed lost")[: 1 + lead % 5])
)
OWN = StageModel(
    "own", "Mine", (Stage("a", "First", ("lead",)), Stage("w", "Won", ("won",), ("Closed won",))), year=2024
)
WORK = SavedWork(
    models=(OWN,),
    draft=StageModel(
        "draft", "Half made", (Stage("x", "", ()), Stage("y", "Offer", (), ("Offer",))), unit=Unit.ACCOUNT
    ),
    notes="Ask about row 5.",
    views={
        "": {"rule": ("Went through every stage in order",), "where_region": ("East",)},
        "models": {"model": ("aida", "own")},
        "cohorts": {"period": ("month",)},
        "segments": {"by_column": ("region",)},
        "editor": {"model": ("own",)},
    },
    page="models",
    saved_views=(SavedView("Quarters", "trends", {"period": ("quarter",)}),),
    dated_notes=(DatedNote(date(2025, 2, 1), "New prices", NoteKind.PRICING, "Demo", "Region=EMEA"),),
    watch=WatchRules((StepRule("Offer", 30), OpenValueRule(1000.0))),
)
HINTS = MappingOverrides(
    shape=funnel.Shape.HISTORY, lead="deal", label="stage", time="at", won=("Closed won",), date_order="ymd",
    concepts=(("Offer", "proposal"),), headers=("deal", "stage", "at"),
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 59, 61, 10**6, 2**31, 2**53, 2**63, -(2**63), 10**30, 10**4000, 0.5, -0.0, 1e308, -1e308, 1e-320,
    float("inf"), float("-inf"), float("nan"), "", " ", "x", "0", "-1", "1e999999", "1e-999999", "9" * 5000, "NaN", "\ud800", "a\udfffb",
    "\0", "\u202e", "<b>x</b>", "[x](http://x)", "{x}", "{0}", "{x.__class__}", "{:>999999999}", "%s", "x" * 3000, "\U0001f600", "xyz",
    "embed", "embed_options", "sample", "rule", "won", "lost", "ignored", "unplaced", "lead", "history", "snapshot", "recorded", "labels",
    "backward", "source_line", "lead_id", "Closed won", "New", "raw_0", "leads", "../x", "/etc/passwd", "..\\x", "C:x", "a/../b",
    "0001-01-01", "9999-12-31T23:59:59.999999", "2025-01-01T00:00:00+14:00", "2025-01-01", "12:00", "1677-01-01", "2262-12-31",
    "reading.note_nuls", "mapping.placeholders", "measures.no_win_label", "building.rejected", "errors.too_long", "no.such", "counts.leads",
    [], {}, [[]], ["x"], [None], [0], ["x", "x"], [["x", "won"]], [["New", "zzz"]], {"x": "y"}, {"x": 1}, {"": {}}, {"x": ["y"]},
    {"embed": ["true"]}, {"key": "no.such", "values": {}}, {"key": "reading.note_nuls", "values": {"file": "x", "cells": "1e999999"}},
    {"key": "reading.note_nuls", "values": {"file": "\ud800", "cells": 3}}, {"key": "reading.note_nuls", "values": {}}, "key = 'x'", "=",
    "kind = 'recorded'\nkey = 'r'\nname = 'R'", "name = 'N'\n[[stages]]\nname = 'S'\nconcepts = ['won']\n", list(range(200)), ["y"] * 3000,
)  # fmt: skip
NAMES = (
    "x",
    "embed",
    "key",
    "values",
    "kind",
    "stages",
    "hints",
    "",
    "\ud800",
    "format",
    "built",
    "loop",
    "rule",
    "lead",
    "concepts",
)


def deep(levels: int) -> pa.Table:
    """A table of one column whose lists lie so deep in one another."""
    value: object = "x"
    kind = pa.string()
    for _ in range(levels):
        value, kind = [value], pa.list_(kind)
    return pa.table({"c0": pa.array([value], kind)})


def base(folder: Path) -> tuple[Content, Content]:
    """The members of a project of tables, and of one of a built folder."""
    (folder / "deals.csv").write_text(LINES, encoding="utf-8")
    with funnel.open(folder / "deals.csv", overrides=HINTS, as_of=AS_OF) as leads:
        leads.save(folder / "tables.funnel", WORK)
    batch_build.build(str(folder / "deals.csv"), folder / "built", models=["aida"], overrides=HINTS, as_of=AS_OF)
    with funnel.open(folder / "built", as_of=AS_OF) as built:
        built.with_concepts({"Demo": "mql"})
        built.save(folder / "built.funnel", WORK)
    return members(folder / "tables.funnel"), members(folder / "built.funnel")


def members(path: Path) -> Content:
    """What a project holds, by name."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def sealed(content: Content) -> bytes:
    """A project of these members whose digest is right."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        archive.comment = b"sha256:" + b"0" * 64
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    whole = stream.getvalue()[:-64]
    return whole + hashlib.sha256(whole).hexdigest().encode()


def forged(chance: random.Random, bases: tuple[Content, Content]) -> bytes:
    """A project with one to four things in it that are not as they were written."""
    content = dict(chance.choices(bases, (3, 2))[0])
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        chance.choices((_told, _rows, _member), (8, 2, 1))[0](chance, content)
    return sealed(content)


def _told(chance: random.Random, content: Content) -> None:
    """A value of the JSON is another."""
    names = [each for each in (TOLD, MANIFEST) if each in content]
    if not names:
        return
    name = chance.choice(names)
    try:
        told = json.loads(content[name])
    except (ValueError, RecursionError):
        return
    _changed(chance, told)
    content[name] = json.dumps(told).encode()


def _changed(chance: random.Random, told: Any) -> None:
    holders = [told]
    # Down to some place; the work and the overrides are gone to as often as all that the tables say.
    while isinstance(holders[-1], dict | list) and holders[-1] and (len(holders) < 2 or chance.random() < 0.75):
        inner = holders[-1]
        holders.append(inner[chance.choice(list(inner))] if isinstance(inner, dict) else chance.choice(inner))
    holder = next((each for each in reversed(holders) if isinstance(each, dict | list) and each), None)
    if holder is None:
        return
    place = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    kind = chance.randrange(9)
    if kind <= 4:
        holder[place] = _like(chance, holder[place]) if kind > 2 else copy.deepcopy(chance.choice(VALUES))
    elif kind == 5:
        del holder[place]
    elif kind == 6 and isinstance(holder, dict):
        holder[chance.choice(NAMES)] = copy.deepcopy(chance.choice(VALUES))
    elif kind == 7 and isinstance(holder, list):
        holder.extend(copy.deepcopy(holder) * chance.choice((1, 3, 300)))
    elif isinstance(holder, dict):
        holder[chance.choice(NAMES)] = holder.pop(place)
    else:
        chance.shuffle(holder)


def _like(chance: random.Random, value: Any) -> Any:
    """Another value of the same type, so that the project may well open."""
    if isinstance(value, str) and chance.random() < 0.3:
        return value[: chance.randrange(len(value) + 1)] + chance.choice(("", "x", "\u200b", "'", '"', "\n", "é", "\0"))
    same = [each for each in VALUES if type(each) is type(value)]
    return copy.deepcopy(chance.choice(same)) if same else value


def _rows(chance: random.Random, content: Content) -> None:
    """A member of rows has other ones."""
    names = [name for name in content if name.endswith(".parquet")]
    if not names:
        return
    name = chance.choice(names)
    try:
        table = pq.read_table(io.BytesIO(content[name]))
    except (pa.ArrowException, OSError):
        return
    change: Callable[[random.Random, pa.Table], pa.Table] = chance.choice(
        (_retyped, _retyped, _recelled, _recelled, _resized)
    )
    sink = io.BytesIO()
    try:
        pq.write_table(change(chance, table), sink, compression=chance.choice(("none", "zstd")))
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        return
    content[name] = sink.getvalue()
    _tell_bytes(chance, content, name)


def _retyped(chance: random.Random, table: pa.Table) -> pa.Table:
    place, tall = chance.randrange(table.num_columns), table.num_rows
    nested = deep(chance.choice((1, 3, 12, 60))).column(0).combine_chunks()
    column = chance.choice((
        pa.array(range(tall)), pa.array([None] * tall), pa.array(["x"] * tall), pa.array([b"\xff"] * tall), pa.array([1.5] * tall),
        pa.array([date(2024, 1, 1)] * tall), pa.array([True] * tall), pa.array([{"a": [1]}] * tall), pa.array([[1, None]] * tall),
        pa.array([datetime(2024, 1, 1, tzinfo=UTC)] * tall), pa.concat_arrays([nested] * tall) if tall else nested[:0],
        pa.array([2**63] * tall, pa.uint64()), pa.array(["x"] * tall).dictionary_encode(), pa.array([10**18] * tall, pa.timestamp("ns")),
    ))  # fmt: skip
    name = (
        table.column_names[place]
        if chance.random() < 0.8
        else chance.choice(("x", "", "c0", "C1", "lead_id", "source_line"))
    )
    return table.set_column(place, name, column)


def _recelled(chance: random.Random, table: pa.Table) -> pa.Table:
    """The same types with other values."""
    place = chance.randrange(table.num_columns)
    kind = table.schema.field(place).type
    values = table.column(place).to_pylist()
    nasty: tuple[Any, ...] = tuple(cell for cell in fuzzing.CELLS if "\ud7ff" not in cell)
    if pa.types.is_integer(kind):
        nasty = (None, 0, -1, 1, 7, 2**31 - 1, -(2**31), *([2**63 - 1, -(2**63)] if kind.bit_width == 64 else []))
    elif pa.types.is_floating(kind):
        nasty = (None, 0.0, -1.0, 1e308, -1e308, float("inf"), float("nan"), 1e30)
    elif pa.types.is_boolean(kind):
        nasty = (None, True, False)
    elif pa.types.is_temporal(kind):
        nasty = (
            None,
            datetime(1, 1, 1),
            datetime(9999, 12, 31),
            datetime(2025, 2, 2),
            datetime(1969, 1, 1),
            date(2100, 1, 1),
        )
    for _ in range(chance.choice((1, 2, len(values)))):
        if values:
            values[chance.randrange(len(values))] = chance.choice(nasty)
    return table.set_column(place, table.column_names[place], pa.array(values, kind))


def _resized(chance: random.Random, table: pa.Table) -> pa.Table:
    kind = chance.randrange(4)
    if kind == 0:
        return table.slice(0, chance.randrange(table.num_rows + 1))
    if kind == 1:
        return pa.concat_tables([table] * chance.choice((2, 5000)))
    if kind == 2:
        return table.drop_columns([chance.choice(table.column_names)])
    return table.append_column(chance.choice(("x", "c99", "label")), pa.array(["x"] * table.num_rows))


def _tell_bytes(chance: random.Random, content: Content, name: str) -> None:
    """The manifest of a built folder mostly tells the bytes that are there."""
    if MANIFEST not in content or chance.random() < 0.1:
        return
    try:
        told = json.loads(content[MANIFEST])
        for part in told["data"]:
            for file in part["files"]:
                if name == f"built/{part['folder']}/{file}":
                    part["files"][file] = len(content[name])
        content[MANIFEST] = json.dumps(told).encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return


def _member(chance: random.Random, content: Content) -> None:
    """A member is damaged, gone, another's, or one too many."""
    name, other = chance.choice(list(content)), chance.choice(list(content))
    kind = chance.randrange(5)
    if kind == 0:
        del content[name]
    elif kind == 1:
        content[name] = fuzzing.damaged(chance, content[name])
        _tell_bytes(chance, content, name)
    elif kind == 2:
        content[name], content[other] = content[other], content[name]
    elif kind == 3:
        content[chance.choice(("../x", "/x", "tables/1.parquet", "x" * 300, "a\\b"))] = content[name]
    else:
        content[name] = chance.choice(
            (b"", b"[" * 100_000, b"{}", b"null", b"PAR1", b"9" * 5000, b'{"format": 1e999999}')
        )
