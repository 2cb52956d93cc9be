"""Leads made from durations: each starts, and is won, lost, or open so many days later, up to one day of observation."""

from __future__ import annotations

from datetime import datetime, timedelta

from funnel.core.types import Question
from funnel.journeys import Journeys
from tests.leads import engine_with, journeys_of, model_of
from tests.oracles.oracle import Entered

OBSERVED_UNTIL = datetime(2026, 6, 30)
CONCEPTS = {"New": "lead", "Won": "won", "Lost": "lost"}
ENDS = {1: "Won", 2: "Lost"}


def journeys_from(leads: list[tuple[int, int, int]]) -> Journeys:
    """Journeys of leads given as (duration, status, follow-up) in days; status 1 is won, 2 lost, 0 open."""
    histories = {}
    for number, (duration, status, follow_up) in enumerate(leads):
        start = OBSERVED_UNTIL - timedelta(days=follow_up)
        entries = [Entered("New", start)]
        if status:
            entries.append(Entered(ENDS[status], start + timedelta(days=duration)))
        histories[f"L{number}"] = entries
    return journeys_of(engine_with(histories), CONCEPTS)


def question(**changes: object) -> Question:
    """All of these leads, from their start to the win."""
    return Question(model_of([{"New"}, {"Won"}]), observed_until=OBSERVED_UNTIL, **changes)  # type: ignore[arg-type]
