"""Whatever the bytes: a data set whose lines add up, or one sentence; never another error, and never a hang.

Each input comes from a number, its seed. FUZZ_INPUTS=100000 runs so many of each kind in place of a few; FUZZ_FIRST is the first seed;
what fails is kept in the folder FUZZ_FAILURES, under its seed, with the error.
"""

from __future__ import annotations

import os
import random
import shutil
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from funnel import catalogue, measures
from funnel.core.engine import Engine
from funnel.core.errors import FunnelError
from funnel.core.sql import Query, identifier
from funnel.core.types import FileOnDisk, Note, RawTable, Shape
from funnel.mapping import PARTS, MappingOverrides, from_toml
from funnel.mapping.cells.dates import read_dates
from funnel.mapping.cells.numbers import read_numbers
from funnel.opening import open_files
from funnel.reading import read_files
from funnel.words import wording
from tests import fuzzing, fuzzing_settings
from tests.columns import write
from tests.thorough import thorough

pytestmark = thorough

TABLES = " FROM information_schema.tables AS all_tables"
AS_OF = datetime(2026, 1, 1)
SECONDS = 10
FIRST = int(os.environ.get("FUZZ_FIRST", 0))


def run(few: int, folder: Path, check: Callable[[random.Random, Path], None], kept: Path | None = None) -> None:
    """Check `few` inputs, or as many as FUZZ_INPUTS says; all that fail are told at the end."""
    kept = Path(os.environ.get("FUZZ_FAILURES", (kept or folder) / "failures"))
    failures = []
    for seed in range(FIRST, FIRST + int(os.environ.get("FUZZ_INPUTS", few))):
        place = folder / "input"
        place.mkdir(exist_ok=True)
        try:
            with fuzzing.watched(SECONDS):
                check(random.Random(seed), place)
        except (Exception, fuzzing.Hanging) as failure:
            failures.append(f"seed {seed}: {type(failure).__name__}: {str(failure)[:300]}")
            kept.mkdir(parents=True, exist_ok=True)
            (place / "error.txt").write_text("".join(traceback.format_exception(failure)), errors="replace")
            shutil.move(place, kept / f"{check.__name__}-{seed}-{os.getpid()}")
            continue
        for path in place.iterdir():
            path.unlink()
    assert not failures, f"{len(failures)} failed, kept in {kept}:\n" + "\n".join(failures[:50])


def put(chance: random.Random, folder: Path) -> list[FileOnDisk]:
    """One to three damaged files in the folder."""
    files = []
    for number in range(chance.choice((1, 1, 1, 1, 2, 3))):
        name, content = fuzzing.content(chance)
        path = folder / f"{number} {name}"
        path.write_bytes(content)
        files.append(FileOnDisk(path, path.name))
    return files


def said(*notes: Note) -> None:
    """Each note can be said, wholly."""
    for note in notes:
        assert wording.say(note.key, **note.values)


def sentence(error: FunnelError) -> None:
    """The error is one that a person can be told."""
    assert len(str(error)) > 5
    assert "Traceback" not in str(error)


# Reading


def test_any_bytes_are_tables_or_a_sentence(tmp_path: Path) -> None:
    engine = Engine()

    def reading(chance: random.Random, folder: Path) -> None:
        for kind, name in engine.rows(
            Query("SELECT all_tables.table_type AS kind, all_tables.table_name AS name" + TABLES)
        ):
            engine.run(Query(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {identifier(name)}"))
        files = put(chance, folder)
        try:
            tables = read_files(engine, files)
        except FunnelError as refused:
            sentence(refused)
            return
        finally:
            assert not list(engine.folder.glob("reading-*"))
        for table in tables:
            assert counted(engine, table) == table.rows_read - table.rows_rejected
            said(*table.notes)
        (rejected,) = engine.row(Query("SELECT count(*) AS lines FROM rejects"))
        assert rejected == sum(table.rows_rejected for table in tables)
        if len(tables) == 1 and (lines := lines_below_header(files[0].path, tables[0])) is not None:
            assert tables[0].rows_read == lines

    # The engine reads what lies in its own folder.
    run(150, engine.folder, reading, kept=tmp_path)
    engine.close()


def counted(engine: Engine, table: RawTable) -> int:
    """The lines of a raw table; each has its own number."""
    rows, lines, first = engine.row(
        Query(
            "SELECT count(*) AS rows, count(DISTINCT given.source_line) AS lines, min(given.source_line) AS first"
            f" FROM {identifier(table.table)} AS given"
        )
    )
    assert rows == lines
    assert first > (table.header_line or 0)
    return int(rows)


def lines_below_header(path: Path, table: RawTable) -> int | None:
    """How many lines hold something below the header, counted apart; None where that is no simple count."""
    content = path.read_bytes()
    if table.format != "csv" or table.encoding not in ("utf-8", "utf-8-sig") or content[:2] in (b"\x1f\x8b", b"PK"):
        return None
    if any(mark in content for mark in (b'"', b"'", b"\r", b"\0")) or table.header_line is None:
        return None
    return sum(1 for line in content.split(b"\n")[table.header_line :] if line)


# Reading, mapping and questions


def test_any_file_is_a_data_set_whose_lines_add_up_or_a_sentence(tmp_path: Path) -> None:
    run(25, tmp_path, questions)


def questions(chance: random.Random, folder: Path) -> None:
    files = put(chance, folder)
    try:
        with open_files(files, overrides=overrides(chance, files), as_of=AS_OF) as data_set:
            for file in data_set.files:
                assert file.rows_read == file.rows_used + file.rows_rejected + file.rows_ignored
                assert sum(file.ignored_because.values()) == file.rows_ignored
                assert min(file.rows_used, file.rows_rejected, file.rows_ignored) >= 0
            assert sum(file.rows_read for file in data_set.files) == sum(table.rows_read for table in data_set.tables)
            said(*data_set.warnings, data_set.loaded.understood, *data_set.loaded.cannot)
            for model in ("as-recorded", chance.choice(catalogue.models()).key):
                steps = data_set.ask(measures.steps, model)
                assert all(0 <= stage.leads <= data_set.leads for stage in steps.stages)
                kpis = data_set.ask(measures.kpis, steps.question)
                assert kpis.leads <= data_set.leads
    except FunnelError as refused:
        sentence(refused)


def overrides(chance: random.Random, files: list[FileOnDisk]) -> MappingOverrides | None:
    """Columns and labels said by hand, mostly wrong; often nothing."""
    if chance.random() < 0.6:
        return None
    text = files[0].path.read_bytes()[:300].decode("utf-8", "replace")
    headers = [*text.splitlines()[:1][0:1], *text.split("\n")[0].split(","), "id", "stage", "-", "no such"]
    said: dict[str, object] = {
        "pipeline_column" if part == "pipeline" else part: chance.choice(headers)
        for part in chance.sample(PARTS, chance.choice((0, 1, 1, 2)))
    }
    if chance.random() < 0.4:
        said["shape"] = chance.choice(list(Shape))
    if chance.random() < 0.3:
        said["date_order"] = chance.choice(("dmy", "mdy", "ymd"))
    if chance.random() < 0.2:
        said["stage_dates"] = ((chance.choice(headers), chance.choice(fuzzing.CELLS)),)
    if chance.random() < 0.2:
        said["concepts"] = (("Won", "lost"), (chance.choice(fuzzing.CELLS), chance.choice(("won", "ignored", "x"))))
    return MappingOverrides().replaced(said)


# Columns


def test_any_column_is_read_as_dates_and_numbers_or_not_at_all(tmp_path: Path) -> None:
    with_engine = Columns()
    run(40, tmp_path, with_engine)
    with_engine.engine.close()


class Columns:
    """One engine for all the columns."""

    __name__ = "columns"

    def __init__(self) -> None:
        self.engine = Engine()

    def __call__(self, chance: random.Random, folder: Path) -> None:
        cells = [
            None if chance.random() < 0.1 else fuzzing_settings.value(chance) for _ in range(chance.choice((1, 3, 10)))
        ]
        (folder / "cells.txt").write_text(repr(cells), encoding="utf-8")
        table = write(self.engine, cells)
        filled = sum(1 for cell in cells if cell is not None)
        dates = read_dates(self.engine, table, "created", order=chance.choice((None, None, "dmy", "ymd")), as_of=AS_OF)
        numbers = read_numbers(self.engine, table, "created")
        for found in filter(None, (dates, numbers)):
            assert found.parsed <= found.filled <= filled
            expression = found.expression
            query = f"SELECT count({expression.text}) AS parsed FROM {identifier(table)} AS raw"
            (parsed,) = self.engine.row(Query(query, expression.values))
            assert parsed == found.parsed


# Mappings and models


def test_any_mapping_file_is_hints_or_a_sentence(tmp_path: Path) -> None:
    run(400, tmp_path, mappings)


def mappings(chance: random.Random, folder: Path) -> None:
    content = fuzzing_settings.toml(chance, fuzzing_settings.MAPPING)
    (folder / "mapping.toml").write_bytes(content)
    try:
        hash(from_toml(content.decode("utf-8", "replace"), "mapping.toml"))
    except FunnelError as refused:
        sentence(refused)


def test_any_model_file_is_a_model_or_a_sentence(tmp_path: Path) -> None:
    run(400, tmp_path, models)


def models(chance: random.Random, folder: Path) -> None:
    content = fuzzing_settings.toml(chance, fuzzing_settings.MODEL)
    (folder / "model.toml").write_bytes(content)
    try:
        found = catalogue.read_model_text(content, "model.toml")
        assert catalogue.read_model_text(catalogue.model_toml(found), "model.toml").stages == found.stages
    except FunnelError as refused:
        sentence(refused)


def test_an_input_that_takes_too_long_is_noticed() -> None:
    def busy() -> None:
        while True:
            pass

    with pytest.raises(fuzzing.Hanging), fuzzing.watched(0.2):
        busy()


def test_an_input_that_waits_for_ever_is_noticed() -> None:
    with pytest.raises(fuzzing.Hanging), fuzzing.watched(0.1):
        time.sleep(60)
