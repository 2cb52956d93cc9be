"""A model that changed on days: the funnel of each version over its own leads, their steps joined by what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from funnel.core.errors import QuestionError
from funnel.core.rows import Row
from funnel.core.sql import Query, identifier
from funnel.core.types import Note, Question, Seam, Stage, StageModel
from funnel.journeys import Journeys
from funnel.measures.steps import Steps, steps

Line = tuple[int | None, ...]
"""A step: its position in each version, in the order of their days; None where a version does not have it."""


@dataclass(frozen=True)
class Versions:
    """The funnels of the versions of a model, each of the leads that belong to it, and `lines`, the steps joined by what they mean. Of
    `undated` leads the file does not tell when they came: they are in no version. No rate of one version is compared with another's."""

    question: Question
    funnels: tuple[Steps, ...]
    lines: tuple[Line, ...]
    undated: int
    sql: str

    def rows(self) -> list[Row]:
        """A row for each step of each version that has it, steps that are joined one after another: the first and the last day of the
        version, and the funnel's own numbers."""
        rows: list[Row] = []
        for number, line in enumerate(self.lines, 1):
            for funnel, position in zip(self.funnels, line, strict=True):
                if position is not None:
                    (seam,) = funnel.question.model.seams
                    days: Row = {"since": seam.since, "last": last_day(seam)}
                    rows.append({"step": number, **days, **funnel.stages[position].row()})
        return rows


def versions(journeys: Journeys, question: Question) -> Versions:
    """The funnel of each version of the question's model, whichever of them it is. QuestionError where the model has no versions."""
    model = question.model
    if not model.versions:
        raise QuestionError("errors.no_versions", model=model.name)
    each = [model.in_version(number) for number in range(len(model.versions))]
    funnels = tuple(steps(journeys, replace(question, model=version)) for version in each)
    return Versions(
        question=question,
        funnels=funnels,
        lines=joined([version.stages for version in model.versions]),
        undated=_elsewhere(journeys, each[0])[1],
        sql=";\n\n".join(funnel.sql for funnel in funnels),
    )


def joined(versions: Sequence[tuple[Stage, ...]]) -> tuple[Line, ...]:
    """The steps of all versions in one order: those of two versions that share a concept, or a label, are one, as many as can be without
    a step that stands before another in one version standing behind it."""
    lines: list[tuple[set[tuple[str, str]], Line]] = []
    for number, stages in enumerate(versions):
        taken = [_taken(stage) for stage in stages]
        pairs = _most_pairs([keys for keys, _ in lines], taken)
        merged: list[tuple[set[tuple[str, str]], Line]] = []
        old = new = 0
        for one, other in [*pairs, (len(lines), len(taken))]:
            merged += [(keys, (*line, None)) for keys, line in lines[old:one]]
            merged += [(taken[place], (*[None] * number, place)) for place in range(new, other)]
            if one < len(lines):
                keys, line = lines[one]
                merged.append((keys | taken[other], (*line, other)))
            old, new = one + 1, other + 1
        lines = merged
    return tuple(line for _, line in lines)


def version_notes(journeys: Journeys, question: Question) -> tuple[Note, ...]:
    """What a reader must know of numbers of one version of a model: which it is, and how many leads are not counted for it. Empty of a
    model that did not change."""
    model = question.model
    if not model.versions:
        return ()
    others, undated = _elsewhere(journeys, model)
    notes = []
    for seam in model.seams:
        key = "between" if seam.since and seam.until else "to" if seam.until else "from"
        values = {"model": model.name, "since": seam.since, "last": last_day(seam), "others": others}
        notes.append(Note(f"measures.version_{key}", values))
    return (*notes, *([Note("measures.version_undated", {"n": undated})] if undated else []))


def last_day(seam: Seam) -> date | None:
    """The last day of a version; None of the latest."""
    return None if seam.until is None else seam.until - timedelta(days=1)


def _elsewhere(journeys: Journeys, model: StageModel) -> tuple[int, int]:
    """How many leads belong to other versions, and how many came nobody knows when."""
    text = """SELECT COUNT(*) FILTER (WHERE elsewhere.is_dated) AS others, COUNT(*) FILTER (WHERE NOT elsewhere.is_dated) AS undated
FROM {} AS elsewhere"""
    others, undated = journeys.engine.row(Query(text.format(identifier(journeys.elsewhere(model)))))
    return int(others), int(undated)


def _taken(stage: Stage) -> set[tuple[str, str]]:
    return {("concept", each) for each in stage.concepts} | {("label", each) for each in stage.labels}


def _most_pairs(lines: Sequence[set[tuple[str, str]]], stages: Sequence[set[tuple[str, str]]]) -> list[tuple[int, int]]:
    """The longest list of pairs, both numbers rising, of lines and stages that share something."""
    best = [[0] * (len(stages) + 1) for _ in range(len(lines) + 1)]
    for one in reversed(range(len(lines))):
        for other in reversed(range(len(stages))):
            alike = 1 + best[one + 1][other + 1] if lines[one] & stages[other] else 0
            best[one][other] = max(alike, best[one + 1][other], best[one][other + 1])
    pairs, one, other = [], 0, 0
    while one < len(lines) and other < len(stages):
        if lines[one] & stages[other] and best[one][other] == 1 + best[one + 1][other + 1]:
            pairs.append((one, other))
            one, other = one + 1, other + 1
        elif best[one + 1][other] >= best[one][other + 1]:
            one += 1
        else:
            other += 1
    return pairs
