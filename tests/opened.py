"""Files that many commands or pages ask are opened once for all of them, as in the app, where one data set answers every page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import funnel
from funnel import DataSet, MappingOverrides


@contextmanager
def once() -> Iterator[None]:
    """Meanwhile `funnel.open` gives the data set that it gave before for files of the same names, contents and overrides.

    One that was mapped anew is given to nobody else, and files that cannot be opened are tried anew each time.
    """
    opening = funnel.open
    kept: dict[object, tuple[DataSet, object]] = {}
    every: list[DataSet] = []

    def shared(
        *paths: str | Path,
        touches: Sequence[str | Path] = (),
        overrides: MappingOverrides | None = None,
        **reading: Any,
    ) -> DataSet:
        further = [touches] if isinstance(touches, str | Path) else list(touches)
        if further:
            reading["touches"] = further
        if not all(Path(path).is_file() for path in (*paths, *further)):
            return opening(*paths, overrides=overrides, **reading)
        files = [(Path(path).name, hashlib.sha256(Path(path).read_bytes()).digest()) for path in (*paths, *further)]
        key = (*files, len(further), overrides)
        found, journeys = kept.get(key, (None, None))
        # What was mapped anew has other journeys, even where it was mapped back again.
        if found is None or found.journeys is not journeys:
            found = opening(*paths, overrides=overrides, **reading)
            # Whoever opened it closes it; others still ask it.
            found.close = lambda: None
            kept[key] = found, found.journeys
            every.append(found)
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(funnel, "open", shared)
        yield
    for data_set in every:
        DataSet.close(data_set)
