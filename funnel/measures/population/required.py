"""The columns that must be filled: those that the file has, and what is filled in them, as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from funnel.core.sql import identifier
from funnel.core.types import AsOf, Question
from funnel.journeys import Journeys

_OF_COUNTED = ("lead_id", "account_id")


@dataclass(frozen=True)
class Required:
    """Columns as a model names them. `columns`: of those that can be looked at, each with the column of the leads that it is; `absent`
    are those that the file does not have, `unknown` those whose value at the start of a lead, which is asked for, is not known."""

    columns: tuple[tuple[str, str], ...]
    absent: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def extra(self) -> tuple[str, ...]:
        """The columns of the leads that `in_question` has to bring along."""
        return tuple(dict.fromkeys(column for _, column in self.columns if column not in _OF_COUNTED))

    def filled(self, row: str) -> str:
        """Whether all of the columns are filled, as SQL; TRUE of none."""
        return " AND ".join(f"{row}.{identifier(column)} IS NOT NULL" for _, column in self.columns) or "TRUE"


def required(journeys: Journeys, question: Question, names: Sequence[str]) -> Required:
    """The columns of these names, each once, at the moment whose values the question looks at."""
    columns: dict[str, str] = {}
    absent, unknown = [], []
    there = {name for name, _ in journeys.engine.columns("leads")}
    for name in dict.fromkeys(names):
        column = (name if name in there else None) if journeys.file is None else journeys.file.columns.in_file(name)
        if column is None:
            absent.append(name)
        elif question.attributes is AsOf.START and column in journeys.starts.unknown:
            unknown.append(name)
        elif column not in columns.values():
            columns[name] = column
    return Required(tuple(columns.items()), tuple(absent), tuple(unknown))
