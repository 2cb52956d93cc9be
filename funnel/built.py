"""A built folder, opened: its Parquet files under the names that the house knows, and what its manifest tells in the house's nouns."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from dataclasses import dataclass
from pathlib import Path

from funnel import manifest, reading
from funnel.engine import Engine
from funnel.errors import MappingError, ReadingError
from funnel.journeys import Gathered, Journeys
from funnel.manifest import Manifest
from funnel.mapping import Hints, Loaded, Mapping, from_toml
from funnel.mapping.nouns import Source
from funnel.nouns import Entry, Note, Shape, StageModel

JourneysKey = tuple[int, tuple[tuple[str, int], ...]]


class BuiltJourneys(Journeys):
    """Journeys of which some were built before: `known` names them by the number of stages and the places of the labels."""

    known: Pairs[JourneysKey, str]

    def table(self, model: StageModel, entry: Entry = Entry.FIRST, window_days: int | None = None) -> str:
        """As of `Journeys`; what was built is not built again."""
        key = len(model.stages), tuple(sorted(model.placement(self.concepts).items()))
        if key in self.known and (entry is Entry.FIRST or window_days is None):
            return self.known[key]
        return super().table(model, entry, window_days)


@dataclass(frozen=True)
class Built:
    """What a built folder holds, in the terms of a file that was read and mapped."""

    manifest: Manifest
    mapping: Mapping
    hints: Hints
    loaded: Loaded
    gathered: Gathered
    journeys: Pairs[JourneysKey, str]

    @property
    def concepts(self) -> dict[str, str]:
        """The concepts with which it was built."""
        return {label.label: label.concept for label in self.manifest.labels}


def open_folder(folder: Path) -> tuple[Engine, Built]:
    """An engine that reads the folder's files and no others, not sealed yet, and what they hold. ReadingError where the folder has no
    manifest, or a file is not as it was written."""
    told = manifest.read(folder)
    files = manifest.files_of(folder, told)
    engine = Engine([path for paths in files.values() for path in paths])
    try:
        engine.read("leads", *files["leads"])
        engine.read("history", *files["history"])
        reading.create_rejects(engine)
        gathered = {}
        for place, table in enumerate(told.gathered):
            engine.read(f"built_gathered_{place}", *files[table.folder])
            gathered[f"built_gathered_{place}"] = table.numbers
        journeys: dict[JourneysKey, str] = {}
        for place, each in enumerate(told.journeys):
            if files[each.folder]:
                engine.read(f"built_journeys_{place}", *files[each.folder])
                journeys[each.stages, tuple(sorted(each.places.items()))] = f"built_journeys_{place}"
        hints = from_toml(told.mapping, manifest.NAME)
        mapping, loaded = _mapping(told, hints), _loaded(told)
        return engine, Built(
            told, mapping, hints, loaded, Gathered(engine, undated=told.undated, known=gathered), journeys
        )
    except (KeyError, MappingError) as error:
        engine.close()
        raise ReadingError("building.broken_manifest", folder=folder.name) from error
    except BaseException:
        engine.close()
        raise


def _mapping(told: Manifest, hints: Hints) -> Mapping:
    names = tuple(file.name for file in told.files)
    source = Source("history", names, told.headers, Shape(told.shape), dict(told.columns), primary=True)
    return Mapping(Shape(told.shape), (source,), hints=hints)


def _loaded(told: Manifest) -> Loaded:
    rejected = [Note("building.rejected", {"n": n, "reason": reason}) for reason, n in told.rejected_because.items()]
    return Loaded(
        files=told.files,
        leads=told.leads,
        entries=told.entries,
        labels=told.labels,
        attributes=told.attributes,
        warnings=(*rejected, *told.warnings),
        understood=Note(f"mapping.understood_{told.shape}", {"leads": told.leads, "entries": told.entries}),
        pipelines=(),
        formats=told.formats,
        columns=told.columns,
        headers=told.label_headers,
        observed_until=told.observed_until,
        cannot=told.cannot,
    )
