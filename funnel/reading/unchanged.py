"""Files that stay as they are while they are read: a file of a server may be written anew, or cut, at any moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from funnel.core.disk import State, state_of
from funnel.core.errors import ReadingError
from funnel.core.types import FileOnDisk


@contextmanager
def unchanged(files: Sequence[FileOnDisk]) -> Iterator[None]:
    """ReadingError where one of the files is not at the end of the `with` what it was at its beginning, also in place of an error that
    came of that: what was read of it is neither what it was nor what it is."""
    before = [state_of(file.path) for file in files]
    try:
        yield
    except Exception as failed:
        _refuse_changed(files, before, failed)
        raise
    _refuse_changed(files, before, None)


def _refuse_changed(files: Sequence[FileOnDisk], before: Sequence[State | None], failed: Exception | None) -> None:
    for file, state in zip(files, before, strict=True):
        if state_of(file.path) != state:
            raise ReadingError("reading.changed", file=file.name) from failed
