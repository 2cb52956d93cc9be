"""A build in pieces that can be picked up: each finished part has a mark, and without it is made again.

Everything is made inside a hidden folder of the one asked for, named by what is built of what; only when all is whole does it move
to its place, and last of all the manifest. So what was cut short at any moment is either not there or whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from funnel.core.errors import QuestionError, ReadingError
from funnel.storage import manifest
from funnel.storage.manifest import BuiltGathered, BuiltJourneys, Part

HIDDEN = ".building-"
FOLDERS = ("leads", "history", "local_times", "gathered", "journeys", "summary")
_MARKS = "marks"
_PUBLISHING = "publishing.json"


@dataclass(frozen=True)
class Journeyed:
    """The journeys that a build made, and whether the history has entries without a time."""

    parts: tuple[Part, ...]
    gathered: tuple[BuiltGathered, ...]
    journeys: tuple[BuiltJourneys, ...]
    undated: bool


class Workshop:
    """The hidden folder of one build. `key` is all that decides what comes out: another key, another folder."""

    def __init__(self, folder: Path, key: object) -> None:
        self.folder = folder
        name = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
        self.inside = folder / f"{HIDDEN}{name}"
        self.scratch = self.inside / "scratch"
        _usable(folder)
        (self.inside / _MARKS).mkdir(parents=True, exist_ok=True)
        self.scratch.mkdir(exist_ok=True)

    def part(self, folder: str, make: Callable[[Path], None]) -> Part:
        """The part that lies in a folder; made by `make(folder)` unless it is there and whole."""
        mark = self.inside / _MARKS / (folder.replace("/", "--") + ".json")
        if mark.is_file():
            part = Part(**json.loads(mark.read_text(encoding="utf-8")))
            if self._publishing() or _sizes(self.inside / folder) == part.files:
                return part
        path = self.inside / folder
        shutil.rmtree(path, ignore_errors=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)
        files = _sizes(path)
        rows = sum(_rows(path / name) for name in files)
        manifest.write_json(mark, {"folder": folder, "rows": rows, "files": files})
        return Part(folder, rows, files)

    def once(self, name: str, find: Callable[[], Any]) -> Any:
        """What `find` found, as plain data; looked for once."""
        mark = self.inside / _MARKS / f"told--{name}.json"
        if not mark.is_file():
            manifest.write_json(mark, find())
        return json.loads(mark.read_text(encoding="utf-8"))

    def path(self, part: Part) -> list[Path]:
        """The files of a part, wherever it lies now."""
        inside = self.inside / part.folder
        root = inside if inside.is_dir() else self.folder / part.folder
        return [root / name for name in part.files]

    def publish(self, whole: manifest.Manifest) -> None:
        """Moves all parts to their places and writes the manifest; what was there before goes first."""
        (self.folder / manifest.NAME).unlink(missing_ok=True)
        if not self._publishing():
            for folder in FOLDERS:
                shutil.rmtree(self.folder / folder, ignore_errors=True)
            manifest.write_json(self.inside / _PUBLISHING, True)
        for folder in FOLDERS:
            if (self.inside / folder).is_dir():
                shutil.rmtree(self.folder / folder, ignore_errors=True)
                (self.inside / folder).rename(self.folder / folder)
        try:
            manifest.files_of(self.folder, whole)
        except ReadingError:
            # Another build came in between and took its place; nothing of this one can be relied on.
            shutil.rmtree(self.inside, ignore_errors=True)
            raise
        manifest.write(whole, self.folder)
        for each in self.folder.glob(f"{HIDDEN}*"):
            shutil.rmtree(each, ignore_errors=True)

    def _publishing(self) -> bool:
        return (self.inside / _PUBLISHING).is_file()


def _rows(path: Path) -> int:
    """How many rows a Parquet file holds."""
    import pyarrow.parquet as pq  # only who builds needs it

    return int(pq.read_metadata(path).num_rows)


def _usable(folder: Path) -> None:
    """Raises a sentence where the folder holds something that is none of ours."""
    if folder.exists() and not folder.is_dir():
        raise QuestionError("building.no_folder", folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    names = {path.name for path in folder.iterdir()}
    ours = manifest.NAME in names or any(name.startswith(HIDDEN) for name in names)
    if names and not ours:
        raise QuestionError("building.not_empty", folder=str(folder))


def _sizes(folder: Path) -> dict[str, int]:
    """The Parquet files of a folder by their paths in it; what a writer left unfinished lies under names that begin with . or _."""
    sizes = {path.relative_to(folder): path.stat().st_size for path in sorted(folder.rglob("*.parquet"))}
    return {str(path): size for path, size in sizes.items() if not any(each[0] in "._" for each in path.parts)}
