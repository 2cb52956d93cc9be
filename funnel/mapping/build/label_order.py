"""The order that files give their labels beside the words: a table of stages that lists them in order, or a column that numbers them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from funnel.core.engine import Engine
from funnel.core.sql import Query, identifier
from funnel.core.types import LabelCount, Shape
from funnel.mapping.build.labels import Labels, loosely
from funnel.mapping.build.lines import without_fault
from funnel.mapping.build.rows import attribute_columns
from funnel.mapping.cells.placeholders import cleaned
from funnel.mapping.order_headers import KINDS, numbering_kind
from funnel.mapping.template import fill, listed, raw_cell
from funnel.mapping.types import ColumnMapping, Join, Source


@dataclass(frozen=True)
class Numbering:
    """A column that may number labels, and for each label the lowest and the highest number in it; None where a cell holds none."""

    kind: str
    ranges: Mapping[str, tuple[float, float] | None]


def with_positions(
    engine: Engine, mapping: ColumnMapping, labels: Labels, present: Sequence[LabelCount]
) -> tuple[LabelCount, ...]:
    """The labels, each with the position that a joined table of stages gives it, else a column beside the label."""
    known_labels = {label.label for label in present}
    for join in mapping.joins:
        positions = _of_table(engine, mapping, join, labels, known_labels)
        if positions:
            return positioned(present, positions)
    for source in mapping.sources:
        columns = numbering_columns(source)
        if columns:
            positions = numbered_by(_of_columns(engine, source, columns, labels), labels)
            if positions:
                return positioned(present, positions)
    return tuple(present)


def positioned(labels: Iterable[LabelCount], positions: Mapping[str, float]) -> tuple[LabelCount, ...]:
    """The labels with these positions."""
    return tuple(replace(label, position=positions.get(label.label)) for label in labels)


def numbering_columns(source: Source) -> dict[str, str]:
    """Column → its kind, of the columns beside the label of a line that may number it, by their headers."""
    if "label" not in source.parts or "target" in source.parts or source.shape is Shape.CHANGES:
        return {}
    label = source.parts["label"]
    kinds = {column: numbering_kind(column, label) for column in attribute_columns(source)}
    return {column: kind for column, kind in kinds.items() if kind is not None}


def numbered_by(columns: Iterable[Numbering], labels: Labels) -> dict[str, float]:
    """Label → its number in the surest column that has one number for each label and one label for each number.

    Labels that mean a loss are not looked at, since they often share a number with a stage. Two stages may have one chance.
    """
    for column in sorted(columns, key=lambda column: KINDS.index(column.kind)):
        stages = [reach for label, reach in column.ranges.items() if labels.meaning(label) != "lost"]
        numbers = {reach[0] for reach in stages if reach is not None and reach[0] == reach[1]}
        one_each = all(reach is not None and reach[0] == reach[1] for reach in stages)
        if one_each and len(numbers) > 1 and (column.kind == "chance" or len(numbers) == len(stages)):
            return {
                label: reach[0] for label, reach in column.ranges.items() if reach is not None and reach[0] == reach[1]
            }
    return {}


def ranges(rows: Iterable[Sequence[Any]], kinds: Sequence[str]) -> list[Numbering]:
    """From rows of a label and, for each column, how many of its cells are filled, how many of those are numbers, the lowest and
    the highest. A label whose cells are all empty has no range."""
    columns: list[dict[str, tuple[float, float] | None]] = [{} for _ in kinds]
    for label, *counts in rows:
        for index, column in enumerate(columns):
            texts, numbers, low, high = counts[4 * index : 4 * index + 4]
            if label is not None and texts:
                whole = texts == numbers and math.isfinite(low) and math.isfinite(high)
                column[str(label)] = (low, high) if whole else None
    return [Numbering(kind, column) for kind, column in zip(kinds, columns, strict=True)]


def _of_columns(engine: Engine, source: Source, columns: Mapping[str, str], labels: Labels) -> list[Numbering]:
    label, joined = labels.spelling(source)
    counts = listed(
        fill(
            "COUNT({text}) AS texts_{place}, COUNT({number}) AS numbers_{place}, MIN({number}) AS low_{place},"
            " MAX({number}) AS high_{place}",
            text=_text(column),
            number=_number(column),
            place=str(index),
        )
        for index, column in enumerate(columns)
    )
    query = fill(
        "SELECT {label} AS label, {counts} FROM {view} AS raw{joined} WHERE {used} GROUP BY 1",
        label=label,
        counts=counts,
        view=identifier(source.asked),
        joined=joined,
        used=without_fault(source.view),
    )
    return ranges(engine.rows(query), list(columns.values()))


def _of_table(
    engine: Engine, mapping: ColumnMapping, join: Join, labels: Labels, known_labels: set[str]
) -> dict[str, float]:
    """Label → its number in a table that lists labels: of a column that orders them, else of ids that rise from line to line."""
    source = next(each for each in mapping.sources if each.view == join.source)
    if join.column != source.parts.get("label"):
        return {}
    columns = [name for name, _ in engine.columns(join.view) if name not in ("source_line", join.key, join.value)]
    kinds = {column: kind for column in columns if (kind := numbering_kind(column)) is not None}
    ids = [join.key, *(column for column, kind in kinds.items() if kind == "id")]
    ordering = sorted((each for each in kinds if each not in ids), key=lambda each: KINDS.index(kinds[each]))
    query = fill(
        "SELECT {key} AS stage, {numbers} FROM {view} AS raw WHERE {key} IS NOT NULL ORDER BY raw.source_line",
        key=cleaned(raw_cell(join.key)),
        numbers=listed(_number(column) for column in (*ordering, *ids)),
        view=identifier(join.view),
    )
    rows = engine.rows(query)
    by_text = {loosely(label): label for label in known_labels}
    listed_labels = [labels.spelled.get((join.source, key), by_text.get(loosely(key), key)) for key, *_ in rows]
    for index, column in enumerate((*ordering, *ids), 1):
        numbers = [row[index] for row in rows]
        rising = None not in numbers and all(one < other for one, other in pairwise(numbers))
        positions = _lowest(listed_labels, numbers, known_labels) if rising or column in ordering else {}
        if len({*positions.values()}) > 1:
            return positions
    return {}


def _lowest(labels: Sequence[str], numbers: Sequence[float | None], known_labels: set[str]) -> dict[str, float]:
    """Label → the lowest of its numbers; labels of two pipelines often have one name."""
    positions: dict[str, float] = {}
    for label, number in zip(labels, numbers, strict=True):
        if label in known_labels and number is not None and math.isfinite(number):
            positions[label] = min(number, positions.get(label, number))
    return positions


def _text(column: str) -> Query:
    return cleaned(raw_cell(column), typed=True)


def _number(column: str) -> Query:
    return fill("TRY_CAST(REPLACE({text}, '%', '') AS DOUBLE)", text=_text(column))
