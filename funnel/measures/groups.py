"""How leads are told apart: by the values of a column, by bands of its numbers, or as two groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from funnel.core.errors import QuestionError
from funnel.core.sql import Query, compose, identifier
from funnel.core.types import AsOf, Attribute, Between, OneOf, Question, Segment
from funnel.journeys import FileFacts, Journeys
from funnel.measures.population.population import in_question

CUTS = (0.25, 0.5, 0.75)
MOST_SEGMENTS = 12


@dataclass(frozen=True)
class Apart:
    """Segments that are told apart by a `column`; None: two groups, which are set against each other."""

    groups: tuple[Segment, ...]
    column: str | None = None


By = str | Sequence[Segment | Mapping[str, object]] | Apart
"""What tells leads apart: a column's header, two groups (each a Segment, or conditions as in `where` of `DataSet.question`), or segments
that are told apart already."""


def told_apart(journeys: Journeys, question: Question, by: By, limit: int = MOST_SEGMENTS) -> Apart:
    """The segments by a column (its `limit` commonest values, or its numbers in four bands where they are more), or two groups.

    QuestionError where the file has no such column, or there are not two groups, each with a condition.
    """
    if isinstance(by, Apart):
        return by
    if limit < 1:
        raise QuestionError("errors.most_segments", limit=limit)
    if not isinstance(by, str):
        groups = settled(journeys, by, question.attributes)
        with_condition = sum(bool(group.where) for group in groups)
        if len(groups) != 2 or with_condition != 2:
            raise QuestionError("errors.two_groups", found=with_condition)
        return Apart(groups)
    columns = file_of(journeys).columns
    column = columns.known(by, question.attributes)
    attribute = next((each for each in columns.attributes if each.column == column), None)
    if column == "amount" or (attribute is not None and banded(attribute, limit)):
        return Apart(bands_as_segments(journeys, question, column), column)
    return Apart(values_as_segments(journeys, question, column, limit), column)


def settled(
    journeys: Journeys, groups: Sequence[Segment | Mapping[str, object]], attributes: AsOf
) -> tuple[Segment, ...]:
    """Groups as segments whose conditions are in the terms of their columns."""
    columns = file_of(journeys).columns
    return tuple(
        replace(group, where=tuple(columns.settled(each, attributes) for each in group.where))
        if isinstance(group, Segment)
        else Segment(columns.conditions(group, attributes))
        for group in groups
    )


def banded(attribute: Attribute, limit: int) -> bool:
    """Whether the numbers of a column are too many to be told apart one by one."""
    return attribute.kind == "number" and attribute.values > limit


def known_column(journeys: Journeys, question: Question, name: str) -> str:
    """The column of the leads that a header means, at the moment whose values the question looks at; of journeys without a file, itself."""
    return name if journeys.file is None else journeys.file.columns.known(name, question.attributes)


def in_terms(journeys: Journeys, question: Question) -> Question:
    """The question with each filter in the terms of its column."""
    filters = question.filters
    if journeys.file is None or not filters.where:
        return question
    columns = journeys.file.columns
    where = tuple(columns.settled(each, question.attributes) for each in filters.where)
    return question if where == filters.where else replace(question, filters=replace(filters, where=where))


def file_of(journeys: Journeys) -> FileFacts:
    """What is known of the file behind the journeys; LookupError of journeys without one."""
    if journeys.file is None:
        raise LookupError("these journeys know no file")
    return journeys.file


def values_as_segments(journeys: Journeys, question: Question, column: str, limit: int) -> tuple[Segment, ...]:
    """The `limit` commonest values of a column among the leads counted, the commonest first; None, empty, is one of them."""
    text = f"CAST(counted.{identifier(column)} AS VARCHAR)"
    last = f"SELECT {text} AS value, COUNT(*) AS leads\nFROM counted\nGROUP BY {text}\nORDER BY leads DESC, value\nLIMIT {limit}"
    rows = journeys.engine.rows(compose(in_question(journeys, question, (column,)), Query(last)))
    return tuple(Segment((OneOf(column, (value,)),)) for value, _ in rows)


def bands_as_segments(journeys: Journeys, question: Question, column: str) -> tuple[Segment, ...]:
    """The numbers of a column in four bands of about as many leads (fewer, where many are alike), lowest first; then the empty ones."""
    number = f"TRY_CAST(counted.{identifier(column)} AS DOUBLE)"
    counted = in_question(journeys, question, (column,))
    cuts = ", ".join(f"QUANTILE_DISC({number}, {cut}) AS cut_{index}" for index, cut in enumerate(CUTS))
    row = journeys.engine.row(
        compose(counted, Query(f"SELECT {cuts}, COUNT(*) - COUNT({number}) AS without\nFROM counted"))
    )
    *marks, without = row
    edges = sorted({mark for mark in marks if mark is not None})
    band = " + ".join([f"CASE WHEN {number} > ? THEN 1 ELSE 0 END" for _ in edges]) or "0"
    ends = f"""SELECT {band} AS band, MIN({number}) AS low, MAX({number}) AS high
FROM counted
WHERE {number} IS NOT NULL
GROUP BY 1
ORDER BY band"""
    rows = journeys.engine.rows(compose(counted, Query(ends, tuple(edges))))
    bands = [Segment((Between(column, low, high),)) for _, low, high in rows]
    return (*bands, *([Segment((OneOf(column, (None,)),))] if without else []))
