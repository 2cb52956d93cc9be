"""What the charts of segments say in a sentence or two, for those who cannot see them. Plain text."""

from __future__ import annotations

from collections.abc import Sequence

from funnel.charts.cohort_words import target_name
from funnel.charts.forest import finding_name
from funnel.charts.segment_curves import drawn_curves
from funnel.charts.segment_words import against, impact_sentence, name_of, others_of, stage_of, step_name
from funnel.core import insights
from funnel.core.types import CLEAR, FEWEST_AT_RISK, Contrast, Question, Segment, Verdict
from funnel.measures.scan import Scan
from funnel.measures.segment_curves import SegmentCurves
from funnel.measures.segments import Segments
from funnel.words import wording


def describe_segments(segments: Segments) -> str:
    """The segments that gain and that lose most leads, of those that differ clearly; of two groups, the first against the second."""
    if not segments.segments:
        return wording.say("charts.segments_nothing")
    if segments.column is None and len(segments.segments) == 2:
        one, other = segments.segments
        to = target_name(segments.question, segments.target)
        return _sentence(one.overall, segments.question, name_of(one.segment), name_of(other.segment), to)
    if segments.day is None:
        return wording.say("charts.segments_ages_differ")
    clear = [each for verdict in (Verdict.HIGHER, Verdict.LOWER) if (each := segments.most(verdict))]
    others = others_of(segments.question)
    if not clear:
        few = all(each.overall.verdict is Verdict.FEW for each in segments.segments)
        key = "segments_all_few" if few else "segments_none_clear"
        return wording.say(f"charts.{key}", n=len(segments.segments), others=others)
    to = target_name(segments.question, segments.target)
    return " ".join(_sentence(each.overall, segments.question, name_of(each.segment), others, to) for each in clear)


def describe_segment_steps(segments: Segments) -> str:
    """How many steps differ clearly, and the one of the largest impact."""
    # Of two groups, the second says the same again.
    compared = segments.segments[:1] if segments.column is None and len(segments.segments) == 2 else segments.segments
    every = [(each, position, step) for each in compared for position, step in enumerate(each.steps)]
    if not every:
        key = "step_trend_none" if segments.segments else "segments_nothing"
        return wording.say(f"charts.{key}")
    if segments.day is None:
        return wording.say("charts.segments_ages_differ")
    others = against(segments)
    clear = [one for one in every if one[2].is_clear]
    counts = {"part": len(clear), "whole": len(every)}
    sentences = [wording.say("charts.segments_clear_steps", others=others, **counts)]
    if clear:
        each, position, step = max(clear, key=lambda one: abs(one[2].impact or 0.0))
        names = {"segment": name_of(each.segment), "step": step_name(segments.question, position)}
        name = wording.say("charts.segments_of_step", **names)
        to = stage_of(segments.question, position + 1)
        sentences.append(_sentence(step, segments.question, name, others, to))
    return " ".join(sentences)


def describe_segment_curves(curves: SegmentCurves, day: int | None = None, clear: Sequence[Segment] = ()) -> str:
    """What the log-rank test says of the curves, in plain words; the rates by `day` of those that are drawn; which are not."""
    drawn = drawn_curves(curves, clear)
    if not drawn:
        return wording.say("charts.segments_curves_none")
    sentences = []
    if day is not None:
        rates = []
        for _, segment, curve in drawn:
            point, name = curve.at(day), name_of(segment)
            if point is None and day > curve.until:
                rates.append(wording.say("charts.segments_curves_unknown", name=name))
            else:
                rate = point.rate if point else 0.0
                rates.append(wording.say("charts.segments_curves_rate", name=name, rate=rate))
        listed = wording.listed(rates)
        sentences.append(wording.say("charts.segments_curves_rates", day=day, rates=listed))
    sentences.append(_test(curves))
    few = [name_of(segment) for segment, curve in curves.curves if curve.leads < FEWEST_AT_RISK]
    left_out = len(curves.curves) - len(drawn) - len(few)
    if left_out:
        sentences.append(wording.say("charts.segments_curves_left_out", n=left_out))
    if few:
        sentences.append(wording.say("charts.segments_curves_few", names=few))
    return " ".join(sentences)


def describe_scan(scan: Scan) -> str:
    """How many segments differ clearly and how many of those differences hold; the first that does, else the first."""
    if not scan.findings:
        return wording.say("charts.segments_nothing_found")
    if scan.day is None:
        return wording.say("charts.segments_ages_differ")
    clear = [each for each in scan.findings if each.contrast.is_clear]
    holding = [each for each in clear if each.holds]
    others = others_of(scan.question)
    counts = {"n": len(scan.looked_at), "tested": scan.tested, "clear": len(clear), "holds": len(holding)}
    sentences = [wording.say("charts.segments_scanned", others=others, **counts)]
    for each in (holding or clear)[:1]:
        to = target_name(scan.question, scan.target)
        sentences.append(_sentence(each.contrast, scan.question, finding_name(each), others, to))
    return " ".join(sentences)


def _test(curves: SegmentCurves) -> str:
    if curves.log_rank is None:
        return wording.say("charts.segments_curves_no_test")
    key = "segments_curves_differ" if curves.log_rank.p < CLEAR else "segments_curves_alike"
    return wording.say(f"charts.{key}", chance=insights.chance(curves.log_rank.p))


def _sentence(contrast: Contrast, question: Question, name: str, others: str, target: str) -> str:
    """The verdict, and where it is clear how many leads that makes."""
    verdict = insights.verdict_said(contrast, name, others)
    makes = impact_sentence(contrast, question, target) if contrast.is_clear else ""
    return f"{verdict} {makes}" if makes else verdict
