"""Where SQL runs. The only importer of duckdb.

One database per data set, on disk in a private folder, so that data larger than memory works. It is closed from the start: no
file outside its folder and the files it was told to read, no network and no extension can be reached from a query, whatever
text a file or a person brings; and once the files are loaded it is sealed, so that no setting can be changed either.
"""

from __future__ import annotations

import atexit
import math
import shutil
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from funnel.core import settings
from funnel.core.disk import DiskRoom, State, private_folder, says_no_room, state_of
from funnel.core.errors import Exhausted, Interrupted, ReadingError
from funnel.core.sql import Query, create_table, create_view, identifier

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

LOG_MEGABYTES = 256
"""What is written is gathered in a log of so much before it moves to its place in the database."""
LOOK_SECONDS = 0.2
RELEASE_SECONDS = 3.0
"""How often it is looked whether a query has run for too long."""


class QueryFailed(Exception):
    """A query that the engine refused: the engine's own words, then the SQL. A defect of this program, not of a file."""


class Engine:
    """A sealed DuckDB database in a private folder (mode 0700) that vanishes with it.

    `readable` are the only files outside that folder that a query may read, `writable` the only folders outside it where it may
    write. `memory_mb` is what it holds in memory at most, `threads` what it works with (none: what `funnel.core.settings` says),
    `bounded_disk` whether its folder may take `settings.DISK_GIGABYTES` at most, or all that is free. Each thread gets its own cursor,
    since one connection shared by threads gives wrong answers. A query raises Exhausted where disk or memory are full, or the folder
    grows beyond what it may take, and where it runs for longer than `seconds` (none: as long as it takes), once the engine is sealed
    than `settings.QUERY_SECONDS`; Interrupted where `wanted`, which another thread asks meanwhile, says no. Making an engine raises
    Exhausted where there is no room for one.
    """

    joins_move_rows = False
    """Whether each join sends rows from machine to machine, so that one sorted walk is cheaper than a few joins."""

    def __init__(
        self,
        readable: Sequence[Path] = (),
        *,
        writable: Sequence[Path] = (),
        memory_mb: int | None = None,
        threads: int | None = None,
        bounded_disk: bool = False,
        seconds: float | None = None,
        wanted: Callable[[], bool] | None = None,
    ) -> None:
        self.folder = private_folder()
        self._room = DiskRoom(self.folder, settings.DISK_GIGABYTES()) if bounded_disk else None
        self._connection = self._connected(memory_mb or int(settings.MEMORY_MB()), threads or int(settings.THREADS()))
        self._connection.execute("SET TimeZone = 'UTC'")
        folders = [str(self.folder), *(str(Path(path).resolve()) for path in writable)]
        self._connection.execute("SET allowed_directories = ?", [folders])
        self._connection.execute("SET allowed_paths = ?", [[str(Path(path).resolve()) for path in readable]])
        self._connection.execute("SET enable_external_access = false")
        # What is loaded is written once and kept a session: packing it costs more time than it saves.
        self._connection.execute("SET force_compression = 'uncompressed'")
        # A small file is never written over into the database's own pages, and none when its session is at its end.
        self._connection.execute(f"SET wal_autocheckpoint = '{LOG_MEGABYTES}MB'")
        self._connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        self._local = threading.local()
        self._cursors: weakref.WeakSet[Any] = weakref.WeakSet()
        self._seconds = seconds
        self._wanted = wanted
        self._guarded: dict[Path, tuple[State | None, str, dict[str, object]]] = {}
        self._finalizer = weakref.finalize(self, _release, self._connection, self.folder)

    def _connected(self, memory_mb: int, threads: int) -> Any:
        """A new database in the folder; without one the folder is gone."""
        try:
            return duckdb.connect(
                str(self.folder / "leads.duckdb"),
                config={
                    "memory_limit": f"{memory_mb}MB",
                    "threads": str(threads),
                    "temp_directory": str(self.folder / "spill"),
                    "python_enable_replacements": "false",
                    "autoinstall_known_extensions": "false",
                    "autoload_known_extensions": "false",
                },
            )
        except duckdb.IOException as failed:
            shutil.rmtree(self.folder, ignore_errors=True)
            if says_no_room(failed):
                raise self._full(disk=True) from failed
            raise Exhausted("errors.no_temporary_folder", folder=str(self.folder.parent)) from failed

    def check_room(self) -> None:
        """Exhausted where the folder takes more disk than is allowed."""
        if self._room is not None and self._room.full:
            raise self._room.exhausted()

    def seal(self) -> None:
        """To be called when the files are loaded: from then on no setting can change any more."""
        self.run(Query("SET force_compression = 'auto'"))
        self.run(Query("SET lock_configuration = true"))
        self._seconds = settings.QUERY_SECONDS()

    def run(self, query: Query) -> None:
        """Run a statement that returns nothing."""
        with self._running(query) as cursor:
            cursor.execute(query.text, list(query.values))

    def keep(self, name: str, query: Query, *, passing: bool = False) -> None:
        """Keep a query's rows as a table, replacing an older one of the same name; a `passing` one is for this thread alone."""
        self.run(create_table(name, query, passing=passing))

    def add(self, name: str, query: Query) -> None:
        """Add a query's rows to a table."""
        self.run(Query(f"INSERT INTO {identifier(name)}\n{query.text}", query.values))

    def view(self, name: str, query: Query) -> None:
        """Keep a query itself under a name, replacing an older one; bound values are kept in it."""
        if not query.values:
            self.run(create_view(name, query))
            return
        with self._running(query) as cursor:
            cursor.sql(query.text, params=list(query.values)).create_view(name, replace=True)

    def into_parquet(self, query: Query, path: Path) -> None:
        """A query's rows as one Parquet file in the engine's folder, in their order."""
        text = f"COPY (\n{query.text}\n) TO ? (FORMAT parquet, COMPRESSION zstd)"
        self.run(Query(text, (*query.values, str(path))))

    def read(self, name: str, *paths: Path) -> None:
        """Give what lies in Parquet files of the same columns a name; each must be readable. Nothing is copied."""
        with self._running(Query(f"read_parquet as {identifier(name)}")) as cursor:
            files = [str(Path(path).resolve()) for path in paths]
            cursor.read_parquet(files, hive_partitioning=False).create_view(name, replace=True)

    def guard(self, path: Path, key: str, **values: object) -> None:
        """From now on no query answers where this file is not what it is now: ReadingError, with this sentence."""
        self._guarded[path] = state_of(path), key, values

    def drop_table(self, name: str) -> None:
        """Remove a table; harmless where there is none."""
        self.run(Query(f"DROP TABLE IF EXISTS {identifier(name)}"))

    def drop_view(self, name: str) -> None:
        """Remove a view; harmless where there is none."""
        self.run(Query(f"DROP VIEW IF EXISTS {identifier(name)}"))

    def rows(self, query: Query) -> list[tuple[Any, ...]]:
        """The rows as plain Python values."""
        with self._running(query) as cursor:
            rows: list[tuple[Any, ...]] = cursor.execute(query.text, list(query.values)).fetchall()
            return rows

    def row(self, query: Query) -> tuple[Any, ...]:
        """The only row of a query that always has one."""
        (only,) = self.rows(query)
        return only

    def named(self, query: Query) -> list[dict[str, Any]]:
        """The rows as dictionaries by column name."""
        with self._running(query) as cursor:
            cursor.execute(query.text, list(query.values))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def arrow(self, query: Query) -> pa.Table:
        """The rows as an Arrow table."""
        with self._running(query) as cursor:
            return cursor.sql(query.text, params=list(query.values)).to_arrow_table()

    def frame(self, query: Query) -> pd.DataFrame:
        """The rows as a pandas data frame."""
        frame: pd.DataFrame = self.arrow(query).to_pandas()
        return frame

    def columns(self, table: str) -> list[tuple[str, str]]:
        """(name, type) of each column of a table or view, in order. There has to be one."""
        # To ask the catalogue of all columns takes twenty times longer.
        described = "SELECT columns.name, columns.type FROM pragma_table_info(?) AS columns ORDER BY columns.cid"
        return self.rows(Query(described, (identifier(table),)))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that this thread runs inside is kept together, or, when anything fails, not at all."""
        self.run(Query("BEGIN TRANSACTION"))
        try:
            yield
        except BaseException:
            self.run(Query("ROLLBACK"))
            raise
        self.run(Query("COMMIT"))

    def interrupt(self) -> None:
        """Stop what is running, in every thread; the next query runs as usual."""
        for cursor in list(self._cursors):
            cursor.interrupt()

    def close(self) -> None:
        """Close the database and remove its folder. Closing twice is harmless."""
        self._finalizer()

    @contextmanager
    def _running(self, query: Query) -> Iterator[Any]:
        try:
            with _clock.watching(self._cursor(), self._seconds, self._wanted, self._room) as watched:
                yield watched.cursor
            self._refuse_changed()
        except duckdb.InterruptException as stopped:
            if watched.full is not None:
                raise watched.full.exhausted() from stopped
            if watched.over:
                name = settings.QUERY_SECONDS.variable
                raise Exhausted("errors.too_long", seconds=self._seconds, setting=name) from stopped
            raise Interrupted("errors.interrupted") from stopped
        except duckdb.OutOfMemoryException as full:
            # A spill that finds no room on the disk is told as memory that is full.
            raise self._full(disk=says_no_room(full) or "max_temp_directory_size" in str(full)) from full
        except duckdb.Error as refused:
            if says_no_room(refused):
                raise self._full(disk=True) from refused
            self._refuse_changed()
            raise QueryFailed(f"{refused}\n\n{query.readable()}") from refused

    def _refuse_changed(self) -> None:
        for path, (state, key, values) in self._guarded.items():
            if state_of(path) != state:
                raise ReadingError(key, **values)

    def _full(self, *, disk: bool) -> Exhausted:
        if disk:
            return Exhausted("errors.disk_full", folder=str(self.folder.parent))
        return Exhausted("errors.memory_full", megabytes=settings.MEMORY_MB(), setting=settings.MEMORY_MB.variable)

    def _cursor(self) -> Any:
        cursor = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._connection.cursor()
            self._local.cursor = cursor
            self._cursors.add(cursor)
        return cursor


class _Watched:
    """A cursor at work; `over` once it was stopped because its time was, `full` the room that it was stopped for filling."""

    def __init__(
        self, cursor: Any, seconds: float | None, wanted: Callable[[], bool] | None, room: DiskRoom | None
    ) -> None:
        self.cursor = cursor
        self.until = math.inf if seconds is None else time.monotonic() + seconds
        self.wanted = wanted
        self.room = room
        self.over = False
        self.full: DiskRoom | None = None

    def look(self, overfilled: set[DiskRoom]) -> None:
        """Stops it where its time is over, its room is one of the overfilled, or nobody wants it any more."""
        if self.until <= time.monotonic():
            self.over = True
        elif self.room in overfilled:
            self.full = self.room
        elif self.wanted is None or self.wanted():
            return
        self.cursor.interrupt()


class _Clock:
    """Stops cursors that work for too long, or fill more disk than they may. One thread looks after all of them, since a timer for each
    query costs more than many a query."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._watched: set[_Watched] = set()
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    @contextmanager
    def watching(
        self, cursor: Any, seconds: float | None, wanted: Callable[[], bool] | None, room: DiskRoom | None
    ) -> Iterator[_Watched]:
        """The cursor, stopped after so many seconds, when it is not wanted any more, or when the room is full and it fills it further;
        never for what is None."""
        watched = _Watched(cursor, seconds, wanted, room)
        if seconds is None and wanted is None and room is None:
            yield watched
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="query-clock", daemon=True)
                self._thread.start()
                # A thread that still lives while Python ends would keep the engine's module from being taken down.
                atexit.register(self._end, self._thread)
            self._watched.add(watched)
            self._lock.notify()
        try:
            yield watched
        finally:
            with self._lock:
                self._watched.discard(watched)

    def _look(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            with self._lock:
                while not self._watched and not self._ended.is_set():
                    self._lock.wait()
                rooms = {watched.room for watched in self._watched if watched.room is not None}
            # Measured while nobody has to wait for it.
            overfilled = {room for room in rooms if room.is_overfilled()}
            with self._lock:
                for watched in self._watched:
                    watched.look(overfilled)

    def _end(self, thread: threading.Thread) -> None:
        self._ended.set()
        with self._lock:
            self._lock.notify()
        thread.join()


_clock = _Clock()


def _release(connection: Any, folder: Path) -> None:
    """Close the database and remove its folder, which goes whatever comes: a connection that another thread still asks refuses to be
    closed, so what is asked is stopped, where it is not closed all the same, and it is told again."""
    until = time.monotonic() + RELEASE_SECONDS
    while time.monotonic() < until:
        with suppress(duckdb.Error):
            connection.close()
            break
        with suppress(duckdb.Error):
            connection.interrupt()
        time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)
