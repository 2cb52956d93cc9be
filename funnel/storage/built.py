"""A built folder, opened: its Parquet files under the names that the house knows, and what its manifest tells in the house's types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from funnel import reading
from funnel.core.engine import Engine
from funnel.core.errors import MappingError, ReadingError
from funnel.core.sql import Query, identifier
from funnel.core.types import Entry, Note, Rule, Shape, StageModel
from funnel.journeys import RULES, Gathered, Journeys
from funnel.mapping import ColumnMapping, Loaded, MappingOverrides, from_toml
from funnel.mapping.types import Source
from funnel.storage import built_columns
from funnel.storage import manifest as manifest_file
from funnel.storage.manifest import Manifest

JourneysKey = tuple[int, tuple[tuple[str, int], ...]]


class BuiltJourneys(Journeys):
    """Journeys of which some were built before: `known` names them by the number of stages and the places of the labels, and
    `summaries` what was counted of them."""

    def __init__(self, built: Built, engine: Engine, concepts: Mapping[str, str], **arguments: Any) -> None:
        super().__init__(engine, concepts, **arguments)
        self.known, self.summaries = built.journeys, built.summaries

    def own(
        self,
        model: StageModel,
        entry: Entry = Entry.FIRST,
        window_days: int | None = None,
        rule: Rule = Rule.PASSED,
    ) -> str:
        """As of `Journeys`; what was built is not built again."""
        key = self._key(model)
        if (
            key in self.known
            and not model.seams
            and (entry is Entry.FIRST or window_days is None)
            and not RULES[rule].has_runs
        ):
            return self.known[key]
        return super().own(model, entry, window_days, rule)

    def counted_before(self, model: StageModel, rule: Rule) -> Query | None:
        """As of `Journeys`; from the summary that was built."""
        table = self.summaries.get(self._key(model))
        if table is None or model.seams or RULES[rule].has_runs:
            return None
        keys = ", ".join(
            f"summed.{key}" for key in ("start_day", "outcome", *(f"fate_{i}" for i in range(len(model.stages))))
        )
        text = f"""SELECT {keys}, SUM(summed.leads) AS leads,
    SUM(CASE WHEN summed.start_day IS NULL THEN summed.leads ELSE 0 END) AS undated,
    MIN(summed.first_start) AS first_start, MAX(summed.last_start) AS last_start
FROM {identifier(table)} AS summed
WHERE summed.counted_by = ?
GROUP BY {keys}"""
        return Query(text, (rule.value,))

    def _key(self, model: StageModel) -> JourneysKey:
        return len(model.stages), tuple(sorted(model.placement(self.concepts).items()))


@dataclass(frozen=True)
class Built:
    """What a built folder holds, in the terms of a file that was read and mapped."""

    folder: Path
    manifest: Manifest
    mapping: ColumnMapping
    overrides: MappingOverrides
    loaded: Loaded
    gathered: Gathered
    journeys: Mapping[JourneysKey, str]
    summaries: Mapping[JourneysKey, str]

    @property
    def concepts(self) -> dict[str, str]:
        """The concepts with which it was built."""
        return {label.label: label.concept for label in self.manifest.labels}


def open_folder(folder: Path) -> tuple[Engine, Built]:
    """An engine that reads the folder's files and no others, not sealed yet, and what they hold. ReadingError where the folder has no
    manifest, or a file is not as it was written."""
    manifest = manifest_file.read(folder)
    files = manifest_file.files_of(folder, manifest)
    engine = Engine([path for paths in files.values() for path in paths], bounded_disk=True)
    try:
        built = opened(engine, folder, manifest, files)
        # Nothing of it is copied: each question reads it where it lies.
        inside = folder.resolve()
        for path in (path for paths in files.values() for path in paths):
            engine.guard(path, "building.changed_file", folder=inside.name, file=str(path.relative_to(inside)))
        return engine, built
    except BaseException:
        engine.close()
        raise


def opened(engine: Engine, folder: Path, manifest: Manifest, files: Mapping[str, list[Path]]) -> Built:
    """What the folder's files hold, under the house's names in an engine that may read them; ReadingError where they are not as the
    manifest tells."""
    try:
        _take(engine, "leads", files["leads"], built_columns.LEADS | _attributes(manifest))
        # Every table that goes on from the leads has their columns as they have them.
        of_lead = {name: (built_columns.bare(kind),) for name, kind in engine.columns("leads")}
        _take(engine, "history", files["history"], built_columns.HISTORY)
        if manifest.local_times:
            _take(engine, "local_times", files["local_times"], built_columns.LOCAL_TIMES)
        reading.create_rejects(engine)
        gathered = {}
        for index, table in enumerate(manifest.gathered):
            columns = built_columns.gathered(max(table.numbers.values(), default=-1) + 1)
            _take(engine, f"built_gathered_{index}", files[table.folder], columns | of_lead)
            gathered[f"built_gathered_{index}"] = table.numbers
        journeys: dict[JourneysKey, str] = {}
        summaries: dict[JourneysKey, str] = {}
        for index, each in enumerate(manifest.journeys):
            key = each.stages, tuple(sorted(each.places.items()))
            for kind, part, tables, columns in (
                ("journeys", each.folder, journeys, built_columns.journeys(each.stages) | of_lead),
                ("summary", each.summary, summaries, built_columns.summary(each.stages)),
            ):
                if files[part]:
                    _take(engine, f"built_{kind}_{index}", files[part], columns)
                    tables[key] = f"built_{kind}_{index}"
        overrides = from_toml(manifest.mapping, manifest_file.NAME)
        mapping, loaded = _mapping(manifest, overrides), _loaded(manifest)
        built = Gathered(engine, undated=manifest.undated, known=gathered)
        return Built(folder, manifest, mapping, overrides, loaded, built, journeys, summaries)
    except (KeyError, ValueError, MappingError) as error:
        raise ReadingError("building.broken_manifest", folder=folder.name) from error


def _take(engine: Engine, name: str, paths: Sequence[Path], columns: Mapping[str, tuple[str, ...]]) -> None:
    """Give the files a name; ValueError where their columns are others."""
    if not paths:
        raise ValueError(f"no file holds {name}")
    engine.read(name, *paths)
    if not built_columns.fits(engine.columns(name), columns):
        raise ValueError(f"{name} has other columns")


def _attributes(manifest: Manifest) -> dict[str, tuple[str, ...]]:
    """The columns that leads must have beside their own, of any kind that a value can be of."""
    named = (
        *(each.column for each in manifest.attributes),
        *manifest.at_start,
        *manifest.at_start.values(),
        *manifest.unknown_at_start,
    )
    return dict.fromkeys(named, built_columns.PLAIN)


def _mapping(manifest: Manifest, overrides: MappingOverrides) -> ColumnMapping:
    names = tuple(file.name for file in manifest.files)
    source = Source("history", names, manifest.headers, Shape(manifest.shape), dict(manifest.columns), primary=True)
    return ColumnMapping(Shape(manifest.shape), (source,), overrides=overrides)


def _loaded(manifest: Manifest) -> Loaded:
    rejected = [
        Note("building.rejected", {"n": n, "reason": reason}) for reason, n in manifest.rejected_because.items()
    ]
    return Loaded(
        files=manifest.files,
        leads=manifest.leads,
        entries=manifest.entries,
        labels=manifest.labels,
        attributes=manifest.attributes,
        warnings=(*rejected, *manifest.warnings),
        understood=Note(f"mapping.understood_{manifest.shape}", {"leads": manifest.leads, "entries": manifest.entries}),
        pipelines=(),
        formats=manifest.formats,
        columns=manifest.columns,
        headers=manifest.label_headers,
        observed_until=manifest.observed_until,
        cannot=manifest.cannot,
        at_start=manifest.at_start,
        unknown_at_start=manifest.unknown_at_start,
        local_times=manifest.local_times,
    )
