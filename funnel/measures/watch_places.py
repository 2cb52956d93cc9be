"""The steps that the rules of a watch name, as steps of a question's model."""

from __future__ import annotations

from funnel.core.errors import QuestionError
from funnel.core.types import Question, Stage
from funnel.core.types.watch import WatchRules
from funnel.journeys import Journeys
from funnel.measures.watch_steps import steps_of, watched


def begins(journeys: Journeys, question: Question) -> tuple[Stage, ...]:
    """The stages at which a step begins, in their order."""
    return tuple(question.model.stages[step.number] for step in steps_of(journeys, watched(question)))


def places(journeys: Journeys, question: Question, rules: WatchRules) -> dict[str, int]:
    """The position of the stage that each rule of a step names, by key or name; a rule of none that begins a step has none."""
    positions = {step.number for step in steps_of(journeys, watched(question))}
    found = {}
    for rule in rules.steps:
        for position, stage in enumerate(question.model.stages):
            if position in positions and rule.step in (stage.key, stage.name):
                found[rule.key] = position
                break
    return found


def check_steps(journeys: Journeys, question: Question, rules: WatchRules) -> Question:
    """The question; QuestionError where a rule names no step of its model."""
    known = places(journeys, question, rules)
    for rule in rules.steps:
        if rule.key not in known:
            accepted = [stage.name for stage in begins(journeys, question)]
            raise QuestionError("errors.watch_step", found=rule.step, model=question.model.name, accepted=accepted)
    return question
