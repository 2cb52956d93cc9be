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

from funnel import settings
from funnel.engine import Engine
from funnel.errors import ReadingError
from funnel.nouns import Note
from funnel.reading import limits

Progress = Callable[[Note, float | None], None]
TELL_EVERY_SECONDS = 0.1
PATTERN_MARKS = frozenset("*?[]{}")


@dataclass
class Work:
    """A reading under way. Leaving its `with` removes the intermediate files.

    An exception that `progress` raises stops the reading: that is how a user cancels.
    """

    engine: Engine
    progress: Progress | None = None
    folder: Path = field(init=False)
    _most_rows: int = field(init=False)
    tables: int = 0
    rows: int = 0
    _files: int = 0
    _told: float = 0.0

    def __enter__(self) -> Work:
        self.folder = Path(tempfile.mkdtemp(prefix="reading-", dir=self.engine.folder))
        self._most_rows = int(settings.ROWS_MILLIONS() * 1_000_000)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def fresh_file(self) -> Path:
        """A path in the folder that nothing uses. Names found in archives never become paths."""
        self._files += 1
        return self.folder / f"file_{self._files}"

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

    def check_filled(self, file: str, rows: int, columns: int, characters: int) -> None:
        """ReadingError where a table has so many cells for so few characters that almost all are empty."""
        cells = rows * columns
        if cells > limits.CELLS_UNSUSPECTED and cells > limits.CELLS_RATIO * characters:
            raise ReadingError("reading.almost_empty", file=file, rows=rows, columns=columns)

    def tell(self, key: str, file: str, share: float | None = None) -> None:
        """Say what is being done, at most ten times a second."""
        now = time.monotonic()
        if self.progress is not None and now - self._told >= TELL_EVERY_SECONDS:
            self._told = now
            self.progress(Note(key, {"file": file}), share)


def plain_path(work: Work, path: Path) -> Path:
    """The path as the engine takes it: never one that it would read as a pattern of several files."""
    if not PATTERN_MARKS & set(str(path)):
        return path.resolve() if path.parent != work.folder else path
    plain = work.fresh_file()
    try:
        os.link(path, plain)
    except OSError:
        shutil.copyfile(path, plain)
    return plain
