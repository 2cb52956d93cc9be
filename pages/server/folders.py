"""Private folders for files: made, removed with their owner, and swept when a crash left them behind.

    <temporary>/funnel-lens-upload-…/lock     held by the server of an upload, or of a file for a browser, until it ends, however it ends
    <temporary>/funnel-lens-…/leads.duckdb    a database, which the engine locks as long as it is open

Whose folder it is, the system knows by the lock: the number of a process says nothing where several containers have one disk.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from funnel.core import disk

try:
    import fcntl
except ImportError:  # Windows has another way to lock a file.
    import msvcrt

    fcntl = None  # type: ignore[assignment]

LOCK = "lock"
STALE_SECONDS = 24 * 3600


def make() -> Path:
    """A new private folder (mode 0700) that this process holds. Exhausted where the disk is full or there is no place for it."""
    while True:
        folder = disk.private_folder(f"{disk.PREFIX}upload-")
        try:
            file = _taken(folder)
        except FileNotFoundError:
            continue
        except OSError as failed:
            remove(folder)
            raise disk.no_place(failed, folder.parent) from failed
        # Whoever swept at this very moment took it for one that nobody holds.
        if file is not None:
            _made[folder] = file
            return folder


def remove(folder: Path) -> None:
    """The folder and all in it are gone afterwards, and nobody holds it; one already gone is no error."""
    file = _made.pop(folder, None)
    if file is not None:
        file.close()
    shutil.rmtree(folder, ignore_errors=True)


def remove_own() -> None:
    """The private folders for files that this process has made are gone afterwards."""
    for folder in list(_made):
        remove(folder)


def hold(folder: Path) -> bool:
    """Whether this process is the one that writes into a folder, from now until it releases it; the system lets go when it is killed.

    OSError where the folder cannot be written to.
    """
    with _lock:
        if folder not in _held:
            file = _taken(folder)
            if file is None:
                return False
            _held[folder] = file
        return True


def release(folder: Path) -> None:
    """Another process may write into a folder that this one held; one that it does not hold is no error."""
    with _lock:
        file = _held.pop(folder, None)
        if file is not None:
            file.close()


@contextmanager
def nobody_else(folder: Path) -> Iterator[bool]:
    """Whether nobody holds a folder, not this process either; if so, nobody takes it inside the `with`."""
    try:
        file = _taken(folder)
    except OSError:
        file = None
    try:
        yield file is not None
    finally:
        if file is not None:
            file.close()


def sweep(where: Path | None = None) -> list[Path]:
    """The stale folders that were removed. Call it at the start, before this process has any database open.

    A folder is stale when nobody holds its lock or its database, or, where it has neither, when it was not touched for a day. Folders of
    other users are left alone.
    """
    removed = []
    for folder in (where or Path(tempfile.gettempdir())).glob(f"{disk.PREFIX}*"):
        try:
            if folder.is_dir() and not folder.is_symlink() and _ours(folder) and _removed_as_stale(folder):
                removed.append(folder)
        except OSError:
            # Another server that starts at this moment may have swept it.
            continue
    return removed


def _taken(folder: Path) -> BinaryIO | None:
    """The folder's lock file, held until it is closed; None where somebody else holds it. OSError where it cannot be written, and
    FileNotFoundError where the folder is gone."""
    file = (folder / LOCK).open("a+b")
    try:
        if not _locked(file):
            file.close()
            return None
        if not os.path.exists(file.name):
            raise FileNotFoundError(file.name)
    except BaseException:
        file.close()
        raise
    return file


def _locked(file: BinaryIO) -> bool:
    """Whether the file could be locked, which ends when it is closed."""
    try:
        if fcntl is None:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            # It belongs to this opening of the file, not to the process: who looks by another one does not end it.
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _ours(folder: Path) -> bool:
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


def _removed_as_stale(folder: Path) -> bool:
    if (folder / LOCK).is_file():
        with nobody_else(folder) as stale:
            if stale:
                remove(folder)
    else:
        databases = list(folder.glob("*.duckdb"))
        if databases and fcntl is not None:
            stale = not any(_in_use(database) for database in databases)
        else:
            stale = time.time() - folder.stat().st_mtime > STALE_SECONDS
        if stale:
            remove(folder)
    return stale


def _in_use(database: Path) -> bool:
    """Whether another process holds the database; the engine locks its file, for the whole process, as long as it lives."""
    with database.open("rb+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


_lock = threading.Lock()
_held: dict[Path, BinaryIO] = {}
_made: dict[Path, BinaryIO] = {}
"""The private folders of this process and their locks. No lock guards it, since a folder may be removed in the middle of anything, when
what refers to it is collected."""
