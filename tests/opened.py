"""Files that many commands ask are opened once for all of them, as in the app, where one data set answers every page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import funnel
from funnel import DataSet, Hints


@contextmanager
def once() -> Iterator[None]:
    """Meanwhile `funnel.open` gives the data set that it gave before for files of the same names, contents and hints.

    Files that cannot be opened are tried anew each time. That nobody mapped a data set anew, which would answer all who come after,
    is checked at the end.
    """
    opening = funnel.open
    kept: dict[object, tuple[DataSet, object]] = {}

    def shared(*paths: str | Path, hints: Hints | None = None) -> DataSet:
        if not all(Path(path).is_file() for path in paths):
            return opening(*paths, hints=hints)
        key = (*((Path(path).name, hashlib.sha256(Path(path).read_bytes()).digest()) for path in paths), hints)
        if key not in kept:
            data_set = opening(*paths, hints=hints)
            # Each command closes what it opened.
            data_set.close = lambda: None
            kept[key] = data_set, data_set.revision
        return kept[key][0]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(funnel, "open", shared)
        yield
    for data_set, revision in kept.values():
        assert data_set.revision == revision
        DataSet.close(data_set)
