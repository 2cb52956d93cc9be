"""The kinds of things there are, and a sentence for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Shape(StrEnum):
    """What one row of the file is: an entry, a field change, a lead with dates, or a lead as it stands now."""

    HISTORY = "history"
    CHANGES = "changes"
    WIDE = "wide"
    SNAPSHOT = "snapshot"


class Rule(StrEnum):
    """When a lead counts at a stage; the definitions stand in `funnel.journeys`."""

    PASSED = "passed"
    VISITED = "visited"
    IN_ORDER = "in-order"
    STRICT = "strict"


class Entry(StrEnum):
    """Under rule in-order with a window: which entry at the first stage may open the window."""

    FIRST = "first"
    ANY = "any"


class Unit(StrEnum):
    """What is counted: each lead, or each account with all its leads."""

    LEAD = "lead"
    ACCOUNT = "account"


class AsOf(StrEnum):
    """Which value of a column a lead counts with, where it changed: the one at the lead's first moment in the file, or the latest,
    which can know how the lead ended."""

    START = "start"
    LATEST = "latest"


class Outcome(StrEnum):
    """How a lead stands at the end of the file."""

    WON = "won"
    LOST = "lost"
    OPEN = "open"


class Reopening(StrEnum):
    """What opens a lost lead again: a later entry at a label with a meaning, at any label that is not ignored, or none but a win."""

    MEANING = "meaning"
    ANY = "any"
    NEVER = "never"


class OrderReason(StrEnum):
    """What tells which of two labels of a file comes first, the strongest first: a win is last; a mark written in the labels; a
    table of stages, or a column that numbers them; how leads moved; the usual order of what they mean; which the file has first."""

    WIN_LAST = "win_last"
    WRITTEN = "written"
    TABLE = "table"
    MOVES = "moves"
    MEANING = "meaning"
    FIRST_SEEN = "first_seen"


@dataclass(frozen=True)
class Note:
    """A sentence for a person: `key` names it in data/words, `values` fill it (`wording.say(note.key, **note.values)`)."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.key, repr(sorted(self.values.items(), key=lambda pair: pair[0]))))
