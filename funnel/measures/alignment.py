"""The same leads through several models: which leads those are, how labels flow into stages, and where models disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from funnel.core.errors import QuestionError
from funnel.core.rows import Row
from funnel.core.sql import Paragraph, Query, compose, identifier
from funnel.core.types import IGNORED, LOST_CONCEPTS, LabelCount, Question, Seam, StageModel, Unit
from funnel.journeys import Journeys, labels_of
from funnel.measures.groups import file_of
from funnel.measures.population.population import deepest, in_question
from funnel.measures.recorded import labels_model

REFERENCE = "labels"
MOST_EXITS = 20


@dataclass(frozen=True)
class LabelFlow:
    """A label of the file: how many of the counted leads were recorded there, and the stage each model puts it at (None: at
    none)."""

    label: str
    concept: str
    leads: int
    stages: tuple[int | None, ...]


@dataclass(frozen=True)
class Flows:
    """How the labels of the file flow into the stages of each of the questions' models, in the labels' usual order, exits last."""

    questions: tuple[Question, ...]
    leads: int
    labels: tuple[LabelFlow, ...]
    sql: str

    def rows(self) -> list[Row]:
        """A row a label: label, concept, leads, and the stage that each model, by its index, puts it at (None: none)."""
        return [
            {
                "label": flow.label,
                "concept": flow.concept,
                "leads": flow.leads,
                **{str(of): _stage(self.questions[of], stage) for of, stage in enumerate(flow.stages)},
            }
            for flow in self.labels
        ]

    @property
    def left_out(self) -> tuple[str, ...]:
        """The labels that none of the models takes, exits apart: there a lead leaves."""
        return tuple(
            flow.label
            for flow in self.labels
            if flow.concept not in LOST_CONCEPTS and all(stage is None for stage in flow.stages)
        )


@dataclass(frozen=True)
class LabelsTaken:
    """How many of a file's labels a model takes, and how many entries those hold; labels of a loss and ignored ones are not asked for."""

    labels: int
    of_labels: int
    entries: int
    of_entries: int


def labels_taken(model: StageModel, labels: Sequence[LabelCount]) -> LabelsTaken:
    """Of the labels of a whole file, whatever filters say: those that the model puts at a stage."""
    placed = model.placement({each.label: each.concept for each in labels})
    asked = [each for each in labels if each.concept not in (IGNORED, *LOST_CONCEPTS)]
    taken = [each for each in asked if each.label in placed]
    return LabelsTaken(len(taken), len(asked), sum(each.entries for each in taken), sum(each.entries for each in asked))


@dataclass(frozen=True)
class Overlap:
    """Two models (`a` and `b` are their indexes among the questions) on the same leads, each at the deepest stage it counts at.

    `cells` are (stage of a, stage of b, leads, disagree); a stage is None where the model does not place the lead. A model cuts
    the way to the win into equal stretches (`StageModel.way`); two models disagree on a lead when the stretches where they put
    it share no more than an edge. Leads that only one of them places are counted apart.
    """

    a: int
    b: int
    cells: tuple[tuple[int | None, int | None, int, bool], ...]

    @property
    def disagree(self) -> int:
        """Leads that both place, at stages that do not overlap."""
        return sum(leads for _, _, leads, differs in self.cells if differs)

    @property
    def both(self) -> int:
        """Leads that both place."""
        return sum(leads for one, other, leads, _ in self.cells if one is not None and other is not None)

    @property
    def one_only(self) -> int:
        """Leads that only one of them places."""
        return sum(leads for one, other, leads, _ in self.cells if (one is None) != (other is None))


@dataclass(frozen=True)
class Alignment:
    """Every pair of the questions' models on the same leads."""

    questions: tuple[Question, ...]
    leads: int
    pairs: tuple[Overlap, ...]
    sql: str

    def rows(self) -> list[Row]:
        """A row a pair: the two models, the leads on which they disagree, those that both place, those that only one does."""
        names = [question.model.name for question in self.questions]
        return [
            {
                "a": names[pair.a],
                "b": names[pair.b],
                "leads": pair.disagree,
                "both": pair.both,
                "one_only": pair.one_only,
            }
            for pair in self.pairs
        ]

    def pair_rows(self, pair: Overlap) -> list[Row]:
        """A row for each two stages that share leads: the stage in each model (None: no place), leads, whether they disagree."""
        one, other = self.questions[pair.a], self.questions[pair.b]
        return [
            {"one": _stage(one, a), "other": _stage(other, b), "leads": leads, "differ": differs}
            for a, b, leads, differs in pair.cells
        ]

    @property
    def most_apart(self) -> int:
        """Which of the pairs disagrees on most leads; the first where none does."""
        return max(range(len(self.pairs)), key=lambda index: self.pairs[index].disagree, default=0)


def _stage(question: Question, position: int | None) -> str | None:
    return None if position is None else question.model.stages[position].name


def reference(journeys: Journeys, questions: Sequence[Question]) -> StageModel:
    """One stage that takes every label that one of the questions' models takes, in the order of the file's labels.

    It decides which leads are compared, when they started and how they ended, so that all models speak of the same leads: where a model
    is of one version of itself, those that belong to that.
    QuestionError where there is no question, or the models take no label of the file.
    """
    if not questions:
        raise QuestionError("errors.no_models")
    models = [question.model for question in questions]
    file = file_of(journeys)
    name, order = file.together, labels_of(file.recorded())
    placed = {label for model in models for label in model.placement(journeys.concepts)}
    labels = (*(label for label in order if label in placed), *sorted(placed.difference(order)))
    if not labels:
        raise QuestionError("errors.nothing_placed", models=[model.name for model in models])
    return replace(labels_model(REFERENCE, name, [(name, labels)], journeys.concepts), seams=_seams(models))


def _seams(models: Iterable[StageModel]) -> tuple[Seam, ...]:
    return tuple(dict.fromkeys(seam for model in models for seam in model.seams))


def lined_up(journeys: Journeys, questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions, each about the leads that their reference counts on the dates.

    A model that takes all labels of the reference starts each lead where the reference does, and is asked as it was.
    """
    base = reference(journeys, questions)
    of_version = [replace(question, model=replace(question.model, seams=base.seams)) for question in questions]
    return dated_by(journeys, of_version, base)


def dated_by(journeys: Journeys, questions: Sequence[Question], base: StageModel) -> tuple[Question, ...]:
    """The questions, each of the leads that start in this model on its dates; as it was where that is when they start in its own."""
    labels = base.placement(journeys.concepts).keys()
    return tuple(
        replace(question, dated_by=None if question.model.placement(journeys.concepts).keys() == labels else base)
        for question in questions
    )


def flows(journeys: Journeys, questions: Sequence[Question]) -> Flows:
    """How many of the compared leads were recorded at each label of the file, exits last, and the stage of each model that takes the
    label."""
    base = reference(journeys, questions)
    exits = [label for label, concept in journeys.concepts.items() if concept in LOST_CONCEPTS][:MOST_EXITS]
    labels = [*labels_of(file_of(journeys).recorded()), *exits]
    by_itself = labels_model("recorded", "", [(label, (label,)) for label in labels], journeys.concepts)
    recorded = replace(by_itself, seams=base.seams)
    (by_label,) = dated_by(journeys, [replace(_about_leads(questions[0]), model=recorded, window_days=None)], base)
    counts = [
        f"COUNT(*) FILTER (WHERE seen_{position}) AS label_{position}" for position in range(len(recorded.stages))
    ]
    extra = tuple(f"seen_{position}" for position in range(len(recorded.stages)))
    paragraphs = in_question(journeys, by_label, extra)
    source = "counted"
    if by_label.dated_by is not None:
        source = "compared"
        among = f"""SELECT counted.*
FROM counted
WHERE counted.lead_id IN (SELECT everyone.lead_id FROM {identifier(journeys.table(base))} AS everyone)"""
        paragraphs.append(Paragraph(source, Query(among)))
    query = compose(
        paragraphs, Query("SELECT\n    " + ",\n    ".join(["COUNT(*) AS leads", *counts]) + f"\nFROM {source}")
    )
    leads, *each = journeys.engine.row(query)
    placements = [question.model.placement(journeys.concepts) for question in questions]
    each_label = tuple(
        LabelFlow(label, journeys.concepts[label], count, tuple(placement.get(label) for placement in placements))
        for stage, count in zip(recorded.stages, each, strict=True)
        for label in stage.labels[:1]
    )
    return Flows(tuple(questions), leads, each_label, query.readable())


def alignment(journeys: Journeys, questions: Sequence[Question]) -> Alignment:
    """Where each pair of models puts the same leads: every lead at the deepest stage it counts at under its model's question."""
    base = reference(journeys, questions)
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
    for index, question in enumerate(questions):
        paragraphs.append(Paragraph(f"model_{index}", deepest(journeys, question)))
        columns.append(f"model_{index}.stage AS stage_{index}")
        joins.append(f"\nLEFT JOIN model_{index} ON model_{index}.lead_id = everyone.lead_id")
    names = ", ".join(f"stage_{index}" for index in range(len(questions)))
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
