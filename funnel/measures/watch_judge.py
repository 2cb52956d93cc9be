"""Whether a step leaves its usual range: cohorts of equal age against those before them, with a promised rate of false alarms.

Only cohorts that were followed to their end are looked at; there are no others here. A look is at the newest 1, 4 and 13 together, each
against the 26 before it (12 at least). It rings where chance alone does as much in less than budget ÷ (looks a year × rules × 3) of the
cases. One message an episode: after it a rule is silent until four looks were calm. Pure: counts in, verdicts out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from funnel.core.types.watch import Direction, Episode
from funnel.measures.statistics.beta_binomial_tail import Usual, ends, usual

WINDOWS = (1, 4, 13)
BASELINE, FEWEST_BEFORE = 26, 12
CALM_LOOKS = 4


@dataclass(frozen=True)
class Cohort:
    """Leads that came to a stage in one period, by its `first` day: of so many `entered`, those that went on within the step's days. Of the
    others, `unknown` went to a label that means nothing."""

    first: date
    entered: int
    converted: int
    unknown: int = 0


@dataclass(frozen=True)
class Promise:
    """How seldom a rule may ring by chance: its share of the false alarms a year, by looks a year, rules and windows."""

    budget: float
    looks: int
    rules: int

    @property
    def share(self) -> float:
        """In which share of windows a rule may ring by chance."""
        return self.budget / (self.looks * self.rules * len(WINDOWS))

    def years(self, chance: float) -> float:
        """Chance alone does as much, in any rule and window, about once in so many years."""
        return 1 / max(chance * self.looks * self.rules * len(WINDOWS), 1e-9)


@dataclass(frozen=True)
class Window:
    """The newest cohorts together against what is usual: how likely chance alone brings as much (`chance`), and the usual range, `low` to
    `high`: less, and more, is as seldom as what may ring. More rings only `above`, where both sides are watched."""

    cohorts: tuple[Cohort, ...]
    usual: Usual
    low: int
    high: int
    chance: float
    above: bool
    rings: bool
    hidden: bool
    """It would ring, were it not for leads at labels that mean nothing."""

    @property
    def entered(self) -> int:
        """Leads that came to the stage."""
        return sum(each.entered for each in self.cohorts)

    @property
    def converted(self) -> int:
        """Those of them that went on in time."""
        return sum(each.converted for each in self.cohorts)


@dataclass(frozen=True)
class Look:
    """All windows that end at a cohort."""

    windows: tuple[Window, ...]

    @property
    def at(self) -> date:
        """The first day of its newest cohort."""
        return self.windows[0].cohorts[-1].first

    @property
    def ringing(self) -> Window | None:
        """The window that rings; of several, the one that chance brings least."""
        return min((each for each in self.windows if each.rings), key=lambda each: each.chance, default=None)

    @property
    def hidden(self) -> bool:
        """Whether labels that mean nothing keep it from being judged."""
        return self.ringing is None and any(each.hidden for each in self.windows)


def look(cohorts: Sequence[Cohort], promise: Promise, direction: Direction = Direction.DOWN) -> Look | None:
    """The look at the newest of these followed cohorts, the oldest first; None where too few stand before it."""
    some = [each for each in cohorts if each.entered]
    found = [
        _window(some[-window:], some[-window - BASELINE : -window], promise, direction)
        for window in WINDOWS
        if len(some) >= window + FEWEST_BEFORE
    ]
    return Look(tuple(found)) if found else None


def looks(cohorts: Sequence[Cohort], promise: Promise, direction: Direction, last: int) -> list[Look]:
    """The last so many looks, the oldest first, each as it was at its time: at cohorts that had come by then."""
    some = [each for each in cohorts if each.entered]
    ends = range(max(1, len(some) - last + 1), len(some) + 1)
    each = (look(some[max(0, end - WINDOWS[-1] - BASELINE) : end], promise, direction) for end in ends)
    return [found for found in each if found is not None]


def advanced(episode: Episode, *, rings: bool, at: str, day: date) -> tuple[Episode, bool]:
    """How a rule stands after a look, and whether that is a message. A look at what was looked at already counts no calm."""
    if rings:
        return Episode(episode.since or day, 0, at), episode.since is None
    if episode.since is None or episode.look == at:
        return replace(episode, look=at), False
    calm = episode.calm + 1
    return (Episode(None, 0, at) if calm >= CALM_LOOKS else Episode(episode.since, calm, at)), False


def messages(found: Iterable[Look]) -> tuple[list[Look], Episode]:
    """The looks, oldest first, at which there was a message, and how the rule stands after the last."""
    episode, told = Episode(), []
    for each in found:
        episode, new = advanced(episode, rings=each.ringing is not None, at=each.at.isoformat(), day=each.at)
        if new:
            told.append(each)
    return told, episode


def many(new: int, judged: int) -> bool:
    """Whether so many steps begin to ring at once that the data are looked at first: more than half of those that are judged."""
    return new > 1 and 2 * new > judged


def _window(cohorts: Sequence[Cohort], before: Sequence[Cohort], promise: Promise, direction: Direction) -> Window:
    among = usual([(each.converted, each.entered) for each in before])
    entered, converted, unknown = (
        sum(getattr(each, name) for each in cohorts) for name in ("entered", "converted", "unknown")
    )
    both, width = direction is Direction.BOTH, len(cohorts)
    share = promise.share / (2 if both else 1)
    chances = among.chances(entered, width)
    lower, upper = float(chances[: converted + 1].sum()), float(chances[converted:].sum())
    low, high = ends(chances, share)
    above = both and upper < lower
    falls = lower < share
    hidden = falls and float(chances[: converted + unknown + 1].sum()) >= share
    return Window(
        cohorts=tuple(cohorts),
        usual=among,
        low=low,
        high=high,
        chance=min(1.0, (upper if above else lower) * (2 if both else 1)),
        above=above,
        rings=(falls and not hidden) or (both and upper < share),
        hidden=hidden,
    )
