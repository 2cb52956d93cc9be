"""What scores say of the open leads of now: chances, the rates of their stages, and why."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from funnel.core.sql import Query, identifier
from funnel.core.types import FEWEST_FOR_A_RATE, StageModel
from funnel.journeys import Journeys
from funnel.measures.lead_score_learning import Horizon, Known, present, reference
from funnel.measures.lead_score_panel import NOW, spells_table
from funnel.measures.lead_score_reasons import AT_ONCE, Reason, Reasons
from funnel.measures.population.population import MICROSECONDS_A_DAY

Numbers = NDArray[np.float64]


class Present:
    """The open leads of now by their place in the panel (`places`), as the scores for some numbers of days see them."""

    def __init__(self, journeys: Journeys, model: StageModel, known: Known, scores: Mapping[int, Horizon]) -> None:
        self._scores = scores
        self._now = known.panel.among(known.panel.landmark == NOW)
        self.places = {known.panel.leads[code]: row for row, code in enumerate(self._now.lead.tolist())}
        table = spells_table(journeys, reference(journeys, model))
        self.sql = journeys.statement(table)
        self._usual = usual_days(journeys, table)
        self._chances = self._told(known)
        self._known = known
        self._reasons: dict[int, Reasons] = {}

    def chance(self, day: int, row: int | None) -> float | None:
        """The chance within so many days; None where the score is not shown, or where the file does not tell where the lead stands."""
        return float(self._chances[day][row]) if row is not None and day in self._chances else None

    def rate(self, day: int, row: int | None) -> float | None:
        """The rate of the label alone; None where no past is known that long."""
        rates = self._scores[day].rates
        return None if row is None or rates is None else float(rates[self._now.label[row]])

    def label(self, row: int | None) -> str | None:
        """The label at which a lead stands."""
        return None if row is None else self._now.labels[self._now.label[row]]

    def usual_days(self, row: int | None) -> float | None:
        """The days after which three quarters of those that were won from its label had moved on."""
        return None if row is None else self._usual.get(int(self._now.label[row]), (None, 0))[0]

    def reasons(self, day: int, row: int | None) -> tuple[Reason, ...]:
        """Why the chance departs from that of others at its label."""
        score = self._scores[day]
        if row is None or score.learnt is None or score.past is None:
            return ()
        if day not in self._reasons:
            now = present(self._known, score)
            self._reasons[day] = Reasons(score, score.learnt, score.past, now, self._usual)
        return self._reasons[day].of(row)

    def _told(self, known: Known) -> dict[int, Numbers]:
        """The chances by number of days; who wins within fewer days wins within more."""
        told: dict[int, Numbers] = {}
        least = np.zeros(len(self._now))
        for day, score in sorted(self._scores.items()):
            if score.learnt is not None:
                now = present(known, score)
                pieces = [np.arange(start, min(start + AT_ONCE, len(now))) for start in range(0, len(now), AT_ONCE)]
                said = [score.learnt.chances(now.among(piece)) for piece in pieces]
                least = np.maximum(least, np.concatenate([np.zeros(0), *said]))
                told[day] = least
        return told


def usual_days(journeys: Journeys, table: str) -> dict[int, tuple[float, int]]:
    """Of each label, the days by which three quarters of the stays of leads that were won later had ended, and how many those are; none of
    fewer than FEWEST_FOR_A_RATE."""
    length = "EPOCH_US(spells.next_at) - EPOCH_US(spells.entered_at)"
    text = f"""SELECT spells.label_number AS label_number,
    QUANTILE_CONT({length}, 0.75) / {MICROSECONDS_A_DAY} AS days, COUNT(*) AS stays
FROM {identifier(table)} AS spells
WHERE spells.won_at IS NOT NULL AND spells.next_at IS NOT NULL
GROUP BY spells.label_number
HAVING COUNT(*) >= {FEWEST_FOR_A_RATE}"""
    return {label: (float(days), stays) for label, days, stays in journeys.engine.rows(Query(text))}
