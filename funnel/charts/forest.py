"""Forest plots: where segments do better or worse than the other leads, and how sure that is."""

from __future__ import annotations

import plotly.graph_objects as go

from funnel.charts.canvas.text import safe_lines, width
from funnel.charts.canvas.theme import SMALL_SIZE, TEXT_SIZE
from funnel.charts.cohort_words import target_name
from funnel.charts.forest_rows import ForestRow, forest, nothing
from funnel.charts.rows import HEAD_ROOM, Row
from funnel.charts.segment_words import (
    column_of,
    counted_rate,
    impact_of,
    impact_sentence,
    in_order,
    name_of,
    others_of,
    rate_of,
    reached,
    stage_of,
    step_name,
    within,
)
from funnel.core import insights
from funnel.core.types import Contrast, Question, Rate
from funnel.measures.scan import Finding, Scan
from funnel.measures.segments import Segments
from funnel.words import wording

MOST_FINDINGS = 15
COLUMN_ROOM, LEAST_NAME = 280, 30


def segments_forest(segments: Segments, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """By a column: a row for each segment, its difference to all other leads with the 95 % interval; those that gained most leads
    first, those of too few leads last, with their counts alone. Two groups made by hand: the first against the second, from the
    start to the target, then step by step.

    Points carry [index of the segment]. A full point is a clear difference, a hollow grey one cannot be told from none.
    """
    revision = "segments_forest"
    if not segments.segments:
        words = wording.say("charts.segments_nothing")
        return nothing(words, dark=dark, width_hint=width_hint, revision=revision)
    two = segments.column is None and len(segments.segments) == 2
    if two:
        one, other = (name_of(each.segment) for each in segments.segments)
        title = wording.say("charts.segments_axis_two", name=one, others=other)
    else:
        title = _axis(segments.question)
    return forest(
        _two_rows(segments) if two else _rows(segments),
        title=title,
        heads=(
            "" if segments.column is None else column_of(segments.column),
            within(segments.day) if two else reached(segments.question, segments.target, segments.day),
        ),
        dark=dark,
        width_hint=width_hint,
        revision=revision,
    )


def scan(scan: Scan, *, dark: bool = False, width_hint: int | None = None) -> go.Figure:
    """A row for each finding, in the order given, at most MOST_FINDINGS; clear ones that do not hold between leads alike in another
    column are hollow, and say which. Points carry [index of the finding]."""
    if not scan.findings:
        words = wording.say("charts.segments_nothing_found")
        return nothing(words, dark=dark, width_hint=width_hint, revision="scan")
    drawn = scan.findings[:MOST_FINDINGS]
    left_out = len(scan.findings) - len(drawn)
    return forest(
        [_finding(scan, finding, index) for index, finding in enumerate(drawn)],
        title=_axis(scan.question),
        heads=("", reached(scan.question, scan.target, scan.day)),
        under=wording.say("charts.segments_left_out", n=left_out) if left_out else "",
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


def _rows(segments: Segments) -> list[ForestRow]:
    others = others_of(segments.question)
    target = target_name(segments.question, segments.target)
    rows = []
    for index, each in in_order(segments.segments):
        name = name_of(each.segment)
        sentences = _sentences(each.overall, segments.question, name, others, target)
        words = _row(name, _against_others(each.overall), each.overall, segments.question, sentences)
        rows.append(ForestRow(words, each.overall, index))
    return rows


def _two_rows(segments: Segments) -> list[ForestRow]:
    """The first group against the second: overall, then each step."""
    one, other = (name_of(each.segment) for each in segments.segments)
    question, first = segments.question, segments.segments[0]
    target = target_name(question, segments.target)
    named = [(wording.say("charts.segments_overall", target=target), first.overall, target)]
    named += [
        (step_name(question, step), contrast, stage_of(question, step + 1)) for step, contrast in enumerate(first.steps)
    ]
    rows = []
    for name, contrast, to in named:
        counts = _counted_of(one, contrast.rate), _counted_of(other, contrast.others)
        sentences = _sentences(contrast, question, one, other, to)
        rows.append(ForestRow(_row(name, counts, contrast, question, sentences), contrast, 0))
    return rows


def _finding(scan: Scan, finding: Finding, index: int) -> ForestRow:
    contrast, name = finding.contrast, finding_name(finding)
    target = target_name(scan.question, scan.target)
    sentences = _sentences(contrast, scan.question, name, others_of(scan.question), target)
    weak, has_beside = does_not_hold(finding), finding.beside is not None
    if has_beside and finding.within is not None:
        sentences = (*sentences, _beside(finding, "within"))
    mix = safe_lines(_beside(finding, "mix"), SMALL_SIZE, HEAD_ROOM, 2) if weak and has_beside else ()
    words = _row(name, _against_others(contrast), contrast, scan.question, sentences, mix)
    return ForestRow(words, contrast, index, weak)


def _row(
    name: str,
    counts: tuple[str, ...],
    contrast: Contrast,
    question: Question,
    sentences: tuple[str, ...],
    more: tuple[str, ...] = (),
) -> Row:
    return Row(
        name,
        (counts, (*_verdict(contrast, question), *more)),
        sentences,
        marked=contrast.difference is not None,
        muted=not contrast.is_clear,
    )


def _beside(finding: Finding, key: str) -> str:
    """What stays of the difference between leads alike in the column that takes most of it away, or that it is that column's mix."""
    start = "" if finding.beside else "_of_start"
    column = column_of(finding.beside or "")
    stays = insights.signed_points(finding.within)
    return wording.say(f"charts.segments_{key}{start}", column=column, points=stays)


def _against_others(contrast: Contrast) -> tuple[str, ...]:
    return counted_rate(contrast.rate), wording.say("charts.segments_others", rate=rate_of(contrast.others))


def _counted_of(name: str, rate: Rate) -> str:
    """The numbers of a group after as much of its name as they leave room for."""
    counts = counted_rate(rate)
    left = max(LEAST_NAME, COLUMN_ROOM - width(counts, TEXT_SIZE))
    return f"{safe_lines(name, TEXT_SIZE, left, 1)[0]} {counts}"


def _verdict(contrast: Contrast, question: Question) -> tuple[str, ...]:
    """The word, and the leads it comes to; of too few leads the word alone."""
    word = insights.verdict_word(contrast.verdict)
    return (word, impact_of(contrast, question)) if contrast.is_compared else (word,)


def _sentences(contrast: Contrast, question: Question, name: str, others: str, target: str) -> tuple[str, ...]:
    verdict = insights.verdict_said(contrast, name, others)
    if not contrast.is_compared:
        return (verdict,)
    makes = impact_sentence(contrast, question, target)
    return (verdict, makes) if makes else (verdict,)
