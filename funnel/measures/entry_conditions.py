"""Of the leads that entered a stage, how many had all the columns filled that the stage requires, and how many did not."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.core.rows import Row
from funnel.core.sql import Query, compose, identifier
from funnel.core.types import Note, Question, Rate, Unit
from funnel.journeys import Journeys
from funnel.measures.population.population import check, in_question
from funnel.measures.population.required import Required, required
from funnel.measures.statistics.rates import wilson


@dataclass(frozen=True)
class StageEntry:
    """The leads that the question counts at a stage that requires columns.

    `requires` are the columns as the model names them; `absent` of them the file does not have, and of the `unknown` ones it does not tell
    the value at the start: neither is looked at. `filled` leads have all the others filled, `lacking` leads do not; both are None where
    no column can be looked at. `empty`: each column looked at, with the leads that do not have it.
    """

    position: int
    stage: str
    requires: tuple[str, ...]
    absent: tuple[str, ...]
    unknown: tuple[str, ...]
    leads: int
    filled: int | None
    empty: tuple[tuple[str, int], ...]

    @property
    def lacking(self) -> int | None:
        """The leads that entered without one of the columns or more."""
        return None if self.filled is None else self.leads - self.filled

    @property
    def rate(self) -> Rate:
        """The share that entered without; of nobody where no column can be looked at."""
        return wilson(0, 0) if self.lacking is None else wilson(self.lacking, self.leads)


@dataclass(frozen=True)
class EntryConditions:
    """The stages of a question's model that require columns, in the order of the model. `values` were looked at as at the "start" of leads,
    as "latest", as of the one day of a "snapshot", or as they stood "unchanged" in the file."""

    question: Question
    stages: tuple[StageEntry, ...]
    values: str
    sql: str

    def rows(self) -> list[Row]:
        """A row for each stage that requires columns."""
        return [
            {
                "position": each.position,
                "name": each.stage,
                "requires": ", ".join(each.requires),
                "leads": each.leads,
                "filled": each.filled,
                "lacking": each.lacking,
                "share_lacking": each.rate,
            }
            for each in self.stages
        ]

    @property
    def notes(self) -> tuple[Note, ...]:
        """Which values were looked at, of an account whose; and what the file does not tell."""
        if not self.stages:
            return ()
        notes = [Note(f"measures.entry_values_{self.values}")]
        if self.question.unit is Unit.ACCOUNT:
            notes.append(Note("measures.entry_accounts"))
        for key in ("absent", "unknown"):
            columns = list(dict.fromkeys(column for each in self.stages for column in getattr(each, key)))
            notes += [Note(f"measures.entry_{key}", {"columns": columns, "n": len(columns)})] if columns else []
        return tuple(notes)


def entry_conditions(journeys: Journeys, question: Question) -> EntryConditions:
    """For each stage that requires columns, the leads that the question counts there, with all of the columns filled and without.

    A value is looked at as it was at the start of a lead, or as it is now, as the question says (`attributes`); of an account, the value
    of its first lead. A column that the file does not have is named, and nobody lacks it.
    """
    check(question)
    stages = [
        (position, stage, required(journeys, question, stage.requires))
        for position, stage in enumerate(question.model.stages)
        if stage.requires
    ]
    if not stages:
        return EntryConditions(question, (), _values(journeys, question), "")
    extra = tuple(dict.fromkeys(column for _, _, needed in stages for column in needed.extra))
    counts = [count for position, _, needed in stages for count in _counts(position, needed)]
    query = compose(in_question(journeys, question, extra), Query(f"SELECT {', '.join(counts)}\nFROM counted"))
    counted = iter(journeys.engine.row(query))
    found = []
    for position, stage, needed in stages:
        leads, filled = next(counted), next(counted)
        found.append(
            StageEntry(
                position=position,
                stage=stage.name,
                requires=stage.requires,
                absent=needed.absent,
                unknown=needed.unknown,
                leads=leads,
                filled=filled if needed.columns else None,
                empty=tuple((name, next(counted)) for name, _ in needed.columns),
            )
        )
    return EntryConditions(question, tuple(found), _values(journeys, question), query.readable())


def _values(journeys: Journeys, question: Question) -> str:
    if journeys.start_from_created:
        return "snapshot"
    return question.attributes.value if journeys.starts.columns or journeys.starts.unknown else "unchanged"


def _counts(position: int, needed: Required) -> list[str]:
    """The leads at a stage, those with all columns filled, and for each column those without it."""
    here = f"counted.reached_{position}"
    empty = [
        f"COUNT(*) FILTER (WHERE {here} AND counted.{identifier(column)} IS NULL) AS empty_{position}_{number}"
        for number, (_, column) in enumerate(needed.columns)
    ]
    filled = f"COUNT(*) FILTER (WHERE {here} AND {needed.filled('counted')}) AS filled_{position}"
    return [f"COUNT(*) FILTER (WHERE {here}) AS leads_{position}", filled, *empty]
