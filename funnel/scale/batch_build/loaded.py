"""The two ways to `leads` and `history`: by SQL that every engine runs, or, of a file of moderate size, as the app reads it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from funnel import mapping
from funnel.core.engine import Engine
from funnel.core.errors import MappingError
from funnel.core.sql import Query, identifier
from funnel.core.types import EndRule, FileCount, Note, Shape
from funnel.mapping import Loaded, MappingOverrides
from funnel.mapping.build import quality
from funnel.mapping.build.accounts import accounts_apart
from funnel.mapping.build.attributes import attributes
from funnel.mapping.build.build import latest_event
from funnel.mapping.build.label_order import numbered_by, positioned, ranges
from funnel.mapping.build.labels import COUNTS, MOST_LABELS, Labels, check_ends
from funnel.mapping.build.labels import counted as counted_labels
from funnel.mapping.build.leads import known_at_start
from funnel.opening import open_paths
from funnel.scale.batch_build import lines
from funnel.scale.batch_build.given import BuildEngine, Given
from funnel.scale.batch_build.lines import Plan
from funnel.scale.batch_build.parts import Journeyed, Workshop
from funnel.scale.batch_build.understanding import SAMPLE, Counts, counts, labelled, understand
from funnel.storage.manifest import Manifest, Part, from_plain
from funnel.words import wording


@dataclass(frozen=True)
class Leads:
    """`leads` and `history` as parts, and all that was understood of them, as the manifest keeps it; `local_times` where there is one."""

    leads: Part
    history: Part
    about: Mapping[str, Any]
    local_times: Part | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Those that are there."""
        return tuple(part for part in (self.leads, self.history, self.local_times) if part is not None)

    @property
    def concepts(self) -> dict[str, str]:
        """The concept of every label, the label of most leads first."""
        return {label["label"]: label["concept"] for label in self.about["labels"]}

    @property
    def end_rule(self) -> EndRule:
        """What opens a lead again that was lost or won."""
        return mapping.from_toml(str(self.about["mapping"]), "mapping").end_rule

    @property
    def dated_labels(self) -> set[str]:
        """The labels that have a column of dates of their own."""
        return {label for _, label in mapping.from_toml(str(self.about["mapping"]), "mapping").stage_dates}

    @property
    def label_positions(self) -> dict[str, float]:
        """The position of each label that a table of stages, or a column beside it, gives one."""
        labels = self.about["labels"]
        return {label["label"]: label["position"] for label in labels if label["position"] is not None}

    @property
    def is_log(self) -> bool:
        """Whether a line of the source is an entry, with its time."""
        return bool(self.about["shape"] in (Shape.HISTORY.value, Shape.CHANGES.value))

    @property
    def start_from_created(self) -> bool:
        """Whether journeys begin when the lead was created."""
        return bool(self.about["shape"] == Shape.SNAPSHOT.value)

    def manifest(
        self, engine: str, source: str, fingerprint: str, recorded: tuple[str, ...], journeys: Journeyed
    ) -> Manifest:
        """What the folder says of itself."""
        return from_plain(
            {
                **self.about,
                "engine": engine,
                "source": Path(source).name,
                "fingerprint": fingerprint,
                "recorded": recorded,
                "leads": self.leads.rows,
                "entries": self.history.rows,
                "start_from_created": self.start_from_created,
                "undated": journeys.undated,
                "gathered": [asdict(each) for each in journeys.gathered],
                "journeys": [asdict(each) for each in journeys.journeys],
                "data": [asdict(part) for part in (*self.parts, *journeys.parts)],
            }
        )


def by_house(shop: Workshop, of: Given, overrides: MappingOverrides, as_of: datetime) -> Leads:
    """A file that the app reads: every shape and format, as there."""
    assert of.whole is not None
    path = of.whole
    facts: dict[str, Any] = {}

    def tell() -> dict[str, Any]:
        with open_paths(path, overrides=overrides, as_of=as_of) as data_set:
            for table in ("leads", "history", *(["local_times"] if data_set.loaded.local_times else [])):
                file = data_set.engine.folder / f"{table}.parquet"
                # What is made of the leads is made anew of other concepts: it is not kept.
                made = ", ".join(map(identifier, data_set.columns.made)) if table == "leads" else ""
                columns = f"kept.* EXCLUDE ({made})" if made else "kept.*"
                query = f"COPY (SELECT {columns} FROM {identifier(table)} AS kept) TO ? (FORMAT parquet)"
                data_set.engine.run(Query(query, (str(file),)))
                (shop.scratch / table).mkdir(parents=True, exist_ok=True)
                shutil.move(file, shop.scratch / table / "rows.parquet")
            reasons = data_set.engine.rows(
                Query("SELECT rejects.reason AS reason, COUNT(*) AS n FROM rejects WHERE rejects.whole_line GROUP BY 1")
            )
            facts.update(
                _about(
                    replace(data_set.loaded, attributes=data_set.columns.of_file),
                    data_set.mapping.shape,
                    mapping.to_toml(data_set.mapping, data_set.overrides),
                    data_set.mapping.primary.columns,
                    {reason: int(n) for reason, n in reasons},
                    data_set.numbered,
                )
            )
        return facts

    about = shop.once("about", tell)

    def take(table: str) -> Part:
        def make(folder: Path) -> None:
            if not (shop.scratch / table).is_dir():
                tell()
            shutil.copytree(shop.scratch / table, folder)

        return shop.part(table, make)

    local_times = take("local_times") if about["local_times"] else None
    return Leads(take("leads"), take("history"), about, local_times)


def by_paragraphs(
    shop: Workshop, engine: BuildEngine, of: Given, overrides: MappingOverrides, as_of: datetime
) -> Leads:
    """A source of any size: Parquet or a table of the engine, one line for each entry."""
    sample = shop.part("sample", lambda folder: engine.write(SAMPLE, folder))
    if not sample.rows:
        raise MappingError("building.empty", source=of.name)
    understood = understand(engine, shop.path(sample), overrides, as_of, of.name)
    rows = shop.once(
        "lines", lambda: [list(row) for row in engine.rows(lines.counted(understood.plan, 6 * MOST_LABELS))]
    )
    counted = counts(rows, understood.plan.label.header)
    if not counted.used:
        raise MappingError("building.no_entries", source=of.name, column=understood.plan.time.header)
    plan, labels = labelled(understood, counted)
    counted = counts(rows, understood.plan.label.header, plan.ends)
    history = shop.part("history", lambda folder: engine.write(lines.history(plan), folder))
    leads, starts = _leads(shop, engine, plan)
    if history.rows != counted.used:
        raise AssertionError(f"{history.rows} entries were written of {counted.used} lines that are used")
    engine.read("history", *shop.path(history))
    engine.read("leads", *shop.path(leads))

    def tell() -> dict[str, Any]:
        local_engine = Engine([*shop.path(history), *shop.path(leads)])
        try:
            local_engine.read("history", *shop.path(history))
            local_engine.read("leads", *shop.path(leads))
            return _about_entries(
                local_engine,
                engine,
                of,
                understood.toml,
                dict(understood.formats),
                counted,
                plan,
                labels,
                as_of,
                starts,
            )
        finally:
            local_engine.close()

    return Leads(leads, history, shop.once("about", tell))


@dataclass(frozen=True)
class Starts:
    """`Loaded`'s at_start and unknown_at_start."""

    at_start: Mapping[str, str]
    unknown: tuple[str, ...]


def _leads(shop: Workshop, engine: BuildEngine, plan: Plan) -> tuple[Part, Starts]:
    """`leads` as a part, with a column of values at the start for each column that changed; found in all of them, written first."""
    columns = lines.start_columns(plan)
    part = shop.part("leads_said", lambda folder: engine.write(lines.leads(plan, columns), folder))
    engine.read("leads", *shop.path(part))

    def tell() -> dict[str, Any]:
        at_start, unknown = known_at_start(engine, columns)
        return {"at_start": at_start, "unknown": list(unknown)}

    facts = shop.once("starts", tell)
    starts = Starts(facts["at_start"], tuple(facts["unknown"]))
    kept = lines.kept_leads(plan, starts.at_start)
    return shop.part("leads", lambda folder: engine.write(kept, folder)), starts


def _about_entries(
    local_engine: Engine,
    engine: BuildEngine,
    of: Given,
    toml: str,
    formats: dict[str, str],
    counted: Counts,
    plan: Plan,
    labels: Labels,
    as_of: datetime,
    starts: Starts,
) -> dict[str, Any]:
    """What is known of the entries: the heavy counts by the engine that builds, the rest here."""
    mapped = labels.mapping
    each = positioned(counted_labels(engine.rows(COUNTS), labels), _positions(engine, plan, labels))
    check_ends(labels, each)
    (latest,) = engine.row(latest_event(as_of))
    (leads,) = engine.row(Query("SELECT COUNT(*) AS leads FROM leads"))
    rejected = {
        wording.say(f"mapping.reject_{fault.value}", form="ISO"): n
        for fault, n in counted.faults.items()
        if fault.rejects
    }
    ignored = {
        wording.say(f"mapping.ignored_{fault.value}"): n for fault, n in counted.faults.items() if not fault.rejects
    }
    file = FileCount(
        name=of.name,
        encoding=None,
        delimiter=None,
        rows_read=counted.used + sum(counted.faults.values()),
        rows_used=counted.used,
        rows_rejected=sum(rejected.values()),
        rows_ignored=sum(ignored.values()),
        ignored_because=ignored,
    )
    loaded = Loaded(
        files=(file,),
        leads=int(leads),
        entries=counted.used,
        labels=each,
        attributes=attributes(local_engine, starts.at_start),
        warnings=(),
        understood=Note("mapping.understood_history", {"leads": int(leads), "entries": counted.used}),
        pipelines=(),
        formats=formats,
        columns={part: column for part, (_, column) in mapped.parts.items()},
        headers=labels.headers,
        observed_until=latest,
        cannot=quality.cannot(local_engine, mapped),
        at_start=starts.at_start,
        unknown_at_start=starts.unknown,
    )
    notes = quality.warnings(local_engine, mapped, labels, loaded, as_of, 0)
    loaded = replace(loaded, warnings=(*notes, *accounts_apart(local_engine, mapped)))
    return _about(loaded, mapped.shape, toml, mapped.primary.columns, rejected, numbered=False)


def _positions(engine: BuildEngine, plan: Plan, labels: Labels) -> dict[str, float]:
    if not plan.numbering:
        return {}
    rows = engine.rows(lines.numbered(plan))
    return numbered_by(ranges(rows, [kind for kind, _ in plan.numbering]), labels)


def _about(
    loaded: Loaded, shape: Shape, toml: str, headers: tuple[str, ...], rejected: dict[str, int], numbered: bool
) -> dict[str, Any]:
    return {
        "shape": shape.value,
        "mapping": toml,
        "headers": list(headers),
        "columns": dict(loaded.columns),
        "formats": dict(loaded.formats),
        "label_headers": dict(loaded.headers),
        "labels": [asdict(label) for label in loaded.labels],
        "attributes": [asdict(attribute) for attribute in loaded.attributes or ()],
        "files": [asdict(file) for file in loaded.files],
        "rejected_because": rejected,
        "warnings": [asdict(note) for note in loaded.warnings],
        "cannot": [asdict(note) for note in loaded.cannot],
        "at_start": loaded.at_start,
        "unknown_at_start": list(loaded.unknown_at_start),
        "observed_until": loaded.observed_until,
        "numbered": numbered,
        "local_times": loaded.local_times,
    }
