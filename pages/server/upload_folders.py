"""A private place on the server's disk for the files of one upload, under a key that nobody can guess.

A file is announced, then comes once; it is written as `<number>.part` and takes its own name only when all its bytes are there.
Whatever fails on the way is removed at once, and the place vanishes when nothing refers to its ticket any more.
"""

from __future__ import annotations

import os
import shutil
import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from funnel import FunnelError
from funnel.core import settings
from funnel.core.disk import FULL
from funnel.core.errors import Exhausted
from pages.server import folders

GIGABYTE = 1_000_000_000
MOST_FILES = 100
ENDINGS = (
    *("csv", "tsv", "txt", "gz", "zip", "xlsx", "xls", "xlsb", "ods", "html", "htm", "xml"),
    *("parquet", "jsonl", "ndjson", "json", "toml", "funnel"),
)


class ArrivalError(FunnelError):
    """A file that is not taken, or did not arrive whole; nothing of it is left."""


@contextmanager
def _as_refused() -> Iterator[None]:
    """What the disk refuses inside, as a file that is not taken."""
    try:
        yield
    except Exhausted as failed:
        full = failed.key == "errors.disk_full"
        raise ArrivalError("pages.upload.disk_full" if full else "pages.upload.unwritable") from failed
    except OSError as failed:
        full = failed.errno in FULL
        raise ArrivalError("pages.upload.disk_full" if full else "pages.upload.unwritable") from failed


@dataclass(frozen=True)
class _File:
    name: str
    size: int


class Ticket:
    """The right to bring the files of one upload, once. Used by many threads."""

    def __init__(self, beside: weakref.WeakSet[Ticket] | None = None) -> None:
        """`beside` are the tickets of the same browser, whose files count with this one's; it becomes one of them."""
        self.key = token_urlsafe(32)
        self._beside = weakref.WeakSet[Ticket]() if beside is None else beside
        with _beside_lock:
            self._beside.add(self)
        self.closed = False
        self._lock = threading.Lock()
        self._given = 0
        self._announced: dict[int, _File] = {}
        self._coming: dict[int, _File] = {}
        self._whole: dict[int, _File] = {}
        self._folder: Path | None = None

    @property
    def busy(self) -> bool:
        """Whether a file is just coming."""
        return bool(self._coming)

    @property
    def size(self) -> int:
        """The bytes of all its files that are here, or may come."""
        files = (*self._announced.copy().values(), *self._coming.copy().values(), *self._whole.copy().values())
        return sum(file.size for file in files)

    def announce(self, name: str, size: int) -> int:
        """The number under which a file of exactly `size` bytes may come. ArrivalError where it is not taken.

        `name` must be safe as a file's name.
        """
        if not name.lower().endswith(tuple(f".{ending}" for ending in ENDINGS)):
            raise ArrivalError("pages.upload.not_accepted", file=name)
        with self._lock:
            self._refuse_closed()
            files = [*self._announced.values(), *self._coming.values(), *self._whole.values()]
            if len(files) >= MOST_FILES:
                raise ArrivalError("pages.upload.too_many", files=MOST_FILES)
            most = settings.UPLOAD_GIGABYTES
            if size < 0 or sum(file.size for file in files) + size > most() * GIGABYTE:
                raise ArrivalError("pages.upload.too_big", most=most(), setting=most.variable)
            disk = settings.DISK_GIGABYTES
            with _beside_lock:
                together = list(self._beside)
            if size + sum(ticket.size for ticket in together) > disk() * GIGABYTE:
                raise ArrivalError("pages.upload.session_full", most=disk(), setting=disk.variable)
            with _as_refused():
                free = shutil.disk_usage(self._own_folder()).free
            if size > free:
                raise ArrivalError("pages.upload.no_room", size=size / GIGABYTE, free=free / GIGABYTE)
            number, self._given = self._given, self._given + 1
            self._announced[number] = _File(name, size)
            return number

    def begin(self, number: int) -> Part:
        """Where the bytes of an announced file go; each comes once. ArrivalError where none was announced."""
        with self._lock:
            self._refuse_closed()
            file = self._announced.pop(number, None)
            if file is None:
                raise ArrivalError("pages.upload.expired")
            with _as_refused():
                part = Part(self, number, file.size, self._own_folder() / f"{number}.part")
            self._coming[number] = file
            return part

    def finish(self, number: int, part: Path) -> None:
        """A file has come whole and takes its name. ArrivalError where its ticket was closed meanwhile."""
        with self._lock:
            self._refuse_closed()
            file = self._coming.pop(number)
            path = self._path(number, file)
            with _as_refused():
                path.parent.mkdir()
                part.rename(path)
            self._whole[number] = file

    def forget(self, number: int) -> None:
        """Nothing of this file is left, unless it is just coming; an unknown number is no error."""
        with self._lock:
            self._announced.pop(number, None)
            file = self._whole.pop(number, None)
            if file is not None:
                folders.remove(self._path(number, file).parent)

    def lose(self, number: int) -> None:
        """What was coming under this number comes no more."""
        with self._lock:
            self._coming.pop(number, None)

    def take(self, numbers: Iterable[object]) -> tuple[Path, ...]:
        """The whole files of these numbers, in that order; what else came is removed, and nothing comes after it.

        Numbers that stand for no whole file are passed over, whatever they are.
        """
        with self._lock:
            self.closed = True
            wanted = dict.fromkeys(number for number in numbers if isinstance(number, int) and number in self._whole)
            self._announced.clear()
            for number in self._whole.keys() - wanted.keys():
                folders.remove(self._path(number, self._whole.pop(number)).parent)
            return tuple(self._path(number, self._whole[number]) for number in wanted)

    def close(self) -> None:
        """Nothing can come any more, and what came is removed."""
        with self._lock:
            self.closed = True
            self._announced.clear()
            self._whole.clear()
            if self._folder is not None:
                folders.remove(self._folder)

    def _refuse_closed(self) -> None:
        if self.closed:
            raise ArrivalError("pages.upload.expired")

    def _own_folder(self) -> Path:
        if self._folder is None:
            self._folder = folders.make()
            weakref.finalize(self, folders.remove, self._folder)
        return self._folder

    def _path(self, number: int, file: _File) -> Path:
        """Where a whole file lies: in a folder of its own, since two may have one name."""
        return self._own_folder() / str(number) / file.name


class Part:
    """A file that is coming. It ends with `finish` or `discard`."""

    def __init__(self, ticket: Ticket, number: int, size: int, path: Path) -> None:
        self.left = size
        self._ticket = ticket
        self._number = number
        self._path = path
        # Unbuffered, since it is given large pieces; of this process alone, and never over another file.
        self._file = open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb", buffering=0)  # noqa: SIM115

    def write(self, piece: bytes | bytearray) -> None:
        """Some bytes more. ArrivalError where there are more than announced, the disk is full, or the ticket was closed."""
        self.left -= len(piece)
        if self.left < 0:
            raise ArrivalError("pages.upload.cut_short")
        if self._ticket.closed:
            raise ArrivalError("pages.upload.expired")
        with _as_refused():
            rest = memoryview(piece)
            while rest:
                rest = rest[self._file.write(rest) :]

    def finish(self) -> None:
        """All has come. ArrivalError where bytes are missing, or the ticket was closed."""
        self._file.close()
        if self.left:
            raise ArrivalError("pages.upload.cut_short")
        self._ticket.finish(self._number, self._path)

    def discard(self) -> None:
        """Nothing of it is left."""
        self._file.close()
        self._path.unlink(missing_ok=True)
        self._ticket.lose(self._number)


_beside_lock = threading.Lock()
