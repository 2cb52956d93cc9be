"""How leads move between stages: forward, back, out and in again."""

from __future__ import annotations

from dataclasses import dataclass

from funnel.nouns.questions import Question
from funnel.nouns.results import Rate


@dataclass(frozen=True)
class Move:
    """So many times leads went from one stage to another. Ends that are no stage: "start", "lost", "won", "still there".

    `kind` is start, forward, skip, back, return (from a loss), lost, won or still. `median_days` is how long they had been at
    `origin`, over the moves whose moments are known.
    """

    origin: int | str
    target: int | str
    kind: str
    count: int
    leads: int
    median_days: float | None


@dataclass(frozen=True)
class Path:
    """A way that leads took, from entry to entry: stages by position, and at its end "lost", "won" or "still there"."""

    ends: tuple[int | str, ...]
    leads: int
    won: int
    median_days: float | None


@dataclass(frozen=True)
class MovesBack:
    """Leads that ever moved back to an earlier stage, beside those that never did.

    Median days from start to win of each; `extra_days` is their difference, None where either is missing.
    """

    moved_back: Rate
    win_rate: Rate
    win_rate_others: Rate
    median_days: float | None
    median_days_others: float | None

    @property
    def extra_days(self) -> float | None:
        """How much longer the won leads took that had moved back."""
        if self.median_days is None or self.median_days_others is None:
            return None
        return self.median_days - self.median_days_others


@dataclass(frozen=True)
class MovesFound:
    """How leads moved between the stages of a model. `reentries` counts for each stage the leads that came to it more than once.

    `returned` leads were lost and came back. `paths` are the commonest, `other_paths` leads took others.
    """

    question: Question
    leads: int
    moves: tuple[Move, ...]
    back: MovesBack
    reentries: tuple[Rate, ...]
    returned: Rate
    paths: tuple[Path, ...]
    other_paths: int
    distinct_paths: int
    sql: str
