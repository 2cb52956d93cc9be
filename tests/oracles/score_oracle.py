"""Where leads stood open at a moment, and whether they won after it, in plain Python, one lead at a time: what the panel must say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from funnel.core.types import Ends
from funnel.core.types.models import IGNORED, LOST_CONCEPTS, WON_CONCEPT
from tests.oracles.oracle import Entered

DAY = 86_400


@dataclass(frozen=True)
class Standing:
    """A lead open at a moment: its label, days there and since it began, entries and moves back so far, days to its next win."""

    label: str
    days_at_label: float
    days_since_start: float
    entries: int
    moves_back: int
    win_days: float | None


def standing(
    history: Sequence[Entered], moment: datetime, concepts: Mapping[str, str], order: Sequence[str], ends: Ends
) -> Standing | None:
    """How a lead stood; None where it had not begun, or was won or lost by then."""
    known = [each for each in history if each.at is not None and concepts[each.label] != IGNORED]
    entries = sorted(known, key=lambda each: each.at)
    past = [each for each in entries if each.at <= moment]
    if not past or _closed(past, concepts, ends):
        return None
    here = past[-1]
    backs = sum(order.index(b.label) < order.index(a.label) for a, b in pairwise(past))
    wins = [each.at for each in entries if each.at > moment and concepts[each.label] == WON_CONCEPT]
    return Standing(
        here.label,
        (moment - here.at).total_seconds() / DAY,
        (moment - past[0].at).total_seconds() / DAY,
        len(past),
        backs,
        (min(wins) - moment).total_seconds() / DAY if wins else None,
    )


def _closed(past: Sequence[Entered], concepts: Mapping[str, str], ends: Ends) -> bool:
    """Whether a win or an exit stands against it: the last of its kind, which nothing that opens it again came after."""

    def last(labels: set[str] | frozenset[str]) -> datetime | None:
        return max((each.at for each in past if each.label in labels), default=None)

    def after(one: datetime | None, other: datetime) -> bool:
        return one is not None and one > other

    won = last({label for label, concept in concepts.items() if concept == WON_CONCEPT})
    lost = last({label for label, concept in concepts.items() if concept in LOST_CONCEPTS})
    if won is not None and not after(lost, won) and not after(last(ends.before_win), won):
        return True
    return lost is not None and not after(last(ends.reopening), lost)
