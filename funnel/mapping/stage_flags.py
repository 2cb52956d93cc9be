"""Columns of yes and no under the names of stages: "MQL", "SQL", "Demo held". A yes says that the stage was reached, not when."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from funnel.core.types import LOST_CONCEPTS, WON_CONCEPT
from funnel.mapping.headers import words
from funnel.mapping.labels import label_concepts
from funnel.mapping.outcomes import header_means, is_flag
from funnel.mapping.profile import Column
from funnel.mapping.stages import pretty
from funnel.mapping.types import StageDate

NO_STAGES = {WON_CONCEPT, *LOST_CONCEPTS, *label_concepts.NO_CONCEPT, "interest", "engagement"}
"""How a lead ended, the outcome column says; "Newsletter" and "Active" with a yes are of people, whatever came of them."""
FEWEST = 2
_SMALL = {"is", "has", "was", "did", "became", "flag", "reached", "yn"}


def stage_flags(columns: Sequence[Column], taken: Collection[str], *, ended: bool) -> tuple[StageDate, ...]:
    """The columns whose yes says that a stage was reached, in the order of the file; none where fewer than two stages are named so,
    since one alone may be a property ("Demo: yes"). Where no other column tells how leads `ended`, "Paid" with a yes does."""
    flags = []
    for column in columns:
        if column.name in taken or not is_flag(column) or header_means(column.name) is not None:
            continue
        text = " ".join(word for word in words(column.name) if word not in _SMALL)
        concept, confidence = label_concepts.guess(text)
        known = confidence in (label_concepts.EXACT, label_concepts.SAME_WORDS, label_concepts.DOUBTFUL)
        wins = concept == WON_CONCEPT and not ended
        if known and (wins or concept not in NO_STAGES):
            same = text == " ".join(words(column.name))
            flags.append(StageDate(column.name, pretty(column.name if same else text), concept))
    return tuple(flags) if len({each.concept for each in flags}) >= FEWEST else ()
