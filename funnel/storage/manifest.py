"""What a built folder says of itself: `funnel-lens.json`, written last, without which the folder is no data set."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from funnel import catalogue
from funnel.catalogue.model_files import MOST_STAGES
from funnel.core.decoding import decoded
from funnel.core.errors import ReadingError
from funnel.core.types import IGNORED, UNPLACED, Attribute, FileCount, LabelCount, Note, Shape
from funnel.storage import json_text

NAME = "funnel-lens.json"
FORMAT = 2


@dataclass(frozen=True)
class Part:
    """A folder of Parquet files inside the built folder: its rows, and the bytes of each of its files, by their paths in it."""

    folder: str
    rows: int
    files: Mapping[str, int]


@dataclass(frozen=True)
class BuiltGathered:
    """A gathered table: its part, and the number of each label in it."""

    folder: str
    numbers: Mapping[str, int]


@dataclass(frozen=True)
class BuiltJourneys:
    """The journeys of one model: its part, that of its summary, how many stages it has, and the place of each label."""

    model: str
    folder: str
    summary: str
    stages: int
    places: Mapping[str, int]


@dataclass(frozen=True)
class Manifest:
    """What was built: by which engine, of what, what was understood, how much, and where it lies.

    `source` is what was given, `fingerprint` what it was then. `mapping` is the mapping as TOML, `columns` the header of each part,
    `headers` those of the source. `recorded` are the labels of the as-recorded model in order. Rows of the files add up: read =
    used + rejected + ignored; `rejected_because` counts the rejected ones by reason. `at_start` and `unknown_at_start` are those of
    `mapping.Loaded`. `local_times`: there is a part of that name, what other clocks than the usual one showed.
    """

    engine: str
    source: str
    fingerprint: str
    shape: str
    mapping: str
    headers: tuple[str, ...]
    columns: Mapping[str, str]
    formats: Mapping[str, str]
    label_headers: Mapping[str, str]
    labels: tuple[LabelCount, ...]
    recorded: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    files: tuple[FileCount, ...]
    rejected_because: Mapping[str, int]
    warnings: tuple[Note, ...]
    cannot: tuple[Note, ...]
    observed_until: datetime | None
    leads: int
    entries: int
    start_from_created: bool
    numbered: bool
    undated: bool
    gathered: tuple[BuiltGathered, ...]
    journeys: tuple[BuiltJourneys, ...]
    at_start: Mapping[str, str]
    unknown_at_start: tuple[str, ...]
    data: tuple[Part, ...]
    local_times: bool

    def part(self, folder: str) -> Part:
        """The part that lies in a folder."""
        return next(part for part in self.data if part.folder == folder)


def plain(manifest: Manifest) -> dict[str, Any]:
    """The manifest as plain data, as it stands in the file."""
    values: dict[str, Any] = json.loads(json.dumps({"format": FORMAT, **asdict(manifest)}, default=_moment))
    return values


def write(manifest: Manifest, folder: Path) -> None:
    """Puts the manifest into the folder, whole or not at all."""
    write_json(folder / NAME, plain(manifest))


def write_json(path: Path, value: object) -> None:
    """A JSON file, whole or not at all, also when the power fails."""
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1, default=_moment)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def is_built(path: Path) -> bool:
    """Whether the path is a folder that holds a manifest."""
    return (path / NAME).is_file()


def read(folder: Path) -> Manifest:
    """The manifest of a built folder. ReadingError where there is none, or it is of another form."""
    if not is_built(folder):
        raise ReadingError("building.no_manifest", folder=folder.name)
    try:
        with (folder / NAME).open("rb") as file:
            values = json_text.parsed(file.read(json_text.MOST_BYTES + 1))
        if values.pop("format") != FORMAT:
            raise ReadingError("building.other_format", folder=folder.name)
        return from_plain(values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReadingError("building.broken_manifest", folder=folder.name) from error


def from_plain(values: Mapping[str, Any]) -> Manifest:
    """A manifest from plain data; ValueError where that is of another form, or does not hold together."""
    manifest = decoded(Manifest, values)
    labels, folders = {each.label for each in manifest.labels}, {part.folder for part in manifest.data}
    meanings = {*(concept.key for concept in catalogue.concepts()), UNPLACED, IGNORED}
    # What stands somewhere for the second time would be counted, or worked out, again and again.
    once = (
        [each.label for each in manifest.labels],
        [part.folder for part in manifest.data],
        [each.folder for each in manifest.gathered],
        [each.folder for each in manifest.journeys],
        [each.column for each in manifest.attributes],
        manifest.recorded,
    )
    holds = (
        manifest.shape in list(Shape)
        and (manifest.observed_until is None or manifest.observed_until.year in json_text.YEARS)
        and all(len(set(each)) == len(each) for each in once)
        and {each.concept for each in manifest.labels} <= meanings
        and all(0 <= each.confidence <= 1 for each in manifest.labels)
        and {*manifest.recorded} <= labels
        and len(manifest.recorded) <= MOST_STAGES
        and {"leads", "history", *(["local_times"] if manifest.local_times else [])} <= folders
        and all({each.folder, each.summary} <= folders and _placed(each, labels) for each in manifest.journeys)
        and all(each.folder in folders and _numbered(each, labels) for each in manifest.gathered)
        and all(each.kind in ("text", "number") for each in manifest.attributes)
    )
    if not holds:
        raise ValueError("what was built does not hold together")
    return manifest


def _numbered(gathered: BuiltGathered, labels: Set[str]) -> bool:
    """Whether the labels of a gathered table are known and have a number each, from 0."""
    return {*gathered.numbers} <= labels and sorted(gathered.numbers.values()) == list(range(len(gathered.numbers)))


def _placed(journeys: BuiltJourneys, labels: Set[str]) -> bool:
    """Whether the labels of built journeys are known and stand at stages that there are."""
    stage_of = journeys.places
    return (
        0 < journeys.stages <= MOST_STAGES
        and {*stage_of} <= labels
        and max(stage_of.values(), default=0) < journeys.stages
    )


def files_of(folder: Path, manifest: Manifest) -> dict[str, list[Path]]:
    """Part → its files, each inside the folder and of the size that was written. ReadingError names the first that is not."""
    root = folder.resolve()
    files: dict[str, list[Path]] = {}
    for part in manifest.data:
        files[part.folder] = []
        for name, size in part.files.items():
            path = (root / part.folder / name).resolve()
            if not path.is_relative_to(root) or not path.is_file() or path.stat().st_size != size:
                raise ReadingError("building.changed_file", folder=folder.name, file=f"{part.folder}/{name}")
            files[part.folder].append(path)
    return files


def _moment(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
