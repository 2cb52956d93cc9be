"""Private folders for uploads: made, removed with their owner, and swept when a crash left them behind."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows has another way to lock a file, and there age alone decides what is stale.
    import msvcrt

    fcntl = None  # type: ignore[assignment]

PREFIX = "funnel-lens-"
OWNER = "owner.pid"
LOCK = "lock"
STALE_SECONDS = 24 * 3600


def make() -> Path:
    """A new private folder (mode 0700) that names the process it belongs to."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}upload-"))
    (folder / OWNER).write_text(str(os.getpid()), encoding="ascii")
    return folder


def remove(folder: Path) -> None:
    """The folder and all in it are gone afterwards; one already gone is no error."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_own(where: Path | None = None) -> None:
    """The private folders for files that this process has made are gone afterwards."""
    for folder in (where or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        owner = folder / OWNER
        if owner.is_file() and owner.read_text(encoding="ascii") == str(os.getpid()):
            remove(folder)


def hold(folder: Path) -> bool:
    """Whether this process is the one that writes into a folder, from now until it releases it; the system lets go when it is killed."""
    with _lock:
        if folder in _held:
            return True
        try:
            file = (folder / LOCK).open("a+b")
        except OSError:
            return False
        try:
            _lock_file(file)
        except OSError:
            file.close()
            return False
        _held[folder] = file
        return True


def release(folder: Path) -> None:
    """Another process may write into a folder that this one held; one that it does not hold is no error."""
    with _lock:
        file = _held.pop(folder, None)
        if file is not None:
            file.close()


def _lock_file(file: BinaryIO) -> None:
    if fcntl is not None:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)


def sweep(where: Path | None = None) -> list[Path]:
    """The stale folders that were removed. Call it at the start, before this process has any database open.

    A folder is stale when the process that owns it is gone, when nothing holds its database, or, where neither can
    be told, when it was not touched for a day. Folders of other users are left alone.
    """
    removed = []
    for folder in (where or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        if folder.is_dir() and not folder.is_symlink() and _ours(folder) and _stale(folder):
            remove(folder)
            removed.append(folder)
    return removed


def _ours(folder: Path) -> bool:
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


def _stale(folder: Path) -> bool:
    owner = folder / OWNER
    if owner.is_file():
        return not _alive(owner.read_text(encoding="ascii"))
    databases = list(folder.glob("*.duckdb"))
    if databases and fcntl is not None:
        return not any(_locked(database) for database in databases)
    return time.time() - folder.stat().st_mtime > STALE_SECONDS


def _alive(pid: str) -> bool:
    if not pid.isdecimal() or int(pid) == os.getpid():
        return pid.isdecimal()
    if os.name == "nt":
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _locked(database: Path) -> bool:
    """Whether another process holds the database; the engine locks its file as long as it lives."""
    with database.open("rb+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


_lock = threading.Lock()
_held: dict[Path, BinaryIO] = {}
