"""How leads move between stages: forward, back, out and in again."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.core.types.questions import Question
from funnel.core.types.results import FEWEST_FOR_A_RATE, Rate

START, LOST_END, WON_END, STILL = "start", "lost", "won", "still there"
"""The ends of moves and paths that are no stage."""

ALIKE = 0.8
"""Of those that moved back, so many at least must have others beside them that came as far."""

MOVE_KINDS = ("start", "forward", "skip", "loop", "back", "return", "won", "lost", "still")


@dataclass(frozen=True)
class Move:
    """So many times leads went from one stage to another; stages by position, or one of the ends above.

    `kind` is one of `MOVE_KINDS`, as `measures.moves` defines them. `leads` are those that did it at least once. `median_days` is
    how long they had been at `origin`, over the moves whose moments are known; None where there are none, and for who is still there.
    """

    origin: int | str
    target: int | str
    kind: str
    count: int
    leads: int
    median_days: float | None


@dataclass(frozen=True)
class Path:
    """A way that leads took: stages by position, then how it ended: "lost", "won" or "still there"; nothing where the win is
    itself a stage and the path ends there. "lost" stands inside a path where the lead came back.

    `median_days` are from start to end, over the `won` and the lost leads whose moments are known; None where there are none.
    """

    ends: tuple[int | str, ...]
    leads: int
    won: int
    median_days: float | None


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


@dataclass(frozen=True)
class MovesFound:
    """How leads moved between the stages of a model, whatever the question's rule and window.

    `moves` stand in the order of their origins: start, stages, won, lost; of each in that of their targets, still there last. A stay
    ends with one of them, so that for each stage they sum to `came`. `reentries` are, for each stage, the leads
    that came to it more than once, of those that came to it at all; of 0 where the file cannot tell. `returned` are leads that
    came back, of those ever lost. `paths` are the commonest; `other_paths` leads took others; `distinct_paths` counts them all.
    `win` is the position of the stage that is the win alone, None where there is none such.
    """

    question: Question
    leads: int
    win: int | None
    moves: tuple[Move, ...]
    back: MovesBack
    reentries: tuple[Rate, ...]
    returned: Rate
    paths: tuple[Path, ...]
    other_paths: int
    distinct_paths: int
    sql: str

    def came(self, end: int | str) -> int:
        """How many times leads came to a stage or an end, each time counted; for the start, how many leads there are."""
        if end == START:
            return self.leads
        return sum(move.count for move in self.moves if move.target == end)

    def path_share(self, path: Path) -> float | None:
        """The share of all leads that took a path; None where there are none."""
        return path.leads / self.leads if self.leads else None

    def share(self, move: Move) -> float | None:
        """The share of all stays at a move's origin that ended with it; None where there was none."""
        came = self.came(move.origin)
        return move.count / came if came else None
