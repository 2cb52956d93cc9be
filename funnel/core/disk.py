"""The disk: private folders for what is temporary, and how much of it one of them may take."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from funnel.core import settings
from funnel.core.errors import Exhausted

PREFIX = "funnel-lens-"
FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says where no byte is left, or none of what its user may use."""
GIGABYTE = 1_000_000_000


def private_folder(prefix: str = PREFIX) -> Path:
    """A new folder (mode 0700) for temporary files. Exhausted where the disk is full, or there is no place for it."""
    try:
        return Path(tempfile.mkdtemp(prefix=prefix))
    except OSError as failed:
        # Without a byte left, no place for temporary files is found at all.
        raise no_place(failed, Path(tempfile.tempdir or os.environ.get("TMPDIR", "/tmp"))) from failed


def no_place(failed: OSError, folder: Path) -> Exhausted:
    """What says that nothing could be put into a folder for temporary files."""
    return Exhausted("errors.disk_full" if failed.errno in FULL else "errors.no_temporary_folder", folder=str(folder))


def says_no_room(failed: Exception) -> bool:
    """Whether something failed because the disk is full, by the words of the system in it."""
    return any(os.strerror(number) in str(failed) for number in FULL)


def size_of(folder: Path) -> int:
    """How many bytes the files below a folder have; what vanishes meanwhile, or cannot be looked at, counts nothing."""
    size = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(os.path.join(path, name)).st_size
            except OSError:
                continue
    return size


State = tuple[int, int, int]


def state_of(path: Path) -> State | None:
    """Size, moment of the last change and number of a file, by which it is seen whether it was changed or replaced; None where there is
    none, or it may not be looked at."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def state_of_open(descriptor: int) -> State:
    """The same of a file that is open."""
    stat = os.fstat(descriptor)
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


class DiskRoom:
    """How much disk a folder may take, and whether it takes more."""

    def __init__(self, folder: Path, gigabytes: float) -> None:
        self._folder, self._gigabytes = folder, gigabytes
        self._size = 0

    @property
    def full(self) -> bool:
        """Whether the folder takes more than it may."""
        return size_of(self._folder) > self._gigabytes * GIGABYTE

    def is_overfilled(self) -> bool:
        """Whether the folder takes more than it may, and more than when this was asked last: what only reads goes on."""
        before, self._size = self._size, size_of(self._folder)
        return self._size > max(before, self._gigabytes * GIGABYTE)

    def exhausted(self) -> Exhausted:
        """The sentence on it."""
        return Exhausted(
            "errors.session_disk_full", gigabytes=self._gigabytes, setting=settings.DISK_GIGABYTES.variable
        )
