"""The same leads through several models: all that is set side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from funnel.core.types import Note, Question
from funnel.journeys import Journeys
from funnel.measures.alignment import Alignment, Flows, alignment, flows, lined_up, reference
from funnel.measures.scores import Score, score
from funnel.measures.steps import Steps, steps
from funnel.measures.verdict import verdict


@dataclass(frozen=True)
class Comparison:
    """The same leads through several models. `verdict` are two sentences, or one that says why there is none."""

    leads: int
    steps: tuple[Steps, ...]
    scores: tuple[Score, ...]
    flows: Flows
    alignment: Alignment
    verdict: tuple[Note, ...]


def comparison(journeys: Journeys, questions: Sequence[Question]) -> Comparison:
    """The models of the questions over the same leads: those that started in the dates by the labels that any of the models takes."""
    questions = lined_up(journeys, questions)
    base = reference(journeys, questions)
    scores = tuple(score(journeys, question, base) for question in questions)
    aligned = alignment(journeys, questions)
    return Comparison(
        leads=aligned.leads,
        steps=tuple(steps(journeys, question) for question in questions),
        scores=scores,
        flows=flows(journeys, questions),
        alignment=aligned,
        verdict=verdict(scores),
    )
