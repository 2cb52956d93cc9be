"""Forest plots: where segments do better or worse than the other leads, and how sure that is."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts.cohort_words import target_name
from funnel.charts.forest_rows import ForestRow, forest, nothing
from funnel.charts.segment_words import (
    column_of,
    counted_rate,
    impact_of,
    impact_told,
    in_order,
    name_of,
    others_of,
    rate_of,
    reached,
    stage_of,
    step_name,
    within,
)
from funnel.charts.table import Numbers, TableRow
from funnel.core import insights
from funnel.core.types import Contrast, Finding, Question, Scan, Segments
from funnel.words import wording

MOST_FINDINGS = 15


def segments_forest(found: Segments, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """By a column: a row for each segment, its difference to all other leads with the 95 % interval; those that gained most leads
    first, those of too few leads last, with their counts alone. Two groups made by hand: the first against the second, from the
    start to the target, then step by step.

    Points carry [index of the segment]. A full point is a clear difference, a hollow grey one cannot be told from none.
    """
    revision = "segments_forest"
    if not found.segments:
        words = wording.say("charts.segments_nothing")
        return nothing(words, dark=dark, width_hint=width_hint, revision=revision)
    two = found.column is None and len(found.segments) == 2
    if two:
        one, other = (name_of(each.segment) for each in found.segments)
        title = wording.say("charts.segments_axis_two", name=one, others=other)
    else:
        title = _axis(found.question)
    return forest(
        _two_rows(found) if two else _rows(found),
        title=title,
        name_head="" if found.column is None else column_of(found.column),
        counts_head=within(found.day) if two else reached(found.question, found.target, found.day),
        under=(),
        dark=dark,
        width_hint=width_hint,
        revision=revision,
    )


def scan(found: Scan, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A row for each finding, in the order given, at most MOST_FINDINGS; clear ones that do not hold between leads alike in another
    column are hollow, and say which. Points carry [index of the finding]."""
    if not found.findings:
        words = wording.say("charts.segments_nothing_found")
        return nothing(words, dark=dark, width_hint=width_hint, revision="scan")
    drawn = found.findings[:MOST_FINDINGS]
    left_out = len(found.findings) - len(drawn)
    return forest(
        [_finding(found, finding, place) for place, finding in enumerate(drawn)],
        title=_axis(found.question),
        name_head="",
        counts_head=reached(found.question, found.target, found.day),
        under=[wording.say("charts.segments_left_out", n=left_out)] if left_out else [],
        dark=dark,
        width_hint=width_hint,
        revision="scan",
    )


def finding_name(finding: Finding) -> str:
    """ "Channel: Referral"; of a segment that was named by hand, its name."""
    return name_of(finding.segment, columns=True)


def does_not_hold(finding: Finding) -> bool:
    """Whether it is clear, but not so between leads alike in another column."""
    return finding.contrast.is_clear and not finding.holds


def _axis(question: Question) -> str:
    return wording.say("charts.segments_axis", others=others_of(question))


def _rows(found: Segments) -> list[ForestRow]:
    others = others_of(found.question)
    target = target_name(found.question, found.target)
    rows = []
    for place, each in in_order(found.segments):
        name = name_of(each.segment)
        words = TableRow(
            name=name,
            counts=_against_others(each.overall),
            verdict=_verdict(each.overall, found.question),
            told=_told(each.overall, found.question, name, others, target),
            marked=each.overall.difference is not None,
            muted=_is_muted(each.overall),
        )
        rows.append(ForestRow(words, each.overall, place))
    return rows


def _two_rows(found: Segments) -> list[ForestRow]:
    """The first group against the second: overall, then each step."""
    one, other = (name_of(each.segment) for each in found.segments)
    question, first = found.question, found.segments[0]
    target = target_name(question, found.target)
    named = [(wording.say("charts.segments_overall", target=target), first.overall, target)]
    named += [
        (step_name(question, place), contrast, stage_of(question, place + 1))
        for place, contrast in enumerate(first.steps)
    ]
    return [
        ForestRow(
            TableRow(
                name=name,
                counts=(
                    Numbers(counted_rate(contrast.rate), one),
                    Numbers(counted_rate(contrast.others), other),
                ),
                verdict=_verdict(contrast, question),
                told=_told(contrast, question, one, other, to),
                marked=contrast.difference is not None,
                muted=_is_muted(contrast),
            ),
            contrast,
            0,
        )
        for name, contrast, to in named
    ]


def _finding(found: Scan, finding: Finding, place: int) -> ForestRow:
    contrast, name = finding.contrast, finding_name(finding)
    target = target_name(found.question, found.target)
    weak = does_not_hold(finding)
    beside = () if finding.beside is None else (_beside(finding, "mix"),) if weak else ()
    alike = () if finding.within is None or finding.beside is None else (_beside(finding, "within"),)
    words = TableRow(
        name=name,
        counts=_against_others(contrast),
        verdict=(*_verdict(contrast, found.question), *beside),
        told=(
            *_told(contrast, found.question, name, others_of(found.question), target),
            *alike,
        ),
        marked=contrast.difference is not None,
        muted=_is_muted(contrast),
    )
    return ForestRow(words, contrast, place, weak)


def _beside(finding: Finding, key: str) -> str:
    """What stays of the difference between leads alike in the column that takes most of it away, or that it is that column's mix."""
    start = "" if finding.beside else "_of_start"
    column = column_of(finding.beside or "")
    stays = insights.signed_points(finding.within)
    return wording.say(f"charts.segments_{key}{start}", column=column, points=stays)


def _against_others(contrast: Contrast) -> tuple[Numbers, ...]:
    others = wording.say("charts.segments_others", rate=rate_of(contrast.others))
    return Numbers(counted_rate(contrast.rate)), Numbers(others)


def _verdict(contrast: Contrast, question: Question) -> tuple[str, ...]:
    """The word, and the leads it comes to; of too few leads the word alone."""
    word = insights.verdict_word(contrast.verdict)
    return (word, impact_of(contrast, question)) if contrast.is_compared else (word,)


def _is_muted(contrast: Contrast) -> bool:
    return not contrast.is_clear


def _told(contrast: Contrast, question: Question, name: str, others: str, target: str) -> tuple[str, ...]:
    said = insights.verdict_said(contrast, name, others)
    if not contrast.is_compared:
        return (said,)
    makes = impact_told(contrast, question, target)
    return (said, makes) if makes else (said,)
