"""What a look at all rules has to tell, beside what was told before: each alarm once an episode, many steps at once as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from funnel.core.types import Note
from funnel.core.types.watch import Episode, RuleKind
from funnel.measures.watch_found import StepWatch, Watched, seldom
from funnel.measures.watch_judge import Window, advanced, many
from funnel.measures.watch_other import Judged

AT_ONCE = "many at once"


@dataclass(frozen=True)
class Alarm:
    """A rule that rings, or many steps at once (`of` None): whether that is `new`, since when, what is said, and without amounts; of a step
    the window that rings."""

    key: str
    new: bool
    since: date
    said: Note
    plain: Note
    of: Judged | None = None
    window: Window | None = None

    @property
    def one_in(self) -> Note | None:
        """How often chance alone does as much; None of what has no chance in it."""
        return None if self.of is None or self.of.years is None else seldom(self.of.years)


@dataclass(frozen=True)
class News:
    """The alarms, the new ones first, and how each rule stands from now on."""

    alarms: tuple[Alarm, ...]
    episodes: Mapping[str, Episode]

    @property
    def new(self) -> tuple[Alarm, ...]:
        """Those that were not told yet."""
        return tuple(each for each in self.alarms if each.new)


def news(found: Watched, before: Mapping[str, Episode]) -> News:
    """What is new of a look, where the rules stood like this before. A rule that cannot be judged stays as it stood."""
    episodes: dict[str, Episode] = {}
    alarms = []
    for each in found.judged:
        stood = before.get(each.rule.key, Episode())
        step = found.step(each.rule.key)
        if each.rings is None:
            episodes[each.rule.key] = stood
            continue
        begun = _begun(step, found.as_of)
        episodes[each.rule.key], new = advanced(stood, rings=each.rings, at=each.at, day=begun)
        if each.rings:
            since = episodes[each.rule.key].since or begun
            window = None if step is None or step.look is None else step.look.ringing
            alarms.append(Alarm(each.rule.key, new, since, each.said, each.plain or each.said, each, window))
    begun_now = [each for each in alarms if each.new and each.of is not None and each.of.rule.kind is RuleKind.STEP]
    if many(len(begun_now), sum(each.look is not None for each in found.steps)):
        names = [step.name for each in begun_now if (step := found.step(each.key)) is not None]
        said = Note("measures.watch_at_once", {"steps": names})
        silent = [Alarm(each.key, False, *_rest(each)) if each in begun_now else each for each in alarms]
        alarms = [Alarm(AT_ONCE, True, found.as_of, said, said), *silent]
    return News(tuple(sorted(alarms, key=lambda each: not each.new)), episodes)


def _rest(alarm: Alarm) -> tuple[date, Note, Note, Judged | None, Window | None]:
    return alarm.since, alarm.said, alarm.plain, alarm.of, alarm.window


def _begun(step: StepWatch | None, as_of: date) -> date:
    """Since when a rule rings, where that was not told before: of a step since the first look of its episode."""
    return as_of if step is None or step.episode.since is None else step.episode.since
