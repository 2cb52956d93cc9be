"""Who moved back beside who never did, by the deepest stage before the win: a lead has to come far to move back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from funnel.core.sql import Query
from funnel.core.types import FEWEST_FOR_A_RATE, Question, Rate
from funnel.journeys import Journeys
from funnel.measures.population.population import MICROSECONDS_A_DAY
from funnel.measures.statistics.rates import wilson

ALIKE = 0.8
"""Of those that moved back, so many at least must have others beside them that came as far."""


@dataclass(frozen=True)
class SameStage:
    """Leads whose deepest stage before the win was the same (`position` None: none before it): the share won so far of those that moved
    back, and of the others."""

    position: int | None
    back: Rate
    others: Rate


@dataclass(frozen=True)
class MovesBack:
    """Leads that ever moved back to an earlier stage, beside those that never did, and how many of each are won so far.

    Who moves back had come far enough to do so, and who never came far is among the others: the two win rates are of leads at different
    stages. `same_stage` has them by the deepest stage before the win that leads reached, and `win_rate_alike` is what the others would
    win were they spread over these stages as those that moved back (direct standardisation; None where either side has fewer than 20
    leads at stages that both reached, or where more than a fifth of those that moved back reached stages that none of the others did).
    Median days from start to win of each, over the `timed` wins whose moments are known; None where there are none.
    """

    moved_back: Rate
    win_rate: Rate
    win_rate_others: Rate
    median_days: float | None
    median_days_others: float | None
    timed: int
    timed_others: int
    same_stage: tuple[SameStage, ...] = ()

    @property
    def win_rate_alike(self) -> float | None:
        """The win rate of the others, by the stages that those who moved back had reached."""
        both = self._at_both
        back, others = (sum(rate.denominator for rate in side) for side in zip(*both, strict=True)) if both else (0, 0)
        # Beside the win rate of all that moved back, a rate of the others at a few of their stages would be no comparison.
        if min(back, others) < FEWEST_FOR_A_RATE or back < ALIKE * self.win_rate.denominator:
            return None
        return sum(one.denominator * other.numerator / other.denominator for one, other in both) / back

    @property
    def _at_both(self) -> list[tuple[Rate, Rate]]:
        return [
            (each.back, each.others) for each in self.same_stage if each.back.denominator and each.others.denominator
        ]

    @property
    def extra_days(self) -> float | None:
        """How much longer the won leads took that had moved back; None where either median is missing."""
        if self.median_days is None or self.median_days_others is None:
            return None
        return self.median_days - self.median_days_others


def before_win(journeys: Journeys, question: Question) -> range:
    """The positions of the stages before the win; a stage that is a win and what comes before it is one of them."""
    pure, win = question.model.pure_win_stage(journeys.concepts), question.model.win_stage(journeys.concepts)
    if pure is not None:
        return range(pure)
    return range(len(question.model.stages) if win is None else win + 1)


def by_depth(positions: range) -> Query:
    """A row a deepest stage of some (NULL: none of them) and whether leads moved back: leads, and those that were won."""
    cases = " ".join(f"WHEN ways.came_{position} > 0 THEN {position}" for position in reversed(positions))
    deepest = f"CASE {cases} END" if cases else "CAST(NULL AS INTEGER)"
    text = f"""SELECT {deepest} AS deepest, ways.moved_back AS moved_back, COUNT(*) AS leads,
    COUNT(*) FILTER (WHERE ways.is_won) AS won
FROM ways
GROUP BY 1, 2
ORDER BY 1, 2"""
    return Query(text)


def moved_back(row: dict[str, Any], depths: Sequence[dict[str, Any]]) -> MovesBack:
    sides = {(each["deepest"], each["moved_back"]): wilson(each["won"], each["leads"]) for each in depths}
    positions = list(dict.fromkeys(each["deepest"] for each in depths))
    nobody = wilson(0, 0)
    return MovesBack(
        moved_back=wilson(row["back"], row["leads"]),
        win_rate=wilson(row["won_back"], row["back"]),
        win_rate_others=wilson(row["won_others"], row["others"]),
        median_days=in_days(row["lasted_back"]),
        median_days_others=in_days(row["lasted_others"]),
        timed=row["timed_back"],
        timed_others=row["timed_others"],
        same_stage=tuple(
            SameStage(position, sides.get((position, True), nobody), sides.get((position, False), nobody))
            for position in positions
        ),
    )


def in_days(microseconds: float | None) -> float | None:
    return None if microseconds is None else float(microseconds) / MICROSECONDS_A_DAY
