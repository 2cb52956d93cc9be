"""The columns of one table given to parts."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.core.errors import MappingError
from funnel.core.sql import Query
from funnel.mapping.headers import squashed
from funnel.mapping.profile import Column, Table
from funnel.mapping.recognise.candidates import Candidates
from funnel.mapping.recognise.facts import Facts
from funnel.mapping.recognise.typed import Typed
from funnel.mapping.types import PARTS, UNUSED, Hints

LISTED = 30


class Picks:
    """The columns of one table given to parts, one part each; what a person said comes first."""

    def __init__(self, facts: Facts, typed: Typed, found: Candidates, hints: Hints) -> None:
        self.facts = facts
        self.typed = typed
        self.table: Table = found.table
        self.found = found
        self.hints = hints
        self.parts: dict[str, Column] = {}
        by_header = {squashed(column.name): column for column in reversed(self.table.columns)}
        self.said: dict[str, Column | None] = {}
        for part in PARTS:
            header = hints.part(part)
            if header == UNUSED:
                self.said[part] = None
            elif header is not None and (self.table.by_name.get(header) or squashed(header) in by_header):
                self.said[part] = self.table.by_name.get(header) or by_header[squashed(header)]

    @property
    def taken(self) -> set[str]:
        """The columns that play a part already, or are said to."""
        held = {column.name for column in self.parts.values()}
        return held | {column.name for column in self.said.values() if column is not None}

    def give(self, part: str, candidates: Sequence[Column]) -> Column | None:
        """The column of a part: as said, else the first candidate that plays no other part."""
        column = (
            self.said[part]
            if part in self.said
            else next((each for each in candidates if each.name not in self.taken), None)
        )
        if column is not None:
            self.parts[part] = column
        return column

    def moment(self, column: Column) -> Query | None:
        """The column read as dates; None where it cannot be."""
        read = self.typed.date(self.table.view, column.name)
        return read.expression if read else None

    def missing(self, part: str) -> MappingError:
        """That no column plays a part that is needed."""
        headers = ", ".join(column.name for column in self.table.columns[:LISTED])
        return MappingError(f"mapping.no_{part}", file=self.table.name, headers=headers)
