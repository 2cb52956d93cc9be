"""Columns that say of each line of a log what became of its step: "Completed", "Dropped", "Pending"."""

from __future__ import annotations

from collections.abc import Iterable

from funnel.catalogue import normalised
from funnel.core.types import LOST_CONCEPTS
from funnel.mapping.labels import label_concepts
from funnel.mapping.labels.vocabulary import words

AHEAD, MET, LOST = "ahead", "met", "lost"
MOST_STATES = 12


def state_of(text: str) -> str | None:
    """ "ahead" of a step that is still to come, "met" of one that was begun or done, "lost" of one at which the lead ended; None for other
    words."""
    known = normalised(text)
    if known in words("steps_ahead"):
        return AHEAD
    if known in words("steps_met"):
        return MET
    return LOST if label_concepts.guess(text)[0] in LOST_CONCEPTS else None


def in_state(texts: Iterable[str], *states: str) -> list[str]:
    """Those of the texts that say one of these of a step."""
    return sorted(text for text in texts if state_of(text) in states)
