"""What must be true to enter each stage, and who entered without, as plain data and as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from funnel import catalogue
from funnel.cli.output.text import paragraphs, rows_text
from funnel.core.types import Stage
from funnel.measures.entry_conditions import EntryConditions
from funnel.words import wording


def entry_conditions(result: EntryConditions, meant: Mapping[str, str]) -> dict[str, Any]:
    """All stages of the model: `entry` and `ask` are sentences for people, of the model, else of the catalogue, by what the labels are
    `meant` as; null where there is none. Of the columns that a stage `requires`, those `not_in_file` and `unknown_at_start` are not
    checked. `leads` count at the stage, `filled` of them have all columns checked filled, `lacking` have not; `empty` says how many lack
    each column. They are null where nothing is checked."""
    question = result.question
    checked = {each.position: each for each in result.stages}
    stages: list[dict[str, Any]] = []
    for position, stage in enumerate(question.model.stages):
        found = checked.get(position)
        stages.append(
            {
                "key": stage.key,
                "name": stage.name,
                "entry": catalogue.entry_condition(stage, meant) or None,
                "ask": catalogue.worth_asking(stage, meant) or None,
                "requires": list(stage.requires),
                "not_in_file": list(found.absent) if found else [],
                "unknown_at_start": list(found.unknown) if found else [],
                "leads": found.leads if found else None,
                "filled": found.filled if found else None,
                "lacking": found.lacking if found else None,
                "share_lacking": found.rate.value if found else None,
                "empty": dict(found.empty) if found else {},
            }
        )
    return {
        "model": question.model.key,
        "rule": question.rule.value,
        "window_days": question.window_days,
        "entry": question.entry.value,
        "unit": question.unit.value,
        "stages": stages,
    }


def entry_conditions_text(result: EntryConditions, meant: Mapping[str, str]) -> str:
    """`entry_conditions` for a terminal: a paragraph for each stage, then the stages that require columns."""
    told = [_told(place, stage, meant) for place, stage in enumerate(result.question.model.stages, 1)]
    table = rows_text("entry_conditions", result.rows(), left=2)
    return paragraphs([*told, table if result.stages else [wording.say("command.entry_conditions_none")]])


def _told(place: int, stage: Stage, meant: Mapping[str, str]) -> list[str]:
    lines = [wording.say("pages.entry_conditions.place", place=place, stage=wording.plain(stage.name))]
    if sentence := catalogue.entry_condition(stage, meant):
        lines.append("  " + wording.say("pages.entry_conditions.to_enter", sentence=wording.plain(sentence)))
    if sentence := catalogue.worth_asking(stage, meant):
        lines.append("  " + wording.say("pages.entry_conditions.ask", sentence=wording.plain(sentence)))
    return lines
