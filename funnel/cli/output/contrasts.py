"""What the answers that set leads against each other share: the target, what converting means, notes, a rate in words."""

from __future__ import annotations

from collections.abc import Iterable

from funnel.core import insights
from funnel.core.types import Note, Question, Rate
from funnel.words import wording


def stage_key(question: Question, target: int | None) -> str | None:
    """The key of the stage that conversion leads to; null: the win."""
    return None if target is None else question.model.stages[target].key


def reached_said(question: Question, target: int | None, day: int | None) -> str:
    """What converting means: "won by day 90", "came to Proposal so far"."""
    key = ("won" if target is None else "reached") + ("_so_far" if day is None else "_by")
    stage = None if target is None else question.model.stages[target].name
    return wording.say(f"command.{key}", stage=stage, day=day)


def said(notes: Iterable[Note]) -> list[str]:
    """Notes as sentences."""
    return [wording.say(note.key, **note.values) for note in notes]


def by_account(*rates: Rate) -> list[str]:
    """That the intervals and tests of some rates are by account, once, where any is; of the first that is so."""
    sentences = [insights.by_account(rate) for rate in rates if rate.accounts is not None]
    return [wording.say("command.by_account", by_account=sentences[0])] if sentences else []


def share(rate: Rate) -> str:
    """The percentage; of fewer than 20 leads the counts alone, a dash of none."""
    if not rate.denominator:
        return wording.ABSENT
    return insights.rate_said(rate) if rate.few else wording.percent(rate.value)
