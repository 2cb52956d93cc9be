"""The files of a folder that stand still → private copies, which nobody writes to while they are read.

A file is taken when its size and its last change were the same at two looks in a row; one that is just being written waits for the next.
No system is asked to tell of changes, since drives of a network do not.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path

from funnel.core import disk, settings
from funnel.core.disk import State, state_of, state_of_open
from funnel.core.errors import SourceError
from funnel.core.types import FileOnDisk
from funnel.live.snapshot import USUAL_PLACE, Place, Progress, Snapshot, Wanted
from funnel.live.sources import Folder

NEVER = (".*", "*.tmp", "*.part", "~$*", "*.crdownload")
"""What is hidden, half written, or a lock."""
STILL_SECONDS = 1.0
"""Between the two looks, where a folder is read for the first time."""
MOST_FILES = 1_000
_A_PIECE = 1 << 20

Listing = Mapping[str, State]


class FolderFeed:
    """What a source that is a folder holds, looked at again and again."""

    def __init__(self, source: Folder, place: Place = USUAL_PLACE) -> None:
        self._source, self._place = source, place
        self._seen: Listing | None = None
        self._known: tuple[Snapshot, dict[str, State]] | None = None

    def look(self, now: datetime, progress: Progress | None = None, wanted: Wanted | None = None) -> Snapshot:
        """What stands still in it: the same snapshot as before where nothing else does. Files that were there keep their order, new ones
        come behind them. SourceError in a sentence; what was known stays then."""
        if self._seen is None:
            self._seen = self._listing()
            time.sleep(STILL_SECONDS)
        seen, listing = self._seen, self._listing()
        self._seen = listing
        if self._known is not None and not all(file.path.is_file() for file in self._known[0].files):
            # Somebody swept the copies away.
            self._known = None
        before = self._known[1] if self._known is not None else {}
        if self._known is not None and any(seen.get(name) != listing.get(name) for name in before):
            # One of those that are known is being written anew, or has just gone: old and new are not read together.
            return self._known[0]
        taken = {
            name: listing[name]
            for name in (*before, *sorted(listing))
            if name in listing and seen.get(name) == listing[name]
        }
        if not taken:
            raise SourceError("live.empty_folder", source=self._source.name)
        if self._known is not None and taken == before:
            return self._known[0]
        snapshot, held = self._copied(taken, now)
        self._known = snapshot, held
        return snapshot

    def _copied(self, taken: dict[str, State], now: datetime) -> tuple[Snapshot, dict[str, State]]:
        """Copies of these files. One that changes meanwhile is not among them; what was there of it stays."""
        folder = self._place.make()
        old = {file.name: file.path for file in self._known[0].files} if self._known is not None else {}
        before = self._known[1] if self._known is not None else {}
        held: dict[str, State] = {}
        try:
            size = sum(state[0] for state in taken.values())
            if size > settings.UPLOAD_GIGABYTES() * disk.GIGABYTE:
                raise SourceError(
                    "live.too_large", source=self._source.name, variable_of_limit=settings.UPLOAD_GIGABYTES.variable
                )
            for name, state in taken.items():
                path = self._source.path / name
                if before.get(name) != state and _copy(path, folder / name, state):
                    held[name] = state
                    continue
                if name in before:
                    _again(old[name], folder / name)
                    held[name] = before[name]
            if not held:
                raise SourceError("live.empty_folder", source=self._source.name)
        except OSError as fault:
            self._place.remove(folder)
            raise SourceError("live.folder_unreadable", source=self._source.name) from fault
        except BaseException:
            self._place.remove(folder)
            raise
        snapshot = Snapshot(self._source.name, tuple(FileOnDisk(folder / name, name) for name in held), now)
        snapshot.vanishes_with(folder, self._place)
        return snapshot, held

    def _listing(self) -> dict[str, State]:
        """The files that may be read, by name: none that a link leads to outside of the folder."""
        root = Path(os.path.realpath(self._source.path))
        found: dict[str, State] = {}
        try:
            with os.scandir(root) as entries:
                for entry in entries:
                    if any(fnmatch(entry.name.lower(), pattern) for pattern in NEVER) or not _is_text(entry.name):
                        continue
                    path = Path(os.path.realpath(entry.path))
                    state = state_of(path)
                    if state is not None and path.is_file() and path.is_relative_to(root):
                        found[entry.name] = state
        except OSError as fault:
            raise SourceError("live.folder_unreadable", source=self._source.name) from fault
        if len(found) > MOST_FILES:
            raise SourceError("live.many_files", source=self._source.name, files=len(found), most=MOST_FILES)
        return found


def _copy(path: Path, to: Path, state: State) -> bool:
    """Copies a file, if it is the one that was listed and stays so; what took its place meanwhile, a link to another one, say, is not
    copied. Nothing is left where it is not."""
    with path.open("rb") as source:
        if state_of_open(source.fileno()) != state:
            return False
        with to.open("wb") as target:
            left = state[0]
            while left and (piece := source.read(min(left, _A_PIECE))):
                target.write(piece)
                left -= len(piece)
        if not left and state_of_open(source.fileno()) == state:
            return True
    to.unlink()
    return False


def _again(old: Path, new: Path) -> None:
    """A private copy once more, at no cost where the system can."""
    try:
        os.link(old, new)
    except OSError:
        shutil.copyfile(old, new)


def _is_text(name: str) -> bool:
    """Whether a name is text: a system may keep bytes as names that are none."""
    return not any("\ud800" <= sign <= "\udfff" for sign in name)
