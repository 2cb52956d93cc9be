"""A large source → what its columns say: the house's own recognition, asked of a bounded sample of its lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from funnel import mapping
from funnel.core.errors import MappingError
from funnel.core.sql import Query
from funnel.core.types import Shape
from funnel.mapping import ColumnMapping, MappingOverrides
from funnel.mapping.build.columns import free_name
from funnel.mapping.build.label_order import numbering_columns
from funnel.mapping.build.labels import MOST_LABELS, Labels, loosely
from funnel.mapping.build.lines import Fault
from funnel.mapping.build.rows import attribute_columns
from funnel.mapping.outcomes import outcome_values
from funnel.opening import open_paths
from funnel.scale.batch_build import lines
from funnel.scale.batch_build.given import BuildEngine
from funnel.scale.batch_build.lines import Cell, Plan
from funnel.words import wording

SAMPLE_LINES = 20_000
SAMPLE = Query(f"SELECT {lines.SOURCE}.*\nFROM {lines.SOURCE}\nLIMIT {SAMPLE_LINES}")
START_MONTH = "start_month"
_BEYOND = ("clock", "end", "target", "until", "field", "pipeline", "step_state")
_MOST_OUTCOMES = 200
_KINDS = (
    ("moment", ("timestamp", "datetime", "date")),
    ("whole", ("tinyint", "smallint", "int", "bigint", "hugeint", "uint", "utinyint", "usmallint", "ubigint", "long")),
    ("number", ("double", "float", "real", "decimal", "numeric")),
    ("truth", ("bool",)),
    ("text", ("varchar", "string", "text", "char", "lowcardinality(string", "fixedstring", "enum", "uuid", "json")),
)


@dataclass(frozen=True)
class Understood:
    """What the sample told. `mapping` is without the sample's own counts; `toml` keeps it for the next build."""

    plan: Plan
    mapping: ColumnMapping
    toml: str
    formats: Mapping[str, str]


def understand(
    engine: BuildEngine, sample: Sequence[Path], overrides: MappingOverrides, as_of: datetime, name: str
) -> Understood:
    """The plan of the source's columns. MappingError where its lines are no entries of a history, or bear two readings."""
    kinds = engine.columns(lines.SOURCE)
    with open_paths(*sample, overrides=overrides, as_of=as_of) as data_set:
        mapped, toml = data_set.mapping, mapping.to_toml(data_set.mapping, data_set.overrides)
        types = dict(data_set.engine.columns("leads"))
        headers = data_set.tables[0].columns
        formats = data_set.loaded.formats
    source = mapped.primary
    beyond = [part for part in _BEYOND if part in source.parts and (part != "pipeline" or overrides.pipeline)]
    if mapped.shape is not Shape.HISTORY or len(mapped.sources) > 1 or beyond or source.constant or source.series:
        raise MappingError("building.shape", source=name, shape=wording.say(f"pages.shape.{mapped.shape}"))
    cells = {own: Cell(theirs, _kind(kind)) for own, (theirs, kind) in zip(headers, kinds, strict=True)}
    parts = {part: cells[column] for part, column in source.parts.items()}
    if parts["time"].kind not in ("moment", "text"):
        raise MappingError("building.time", column=source.parts["time"], source=name)
    used: set[str] = {START_MONTH, *lines.HOUSE}
    attributes = []
    for header in attribute_columns(source):
        column = free_name(header, used, name)
        attributes.append((column, cells[header], types.get(column, "VARCHAR")))
    bare = replace(mapped, dates={}, numbers={}, ambiguities=())
    columns = tuple(attributes)
    numbering = tuple((kind, cells[column]) for column, kind in numbering_columns(source).items())
    numbers = _numbers(engine, columns)
    plan = Plan(parts["lead"], parts["label"], parts["time"], parts, numbers, numbering=numbering)
    outcome = parts.get("outcome")
    if outcome is not None:
        text = lines.said(outcome)
        query = Query(f"SELECT DISTINCT {text.text} AS said FROM {lines.SOURCE} LIMIT {_MOST_OUTCOMES}", text.values)
        texts = [value for (value,) in engine.rows(query) if value is not None]
        plan = replace(plan, outcomes=outcome_values(source.parts["outcome"], texts) or {})
    return Understood(plan, bare, toml, {column: form for column, form in formats.items() if column in cells})


@dataclass(frozen=True)
class Counts:
    """The lines of the source: how many are used, and how many not, by reason; the lines of each text of a label."""

    used: int
    faults: Mapping[Fault, int]
    texts: Mapping[str, int]


def counts(rows: Sequence[Sequence[object]], column: str, ends: Sequence[str] = ()) -> Counts:
    """From the rows of `lines.counted`; a line at one of the texts `ends` needs no time. MappingError where there are too many labels."""
    if len(rows) > MOST_LABELS:
        raise MappingError("mapping.too_many_labels", column=column, most=MOST_LABELS)
    used = 0
    faults: dict[Fault, int] = defaultdict(int)
    texts: dict[str, int] = defaultdict(int)
    for written, fault, count in rows:
        if written is not None:
            texts[str(written)] += int(str(count))
        if fault == lines.USED or (fault == Fault.NO_TIME.value and written in ends):
            used += int(str(count))
        else:
            faults[Fault(str(fault))] += int(str(count))
    return Counts(used, dict(faults), dict(texts))


def labelled(understood: Understood, counted: Counts) -> tuple[Plan, Labels]:
    """The plan with one spelling for each label, the commonest of those that differ only in case, blanks and signs; and the labels."""
    labels = Labels(understood.mapping)
    groups: dict[str, dict[str, int]] = defaultdict(dict)
    for text, count in counted.texts.items():
        groups[loosely(text)][text] = count
    spelled: dict[str, str] = {}
    for spellings in groups.values():
        best = max(spellings, key=lambda text: (spellings[text], text))
        others = sorted(text for text in spellings if text != best)
        if others:
            labels.merged.append((best, tuple(others)))
            spelled |= dict.fromkeys(others, best)
    ends = tuple(text for text in counted.texts if labels.meaning(spelled.get(text, text)) is not None)
    return replace(understood.plan, spelled=spelled, ends=ends), labels


def _numbers(engine: BuildEngine, attributes: tuple[tuple[str, Cell, str], ...]) -> tuple[tuple[str, Cell, str], ...]:
    """The attributes, those as text whose cells are numbers in the sample but not all of them in the source."""
    doubtful = [index for index, (_, cell, kind) in enumerate(attributes) if kind != "VARCHAR" and cell.kind == "text"]
    if not doubtful:
        return attributes
    unread = engine.row(lines.unread_numbers([attributes[index][1] for index in doubtful]))
    as_text = {index for index, count in zip(doubtful, unread, strict=True) if count}
    return tuple(
        (name, cell, "VARCHAR" if index in as_text else kind) for index, (name, cell, kind) in enumerate(attributes)
    )


def _kind(name: str) -> str:
    bare = name.lower().removeprefix("nullable(").removeprefix("lowcardinality(nullable(")
    return next((kind for kind, names in _KINDS if bare.startswith(names)), "text")
