"""Two periods stage by stage: how much larger or smaller the share is that came to each, and how sure that is."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts.cohort_words import target_name
from funnel.charts.forest_rows import ForestRow, forest, nothing
from funnel.charts.rows import Row
from funnel.charts.segment_words import counted_rate, impact_of, rate_of, within
from funnel.core import insights
from funnel.core.types import Verdict
from funnel.measures.periods import Range
from funnel.measures.stage_changes import StageChange, StageChanges
from funnel.words import wording

REVISION = "stage_changes"


def draw(changes: StageChanges, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A row a stage, in the order of the model: its difference with the 95 % interval, the shares of both periods with their counts.
    A full point is a clear difference, a hollow grey one cannot be told from none; what is too early to compare has no point."""
    if not changes.stages:
        words = wording.say("charts.stage_changes_nothing")
        return nothing(words, dark=dark, width_hint=width_hint, revision=REVISION)
    return forest(
        [_row(changes, change, index) for index, change in enumerate(changes.stages)],
        title=wording.say("charts.stage_changes_axis", before=period(changes.before)),
        heads=("", period(changes.after)),
        dark=dark,
        width_hint=width_hint,
        revision=REVISION,
    )


def describe(changes: StageChanges) -> str:
    """Which stages more leads came to than before, which fewer, and which are too early to compare. Plain text."""
    clear = {verdict: _named(changes, verdict) for verdict in (Verdict.LOWER, Verdict.HIGHER)}
    sentences = [
        wording.say(f"charts.stage_changes_{verdict.name.lower()}", stages=stages)
        for verdict, stages in clear.items()
        if stages
    ]
    early = [change for change in changes.stages if change.too_early]
    if not sentences and len(early) < len(changes.stages):
        sentences.append(wording.say("charts.stage_changes_unclear"))
    sentences += [
        wording.say(
            "charts.stage_changes_early", stage=_name(changes, change), day=change.day, complete=change.complete_on
        )
        for change in early[:1]
    ]
    if changes.untold:
        stages = [target_name(changes.question, position) for position in changes.untold]
        sentences.append(wording.say("charts.stage_changes_untold", stages=stages))
    return " ".join(sentences) or wording.say("charts.stage_changes_nothing")


def period(span: Range) -> str:
    """The first and the last day of a period."""
    return wording.say("pages.periods.range", first=span[0], last=span[1])


def _name(changes: StageChanges, change: StageChange) -> str:
    return target_name(changes.question, change.position)


def _named(changes: StageChanges, verdict: Verdict) -> list[str]:
    """Each stage of this verdict with its difference, as it stands in a sentence."""
    return [
        wording.say(
            "charts.stage_changes_one",
            stage=_name(changes, change),
            points=insights.signed_points(change.contrast.difference),
            day=change.day,
        )
        for change in changes.stages
        if change.contrast.verdict is verdict
    ]


def _row(changes: StageChanges, change: StageChange, index: int) -> ForestRow:
    contrast = change.contrast
    words = Row(
        wording.say("charts.stage_changes_row", stage=_name(changes, change), within=within(change.day)),
        (
            (counted_rate(contrast.rate), wording.say("charts.stage_changes_before", rate=rate_of(contrast.others))),
            _verdict(changes, change),
        ),
        (_sentence(changes, change),),
        marked=contrast.difference is not None,
        muted=not contrast.is_clear,
    )
    return ForestRow(words, contrast, index)


def _verdict(changes: StageChanges, change: StageChange) -> tuple[str, ...]:
    """The word, and the leads it comes to; of what is too early, when it can be told."""
    if change.too_early:
        return (wording.say("charts.stage_changes_until", complete=change.complete_on),)
    word = insights.verdict_word(change.contrast.verdict)
    return (word, impact_of(change.contrast, changes.question)) if change.contrast.is_compared else (word,)


def _sentence(changes: StageChanges, change: StageChange) -> str:
    name = _name(changes, change)
    if change.too_early:
        return wording.say("charts.stage_changes_early", stage=name, day=change.day, complete=change.complete_on)
    return insights.verdict_said(change.contrast, name, wording.say("pages.periods.sentence_before"))
