"""Which labels open a lead again that was lost or won; the definitions stand in `funnel.journeys`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from funnel.core.types.kinds import Reopening
from funnel.core.types.models import AFTER_WIN, IGNORED, LOST_CONCEPTS, UNPLACED, WON_CONCEPT


@dataclass(frozen=True)
class Ends:
    """Labels of a file: an entry at one of `reopening` after the last exit opens a lost lead again; one of `before_win` after the
    last win takes the win back."""

    reopening: frozenset[str]
    before_win: frozenset[str]


@dataclass(frozen=True)
class EndRule:
    """What a person says of endings. `keeps_win`: a won lead stays won whatever follows but a loss."""

    reopened_by: Reopening = Reopening.MEANING
    keeps_win: bool = False

    def ends(self, concepts: Mapping[str, str], *, loops: bool = False) -> Ends:
        """The labels under this rule. Where a model `loops`, customers who come round again stay won."""
        means = {label for label, concept in concepts.items() if concept not in (IGNORED, UNPLACED, *LOST_CONCEPTS)}
        won = {label for label, concept in concepts.items() if concept == WON_CONCEPT}
        reopening = {
            Reopening.MEANING: means,
            Reopening.ANY: means | {label for label, concept in concepts.items() if concept == UNPLACED},
            Reopening.NEVER: won,
        }[self.reopened_by]
        before_win = (
            set() if self.keeps_win or loops else {label for label in means - won if concepts[label] not in AFTER_WIN}
        )
        return Ends(frozenset(reopening), frozenset(before_win))
