"""Files in a gzip or a zip, unpacked whole into the work folder, within bounds. Nothing is half-read."""

from __future__ import annotations

import errno
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk
from funnel.reading import limits
from funnel.reading.work import ReadContext

BROKEN = (EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, ValueError)
UNPACKED_BY = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The ways of packing that are unpacked piece by piece; others give all that a piece holds at once, however much."""
MEMBER_SIGN = " › "
ENCRYPTED_FLAG = 0x1
_GZIP, _EMPTY_DEFLATED, _PIECE = 31, 2, 16 * 1024


def from_gzip(work: ReadContext, file: FileOnDisk) -> FileOnDisk:
    """What a gzip holds, under the gzip's name. ReadingError where it is cut off, damaged or a bomb."""
    target = work.fresh_file()
    with broken_as("reading.broken_gzip", file), file.path.open("rb") as stream:
        _copy(work, file, _gunzipped(stream), target, file.path.stat().st_size)
    return FileOnDisk(target, file.name)


def from_zip(work: ReadContext, file: FileOnDisk) -> tuple[FileOnDisk, ...]:
    """The files in a zip, under the zip's name and their own; only the zip's where it holds one.

    Folders, empty files and those that systems add (__MACOSX, .DS_Store) are left out. ReadingError where nothing is
    left, where one is encrypted or damaged, where there are too many, or where it is a bomb.
    """
    with broken_as("reading.broken_archive", file), zipfile.ZipFile(file.path) as archive:
        members = [member for member in archive.infolist() if _is_file(member)]
        if not members:
            raise ReadingError("reading.empty_archive", file=file.name)
        if len(members) > limits.MEMBERS:
            raise ReadingError("reading.many_members", file=file.name, files=len(members), limit=limits.MEMBERS)
        refused = refused_packing(members)
        if refused:
            raise ReadingError(refused, file=file.name)
        files, total = [], 0
        for member in members:
            target = work.fresh_file()
            with archive.open(member) as stream:
                total += _copy(work, file, pieces(stream), target, file.path.stat().st_size, total)
            name = file.name if len(members) == 1 else file.name + MEMBER_SIGN + PurePosixPath(member.filename).name
            files.append(FileOnDisk(target, name))
    return tuple(files)


@contextmanager
def broken_as(key: str, file: FileOnDisk) -> Iterator[None]:
    """The sentence of this key where what is unpacked inside turns out to be damaged."""
    try:
        yield
    except BROKEN as broken:
        raise ReadingError(key, file=file.name) from broken
    except OSError as fault:
        if fault.errno != errno.EINVAL:  # a place before the beginning of the file
            raise
        raise ReadingError(key, file=file.name) from fault


@contextmanager
def opened_workbook(file: FileOnDisk) -> Iterator[zipfile.ZipFile]:
    """The zip that a workbook is. What is opened here is closed here, also where a part of it is still being read.

    ReadingError where it is locked, packed in a way that is not unpacked, a bomb, or, whenever that comes out, damaged.
    """
    with broken_as("reading.broken_workbook", file), file.path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
        parts = archive.infolist()
        refused = refused_packing(parts)
        if refused:
            raise ReadingError(refused, file=file.name)
        check_swollen(file, sum(part.file_size for part in parts), file.path.stat().st_size, limits.WORKBOOK)
        yield archive


def check_swollen(file: FileOnDisk, size: int, packed: int, most: int = limits.UNPACKED) -> None:
    """ReadingError where `size` bytes are more than a file of `packed` bytes may hold, or than any may."""
    swollen = size > limits.UNPACKED_UNSUSPECTED and size > limits.UNPACKED_RATIO * packed
    if size > most or swollen:
        raise ReadingError("reading.bomb", file=file.name, megabytes=size // limits.MEGABYTE)


def refused_packing(members: Iterable[zipfile.ZipInfo]) -> str | None:
    """Why members of a zip are not unpacked: a key of data/words; None where they are."""
    if any(member.flag_bits & ENCRYPTED_FLAG for member in members):
        return "reading.locked"
    return None if all(member.compress_type in UNPACKED_BY for member in members) else "reading.other_archive"


def pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """What a stream holds, a piece at a time."""
    while piece := stream.read(limits.CHUNK):
        yield piece


def _gunzipped(stream: IO[bytes]) -> Iterator[bytes]:
    """What the members of a gzip hold, a piece at a time; empty pieces too, so that whoever waits hears of each."""
    packed, member, begun = b"", zlib.decompressobj(_GZIP), False
    while packed := packed or stream.read(_PIECE):
        begun = True
        yield member.decompress(packed, limits.CHUNK)
        packed = member.unconsumed_tail
        if member.eof:
            packed, member, begun = member.unused_data, zlib.decompressobj(_GZIP), False
            while not packed.strip(b"\0") and (packed := stream.read(_PIECE)):
                """Zeros may fill the end."""
            packed = packed.lstrip(b"\0")
    if begun:
        raise EOFError


def _is_file(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    system = "__MACOSX" in path.parts or path.name.startswith(".")
    empty = member.file_size == 0 and member.compress_size <= _EMPTY_DEFLATED
    return not member.is_dir() and not empty and not system


def _copy(
    work: ReadContext, file: FileOnDisk, unpacked: Iterable[bytes], target: Path, packed: int, before: int = 0
) -> int:
    """Put what is unpacked into a file; how many bytes it was. `before` were unpacked from the same archive already."""
    size = 0
    with target.open("wb") as copy:
        for chunk in unpacked:
            size += len(chunk)
            check_swollen(file, before + size, packed)
            copy.write(chunk)
            work.tell("reading.progress_unpack", file.name)
    return size
