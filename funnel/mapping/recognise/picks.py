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
from funnel.mapping.types import PARTS, UNUSED, MappingOverrides

LISTED = 30


class Picks:
    """The columns of one table given to parts, one part each; what a person said comes first."""

    def __init__(self, facts: Facts, typed: Typed, candidates: Candidates, overrides: MappingOverrides) -> None:
        self.facts = facts
        self.typed = typed
        self.table: Table = candidates.table
        self.candidates = candidates
        self.overrides = overrides
        self.parts: dict[str, Column] = {}
        by_header = {squashed(column.name): column for column in reversed(self.table.columns)}
        self.by_hand: dict[str, Column | None] = {}
        for part in PARTS:
            header = overrides.part(part)
            if header == UNUSED:
                self.by_hand[part] = None
            elif header is not None and (self.table.by_name.get(header) or squashed(header) in by_header):
                self.by_hand[part] = self.table.by_name.get(header) or by_header[squashed(header)]

    def anew(self) -> Picks:
        """The same columns, none of them given to a part yet."""
        return Picks(self.facts, self.typed, self.candidates, self.overrides)

    @property
    def taken(self) -> set[str]:
        """The columns that play a part already, or are said to."""
        playing = {column.name for column in self.parts.values()}
        return playing | {column.name for column in self.by_hand.values() if column is not None}

    def give(self, part: str, candidates: Sequence[Column]) -> Column | None:
        """The column of a part: as said, else the first candidate that plays no other part."""
        column = (
            self.by_hand[part]
            if part in self.by_hand
            else next((each for each in candidates if each.name not in self.taken), None)
        )
        if column is not None:
            self.parts[part] = column
        return column

    def moment(self, column: Column) -> Query | None:
        """The column read as dates; None where it cannot be."""
        date_column = self.typed.date(self.table.view, column.name)
        return date_column.expression if date_column else None

    def missing(self, part: str) -> MappingError:
        """That no column plays a part that is needed."""
        headers = ", ".join(column.name for column in self.table.columns[:LISTED])
        return MappingError(f"mapping.no_{part}", file=self.table.name, headers=headers)
