"""The file that a project is saved to: a zip of members that are stored as they are, and a digest of every byte of it at its end.

    first member   `funnel-lens-project`, so that the first bytes of the file say what it is
    members        tables as Parquet, and `project.json`
    comment        "sha256:" and the digest of all bytes before it

It is written beside its place, made sure of on the disk, and then takes its name: there is a whole file or none, and one that was there
before stays until then. Any program opens it as a zip; only one whose digest is right is taken for a project.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from funnel.core.errors import Exhausted, ProjectError

ENDING = ".funnel"
MARK = "funnel-lens-project"
_DIGEST = b"sha256:"
_DIGITS = 64
_CHUNK = 1 << 20
_NAME_AT = 30
"""Where the first member's name begins in every zip."""
_FULL = (errno.ENOSPC, errno.EDQUOT)
UNFINISHED = ".part"


def is_project(path: Path) -> bool:
    """Whether the file says that it is a project, whole or not."""
    try:
        with path.open("rb") as file:
            head = file.read(_NAME_AT + len(MARK))
    except OSError:
        return False
    return head.startswith(b"PK\x03\x04") and head[_NAME_AT:] == MARK.encode()


def write(path: Path, members: Mapping[str, Path | bytes]) -> None:
    """Writes the members into a project file, whole or not at all; a file that stood there is replaced.

    Exhausted where the disk is full, ProjectError where the place cannot be written to.
    """
    unfinished = path.with_name(f"{path.name}{UNFINISHED}")
    try:
        try:
            with unfinished.open("wb+") as file:
                _pack(file, members)
                _seal(file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        _settle(path.parent)
    except OSError as failed:
        if failed.errno in _FULL:
            raise Exhausted("errors.disk_full", folder=str(path.parent)) from failed
        raise ProjectError("project.unwritable", file=path.name, folder=str(path.parent)) from failed


@contextmanager
def reading(path: Path, name: str) -> Iterator[Members]:
    """The members of a project file of which every byte is as it was written. `name` is what errors call it.

    ProjectError where it is none, or is damaged; Exhausted where, inside the `with`, the disk is full.
    """
    try:
        with path.open("rb") as file:
            _check(file, path, name)
            with zipfile.ZipFile(file) as archive:
                yield Members(archive, name)
    except zipfile.BadZipFile as broken:
        raise ProjectError("project.damaged", file=name) from broken
    except OSError as failed:
        if failed.errno in _FULL:
            raise Exhausted("errors.disk_full", folder=str(path.parent)) from failed
        raise ProjectError("project.unreadable", file=name) from failed


class Members:
    """What a project file holds, each stored as it is, so that nothing can be larger than the file itself."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        packed = [each for each in archive.infolist() if each.compress_type != zipfile.ZIP_STORED]
        if packed or sum(each.file_size for each in archive.infolist()) > os.fstat(archive.fp.fileno()).st_size:  # type: ignore[union-attr]
            raise ProjectError("project.damaged", file=name)

    def bytes(self, member: str, most: int) -> bytes:
        """A member of at most so many bytes. ProjectError where there is none."""
        info = self._info(member)
        if info.file_size > most:
            raise ProjectError("project.damaged", file=self._name)
        return self._archive.read(info)

    def extract(self, member: str, folder: Path) -> Path:
        """A member as a file in a folder, under its own name there. ProjectError where there is none, or its name leads elsewhere."""
        inside = PurePosixPath(member)
        if inside.is_absolute() or ".." in inside.parts or "\\" in member or ":" in member:
            raise ProjectError("project.damaged", file=self._name)
        target = folder / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        with self._archive.open(self._info(member)) as stream, target.open("wb") as copy:
            shutil.copyfileobj(stream, copy, _CHUNK)
        return target

    def _info(self, member: str) -> zipfile.ZipInfo:
        try:
            return self._archive.getinfo(member)
        except KeyError as absent:
            raise ProjectError("project.damaged", file=self._name) from absent


def _pack(file: BinaryIO, members: Mapping[str, Path | bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.comment = _DIGEST + b"0" * _DIGITS
        for member, content in {MARK: b"", **members}.items():
            # The same work gives the same bytes, whenever it is saved.
            info = zipfile.ZipInfo(member)
            if isinstance(content, bytes):
                archive.writestr(info, content)
                continue
            with content.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, _CHUNK)


def _seal(file: BinaryIO) -> None:
    end = file.seek(0, os.SEEK_END) - _DIGITS
    digest = _digest(file, end)
    file.seek(end)
    file.write(digest)


def _check(file: BinaryIO, path: Path, name: str) -> None:
    if not is_project(path):
        raise ProjectError("project.foreign", file=name)
    end = file.seek(0, os.SEEK_END) - _DIGITS
    file.seek(max(end - len(_DIGEST), 0))
    if file.read(len(_DIGEST)) != _DIGEST or file.read() != _digest(file, end):
        raise ProjectError("project.damaged", file=name)
    file.seek(0)


def _digest(file: BinaryIO, end: int) -> bytes:
    file.seek(0)
    digest, left = hashlib.sha256(), end
    while left > 0 and (piece := file.read(min(_CHUNK, left))):
        digest.update(piece)
        left -= len(piece)
    return digest.hexdigest().encode()


def _settle(folder: Path) -> None:
    """The new name is on the disk too, also when the power fails; some systems cannot open a folder for that."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
