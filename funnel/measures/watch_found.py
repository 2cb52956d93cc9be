"""What a watch found: each rule and how it stands, the steps with their cohorts, and what would have rung before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from funnel.core.rows import Chance, Row, Word
from funnel.core.types import Note, Question, Rate
from funnel.core.types.watch import Direction, Episode, StepRule, WatchRules
from funnel.measures.cohorts import cohort_cell
from funnel.measures.watch_judge import Cohort, Look, Promise, Window, many
from funnel.measures.watch_other import Judged
from funnel.measures.watch_steps import StepCohorts

LONGEST_YEARS = 1000
"""What chance does more seldom than this is told as that."""


@dataclass(frozen=True)
class StepWatch:
    """One step under one rule: its counts, the look at the newest cohorts (None: it cannot be judged), and the promise it was judged by;
    the `past` looks, the oldest first, and how the rule stands after them."""

    rule: StepRule
    of: StepCohorts
    promise: Promise
    look: Look | None
    past: tuple[Look, ...]
    episode: Episode
    sql: str

    @property
    def window(self) -> Window | None:
        """The window to be shown: the one that rings, else the widest."""
        if self.look is None:
            return None
        return self.look.ringing or self.look.windows[-1]

    @property
    def share(self) -> float:
        """Below which chance each side rings."""
        return self.promise.share / (2 if self.rule.direction is Direction.BOTH else 1)

    @cached_property
    def smallest_fall(self) -> float | None:
        """The smallest lasting fall, as a share of the usual rate, that the widest window shows with a power of .8."""
        if self.look is None:
            return None
        widest = self.look.windows[-1]
        return widest.usual.smallest_fall(widest.entered, len(widest.cohorts), self.share)

    @property
    def name(self) -> Word:
        """The step, as it is called."""
        key = "measures.watch_step" if self.of.onward else "measures.watch_step_to_win"
        said = f"{self.of.name} → {self.of.onward}" if self.of.onward else self.of.name
        return Word(said, key, step=self.of.name, onward=self.of.onward)

    def rows(self) -> list[Row]:
        """A row a cohort, the oldest first, the young ones last: how many came, how many went on in time, and the usual range of a look at
        it alone."""
        usual = {each.at: each.windows[0] for each in self.past}
        young = {each.first for each in self.of.young}
        return [
            self._row(each, usual.get(each.first), each.first not in young)
            for each in (*self.of.cohorts, *self.of.young)
        ]

    def _row(self, of: Cohort, window: Window | None, followed: bool) -> Row:
        return {
            "start": cohort_cell(of.first, self.of.period, self.of.calendar),
            "entered": of.entered,
            "converted": of.converted,
            "rate": Rate(of.converted, of.entered, of.converted / of.entered, None, None) if followed else None,
            "usual_low": None if window is None else window.low,
            "usual_high": None if window is None else window.high,
            "followed": followed,
        }


@dataclass(frozen=True)
class Rung:
    """That rules would have rung: at the look at the cohort (or month) of this day. `steps` of several at once are one message."""

    day: date
    said: tuple[Note, ...]
    at_once: bool


@dataclass(frozen=True)
class Watched:
    """All rules of a question as they stand at `observed_until`; `rungs` are the messages of the past year, the oldest first."""

    question: Question
    as_of: date
    rules: WatchRules
    judged: tuple[Judged, ...]
    steps: tuple[StepWatch, ...]
    rungs: tuple[Rung, ...]
    sql: str

    @property
    def ringing(self) -> tuple[Judged, ...]:
        """The rules that ring."""
        return tuple(each for each in self.judged if each.rings)

    @property
    def calm(self) -> tuple[Judged, ...]:
        """Those that do not."""
        return tuple(each for each in self.judged if each.rings is False)

    @property
    def unjudged(self) -> tuple[Judged, ...]:
        """Those that cannot be judged."""
        return tuple(each for each in self.judged if each.rings is None)

    @property
    def at_once(self) -> tuple[StepWatch, ...]:
        """The steps that began to ring at this look, where they are so many that the data are to be looked at first."""
        begun = tuple(each for each in self.steps if each.look is not None and each.episode.since == each.look.at)
        return begun if many(len(begun), sum(each.look is not None for each in self.steps)) else ()

    def step(self, key: str) -> StepWatch | None:
        """The step of a rule, by the rule's key."""
        return next((each for each in self.steps if each.rule.key == key), None)

    def name_of(self, judged: Judged) -> Word:
        """What a rule is called: of a step by both its stages."""
        step = self.step(judged.rule.key)
        return judged.name if step is None else step.name

    def rows(self) -> list[Row]:
        """A row a rule: how it stands; of steps the cohorts that say so, their counts, the range that does not ring, and what could be
        seen."""
        return [self._row(each) for each in self.judged]

    def _row(self, of: Judged) -> Row:
        step = self.step(of.rule.key)
        window = None if step is None else step.window
        state = "unjudged" if of.rings is None else "rings" if of.rings else "calm"
        return {
            "rule": self.name_of(of),
            "state": Word(state, f"measures.watch_state_{state}"),
            "days": None if step is None else step.of.day,
            "from": None if window is None else window.cohorts[0].first,
            "cohorts": None if window is None else len(window.cohorts),
            "converted": None if window is None else window.converted,
            "entered": None if window is None else window.entered,
            "rate": None
            if window is None
            else Rate(window.converted, window.entered, window.converted / window.entered, None, None),
            "usual_low": None if window is None else window.low,
            "usual_high": None if window is None else window.high,
            "chance": None if window is None else Chance(window.chance),
            "smallest_fall": None if step is None or step.smallest_fall is None else Chance(step.smallest_fall),
        }


def told(watch_of: StepWatch, window: Window) -> Note:
    """Of a step: what a window of its cohorts did, its counts, and what is usual."""
    last = watch_of.of.period.last_day(window.cohorts[-1].first, watch_of.of.calendar)
    values = {
        "step": watch_of.of.name,
        "onward": watch_of.of.onward,
        "converted": window.converted,
        "entered": window.entered,
        "days": watch_of.of.day,
        "first": window.cohorts[0].first,
        "last": last,
        "low": window.low,
        "high": window.high,
        "usual": window.usual.converted / window.usual.entered,
        "was": window.usual.converted,
        "of": window.usual.entered,
    }
    state = "calm" if not window.rings else "above" if window.above else "below"
    win = "" if watch_of.of.onward else "_win"
    return Note(f"measures.watch_step_{state}{win}", values)


def seldom(years: float, form: str = "") -> Note:
    """How often chance alone does as much; `form` "_said": as a whole sentence."""
    if years >= LONGEST_YEARS:
        return Note(f"measures.watch_seldom{form}", {"years": LONGEST_YEARS})
    if years >= 1:
        return Note(f"measures.watch_once{form}", {"years": round(years)})
    return Note(f"measures.watch_often{form}", {"times": round(1 / years, 1)})
