"""All of a person's work in one file, and back: the data as they were read, the rejected lines, what was said by hand, models, notes.

container   the file: whole or none, and every byte of it checked
rows        the members with its rows: what they hold and how much, looked at before any is taken
contents    what stands in it beside the rows

What is derived (the mapping's tables, journeys, counts) is not in it: it is made again when the project is opened.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from funnel import reading
from funnel.core.engine import Engine, QueryFailed
from funnel.core.errors import ProjectError, ReadingError
from funnel.core.sql import Query, identifier
from funnel.core.types import FileOnDisk, RawTable, SavedWork
from funnel.mapping import MappingOverrides
from funnel.storage import built, json_text
from funnel.storage import manifest as manifest_file
from funnel.storage.built import Built
from funnel.storage.project import contents, rows
from funnel.storage.project.container import ENDING, UNFINISHED, Members, is_project, write
from funnel.storage.project.container import reading as opened
from funnel.storage.project.contents import (
    LONGEST_LABEL,
    MOST_DATED_NOTES,
    MOST_NOTES,
    MOST_PARTS,
    MOST_SAVED_VIEWS,
    Contents,
    plain_said,
    read_said,
)

__all__ = [
    "ENDING",
    "LONGEST_LABEL",
    "MOST_DATED_NOTES",
    "MOST_NOTES",
    "MOST_PARTS",
    "MOST_SAVED_VIEWS",
    "UNFINISHED",
    "Kept",
    "is_project",
    "load",
    "plain_said",
    "read_said",
    "save",
]

_REJECTS = "rejects.parquet"
_BUILT = "built"


@dataclass(frozen=True)
class Kept:
    """What a project holds, its rows in the engine; `built` where they are those of a built folder."""

    tables: tuple[RawTable, ...]
    overrides: MappingOverrides
    as_of: datetime
    work: SavedWork
    built: Built | None = None


def save(
    path: Path,
    engine: Engine,
    tables: Sequence[RawTable],
    overrides: MappingOverrides,
    as_of: datetime,
    work: SavedWork,
    of: Built | None = None,
) -> None:
    """Writes a project file, whole or not at all. Exhausted where the disk is full, ProjectError where the place cannot be written to."""
    content = contents.to_bytes(Contents(as_of, tuple(tables), overrides, work, of is not None))
    if of is not None:
        write(path, {contents.NAME: content, **_built_members(of)})
        return
    folder = Path(tempfile.mkdtemp(prefix="saving-", dir=engine.folder))
    try:
        members: dict[str, Path | bytes] = {contents.NAME: content}
        for index, table in enumerate(tables):
            cells = [f"raw.{identifier(name)} AS c{column}" for column, name in enumerate(table.columns)]
            lines = (
                f"SELECT {', '.join([*cells, 'raw.source_line AS source_line'])} FROM {identifier(table.table)} AS raw"
            )
            members[_member(index)] = folder / f"{index}.parquet"
            engine.into_parquet(Query(lines), folder / f"{index}.parquet")
        engine.into_parquet(Query("SELECT kept.* FROM rejects_of_reading AS kept"), folder / _REJECTS)
        write(path, {**members, _REJECTS: folder / _REJECTS})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def load(engine: Engine, file: FileOnDisk) -> Kept:
    """Puts the rows of a project into an engine that is not sealed yet, as tables raw_0, raw_1, … and `rejects`.

    ProjectError where the file is none, damaged or newer; ReadingError where it holds more rows than are allowed.
    """
    folder = Path(tempfile.mkdtemp(prefix="project-", dir=engine.folder))
    with opened(file.path, file.name) as members:
        saved = contents.from_bytes(members.bytes(contents.NAME, json_text.MOST_BYTES), file.name)
        if saved.built:
            # What was built stays where it is unpacked, and is read from there.
            return Kept((), saved.overrides, saved.as_of, saved.work, _unpack_built(engine, members, folder, file.name))
        try:
            paths = [members.extract(_member(index), folder) for index in range(len(saved.tables))]
            rejects = members.extract(_REJECTS, folder)
            for table, path in zip(saved.tables, paths, strict=True):
                rows.check_table(engine, path, len(table.columns))
            rows.check_rejects(engine, rejects)
            rows.check_amount(engine, [*paths, rejects], file)
            for table, path in zip(saved.tables, paths, strict=True):
                _restore(engine, table, path)
            _restore_rejects(engine, saved.tables, rejects)
        except QueryFailed as refused:
            raise ProjectError("project.damaged", file=file.name) from refused
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return Kept(saved.tables, saved.overrides, saved.as_of, saved.work)


def _member(index: int) -> str:
    return f"tables/{index}.parquet"


def _restore(engine: Engine, table: RawTable, path: Path) -> None:
    cells = [f"kept.c{index} AS c{index}" for index in range(len(table.columns))]
    text = f"SELECT {', '.join(cells)}, kept.source_line AS source_line FROM read_parquet(?) AS kept"
    stored = reading.stored_name(table.table)
    engine.keep(stored, Query(text, (str(path),)))
    reading.show_stored(engine, table.table, dict(enumerate(table.columns)), "stored.source_line")


def _restore_rejects(engine: Engine, tables: Sequence[RawTable], path: Path) -> None:
    reading.create_rejects(engine)
    columns = ", ".join(f"kept.{name}" for name in reading.REJECT_COLUMNS)
    engine.run(Query(f"INSERT INTO rejects SELECT {columns} FROM read_parquet(?) AS kept", (str(path),)))
    (rejected,) = engine.row(Query("SELECT COUNT(*) AS lines FROM rejects WHERE rejects.whole_line"))
    kept = sum(_rows(engine, reading.stored_name(table.table)) for table in tables)
    if rejected != sum(table.rows_rejected for table in tables) or kept != sum(
        table.rows_read - table.rows_rejected for table in tables
    ):
        raise QueryFailed("the lines of the project do not add up")


def _rows(engine: Engine, table: str) -> int:
    return int(engine.row(Query(f"SELECT COUNT(*) AS lines FROM {identifier(table)}"))[0])


def _built_members(of: Built) -> dict[str, Path | bytes]:
    names = [f"{part.folder}/{name}" for part in of.manifest.data for name in part.files]
    return {f"{_BUILT}/{name}": of.folder / name for name in (*names, manifest_file.NAME)}


def _unpack_built(engine: Engine, members: Members, folder: Path, file: str) -> Built:
    try:
        members.extract(f"{_BUILT}/{manifest_file.NAME}", folder)
        manifest = manifest_file.read(folder / _BUILT)
        for part in manifest.data:
            for name in part.files:
                members.extract(f"{_BUILT}/{part.folder}/{name}", folder)
        return built.opened(engine, folder / _BUILT, manifest, manifest_file.files_of(folder / _BUILT, manifest))
    except (ReadingError, QueryFailed) as refused:
        raise ProjectError("project.damaged", file=file) from refused
