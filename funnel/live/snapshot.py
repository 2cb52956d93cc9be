"""What a source held at a moment: private files, which vanish with it."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from funnel.core import disk
from funnel.core.types import FileOnDisk

Wanted = Callable[[], bool]
Progress = Callable[[int], None]
"""Hears now and then how many rows have come."""


@dataclass(frozen=True)
class Place:
    """How private folders are made and removed."""

    make: Callable[[], Path] = disk.private_folder
    remove: Callable[[Path], None] = shutil.rmtree


USUAL_PLACE = Place()


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What the source of this name held at `taken_at`. `rows` is None where its files say that themselves."""

    source: str
    files: tuple[FileOnDisk, ...]
    taken_at: datetime
    rows: int | None = None

    def vanishes_with(self, folder: Path, place: Place) -> None:
        """From now on this folder is removed when nothing refers to the snapshot any more, and at Python's end."""
        weakref.finalize(self, place.remove, folder)
