"""Files in a gzip or a zip, unpacked whole into the work folder, within bounds. Nothing is half-read."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO

from funnel.errors import ReadingError
from funnel.nouns import FileOnDisk
from funnel.reading import limits
from funnel.reading.work import Work

BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError, ValueError)
MEMBER_SIGN = " › "
_ENCRYPTED_FLAG = 0x1


def from_gzip(work: Work, file: FileOnDisk) -> FileOnDisk:
    """What a gzip holds, under the gzip's name. ReadingError where it is cut off, damaged or a bomb."""
    target = work.fresh_file()
    try:
        with gzip.open(file.path, "rb") as stream:
            _copy(work, file, stream, target, file.path.stat().st_size)
    except BROKEN as broken:
        raise ReadingError("reading.broken_gzip", file=file.name) from broken
    return FileOnDisk(target, file.name)


def from_zip(work: Work, file: FileOnDisk) -> tuple[FileOnDisk, ...]:
    """The files in a zip, under the zip's name and their own; only the zip's where it holds one.

    Folders, empty files and those that systems add (__MACOSX, .DS_Store) are left out. ReadingError where nothing is
    left, where one is encrypted or damaged, where there are too many, or where it is a bomb.
    """
    try:
        with zipfile.ZipFile(file.path) as archive:
            members = [member for member in archive.infolist() if _is_file(member)]
            if not members:
                raise ReadingError("reading.empty_archive", file=file.name)
            if len(members) > limits.MEMBERS:
                raise ReadingError("reading.many_members", file=file.name, files=len(members), limit=limits.MEMBERS)
            if any(member.flag_bits & _ENCRYPTED_FLAG for member in members):
                raise ReadingError("reading.locked", file=file.name)
            found, total = [], 0
            for member in members:
                target = work.fresh_file()
                with archive.open(member) as stream:
                    total += _copy(work, file, stream, target, file.path.stat().st_size, total)
                name = file.name if len(members) == 1 else file.name + MEMBER_SIGN + PurePosixPath(member.filename).name
                found.append(FileOnDisk(target, name))
    except BROKEN as broken:
        raise ReadingError("reading.broken_archive", file=file.name) from broken
    return tuple(found)


def _is_file(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    system = "__MACOSX" in path.parts or path.name.startswith(".")
    return not member.is_dir() and member.file_size > 0 and not system


def _copy(
    work: Work, file: FileOnDisk, stream: IO[bytes] | gzip.GzipFile, target: Path, packed: int, before: int = 0
) -> int:
    """Unpack a stream into a file; how many bytes it was. `before` were unpacked from the same archive already."""
    size = 0
    with target.open("wb") as copy:
        while chunk := stream.read(limits.CHUNK):
            size += len(chunk)
            total = before + size
            swollen = total > limits.UNPACKED_UNSUSPECTED and total > limits.UNPACKED_RATIO * packed
            if total > limits.UNPACKED or swollen:
                raise ReadingError("reading.bomb", file=file.name, megabytes=total // limits.MEGABYTE)
            copy.write(chunk)
            work.tell("reading.progress_unpack", file.name)
    return size
