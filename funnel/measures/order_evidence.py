"""What tells which of two labels of a file comes first, and the order that follows from all of it.

The reasons are those of `OrderReason`: of two labels, the strongest that tells them apart decides. A win is last, but what comes
after it by its meaning (onboarding, expansion …) follows it where more leads went from the win there than the other way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import combinations

from funnel.core.engine import Engine
from funnel.core.sql import Query
from funnel.core.types import AFTER_WIN, WON_CONCEPT, LabelFacts, OrderReason
from funnel.journeys import Tables


@dataclass(frozen=True)
class Decision:
    """Which of two labels comes first, why, and how strong that reason is beside others of its kind."""

    earlier: str
    later: str
    reason: OrderReason
    strength: float


class Evidence:
    """All that orders labels: the facts; `moves`, how many leads entered the first label of a pair before the second; `first_seen`,
    the position of each label among those that the file has, from 0."""

    def __init__(self, facts: LabelFacts, moves: Mapping[tuple[str, str], int], first_seen: Mapping[str, int]) -> None:
        self.facts = facts
        self.moves = moves
        self.first_seen = first_seen
        self._sides = self._sides_of_win()
        self._leads: dict[OrderReason, Callable[[str, str], float]] = {
            OrderReason.WIN_LAST: self._win_last,
            OrderReason.WRITTEN: partial(self._written, OrderReason.WRITTEN),
            OrderReason.TABLE: partial(self._written, OrderReason.TABLE),
            OrderReason.MOVES: self._moved,
            OrderReason.MEANING: self._meant,
            OrderReason.FIRST_SEEN: self._seen,
        }

    def decision(self, one: str, other: str) -> Decision:
        """Which of two labels comes first."""
        for reason in OrderReason:
            lead = self._leads[reason](one, other)
            if lead:
                return Decision(*((one, other) if lead > 0 else (other, one)), reason, abs(lead))
        raise AssertionError(f"nothing tells {one!r} from {other!r}")

    def _sides_of_win(self) -> dict[str, int]:
        """0 for each label before the win, 1 for one that means it, 2 for one that follows it; exits are at no side."""
        concepts = self.facts.concepts
        from_win: Counter[str] = Counter()
        for (earlier, later), leads in self.moves.items():
            if concepts[earlier] == WON_CONCEPT and concepts[later] in AFTER_WIN:
                from_win[later] += leads
            elif concepts[later] == WON_CONCEPT and concepts[earlier] in AFTER_WIN:
                from_win[earlier] -= leads
        return {
            label: 1 if concepts[label] == WON_CONCEPT else 2 if from_win[label] > 0 else 0
            for label in self.facts.stages
        }

    # How far the first label is ahead of the second by a reason: below 0 where it is behind, 0 where the reason says nothing.

    def _win_last(self, one: str, other: str) -> float:
        exits = one not in self._sides or other not in self._sides
        return 0 if exits else self._sides[other] - self._sides[one]

    def _written(self, reason: OrderReason, one: str, other: str) -> float:
        for index, order in enumerate(self.facts.written):
            if order.reason is reason and one in order.positions and other in order.positions:
                lead = order.positions[other] - order.positions[one]
                if lead:
                    return (1 if lead > 0 else -1) / (1 + index)
        return 0

    def _moved(self, one: str, other: str) -> float:
        """By how many standard errors more than half of the leads that moved between them moved forward."""
        forward, backward = self.moves.get((one, other), 0), self.moves.get((other, one), 0)
        return float((forward - backward) / (forward + backward) ** 0.5) if forward + backward else 0

    def _meant(self, one: str, other: str) -> float:
        usual, concepts = self.facts.usual_order, self.facts.concepts
        both_usual = concepts[one] in usual and concepts[other] in usual
        return usual[concepts[other]] - usual[concepts[one]] if both_usual else 0

    def _seen(self, one: str, other: str) -> float:
        return self.first_seen[other] - self.first_seen[one]


def arranged(labels: Sequence[str], evidence: Evidence) -> list[str]:
    """The labels in the order that the decisions of all pairs come to.

    Where decisions go round in a circle, the weaker give way: they are taken from the strongest to the weakest (Tideman's ranked
    pairs), and one that contradicts what follows from those before it is not.
    """
    number = {label: index for index, label in enumerate(labels)}
    decisions = [evidence.decision(one, other) for one, other in combinations(labels, 2)]
    reasons = list(OrderReason)
    decisions.sort(
        key=lambda each: (reasons.index(each.reason), -each.strength, number[each.earlier], number[each.later])
    )
    after = [0] * len(labels)  # for each label, the bits of those that come after it
    for each in decisions:
        earlier, later = number[each.earlier], number[each.later]
        if after[later] >> earlier & 1:
            continue
        follow = after[later] | 1 << later
        for index in range(len(labels)):
            if index == earlier or after[index] >> earlier & 1:
                after[index] |= follow
    return sorted(labels, key=lambda label: -after[number[label]].bit_count())


def first_seen(engine: Engine, facts: LabelFacts, tables: Tables) -> dict[str, int]:
    """The position of each label among those that the file has, from 0; of those of one moment or line, that of more leads is first."""
    label, labelled = tables.form.labelled("labelled")
    rows = engine.rows(
        Query(
            f"SELECT {label} AS label, MIN(labelled.entered_at) AS moment, MIN(labelled.sequence) AS line"
            f"\n{labelled}\nGROUP BY {label}"
        )
    )
    first_entry = {label: (moment, line) for label, moment, line in rows}

    def key(label: str) -> tuple[bool, datetime, bool, int]:
        moment, line = first_entry.get(label, (None, None))
        if not facts.by_time:
            moment = None
        return moment is None, moment or datetime.max, line is None, line or 0

    return {label: position for position, label in enumerate(sorted(facts.concepts, key=key))}
