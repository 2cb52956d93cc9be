"""What one reading needs at hand: the engine, a folder for intermediate files, and whom to tell how far it is."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from funnel.core import settings
from funnel.core.engine import Engine
from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk, Note
from funnel.reading import limits

Progress = Callable[[Note, float | None], None]
TELL_EVERY_SECONDS = 0.1
PATTERN_MARKS = frozenset("*?[]{}")


@dataclass
class ReadContext:
    """A reading under way. Leaving its `with` removes the intermediate files.

    An exception that `progress` raises stops the reading: that is how a user cancels.
    """

    engine: Engine
    progress: Progress | None = None
    folder: Path = field(init=False)
    _most_rows: int = field(init=False)
    _given: FileOnDisk = field(init=False)
    _stored: int = 0
    tables: int = 0
    rows: int = 0
    _files: int = 0
    _told: float = 0.0

    def __enter__(self) -> ReadContext:
        self.folder = Path(tempfile.mkdtemp(prefix="reading-", dir=self.engine.folder))
        self._most_rows = int(settings.ROWS_MILLIONS() * 1_000_000)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def begin(self, file: FileOnDisk) -> None:
        """From now on it is this file, as it was given, that is read."""
        self._given, self._stored = file, 0

    def fresh_file(self) -> Path:
        """A path in the folder that nothing uses. Names found in archives never become paths."""
        self._files += 1
        return self.folder / f"file_{self._files}"

    def made(self, path: Path) -> bool:
        """Whether it is one of the intermediate files."""
        return path.parent == self.folder

    def keep(self, path: Path, table: str) -> Path:
        """Where the file that a table is read from lies from now on: an intermediate one stays as long as the engine does."""
        if not self.made(path):
            return path
        return path.rename(self.engine.folder / f"{table}.text")

    def fresh_table(self) -> str:
        """The name of the next table: raw_0, raw_1, …"""
        self.tables += 1
        return f"raw_{self.tables - 1}"

    def took(self, file: str, rows: int = 1) -> None:
        """So many more rows of the file were read. ReadingError where all are more than may be read together."""
        self.rows += rows
        self.expect(file, 0)

    def expect(self, file: str, rows: int) -> None:
        """ReadingError where so many rows of the file, with all that were read, are more than may be read together."""
        if self.rows + rows > self._most_rows:
            raise ReadingError(
                "reading.too_many_rows",
                file=file,
                rows=self.rows + rows,
                limit=self._most_rows,
                variable=settings.ROWS_MILLIONS.variable,
            )

    def store(self, size: int) -> None:
        """So many bytes more (`stored_bytes`) are stored of the file that was given. ReadingError where that is too much for its size."""
        self.check_stored(size)
        self._stored += size

    def check_stored(self, size: int) -> None:
        """ReadingError where so many bytes, with all that are stored of the file that was given, are more than only a bomb holds."""
        check_stored(self._given.name, self._stored + size, self._given.path.stat().st_size)

    def tell(self, key: str, file: str, share: float | None = None) -> None:
        """Say what is being done, at most ten times a second. Exhausted where the disk that is allowed is full."""
        now = time.monotonic()
        if now - self._told < TELL_EVERY_SECONDS:
            return
        self._told = now
        self.engine.check_room()
        if self.progress is not None:
            self.progress(Note(key, {"file": file}), share)


def check_width(file: str, columns: int) -> None:
    """ReadingError where a table has more columns than may be read."""
    if columns > limits.COLUMNS:
        raise ReadingError("reading.too_many_columns", file=file, columns=columns, limit=limits.COLUMNS)


def check_filled(file: str, rows: int, columns: int, characters: int) -> None:
    """ReadingError where a table has so many cells for so few characters that almost all are empty."""
    cells = rows * columns
    if cells > limits.CELLS_UNSUSPECTED and cells > limits.CELLS_RATIO * characters:
        raise ReadingError("reading.almost_empty", file=file, rows=rows, columns=columns)


def check_stored(file: str, stored: int, size: int) -> None:
    """ReadingError where so many bytes (`stored_bytes`) of a file of `size` bytes are more than only a bomb holds."""
    if stored > limits.STORED_UNSUSPECTED and stored > limits.UNPACKED_RATIO * size:
        raise ReadingError("reading.bomb", file=file, megabytes=stored // limits.MEGABYTE)


def stored_bytes(rows: int, columns: int, characters: int) -> int:
    """About how many bytes a table takes on disk."""
    return characters + rows * columns * limits.CELL


def plain_path(work: ReadContext, path: Path) -> Path:
    """The path as the engine takes it: never one that it would read as a pattern of several files."""
    if not PATTERN_MARKS & set(str(path)):
        return path if work.made(path) else path.resolve()
    plain = work.fresh_file()
    try:
        os.link(path, plain)
    except OSError:
        shutil.copyfile(path, plain)
    return plain
