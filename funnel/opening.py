"""Files → a data set: uploads, paths, a project file among them, or a built folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from funnel.core import settings
from funnel.core.disk import state_of
from funnel.core.engine import Engine, QueryFailed
from funnel.core.errors import ProjectError, ReadingError
from funnel.core.types import Note, RawTable
from funnel.dataset import DataSet
from funnel.live import reader, sources
from funnel.live.snapshot import Snapshot
from funnel.mapping import MappingOverrides
from funnel.reading import FileOnDisk, read_files, unchanged
from funnel.storage import built, project

BYTES_A_SECOND = 1_000_000
"""While files are read, a query may take longer than usual by what reading them at this pace, which any machine keeps, takes."""
Progress = Callable[[Note, float | None], None]
NOTHING_LIVE: Mapping[str, Snapshot] = {}
Wanted = Callable[[], bool]
"""Whether what was asked is still wanted."""


def open_files(
    files: Sequence[FileOnDisk],
    *,
    touches: Sequence[FileOnDisk] = (),
    overrides: MappingOverrides | None = None,
    as_of: datetime | None = None,
    progress: Progress | None = None,
    wanted: Wanted | None = None,
) -> DataSet:
    """A data set from files on disk, read and mapped together; one of them may be a project, whose data come first.

    `touches` are files of touches of these leads; among the other files those are touches too whose headers say so.
    `overrides` say by hand what recognition would guess; what they leave open stands as it was said in the project. `as_of` is the
    moment of the upload: nothing after it is taken for observed (default: now; that of a project which is opened alone). `wanted` is
    asked again and again, from another thread: where it says no, Interrupted is raised. Raises ReadingError, MappingError or
    ProjectError with one sentence; nothing is left behind then.
    """
    if not files:
        raise ReadingError("errors.no_files")
    projects = [file for file in files if file.name.endswith(project.ENDING) or project.is_project(file.path)]
    if len(projects) > 1:
        raise ProjectError("project.two", files=[file.name for file in projects])
    others = [file for file in files if file not in projects]
    seconds = settings.QUERY_SECONDS() + sum(file.path.stat().st_size for file in (*files, *touches)) / BYTES_A_SECOND
    read_as = {file.path.resolve(): state_of(file.path) for file in (*files, *touches)}
    engine = Engine([file.path for file in (*others, *touches)], seconds=seconds, wanted=wanted, bounded_disk=True)
    try:
        if projects:
            data_set = _open_project(engine, projects[0], others, touches, overrides, as_of, progress)
        else:
            tables = read_files(engine, others, progress=progress)
            tables, said = _with_touches(engine, tables, touches, overrides, progress)
            data_set = DataSet(engine, tables, said, as_of or datetime.now())
        data_set.read_as = read_as
        engine.seal()
        return data_set
    except BaseException:
        engine.close()
        raise


def _with_touches(
    engine: Engine,
    tables: tuple[RawTable, ...],
    touches: Sequence[FileOnDisk],
    overrides: MappingOverrides | None,
    progress: Progress | None,
) -> tuple[tuple[RawTable, ...], MappingOverrides]:
    """The tables with those of files that a person calls touches, and the overrides that say so."""
    overrides = overrides or MappingOverrides()
    if not touches:
        return tables, overrides
    further = read_files(engine, touches, progress=progress, after=tables)
    named = (*overrides.touches, *(table.table for table in further))
    return (*tables, *further), overrides.replaced({"touches": named})


def _open_project(
    engine: Engine,
    file: FileOnDisk,
    others: Sequence[FileOnDisk],
    touches: Sequence[FileOnDisk],
    overrides: MappingOverrides | None,
    as_of: datetime | None,
    progress: Progress | None,
) -> DataSet:
    if progress is not None:
        progress(Note("project.progress_open", {"file": file.name}), None)
    with unchanged([file]):
        saved = project.load(engine, file)
    if saved.built is not None and (others or touches):
        raise ReadingError("building.not_alone")
    moment = as_of or (datetime.now() if others or touches else saved.as_of)
    tables = saved.tables
    if others:
        tables += read_files(engine, others, progress=progress, after=tables)
    tables, overrides = _with_touches(engine, tables, touches, overrides, progress)
    overrides = overrides.over(saved.overrides)
    try:
        data_set = DataSet(engine, tables, saved.built.overrides if saved.built else overrides, moment, saved.built)
        if saved.built is not None:
            data_set.remap(overrides)
    except QueryFailed as refused:
        # What came is no table that Funnel Lens has written.
        raise ProjectError("project.damaged", file=file.name) from refused
    data_set.work = saved.work
    return data_set


def open_paths(
    *paths: str | Path,
    touches: str | Path | Sequence[str | Path] = (),
    overrides: MappingOverrides | None = None,
    as_of: datetime | None = None,
    progress: Progress | None = None,
    wanted: Wanted | None = None,
) -> DataSet:
    """`open_files` for paths, each file known by its own name; or a folder that `python -m funnel build` made, of which no touches are
    known. `source:NAME` in place of a path stands for all that a live source holds now; SourceError where it cannot be read."""
    further = [touches] if isinstance(touches, str | Path) else list(touches)
    live = {str(path): reader.pulled(str(path)) for path in (*paths, *further) if sources.is_source(path)}
    if live:
        data_set = open_files(
            _files(paths, live),
            touches=_files(further, live),
            overrides=overrides,
            as_of=as_of,
            progress=progress,
            wanted=wanted,
        )
        data_set.keepers = tuple(live.values())
        return data_set
    # What cannot be the name of a file is none, as os.path knows and Path does not.
    if any(os.path.isdir(path) for path in paths):
        if further:
            raise ReadingError("building.no_touches")
        return open_folder(*paths, overrides=overrides, as_of=as_of)
    return open_files(
        _files(paths),
        touches=_files(further),
        overrides=overrides,
        as_of=as_of,
        progress=progress,
        wanted=wanted,
    )


def _files(paths: Sequence[str | Path], live: Mapping[str, Snapshot] = NOTHING_LIVE) -> list[FileOnDisk]:
    """The files at these paths, and those of live sources. ReadingError where there is none at one of them."""
    files: list[FileOnDisk] = []
    for path in paths:
        if str(path) in live:
            files += live[str(path)].files
        elif os.path.isfile(path):
            files.append(FileOnDisk(Path(path).resolve(), Path(path).name))
        else:
            raise ReadingError("building.not_alone" if os.path.isdir(path) else "errors.no_such_file", file=str(path))
    return files


def open_folder(
    *paths: str | Path, overrides: MappingOverrides | None = None, as_of: datetime | None = None
) -> DataSet:
    """A data set from one built folder; of the `overrides` only the concepts of labels are heeded. ReadingError where a path is no such
    folder, or stands beside others; QuestionError where overrides say more."""
    if len(paths) > 1:
        raise ReadingError("building.not_alone")
    engine, folder = built.open_folder(Path(paths[0]))
    try:
        engine.seal()
        data_set = DataSet(engine, (), folder.overrides, as_of or datetime.now(), folder)
        if overrides is not None and overrides != MappingOverrides():
            data_set.remap(overrides)
        return data_set
    except BaseException:
        engine.close()
        raise
