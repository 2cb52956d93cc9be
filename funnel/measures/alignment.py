"""The same leads through several models: which leads those are, how labels flow into stages, and where models disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from funnel.core.errors import QuestionError
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import Alignment, Flows, LabelFlow, Overlap, Question, StageModel, Unit
from funnel.journeys import Journeys
from funnel.measures.population.population import deepest, in_question
from funnel.measures.recorded import labels_model

REFERENCE = "labels"


def reference(journeys: Journeys, models: Sequence[StageModel], order: Sequence[str], name: str) -> StageModel:
    """One stage that takes every label that one of the models takes, in the given order of labels.

    It decides which leads are compared, when they started and how they ended, so that all models speak of the same leads.
    QuestionError where the models take no label of the file.
    """
    placed = {label for model in models for label in model.placement(journeys.concepts)}
    labels = (*(label for label in order if label in placed), *sorted(placed.difference(order)))
    if not labels:
        raise QuestionError("errors.nothing_placed", models=[model.name for model in models])
    return labels_model(REFERENCE, name, [(name, labels)], journeys.concepts)


def lined_up(journeys: Journeys, questions: Sequence[Question], base: StageModel) -> tuple[Question, ...]:
    """The questions, each about the leads that the reference `base` counts on the dates.

    A model that takes all labels of the reference starts each lead where the reference does, and is asked as it was.
    """
    labels = base.placement(journeys.concepts).keys()
    return tuple(
        replace(question, dated_by=None if question.model.placement(journeys.concepts).keys() == labels else base)
        for question in questions
    )


def flows(journeys: Journeys, questions: Sequence[Question], recorded: StageModel, base: StageModel) -> Flows:
    """How many of the compared leads were recorded at each label of `recorded` (the as-recorded model), and the stage of each
    model that takes the label."""
    (asked,) = lined_up(journeys, [replace(_about_leads(questions[0]), model=recorded, window_days=None)], base)
    counts = [f"COUNT(*) FILTER (WHERE seen_{place}) AS label_{place}" for place in range(len(recorded.stages))]
    extra = tuple(f"seen_{place}" for place in range(len(recorded.stages)))
    paragraphs = in_question(journeys, asked, extra)
    source = "counted"
    if asked.dated_by is not None:
        source = "compared"
        among = f"""SELECT counted.*
FROM counted
WHERE counted.lead_id IN (SELECT everyone.lead_id FROM {identifier(journeys.table(base))} AS everyone)"""
        paragraphs.append(Paragraph(source, Query(among)))
    query = compose(
        paragraphs, Query("SELECT\n    " + ",\n    ".join(["COUNT(*) AS leads", *counts]) + f"\nFROM {source}")
    )
    leads, *each = journeys.engine.row(query)
    places = [question.model.placement(journeys.concepts) for question in questions]
    labels = tuple(
        LabelFlow(label, journeys.concepts[label], count, tuple(place.get(label) for place in places))
        for stage, count in zip(recorded.stages, each, strict=True)
        for label in stage.labels[:1]
    )
    return Flows(tuple(questions), leads, labels, query.readable())


def alignment(journeys: Journeys, questions: Sequence[Question], base: StageModel) -> Alignment:
    """Where each pair of models puts the same leads: every lead at the deepest stage it counts at under its model's question."""
    everyone = replace(_about_leads(questions[0]), model=base, dated_by=None, window_days=None)
    paragraphs = [
        Paragraph(
            "everyone",
            compose(in_question(journeys, everyone), Query("SELECT counted.lead_id AS lead_id\nFROM counted")),
        )
    ]
    columns = []
    joins = []
    # The dates are those of everyone: to look at them again would only cost time.
    for place, question in enumerate(questions):
        paragraphs.append(Paragraph(f"model_{place}", deepest(journeys, question)))
        columns.append(f"model_{place}.stage AS stage_{place}")
        joins.append(f"\nLEFT JOIN model_{place} ON model_{place}.lead_id = everyone.lead_id")
    names = ", ".join(f"stage_{place}" for place in range(len(questions)))
    text = f"SELECT {', '.join(columns)}, COUNT(*) AS leads\nFROM everyone{''.join(joins)}\nGROUP BY {names}\nORDER BY {names}"
    query = compose(paragraphs, Query(text))
    rows = journeys.engine.rows(query)
    stretches = [
        [_stretch(stage, question.model, journeys) for stage in range(len(question.model.stages))]
        for question in questions
    ]
    pairs = []
    for one, other in combinations(range(len(questions)), 2):
        cells: Counter[tuple[int | None, int | None]] = Counter()
        for row in rows:
            cells[row[one], row[other]] += row[-1]
        pairs.append(
            Overlap(
                one,
                other,
                tuple(
                    (a, b, leads, a is not None and b is not None and _apart(stretches[one][a], stretches[other][b]))
                    for (a, b), leads in sorted(
                        cells.items(), key=lambda cell: [-1 if x is None else x for x in cell[0]]
                    )
                ),
            )
        )
    return Alignment(tuple(questions), sum(row[-1] for row in rows), tuple(pairs), query.readable())


def _about_leads(question: Question) -> Question:
    return replace(question, unit=Unit.LEAD, quorum=1)


def _stretch(stage: int, model: StageModel, journeys: Journeys) -> tuple[int, int, int]:
    """Where a stage lies on the way to the win: from, to, and of how many parts; stages from the win on reach beyond its end."""
    parts = max(1, model.way(journeys.concepts))
    win = model.win_stage(journeys.concepts)
    won = win is not None and stage >= win
    return min(stage, parts), 2 * parts if won else stage + 1, parts


def _apart(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    """Whether two stretches share no more than an edge; whole numbers, so that thirds meet exactly."""
    (start, end, parts), (other_start, other_end, other_parts) = one, other
    return end * other_parts <= other_start * parts or other_end * parts <= start * other_parts
